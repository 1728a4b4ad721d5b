// The API page; the validator of Swagger UI is a foreign server and stays off.
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#api",
  docExpansion: "none",
  validatorUrl: null,
});

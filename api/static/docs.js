// The API page; the validator of Swagger UI is a foreign server and stays off.
const READS = ["GET", "HEAD", "OPTIONS"];

// A change under the cookie of a session comes with its token (Huhang-CSRF), which only a page of
// this installation can read. It is asked for anew each time: people sign in and out elsewhere too.
async function withToken(request) {
  const method = (request.method || "GET").toUpperCase();
  const ours = new URL(request.url, location.href).origin === location.origin;
  if (!ours || READS.includes(method) || "Authorization" in request.headers) {
    return request;
  }
  const session = await fetch("api/v1/session");
  if (session.ok) {
    request.headers["Huhang-CSRF"] = (await session.json()).csrf;
  }
  return request;
}

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#api",
  docExpansion: "none",
  filter: true,
  validatorUrl: null,
  requestInterceptor: withToken,
});

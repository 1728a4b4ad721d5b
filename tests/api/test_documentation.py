"""The page of the API: it works without any network but the one to this installation."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from shutil import which
from typing import Any, Final

import httpx
import pytest

from api.admission import CSRF_HEADER
from api.documentation import PARAMETERS, STATIC
from domain.clear_text import WRITTEN
from tests.api.cast import Service
from tests.api.test_commands import DOCUMENT

VENDORED = STATIC / "swagger-ui"


@pytest.fixture(scope="module")
def page(service: Service) -> httpx.Response:
    return httpx.get(f"{service.address}/docs")


def test_the_bare_address_leads_to_the_page(service: Service, page: httpx.Response) -> None:
    answer = httpx.get(service.address)
    assert (answer.status_code, answer.headers["location"]) == (307, "docs")
    assert httpx.get(service.address, follow_redirects=True).text == page.text


def test_the_page_names_no_foreign_address_and_holds_no_inline_code(page: httpx.Response) -> None:
    assert page.status_code == 200
    assert not re.search(r"(https?:)?//", page.text)
    assert not re.search(r"<script>|<style|\sstyle=|\son\w+=", page.text)
    assert not re.search(r"https?://", STATIC.joinpath("docs.js").read_text("utf-8"))
    assert "validatorUrl: null" in STATIC.joinpath("docs.js").read_text("utf-8")


def test_a_browser_may_load_nothing_for_the_page_from_elsewhere(page: httpx.Response) -> None:
    policy = dict(
        part.split(" ", 1) for part in page.headers["content-security-policy"].split("; ")
    )
    assert policy.pop("img-src") == "'self' data:"
    assert policy.pop("default-src") == "'none'"
    assert set(policy.values()) == {"'self'", "'none'"}


def test_everything_that_the_page_names_is_there(page: httpx.Response, service: Service) -> None:
    named = re.findall(r'(?:href|src)="(?!data:)([^"]+)"', page.text)
    assert len(named) == 5
    for name in named:
        answer = httpx.get(f"{service.address}/{name}")
        assert answer.status_code == 200, name
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_page_gives_out_no_other_file(service: Service) -> None:
    for name in ("swagger-ui/README.md", "../app.py", "%2e%2e/app.py", "docs.html"):
        answer = httpx.get(f"{service.address}/docs/{name}")
        assert answer.status_code in (404, 422), name
        assert answer.headers["content-type"] == "application/problem+json"


def test_what_was_vendored_is_what_was_published() -> None:
    noted = re.findall(r"^    ([0-9a-f]{64})  (\S+)$", (VENDORED / "README.md").read_text(), re.M)
    assert len(noted) == 2
    for digest, name in noted:
        assert sha256((VENDORED / name).read_bytes()).hexdigest() == digest


def test_what_was_vendored_comes_with_its_licence() -> None:
    assert "Apache License" in (VENDORED / "LICENSE").read_text("utf-8")
    assert (VENDORED / "NOTICE").exists()


ASKED = """
const [script, url, method, signedIn, authorization] = process.argv.slice(1);
globalThis.location = new URL("https://huhang.invalid/under/docs");
globalThis.fetch = async (address) => ({
  ok: signedIn === "yes",
  json: async () => ({csrf: `token of ${new URL(address, location.href)}`}),
});
globalThis.SwaggerUIBundle = async ({requestInterceptor}) => {
  const headers = authorization ? {Authorization: authorization} : {};
  const request = await requestInterceptor({url, method, headers});
  console.log(JSON.stringify(request));
};
require(script);
"""
"""Runs the script of the page as a browser would, and prints the request that it lets out."""

TOKEN = "token of https://huhang.invalid/under/api/v1/session"


@pytest.mark.skipif(which("node") is None, reason="needs node")
@pytest.mark.parametrize(
    ("url", "method", "signed_in", "authorization", "token"),
    [
        ("https://huhang.invalid/api/v1/cases", "POST", "yes", "", TOKEN),
        ("/api/v1/cases", "post", "yes", "", TOKEN),
        ("/api/v1/session", "POST", "no", "", None),
        ("/api/v1/cases", "GET", "yes", "", None),
        ("/api/v1/cases", "POST", "yes", "Bearer of.a.token", None),
        ("https://elsewhere.invalid/api/v1/cases", "POST", "yes", "", None),
        ("https://huhang.invalid:8443/api/v1/cases", "POST", "yes", "", None),
    ],
)
def test_a_change_asked_for_on_the_page_comes_with_the_token_of_the_session(
    url: str, method: str, signed_in: str, authorization: str, token: str | None
) -> None:
    script = str(STATIC / "docs.js")
    done = subprocess.run(
        ["node", "-e", ASKED, script, url, method, signed_in, authorization],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    request = json.loads(done.stdout)
    assert request["headers"].get(CSRF_HEADER) == token
    assert (request["url"], request["method"]) == (url, method)


def test_the_token_is_where_the_page_looks_for_it(service: Service, page: httpx.Response) -> None:
    assert 'src="docs/docs.js"' in page.text
    script = httpx.get(f"{service.address}/docs/docs.js").text
    (address,) = re.findall(r'fetch\("([^"]+)"\)', script)
    document = service.app.openapi()
    told = document["paths"][f"/{address}"]["get"]["responses"]["200"]["content"]
    view = told["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert "csrf" in document["components"]["schemas"][view]["required"]
    assert f'"{CSRF_HEADER}"' in script


def test_people_read_first_in_chinese_what_an_operation_does(service: Service) -> None:
    for path in service.app.openapi()["paths"].values():
        for operation in path.values():
            summary = operation["summary"]
            assert re.fullmatch(r"[\u4e00-\u9fff/、]+(（\w+）)?", summary), operation["operationId"]
            assert operation["description"].startswith(f"{summary} ")


def test_what_many_questions_are_asked_by_is_described_in_both_languages(service: Service) -> None:
    described: dict[str, set[str]] = {"as_of": set(), "boundaries": set()}
    described |= {name: set() for name in PARAMETERS}
    for path in service.app.openapi()["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "query" and parameter["name"] in described:
                    described[parameter["name"]].add(parameter["description"])
    for name, words in described.items():
        assert words, name
        assert all(re.search(r"[\u4e00-\u9fff].*[.。`]", one) for one in words), (name, words)
    assert "filter: true" in STATIC.joinpath("docs.js").read_text("utf-8")


def taken(schema: Any, owner: str = "") -> Iterator[tuple[str, str, Any]]:
    """Every member of what a command takes: of which model, its name and what is said of it."""
    match schema:
        case {"$ref": str(reference)}:
            name = reference.rpartition("/")[2]
            yield from taken(DOCUMENT["components"]["schemas"][name], name)
        case dict():
            for name, member in schema.get("properties", {}).items():
                yield owner, name, member
                yield from taken(member, owner)
            for key in ("items", "anyOf"):
                yield from taken(schema.get(key), owner)
        case list():
            for one in schema:
                yield from taken(one, owner)


SILENT: Final = {("Note", "text"), ("Screening", "tool")}
"""Process notes are sealed, and a tool is the name of a thing."""


def test_what_stays_in_clear_says_so_where_it_is_written() -> None:
    members = {
        (owner, name): str(member)
        for path in DOCUMENT["paths"].values()
        for operation in path.values()
        if "requestBody" in operation
        for owner, name, member in taken(
            operation["requestBody"]["content"]["application/json"]["schema"]
        )
        if name in WRITTEN and "'maxLength': 2000" in str(member)
    }
    silent = {key for key, said in members.items() if "不加密" not in said}
    assert silent == SILENT

"""The page of the API: it works without any network but the one to this installation."""

from __future__ import annotations

import re
from hashlib import sha256

import httpx
import pytest

from api.documentation import STATIC
from tests.api.cast import Service

VENDORED = STATIC / "swagger-ui"


@pytest.fixture(scope="module")
def page(service: Service) -> httpx.Response:
    return httpx.get(f"{service.address}/docs")


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

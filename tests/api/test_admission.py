"""From where a request comes, and the cookie of an installation that people reach by TLS."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import Request
from pydantic import ValidationError

from api.admission import (
    CrossSite,
    client_address,
    cookie_name,
    own_origin,
    require_same_origin,
    send_cookie,
)
from api.app import create_app
from application.database import Database
from application.settings import Settings


def request(
    peer: str = "203.0.113.9", settings: dict[str, Any] | None = None, **headers: str
) -> Request:
    """A request as the server hands it on."""
    app = SimpleNamespace(
        state=SimpleNamespace(system=SimpleNamespace(settings=Settings(**(settings or {}))))
    )
    raw = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    return Request(
        {
            "type": "http", "method": "POST", "scheme": "http", "path": "/", "query_string": b"",
            "headers": [(b"host", b"127.0.0.1:8000"), *raw], "client": (peer, 1), "app": app,
            "state": {},
        }
    )  # fmt: skip


OURS = {"trusted_proxies": "127.0.0.1, 10.0.0.0/8 ::1"}


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "192.0.2.1, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "192.0.2.1, 198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("127.0.0.1", "10.9.9.9, 10.1.2.3", "10.9.9.9"),
        ("127.0.0.1", "198.51.100.1, nonsense", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("::1", "2001:db8:1:2:3::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "198.51.100.1", "203.0.113.9"),
    ],
)
def test_an_address_is_believed_only_from_our_own_proxies(
    peer: str, forwarded: str, address: str
) -> None:
    assert client_address(request(peer, OURS, x_forwarded_for=forwarded)) == address


def test_without_proxies_of_ours_nobody_is_believed() -> None:
    assert client_address(request("127.0.0.1", x_forwarded_for="198.51.100.1")) == "127.0.0.1"


def test_a_proxy_is_named_by_its_network() -> None:
    with pytest.raises(ValidationError):
        Settings(trusted_proxies="everybody")


def test_the_settings_say_who_we_are_or_else_the_request() -> None:
    assert own_origin(request()) == "http://127.0.0.1:8000"
    public = {"public_url": "https://huhang.example"}
    assert own_origin(request(settings=public)) == "https://huhang.example"


@pytest.mark.parametrize("url", ["huhang.example", "https://huhang.example/path", "ftp://x"])
def test_a_public_address_is_a_scheme_and_a_host(url: str) -> None:
    with pytest.raises(ValidationError):
        Settings(public_url=url)


def test_by_tls_the_cookie_is_of_this_host_alone() -> None:
    by_tls = request(settings={"public_url": "https://huhang.example"})
    assert cookie_name(by_tls) == "__Host-huhang"
    send_cookie(by_tls, "secret")
    assert set(by_tls.state.set_cookie.split("; ")) == {
        "__Host-huhang=secret", "Path=/", "HttpOnly", "SameSite=Strict", "Secure",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),
        ({"origin": "https://huhang.example"}, True),
        ({"origin": "https://huhang.example", "sec_fetch_site": "same-origin"}, True),
        ({"origin": "http://huhang.example"}, False),
        ({"origin": "https://huhang.example.evil"}, False),
        ({"sec_fetch_site": "same-site"}, False),
        ({"sec_fetch_site": "none"}, False),
        ({"origin": "null"}, False),
    ],
)
def test_only_our_own_pages_change_anything(headers: dict[str, str], ours: bool) -> None:
    asked = request(settings={"public_url": "https://huhang.example"}, **headers)
    if ours:
        require_same_origin(asked)
    else:
        with pytest.raises(CrossSite):
            require_same_origin(asked)


@pytest.mark.parametrize(("url", "by_tls"), [("https://huhang.example", True), (None, False)])
def test_an_installation_reached_by_tls_is_never_reached_without_again(
    url: str | None, by_tls: bool, tmp_path: Path
) -> None:
    app = create_app(Database("host=/nowhere"), Settings(home=tmp_path, public_url=url))
    safe = app.build_middleware_stack()
    assert ("Strict-Transport-Security" in safe.safe) is by_tls  # type: ignore[attr-defined]

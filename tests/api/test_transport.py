"""Every exchange keeps to HTTP: methods, media types, and headers that keep things private."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import httpx
import pytest

from api.transport import SAFE, WORKBOOK, accepts
from application.database import Database
from domain.values import Role
from tests.api.cast import County, Service
from tests.api.test_errors import NOBODY
from tests.conftest import CARELESSLY, TEMPLATE, TEMPORARY, fresh

READY = 30.0  # seconds


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/log"),
        ("GET", "/regions"),
        ("GET", f"/history/{NOBODY}"),
        ("GET", "/ledgers/cases.csv"),
        ("GET", "/ledgers/cases.xlsx"),
        ("GET", "/nothing"),
        ("POST", "/cases"),
        ("DELETE", "/cases"),
        ("OPTIONS", "/cases"),
        ("GET", "/healthz"),
    ],
)
def test_no_answer_is_kept_guessed_at_or_framed(method: str, path: str, service: Service) -> None:
    answer = service.person().send(method, path)
    assert {name: answer.headers[name] for name in SAFE} == SAFE


def test_a_failure_that_nobody_foresaw_is_as_safe(service: Service) -> None:
    async def break_down() -> None:
        raise KeyError("王秘密")

    service.app.add_api_route("/broken", break_down)
    answer = httpx.get(f"{service.address}/broken")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert {name: answer.headers[name] for name in SAFE} == SAFE
    assert "秘密" not in answer.text


def test_head_is_answered_as_get_without_the_body(service: Service) -> None:
    got = service.person().ask("/regions", depth=1)
    head = service.person().send("HEAD", "/regions", params={"depth": 1})
    assert head.status_code == got.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == got.headers["content-type"]
    assert int(head.headers["content-length"]) > 0


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/regions", "GET, HEAD, OPTIONS, POST"),
        ("/cases", "OPTIONS, POST"),
        ("/log", "GET, HEAD, OPTIONS"),
    ],
)
def test_an_address_names_all_methods_that_it_takes(
    path: str, methods: str, service: Service
) -> None:
    asked = service.stranger().send("OPTIONS", path)
    assert (asked.status_code, asked.content) == (204, b"")
    assert asked.headers["allow"] == methods
    refused = service.person().send("PUT", path)
    assert refused.status_code == 405
    assert refused.headers["allow"] == methods
    assert refused.json()["type"] == "urn:huhang:method-not-allowed"


def test_an_unknown_address_has_no_methods_either(service: Service) -> None:
    assert service.stranger().send("OPTIONS", "/nothing").status_code == 404


def test_a_slash_at_the_end_is_no_second_address(service: Service) -> None:
    assert service.person().ask("/regions/").status_code == 404


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_address_with_a_line_end_is_that_of_no_operation(
    language: str, service: Service
) -> None:
    """The framework takes one at the end for the address in front of it."""
    others = ["/docs", "/docs/docs.js", "/openapi.json"]
    paths = [*service.app.openapi()["paths"], *others]
    assert len(paths) > 200
    by = {**service.person(Role.SUPERVISOR).headers, "Accept-Language": language}
    with httpx.Client(base_url=service.address, headers=by) as client:
        for path in paths:
            address = re.sub(r"{\w+}", str(uuid4()), path)
            for method in ("GET", "POST", "OPTIONS", "PUT"):
                answer = client.request(method, f"{address}%0A")
                assert answer.status_code == 404, (method, path, answer.text)
                assert answer.json()["type"] == "urn:huhang:no-such-address", (method, path)
                assert answer.headers["content-language"] == language
                assert {name: answer.headers[name] for name in SAFE} == SAFE
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "text/json"])
def test_a_body_that_does_not_call_itself_json_is_refused(kind: str, county: County) -> None:
    person = county.person()
    case = county.opened(person)
    answer = person.send(
        "POST", f"{case}/risk", content=b'{"level": "red"}', headers={"Content-Type": kind}
    )
    assert answer.status_code == 415
    assert answer.json()["type"] == "urn:huhang:unsupported-media-type"
    assert answer.headers["accept"] == "application/json"


def test_a_body_that_says_it_is_compressed_is_refused_and_not_taken_as_it_is(
    county: County,
) -> None:
    person = county.person()
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = person.send(
        "POST", f"{county.opened(person)}/risk", content=b'{"level": "red"}', headers=headers
    )
    assert answer.status_code == 415
    assert answer.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("/regions", "text/html", 406),
        ("/regions", "application/json;q=0, */*", 406),
        ("/regions", "text/html, */*;q=0.1", 200),
        ("/ledgers/cases.csv", "text/csv", 200),
        ("/ledgers/cases.csv", "application/json", 406),
        ("/ledgers/cases.xlsx", WORKBOOK, 200),
        ("/ledgers/cases.xlsx", "text/csv", 406),
    ],
)
def test_an_answer_has_a_form_that_the_client_takes(
    path: str, accept: str, status: int, service: Service
) -> None:
    answer = service.person().send("GET", path, headers={"Accept": accept})
    assert answer.status_code == status
    if status == 406:
        assert answer.json()["type"] == "urn:huhang:not-acceptable"


@pytest.mark.parametrize(
    ("accept", "taken"),
    [
        ("", True),
        ("*/*", True),
        ("application/*", True),
        ("application/json; charset=utf-8", True),
        ("application/json;q=0.0", False),
        ("*/*;q=0", False),
        ("*/*, application/json;q=0", False),
        ("*/*;q=0, application/*;q=0.5", True),
        ("text/html", False),
        ("nonsense", False),
    ],
)
def test_the_most_specific_range_decides_what_is_accepted(accept: str, taken: bool) -> None:
    assert accepts(accept, "application/json") is taken


def test_the_history_of_a_record_names_the_version_to_change(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    changed = person.does(f"{case}/risk", level="red")
    history = case.replace("/cases", "/history")
    seen = person.ask(history, min_position=changed["last_position"])
    assert seen.headers["etag"] == '"2"'
    assert "etag" not in person.ask(history, limit=2).headers, "there may be more"
    assert person.ask(history, limit=2, after=2).headers["etag"] == '"2"'
    again = person.send(
        "POST",
        f"{case}/risk",
        json={"level": "green"},
        headers={"If-Match": seen.headers["etag"]},
    )
    assert again.status_code == 201


def test_the_version_of_a_past_moment_is_no_licence_to_change_the_present(county: County) -> None:
    person = county.person()
    case = county.opened(person)
    changed = person.does(f"{case}/risk", level="red")
    moment = changed["first_position"] - 1
    seen = person.ask(case.replace("/cases", "/history"), as_of=moment)
    assert seen.headers["etag"] == '"1"'
    late = person.send(
        "POST",
        f"{case}/risk",
        json={"level": "green"},
        headers={"If-Match": seen.headers["etag"]},
    )
    assert late.status_code == 412


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def first_answer(address: str) -> httpx.Response:
    """The answer of a server that is starting."""
    for _ in range(int(READY / 0.1)):
        try:
            return httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"nothing answers at {address}")


def test_serve_answers_without_telling_which_server_serves(
    server: Database, tmp_path: Path
) -> None:
    with fresh(server, TEMPLATE) as database:
        environment = {
            "HUHANG_DATABASE_URL": database.administrator,
            "HUHANG_HOME": str(tmp_path),
            "PATH": "/usr/bin:/bin",
        }
        port = free_port()
        command = [sys.executable, "-c", CARELESSLY, "serve", "--port", str(port)]
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as serving:
            try:
                answer = first_answer(f"http://127.0.0.1:{port}/healthz")
            finally:
                serving.terminate()
    assert answer.status_code == 200
    assert "server" not in answer.headers


def test_a_server_told_to_terminate_ends_the_database_that_it_started() -> None:
    with TemporaryDirectory(prefix="huhang-tests-", dir=TEMPORARY) as home:
        environment = {"HUHANG_HOME": home, "PATH": "/usr/bin:/bin"}
        port = free_port()
        command = [sys.executable, "-m", "api", "serve", "--port", str(port)]
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as serving:
            try:
                first_answer(f"http://127.0.0.1:{port}/healthz")
            finally:
                serving.terminate()
        assert serving.returncode == 0
        assert not Path(home, "postgres", "postmaster.pid").exists()

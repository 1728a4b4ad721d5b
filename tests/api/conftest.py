"""One service for all tests of the API; each test works in a county of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from application.database import Database
from application.settings import Settings
from tests.api.cast import COUNSELLOR, REGISTRATION, County, Service
from tests.api.matrix_world import World, founded
from tests.conftest import TEMPLATE, fresh

LONG = 100  # characters


@contextmanager
def served(app: FastAPI, port: int = 0) -> Iterator[str]:
    """The address at which an application answers until the block ends."""
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_level="critical", proxy_headers=False)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    assert server.started, "the application did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def service(server: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The system over a database of its own, at an address, with one counsellor in the team."""
    with fresh(server, TEMPLATE) as database:
        settings = Settings(home=tmp_path_factory.mktemp("home"), trusted_proxies="127.0.0.1")
        app = create_app(database, settings)
        with served(app) as address:
            service = Service(address, app, database, settings)
            service.person().does("/practitioners", id=COUNSELLOR, registration=REGISTRATION)
            yield service


@pytest.fixture
def county(service: Service) -> County:
    """A county with a centre, in a province and a city of its own."""
    return County.founded(service)


@pytest.fixture(scope="session")
def world(service: Service) -> Iterator[World]:
    """The world in which roles are tried; nothing is changed in it."""
    with founded(service) as world:
        yield world


@pytest.fixture(scope="session")
def document(service: Service) -> schemathesis.BaseSchema:
    """The OpenAPI document of the running service."""
    told = service.app.openapi()
    document = schemathesis.openapi.from_dict(unfolded(told))
    document.config.update(base_url=service.address)
    document.config.generation.update(allow_x00=False)  # no text holds U+0000, as its error says
    return document


def unfolded(schema: Any) -> Any:
    """The same with every pattern of long texts written twice, one or the other.

    The tool would fold the lengths into a single one, and compile `[^x]{0,1999}` anew each time.
    """
    match schema:
        case {"pattern": str(pattern), "maxLength": int(longest)} if longest >= LONG:
            return {**schema, "pattern": f"{pattern}|{pattern}"}
        case dict():
            return {name: unfolded(part) for name, part in schema.items()}
        case list():
            return [unfolded(part) for part in schema]
    return schema

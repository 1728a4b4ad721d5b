"""A real OpenID Connect provider on loopback, and an installation where people sign in by it."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from application.database import Database
from application.settings import Settings
from tests.api.cast import Service
from tests.api.conftest import served
from tests.conftest import TEMPLATE, fresh

HERE = Path(__file__).parent
SECRET = "shared with the provider of the tests"


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def address() -> str:
    """Where the installation is reached, which the provider must know beforehand."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def issuer(address: str) -> Iterator[str]:
    """The provider, for as long as the tests of the module run."""
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules").exists():
        pytest.skip("no node, or no `npm ci --prefix tests/oidc`: OPENID CONNECT IS NOT TESTED")
    port = free_port()
    arguments = [node, str(HERE / "provider.mjs"), str(port), f"{address}/api/v1/oidc/callback"]
    with subprocess.Popen(
        [*arguments, SECRET], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as provider:
        assert provider.stdout is not None
        try:
            assert "ready" in provider.stdout.readline()
            yield f"http://127.0.0.1:{port}"
        finally:
            provider.terminate()


@pytest.fixture(scope="module")
def office(
    server: Database, tmp_path_factory: pytest.TempPathFactory, issuer: str, address: str
) -> Iterator[Service]:
    """An installation that knows the provider."""
    with fresh(server, TEMPLATE) as database:
        settings = Settings(
            home=tmp_path_factory.mktemp("home"),
            trusted_proxies="127.0.0.1",
            public_url=address,
            oidc_issuer=issuer,
            oidc_client_secret=SECRET,
        )
        app = create_app(database, settings)
        port = httpx.URL(address).port
        assert port is not None
        with served(app, port) as there:
            yield Service(there, app, database, settings)

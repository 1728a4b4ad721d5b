"""The vault over a log of its own, begun with its keys."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from application.beginning import open_records
from application.database import Database
from application.settings import Settings
from application.vault import Vault
from tests.skipping import skip_loudly
from tests.unasked import Unasked
from tests.vault.world import World

SERVICE = Path(__file__).with_name("key_service.py")
SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")


@pytest.fixture
def world(database: Database, vault: Vault, tmp_path: Path) -> Iterator[World]:
    records = open_records(database, Settings(home=tmp_path), Unasked)
    yield World(database, records, vault)
    records.close()


@pytest.fixture(scope="session")
def token(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Settings]:
    """A token of a software module: one, as a process reads once where that has its tokens."""
    if not SOFTHSM.exists() or shutil.which("softhsm2-util") is None:
        reason = f"NOT CHECKED ON A SECURITY MODULE: softhsm2-util or {SOFTHSM} not found"
        skip_loudly(pytestconfig, f"{reason}; apt-get install softhsm2")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "huhang", "--pin", "1234",
         "--so-pin", "5678"],
        check=True, capture_output=True,
    )  # fmt: skip
    yield Settings(home=folder, pkcs11_module=SOFTHSM, pkcs11_pin="1234")
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


def service_in(folder: Path) -> Settings:
    """A key service of its own, as a program."""
    program = folder / "kms"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -IS "{SERVICE}" "{folder}" "$@"\n')
    program.chmod(0o700)
    return Settings(home=folder, kms_command=program)

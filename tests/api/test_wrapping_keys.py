"""A server without its wrapping keys does not start; one that loses them says so and rings."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from api.app import create_app
from application.alarms import standing
from application.database import Database
from application.keystore import open_store
from application.rotation import ring_of_the_unreached
from application.settings import DangerousSetting, Settings
from application.vault import open_vault
from application.wrapping import FileKeys
from tests.api.cast import County
from tests.api.test_unsealing import case_of
from tests.api.test_unsigned import alone

__all__ = ["alone"]  # a county in a log of its own


def wrapping_keys_in(home: Path) -> list[Path]:
    return list((home / "keys").glob("vault-*.key"))


def test_what_is_sealed_is_out_of_reach_and_comes_back_with_the_wrapping_key(
    alone: County,
) -> None:
    service = alone.service
    counsellor, case, _ = case_of(alone)
    path = f"{case}/identities?purpose=service"
    assert counsellor.ask(path).status_code == 200
    (kept,) = wrapping_keys_in(service.settings.home)
    key = kept.read_bytes()
    kept.unlink()
    answer = counsellor.ask(path)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:huhang:keys-out-of-reach")
    assert str(kept) not in answer.text, "where keys are kept is nobody's business"
    history = f"/history/{case.rpartition('/')[2]}"
    assert counsellor.ask(history).status_code == 200, "what is in clear is read as ever"
    with open_vault(service.database, service.settings) as vault:
        ring_of_the_unreached(vault, service.settings.home)
        rung = standing(service.settings.home) or ""
        assert f"can neither be opened nor sealed. {kept} is missing" in rung
        assert "HUHANG_PKCS11_MODULE or HUHANG_KMS_COMMAND must be set" in rung
        kept.write_bytes(key)
        ring_of_the_unreached(vault, service.settings.home)
    assert counsellor.ask(path).status_code == 200


@pytest.mark.parametrize("lost", [True, False])
def test_a_server_without_its_wrapping_key_does_not_start(
    database: Database, tmp_path: Path, lost: bool
) -> None:
    settings = Settings(home=tmp_path)
    with open_store(database, FileKeys(tmp_path / "keys"), tmp_path):
        pass
    (kept,) = wrapping_keys_in(tmp_path)
    if lost:
        kept.unlink()
    else:
        kept.write_bytes(bytes(32))
    with (
        open_vault(database, settings) as vault,
        pytest.raises(DangerousSetting, match="is missing" if lost else "is not the one with"),
    ):
        vault.store.require_wrapping()
    app = create_app(database, settings)

    async def start() -> None:
        async with app.router.lifespan_context(app):
            pass

    with pytest.raises(DangerousSetting):
        asyncio.run(start())

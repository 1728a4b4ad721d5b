"""The vault: what is sealed is read by its vault alone, and the key file by its owner alone."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.envelope import Unopened
from application.keys import kept_key
from application.settings import Settings
from application.vault import Vault


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    return Vault(Settings(home=tmp_path_factory.mktemp("home")))


@given(text=st.text(), key=st.text(min_size=1, max_size=128))
def test_what_is_sealed_can_be_opened(vault: Vault, text: str, key: str) -> None:
    text, key = (each.encode(errors="ignore").decode() for each in (text, key))
    assert vault.open(vault.seal(text, key)) == text


def test_a_sealed_text_does_not_show_what_it_says(vault: Vault) -> None:
    assert "王某" not in vault.seal("王某", "case:1:wife").model_dump_json()


def test_the_same_command_again_seals_to_the_same_value(vault: Vault) -> None:
    assert vault.seal("王某", "case:1:wife") == vault.seal("王某", "case:1:wife")


def test_two_texts_of_a_key_never_share_a_nonce(vault: Vault) -> None:
    nonces = {vault.seal(str(number), "case:1:wife").n for number in range(1000)}
    assert len(nonces) == 1000


def test_equal_texts_of_two_persons_look_different(vault: Vault) -> None:
    assert vault.seal("王某", "case:1:wife").c != vault.seal("王某", "case:2:wife").c


def test_a_sealed_text_is_not_passed_off_as_another_persons(vault: Vault) -> None:
    sealed = vault.seal("王某", "case:1:wife")
    with pytest.raises(Unopened):
        vault.open(sealed.model_copy(update={"k": "case:2:wife"}))


@pytest.mark.parametrize("change", [{"c": "AAAA"}, {"n": "AAAA"}, {"c": "?"}, {"z": 1}])
def test_a_changed_value_is_not_opened(vault: Vault, change: dict[str, object]) -> None:
    sealed = vault.seal("王某", "case:1:wife")
    with pytest.raises(Unopened):
        vault.open(sealed.model_copy(update=change))


def test_another_vault_reads_nothing(vault: Vault, tmp_path: Path) -> None:
    with pytest.raises(Unopened):
        Vault(Settings(home=tmp_path)).open(vault.seal("王某", "case:1:wife"))


def test_a_vault_opened_again_reads_what_it_sealed(tmp_path: Path) -> None:
    sealed = Vault(Settings(home=tmp_path)).seal("王某", "case:1:wife")
    assert Vault(Settings(home=tmp_path)).open(sealed) == "王某"


def test_only_its_owner_may_read_the_key_file(tmp_path: Path) -> None:
    Vault(Settings(home=tmp_path))
    path = tmp_path / "keys" / "vault.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_key_is_made_once_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "x.key"
    assert kept_key(path) == kept_key(path)
    assert [each.name for each in path.parent.iterdir()] == ["x.key"]


def test_who_comes_second_takes_the_key_of_who_came_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.key"
    first = kept_key(path)
    monkeypatch.setattr(Path, "exists", lambda self: False)
    assert kept_key(path) == first

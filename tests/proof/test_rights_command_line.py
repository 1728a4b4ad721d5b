"""Persons' rights by command line: a copy fulfils its request; what is overdue, what is over."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from api import cli
from application import dossier
from application.database import nameless
from application.requests import Claim, Requests
from application.vault import open_vault
from application.verifier import verify as verifier
from domain.base import Place
from domain.rights import (
    Applicant,
    PersonPart,
    RequestChannel,
    RequestKind,
    VerificationMeans,
)
from domain.values import Role
from tests.proof.ledger import Ledger
from tests.proof.test_own_copy import as_json
from tests.vault.world import NAMES, World, command, founded, officer

Run = Callable[..., tuple[int, str, str]]
OFFICER = str(uuid4())


@pytest.fixture
def run(ledger: Ledger, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command over the log of the test; its exit code, output and errors."""
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(ledger.database.administrator or ""))
    monkeypatch.setenv("HUHANG_OWNER_URL", ledger.database.administrator or "")
    monkeypatch.setenv("HUHANG_HOME", str(ledger.settings.home))
    monkeypatch.setattr(dossier, "AT_WORK", 0.0)
    monkeypatch.setattr(dossier, "chinese_fonts", lambda _: None)
    monkeypatch.setattr(dossier, "set_in_type", as_json)

    def command_line(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["huhang", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return command_line


def asked(ledger: Ledger, by: Any = None) -> tuple[UUID, UUID]:
    """Her request for a copy, granted; and the province in which it lies."""
    with open_vault(ledger.database, ledger.settings) as vault:
        desk, request = Requests(ledger.records, vault), uuid4()
        region = founded(ledger.records)
        case = World(ledger.database, ledger.records, vault).case(region)
        claim = Claim(
            record=case,
            part=PersonPart.WIFE,
            kind=RequestKind.COPY,
            applicant=Applicant.SELF,
            channel=RequestChannel.IN_PERSON,
        )
        desk.receive(request, claim, Place(region=region), by or command(Role.REGISTRAR))
        desk.verify_identity(request, VerificationMeans.DOCUMENT, command(Role.REGISTRAR))
        desk.grant(request, None, officer())
    return request, region


def test_a_copy_is_made_once_for_the_officer_in_charge(
    run: Run, ledger: Ledger, tmp_path: Path
) -> None:
    request, region = asked(ledger)
    copy = ("copy", str(request), "--out", str(tmp_path / "out"), "--officer", OFFICER)
    code, _, err = run(*copy, "--office", str(uuid4()))
    assert code == 2
    assert "outside of what you may act on" in err
    (tmp_path / "file").touch()
    code, _, err = run(*copy, "--office", str(region), "--out", str(tmp_path / "file"))
    assert (code, "Nothing can be written in" in err) == (2, True)
    code, out, err = run(*copy, "--office", str(region), "--json")
    assert code == 0, err
    made = json.loads(out)
    assert made["withheld"] > 0
    assert verifier.main([made["folder"], "--key", ledger.signer.verifier.text]) == 0
    readable = Path(made["folder"], "data/dossier.pdf").read_text("utf-8")
    assert NAMES["wife"] in readable  # type: ignore[index]
    assert NAMES["husband"] not in readable  # type: ignore[index]
    code, _, err = run(*copy, "--office", str(region))
    assert code == 2
    assert "fulfilled" in err


def test_what_is_overdue_and_what_is_over_is_listed(run: Run, ledger: Ledger) -> None:
    asked(ledger)
    for command_ in ("overdue-requests", "retention-over"):
        code, out, err = run(command_, "--json")
        assert code == 0, err
        assert json.loads(out) == []
        code, out, _ = run(command_)
        assert (code, "┃" in out) == (0, False)
        assert out.startswith("No ")
        assert "as of position" in out

"""Who hands a whole case out by command line, to whom, and under whose name it is recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from application import dossier
from application.database import nameless
from application.territory import Regions, id_of
from application.vault import open_vault
from domain.account import Account
from domain.account_events import Conflict, Opening, Post, account_id
from domain.base import Sealed
from domain.region_events import Founding
from domain.values import ConflictRelation, RegionKind, RegionLevel, Role
from domain.wording import REFUSALS
from tests.conftest import Run
from tests.proof.ledger import Ledger
from tests.proof.test_own_copy import as_json
from tests.vault.world import NAMES, World, command, founded

COURT = ("--purpose", "legal-request", "--recipient", "某区人民法院")
NAME = Sealed(z=1, k="k:name", n="n", h="h", c="c")


@pytest.fixture
def run(ledger: Ledger, huhang: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command over the log of the test; its exit code, output and errors."""
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(ledger.database.administrator or ""))
    monkeypatch.setenv("HUHANG_OWNER_URL", ledger.database.administrator or "")
    monkeypatch.setenv("HUHANG_HOME", str(ledger.settings.home))
    monkeypatch.setattr(dossier, "AT_WORK", 0.0)
    monkeypatch.setattr(dossier, "chinese_fonts", lambda _: None)
    monkeypatch.setattr(dossier, "set_in_type", as_json)
    return huhang


@dataclass
class Office:
    """A case, the region in which it lies, and people with accounts there."""

    ledger: Ledger
    case: UUID
    region: UUID

    def somebody(self, role: Role, office: UUID | None = None) -> tuple[str, ...]:
        """Somebody who holds a post, as a command names him."""
        person, office = uuid4(), office or self.region
        opening = Opening(person=person, login=f"p{str(person)[:8]}", name=NAME, office=office)
        post = Post(role=role, office=office, since=date(2019, 1, 1))
        self.account(person, Account.open, opening)
        self.account(person, Account.grant_role, post)
        return named(person, role, office)

    def account(self, person: UUID, decision: Callable[..., Any], fact: object) -> None:
        by = command(Role.ADMINISTRATOR, "test")
        self.ledger.records.change(by, Account, account_id(person), decision, fact)

    def exports(self) -> list[dict[str, Any]]:
        """The stamps of what was taken out."""
        with psycopg.connect(self.ledger.database.reader) as connection:
            rows = connection.execute(
                "select state from log.event where topic = 'access.export-made.v1'"
            ).fetchall()
        return [json.loads(state)["stamp"] for (state,) in rows]

    def opened(self) -> int:
        """How often anything sealed was opened."""
        with psycopg.connect(self.ledger.database.reader) as connection:
            topic = "access.key-released.v1"
            return connection.execute("select from log.event where topic = %s", (topic,)).rowcount


def named(person: UUID, role: Role, office: UUID) -> tuple[str, ...]:
    return ("--actor", str(person), "--role", str(role), "--office", str(office))


@pytest.fixture
def office(ledger: Ledger) -> Office:
    with open_vault(ledger.database, ledger.settings) as vault:
        region = founded(ledger.records)
        return Office(ledger, World(ledger.database, ledger.records, vault).case(region), region)


@pytest.mark.parametrize(
    "asked",
    [
        ("--purpose", "subject-request", "--recipient", "某区人民法院"),
        ("--purpose", "subject-request", "--recipient", "男方", "--disclose", "husband"),
        ("--purpose", "legal-request", "--recipient", "男方"),
        ("--purpose", "legal-request", "--recipient", " Husband"),
    ],
)
def test_a_person_gets_the_own_part_and_never_the_whole_case(
    run: Run, office: Office, tmp_path: Path, asked: tuple[str, ...]
) -> None:
    filing = ("--fonds", "Z1", "--class", "HY", "--responsible", "某中心", "--retention", "永久")
    into = (str(office.case), "--out", str(tmp_path / "out"), *asked)
    for order in (("dossier", *into), ("archive", *into, *filing)):
        code, out, err = run(*order)
        assert (code, out) == (2, "")
        assert err.strip() == REFUSALS["whole-case-for-a-person"].en
    assert not (tmp_path / "out").exists()
    assert office.exports() == []


@pytest.mark.parametrize("asked", [("both",), ("husband", "cuple"), ("all", "cuple"), ("self",)])
def test_a_misspelt_part_is_refused_before_anything_is_opened_or_recorded(
    run: Run, office: Office, tmp_path: Path, asked: tuple[str, ...]
) -> None:
    filing = ("--fonds", "Z1", "--class", "HY", "--responsible", "某中心", "--retention", "永久")
    into = (str(office.case), "--out", str(tmp_path / "out"), *COURT)
    disclosed = [word for part in asked for word in ("--disclose", part)]
    for order in (("dossier", *into, *disclosed), ("archive", *into, *filing, *disclosed)):
        code, out, err = run(*order)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert f"no part “{asked[-1]}”" in err
        for part in ("wife", "couple", "husband+contact", "other+address", "all"):
            assert part in err
    assert not (tmp_path / "out").exists()
    assert office.exports() == []
    assert office.opened() == 0


def test_a_dossier_is_handed_out_by_whom_the_policy_lets(
    run: Run, office: Office, tmp_path: Path
) -> None:
    neighbour = region(office.ledger)
    kept_out = office.somebody(Role.SUPERVISOR)
    conflict = Conflict(id=uuid4(), relation=ConflictRelation.RELATIVE, case=office.case)
    office.account(UUID(kept_out[1]), Account.declare_conflict, conflict)
    dossier_ = ("dossier", str(office.case), "--out", str(tmp_path / "out"), *COURT, "--json")
    for by in (
        named(uuid4(), Role.SUPERVISOR, office.region),
        (*office.somebody(Role.COUNSELLOR)[:3], "supervisor", "--office", str(office.region)),
        office.somebody(Role.SUPERVISOR, neighbour),
        office.somebody(Role.COUNSELLOR),
        office.somebody(Role.AUDITOR),
        kept_out,
        (*office.somebody(Role.SUPERVISOR), "--disclose", "wife"),
        (*office.somebody(Role.SUPERVISOR), "--disclose", "wife+address"),
        (*office.somebody(Role.SUPERVISOR), "--disclose", "all"),
        office.somebody(Role.SUPERVISOR)[:2],
    ):
        code, out, err = run(*dossier_, *by)
        assert (code, out, err.count("\n")) == (2, "", 1), by
    assert office.exports() == []
    by = office.somebody(Role.SUPERVISOR)
    code, _, err = run(*dossier_, *by)
    assert code == 0, err
    (stamp,) = office.exports()
    assert (stamp["actor"], stamp["role"], stamp["office"]) == (by[1], "supervisor", by[5])


def region(ledger: Ledger) -> UUID:
    """Another province."""
    facts = {"scheme": "test", "code": "380000", "name": "another", "level": RegionLevel.PROVINCE}
    facts |= {"kind": RegionKind.PROVINCE, "valid_from": date(2000, 1, 1)}
    founding = Founding.model_validate(facts)
    Regions(ledger.records).establish(founding, command(Role.SUPERVISOR))
    return id_of(founding)


def test_under_a_token_its_bearer_hands_out_what_he_may_and_nothing_else(
    run: Run, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dossier_ = ("dossier", str(office.case), "--out", str(tmp_path / "out"), *COURT, "--json")
    bearer, elsewhere = str(uuid4()), region(office.ledger)

    def become(role: str, at: UUID) -> None:
        _, token, _ = run("token", "--role", role, "--office", str(at), "--actor", bearer)
        monkeypatch.setenv("HUHANG_TOKEN", token.strip())

    for role, at in (("counsellor", elsewhere), ("supervisor", elsewhere)):
        become(role, at)
        assert run(*dossier_, "--disclose", "all")[0] == 2
        assert run(*dossier_)[0] == 2
        monkeypatch.delenv("HUHANG_TOKEN")
    become("supervisor", office.region)
    assert run(*dossier_, *office.somebody(Role.SUPERVISOR))[0] == 2, "one says who asks"
    assert run(*dossier_, "--disclose", "all")[0] == 2
    assert office.exports() == []
    code, out, err = run(*dossier_)
    assert code == 0, err
    assert NAMES["wife"] not in Path(json.loads(out)["folder"], "data/dossier.pdf").read_text()  # type: ignore[index]
    (stamp,) = office.exports()
    assert (stamp["actor"], stamp["role"]) == (bearer, "supervisor")


def test_who_has_the_machine_hands_out_everything_and_is_recorded_as_that(
    run: Run, office: Office, tmp_path: Path
) -> None:
    into = ("--out", str(tmp_path / "out"), *COURT, "--disclose", "all", "--json")
    code, out, err = run("dossier", str(office.case), *into)
    assert code == 0, err
    assert NAMES["wife"] in Path(json.loads(out)["folder"], "data/dossier.pdf").read_text()  # type: ignore[index]
    (stamp,) = office.exports()
    assert stamp["role"] == "system"

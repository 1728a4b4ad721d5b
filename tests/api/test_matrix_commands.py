"""The command line × who asks: each command is listed, and tried by who may and who may not.

By a token one is shown and may do what the API would let one; the commands that name an officer
ask the policy for him, or for the bearer of a token; all others are for who has the machine, and
with it the database and its keys. Of these, those that tell or give anything end under a token.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID, uuid4

import psycopg
import pytest
import typer

from api import cli
from application import dossier
from application.database import nameless
from application.policy import Actor
from application.tokens import Tokens
from application.typesetting import NotSet
from domain.values import Role
from tests.api.cast import Person
from tests.api.matrix_world import COLUMNS, RANDOM, World
from tests.conftest import Run

pytestmark = pytest.mark.exhaustive


class Asked(NamedTuple):
    """Who may, who may not at the same office, at which office, and what an answer holds."""

    command: str
    may: Role | None
    may_not: Role | None
    office: str
    holds: str | None = None


CENTRE, COUNTY = "centre", "county"
BY_TOKEN: Final = (
    Asked("statistics --region {code}", Role.COUNSELLOR, Role.VOLUNTEER, CENTRE, "{code}"),
    Asked(
        "diff --region {code} --from-as-of 1 --indicators cases_opened --json",
        Role.REGISTRAR, Role.COUNSELLOR, CENTRE, "case.opened.v1",
    ),
    Asked("ledger cases --json", Role.REGISTRAR, Role.PRIVACY_OFFICER, CENTRE, "{case_id}"),
    Asked("ledger cases --csv", Role.CENTRE_MANAGER, Role.REGISTRAR, CENTRE, "{case_id}"),
    Asked("ledger cases --excel {file}", Role.CENTRE_MANAGER, Role.REGISTRAR, CENTRE),
    Asked("ledger outreach --csv", Role.VOLUNTEER, Role.ADMINISTRATOR, CENTRE, "{outreach}"),
    Asked("ledger funds --csv", Role.STATION_WORKER, Role.VOLUNTEER, CENTRE, "{funds}"),
    Asked("ledger requests --json", Role.PRIVACY_OFFICER, Role.SUPERVISOR, COUNTY, "{request_id}"),
    Asked("ledger looks --json", Role.AUDITOR, Role.ADMINISTRATOR, COUNTY, "{looks}"),
    Asked("overlaps --json", Role.CENTRE_MANAGER, Role.STATION_WORKER, CENTRE, "{sessions}"),
    Asked("deadlines --json", Role.SUPERVISOR, Role.PRIVACY_OFFICER, COUNTY),
    Asked("regions --json", Role.VOLUNTEER, None, CENTRE),
    Asked("history {case_id} --json", Role.CENTRE_MANAGER, Role.COUNSELLOR, CENTRE, "case.plan"),
    Asked("history {region_id} --json", Role.ADMINISTRATOR, None, CENTRE),
    Asked("unusual-looks --json", Role.AUDITOR, Role.CENTRE_MANAGER, COUNTY, "{looks}"),
    Asked("overdue-requests --json", Role.AUDITOR, Role.SUPERVISOR, COUNTY, "{request_id}"),
    Asked("account list --json", Role.ADMINISTRATOR, Role.AUDITOR, COUNTY, "{person}"),
    Asked("holds --json", Role.AUDITOR, Role.SUPERVISOR, COUNTY, "{held}"),
    Asked("retention-over --json", Role.PRIVACY_OFFICER, Role.AUDITOR, COUNTY, "{over}"),
    Asked(
        "pin --region {code} --indicators cases_opened --out {out}/pin.json",
        Role.SUPERVISOR, Role.PRIVACY_OFFICER, COUNTY, "Pinned as",
    ),
    Asked("reproduce {pin_id}", Role.AUDITOR, Role.ADMINISTRATOR, COUNTY, "equal"),
    Asked("dossier {case_id} {export}", Role.CENTRE_MANAGER, Role.AUDITOR, CENTRE),
    Asked(
        "dossier {case_id} {export} --disclose wife",
        None, Role.CENTRE_MANAGER, CENTRE,  # whose notes are opened to who counsels alone
    ),
    Asked(
        "archive {case_id} {export} {filed} --disclose wife+contact",
        Role.CENTRE_MANAGER, Role.SUPERVISOR, CENTRE,
    ),
)  # fmt: skip
"""What is asked under a token."""

BY_OFFICER: Final = {
    "hold {case_id} --ground litigation": "Held under",
    "lift-hold {case_id} {random}": "no such record",
    "erase {case_id} --ground unlawful --yes": "under a legal hold",
    "copy {request_id} --out {out}": "The request stands at",
}
"""What names a privacy officer, and how far one comes who is in charge."""

PUBLIC: Final = {
    "indicators", "roles", "verifier", "author", "keys", "checkpoint", "archive-report",
    "consistency",
}  # fmt: skip
"""What holds nothing of anybody."""

ON_ACCOUNTS: Final = (
    "account open x-1 --name 李某 --office {region_id}",
    "account grant {person} --role auditor --office {region_id}",
    "account end {person} --role auditor --office {region_id}",
    "account reset {person}",
    "account remove-factors {person}",
    "account lock {person}",
    "account unlock {person}",
    "account revoke-token {issued}",
)
"""What is done to accounts: by the bearer of a token, or the system because its operator says so.

That it is recorded under the bearer: tests/identity/test_command_line.py.
"""

NEVER_BY_TOKEN: Final = (
    "token --role administrator --office {region_id}",
    "database --show-passwords",
    "entry 1 --state",
    "register-author app9 key",
    "account first x-2 --name 李某 --office {region_id}",
    "account new-key why",
    "untie-region {region_id} --reason why",
)
"""What is for who has the machine, and ends under a token: it tells or gives whatever there is."""

AT_THE_MACHINE: Final = {
    "demo", "serve", "simulate", "rebuild", "status", "disposable", "init-db", "seal", "alarms",
    "nightly", "receipt", "cosign-request", "cosigned", "verify", "timestamp", "rotate-keys",
    "witness new", "witness serve", "witness cosign",
}  # fmt: skip
"""What keeps an installation up and tells nothing of anybody; it asks nobody's role."""

OUT_OF_REACH: Final = ("lies outside of what you may act on", "lies in your reach")
NO_BUSINESS: Final = "you may not do this"


def out_of_reach(err: str) -> bool:
    """Whether that is what a command says."""
    return any(words in err for words in OUT_OF_REACH)


def commands(group: typer.core.TyperGroup, within: str = "") -> Iterator[str]:
    """The names of all commands."""
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            yield from commands(command, f"{name} ")
        else:
            yield within + name


def test_every_command_is_listed_once() -> None:
    program = typer.main.get_command(cli.app)
    assert isinstance(program, typer.core.TyperGroup)
    by_token = {command_in(asked.command) for asked in BY_TOKEN}
    named = map(command_in, (*BY_OFFICER, *ON_ACCOUNTS, *NEVER_BY_TOKEN))
    listed = [*by_token, *named, *PUBLIC, *AT_THE_MACHINE]
    assert sorted(listed) == sorted(commands(program))


def command_in(line: str) -> str:
    """The name of the command in a line."""
    first, second = line.split()[:2] if " " in line else (line, "")
    return f"{first} {second}" if first == "account" else first


@pytest.fixture
def said(world: World, huhang: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command over the world; a dossier gets as far as to be set in type."""

    def no_font(_: object) -> None:
        raise NotSet("There is no font here.")

    database, home = world.service.database, world.service.settings.home
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(database.administrator or ""))
    monkeypatch.setenv("HUHANG_HOME", str(home))
    monkeypatch.setattr(dossier, "chinese_fonts", no_font)
    monkeypatch.setattr(cli.out, "width", 200)
    names = {
        **world.ids,
        **world.rows,
        "code": world.county.code,
        "random": RANDOM,
        "issued": Tokens(world.service.settings).issue(
            Actor(UUID(world.ids["person"]), Role.AUDITOR, UUID(world.county.region))
        ),
        "out": str(tmp_path),
        "export": f"--out {tmp_path} --purpose supervision --recipient 历下区人民法院",
        "filed": "--fonds 1 --class 2 --responsible 中心 --retention 永久",
    }

    def run(command: str, by: Person | None = None, holds: str = "") -> tuple[int, str, str]:
        if by is not None:
            monkeypatch.setenv("HUHANG_TOKEN", by.headers["Authorization"].partition(" ")[2])
        file = tmp_path / f"{uuid4()}.xlsx"
        code, out, err = huhang(*command.format(**names, file=file).split())
        if holds:
            assert (holds.format(**names) in out) is (code == 0), (command, out, err)
        return code, out, err

    return run


def name_of(asked: Asked) -> str:
    """How a row is called."""
    return asked.command.partition(" --")[0].replace("{", "").replace("}", "")


@pytest.mark.parametrize("asked", BY_TOKEN, ids=name_of)
def test_a_command_shows_what_the_api_would_show_to_the_bearer(
    asked: Asked, world: World, said: Run
) -> None:
    handed_out = asked.command.partition(" ")[0] in ("dossier", "archive")
    if asked.may is not None:
        code, _, err = said(asked.command, world.person(asked.may, asked.office), asked.holds or "")
        assert code == (1 if handed_out else 0), err
        assert handed_out is ("no font" in err)
    if asked.may_not is not None:
        code, out, err = said(asked.command, world.person(asked.may_not, asked.office))
        assert (code, out) == (2, "")
        assert NO_BUSINESS in err or out_of_reach(err)
        assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize("asked", [one for one in BY_TOKEN if one.may and one.holds], ids=name_of)
def test_a_command_shows_nothing_of_another_county(asked: Asked, world: World, said: Run) -> None:
    assert asked.may is not None
    office = "another centre" if asked.office == CENTRE else "another county"
    code, out, err = said(asked.command, world.person(asked.may, office))
    held = (asked.holds or "").format(**world.ids, **world.rows, code=world.county.code)
    assert held not in out
    assert code == 0 or (code == 2 and out_of_reach(err)), err


@pytest.mark.parametrize("command", BY_OFFICER)
def test_a_command_that_names_an_officer_asks_whether_he_is_in_charge(
    command: str, world: World, said: Run
) -> None:
    for office in ("county", "another county", "another centre"):
        named = world.person(Role.PRIVACY_OFFICER, office).actor
        _, out, err = said(f"{command} --officer {named.id} --office {named.office}")
        assert out_of_reach(err) is (office != "county"), err
        if office == "county":
            assert BY_OFFICER[command] in out + err


@pytest.mark.parametrize("command", BY_OFFICER)
def test_under_a_token_its_bearer_acts_and_is_asked_whether_he_may(
    command: str, world: World, said: Run
) -> None:
    def stamped() -> set[tuple[str, str]]:
        with psycopg.connect(world.service.database.reader) as connection:
            query = (
                "select stamp ->> 'actor', stamp ->> 'role' from log.event, lateral (select"
                " convert_from(state, 'UTF8')::jsonb -> 'stamp' as stamp) as told"
                " where topic like 'subject.%%' and stamp ->> 'actor' = %s"
            )
            return set(connection.execute(query, (str(by.actor.id),)))

    for role in COLUMNS:
        by = world.person(role, "county")
        code, out, err = said(command, by)
        if role is Role.PRIVACY_OFFICER:
            assert BY_OFFICER[command] in out + err
            assert stamped() == ({(str(by.actor.id), role)} if code == 0 else set())
        else:
            assert (code, out, stamped()) == (2, "", set()), role
            assert NO_BUSINESS in err, role
    for office in ("another county", "another centre"):
        by = world.person(Role.PRIVACY_OFFICER, office)
        code, out, err = said(command, by)
        assert (code, out, out_of_reach(err)) == (2, "", True)


@pytest.mark.parametrize("command", BY_OFFICER)
def test_an_officer_is_named_by_a_token_or_by_both_options(
    command: str, world: World, said: Run
) -> None:
    named = world.person(Role.PRIVACY_OFFICER, "county").actor
    officer, office = f"--officer {named.id}", f"--office {named.office}"
    for half in ("", officer, office):
        code, out, err = said(f"{command} {half}")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "--officer and --office" in err
    for half in (officer, office, f"{officer} {office}"):
        code, out, err = said(f"{command} {half}", world.person(Role.REGISTRAR, "centre"))
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "HUHANG_TOKEN says who acts" in err


@pytest.mark.parametrize("command", ON_ACCOUNTS, ids=command_in)
def test_an_account_is_changed_under_a_token_by_who_administers_it_alone(
    command: str, world: World, said: Run
) -> None:
    for role in COLUMNS:
        if role is not Role.ADMINISTRATOR:
            code, out, err = said(command, world.person(role, "county"))
            assert (code, out) == (2, ""), role
            assert NO_BUSINESS in err, role
    code, out, err = said(command, world.person(Role.ADMINISTRATOR, "another county"))
    assert (code, out) == (2, "")
    assert out_of_reach(err) or "no account that you could act on" in err, err


@pytest.mark.parametrize("command", NEVER_BY_TOKEN, ids=command_in)
def test_what_only_the_machine_does_ends_under_a_token(
    command: str, world: World, said: Run
) -> None:
    for role in (Role.COUNSELLOR, Role.ADMINISTRATOR, Role.SUPERVISOR):
        code, out, err = said(command, world.person(role, "county"))
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "unset it for this command" in err


@pytest.mark.parametrize("command", ["dossier", "archive"])
def test_a_post_that_nobody_holds_hands_nothing_out(command: str, world: World, said: Run) -> None:
    named = world.person(Role.CENTRE_MANAGER, "centre").actor
    filed = "{filed} " if command == "archive" else ""
    post = f"--actor {named.id} --role centre-manager --office {named.office}"
    code, out, err = said(f"{command} {{case_id}} {{export}} {filed}{post}")
    assert (code, out) == (2, "")
    assert "does not hold this post" in err

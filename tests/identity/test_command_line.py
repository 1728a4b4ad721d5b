"""Accounts by command line: the first administrator, and what its operator puts right."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from api import cli
from application import alarms
from application.database import Database, nameless
from domain.values import Role
from tests.identity.world import GOOD, World, world_over

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:  # fmt: skip
    """Run a command over the log of the test; its exit code, output and errors."""
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(database.administrator or ""))
    monkeypatch.setenv("HUHANG_HOME", str(tmp_path))

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["huhang", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return command


def answer(run: Run, *arguments: str) -> Any:
    code, out, err = run(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


OFFICE = ("--office", str(uuid4()))
PROVINCE = ("--region-code", "370000", "--region-name", "山东省", "--region-since", "1949-10-01")


def test_the_first_administrator_is_opened_once(run: Run) -> None:
    first = answer(run, "account", "first", "root-1", "--name", "王某", *PROVINCE)
    assert len(first["password"]) == 19
    code, _, err = run("account", "first", "root-2", "--name", "王某", *PROVINCE)
    assert code == 2
    assert "root-1" in err
    (line,) = answer(run, "account", "list")
    assert line["person"] == first["person"]
    assert "administrator" in line["posts"]
    _, out, _ = run("account", "list")
    assert "王某" not in out


def test_an_operator_puts_an_account_right(run: Run) -> None:
    who = answer(run, "account", "open", "lw-1", "--name", "李某", *OFFICE)["person"]
    post = ("--role", "counsellor", *OFFICE)
    days = ("--since", "2019-03-01", "--until", "2199-12-31")
    for arguments in (
        ("grant", who, *post, *days),
        ("reset", who, "--reason", "本人到场"),
        ("lock", who, "--reason", "离岗"),
        ("unlock", who),
        ("end", who, *post),
    ):
        code, out, err = run("account", *arguments)
        assert (code, err) == (0, "")
        assert out
    assert answer(run, "account", "list")[0]["posts"] == ""
    code, _, err = run("account", "end", who, *post)
    assert code == 2
    assert len(err.strip().splitlines()) == 1


def test_an_operator_lets_the_administrator_in_again_when_the_key_of_sign_in_was_lost(
    run: Run, world: World
) -> None:
    who = world.joined("root-1", Role.ADMINISTRATOR)
    world.with_totp(world.signs_in("root-1"))
    code, _, err = run("account", "new-key", "备份中也没有")
    assert (code, "is here and stays" in err) == (1, True), "nobody is locked out by mistake"
    (world.settings.home / "keys" / "identity.key").unlink()
    code, _, err = run("account", "reset", str(who))
    assert (code, len(err.strip().splitlines())) == (1, 1)
    assert 'huhang account new-key "why"' in err
    code, out, _ = run("account", "new-key", "备份中也没有")
    assert (code, "Made." in out) == (0, True)
    assert alarms.rung(world.settings.home)[-1]["said"] == "备份中也没有"
    given = answer(run, "account", "reset", str(who), "--reason", "钥匙文件丢失")["password"]
    removed = answer(run, "account", "remove-factors", str(who), "--reason", "钥匙文件丢失")
    assert len(removed["removed"]) == 1
    code, out, _ = run("account", "remove-factors", str(who))
    assert (code, out) == (0, "Second factors removed: 0.\n")
    with world_over(world.database, world.settings.home) as later:
        session = later.signs_in("root-1", given)
        session = later.identity.sign_in.change_password(session, given, GOOD)
        assert later.with_totp(session)[0].kept.acting


def test_a_token_of_the_machine_is_revoked_by_who_has_it(run: Run) -> None:
    _, token, _ = run("token", "--role", "auditor", *OFFICE)
    code, out, _ = run("account", "revoke-token", token.strip())
    assert code == 0
    assert "Revoked" in out
    code, _, err = run("account", "revoke-token", "no token")
    assert code == 2
    assert "no token of this installation" in err


def test_under_a_token_an_administrator_acts_in_his_own_name(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    chief, office = uuid4(), ("--office", str(world.office))
    _, token, _ = run("token", "--role", "administrator", *office, "--actor", str(chief))
    _, others, _ = run("token", "--role", "auditor", *office)
    monkeypatch.setenv("HUHANG_TOKEN", token.strip())
    who = answer(run, "account", "open", "lw-7", "--name", "李某", *office)["person"]
    for arguments in (
        ("grant", who, "--role", "auditor", *office, "--since", "2019-03-01"),
        ("reset", who, "--reason", "本人到场"),
        ("lock", who, "--reason", "离岗"),
        ("unlock", who),
        ("end", who, "--role", "auditor", *office),
    ):
        code, _, err = run("account", *arguments)
        assert (code, err) == (0, ""), arguments
    assert [line["person"] for line in answer(run, "account", "list")] == [who]
    stamps = stamps_of(world, ("account.", "access.list-opened."))
    assert len(stamps) == 7
    assert {(stamp["actor"], stamp["role"]) for stamp in stamps} == {(str(chief), "administrator")}
    code, _, err = run("account", "revoke-token", others.strip())
    assert (code, "no account that you could act on" in err) == (2, True), "it is nobody's here"
    assert run("account", "revoke-token", token.strip())[0] == 0, "one's own"
    code, _, err = run("account", "list")
    assert (code, "revoked" in err) == (2, True)


def test_a_list_of_accounts_leaves_a_trace_also_of_who_has_the_machine(
    run: Run, world: World
) -> None:
    answer(run, "account", "first", "root-1", "--name", "王某", *PROVINCE)
    assert stamps_of(world, ("access.list-opened.",)) == []
    assert len(answer(run, "account", "list")) == 1
    (stamp,) = stamps_of(world, ("access.list-opened.",))
    assert stamp["role"] == "system"


def stamps_of(world: World, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
    """The stamps of what the log holds of these kinds, in its order."""
    with psycopg.connect(world.database.reader) as connection:
        rows = connection.execute(
            "select topic, convert_from(state, 'UTF8')::jsonb -> 'stamp' from log.event"
            " order by position"
        ).fetchall()
    return [stamp for topic, stamp in rows if topic.startswith(kinds)]

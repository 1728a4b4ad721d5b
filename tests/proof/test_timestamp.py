"""A checkpoint is stamped once, by an authority that is trusted; what it says anybody can check."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from re import finditer
from typing import Any

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.database import Database, nameless
from application.inspection import Check
from application.seal import NotSealed, newest_checkpoint
from application.settings import DangerousSetting, Settings
from application.simulation import silently
from application.timestamp import (
    Authority,
    NotStamped,
    authority_of,
    check_stored,
    check_timestamp,
    read_certificates,
    remembered_stamps,
    stamp_newest,
    stamps_file,
)
from application.token_order import with_certificates_in_order
from application.verification import Trust, Verification, trust_of, verify
from tests.conftest import Run
from tests.proof.authority import TestAuthority, openssl
from tests.proof.ledger import Ledger

NOTE = b"huhang.invalid/log\n1\nAAAA\n\nsigned\n"


@pytest.fixture
def tsa(tmp_path: Path) -> Iterator[TestAuthority]:
    with TestAuthority(tmp_path / "authority").serving() as tsa:
        yield tsa


def trusted(tsa: TestAuthority) -> Authority:
    return Authority(httpx.URL(tsa.url), read_certificates(tsa.roots))


def stored(database: Database) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.reader) as connection:
        return connection.execute(
            "select size, authority, token, stamped_at, note"
            " from seal.timestamp join seal.checkpoint using (size)"
        ).fetchall()


def verified_by_openssl(token: bytes, message: bytes, tsa: TestAuthority) -> bool:
    (tsa.folder / "token").write_bytes(token)
    (tsa.folder / "message").write_bytes(message)
    found = openssl(
        "ts", "-verify", "-token_in", "-in", tsa.folder / "token", "-data", tsa.folder / "message",
        "-CAfile", tsa.roots,
    )  # fmt: skip
    return found.returncode == 0


def test_the_newest_checkpoint_is_stamped_and_openssl_agrees(
    ledger: Ledger, tsa: TestAuthority
) -> None:
    ledger.record(3)
    size = ledger.seal()
    found = stamp_newest(ledger.database, trusted(tsa))
    [(of, authority, token, stamped_at, note)] = stored(ledger.database)
    assert (of, authority, stamped_at) == (size, tsa.url, found.stamped_at)
    assert abs(datetime.now(UTC) - stamped_at) < timedelta(minutes=1)
    assert check_timestamp(note, token, trusted(tsa).certificates) == stamped_at
    assert verified_by_openssl(token, note, tsa)
    assert not verified_by_openssl(token, note + b"\n", tsa)


def test_the_token_is_kept_as_the_authority_made_it(ledger: Ledger, tsa: TestAuthority) -> None:
    ledger.seal()
    stamp_newest(ledger.database, trusted(tsa))
    openssl("ts", "-reply", "-in", tsa.folder / "reply", "-token_out", "-out", tsa.folder / "raw")
    assert stored(ledger.database)[0][2] == (tsa.folder / "raw").read_bytes()


@pytest.mark.parametrize("chain", [(0, 1), (1, 0), (1,)])
def test_an_authority_may_send_its_certificates_in_whatever_order(
    ledger: Ledger, tmp_path: Path, chain: tuple[int, ...]
) -> None:
    """DER sorts a set, `openssl ts -reply` does not; no signature covers the certificates."""
    ledger.seal()
    with TestAuthority(tmp_path / "chained", chain=chain).serving() as tsa:
        found = stamp_newest(ledger.database, trusted(tsa))
    [(_, _, token, stamped_at, note)] = stored(ledger.database)
    assert stamped_at == found.stamped_at
    openssl("ts", "-reply", "-in", tsa.folder / "reply", "-token_out", "-out", tsa.folder / "raw")
    assert token == (tsa.folder / "raw").read_bytes()
    assert verified_by_openssl(token, note, tsa)
    assert check_timestamp(note, token, trusted(tsa).certificates) == stamped_at
    with pytest.raises(NotStamped, match="Mismatch between messages"):
        check_timestamp(note + b"\n", token, trusted(tsa).certificates)


@pytest.mark.parametrize("chain", [(0, 1), (1, 0)])
def test_what_is_no_certificate_keeps_its_place_in_a_token_that_is_read(
    tmp_path: Path, chain: tuple[int, ...]
) -> None:
    with TestAuthority(tmp_path / "chained", chain=chain).serving() as tsa:
        token, _ = trusted(tsa).stamp(NOTE)
    own, others = (read_certificates(tsa.folder / name) for name in ("tsa.pem", "chain.pem"))
    sent = as_der([*own, *others])
    before, as_sent, after = token.partition(b"".join(sent))
    assert as_sent, "the authority sends them as its folder holds them"
    ordered = before + b"".join(sorted(sent)) + after
    assert with_certificates_in_order(token) == ordered
    assert with_certificates_in_order(ordered) == ordered


def as_der(certificates: Sequence[Certificate]) -> list[bytes]:
    return [one.public_bytes(Encoding.DER) for one in certificates]


def test_the_authority_sees_a_digest_and_no_word_of_the_checkpoint(
    ledger: Ledger, tsa: TestAuthority
) -> None:
    ledger.seal()
    stamp_newest(ledger.database, trusted(tsa))
    query, note = (tsa.folder / "query").read_bytes(), stored(ledger.database)[0][4]
    assert sha256(note).digest() in query
    assert len(query) < 100


def test_a_checkpoint_is_stamped_once_by_each_authority(
    ledger: Ledger, tsa: TestAuthority, tmp_path: Path
) -> None:
    ledger.seal()
    first = stamp_newest(ledger.database, trusted(tsa))
    assert stamp_newest(ledger.database, trusted(tsa)) == first
    assert tsa.asked == 1
    with TestAuthority(tmp_path / "second").serving() as second:
        stamp_newest(ledger.database, trusted(second))
    ledger.record(1)
    ledger.seal()
    stamp_newest(ledger.database, trusted(tsa))
    assert len(stored(ledger.database)) == 3


def test_nothing_sealed_is_nothing_to_stamp(ledger: Ledger, tsa: TestAuthority) -> None:
    with pytest.raises(NotSealed, match="Nothing is sealed yet"):
        stamp_newest(ledger.database, trusted(tsa))


def with_nonce_changed(query: bytes) -> bytes:
    """The query ends with the nonce and the wish for certificates, a boolean of 3 bytes."""
    assert query[-3:] == b"\x01\x01\xff"
    return query[:-4] + bytes([query[-4] ^ 1]) + query[-3:]


def with_another_imprint(query: bytes) -> bytes:
    digest = sha256(current_note).digest()
    assert digest in query
    return query.replace(digest, sha256(b"something else").digest())


current_note = b""


def spoilt(how: str, tsa: TestAuthority) -> Callable[[], datetime]:
    """Make an authority answer wrongly; the clock to compare it with."""
    match how:
        case "another nonce":
            tsa.before = with_nonce_changed
        case "another imprint":
            tsa.before = with_another_imprint
        case "a fault of the server":
            tsa.status = 500
        case "no time stamp":
            tsa.after = lambda reply: b"<html>Welcome</html>"
        case "half a time stamp":
            tsa.after = lambda reply: reply[: len(reply) // 2]
        case "a changed signature":
            tsa.after = lambda reply: reply[:-1] + bytes([reply[-1] ^ 1])
        case "too much":
            tsa.after = lambda reply: reply + bytes(100_000)
        case "another time":
            return lambda: datetime.now(UTC) + timedelta(hours=1)
    return lambda: datetime.now(UTC)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("another nonce", "does not hold: Nonce mismatch"),
        ("another imprint", "does not hold: Mismatch between messages"),
        ("a fault of the server", "answers with HTTP 500; check HUHANG_TSA_URL."),
        ("no time stamp", "sends what is no time stamp"),
        ("half a time stamp", "sends what is no time stamp"),
        ("a changed signature", "does not hold: "),
        ("too much", "the answer has more than 100,000 bytes"),
        ("another time", "set the wrong one right."),
    ],
)
def test_a_wrong_answer_is_named_and_nothing_is_stored(
    ledger: Ledger, tsa: TestAuthority, how: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.seal()
    with psycopg.connect(ledger.database.reader) as connection:
        newest = newest_checkpoint(connection)
    assert newest is not None
    monkeypatch.setattr(f"{__name__}.current_note", newest.note)
    clock = spoilt(how, tsa)
    with pytest.raises(NotStamped) as refused:
        stamp_newest(ledger.database, trusted(tsa), clock)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert stored(ledger.database) == []


def test_an_authority_that_refuses_is_quoted(ledger: Ledger, tmp_path: Path) -> None:
    ledger.seal()
    with (
        TestAuthority(tmp_path / "strict", digests="sha512").serving() as tsa,
        pytest.raises(NotStamped, match=r"refuses to stamp \(.*not supported"),
    ):
        stamp_newest(ledger.database, trusted(tsa))
    assert stored(ledger.database) == []


def test_an_authority_that_is_down_is_named(ledger: Ledger, tmp_path: Path) -> None:
    ledger.seal()
    tsa = TestAuthority(tmp_path / "down")
    with tsa.serving():
        pass
    with pytest.raises(NotStamped, match=r"does not answer .*; check HUHANG_TSA_URL"):
        stamp_newest(ledger.database, trusted(tsa))
    assert stored(ledger.database) == []


def test_an_authority_that_nobody_trusts_is_refused(
    ledger: Ledger, tsa: TestAuthority, tmp_path: Path
) -> None:
    ledger.seal()
    other = TestAuthority(tmp_path / "other")
    with pytest.raises(NotStamped, match="not trusted by HUHANG_TSA_CERTIFICATES"):
        stamp_newest(ledger.database, Authority(httpx.URL(tsa.url), read_certificates(other.roots)))
    assert stored(ledger.database) == []


def test_an_authority_whose_certificate_ran_out_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    ledger.seal()
    with (
        TestAuthority(tmp_path / "expired", expired=True).serving() as tsa,
        pytest.raises(NotStamped, match="does not hold"),
    ):
        stamp_newest(ledger.database, trusted(tsa))
    assert stored(ledger.database) == []


def test_certificates_without_a_root_are_refused(tsa: TestAuthority) -> None:
    without = Authority(httpx.URL(tsa.url), read_certificates(tsa.folder / "tsa.pem"))
    with pytest.raises(NotStamped, match="hold no root"):
        without.stamp(NOTE)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "set HUHANG_TSA_URL"),
        ({"tsa_url": "http://[::1"}, "is no address"),
        ({"tsa_url": "http://127.0.0.1/tsa"}, "set HUHANG_TSA_CERTIFICATES"),
        ({"tsa_url": "http://127.0.0.1/tsa", "tsa_certificates": Path("none.pem")}, "none.pem"),
    ],
)
def test_a_setting_that_is_missing_is_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(NotStamped, match=said.replace(".", r"\.")):
        authority_of(Settings(**changes))


def test_a_file_without_certificates_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing\n")
    with pytest.raises(NotStamped, match="holds no certificates"):
        read_certificates(tmp_path / "empty.pem")


def test_the_password_of_an_address_is_neither_said_nor_stored(tsa: TestAuthority) -> None:
    url = httpx.URL(tsa.url.replace("http://", "http://us:secret@"))
    authority = Authority(url, read_certificates(tsa.roots))
    assert authority.address == tsa.url
    tsa.status = 403
    with pytest.raises(NotStamped) as refused:
        authority.stamp(NOTE)
    assert "secret" not in str(refused.value)


def test_stored_time_stamps_are_checked_against_their_checkpoints(
    ledger: Ledger, tsa: TestAuthority
) -> None:
    for _ in range(3):
        ledger.record(1)
        ledger.seal()
        stamp_newest(ledger.database, trusted(tsa))
    ledger.attack(
        "alter table seal.timestamp disable trigger user",
        "update seal.timestamp set stamped_at = stamped_at - interval '1 day' where size = 2",
        "update seal.timestamp set token = (select token from seal.timestamp where size = 2)"
        " where size = 3",
    )
    with psycopg.connect(ledger.database.reader) as connection:
        found = list(check_stored(connection, trusted(tsa).certificates))
    assert [one.size for one in found] == [2, 3, 4]
    assert "the table another time" in str(found[0].wrong)
    assert "Mismatch between messages" in str(found[1].wrong)
    assert found[2].wrong is None


def test_time_stamps_are_part_of_what_is_verified(ledger: Ledger, tsa: TestAuthority) -> None:
    def verified(trust: Trust) -> Verification:
        return verify(ledger.database.reader, silently, trust)

    ledger.seal()
    trusting = Trust(authorities=trusted(tsa).certificates)
    assert verified(Trust()).outcomes()[Check.STAMPS].startswith("nothing to check")
    assert verified(trusting).outcomes()[Check.STAMPS].startswith("COULD NOT RUN: no checkpoint")
    stamp_newest(ledger.database, trusted(tsa))
    assert verified(trusting).outcomes()[Check.STAMPS] == "passed"
    assert verified(Trust()).outcomes()[Check.STAMPS].startswith("COULD NOT RUN")
    ledger.attack(
        "alter table seal.timestamp disable trigger user",
        "update seal.timestamp set stamped_at = stamped_at - interval '1 day'",
    )
    defect = verified(trusting).defect
    assert defect is not None
    assert (defect.position, defect.check) == (1, Check.STAMPS)


def test_a_time_stamp_that_this_installation_got_is_missed_when_it_is_gone_or_anothers(
    ledger: Ledger, tsa: TestAuthority
) -> None:
    authority = replace(trusted(tsa), memory=stamps_file(ledger.settings))

    def said() -> str:
        trust = replace(trust_of(ledger.settings), authorities=authority.certificates)
        return verify(ledger.database.reader, silently, trust).outcomes()[Check.STAMPS]

    ledger.seal()
    stamp_newest(ledger.database, authority)
    ledger.record(1)
    ledger.seal()
    stamp_newest(ledger.database, authority)
    assert said() == "passed"
    ledger.attack(
        "alter table seal.timestamp disable trigger user",
        "update seal.timestamp set authority = 'https://court.example' where size = 2",
    )
    assert said().startswith(f"COULD NOT RUN: {authority.address} stamped the checkpoint of 2")
    ledger.attack(
        "update seal.timestamp set authority = '" + authority.address + "' where size = 2",
        "delete from seal.timestamp where size = 1",
    )
    assert said().startswith(f"COULD NOT RUN: {authority.address} stamped the checkpoint of 1")
    stamps_file(ledger.settings).write_text("nonsense")
    with pytest.raises(DangerousSetting, match="is damaged"):
        trust_of(ledger.settings)


def test_what_somebody_put_where_a_time_stamp_belongs_is_no_time_stamp(
    ledger: Ledger, tsa: TestAuthority
) -> None:
    ledger.seal()
    authority = replace(trusted(tsa), memory=stamps_file(ledger.settings))
    with psycopg.connect(ledger.database.administrator) as attacker:
        attacker.execute(
            "insert into seal.timestamp select size, %s, 'rubbish', now() from seal.checkpoint",
            (authority.address,),
        )
    with pytest.raises(NotStamped, match="Somebody put a time stamp that does not hold"):
        stamp_newest(ledger.database, authority)
    assert not stamps_file(ledger.settings).exists()
    ledger.record(1)
    ledger.seal()
    assert stamp_newest(ledger.database, authority).size == 2


def test_a_time_stamp_is_remembered_although_a_crash_came_between(
    ledger: Ledger, tsa: TestAuthority
) -> None:
    ledger.seal()
    stamp_newest(ledger.database, trusted(tsa))
    authority = replace(trusted(tsa), memory=stamps_file(ledger.settings))
    stamp_newest(ledger.database, authority)
    assert tsa.asked == 1
    (remembered,) = remembered_stamps(stamps_file(ledger.settings))
    assert (remembered.size, remembered.authority) == (1, authority.address)
    before = stamps_file(ledger.settings).stat().st_ino
    stamp_newest(ledger.database, authority)
    assert stamps_file(ledger.settings).stat().st_ino == before, "what is known is not written"


def test_a_time_stamp_of_a_time_that_no_calendar_has_does_not_hold(
    ledger: Ledger, tsa: TestAuthority
) -> None:
    ledger.seal()
    stamp_newest(ledger.database, trusted(tsa))
    ledger.attack(
        "alter table seal.timestamp disable trigger user",
        "update seal.timestamp set stamped_at = 'infinity'",
    )
    trust = Trust(authorities=trusted(tsa).certificates)
    defect = verify(ledger.database.reader, silently, trust).defect
    assert defect is not None
    assert (defect.position, defect.check) == (1, Check.STAMPS)


def test_a_time_stamp_that_is_none_hides_nothing_else(ledger: Ledger, tsa: TestAuthority) -> None:
    """The sealer's own login can put one there."""
    ledger.record(3)
    ledger.seal()
    with psycopg.connect(ledger.database.sealer) as sealer:
        sealer.execute("insert into seal.timestamp values (4, 'nobody', 'rubbish', now())")
    trust = Trust(authorities=trusted(tsa).certificates)
    outcomes = verify(ledger.database.reader, silently, trust).outcomes()
    assert outcomes.pop(Check.STAMPS).startswith("FAILED: Position 4")
    assert not [one for one in outcomes.values() if not one.startswith(("passed", "nothing to"))]
    ledger.attack(
        "update pg_index set indisvalid = false"
        " where indexrelid = 'log.event_recorded_at'::regclass",
        "update log.event set state = state || ' '::bytea where position = 2",
    )
    outcomes = verify(ledger.database.reader, silently, trust).outcomes()
    for check in (Check.STAMPS, Check.TABLES, Check.LEAF):
        assert outcomes[check].startswith("FAILED"), check
    assert outcomes[Check.TILES] == "not reached: the inspection ended at position 2"


@pytest.fixture(scope="module", params=[(), (0, 1), (1, 0)])
def token(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[bytes, Authority, datetime]:
    """One good token over NOTE."""
    folder = tmp_path_factory.mktemp("once") / "authority"
    with TestAuthority(folder, chain=request.param).serving() as tsa:
        authority = trusted(tsa)
        token, said = authority.stamp(NOTE)
    return token, authority, said


@given(data=st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_changed_byte_of_a_token_makes_it_say_something_else(
    token: tuple[bytes, Authority, datetime], data: st.DataObject
) -> None:
    raw, authority, said = token
    at = data.draw(st.integers(0, len(raw) - 1))
    changed = raw[:at] + bytes([raw[at] ^ data.draw(st.integers(1, 255))]) + raw[at + 1 :]
    with suppress(NotStamped):
        assert check_timestamp(NOTE, changed, authority.certificates) == said


def test_a_certificate_of_a_version_that_there_is_not_is_none(
    token: tuple[bytes, Authority, datetime],
) -> None:
    raw, authority, _ = token
    version = bytes.fromhex("a003020102")  # of a certificate: 2 says version 3
    places = [found.end() - 1 for found in finditer(version, raw)]
    assert places
    for at in places:
        with pytest.raises(NotStamped):
            check_timestamp(NOTE, raw[:at] + b"\x03" + raw[at + 1 :], authority.certificates)


@given(cut=st.integers(0, 2**20))
def test_a_token_cut_short_is_none(token: tuple[bytes, Authority, datetime], cut: int) -> None:
    raw, authority, _ = token
    with pytest.raises(NotStamped):
        check_timestamp(NOTE, raw[: cut % len(raw)], authority.certificates)


@pytest.fixture
def run(ledger: Ledger, tsa: TestAuthority, huhang: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `huhang timestamp` where the authority is asked and trusted."""
    monkeypatch.setenv("HUHANG_DATABASE_URL", nameless(ledger.database.owner))
    monkeypatch.setenv("HUHANG_HOME", str(ledger.settings.home))
    monkeypatch.setenv("HUHANG_TSA_URL", tsa.url)
    monkeypatch.setenv("HUHANG_TSA_CERTIFICATES", str(tsa.roots))
    return partial(huhang, "timestamp")


def test_the_command_stamps_and_checks(ledger: Ledger, tsa: TestAuthority, run: Run) -> None:
    assert run() == (1, "", "Nothing is sealed yet; run huhang seal, then stamp it.\n")
    assert run("--check")[:2] == (1, "No time stamp is stored.\n"), "a missing one is no success"
    ledger.seal()
    code, out, _ = run("--json")
    assert code == 0
    assert [(one["size"], one["authority"]) for one in json.loads(out)] == [(1, tsa.url)]
    assert "1 events, stamped" in run("--check")[1]
    ledger.attack(
        "alter table seal.timestamp disable trigger user",
        f"update seal.timestamp set token = decode('{b64encode(b'none').decode()}', 'base64')",
    )
    code, out, _ = run("--check")
    assert code == 1
    assert "The time stamp does not hold" in out


def test_the_command_misses_a_time_stamp_that_this_installation_got(
    ledger: Ledger, tsa: TestAuthority, run: Run
) -> None:
    ledger.seal()
    assert run()[0] == 0
    ledger.record(1)
    ledger.seal()
    assert run()[0] == 0
    assert run("--check")[0] == 0
    ledger.attack(
        "alter table seal.timestamp disable trigger user",
        "delete from seal.timestamp where size = 1",
    )
    code, out, _ = run("--check")
    assert code == 1
    assert f"1 events: {tsa.url} stamped this, as is remembered here" in out
    assert "2 events, stamped" in out, "the one that is there is told as well"
    code, out, _ = run("--check", "--json")
    assert code == 1
    gone, there = json.loads(out)
    assert (gone["size"], gone["authority"], gone["stamped_at"]) == (1, tsa.url, None)
    assert "the database has another time stamp or none" in gone["wrong"]
    assert (there["size"], there["wrong"]) == (2, None)
    ledger.attack("delete from seal.timestamp")
    code, out, _ = run("--check")
    assert code == 1
    assert [line[:8] for line in out.splitlines()] == ["1 events", "2 events"]

"""Rows of the log that an administrator of the database hides for as long as an erasure looks."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest

from application import erasure, nothing_hidden
from application.alarms import standing
from application.destructions import ROWS
from application.erasure import NotAll
from application.heads import note_heads
from application.inspection import SealedRow, entry_of
from application.key_use import NotWhole
from application.keystore import KeyStore
from application.sealer import Sealer
from application.settings import Settings
from application.tree import leaf_hash
from domain.base import Refused
from domain.log import LOG_ID, StreamHeads
from domain.rights import PersonPart
from domain.subject import LegalHoldPlaced, SubjectKeyDestroyed, subject_id
from domain.values import Role
from tests.domain.case_cast import HER, HIM
from tests.vault.test_administrator import clock, dumped, put_back, run, world
from tests.vault.test_destructions import append
from tests.vault.test_erasure import HOLD, erase, officer
from tests.vault.test_rights import asked
from tests.vault.world import World, command

pytestmark = pytest.mark.attack

__all__ = ["clock", "world"]  # fixtures of the key store with a clock

TRIGGERS: Final = "update pg_class set relhastriggers = %s where oid = 'log.event'::regclass"
LATER: Final = "originator_id = %s and originator_version > %s"


@contextmanager
def untriggered(world: World) -> Iterator[None]:
    run(world, TRIGGERS, False)
    try:
        yield
    finally:
        run(world, TRIGGERS, True)


def renamed(world: World, stream: UUID, version: int) -> Callable[[], None]:
    """Give the rows of a stream after a version to another one; returns what puts them back."""
    other = uuid4()
    with untriggered(world):
        run(
            world,
            f"update log.event set originator_id = %s where {LATER}",
            other,
            stream,
            version,
        )

    def put_back() -> None:
        with untriggered(world):
            run(
                world,
                "update log.event set originator_id = %s where originator_id = %s",
                stream,
                other,
            )

    return put_back


def taken_out(world: World, query: LiteralString, *values: object) -> Callable[[], None]:
    with untriggered(world):
        run(world, "create table public.hidden (like log.event)")
        run(
            world,
            f"with gone as (delete from log.event where {query} returning *)"
            " insert into public.hidden select * from gone",
            *values,
        )

    def put_back() -> None:
        with untriggered(world):
            run(world, "insert into log.event select * from public.hidden")
            run(world, "drop table public.hidden")

    return put_back


def deleted(world: World, stream: UUID, version: int) -> Callable[[], None]:
    """Take the rows of a stream after a version out; returns what puts them back."""
    return taken_out(world, LATER, stream, version)


def cut_off(world: World, stream: UUID, version: int) -> Callable[[], None]:
    """Let the log end in front of the next version of a stream; returns what puts the rest back."""
    return taken_out(
        world,
        f"position >= (select min(position) from log.event where {LATER})",
        stream,
        version,
    )


def seal(world: World, home: Path) -> None:
    with Sealer(world.database, Settings(home=home)) as sealer:
        while sealer.seal_next() is not None:
            pass


def before(patch: pytest.MonkeyPatch, step: str, act: Callable[[], object]) -> None:
    """Let somebody act once, right before the key store does a step."""
    does: Any = getattr(KeyStore, step)

    def after_act(store: KeyStore, *args: Any) -> Any:
        patch.undo()
        act()
        return does(store, *args)

    patch.setattr(KeyStore, step, after_act)


def of_their_own(world: World, case: UUID) -> Callable[[], object]:
    """Hide the keys of both parties; returns what puts them back."""
    other = uuid4()
    run(
        world,
        "update vault.key set record = %s where record = %s and part = any(%s)",
        other,
        case,
        [HER, HIM],
    )
    return lambda: run(world, "update vault.key set record = %s where record = %s", case, other)


@pytest.mark.parametrize("hide", [renamed, deleted])
@pytest.mark.parametrize("noted", [False, True])
def test_an_erasure_that_is_shown_half_of_a_record_destroys_nothing(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hide: Any, noted: bool
) -> None:
    case, _ = world.closed_case(), world.closed_case()
    ((position,),) = run(
        world,
        "select position from log.event where originator_id = %s and originator_version = 2",
        case,
    )
    if noted:
        with psycopg.connect(world.database.reader, autocommit=True) as connection:
            receipt = note_heads(connection, world.records, command(Role.SYSTEM), tmp_path)
        assert receipt is not None
        position = receipt.first_position
    seal(world, tmp_path)
    rows_back, keys_back = hide(world, case, 1), of_their_own(world, case)
    before(monkeypatch, "standing", lambda: (rows_back(), keys_back()))
    with pytest.raises(NotWhole, match=f"Position {position}"):
        erase(world, case)
    assert f"Position {position}" in (standing(tmp_path) or "")
    monkeypatch.undo()
    rows_back()
    keys_back()
    assert len(dumped(world, case)) == 3
    assert len(world.texts(case)) == 4
    assert len(erase(world, case).keys) == 3
    assert world.texts(case) == []


def test_an_erasure_that_missed_the_unsealed_end_of_a_record_is_not_certified(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing in the log comes after what is hidden, nor does this disk know of it yet."""
    case = world.closed_case()
    rows_back, keys_back = cut_off(world, case, 1), of_their_own(world, case)
    before(monkeypatch, "standing", rows_back)
    by = officer()
    with pytest.raises(NotAll, match=r"position \d+ names k:"):
        erase(world, case, by=by)
    assert "was hidden while the erasure looked" in (standing(tmp_path) or "")
    keys_back()
    with pytest.raises(NotAll):
        erase(world, case, by=by)
    assert len(erase(world, case).keys) == 2, "what was missed goes with the next"
    assert world.texts(case) == []
    assert len(erase(world, case, by=by).keys) == 1


@pytest.mark.parametrize("hide", [renamed, deleted])
def test_a_hold_that_is_hidden_while_an_erasure_looks_keeps_the_keys(
    world: World, tmp_path: Path, hide: Any
) -> None:
    case = world.closed_case()
    held = world.erasures.place_hold(case, HOLD, officer()).first_position
    seal(world, tmp_path)
    back = hide(world, subject_id(case), 0)
    with pytest.raises(NotWhole, match=f"Position {held}"):
        erase(world, case)
    assert f"Position {held}" in (standing(tmp_path) or "")
    back()
    assert len(dumped(world, case)) == 3
    with pytest.raises(Refused, match="legal-hold"):
        erase(world, case)


def test_who_erased_under_a_hold_that_was_hidden_is_told_that_the_keys_are_gone(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hold is the unsealed end of the log."""
    case = world.closed_case()
    world.erasures.place_hold(case, HOLD, officer())
    before(monkeypatch, "destroy", deleted(world, subject_id(case), 0))
    with pytest.raises(Refused, match="destroyed-and-unsaid"):
        erase(world, case)
    assert "what the log is to say of it was not said: legal-hold" in (standing(tmp_path) or "")
    assert dumped(world, case) == []


def test_a_row_that_nobody_signed_after_the_keys_died_is_not_told_as_if_they_lived(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.closed_case()
    forge = lambda: append(world, b"{}", subject_id(case), 1, LegalHoldPlaced.topic)  # noqa: E731
    before(monkeypatch, "destroy_again", forge)
    with pytest.raises(Refused, match="destroyed-and-unsaid"):
        erase(world, case)
    assert dumped(world, case) == []
    rung = standing(tmp_path) or ""
    assert "what the log is to say of it was not said" in rung
    assert "None was destroyed" not in rung


def note(world: World, home: Path) -> None:
    with psycopg.connect(world.database.reader, autocommit=True) as connection:
        assert note_heads(connection, world.records, command(Role.SYSTEM), home) is not None


def filled(world: World, stream: UUID, other: UUID) -> Callable[[], None]:
    """Hide a stream and put signed rows out of the middle of another one in its places."""
    ((count,),) = run(world, "select count(*) from log.event where originator_id = %s", stream)
    ours = "originator_id = %s and originator_version between 2 and %s"
    run(
        world,
        f"create table public.safe as select * from log.event where originator_id = %s or {ours}",
        stream,
        other,
        count + 1,
    )
    with untriggered(world):
        run(world, "delete from log.event where originator_id = %s", stream)
        for number, (place,) in enumerate(
            run(world, "select position from safe where originator_id = %s order by 1", stream)
        ):
            here = "originator_id = %s and originator_version = %s"
            run(world, f"update log.event set position = %s where {here}", place, other, number + 2)
            with psycopg.connect(world.database.administrator, autocommit=True) as connection:
                cursor = connection.cursor(binary=True)
                (row,) = cursor.execute(ROWS + "where position = %s", (place,)).fetchall()
                leaf = leaf_hash(entry_of(SealedRow(*row)))
            run(world, "update log.event set leaf = %s where position = %s", leaf, place)

    def put_back() -> None:
        with untriggered(world):
            places = "position in (select position from safe)"
            run(world, f"delete from log.event where {places} or {ours}", other, count + 1)
            run(world, "insert into log.event select * from safe")
            run(world, "drop table public.safe")

    return put_back


@pytest.mark.parametrize("sealed", [False, True])
def test_signed_rows_from_elsewhere_do_not_fill_the_places_of_what_is_hidden(
    world: World, tmp_path: Path, sealed: bool
) -> None:
    case, other = world.closed_case(), world.case()
    note(world, tmp_path)
    request = asked(world, case, part=PersonPart.OTHER)
    if sealed:
        seal(world, tmp_path)
    (key,) = (row for row in dumped(world, case) if row[2] == PersonPart.OTHER)
    run(world, "delete from vault.key where id = %s", key[0])
    rows_back = filled(world, request, other)
    with pytest.raises(NotWhole, match=r"Position \d+"):
        erase(world, case)
    rows_back()
    put_back(world, [key])
    assert len(erase(world, case).keys) == 4


@pytest.mark.parametrize("sealed", [False, True])
def test_the_first_row_of_a_request_that_became_another_hides_no_key(
    world: World, tmp_path: Path, sealed: bool
) -> None:
    """Of each stream the noted heads know the end alone."""
    case = world.closed_case()
    request = asked(world, case, part=PersonPart.OTHER)
    note(world, tmp_path)
    if sealed:
        seal(world, tmp_path)
    (key,) = (row for row in dumped(world, case) if row[2] == PersonPart.OTHER)
    run(world, "delete from vault.key where id = %s", key[0])
    ours = "originator_id = %s and originator_version = 1"
    with untriggered(world):
        run(world, f"update log.event set topic = 'pin.made.v1' where {ours}", request)
    if sealed:
        with pytest.raises(NotWhole, match=r"Position \d+: the row is not the one"):
            erase(world, case)
    else:
        erase(world, case)
        assert "passed over" in (standing(tmp_path) or "")
    with untriggered(world):
        run(world, f"update log.event set topic = 'request.received.v1' where {ours}", request)
    put_back(world, [key])
    assert erase(world, case).keys


def test_the_first_row_of_a_request_that_is_hidden_before_it_is_sealed_is_missed(
    world: World, tmp_path: Path
) -> None:
    case = world.closed_case()
    request = asked(world, case, part=PersonPart.OTHER)
    note(world, tmp_path)
    back = taken_out(world, "originator_id = %s and originator_version = 1", request)
    with pytest.raises(NotWhole, match=f"the first record of {request} is gone"):
        erase(world, case)
    back()
    assert len(erase(world, case).keys) == 4


def test_a_hold_that_became_a_destruction_nobody_signed_keeps_the_keys(
    world: World, tmp_path: Path
) -> None:
    case = world.closed_case()
    held = world.erasures.place_hold(case, HOLD, officer()).first_position
    note(world, tmp_path)
    seal(world, tmp_path)
    topic = "update log.event set topic = %s where position = %s"
    with untriggered(world):
        run(world, topic, SubjectKeyDestroyed.topic, held)
    with pytest.raises(NotWhole, match=f"Position {held}"):
        erase(world, case)
    with untriggered(world):
        run(world, topic, LegalHoldPlaced.topic, held)
    assert len(dumped(world, case)) == 3
    with pytest.raises(Refused, match="legal-hold"):
        erase(world, case)


def test_a_checkpoint_of_nothing_in_front_makes_nothing_unsealed(
    world: World, tmp_path: Path
) -> None:
    """Where no sealer remembers, what is published is all that is known."""
    case = world.closed_case()
    held = world.erasures.place_hold(case, HOLD, officer()).first_position
    note(world, tmp_path)
    seal(world, tmp_path)
    (tmp_path / "seal" / "checkpoint").unlink()
    run(
        world,
        "insert into seal.checkpoint (size, root, note, sealed_at) select size + 1000, root, 'x',"
        " sealed_at from seal.checkpoint order by size desc limit 1",
    )
    with untriggered(world):
        run(
            world,
            "update log.event set topic = %s where position = %s",
            SubjectKeyDestroyed.topic,
            held,
        )
    with pytest.raises(NotWhole, match=f"Position {held}"):
        erase(world, case)
    assert len(dumped(world, case)) == 3


def test_the_first_rows_of_all_streams_are_not_kept_in_memory(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.closed_case()
    for _ in range(30):
        world.practitioner()
    note(world, tmp_path)
    seal(world, tmp_path)
    kept: list[int] = []
    inspected = nothing_hidden.inspect_leaf

    def counted(*asked: Any) -> bytes:
        kept.append(sum(isinstance(one, SealedRow) for one in gc.get_objects()))
        return inspected(*asked)

    monkeypatch.setattr(nothing_hidden, "AT_ONCE", 1)
    monkeypatch.setattr(nothing_hidden, "inspect_leaf", counted)
    assert len(erase(world, case).keys) == 3
    assert len(kept) > 30
    assert max(kept) - min(kept) < 15


def test_what_is_sealed_while_an_erasure_begins_to_look_denies_it_not(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The moment of the look is over by then, and knows nothing of it."""
    case, look = world.closed_case(), erasure.signed_subject

    def overtaken(*asked: Any) -> Any:
        subject = look(*asked)
        monkeypatch.undo()
        world.practitioner()
        seal(world, tmp_path)
        return subject

    monkeypatch.setattr(erasure, "signed_subject", overtaken)
    assert len(erase(world, case).keys) == 3
    assert standing(tmp_path) is None


@pytest.mark.parametrize(
    ("stream", "topic"), [(UUID(int=7), "region.registered.v1"), (LOG_ID, StreamHeads.topic)]
)
def test_a_later_row_that_nobody_signed_denies_no_erasure_and_rings(
    world: World, tmp_path: Path, stream: UUID, topic: str
) -> None:
    case = world.closed_case()
    seal(world, tmp_path)
    ((last,),) = run(
        world,
        "select coalesce(max(originator_version), 0) from log.event where originator_id = %s",
        stream,
    )
    append(world, b"{}", stream, last + 1, topic)
    ((position,),) = run(world, "select max(position) from log.event")
    assert len(erase(world, case).keys) == 3
    assert f"Position {position}: " in (standing(tmp_path) or "")
    assert "passed over" in (standing(tmp_path) or "")

"""What could she see that day? The policy asked of the posts, boundaries and hands of then."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from application.eventlog import Position
from application.jurisdiction import LOOKING, NotFound, kept_out
from application.policy import Action, Actor, Reach, reach
from application.records import Records
from domain.account import Account
from domain.account_events import Post, account_id
from domain.base import day
from domain.case import Case

OF_CASES: Final = (
    Action.READ_SUMMARIES,
    Action.READ_NOTES,
    Action.READ_IDENTITIES,
    Action.READ_CONTACTS,
    Action.READ_ADDRESSES,
    Action.FIND_PERSONS,
)
"""What is seen of a case beside itself; a person who is found shows of which case."""


class Permitted(NamedTuple):
    """A post that was held, and the actions of looking that reached the record from it."""

    post: Post
    actions: tuple[Action, ...]


def could_see(
    records: Records, person: UUID, record: UUID, position: Position, at: datetime
) -> list[Permitted]:
    """What a person could see of a record, as known at a position, at that moment: post by post.

    Break-glass is another matter: the reading log tells of it. Raises `NotFound` for a record or an
    account of which nothing was known then.
    """
    then = records.jurisdiction.as_of(position, at)
    seen = records.record(record, require_known(records, record, position))
    stream = account_id(person)
    account = records.get(Account, stream, require_known(records, stream, position))
    looking = LOOKING[type(seen)]
    actions = (looking, *OF_CASES) if isinstance(seen, Case) else (looking,)
    return [
        Permitted(
            post,
            tuple(
                action
                for action in actions
                if then.may_see(Actor(person, post.role, post.office), action, seen)
            ),
        )
        for post in account.posts_on(day(at))
        if not account.locked
    ]


def told_to(
    records: Records, actor: Actor, person: UUID, found: list[Permitted], position: Position
) -> list[Permitted]:
    """What somebody is told of it: posts that reached the record, and others that he looks after.

    Those that allow nothing are told to who reads looks for a region, of offices in that region;
    one's own case is no window on the posts of others. Somebody of no office in reach, to whom the
    record was closed, is not known to who asks. Raises `NotFound`, and `Forbidden` of somebody with
    whom who asks declared a conflict.
    """
    jurisdiction, looks = records.jurisdiction, Action.READ_LOOKS
    if jurisdiction.stays_out(actor, records.get(Account, account_id(person))):
        raise kept_out()
    sight, regional = jurisdiction.sight(actor, looks), reach(actor, looks) is Reach.REGION

    def in_reach(office: UUID) -> bool:
        spot = jurisdiction.spot_of_office(office)
        return sight.sees(*spot) and sight.near(*spot)

    told = [one for one in found if one.actions or (regional and in_reach(one.post.office))]
    account = records.get(Account, account_id(person))
    offices = {account.require_opened().office, *(post.office for post in account.posts)}
    if not told and not any(map(in_reach, offices)):
        raise not_known(account.id, position)
    return told


def require_known(records: Records, record: UUID, position: Position) -> int:
    """The version that a record had at a position. Raises `NotFound` before its first event."""
    version = records.recorder.version_at(record, position)
    if version == 0:
        raise not_known(record, position)
    return version


def not_known(record: UUID, position: Position) -> NotFound:
    """What is said of a record of which nothing was known then, or is to be for who asks."""
    return NotFound(
        f"Nothing was known of {record} at position {position}; ask as of a later moment.",
        f"截至位置 {position} 没有编号为 {record} 的记录，请改查之后的时点。",
    )

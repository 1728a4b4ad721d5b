"""What is known of the people behind a record, as the rows say that an instance of ours signed.

Whoever can append to the log could else deny a person's erasure by one row, or end a legal hold.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row

from application.codec import UnknownTopic, decode
from application.destructions import ROWS
from application.first_event import known_beginning
from application.inspection import Defect, SealedRow, emptied, inspect_leaf, misplaced
from application.key_use import NotWhole
from application.nothing_hidden import KnownSeal
from domain.base import fold
from domain.subject import Subject, SubjectKeyDestroyed, subject_id

OF_SUBJECT = ROWS + "where originator_id = %s order by originator_version, position"


def signed_subject(
    connection: psycopg.Connection[Any], record: UUID, home: Path, seal: KnownSeal
) -> Subject:
    """The holds on a record and the keys that were destroyed, at the version that its stream has.

    A destruction that nobody signed counts for nothing, where it is not sealed. Any other such row
    may be a hold that somebody changed, or end one: raises `NotWhole`; and `AnotherBeginning`.
    """
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        rows = [SealedRow(*row) for row in cursor.execute(OF_SUBJECT, (subject_id(record),))]
    subject = Subject(subject_id(record))
    if not rows:
        return subject
    beginning = known_beginning(connection, home)
    sealed = seal.signed(beginning).size
    for row in rows:
        try:
            if None in row:
                raise emptied(row)
            inspect_leaf(row, beginning.authors)
        except Defect as unsigned:
            if row.topic != SubjectKeyDestroyed.topic or row.position <= sealed:
                raise NotWhole(record, unsigned) from None
            require_next(row, subject, record, from_zero=True)
            subject = replace(subject, version=row.originator_version)
            continue
        require_next(row, subject, record)
        try:
            event = decode(row.topic, row.originator_id, row.originator_version, row.state)
        except (UnknownTopic, ValueError, TypeError) as unread:
            raise NotWhole(record, unread) from None
        subject = fold(subject, [event])
    return subject


def require_next(
    row: SealedRow, subject: Subject, record: UUID, *, from_zero: bool = False
) -> None:
    """Check that a row follows in its stream, which `append` lets begin `from_zero`.

    Raises `NotWhole`.
    """
    expected = subject.version + 1
    if row.originator_version != expected and (row.originator_version or not from_zero):
        wrong = misplaced(row.position, subject.id, row.originator_version, expected)
        raise NotWhole(record, wrong)

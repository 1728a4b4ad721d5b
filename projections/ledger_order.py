"""The order in which a ledger is read, and the place in it where a page ended."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

import orjson
from psycopg import sql

from projections.ledgers import Column, Ledger
from projections.packing import Kind
from projections.questions import QuestionRefused

COMPARED: Final = 100  # characters of a text by which rows are put in order: a place must fit a URL
LEAST, MOST = -(2**63), 2**63 - 1  # integers that a column can hold


class Key(NamedTuple):
    """Where a page ended: the last row's value in the column of the order, and its id."""

    order: str
    value: Any
    row: UUID

    def text(self) -> str:
        """The key as a client hands it back."""
        value = self.value if self.value is None or isinstance(self.value, int) else str(self.value)
        return urlsafe_b64encode(orjson.dumps([self.order, value, str(self.row)])).decode()


@dataclass(frozen=True, slots=True)
class Order:
    """Rows by the values of one column, missing ones last; equal ones by their ids."""

    ledger: Ledger
    column: Column
    descending: bool = False

    @classmethod
    def of(cls, ledger: Ledger, asked: str | None) -> Self:
        """The order by a column, from the greatest down with a minus before it; None: the usual.

        Raises `QuestionRefused`.
        """
        if asked is None:
            return cls(ledger, column_of(ledger, ledger.sorted_by))
        return cls(ledger, column_of(ledger, asked.removeprefix("-")), asked.startswith("-"))

    @property
    def name(self) -> str:
        """The order as it is asked for."""
        return f"{'-' if self.descending else ''}{self.column.name}"

    def clause(self) -> sql.Composable:
        """What stands behind `order by`."""
        return sql.SQL("{}{}, ledger.row").format(
            self._compared(), sql.SQL(" desc nulls last" if self.descending else "")
        )

    def beyond(self, key: Key | None) -> Iterator[sql.Composable]:
        """The condition that a row comes after `%(after_value)s` and `%(after_row)s`."""
        if key is None:
            return
        compared = self._compared()
        if key.value is None:
            condition = " and {0} is null and ledger.row > %(after_row)s"
        elif self.descending:
            condition = (
                " and ({0} < %(after_value)s or {0} is null"
                " or {0} = %(after_value)s and ledger.row > %(after_row)s)"
            )
        elif self.column.name == self.ledger.sorted_by:
            condition = " and ({0}, ledger.row) > (%(after_value)s, %(after_row)s)"
        else:
            condition = (
                " and ({0} > %(after_value)s or {0} is null"
                " or {0} = %(after_value)s and ledger.row > %(after_row)s)"
            )
        yield sql.SQL(condition).format(compared)

    def key_of(self, row: Mapping[str, Any]) -> Key:
        """The place of a row."""
        value = row[self.column.name]
        return Key(self.name, value[:COMPARED] if isinstance(value, str) else value, row["row"])

    def read(self, text: str) -> Key:
        """A key that a client hands back. Raises `QuestionRefused`, as for one of another order."""
        try:
            order, value, row = orjson.loads(urlsafe_b64decode(text.encode()))
            read = None if value is None else READ[self.column.kind](value)
            key = Key(str(order), read, UUID(row))
        except (ValueError, TypeError, AttributeError):
            raise QuestionRefused(
                f"“{text}” is no place in this ledger; take `next` of the page before.",
                f"“{text}”不是本台账中的位置，请使用上一页的 next。",
            ) from None
        if key.order != self.name:
            raise QuestionRefused(
                "This `after` belongs to another order; begin anew without it.",
                "所给 after 属于另一排序，请去掉后从头查询。",
            )
        return key

    def _compared(self) -> sql.Composable:
        column = sql.Identifier("ledger", self.column.name)
        if self.column.kind == "text":
            return sql.SQL('left({}, {}) collate "C"').format(column, sql.Literal(COMPARED))
        return column


def column_of(ledger: Ledger, name: str) -> Column:
    """A column by its name. Raises `QuestionRefused`."""
    for column in ledger.columns:
        if column.name == name:
            return column
    raise QuestionRefused(
        f"Ledger {ledger.name} has no column “{name}”; it has "
        f"{', '.join(column.name for column in ledger.columns)}.",
        f"台账 {ledger.name} 没有列“{name}”，现有："
        f"{'、'.join(column.name for column in ledger.columns)}。",
    )


def _text(value: str) -> str:
    if "\0" in value:
        raise ValueError("no text of the database")
    value.encode()
    return value


def _instant(value: str) -> datetime:
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("no instant without its offset")
    return instant


def _integer(value: int) -> int:
    # A truth value is an integer to Python, and none to the database.
    if not isinstance(value, int) or isinstance(value, bool) or not LEAST <= value <= MOST:
        raise ValueError("no integer of the database")
    return value


READ: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    "text": _text,
    "date": date.fromisoformat,
    "instant": _instant,
    "integer": _integer,
    "uuid": UUID,
}
"""How the value of a key is read, by the kind of its column."""

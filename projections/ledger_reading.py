"""The work ledgers (工作台账) as of any moment: filtered, in order, page by page, as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg
from psycopg import sql

from application.jurisdiction import Forbidden
from application.records import NotFound
from domain.base import FIRST_DAY, LAST_DAY, SHANGHAI, UNSEEN
from domain.disposal import DisposalProposed
from domain.territory import Territory
from projections.history import recorded_of
from projections.ledger_order import Order, column_of
from projections.ledgers import LEDGERS, Column, Ledger, labels_of
from projections.looked import in_words
from projections.questions import QuestionRefused, no_region
from projections.reach import require_in_reach
from projections.readings import Boundaries, Reading, Readings

FETCHED: Final = 2000  # rows at once; what an export holds in memory
BYTE_ORDER_MARK: Final = "\ufeff"  # without it spreadsheets take UTF-8 for another encoding
RUNS: Final = re.compile(
    rf"(^|[;\t\r\n])([\x00-\x1f\u061c\u180e{UNSEEN}]*)([=+\-@\t\r\n＝＋－＠﹦﹢﹣﹫])"
)
"""Where a spreadsheet runs a cell, full width too, whatever unseen stands before the sign.

In some countries a semicolon ends a cell, and some programs end one with the line.
"""
NOTICE: Final = "模拟数据，不代表真实工作"

PLACE_COLUMNS: Final = (
    Column("row", "记录编号", "uuid"),
    Column("region_name", "地区", "text"),
    Column("centre_name", "单位", "text"),
)
"""What an export shows before a ledger's own columns."""

NAMING: Final = """
select disposal.row as disposal
from (
    select distinct row from reading.ledger_disposals where from_position <= %(position)s
) as disposal
cross join lateral (
    select event.state
    from only log.event
    where event.originator_id = disposal.row and event.originator_version = 1
    limit 1
) as proposal
where exists (
    select from unnest(%(declared)s::text[]) as declared (id)
    where position(convert_to(declared.id, 'UTF8') in proposal.state) > 0
)
"""
"""Disposals in whose proposals ids stand, as candidates or otherwise.

Looked up one by one (`limit`): of the log's other events PostgreSQL would search each for the ids.
"""

PEOPLE: Final = {
    "practitioners": "row",
    "volunteer_service": "practitioner",
    "funds": "practitioner",
    "looks": "reader",
    "accesses": "reader",
}
"""Ledgers of which a row is about somebody of the team, by the column that says about whom."""

LOOKED: Final = ("looks", "accesses")
"""Ledgers of who looked at a record."""

RECORDS: Final = ("cases", "orders")
"""Ledgers of which a row is a record of its own that may come to lie elsewhere."""

FILTERED: Final = ("text", "uuid")
"""The kinds of columns by which rows are filtered."""

CENTRE: Final = Column("centre", "单位编号", "uuid")
"""A column that each row of every ledger has by its place, to filter by."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a ledger are wanted, and in which order.

    By region; by the days of the column that the ledger is sorted by as a rule (both included,
    Asia/Shanghai); by columns, or `centre`, that equal a value, or hold it among several. `sort`
    names another column, from the greatest down with a minus before it.
    """

    region: str | UUID | None = None
    boundaries: Boundaries = "then"
    first: date = FIRST_DAY
    last: date = LAST_DAY
    equals: Mapping[str, str] = field(default_factory=dict)
    sort: str | None = None


ALL: Final = Wanted()


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a ledger in its order; `next` leads to the following page, None after the last."""

    reading: Reading
    ledger: Ledger
    rows: list[dict[str, Any]]
    next: str | None


class Span(NamedTuple):
    """Days on which the rows of a place belong to what was asked for."""

    place: int
    first: date
    last: date


def page(
    readings: Readings,
    reading: Reading,
    name: str,
    wanted: Wanted = ALL,
    *,
    after: str | None = None,
    limit: int = 100,
) -> Page:
    """The wanted rows of a ledger as of a reading, in order. Raises `NotFound`, `QuestionRefused`.

    `after` is the `next` of the page before.
    """
    ledger = find_ledger(name)
    order = Order.of(ledger, wanted.sort)
    key = order.read(after) if after else None
    territory = readings.territory(reading)
    spans = _spans(readings, reading, ledger, wanted)
    statement = sql.SQL(
        "select ledger.row, {columns}, place.centre, place.region {wanted}{beyond}"
        " order by {order} limit %(limit)s"
    ).format(
        columns=sql.SQL(", ").join(
            sql.Identifier("ledger", column.name) for column in ledger.columns
        ),
        wanted=wanted_from(ledger, reading, wanted.equals),
        beyond=sql.Composed([*order.beyond(key)]),
        order=order.clause(),
    )
    with readings.connection() as connection:
        rows = connection.execute(
            statement,
            {
                **wanted_values(readings, spans, reading, wanted.equals),
                "without": without(connection, ledger, reading),
                "limit": limit + 1,
                **({"after_value": key.value, "after_row": key.row} if key else {}),
            },
        ).fetchall()
    readings.require_same_build(reading)
    more = len(rows) > limit
    shown = [named(row, ledger, reading, territory, wanted.boundaries) for row in rows[:limit]]
    return Page(reading, ledger, shown, order.key_of(shown[-1]).text() if more else None)


def count(readings: Readings, reading: Reading, name: str, wanted: Wanted = ALL) -> int:
    """How many rows `page` after `page` has. Raises as it does."""
    ledger = find_ledger(name)
    spans = _spans(readings, reading, ledger, wanted)
    statement = sql.SQL("select count(*) as rows {wanted}").format(
        wanted=wanted_from(ledger, reading, wanted.equals)
    )
    with readings.connection() as connection:
        values = wanted_values(readings, spans, reading, wanted.equals)
        values["without"] = without(connection, ledger, reading)
        found = connection.execute(statement, values).fetchone()
    readings.require_same_build(reading)
    assert found is not None
    return int(found["rows"])


def csv_lines(
    readings: Readings, reading: Reading, name: str, wanted: Wanted = ALL
) -> Iterator[str]:
    """A whole ledger as CSV (RFC 4180) with Chinese headings and labels, fetched page by page.

    The first line of an export of a simulated log says so. Raises as `page` does, before the first
    line.
    """
    columns = (*PLACE_COLUMNS, *find_ledger(name).columns)
    rows = every_row(readings, reading, name, wanted)
    yield BYTE_ORDER_MARK
    if reading.simulated:
        yield line([NOTICE])
    yield line([column.zh for column in columns])
    for row in rows:
        yield line([cell(row[column.name], column) for column in columns])


def every_row(
    readings: Readings, reading: Reading, name: str, wanted: Wanted = ALL
) -> Iterator[dict[str, Any]]:
    """The rows of `page` after `page`, of which few are in memory. Raises as it does, at once."""
    return chain.from_iterable(
        found.rows
        for found in _following(
            readings, page(readings, reading, name, wanted, limit=FETCHED), wanted
        )
    )


def _following(readings: Readings, found: Page, wanted: Wanted) -> Iterator[Page]:
    yield found
    while found.next is not None:
        found = page(
            readings, found.reading, found.ledger.name, wanted, after=found.next, limit=FETCHED
        )
        yield found


def find_ledger(name: str) -> Ledger:
    """The ledger of a name. Raises `NotFound`."""
    if name not in LEDGERS:
        raise NotFound(
            f"There is no ledger “{name}”; there are {', '.join(LEDGERS)}.",
            f"没有台账“{name}”，现有：{'、'.join(LEDGERS)}。",
        )
    return LEDGERS[name]


def _spans(readings: Readings, reading: Reading, ledger: Ledger, wanted: Wanted) -> list[Span]:
    territory = readings.territory(reading)
    region, boundaries, first, last = wanted.region, wanted.boundaries, wanted.first, wanted.last
    return spans_of(readings, reading, ledger, territory, region, boundaries, first, last)


def spans_of(
    readings: Readings,
    reading: Reading,
    ledger: Ledger,
    territory: Territory,
    region: str | UUID | None,
    boundaries: Boundaries,
    first: date,
    last: date,
) -> list[Span]:
    """From when to when the rows of each place lie in a region.

    Raises `QuestionRefused`, and `Forbidden` for a region of which nothing is in sight.
    """
    if last < first:
        raise QuestionRefused(
            f"The period ends on {last}, before it starts on {first}; swap them.",
            f"起始日期 {first} 晚于截止日期 {last}，请对调。",
        )
    places = readings.places(reading)
    if region is None:
        return [Span(place, first, last) for place, _, _ in places]
    fixed = fixed_day(ledger, boundaries, reading)
    found = territory.with_code(region, fixed or last) if isinstance(region, str) else region
    if found is None or found not in territory.regions:
        raise no_region(region)
    turns = [] if fixed else [on for on in territory.changes if first < on <= last]
    starts = [first, *turns]
    ends = [*(on - timedelta(days=1) for on in turns), last]
    spans = []
    for place, centre, of in places:
        for start, end in zip(starts, ends, strict=True):
            on = fixed or start
            lies_in = territory.of_place(centre, of, on)
            if lies_in is not None and found in territory.path_at(lies_in, on):
                spans.append(Span(place, start, end))
    if not spans:
        require_in_reach(territory, reading.sight, found, [fixed or reading.today])
    return spans


def fixed_day(ledger: Ledger, boundaries: Boundaries, reading: Reading) -> date | None:
    """The day whose boundaries count for every row; None: those of each row's own day."""
    if isinstance(boundaries, date):
        return boundaries
    return reading.today if ledger.directory or boundaries == "now" else None


def day_of(ledger: Ledger) -> sql.Composable:
    """The business date by which a ledger is sorted."""
    column = sql.Identifier("ledger", ledger.sorted_by)
    if column_of(ledger, ledger.sorted_by).kind == "instant":
        return sql.SQL("({} at time zone 'Asia/Shanghai')::date").format(column)
    return column


def wanted_from(ledger: Ledger, reading: Reading, equals: Mapping[str, str]) -> sql.Composable:
    """The rows that were asked for, as what stands behind a `select`."""
    return sql.SQL(
        "from {rows} as ledger"
        " join unnest(%(places)s::integer[], %(firsts)s::date[], %(lasts)s::date[])"
        " as span (place, first, last) on span.place = ledger.place"
        " and {day} between span.first and span.last"
        " join reading.place on place.place = ledger.place"
        " where ledger.from_position <= %(position)s and ledger.to_position > %(position)s"
        "{equal}{hands}{still}{without}"
    ).format(
        rows=sql.Identifier("reading", f"ledger_{ledger.name}"),
        day=day_of(ledger),
        equal=sql.Composed([*equal(ledger, equals)]),
        hands=in_hands(ledger, reading),
        still=still_in_sight(ledger, reading),
        without=left_out(ledger, reading),
    )


def wanted_values(
    readings: Readings, spans: Sequence[Span], reading: Reading, equals: Mapping[str, str]
) -> dict[str, Any]:
    """The parameters of `wanted_from`."""
    sight = reading.sight
    seen = [] if sight.everything else readings.places(reading)
    return {
        "seen": [p for p, _, _ in seen],
        "near": [p for p, centre, region in seen if sight.hands and sight.near(centre, region)],
        "places": [span.place for span in spans],
        "firsts": [span.first for span in spans],
        "lasts": [span.last for span in spans],
        "position": reading.position,
        "hands": list(sight.hands or ()),
        "apart": sight.apart,
        "without": list(sight.without),
        **{f"equal_{column}": wanted for column, wanted in equals.items()},
    }


def equal(ledger: Ledger, equals: Mapping[str, str]) -> Iterator[sql.Composable]:
    """Conditions on columns. Raises `QuestionRefused`."""
    for name, wanted in equals.items():
        column = CENTRE if name == CENTRE.name else column_of(ledger, name)
        if column.kind not in FILTERED:
            taken = [one.name for one in (CENTRE, *ledger.columns) if one.kind in FILTERED]
            raise QuestionRefused(
                f"Rows are not filtered by {name}; filter by {', '.join(taken)}.",
                f"不能按列 {name} 筛选，可按：{'、'.join(taken)}。",
            )
        if column.kind == "uuid" or column.several == "ids":
            require_ids(name, wanted)
        require_value(column, wanted)
        yield sql.SQL(
            " and string_to_array({}, ',') @> string_to_array({}, ',')"
            if column.several
            else " and {} = {}::uuid"
            if column.kind == "uuid"
            else " and {} = {}::text"
        ).format(
            sql.Identifier("place" if column is CENTRE else "ledger", name),
            sql.Placeholder(f"equal_{name}"),
        )


def in_hands(ledger: Ledger, reading: Reading) -> sql.Composable:
    """The condition that a row is of a case that whoever asks takes care of now, if that is asked.

    A look is of the case that was looked at. What somebody received as registrar is not in his
    hands in a counselling post. Raises `Forbidden` for a ledger that is not of cases.
    """
    if reading.sight.hands is None:
        return sql.SQL("")
    case = case_of(ledger)
    if case is None:
        raise Forbidden(
            f"The ledger {ledger.name} is not one of cases; you see those of your cases only.",
            f"{ledger.zh}不是个案台账，您只能查看本人承办的个案。",
        )
    return sql.SQL(
        " and exists (select from reading.ledger_cases as mine where mine.row = {case}"
        " and mine.to_position = 9223372036854775807 and mine.place = any(%(near)s)"
        " and (mine.receiver = any(%(hands)s::uuid[])"
        " and not (%(apart)s and mine.received_as is not distinct from 'registrar')"
        " or string_to_array(mine.counsellors, ',')::uuid[] && %(hands)s::uuid[]))"
    ).format(case=case)


def case_of(ledger: Ledger) -> sql.Identifier | None:
    """The column that holds the case that a row is of, if there is one."""
    if ledger.name == "cases":
        return sql.Identifier("ledger", "row")
    for column in ("case_id", "record"):
        if column in ledger.positions:
            return sql.Identifier("ledger", column)
    return None


def person_of(ledger: Ledger) -> sql.Identifier | None:
    """The column that holds whom a row is about, if it is about somebody of the team."""
    column = PEOPLE.get(ledger.name)
    return None if column is None else sql.Identifier("ledger", column)


def about_of(ledger: Ledger) -> str | None:
    """The column that holds the case, the order or the member of the team that a row is about.

    Who looked at a record is not read at the record: it would warn whom an auditor looks into.
    """
    if ledger.name in LOOKED:
        return None
    if ledger.name in RECORDS:
        return "row"
    return "case_id" if "case_id" in ledger.positions else PEOPLE.get(ledger.name)


def sole_record(ledger: Ledger, rows: Iterable[Mapping[str, Any]]) -> UUID | None:
    """The case, order or member of the team that all rows are about; None of none and several."""
    column = about_of(ledger)
    return None if column is None else only(row[column] for row in rows)


def only(records: Iterable[UUID | None]) -> UUID | None:
    """The record that all are; None of none and of several."""
    found = set(records)
    return found.pop() if len(found) == 1 else None


def sole_exported(
    readings: Readings, reading: Reading, name: str, wanted: Wanted, rows: int
) -> UUID | None:
    """The same of an export of so many rows: one record has no more than a page."""
    if rows > FETCHED:
        return None
    found = page(readings, reading, name, wanted, limit=FETCHED)
    return sole_record(found.ledger, found.rows)


def left_out(ledger: Ledger, reading: Reading) -> sql.Composable:
    """The condition that a row is of nothing and nobody with which who asks declared a conflict.

    Nor is it such a thing itself: an order, an assessment, a session.
    """
    if not reading.sight.without:
        return sql.SQL("")
    columns = (sql.Identifier("ledger", "row"), case_of(ledger), person_of(ledger))
    condition = sql.SQL(" and ({} = any(%(without)s::uuid[])) is not true")
    return sql.Composed([condition.format(column) for column in columns if column is not None])


def without(connection: psycopg.Connection[Any], ledger: Ledger, reading: Reading) -> list[UUID]:
    """What is left out of a ledger: what who asks declared a conflict with, and what names that.

    A row of a disposal says how many records are proposed and not which; the disposal itself opens
    to nobody who declared a conflict with one of them.
    """
    declared = reading.sight.without
    if not declared or ledger.name != "disposals":
        return list(declared)
    asked = {"position": reading.position, "declared": list(map(str, declared))}
    found = [row["disposal"] for row in connection.execute(NAMING, asked)]
    return [*declared, *(one for one in found if names_one(connection, one, reading, declared))]


def names_one(
    connection: psycopg.Connection[Any], disposal: UUID, reading: Reading, of: Collection[UUID]
) -> bool:
    """Whether a disposal is proposed of one of some records."""
    recorded = recorded_of(connection, disposal, reading.position, 0, 1)  # it begins with that
    proposals = (one.event.proposal for one in recorded if isinstance(one.event, DisposalProposed))
    return any(candidate.record in of for one in proposals for candidate in one.candidates)


def still_in_sight(ledger: Ledger, reading: Reading) -> sql.Composable:
    """The condition that a case or an order lies in sight now, where a past moment is read.

    Access goes by where a record lies now: a case that was handed on, or an order that was put
    right to be another office's, is no longer looked at by way of the past. Other rows are work
    that was done where it counts, and stay there.
    """
    if reading.sight.everything or ledger.name not in RECORDS:
        return sql.SQL("")
    return sql.SQL(
        " and exists (select from {rows} as lies where lies.row = ledger.row"
        " and lies.to_position = 9223372036854775807 and lies.place = any(%(seen)s))"
    ).format(rows=sql.Identifier("reading", f"ledger_{ledger.name}"))


def require_value(column: Column, wanted: str) -> None:
    """Refuse a value that no row can have, which would answer with nothing for a slip."""
    known = labels_of(column.values)
    if known and not known.keys() >= set(wanted.split(",")):
        raise QuestionRefused(
            f"Column {column.name} holds no “{wanted}”; it holds {', '.join(known)}.",
            f"列 {column.name} 没有“{wanted}”，可选："
            f"{'、'.join(f'{value}（{label}）' for value, label in known.items())}。",
        )


def require_ids(name: str, wanted: str) -> None:
    """Refuse a value that is no id, or no ids with commas between."""
    try:
        for one in wanted.split(","):
            UUID(one)
    except ValueError:
        raise QuestionRefused(
            f"Column {name} holds ids; “{wanted}” is none, copy one from the ledger.",
            f"列 {name} 是编号，“{wanted}”不是编号，请从台账中复制。",
        ) from None


def named(
    row: dict[str, Any],
    ledger: Ledger,
    reading: Reading,
    territory: Territory,
    boundaries: Boundaries,
) -> dict[str, Any]:
    """A row with the names of its region and centre on its day, and of what a look was at."""
    value = row[ledger.sorted_by]
    own = value.astimezone(SHANGHAI).date() if isinstance(value, datetime) else value
    on = fixed_day(ledger, boundaries, reading) or own
    lies_in = territory.of_place(row["centre"], row["region"], on) or row["region"]
    centre = territory.name_at(row["centre"], on) if row["centre"] else None
    looked = {
        f"{column.name}_name": row[column.name] and in_words(row[column.name])
        for column in ledger.columns
        if column.looked
    }
    return {**row, "region_name": territory.name_at(lies_in, on), "centre_name": centre, **looked}


def readable(value: Any, column: Column) -> str:
    """A value as people read it: labels for stored texts, Asia/Shanghai for instants."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, str):
        return in_words(value) if column.looked else column.label(value)
    return str(value)


def cell(value: Any, column: Column) -> str:
    """A cell of an export, in which nothing runs."""
    text = readable(value, column)
    return RUNS.sub(r"\1'\2\3", text) if column.kind == "text" else text


def line(cells: Sequence[str]) -> str:
    """One line of CSV."""
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()

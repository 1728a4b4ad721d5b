"""Commands that ask the read models: figures, differences, ledgers, histories."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from shutil import copyfileobj
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table as Sheet

from api.asking import asking
from api.routes.ledgers import kind_of, listing, taking
from api.terminal import (
    AsOfText,
    Json,
    asked,
    codes,
    day,
    err,
    heading,
    local,
    only_first,
    out,
    print_rows,
    require_file,
    sheet,
    show,
    so_many,
)
from application.acquaintance import Acquaintances
from application.settings import Settings
from application.vault import open_vault
from domain.base import FIRST_DAY, LAST_DAY
from domain.looked import Looked
from domain.values import RecordKind, UnusualLook
from projections.differences import Change, Moved, difference
from projections.findings import overlaps
from projections.indicators import INDICATORS, NUMBERED, numbers_of
from projections.ledger_reading import only
from projections.questions import By, Columns, Period, QuestionRefused, no_region
from projections.readings import boundaries_from
from projections.statistics import Statistics
from projections.unusual import unusual_looks

readings = typer.Typer()

BoundariesText = Annotated[
    str, typer.Option("--boundaries", help="Whose regions count: then, now, or those of a date.")
]
RegionCode = Annotated[str, typer.Option("--region", help="Official code of the region.")]
First = Annotated[str, typer.Option("--from", help="First date of the period.")]
Last = Annotated[str, typer.Option("--to", help="Last date of the period.")]
Indicators = Annotated[
    str, typer.Option("--indicators", help="Codes of the dictionary, separated by commas.")
]

Limit = Annotated[int, typer.Option(min=1, max=1_000_000, help="At most so many rows.")]

MAIN_FIGURES = "applications,couples_counselled,deferred,counselling_rate,deferral_rate"


@readings.command()
def statistics(
    region: RegionCode = "370000",
    first: First = "2019-01-01",
    last: Last = "2019-12-31",
    as_of: AsOfText = None,
    boundaries: BoundariesText = "then",
    by: Annotated[By, typer.Option(help="What the rows are.")] = By.TOTAL,
    columns: Annotated[Columns, typer.Option(help="How the period is cut.")] = Columns.TOTAL,
    indicators: Indicators = MAIN_FIGURES,
    as_json: Json = False,
) -> None:
    """Figures of a region and period, as known at any past moment."""
    with asking() as ask:
        table = Statistics(ask.readings).table(
            ask.reading(as_of, "read_statistics"),
            codes(indicators),
            region,
            Period(day(first), day(last)),
            by=by,
            columns=columns,
            boundaries=boundaries_from(boundaries),
        )
    if not show(table, as_json):
        out.print(sheet(table, f"{region} {first} – {last}"))
        for note in table.notes:
            out.print(note)


@readings.command()
def diff(
    from_as_of: Annotated[str, typer.Option("--from-as-of", help="The earlier moment.")],
    to_as_of: Annotated[str | None, typer.Option("--to-as-of", help="The later one.")] = None,
    region: RegionCode = "370000",
    first: First = "2019-01-01",
    last: Last = "2019-12-31",
    boundaries: BoundariesText = "then",
    indicators: Indicators = "deferred",
    limit: Limit = 1000,
    as_json: Json = False,
) -> None:
    """By what two readings differ: which entry or boundary change, who, when, why."""
    with asking() as ask:
        earlier, later = (ask.reading(at, "read_difference") for at in (from_as_of, to_as_of))
        found = difference(
            Statistics(ask.readings),
            earlier,
            later,
            codes(indicators),
            region,
            Period(day(first), day(last)),
            boundaries=boundaries_from(boundaries),
            limit=limit,
        )
        ask.looks.list(
            RecordKind.CASE,
            Looked.DIFFERENCE,
            len(found.changes),
            only(one.aggregate for one in found.changes),
            f"{indicators} {region} {first}/{last}",
        )
    answer = {"earlier": earlier, "later": later, "changes": found.changes, "moves": found.moves}
    if show({**answer, "next": found.next}, as_json):
        return
    printed = Sheet(title=f"{region} {first} – {last}", caption=heading(later))
    for title in ("position", "recorded", "indicator", "change", "occurred", "event", "by", "why"):
        printed.add_column(title, overflow="fold")
    told: list[tuple[Change | Moved, str]] = [
        *((change, str(change.occurred_on)) for change in found.changes),
        *((move, f"{move.first} – {move.last}, moved {move.things}") for move in found.moves),
    ]
    for one, occurred in told:
        printed.add_row(
            str(one.position),
            local(one.recorded_at),
            one.indicator,
            f"{one.quantity:+}",
            occurred,
            one.topic or "",
            f"{one.role or ''} {(one.actor or '')[:8]}",
            "masked" if isinstance(one, Change) and one.masked else one.reason or "",
        )
    print_rows(printed, later, "Nothing differs between the two readings.")
    if found.next is not None:
        out.print(f"{only_first(limit, 'entry or so', 'entries or so')}.")
        return
    for code in codes(indicators):
        counted = {NUMBERED[number].code for number in numbers_of(code)}
        total = sum(one.quantity for one, _ in told if one.indicator in counted)
        out.print(f"{code}: {total:+,}")
    moves = so_many(len(found.moves), "move", "moves")
    moved = f" and {moves} by boundary changes" if found.moves else ""
    out.print(f"{so_many(len(found.changes), 'entry', 'entries')}{moved}.")


@readings.command()
def ledger(
    name: Annotated[str, typer.Argument(help="cases, sessions, centres, practitioners, …")],
    as_of: AsOfText = None,
    region: Annotated[str | None, typer.Option(help="Official code of a region.")] = None,
    equals: Annotated[
        list[str] | None,
        typer.Option(help="column:value, such as status:open or centre:<id>; may be repeated."),
    ] = None,
    sort: Annotated[
        str | None, typer.Option(help="A column; with a minus, from the greatest down.")
    ] = None,
    csv: Annotated[
        bool, typer.Option("--csv", help="Stream the whole ledger as CSV, whatever --limit.")
    ] = False,
    excel: Annotated[
        Path | None,
        typer.Option(help="Write the whole ledger to this new Excel file, whatever --limit."),
    ] = None,
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """A work ledger (工作台账) as it stood at any past moment."""
    from projections.ledger_reading import (
        PLACE_COLUMNS,
        Wanted,
        count,
        csv_lines,
        page,
        readable,
        sole_exported,
        sole_record,
    )
    from projections.workbook import workbook

    by = dict(map(column_and_value, equals or ()))
    if len(by) < len(equals or ()):
        raise QuestionRefused("A column is filtered by one value; give it once.")
    if csv + as_json + (excel is not None) > 1:
        raise QuestionRefused("A ledger is told as CSV, as Excel or as JSON; choose one.")
    if excel is not None and excel.exists():
        raise QuestionRefused(f"There is already {excel}; choose another name.")
    if excel is not None:
        require_file(excel, "--excel")
    wanted = Wanted(region, equals=by, sort=sort)
    with asking() as ask:
        kind, which = kind_of(name), named(name, region, wanted.equals)
        if csv:
            reading = ask.reading(as_of, "download_ledger", taking(name))
            lines = csv_lines(ask.readings, reading, name, wanted)
            begun = chain([next(lines)], lines)  # a refusal leaves no trace
            rows = count(ask.readings, reading, name, wanted)
            sole = sole_exported(ask.readings, reading, name, wanted, rows)
            ask.looks.export(kind, Looked.LEDGER, rows, sole, which)
            for line in begun:
                sys.stdout.write(line)
            err.print(heading(reading))
            return
        if excel is not None:
            reading = ask.reading(as_of, "download_workbook", taking(name))
            made = workbook(ask.readings, reading, name, wanted)
            with made.file as book:
                sole = sole_exported(ask.readings, reading, name, wanted, made.rows)
                ask.looks.export(kind, Looked.LEDGER, made.rows, sole, which)
                excel.parent.mkdir(parents=True, exist_ok=True)
                with excel.open("xb") as file:
                    copyfileobj(book, file)
            err.print(heading(reading))
            return
        reading = ask.reading(as_of, "read_ledger", listing(name))
        found = page(ask.readings, reading, name, wanted, limit=limit)
        sole = sole_record(found.ledger, found.rows)
        ask.looks.list(kind, Looked.LEDGER, len(found.rows), sole, which)
    if show({"reading": reading, "rows": found.rows, "next": found.next}, as_json):
        return
    printed = Sheet(title=found.ledger.zh, caption=heading(reading), show_lines=True)
    printed.add_column("id", no_wrap=True)
    printed.add_column("记录")  # a terminal shows the columns that say something
    columns = (*found.ledger.columns, *PLACE_COLUMNS[1:])
    for row in found.rows:
        cells = ((c.zh, readable(row[c.name], c)) for c in columns)
        said = (f"{zh} {text}" for zh, text in cells if text)
        printed.add_row(str(row["row"]), "，".join(said))
    asked_for = " that was asked for" if wanted.region or wanted.equals else ""
    print_rows(printed, reading, f"The ledger {name} has no row{asked_for}.")
    if found.next is not None:
        out.print(f"{only_first(limit)}, for all with --csv or --excel.")


def named(ledger: str, region: str | None, equals: Iterable[str]) -> str:
    """Which of it was looked at, without what stands in it."""
    by = ", ".join(sorted(equals))
    return f"{ledger}{f' of {region}' if region else ''}{f' by {by}' if by else ''}"


def column_and_value(text: str) -> tuple[str, str]:
    """A filter that a person wrote. Raises `QuestionRefused`."""
    column, colon, value = text.partition(":")
    if not colon:
        raise QuestionRefused(f"“{text}” is no filter; write column:value, such as status:open.")
    return column, value


@readings.command("overlaps")
def list_overlaps(
    region: Annotated[str | None, typer.Option(help="Official code of a region.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="First date.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last date.")] = None,
    as_of: AsOfText = None,
    boundaries: BoundariesText = "then",
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """Sessions of one practitioner that overlap: to be looked into, as no case can see them."""
    with asking() as ask:
        found = overlaps(
            ask.readings,
            ask.reading(as_of, "read_overlaps"),
            region=region,
            boundaries=boundaries_from(boundaries),
            first=day(first) if first else FIRST_DAY,
            last=day(last) if last else LAST_DAY,
            limit=limit,
        )
        cases = (each.case for one in found.found for each in (one.earlier, one.later))
        sole = only(filter(None, cases))
        ask.looks.list(RecordKind.CASE, Looked.OVERLAPS, len(found.found), sole)
    if show(found, as_json):
        return
    printed = Sheet(title="Overlapping sessions 时间重叠", caption=heading(found.reading))
    for title in ("practitioner", "earlier", "later", "minutes", "cases", "where"):
        printed.add_column(title, overflow="fold")
    for one in found.found:
        both = (one.earlier, one.later)
        printed.add_row(
            str(one.practitioner),
            *(f"{local(each.started_at)}, {each.minutes} min" for each in both),
            str(one.minutes),
            "\n".join(str(each.case) for each in both),
            "\n".join(each.centre_name or each.region_name for each in both),
        )
    print_rows(printed, found.reading, "No sessions of one practitioner overlap.")
    if found.next is not None:
        out.print(f"{only_first(limit)}.")


@readings.command()
def deadlines(
    as_of: AsOfText = None,
    region: Annotated[str | None, typer.Option(help="Official code of a region.")] = None,
    boundaries: BoundariesText = "then",
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """Open applications whose printed deadlines a later holiday notice moved (期限待更正)."""
    from projections.deadlines import moved_deadlines

    with asking() as ask:
        reading = ask.reading(as_of, "read_moved_deadlines")
        found = moved_deadlines(ask.readings, reading, region, boundaries_from(boundaries))
        sole = only(one.case for one in found[:limit])
        ask.looks.list(RecordKind.CASE, Looked.DEADLINES, min(limit, len(found)), sole)
    answer = {"reading": reading, "total": len(found), "deadlines": found[:limit]}
    if show(answer, as_json):
        return
    printed = Sheet(title="Deadlines to compute again 期限待更正", caption=heading(reading))
    titles = ("case 个案", "receipt", "accepted", "cooling-off 冷静期", "window 领证期", "where")
    for title in titles:
        printed.add_column(title, overflow="fold")
    for one in found[:limit]:
        ends = (
            f"{before} → {after}" if before != after else str(before)
            for before, after in (
                (one.recorded.cooling_off_effective, one.now.cooling_off_effective),
                (one.recorded.window_effective, one.now.window_effective),
            )
        )
        where = " ".join(filter(None, (one.region_name, one.centre_name)))
        printed.add_row(str(one.case), one.receipt or "", str(one.accepted_on), *ends, where)
    print_rows(printed, reading, "No deadline of an open application has moved.")
    if found:
        out.print(
            f"{so_many(len(found), 'open application', 'open applications')}; correct each, and "
            "its deadlines are computed anew."
        )
    if len(found) > limit:
        out.print(f"{only_first(limit)}.")


@readings.command("indicators")
def list_indicators(as_json: Json = False) -> None:
    """The dictionary of figures: code, name, unit, what is counted."""
    if show(list(INDICATORS.values()), as_json):
        return
    printed = Sheet(title="Indicators 指标", show_lines=True)
    printed.add_column("code", no_wrap=True)
    for title in ("指标", "unit", "kind", "口径"):
        printed.add_column(title, overflow="fold")
    for one in INDICATORS.values():
        printed.add_row(one.code, one.zh, one.unit.label, one.kind.value, one.cohort)
    out.print(printed)


@readings.command("regions")
def list_regions(
    region: Annotated[str | None, typer.Option(help="Official code of the region.")] = None,
    as_of: AsOfText = None,
    on: Annotated[str | None, typer.Option(help="By the boundaries of a date; else now's.")] = None,
    as_json: Json = False,
) -> None:
    """The regions that existed on a date, with the codes by which figures are asked for."""
    with asking() as ask:
        reading = ask.reading(as_of, "read_regions")
        territory = ask.readings.territory(reading)
    when = day(on) if on else reading.today
    above = territory.with_code(region, when) if region else None
    if region and above is None:
        raise no_region(region)
    found = [
        (node.code or "", territory.name_at(node.id, when), node.level, node.id)
        for node in territory.regions.values()
        if node.since <= when
        and territory.region_at(node.id, when) == node.id
        and (above is None or above in territory.path_at(node.id, when))
    ]
    found.sort()
    titles = ("code", "name", "level", "id")
    regions = [dict(zip(titles, one, strict=True)) for one in found]
    if show({"reading": reading, "on": when, "regions": regions}, as_json):
        return
    printed = Sheet(title=f"Regions 行政区 {when}", caption=heading(reading))
    for title in titles:
        printed.add_column(title, overflow="fold")
    for one in found:
        printed.add_row(*map(str, one))
    out.print(printed)


@readings.command()
def history(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Id of a case, centre, person, …")],
    as_of: AsOfText = None,
    as_json: Json = False,
) -> None:
    """The timeline of a case or any aggregate: what, when, recorded when, by whom, why."""
    try:
        aggregate = UUID(id_)
    except ValueError:
        raise QuestionRefused(f"“{id_}” is no id; copy it from a ledger or a list.") from None
    with asking() as ask:
        reading = asked(ask.readings, as_of)
        moments = ask.history(reading, aggregate)
    if show({"reading": reading, "timeline": moments}, as_json):
        return
    printed = Sheet(title=id_, caption=heading(reading))
    for title in ("position", "what", "occurred", "recorded", "late", "by", "why"):
        printed.add_column(title, overflow="fold")
    for moment in moments:
        printed.add_row(
            str(moment.position),
            moment.title,
            local(moment.occurred),
            local(moment.recorded_at),
            f"{moment.late_days} d" if moment.late_days > 0 else "",
            f"{moment.role} {str(moment.actor)[:8]}",
            moment.reason or "",
        )
    out.print(printed)


@readings.command("unusual-looks")
def list_unusual_looks(
    region: Annotated[str | None, typer.Option(help="Official code of a region.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="First date.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last date.")] = None,
    reason: Annotated[UnusualLook | None, typer.Option(help="Only those of one reason.")] = None,
    as_of: AsOfText = None,
    boundaries: BoundariesText = "then",
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """Looks that somebody should ask about: many, at night, without assignment, at who is near."""
    with asking() as ask, open_vault(ask.database, Settings()) as vault:
        near, bearer = Acquaintances(ask.records, vault), ask.bearer
        found = unusual_looks(
            ask.readings,
            ask.reading(as_of, "read_unusual_looks"),
            near.all if bearer is None else lambda: near.shown_to(bearer),
            region=region,
            boundaries=boundaries_from(boundaries),
            first=day(first) if first else FIRST_DAY,
            last=day(last) if last else LAST_DAY,
            reason=reason,
            limit=limit,
        )
        ask.looks.list(RecordKind.ACCESS, Looked.UNUSUAL, len(found.found))
    if show(found, as_json):
        return
    printed = Sheet(title="Unusual looks 异常查阅", caption=heading(found.reading))
    for title in ("why", "reader", "from", "to", "looks", "records", "record"):
        printed.add_column(title, overflow="fold")
    for one in found.found:
        printed.add_row(
            one.label,
            str(one.reader),
            local(one.first_at),
            local(one.last_at),
            str(one.looks),
            str(one.records),
            str(one.record or ""),
        )
    print_rows(printed, found.reading, "No look is unusual.")
    if found.next is not None:
        out.print(f"{only_first(limit)}.")

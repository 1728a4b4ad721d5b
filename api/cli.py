"""The command line `huhang`: what operators, statisticians and auditors do without a browser."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from fractions import Fraction
from typing import Annotated, Any, NoReturn
from uuid import UUID, uuid4

import psycopg
import typer
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import ValidationError
from pydantic_core import to_jsonable_python
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as Sheet
from typer.exceptions import TyperException

from application import verification
from application.beginning import open_records
from application.database import Database, DatabaseUnavailable, nameless, open_database
from application.eventlog import AsOfRefused, RequestReused
from application.keys import known_author
from application.records import NotFound
from application.settings import DangerousSetting, Settings
from application.simulation_plan import SimulationRefused
from domain.base import SHANGHAI, Occurred, Refused
from domain.values import Role
from projections.comparison import ComparisonFailed
from projections.differences import Change, Moved, difference
from projections.indicators import UnknownIndicator
from projections.projector import Halted, Lagging, Projector
from projections.readings import Reading, Readings, boundaries_from, moment_from
from projections.statistics import (
    By,
    Columns,
    Figure,
    Period,
    QuestionRefused,
    Statistics,
    Table,
)

WRONG_ARGUMENT = 2
FAILED = 1

WRONG = (
    AsOfRefused,
    QuestionRefused,
    UnknownIndicator,
    NotFound,
    Refused,
    RequestReused,
    SimulationRefused,
)
BROKEN = (DatabaseUnavailable, DangerousSetting, ComparisonFailed, Halted, Lagging, psycopg.Error)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Huhang (护航): the records of a marriage-and-family counselling network.",
)
out = Console()
err = Console(stderr=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
AsOfText = Annotated[
    str | None,
    typer.Option("--as-of", help="A position, a date (its end) or an instant; default: now."),
]
BoundariesText = Annotated[
    str, typer.Option("--boundaries", help="Whose regions count: then, now, or those of a date.")
]
RegionCode = Annotated[str, typer.Option("--region", help="Official code of the region.")]
First = Annotated[str, typer.Option("--from", help="First date of the period.")]
Last = Annotated[str, typer.Option("--to", help="Last date of the period.")]
Indicators = Annotated[
    str, typer.Option("--indicators", help="Codes of the dictionary, separated by commas.")
]

MAIN_FIGURES = "applications,couples_counselled,deferred,counselling_rate,deferral_rate"


def main() -> None:
    """Run a command; a wrong argument gets one clear line and exit 2, a failure exit 1."""
    try:
        code = app(standalone_mode=False)
    except TyperException as error:
        fail(" ".join(str(error.format_message()).split()), WRONG_ARGUMENT)
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        told = error.errors()[0]
        name = f"HUHANG_{str(told['loc'][0]).upper()}"
        fail(f"{name} cannot be “{told['input']}”: {told['msg']}. Set it right.", WRONG_ARGUMENT)
    except WRONG as error:
        fail(sentence(error), WRONG_ARGUMENT)
    except BROKEN as error:
        fail(sentence(error), FAILED)
    except (KeyboardInterrupt, typer.Abort):
        fail("Stopped.", FAILED)
    sys.exit(code or 0)


def fail(message: str, code: int) -> NoReturn:
    """Say one line on standard error and end."""
    err.print(message, style="red", highlight=False, soft_wrap=True)
    sys.exit(code)


def sentence(error: BaseException) -> str:
    """What an error says to people, in one line."""
    if isinstance(error, Refused):
        from domain.wording import REFUSALS

        return REFUSALS[error.code].en.format(**error.context)
    return " ".join(str(error).split())


@contextmanager
def questions() -> Iterator[tuple[Database, Readings]]:
    """The database with its read models caught up, ready for questions."""
    with open_database(Settings()) as database:
        Projector(database).catch_up()
        readings = Readings(database)
        try:
            yield database, readings
        finally:
            readings.close()


def asked(readings: Readings, as_of: str | None) -> Reading:
    """The reading a person asked for."""
    return readings.at(moment_from(as_of) if as_of else None)


def day(text: str) -> date:
    """A date a person wrote."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise QuestionRefused(f"“{text}” is no date; write it like 2019-12-31.") from None


@contextmanager
def bar(title: str) -> Iterator[Any]:
    """A progress bar as a callable that is told how many of how many parts are done."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,  # an answer in JSON stays one
        disable=not err.is_terminal,
    ) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)


def show(answer: object, as_json: bool) -> bool:
    """Print an answer as JSON if that was asked for."""
    if as_json:
        sys.stdout.write(json.dumps(to_jsonable_python(answer), ensure_ascii=False) + "\n")
    return as_json


def heading(reading: Reading) -> str:
    """As of when, and the warning that every page of a simulated log carries."""
    moment = f"as of position {reading.position}, recorded {local(reading.recorded_at)} (UTC+8)"
    lag = f", {reading.lag} events behind" if reading.lag else ""
    simulated = "  SIMULATED – no real work (模拟数据)" if reading.simulated else ""
    return f"{moment}{lag}{simulated}"


def local(occurred: Occurred) -> str:
    """A business time or instant as people in Asia/Shanghai write it."""
    if isinstance(occurred, datetime):
        return f"{occurred.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return str(occurred)


def cell(figure: Figure) -> str:
    """A figure as people read it."""
    if figure.suppressed:
        return "*"
    if figure.value is None:
        return "–"
    if figure.denominator is not None:
        return f"{figure.value:.2%} ({figure.numerator}/{figure.denominator})"
    return f"{figure.value:,}"


def sheet(table: Table, title: str) -> Sheet:
    """A table of figures for the terminal: one line a region and indicator."""
    printed = Sheet(title=title, caption=heading(table.reading))
    printed.add_column("region 地区")
    printed.add_column("indicator 指标")
    for column in table.columns:
        printed.add_column(column.label, justify="right")
    for line in table.lines:
        for indicator in table.indicators:
            figures = line.figures[indicator.code]
            printed.add_row(line.name, f"{indicator.zh} {indicator.code}", *map(cell, figures))
    return printed


def fraction(text: str) -> Fraction:
    """A scale a person wrote. Raises `QuestionRefused`."""
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise QuestionRefused(f"“{text}” is no scale; write 1, 0.1 or 1/100.") from None


@app.command()
def demo(
    scale: Annotated[str, typer.Option(help="Of the year, where the log is empty.")] = "1/100",
) -> None:
    """Simulate a year, rebuild its published figures, read it as of moments."""
    from api.demo import NotEqual, run

    try:
        run(out, fraction(scale))
    except NotEqual as error:
        fail(str(error), FAILED)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
) -> None:
    """Serve the HTTP API and its OpenAPI page."""
    import uvicorn

    from api.app import create_app

    settings = Settings()
    with open_database(settings) as database:
        open_records(database, settings).close()  # what is refused is said here, in one line
        out.print(f"http://{host}:{port}/docs – the API; make a token with: huhang token")
        uvicorn.run(
            create_app(database, settings),
            host=host,
            port=port,
            log_level="warning",
            server_header=False,  # which server serves it is nobody's business
        )


@app.command()
def simulate(
    scale: Annotated[str, typer.Option(help="1 is the province's year; 1/100 or 0.01 a sample.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same year.")] = 2019,
    workers: Annotated[int, typer.Option(help="Processes.")] = 2,
    as_json: Json = False,
) -> None:
    """Fill an empty log with a simulated year; on a server by URL, as HUHANG_OWNER_URL."""
    from application.simulation import simulate as run

    try:
        fraction = Fraction(scale)
    except (ValueError, ZeroDivisionError):
        raise QuestionRefused(f"“{scale}” is no scale; write 1, 0.1 or 1/100.") from None
    settings = Settings()
    with open_database(settings) as database:
        with bar("simulating") as progress:
            simulated = run(database, settings, fraction, seed, workers, progress)
        with bar("projecting") as progress:
            Projector(database).rebuild(workers, progress)
    if not show({"events": simulated.events}, as_json):
        out.print(f"{simulated.events:,} events of a simulated year are in the log.")


@app.command()
def verify(as_json: Json = False) -> None:
    """Check every row of the log, its leaf and its author; exit 1 when anything is wrong."""
    with (
        open_database(Settings()) as database,
        psycopg.connect(database.reader, autocommit=True) as connection,
        bar("verifying") as progress,
    ):
        known = known_author(Settings())
        found = verification.verify(connection, progress, known)
        authors = verification.log_of(connection).authors
    answer = {
        "sound": found.sound,
        "authors": authors,
        "compared_with_own_key": known is not None,
        "size": found.size,
        "root": found.root.hex(),
        "checks": found.outcomes(),
    }
    if not show(answer, as_json):
        for check, outcome in found.outcomes().items():
            out.print(f"{check}: {outcome}", highlight=False)
        out.print(
            f"{found.size:,} events, tree root\n{found.root.hex()}", highlight=False, soft_wrap=True
        )
        if known is None:
            keys = ", ".join(f"{name} {key}" for name, key in authors.items())
            out.print(
                f"The authors' keys are the log's own word; compare them with yours: {keys}",
                highlight=False, soft_wrap=True,
            )  # fmt: skip
    if not found.sound:
        raise typer.Exit(FAILED)


@app.command()
def rebuild(
    workers: Annotated[int, typer.Option(help="Processes.")] = 2,
    keep: Annotated[bool, typer.Option(help="Keep the build that is replaced.")] = False,
    as_json: Json = False,
) -> None:
    """Build all read models anew beside the live ones, compare, and switch."""
    with open_database(Settings()) as database:
        projector = Projector(database)
        with bar("rebuilding") as progress:
            build = projector.rebuild(workers, progress)
        dropped = [] if keep else projector.drop_unused()
    if not show({"build": build.number, "position": build.position, "dropped": dropped}, as_json):
        out.print(f"Build {build.number} is live at position {build.position:,}.")


@app.command()
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
    with questions() as (_, readings):
        table = Statistics(readings).table(
            asked(readings, as_of),
            indicators.split(","),
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


@app.command()
def diff(
    from_as_of: Annotated[str, typer.Option("--from-as-of", help="The earlier moment.")],
    to_as_of: Annotated[str | None, typer.Option("--to-as-of", help="The later one.")] = None,
    region: RegionCode = "370000",
    first: First = "2019-01-01",
    last: Last = "2019-12-31",
    boundaries: BoundariesText = "then",
    indicators: Indicators = "deferred",
    limit: Annotated[int, typer.Option(help="At most so many entries.")] = 1000,
    as_json: Json = False,
) -> None:
    """By what two readings differ: which entry or boundary change, who, when, why."""
    with questions() as (_, readings):
        earlier, later = asked(readings, from_as_of), asked(readings, to_as_of)
        found = difference(
            Statistics(readings),
            earlier,
            later,
            indicators.split(","),
            region,
            Period(day(first), day(last)),
            boundaries=boundaries_from(boundaries),
            limit=limit,
        )
    answer = {"earlier": earlier, "later": later, "changes": found.changes, "moves": found.moves}
    if show({**answer, "next": found.next}, as_json):
        return
    printed = Sheet(title=f"{region} {first} – {last}", caption=heading(later))
    for title in ("position", "recorded", "indicator", "change", "occurred", "event", "by", "why"):
        printed.add_column(title)
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
            one.topic,
            f"{one.role} {(one.actor or '')[:8]}",
            one.reason or "",
        )
    out.print(printed)
    if found.next is not None:
        out.print(f"The first {limit} entries or so; ask for more with --limit.")
        return
    for code in dict.fromkeys(one.indicator for one, _ in told):
        total = sum(one.quantity for one, _ in told if one.indicator == code)
        out.print(f"{code}: {total:+,}")
    moved = f" and {len(found.moves)} moves by boundary changes" if found.moves else ""
    out.print(f"{len(found.changes)} entries{moved}.")


@app.command()
def ledger(
    name: Annotated[str, typer.Argument(help="cases, sessions, follow_ups, outreach, …")],
    as_of: AsOfText = None,
    region: Annotated[str | None, typer.Option(help="Official code of a region.")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Stream the whole ledger as CSV.")] = False,
    limit: Annotated[int, typer.Option(help="At most so many rows.")] = 20,
    as_json: Json = False,
) -> None:
    """A work ledger (工作台账) as it stood at any past moment."""
    from projections.ledger_reading import csv_lines, page, readable

    with questions() as (_, readings):
        reading = asked(readings, as_of)
        if csv:
            for line in csv_lines(readings, reading, name, region=region):
                sys.stdout.write(line)
            return
        found = page(readings, reading, name, region=region, limit=limit)
    if show({"reading": reading, "rows": found.rows}, as_json):
        return
    printed = Sheet(title=found.ledger.zh, caption=heading(reading), show_lines=True)
    printed.add_column("id", no_wrap=True)
    printed.add_column("记录")  # up to 28 fixed columns: a terminal shows those that say something
    for row in found.rows:
        cells = ((c.zh, readable(row[c.name], c)) for c in found.ledger.columns)
        said = (f"{zh} {text}" for zh, text in cells if text)
        printed.add_row(str(row["row"]), "，".join(said))
    out.print(printed)


@app.command()
def history(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Id of a case, centre, person, …")],
    as_of: AsOfText = None,
    as_json: Json = False,
) -> None:
    """The timeline of a case or any aggregate: what, when, recorded when, by whom, why."""
    from projections.history import timeline

    try:
        aggregate = UUID(id_)
    except ValueError:
        raise QuestionRefused(f"“{id_}” is no id; copy it from a ledger or a list.") from None
    with questions() as (_, readings):
        reading = asked(readings, as_of)
        moments = timeline(readings, reading, aggregate)
    if show({"reading": reading, "timeline": moments}, as_json):
        return
    printed = Sheet(title=id_, caption=heading(reading))
    for title in ("position", "what", "occurred", "recorded", "late", "by", "why"):
        printed.add_column(title)
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


@app.command()
def status(as_json: Json = False) -> None:
    """Where the log and the read models are."""
    from projections.health import health

    with open_database(Settings()) as database:
        Projector(database)
        found = health(database)
    if not show(found, as_json):
        for name, value in to_jsonable_python(found).items():
            out.print(f"{name:>12}  {value}", highlight=False)


@app.command()
def token(
    role: Annotated[Role, typer.Option(help="What the person is.")],
    office: Annotated[UUID, typer.Option(help="Id of the centre or region acted for.")],
    actor: Annotated[UUID | None, typer.Option(help="Pseudonym of the person.")] = None,
    hours: Annotated[int, typer.Option(min=1, max=24, help="How long it holds.")] = 8,
) -> None:
    """Issue a token: there is no way into the API without one."""
    from application.records import Actor
    from application.tokens import issue

    print(issue(Settings(), Actor(actor or uuid4(), role, office), hours=hours))


@app.command("init-db")
def init_db(
    owner_url: Annotated[
        str | None,
        typer.Option(
            help="URL of the database, as a user who owns it and may create roles; "
            "default: HUHANG_OWNER_URL, which no list of processes shows."
        ),
    ] = None,
    renew_passwords: Annotated[
        bool, typer.Option(help="Give the roles new passwords; other installations lose theirs.")
    ] = False,
) -> None:
    """Prepare a server of your own, once: roles, log, grants, passwords in HUHANG_HOME."""
    from application.installation import init_database

    settings = Settings()
    url = owner_url or settings.owner_url
    if url is None:
        fail("Say who administers the server: --owner-url or HUHANG_OWNER_URL.", WRONG_ARGUMENT)
    init_database(url, settings.home, renew_passwords=renew_passwords)
    out.print(f"The log is installed. From now on:\n\nexport HUHANG_DATABASE_URL='{nameless(url)}'",
              highlight=False, soft_wrap=True)  # fmt: skip


@app.command()
def database(
    show_passwords: Annotated[bool, typer.Option(help="Print passwords as well.")] = False,
    as_json: Json = False,
) -> None:
    """Print the connection strings; the server runs as long as any command does."""
    with open_database(Settings()) as found:
        strings = {
            "application": found.application,
            "projector": found.projector,
            "reader": found.reader,
            "owner": found.administrator,
        }
    printed = {
        name: string if show_passwords else without_password(string)
        for name, string in strings.items()
        if string is not None
    }
    if not show(printed, as_json):
        for name, string in printed.items():
            out.print(f"{name:>12}  {string}", highlight=False, soft_wrap=True)


def without_password(conninfo: str) -> str:
    """A connection string that may be shown."""
    user = conninfo_to_dict(conninfo).get("user")
    return make_conninfo(nameless(conninfo), **{"user": user} if user else {})

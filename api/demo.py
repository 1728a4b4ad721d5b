"""The tour that `make demo` gives: a simulated year, its figures rebuilt, three moments read."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from time import monotonic

from rich.console import Console
from rich.table import Table as Sheet

from api.terminal import bar, cell, heading
from application.alarms import Alarm, ring
from application.beginning import name_sm2
from application.database import Database
from application.divisions import PublishedFigure, load_published
from application.installation import open_database
from application.memory import Busy
from application.sealer import Sealer
from application.settings import Settings
from application.simulation import silently, simulate
from application.verification import trust_of, verify
from projections.indicators import INDICATORS
from projections.projector import Projector
from projections.questions import Figure, Period
from projections.readings import Readings
from projections.statistics import Statistics

PROVINCE = "370000"
YEAR = Period(date(2019, 1, 1), date(2019, 12, 31))
HALF = Period(date(2019, 1, 1), date(2019, 6, 30))
MOMENTS = (date(2019, 6, 30), date(2019, 7, 31), None)
SCALE = Fraction(1, 100)
WATCHED = ("applications", "sessions", "deferred", "late_entries", "corrections")


class NotEqual(Exception):  # noqa: N818 - said to people
    """A published figure was not rebuilt."""


def run(out: Console, asked: Fraction | None) -> None:
    """Simulate where the log is empty, project, and print. Raises `NotEqual`.

    A log that is there already is kept, at the scale at which it was simulated, and this is said
    where another one was asked for.
    """
    started = monotonic()
    settings = Settings()
    with open_database(settings) as database:
        projector = Projector(database)
        projector.catch_up()
        readings = Readings(database)
        statistics = Statistics(readings)
        if readings.at().position == 0:
            with bar("simulating 2019") as progress:
                simulate(database, settings, asked or SCALE, progress=progress)
            with bar("projecting     ") as progress:
                projector.rebuild(progress=progress)
            projector.drop_unused()
        reading = readings.at()
        scale = scale_of(readings)
        if asked is not None and asked != scale:
            out.print(
                f"The log already holds a year at scale {scale} and keeps it; for one at {asked} "
                "begin anew, with another folder as HUHANG_HOME or after make clean.",
                highlight=False,
                soft_wrap=True,
            )

        figures = load_published()
        table = statistics.table(reading, [figure.code for figure in figures], PROVINCE, YEAR)
        line = table.lines[0]
        printed = Sheet(title=f"Shandong 2019 at scale {scale}", caption=heading(reading))
        printed.add_column("figure 指标", no_wrap=True)
        for title in ("published 公布", f"× {scale}", "rebuilt 重算", "equal?"):
            printed.add_column(title, justify="right", no_wrap=True)
        equal = True
        for figure in figures:
            rebuilt = line.figures[figure.code][0]
            wanted = expected(figure, scale)
            same = agrees(rebuilt, wanted)
            equal = equal and same
            printed.add_row(
                INDICATORS[figure.code].zh,
                figure.published if figure.value < 1 else shown(figure, figure.value),
                " … ".join(dict.fromkeys(shown(figure, bound) for bound in wanted)),
                cell(rebuilt),
                "yes" if same else "NO",
            )
        out.print(printed)
        if scale != 1:
            out.print(
                f"The year is simulated at {scale}: each count is scaled and rounded once, and a "
                "share is that of its two scaled counts.",
                highlight=False, soft_wrap=True,
            )  # fmt: skip

        known = Sheet(title="The first half of 2019, as it was known at three moments")
        known.add_column("as of 截至", no_wrap=True)
        known.add_column("position", justify="right", no_wrap=True)
        for code in WATCHED:
            known.add_column(INDICATORS[code].zh, justify="right", overflow="fold")
        for moment in MOMENTS:
            at = readings.at(moment)
            row = statistics.table(at, WATCHED, PROVINCE, HALF).lines[0]
            known.add_row(
                str(moment or "now"),
                f"{at.position:,}",
                *(cell(row.figures[code][0]) for code in WATCHED),
            )
        out.print(known)
        readings.close()
        alarm = sealed(database, settings)
        verified = verify(database.reader, silently, trust_of(settings))
    out.print(
        f"Done in {monotonic() - started:.1f} s. Go on with\n"
        "  .venv/bin/huhang statistics --by city --columns quarter\n"
        "  .venv/bin/huhang diff --from-as-of 2019-12-31 --indicators late_entries\n"
        "  .venv/bin/huhang ledger cases --as-of 2019-06-30\n"
        "  make serve",
        highlight=False,
    )
    checks = "; ".join(f"{check}: {said}" for check, said in verified.outcomes().items())
    out.print(f"Verified {verified.size:,} events: {checks}.", highlight=False)
    wrong = [] if alarm is None else [alarm]
    if not equal:
        wrong.append("A published figure was not rebuilt; see the table above.")
    if not verified.sound:
        wrong.append("The log is not what was recorded; see what was verified above.")
    if wrong:
        raise NotEqual(" ".join(wrong))


def sealed(database: Database, settings: Settings) -> str | None:
    """Seal what the log holds; the alarm, if that rang one."""
    try:
        name_sm2(database, settings)
        with Sealer(database, settings) as sealer:
            while sealer.seal_next() is not None:
                pass
    except Alarm as alarm:
        ring(settings.home, alarm)
        return str(alarm)
    except Busy:
        pass  # whoever serves here seals
    return None


def scale_of(readings: Readings) -> Fraction:
    """The scale at which the log was simulated, as its first event says. Raises `NotEqual`."""
    with readings.connection() as connection:
        row = connection.execute(
            "select convert_from(state, 'UTF8')::jsonb ->> 'note' as note from only log.event"
            " where position = 1"
        ).fetchone()
    note = row["note"] if row else None  # events of real work have none
    said = re.search(r"比例 (\d+(?:/\d+)?)，", note or "")
    if said is None:
        raise NotEqual(
            "This log holds real work, not a simulated year; run the demo with another HUHANG_HOME."
        )
    return Fraction(said[1])


def expected(figure: PublishedFigure, scale: Fraction) -> tuple[float, float]:
    """The interval in which a published figure must be rebuilt at a scale.

    Counts are scaled and rounded once, and then exact; a ratio is that of its two scaled counts.
    """
    counts = {f.code: round_half_up(f.value, scale) for f in load_published()}
    indicator = INDICATORS[figure.code]
    if figure.kind != "ratio":
        return counts[figure.code], counts[figure.code]
    if scale != 1 and indicator.numerator in counts and indicator.denominator in counts:
        exact = counts[indicator.numerator] / counts[indicator.denominator]
        return round(exact, 4), round(exact, 4)
    return figure.interval


def shown(figure: PublishedFigure, value: float) -> str:
    """A value of a published figure as people read it, and as it is printed where rebuilt."""
    return f"{value:.2%}" if figure.kind == "ratio" else f"{value:,}"


def round_half_up(value: float, scale: Fraction) -> int:
    """The nearest whole number of a scaled count."""
    return int(Fraction(value) * scale + Fraction(1, 2))


def agrees(rebuilt: Figure, interval: tuple[float, float]) -> bool:
    """Whether a rebuilt figure lies in the interval that the published rounding allows."""
    return rebuilt.value is not None and interval[0] <= rebuilt.value <= interval[1]

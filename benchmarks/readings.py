"""As-of statistics against the plain sum, in logs of one and of six million entries."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import date, timedelta
from statistics import median, quantiles

import psycopg
from psycopg import sql

from application.database import Database
from projections import builds, differences
from projections.projector import Projector
from projections.questions import Columns, Period
from projections.readings import Readings
from projections.statistics import Statistics

MAIN = ["applications", "couples_counselled", "cancelled", "postponed", "deferral_rate", "sessions"]
SIZES = (1_000_000, 6_000_000)
QUESTIONS = 60
COUNTY = "370102"

GROW = """
insert into {schema}.journal
    (position, quantity, subject, practitioner, place, occurred_on, indicator)
select position + %(shift)s::bigint * %(head)s, quantity, subject, practitioner, place,
       (occurred_on + %(shift)s * interval '1 year')::date, indicator
from {schema}.journal where position <= %(head)s
"""
PLAIN_MONTHS = """
select indicator, date_trunc('month', occurred_on), sum(quantity)
from reading.journal
where position <= %(position)s and occurred_on between %(first)s and %(last)s
  and indicator = any(%(numbers)s)
group by 1, 2
"""


def measure(database: Database) -> dict[str, float]:
    """Milliseconds a question at each size: ours at p95, the plain sum's median, and the growth."""
    found: dict[str, float] = {}
    for size in SIZES:
        head = grow(database, size)
        for name, milliseconds in ask(database, head).items():
            found[f"{name}_at_{size // 1_000_000}m"] = milliseconds
    for name in ("province_months_p95_ms", "county_days_p95_ms", "difference_p95_ms"):
        found[name] = found[f"{name}_at_6m"]
    before, after = (found[f"province_months_p95_ms_at_{size}m"] for size in (1, 6))
    return {**found, "province_months_growth": after / before}


def grow(database: Database, entries: int) -> int:
    """Repeat the simulated year in later years until the journal has so many entries.

    Returns the last position. The log itself stays as it is: only what readings sum grows.
    """
    with psycopg.connect(database.projector, autocommit=True) as connection:
        build = builds.live(connection)
        assert build is not None
        name = sql.Identifier(build.schema)
        counted = connection.execute(
            sql.SQL("select count(*), max(position) from {}.journal").format(name)
        ).fetchone()
        assert counted is not None
        rows, last = counted
        head = build.position
        per_year = rows // max(1, -(-last // head))
        for shift in range(-(-last // head), -(-entries // per_year)):
            connection.execute(sql.SQL(GROW).format(schema=name), {"shift": shift, "head": head})
        last = -(-entries // per_year) * head
        connection.execute(sql.SQL("truncate {}.rollup").format(name))
        connection.execute(
            builds.within(build, "rollup_all.sql"), {"position": last, "size": builds.BLOCK}
        )
        connection.execute(sql.SQL("vacuum analyze {}.journal").format(name))
        connection.execute(sql.SQL("vacuum analyze {}.rollup").format(name))
    return int(last)


def ask(database: Database, last: int) -> dict[str, float]:
    """Time the three questions at random moments of the whole log."""
    from dataclasses import replace

    readings = Readings(database)
    statistics = Statistics(readings)
    now = readings.at()
    chance = random.Random(7)
    years = list(range(2019, 2019 + last // now.position))

    def reading() -> object:
        return replace(now, position=chance.randrange(last // 2, last))

    def months() -> None:
        year = chance.choice(years)
        period = Period(date(year, 1, 1), date(year, 12, 31))
        statistics.table(reading(), MAIN, "370000", period, columns=Columns.MONTH)  # type: ignore[arg-type]

    def days() -> None:
        first = date(chance.choice(years), 1, 1) + timedelta(days=chance.randrange(200))
        period = Period(first, first + timedelta(days=chance.randrange(1, 160)))
        statistics.table(reading(), MAIN, COUNTY, period)  # type: ignore[arg-type]

    def difference() -> None:
        year = chance.choice(years)
        earlier = replace(now, position=now.position - chance.randrange(1, now.position // 4))
        differences.difference(
            statistics, earlier, now, ["deferred"], "370000",
            Period(date(2019, 1, 1), date(2019, 12, 31)), limit=1000,
        )  # fmt: skip
        assert year

    def plain() -> None:
        year = chance.choice(years)
        with readings.connection() as connection:
            connection.execute(
                PLAIN_MONTHS,
                {
                    "position": chance.randrange(last // 2, last),
                    "first": date(year, 1, 1),
                    "last": date(year, 12, 31),
                    "numbers": [1, 5, 7, 20, 21],
                },
            ).fetchall()

    found = {
        "province_months_p95_ms": p95(months),
        "county_days_p95_ms": p95(days),
        "difference_p95_ms": p95(difference),
        "plain_sum_ms": median(timed(plain, 10)),
    }
    readings.close()
    return found


def p95(question: Callable[[], None]) -> float:
    """The 95th percentile of the time a question takes, in milliseconds."""
    return quantiles(timed(question, QUESTIONS), n=20)[-1]


def timed(question: Callable[[], None], times: int) -> list[float]:
    """How long a question takes each time, in milliseconds, after warming up."""
    for _ in range(5):
        question()
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        question()
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def prepare(database: Database) -> None:
    """Make sure there is a live build of the log."""
    Projector(database).catch_up()

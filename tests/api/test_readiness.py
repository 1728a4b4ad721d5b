"""A probe costs the database one question a second, however many ask without a token."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from threading import Event

import httpx
import psycopg
import pytest

from api.app import create_app
from api.readiness import REMEMBERED, Readiness
from application.database import Database
from application.settings import Settings
from projections.health import Health, health
from tests.api.cast import Service
from tests.api.conftest import served
from tests.conftest import TEMPLATE, fresh


class Clock:
    """A clock that stands still until it is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_who_asks_within_a_second_is_told_the_same(service: Service) -> None:
    clock, asked = Clock(), count()

    def find_out() -> Health:
        next(asked)
        return health(service.database)

    readiness = Readiness(find_out, clock)

    async def ask() -> None:
        together = await asyncio.gather(*(readiness.health() for _ in range(20)))
        clock.now = REMEMBERED / 2
        assert {id(one) for one in together} == {id(await readiness.health())}
        clock.now = REMEMBERED
        assert id(await readiness.health()) != id(together[0])

    asyncio.run(ask())
    assert next(asked) == 2


def test_a_failure_is_told_to_all_and_asked_again_after_a_second(service: Service) -> None:
    clock, answers = Clock(), iter([None, health(service.database)])

    def find_out() -> Health:
        found = next(answers)
        if found is None:
            raise psycopg.OperationalError("away")
        return found

    readiness = Readiness(find_out, clock)

    async def ask() -> None:
        for _ in range(3):
            with pytest.raises(psycopg.OperationalError, match="away"):
                await readiness.health()
        clock.now = REMEMBERED
        assert (await readiness.health()).halted_at is None

    asyncio.run(ask())


def test_who_goes_away_takes_the_answer_from_nobody(service: Service) -> None:
    found, left = health(service.database), Event()

    def find_out() -> Health:
        assert left.wait(10)
        return found

    readiness = Readiness(find_out)

    async def ask() -> Health:
        leaving = asyncio.ensure_future(readiness.health())
        staying = asyncio.ensure_future(readiness.health())
        await asyncio.sleep(0)
        leaving.cancel()
        with suppress(asyncio.CancelledError):
            await leaving
        left.set()
        return await staying

    assert asyncio.run(ask()) is found


def sessions(server: Database, name: str) -> int:
    """How many connections to a database were ever opened."""
    with psycopg.connect(server.administrator, autocommit=True) as connection:
        connection.execute("select pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
        row = connection.execute(
            "select sessions from pg_stat_database where datname = %s", (name,)
        ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def alone(server: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A service over a database that nobody else asks: its address, the name of its database."""
    with fresh(server, TEMPLATE) as database:
        settings = Settings(home=tmp_path_factory.mktemp("home"))
        with served(create_app(database, settings)) as address:
            with psycopg.connect(database.reader) as connection:
                name = connection.info.dbname
            yield address, name


def test_a_flood_of_probes_asks_the_database_a_few_times(
    alone: tuple[str, str], server: Database
) -> None:
    address, name = alone
    with httpx.Client(base_url=address, timeout=60) as client, ThreadPoolExecutor(8) as senders:
        assert client.get("/readyz").json() == {"status": "ok"}
        before = sessions(server, name)
        answers = list(senders.map(lambda _: client.get("/readyz").status_code, range(300)))
        opened = sessions(server, name) - before
    assert answers == [200] * 300
    assert opened < 100, "one a second, and those of the system's own upkeep"

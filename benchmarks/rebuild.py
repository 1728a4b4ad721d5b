"""The rebuild of all read models against the stock projection runner doing one count."""

from __future__ import annotations

import time
from typing import Any

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.conninfo import conninfo_to_dict

from application.database import Database
from application.eventlog import head
from projections.projector import Projector

STOCK_EVENTS = 3000  # enough for a steady rate of a runner that does hundreds a second


def measure(database: Database, workers: int = 2, rounds: int = 3) -> dict[str, float]:
    """Events a second of a whole rebuild, from the first row to the switch; the best round."""
    projector = Projector(database)
    with psycopg.connect(database.reader) as connection:
        events = head(connection)
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        projector.rebuild(workers)
        seconds.append(time.perf_counter() - started)
        projector.drop_unused()
    ours = events / min(seconds)
    stock = stock_rate(database)
    return {
        "rebuild_events": events,
        "rebuild_seconds": min(seconds),
        "rebuild_events_per_second": ours,
        "rebuild_stock_events_per_second": stock,
        "rebuild_ratio_to_stock": ours / stock,
    }


class Counter(Aggregate):
    """The simplest aggregate there is."""

    @event("Counted")
    def count(self) -> None:
        pass


class Counters(Application[Any]):
    """A stock application."""

    name = "counters"


class Count(PostgresTrackingRecorder):
    """A read model of one number."""

    def __init__(self, datastore: Any, **kwargs: Any) -> None:
        super().__init__(datastore, **kwargs)
        self.total = 0

    def increment(self, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            self.total += 1


class Counting(Projection[Count]):
    """One count, as the library's documentation does it."""

    name = "counting"

    def process_event(self, _: Any, tracking: Tracking) -> None:
        self.view.increment(tracking)


def stock_rate(database: Database) -> float:
    """Events a second of the stock runner."""
    parts = conninfo_to_dict(database.owner)
    with psycopg.connect(database.owner, autocommit=True) as connection:
        connection.execute("create schema if not exists stock")
    env = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(parts["dbname"]),
        "POSTGRES_HOST": str(parts["host"]),
        "POSTGRES_PORT": "5432",
        "POSTGRES_USER": str(parts["user"]),
        "POSTGRES_PASSWORD": "none",
        "POSTGRES_SCHEMA": "stock",
    }
    with Counters(env) as app:
        counter = Counter()
        for _ in range(STOCK_EVENTS - 1):
            counter.count()
        app.save(counter)
        last = app.recorder.max_notification_id()
    started = time.perf_counter()
    with ProjectionRunner(
        application_class=Counters, projection_class=Counting, view_class=Count, env=env
    ) as runner:
        runner.wait(last, timeout=120)
        return STOCK_EVENTS / (time.perf_counter() - started)

"""Appends against a plain insert of the same bytes and the stock recorder, on one server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from uuid import uuid4

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder
from psycopg.conninfo import conninfo_to_dict

from application.database import Database
from application.keys import Author
from application.recorder import EventLog, datastore_of

STATE = b'{"stamp":{"actor":"a5e9e072-9836-4379-8395-de09b31f6a8b"},"text":"' + b"x" * 300 + b'"}'
TOPIC = "case.session-held.v1"
ROUNDS = 15  # alternating, so that a busy moment of the machine hits both
SAVES = 200  # a round at one client
CLIENTS = 32
SAVES_A_CLIENT = 60

PLAIN = """
create table if not exists plain (
    position bigserial primary key, originator_id uuid not null, originator_version bigint not null,
    topic text not null, state bytea not null, unique (originator_id, originator_version))
"""
INSERT = """
insert into plain (originator_id, originator_version, topic, state) values (%b, %b, %b, %b)
"""


def measure(database: Database) -> dict[str, float]:
    """Saves a second at 1 and 32 clients, plain, ours, stock; the ratios of ours to plain."""
    with psycopg.connect(database.owner, autocommit=True) as connection:
        connection.execute(PLAIN)
    datastore = datastore_of(database.application)
    log = EventLog(datastore, Author("bench", Ed25519PrivateKey.generate()))
    stock, stock_datastore = stock_recorder(database)

    own = threading.local()  # a connection a client, kept over the rounds as ours keeps its own

    def plain(saves: int) -> None:
        if not hasattr(own, "connection"):
            own.connection = psycopg.connect(database.owner, autocommit=True, prepare_threshold=0)
        for _ in range(saves):
            own.connection.execute(INSERT, (uuid4(), 1, TOPIC, STATE))

    def ours(saves: int) -> None:
        for _ in range(saves):
            log.insert_events([StoredEvent(uuid4(), 1, TOPIC, STATE)])

    def stocks(saves: int) -> None:
        for _ in range(saves):
            stock.insert_events([StoredEvent(uuid4(), 1, TOPIC, STATE)])

    alone = {"plain": plain, "ours": ours, "stock": stocks}
    rates = alternating(alone, ROUNDS, SAVES, lambda work: work(SAVES))
    with ThreadPoolExecutor(CLIENTS) as clients:

        def together(work: Callable[[int], None]) -> None:
            list(clients.map(work, [SAVES_A_CLIENT] * CLIENTS))

        many = alternating({"plain": plain, "ours": ours}, 5, CLIENTS * SAVES_A_CLIENT, together)
    log.close()
    datastore.close()
    stock_datastore.close()
    return {
        "append_1_plain": rates["plain"],
        "append_1_ours": rates["ours"],
        "append_1_stock": rates["stock"],
        "append_1_ratio": rates["ours"] / rates["plain"],
        "append_32_plain": many["plain"],
        "append_32_ours": many["ours"],
        "append_32_ratio": many["ours"] / many["plain"],
    }


def alternating(
    works: dict[str, Callable[[int], None]],
    rounds: int,
    saves: int,
    run: Callable[[Callable[[int], None]], None],
) -> dict[str, float]:
    """The median rate of each work, in saves a second, over alternating rounds."""
    rates: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            started = time.perf_counter()
            run(work)
            if number:  # the first round warms up
                rates[name].append(saves / (time.perf_counter() - started))
    return {name: median(found) for name, found in rates.items()}


def stock_recorder(database: Database) -> tuple[PostgresApplicationRecorder, object]:
    """The library's recorder as it comes, in its own schema of the same database."""
    with psycopg.connect(database.owner, autocommit=True) as connection:
        connection.execute("create schema if not exists stock")
    parts = conninfo_to_dict(database.owner)
    from eventsourcing.postgres import PostgresDatastore

    datastore = PostgresDatastore(
        dbname=str(parts["dbname"]), host=str(parts["host"]), port="5432",
        user=str(parts["user"]), password="", schema="stock", pool_size=2,
    )  # fmt: skip
    recorder = PostgresApplicationRecorder(datastore, events_table_name="stored_events")
    recorder.create_table()
    return recorder, datastore

"""What policy and reading log add to opening a case: the same server with and without both."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from statistics import quantiles
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import psycopg
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.looks import Looks
from application.database import Database
from application.jurisdiction import Whereabouts
from application.policy import Actor
from application.sealer import Sealer
from application.settings import Settings
from application.tokens import Tokens
from domain.values import Role

BLOCKS: Final = 20  # of each way, in turns
A_DAY: Final = 20  # cases that a reader opens, which is a block; their traces are one stream
SETTLING: Final = 0.5  # seconds: what the trace of a look sets in motion is no cost of the next way
CASES: Final = """
select "case", centre from (
    select ledger.row as "case", place.centre,
        row_number() over (partition by place.centre order by ledger.row) as number,
        count(*) over (partition by place.centre) as at_centre
    from reading.ledger_cases as ledger join reading.place on place.place = ledger.place
    where ledger.to_position = 9223372036854775807 and place.centre is not null
) as numbered
where number <= %(a_day)s and at_centre >= %(a_day)s
order by centre, number limit %(cases)s
"""


class Unasked:
    """The policy of a server that asks nobody."""

    def __init__(self, asked: Any) -> None:
        self._asked = asked

    def at_once(self, *_: Any) -> Unasked:
        """Nothing is read."""
        return self

    def whereabouts(self, *_: Any) -> Whereabouts:
        """Nobody wants to know."""
        return Whereabouts()

    def stays_out(self, *_: Any) -> bool:
        """Nobody."""
        return False

    def require_sight(self, *_: Any) -> None:
        """Let it be."""

    def may_see(self, *_: Any) -> bool:
        """Everything."""
        return True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._asked, name)


@contextmanager
def unasked(app: FastAPI) -> Iterator[None]:
    """The same server without policy and reading log.

    By what its routes call, not by `dependency_overrides`: while there is one, the framework works
    out every dependency of every request anew, which takes longer than both together.
    """
    records, recorded = app.state.system.records, Looks.recorded
    asked = records.jurisdiction
    records.jurisdiction = Unasked(asked)
    Looks.recorded = lambda *_: nullcontext()  # type: ignore[method-assign]
    try:
        yield
    finally:
        records.jurisdiction, Looks.recorded = asked, recorded  # type: ignore[method-assign]


def measure(database: Database, settings: Settings) -> dict[str, float]:
    """Milliseconds of opening a case, plain and with policy and reading log; the median's ratio.

    Both ways open the same cases, a block after the other. Who reads a block first fetches it for
    the other, so they take turns. All is sealed before: a server that catches up is not its own.
    """
    with Sealer(database, settings) as sealer:
        while sealer.seal_next() is not None:
            pass
    with psycopg.connect(database.reader) as connection:
        wanted = {"a_day": A_DAY, "cases": (BLOCKS + 1) * A_DAY}
        cases = connection.execute(CASES, wanted).fetchall()
    app = create_app(database, settings)
    taken: dict[str, list[float]] = {"plain": [], "asked": []}
    with served(app) as address, httpx.Client(base_url=address, timeout=60) as client:
        for block in range(BLOCKS + 1):
            chosen = [cases[(block * A_DAY + number) % len(cases)] for number in range(A_DAY)]
            for way in sorted(taken, reverse=block % 2 == 0):
                time.sleep(SETTLING)
                with unasked(app) if way == "plain" else nullcontext():
                    times = [*opened(client, Tokens(settings), chosen)]
                if block:  # the first warms both
                    taken[way].extend(times)
    found = {}
    for way, times in taken.items():
        cuts = quantiles(times, n=20)
        found[f"open_case_{way}_p50_ms"], found[f"open_case_{way}_p95_ms"] = cuts[9], cuts[18]
    overhead = found["open_case_asked_p50_ms"] / found["open_case_plain_p50_ms"] - 1
    return {**found, "open_case_overhead_percent": overhead * 100}


def opened(
    client: httpx.Client, tokens: Tokens, cases: Sequence[tuple[UUID, UUID]]
) -> Iterator[float]:
    """Milliseconds of opening cases of one centre, by one reader: a manager of that centre."""
    who = uuid4()
    for case, centre in cases:
        token = tokens.issue(Actor(who, Role.CENTRE_MANAGER, centre))
        started = time.perf_counter()
        answer = client.get(f"/api/v1/history/{case}", headers={"Authorization": f"Bearer {token}"})
        yield (time.perf_counter() - started) * 1000
        assert answer.status_code == 200, answer.text


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address at which an application answers until the block ends."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", proxy_headers=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()

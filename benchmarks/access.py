"""What policy and reading log add to opening a case: the same server with and without both."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import quantiles
from typing import Any, Final
from uuid import uuid4

import httpx
import psycopg
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.looks import Looks
from application.database import Database
from application.policy import Actor
from application.settings import Settings
from application.tokens import Tokens
from domain.values import Role

ROUNDS: Final = 400  # of each way, one after the other, so that both meet the same load
WARMING: Final = 40
A_DAY: Final = 20  # cases that a reader opens; their traces are one stream
CASES: Final = """
select ledger.row, place.centre
from reading.ledger_cases as ledger join reading.place on place.place = ledger.place
where ledger.to_position = 9223372036854775807 and place.centre is not null
order by ledger.row limit %s
"""


class Untraced:
    """Leaves no trace."""

    def record(self, *_: Any) -> None:
        """Let it be."""


class Unasked:
    """The policy of a server that asks nobody."""

    def __init__(self, asked: Any) -> None:
        self._asked = asked

    def require_sight(self, *_: Any) -> None:
        """Let it be."""

    def may_see(self, *_: Any) -> bool:
        """Everything."""
        return True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._asked, name)


def measure(database: Database, settings: Settings) -> dict[str, float]:
    """Milliseconds of opening a case, plain and with policy and reading log; the median's ratio."""
    with psycopg.connect(database.reader) as connection:
        cases = connection.execute(CASES, (ROUNDS + WARMING,)).fetchall()
    app = create_app(database, settings)
    taken: dict[str, list[float]] = {"plain": [], "asked": []}
    with served(app) as address, httpx.Client(base_url=address, timeout=60) as client:
        asked, who = app.state.system.records.jurisdiction, uuid4()
        tokens = Tokens(settings)
        for number in range(ROUNDS + WARMING):
            case, centre = cases[number % len(cases)]
            if number % A_DAY == 0:
                who = uuid4()
            # A manager of the case's own centre.
            token = tokens.issue(Actor(who, Role.CENTRE_MANAGER, centre))
            # Whoever opens a case first fetches it for the other, so they take turns.
            for way in sorted(taken, reverse=number % 2 == 0):
                app.dependency_overrides = {Looks: Untraced} if way == "plain" else {}
                app.state.system.records.jurisdiction = Unasked(asked) if way == "plain" else asked
                started = time.perf_counter()
                answer = client.get(
                    f"/api/v1/history/{case}", headers={"Authorization": f"Bearer {token}"}
                )
                spent = (time.perf_counter() - started) * 1000
                assert answer.status_code == 200, answer.text
                if number >= WARMING:
                    taken[way].append(spent)
    found = {}
    for way, times in taken.items():
        cuts = quantiles(times, n=20)
        found[f"open_case_{way}_p50_ms"], found[f"open_case_{way}_p95_ms"] = cuts[9], cuts[18]
    overhead = found["open_case_asked_p50_ms"] / found["open_case_plain_p50_ms"] - 1
    return {**found, "open_case_overhead_percent": overhead * 100}


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

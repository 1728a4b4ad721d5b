"""Two hundred sign-ins a second attempted against a server that goes on with its other work."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from uuid import uuid4

import httpx

from application.accounts import OpeningFacts
from application.beginning import by_the_system, open_records
from application.database import Database
from application.identity import open_identity
from application.keys import author_of
from application.records import Actor
from application.settings import Settings
from application.tokens import issue
from application.vault import open_vault
from benchmarks.arrivals import Stream, answers
from domain.account_events import Post
from domain.base import day
from domain.values import Role

ATTEMPTS = 205  # a second, so that 200 are also where one is a little late
SECONDS = 5
OTHERS = 20  # a second: other work, before the flood and meanwhile
PASSWORD = "四月 湖边 自行车 与 茶叶蛋"  # of the one person who signs in all the while
CHECKS = 500


def measure(database: Database, settings: Settings) -> dict[str, float]:
    """Answers by status a second, and how long other requests take before and meanwhile.

    Times in milliseconds. The attempts come from different addresses, so that the limits of one
    address do not hide what a flood from many does.
    """
    checks = checking(database, settings)
    with served(settings) as (host, port):
        token = issue(settings, Actor(uuid4(), Role.AUDITOR, uuid4()))
        others = Stream([other(host, port, token)] * OTHERS * SECONDS, OTHERS)
        numbers = range(ATTEMPTS * SECONDS)
        flood = Stream([attempt(host, port, number) for number in numbers], ATTEMPTS)
        answers(host, port, others)  # nobody measures the first requests of a server
        (calm,) = answers(host, port, others)
        tried, busy = answers(host, port, flood, others)
    took = max(answer.done for answer in tried)
    statuses = Counter(answer.status for answer in tried)
    untold = [one for one in tried if one.status == 429 and b"retry-after" not in one.headers]
    return {
        **checks,
        "sign_in_attempted_per_second": len(tried) / max(answer.sent for answer in tried),
        "sign_in_sent_late_p95_ms": p95((one.sent - one.due) * 1000 for one in tried),
        "sign_in_looked_at_per_second": statuses[401] / took,
        "sign_in_told_to_wait_per_second": statuses[429] / took,
        "sign_in_other_answers": float(len(tried) - statuses[401] - statuses[429]),
        "sign_in_waits_without_retry_after": float(len(untold)),
        "others_p50_ms_before": median(answer.took for answer in calm),
        "others_p95_ms_before": p95(answer.took for answer in calm),
        "others_p50_ms_meanwhile": median(answer.took for answer in busy),
        "others_p95_ms_meanwhile": p95(answer.took for answer in busy),
        "others_other_answers": float(sum(one.status != 200 for one in (*calm, *busy))),
    }


def p95(times: Iterable[float]) -> float:
    """What nineteen of twenty do not exceed."""
    return quantiles(times, n=20)[-1]


def checking(database: Database, settings: Settings) -> dict[str, float]:
    """Microseconds that it takes to find out who sends a request, by session and by token."""
    records = open_records(database, settings)
    author = author_of(settings)
    try:
        with (
            open_vault(database, settings) as vault,
            open_identity(database, settings, records, vault) as identity,
        ):
            person, office = uuid4(), uuid4()
            facts = OpeningFacts(login="lw-bench", name="李某", office=office)
            desk = identity.accounts
            desk.open(person, facts, by_the_system(author))
            post = Post(role=Role.COUNSELLOR, office=office, since=day(datetime.now(UTC)))
            desk.grant_role(person, post, by_the_system(author))
            given = desk.reset_password(person, by_the_system(author))
            session = identity.sign_in.with_password("lw-bench", given.password, None, "::1")
            session = identity.sign_in.change_password(session, given.password, PASSWORD)
            token = issue(settings, Actor(uuid4(), Role.AUDITOR, uuid4()))
            secret = session.secret or ""
            return {
                "session_check_us": each(lambda: identity.sessions.check(secret)),
                "operator_token_check_us": each(lambda: identity.operator(token)),
                "operator_token_read_us": each(lambda: identity.tokens.read(token)),
            }
    finally:
        records.close()


def each(work: object) -> float:
    """The median time of one call, in microseconds."""
    assert callable(work)
    times = []
    for _ in range(CHECKS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return median(times) * 1e6


def attempt(host: str, port: int, number: int) -> bytes:
    """A try to sign in, each with another name and from another address."""
    body = json.dumps({"login": f"guess-{number}", "password": "not the password"})
    return (
        f"POST /api/v1/session HTTP/1.1\r\nHost: {host}:{port}\r\n"
        f"X-Forwarded-For: 2001:db8:{number:x}::1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def other(host: str, port: int, token: str) -> bytes:
    """A request that has nothing to do with signing in."""
    return (
        f"GET /api/v1/log HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {token}\r\n\r\n"
    ).encode()


class served:  # noqa: N801 - a block in which the system is served
    """`huhang serve` in a process of its own, behind a proxy that is believed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __enter__(self) -> tuple[str, int]:
        environment = {
            "HUHANG_HOME": str(self._settings.home),
            "HUHANG_TRUSTED_PROXIES": "127.0.0.1",
            "PATH": "",
            "PYTHONPATH": str(Path.cwd()),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "api", "serve", "--port", "0"],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        address = self._process.stdout.readline().partition("/docs")[0]
        while True:
            try:
                httpx.get(f"{address}/readyz", timeout=60).raise_for_status()
                host, _, port = address.removeprefix("http://").partition(":")
                return host, int(port)
            except httpx.HTTPError:
                time.sleep(0.1)

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

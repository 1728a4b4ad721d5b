"""Two hundred sign-ins a second attempted against a server that goes on with its other work."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
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
from domain.account_events import Post
from domain.base import day
from domain.values import Role

ATTEMPTS = 200  # a second, from as many addresses as there are people
SECONDS = 5
CLIENTS = 32  # threads that attempt; each sends at its own pace
CALM = 200  # requests before the flood
PASSWORD = "四月 湖边 自行车 与 茶叶蛋"  # of the one person who signs in all the while
CHECKS = 500
OWN = threading.local()


def measure(database: Database, settings: Settings) -> dict[str, float]:
    """Answers by status a second, and how long other requests take before and meanwhile.

    Times in milliseconds. The attempts come from different addresses, so that the limits of one
    address do not hide what a flood from many does.
    """
    checks = checking(database, settings)
    with served(settings) as address:
        token = issue(settings, Actor(uuid4(), Role.AUDITOR, uuid4()))
        headers = {"Authorization": f"Bearer {token}"}
        calm = [timed(address, headers) for _ in range(CALM)]
        statuses: Counter[int] = Counter()
        retry: list[bool] = []
        stop = threading.Event()
        busy: list[float] = []

        def watch() -> None:
            while not stop.is_set():
                busy.append(timed(address, headers))
                time.sleep(0.01)

        watcher = threading.Thread(target=watch)
        watcher.start()
        started = time.perf_counter()
        with ThreadPoolExecutor(CLIENTS) as clients:
            numbers = range(ATTEMPTS * SECONDS)
            for status, told in clients.map(lambda n: attempted(address, n, started), numbers):
                statuses[status] += 1
                retry.append(told)
        took = time.perf_counter() - started
        stop.set()
        watcher.join()
    return {
        **checks,
        "sign_in_attempted_per_second": ATTEMPTS * SECONDS / took,
        "sign_in_looked_at_per_second": statuses[401] / took,
        "sign_in_told_to_wait_per_second": statuses[429] / took,
        "sign_in_other_answers": float(sum(statuses.values()) - statuses[401] - statuses[429]),
        "sign_in_waits_without_retry_after": float(statuses[429] - sum(retry)),
        "others_p50_ms_before": median(calm),
        "others_p95_ms_before": quantiles(calm, n=20)[-1],
        "others_p50_ms_meanwhile": median(busy),
        "others_p95_ms_meanwhile": quantiles(busy, n=20)[-1],
    }


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


def client() -> httpx.Client:
    """The client of a thread, which keeps its connection."""
    if not hasattr(OWN, "client"):
        OWN.client = httpx.Client(timeout=60)
    found: httpx.Client = OWN.client
    return found


def attempted(address: str, number: int, started: float) -> tuple[int, bool]:
    """The status of one attempt, sent when its turn has come, and whether it says when to retry."""
    time.sleep(max(0.0, started + number / ATTEMPTS - time.perf_counter()))
    answer = client().post(
        f"{address}/api/v1/session",
        json={"login": f"guess-{number}", "password": "not the password"},
        headers={"X-Forwarded-For": f"2001:db8:{number:x}::1"},
    )
    return answer.status_code, "retry-after" in answer.headers


def timed(address: str, headers: dict[str, str]) -> float:
    """Milliseconds of a request that has nothing to do with signing in."""
    started = time.perf_counter()
    client().get(f"{address}/api/v1/log", headers=headers).raise_for_status()
    return (time.perf_counter() - started) * 1000


class served:  # noqa: N801 - a block in which the system is served
    """`huhang serve` in a process of its own, behind a proxy that is believed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __enter__(self) -> str:
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
                return address
            except httpx.HTTPError:
                time.sleep(0.1)

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

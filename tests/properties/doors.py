"""The same questions through the real API: who is let in at all, and what every door then shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx

from api.app import create_app
from application.database import Database
from application.limits import Buckets
from application.records import Actor
from application.settings import Settings
from application.tokens import Tokens
from tests.api.conftest import served
from tests.api.test_commands import DOCUMENT
from tests.properties.plain import CODES, LEDGERS, MASK, PEOPLE, Plain, how_far
from tests.properties.shown import YEARS, in_file, in_workbook, of_file, sizes
from tests.properties.world import Past, World


@contextmanager
def opened(database: Database, settings: Settings) -> Iterator[httpx.Client]:
    """Somebody who sends requests to the system over a database."""
    app = create_app(database, settings)
    app.openapi_schema = DOCUMENT  # which takes seconds to write, and is the same for each
    with served(app) as address:
        system = app.state.system
        patient = {"pause": lambda _: None, "guesses": Buckets(rate=1000, burst=1000)}
        searches = replace(system.searches, **patient)
        app.state.system = replace(system, searches=searches)
        # The first request works out all routes; on a busy machine that says nothing.
        with httpx.Client(base_url=f"{address}/api/v1", timeout=300, verify=False) as client:
            yield client


@dataclass
class Door:
    """Somebody at the door, asking about a moment; the world says what is to be answered."""

    client: httpx.Client
    headers: dict[str, str]
    world: World
    by: Actor
    past: Past
    today: date

    @classmethod
    def of(
        cls, client: httpx.Client, settings: Settings, world: World, by: Actor, past: Past, on: date
    ) -> Door:
        """With a token."""
        headers = {"Authorization": f"Bearer {Tokens(settings).issue(by)}"}
        return cls(client, headers, world, by, past, on)

    @property
    def plain(self) -> Plain:
        return self.world.plain

    def ask(self, path: str, status: int, **asked: Any) -> Any:
        """What is answered, which must have this status; None where it is a refusal."""
        given = {"as_of": self.past.position, **asked}
        answer = self.client.get(path, params=given, headers=self.headers)
        assert answer.status_code == status, (self.by, path, answer.text)
        if status != 200:
            return None
        return answer if path.endswith((".csv", ".xlsx")) else answer.json()

    def may(self, action: str) -> int:
        """The status for somebody whose role may do something, somewhere."""
        return 200 if how_far(self.by.role, action) else 403

    def everything(self, region: UUID, tree: str) -> None:
        """All doors, for who holds the post today; everybody else is let in nowhere."""
        held = [post[:2] for post in self.plain.held(self.by.id, self.today)]
        if self.by.id in PEOPLE and (self.by.role, self.by.office) not in held:
            self.ask("/ledgers/cases", 401)
            return
        self.ledgers()
        self.histories()
        self.texts()
        self.searches()
        self.holds()
        self.figures(region, tree)
        self.permissions()

    def ledgers(self) -> None:
        """Every ledger of cases and that of orders, page after page and as a file."""
        for name, (reads, takes) in LEDGERS.items():
            rows, after = [], {}
            while page := self.ask(f"/ledgers/{name}", self.may(reads), limit=3, **after):
                rows += page["rows"]
                after = {"after": page["next"]}
                if page["next"] is None:
                    break
            wanted = self.plain.listed(self.by, reads, name, self.past.plain)
            told = sorted(row["row"] for row in rows)
            assert told == (of_file(wanted) if how_far(self.by.role, reads) else []), name
            wanted = self.plain.listed(self.by, takes, name, self.past.plain)
            if (file := self.ask(f"/ledgers/{name}.csv", self.may(takes))) is not None:
                assert in_file(file.text) == of_file(wanted), name
            if (file := self.ask(f"/ledgers/{name}.xlsx", self.may(takes))) is not None:
                assert in_workbook(file.content) == of_file(wanted), name

    def histories(self) -> None:
        """Each case itself, as it was then; of summaries it tells who may not read them so."""
        self.ask(f"/history/{uuid4()}", 404)
        for case in self.plain.files:
            known = self.past.plain.files.get(case)
            seen = self.plain.may(self.by, "read", case)
            told = self.ask(f"/history/{case}", (200 if known else 404) if seen else 403)
            if told is not None and known is not None:
                reads = self.plain.may(self.by, "summaries", case)
                assert not [text for text in known.facts | known.summaries if text in str(told)]
                assert (MASK in str(told)) is (bool(known.summaries) and not reads)

    def texts(self) -> None:
        """What was written in each case, which is opened under a trace."""
        for case in self.plain.files:
            answer = self.client.get(f"/cases/{case}/texts", headers=self.headers)
            wanted = self.plain.written(self.by, case)
            assert answer.status_code == (403 if wanted is None else 200)
            told = {one["text"] for one in answer.json().get("texts", ())}
            assert told - {MASK} == (wanted or set())
            masks = wanted is not None and not self.plain.may(self.by, "summaries", case)
            assert (MASK in told) is (masks and bool(self.plain.files[case].summaries))

    def searches(self) -> None:
        """The woman of each case, by the number that is hers alone."""
        for case in self.plain.files:
            asked = {"by": "document", "number": str(case)}
            answer = self.client.post("/searches", json=asked, headers=self.headers)
            assert answer.status_code == self.may("find"), answer.text
            found = [one["record"] for one in answer.json().get("found", ())]
            assert found == ([str(case)] if self.plain.may(self.by, "find", case) else [])

    def holds(self) -> None:
        """The legal holds as known then, page after page."""
        found, after = {}, {}
        while page := self.ask("/records/holds", self.may("holds"), limit=2, **after):
            found |= {UUID(one["id"]): one["lifted"] is None for one in page["holds"]}
            after = {"after": page["next"]}
            if page["next"] is None:
                break
        assert found == self.plain.held_back(self.by, self.past.plain)

    def figures(self, region: UUID, tree: str) -> None:
        """What counts, what is behind it, and by what it came to be."""
        number, then = self.plain.number, self.past.plain
        wanted = {code: number(self.by, code, region, tree, then) for code in CODES}
        asked: dict[str, Any] = {"region": str(region), "boundaries": tree, **YEARS}
        if any(wanted.values()):
            table = self.ask("/statistics", 200, indicators=CODES, **asked)
            (line,) = table["lines"]
            assert {code: line["figures"][code][0]["value"] for code in CODES} == sizes(wanted)
            for code in CODES:
                behind = self.ask("/statistics/behind", self.may("drill"), indicator=code, **asked)
                if behind is not None:
                    closed = wanted[code] & self.plain.closed_to(self.by)
                    named = {UUID(one["subject"]) for one in behind["counted"]}
                    assert (named, behind["masked"]) == (wanted[code] - closed, len(closed))
            since = {"from_as_of": self.world.past[0].position, "indicators": CODES}
            found = self.ask("/statistics/difference", self.may("drill"), **since, **asked)
            if found is not None:
                moved = sum(one["quantity"] for one in (*found["changes"], *found["moves"]))
                assert moved == sum(sizes(wanted).values())
        elif not how_far(self.by.role, "figures"):
            self.ask("/statistics", 403, indicators=CODES, **asked)

    def permissions(self) -> None:
        """What each of the people could see of a case then, as far as one is told."""
        then = self.past.plain
        for case in list(then.files)[:2]:
            for person in PEOPLE:
                asked = {"person": str(person), "record": str(case)}
                found = then.could_see(person, case, self.today)
                told = self.plain.told(self.by, person, found)
                closed = (self.by.id, person) in self.plain.concerned
                if closed or not self.plain.may(self.by, "looks", case):
                    self.ask("/access/permissions", 403, **asked)
                elif told is None:
                    self.ask("/access/permissions", 404, **asked)
                else:
                    answer = self.ask("/access/permissions", 200, **asked)["permissions"]
                    shown = [(p["role"], p["office"], len(p["actions"])) for p in answer]
                    assert shown == [(p.role, str(p.office), len(names)) for p, names in told]

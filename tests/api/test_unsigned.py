"""Rows that nobody signed end no request: who may append to the log, without a key, wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from api.app import create_app
from application.alarms import standing
from application.database import Database
from application.settings import Settings
from domain.access import access_id
from domain.base import day
from domain.log import LOG_ID
from domain.values import Role
from tests.api.cast import COUNSELLOR, REGISTRATION, County, Service, Team
from tests.api.conftest import served
from tests.proof.test_own_stream import append_to


@pytest.fixture
def alone(database: Database, tmp_path: Path) -> Iterator[County]:
    """A county in a log of its own."""
    settings = Settings(home=tmp_path, trusted_proxies="127.0.0.1")
    app = create_app(database, settings)
    with served(app) as address:
        service = Service(address, app, database, settings)
        service.person().does("/practitioners", id=COUNSELLOR, registration=REGISTRATION)
        yield County.founded(service)


@pytest.mark.parametrize("state", [b"3", b"\xff", b"{}"])
def test_rubbish_in_every_stream_ends_no_request(alone: County, state: bytes) -> None:
    counsellor, supervisor = alone.person(), alone.supervisor
    assert isinstance(counsellor, Team)
    own = counsellor.members[Role.COUNSELLOR]
    case = alone.opened(counsellor)
    identity = {"name": "王丽", "phone": "13800000000"}
    counsellor.does(f"{case}/parties", party="wife", identity=identity, occurred="2019-03-01")
    own.reads(f"/history/{case.rpartition('/')[2]}")
    database, today = alone.service.database, day(datetime.now(UTC))
    looks = access_id(own.actor.id, own.actor.office, today)
    record = case.rpartition("/")[2]
    places = [
        append_to(database, topic, state, UUID(str(stream)))
        for topic, stream in (
            ("case.party-identified.v1", record),
            ("case.safe-contact-noted.v1", record),
            ("region.moved.v1", alone.region),
            ("region.established.v1", UUID(int=7)),
            ("centre.established.v1", UUID(int=8)),
            ("centre.corrected.v1", alone.centre),
            ("practitioner.x.v1", COUNSELLOR),
            ("access.record-opened.v1", looks),
            ("log.schema-changed.v1", LOG_ID),
        )
    ]
    for path in ("/indicators", f"/history/{record}"):
        answer = own.ask(path)
        assert answer.status_code == 200, (path, answer.text)
    for path in (
        "/ledgers/cases/deadlines",
        f"/history/{LOG_ID}",
        f"/history/{alone.region}",
        f"/history/{alone.centre}",
    ):
        answer = supervisor.ask(path)
        assert answer.status_code == 200, (path, answer.text)
    opened = own.ask(f"{case}/identities")
    assert opened.status_code == 200, opened.text
    counsellor.does(f"{case}/offers", occurred="2019-03-01")
    alarms = standing(alone.service.settings.home) or ""
    assert f"The row at position {places[0]:,} is one of a record's" in alarms
    assert f"position {places[-1]} is one of the log's own" in alarms
    assert f"The row at position {places[2]:,} says where an office is" in alarms

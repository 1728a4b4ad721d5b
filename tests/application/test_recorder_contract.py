"""The library's own test cases for recorders, run against our log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from eventsourcing.persistence import StoredEvent
from eventsourcing.tests import persistence as contract

from application.database import Database
from application.recorder import EventLog, datastore_of
from tests.author import AUTHOR


class LogOfEachTest:
    """Gives a test case of the library a log of its own."""

    recorder_class = EventLog

    @pytest.fixture(autouse=True)
    def _log(self, database: Database) -> Iterator[None]:
        datastore = datastore_of(database.application)
        self.log = self.recorder_class(datastore, AUTHOR)
        yield
        self.log.close()
        datastore.close()

    def create_recorder(self) -> EventLog:
        return self.log


class LogWithoutPositions(EventLog):
    """Answers as an aggregate recorder does, which knows no positions."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        super().insert_events(stored_events, **kwargs)


class TestAsAggregateRecorder(LogOfEachTest, contract.AggregateRecorderTestCase):
    recorder_class = LogWithoutPositions


class TestAsApplicationRecorder(LogOfEachTest, contract.ApplicationRecorderTestCase[EventLog]):
    EXPECT_CONTIGUOUS_NOTIFICATION_IDS = True

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestSavesDoNotInterleave(LogOfEachTest, contract.NonInterleavingNotificationIDsBaseCase):
    pass

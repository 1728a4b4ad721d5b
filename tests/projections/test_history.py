"""A history shows of each fact what its reader may read, at whatever depth it stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, Final, get_args
from uuid import uuid4

import pytest
from pydantic import BaseModel

from application.eventlog import Recorded
from domain.access import Selection, Viewing
from domain.base import Event
from domain.case import AnyCaseEvent, Case
from domain.case_care_events import FollowUpMade
from domain.case_facts import FollowUp
from domain.looked import Looked
from domain.territory import Territory
from domain.values import AccessPurpose, FollowUpKind, RecordKind, RecordSurface
from projections.history import ENVELOPE, MASKED, SUMMARIES, moment_of, shown
from tests.domain.case_cast import JINAN
from tests.domain.scenario import known, stamp

CASE_EVENTS: Final[tuple[type[Event], ...]] = tuple(
    kind for family in get_args(AnyCaseEvent) for kind in (get_args(family) or (family,))
)
OPEN_TEXTS: Final = frozenset(
    {
        "Assessment.method",
        "Deadlines.calendar_version",
        "NoteReading.purpose",
        "Referral.to",
        "SafetyDocument.issuer",
        "Screening.tool",
        "Session.facts",
        "Stamp.reason",
    }
)
"""Texts of a case that whoever may see the case reads: the layer of facts."""


def parts_of(annotation: Any) -> Iterator[Any]:
    """The types that an annotation is made of."""
    yield annotation
    for part in get_args(annotation):
        yield from parts_of(part)


def example(annotation: Any, text: str) -> Any:
    """A value of a type, as deep as it goes; a summary says its name, other texts this one."""
    parts = list(parts_of(annotation))
    for part in parts:
        if isinstance(part, type) and issubclass(part, BaseModel):
            value = part.model_construct(
                **{
                    name: example(field.annotation, name if name in SUMMARIES else "")
                    for name, field in part.model_fields.items()
                }
            )
            return (
                (value,) if tuple in (getattr(one, "__origin__", one) for one in parts) else value
            )
    return text if str in parts else None


def texts_in(kind: type[BaseModel]) -> Iterator[str]:
    """The texts of up to 2,000 letters that a fact is made of, each by its model and name."""
    for name, field in kind.model_fields.items():
        limits = [getattr(one, "max_length", None) for one in field.metadata]
        for part in parts_of(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from texts_in(part)
            limits += [
                getattr(one, "max_length", None) for one in getattr(part, "__metadata__", ())
            ]
        if 2000 in limits:
            yield f"{kind.__name__}.{name}"


def test_the_summary_of_a_follow_up_is_masked_as_that_of_a_session_is() -> None:
    due = FollowUp(id=known("follow-up"), kind=FollowUpKind.PHONE, due_on=date(2019, 3, 1))
    told = {"place": JINAN, "follow_up": due, "summary": "他们又吵起来了"}
    event = FollowUpMade.of(Case(known("case")), stamp(), **told)
    recorded = Recorded(event, 1, datetime(2019, 3, 1, tzinfo=UTC))
    for masked, seen in (((), told["summary"]), (SUMMARIES, MASKED)):
        moment = moment_of(recorded, Territory(()), "now", date(2019, 3, 1), masked)
        assert moment.facts["summary"] == seen


@pytest.mark.parametrize("kind", CASE_EVENTS, ids=lambda kind: kind.__name__)
def test_no_summary_is_shown_to_who_may_not_read_it_at_whatever_depth(kind: type[Event]) -> None:
    everything = str(shown(example(kind, ""), (), ENVELOPE))
    event = str(shown(example(kind, ""), SUMMARIES, ENVELOPE))
    assert event.count(MASKED) == sum(everything.count(f"'{name}': ") for name in SUMMARIES)
    assert not any(f"'{name}': '{name}'" in event for name in SUMMARIES)


def test_every_text_of_a_case_is_of_the_facts_or_of_the_summaries() -> None:
    texts = {text for kind in CASE_EVENTS for text in texts_in(kind)}
    summaries = {text for text in texts if text.rpartition(".")[2] in SUMMARIES}
    assert "FollowUpMade.summary" in summaries
    assert texts - summaries == OPEN_TEXTS


def test_what_a_look_was_at_is_shown_as_its_trace_has_it_and_in_words() -> None:
    look = {"kind": RecordKind.CASE, "purpose": AccessPurpose.SERVICE}
    opened = Viewing(record=uuid4(), surface=RecordSurface.API, what=Looked.IDENTITIES, **look)
    listed = Selection(rows=1, what=Looked.NOTES.named("wife"), **look)
    told = [shown(one) for one in (opened, listed)]
    assert [one["what"] for one in told] == ["identities", "sealed notes of wife"]
    assert [one["what_name"] for one in told] == ["当事人身份", "密封笔记：女方"]
    assert "what_name" not in shown(opened.model_copy(update={"what": None}))

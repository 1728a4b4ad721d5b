"""What is sealed of a case, opened under a trace (启封): its people, what was written of them."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from api.dependencies import CurrentActor, SystemDep
from api.desks import UnsealingDep
from api.looks import EmergencyDep, LooksDep
from api.parts import Part
from api.safety import Safety
from application.casework import FACTS, WORDS
from application.policy import Action
from application.records import Command
from application.unsealing import Passage, ProcessNote, Who
from domain.case import Case
from domain.looked import BOTH, Looked
from domain.values import Party, RecordKind

router = Part(prefix="/cases", tags=["启封 Unsealing"])


class Identities(BaseModel):
    """Who the parties of a case are; where there is danger, `safety` comes first.

    A telephone number stands here beside whom it must not ring.
    """

    safety: Safety | None = None
    case: UUID
    parties: list[Who]


class Notes(BaseModel):
    """The process notes of one compartment of a case."""

    case: UUID
    notes: list[ProcessNote]


class Texts(BaseModel):
    """What was written in a case; where there is danger, `safety` comes first."""

    safety: Safety | None = None
    case: UUID
    texts: list[Passage]


@router.get("/{case_id}/identities")
def read_identities(
    case_id: UUID,
    actor: CurrentActor,
    looks: LooksDep,
    emergency: EmergencyDep,
    desk: UnsealingDep,
    system: SystemDep,
) -> Identities:
    """当事人身份 Who the parties are, opened under a trace; first, how to reach them safely."""
    viewing = looks.unsealing(case_id, Action.READ_IDENTITIES, Looked.IDENTITIES, emergency)
    stream = emergency and emergency.stream
    return Identities(
        safety=Safety.of(system.records.get_proved(Case, case_id)),
        case=case_id,
        parties=desk.identities(viewing, Command(actor), stream),
    )


@router.get("/{case_id}/texts")
def read_texts(
    case_id: UUID,
    actor: CurrentActor,
    looks: LooksDep,
    emergency: EmergencyDep,
    desk: UnsealingDep,
    system: SystemDep,
) -> Texts:
    """客观记录与摘要 What was written in a case, opened under a trace.

    Facts, and for who counsels or supervises, or under a break-glass access, summaries and goals;
    to others these are masked.
    """
    viewing = looks.unsealing(case_id, Action.READ_CASES, Looked.TEXTS, emergency)
    stream = emergency and emergency.stream
    case = system.records.get_proved(Case, case_id)
    summaries = system.records.jurisdiction.may_see(actor, Action.READ_SUMMARIES, case)
    names = WORDS if emergency or summaries else FACTS
    opened = desk.texts(desk.written(case_id), viewing, Command(actor), stream, names)
    return Texts(safety=Safety.of(case), case=case_id, texts=opened.passages)


@router.get("/{case_id}/notes")
def read_notes(
    case_id: UUID,
    actor: CurrentActor,
    looks: LooksDep,
    emergency: EmergencyDep,
    desk: UnsealingDep,
    party: Annotated[
        Party | None,
        Query(
            description="哪一方单独陈述的笔记；不填为共同辅导的笔记。"
            "Whose notes, of what that party said alone; without it, of what was said together."
        ),
    ] = None,
    session: Annotated[
        UUID | None, Query(description="辅导编号。Of one session; without it, of all.")
    ] = None,
) -> Notes:
    """密封笔记 Process notes of one compartment, opened under a trace.

    A break-glass access opens them only if it was asked for sealed notes.
    """
    kind, whose = RecordKind.SEALED_NOTE, party or BOTH
    viewing = looks.unsealing(case_id, Action.READ_NOTES, Looked.NOTES, emergency, kind, whose)
    stream = emergency and emergency.stream
    return Notes(case=case_id, notes=desk.notes(party, session, viewing, Command(actor), stream))

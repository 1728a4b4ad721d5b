"""What persons' requests, impact assessments and disposals write in their registers."""

from __future__ import annotations

from typing import Final

from application.eventlog import Recorded
from domain.assessment import (
    AssessmentApproved,
    AssessmentCorrected,
    AssessmentEvent,
    AssessmentReturned,
    Findings,
    ImpactAssessed,
)
from domain.disposal import (
    DisposalApproved,
    DisposalEvent,
    DisposalProposed,
    DisposalReturned,
    RecordDisposed,
)
from domain.request import (
    IdentityVerified,
    RequestEvent,
    RequestExtended,
    RequestFulfilled,
    RequestGranted,
    RequestReceived,
    RequestRefused,
    RequestWithdrawn,
)
from domain.rights import AssessmentStatus, DisposalStatus, RequestStatus, Stage
from projections.patches import NOTHING_ADDED, Patch, Patchers

STEPS: Final[dict[type[RequestEvent], RequestStatus]] = {
    IdentityVerified: RequestStatus.VERIFIED,
    RequestGranted: RequestStatus.GRANTED,
}
ENDS: Final[dict[type[RequestEvent], RequestStatus]] = {
    RequestRefused: RequestStatus.REFUSED,
    RequestFulfilled: RequestStatus.FULFILLED,
    RequestWithdrawn: RequestStatus.WITHDRAWN,
}


def in_register(
    ledger: str,
    event: RequestEvent | AssessmentEvent | DisposalEvent,
    recorded: Recorded,
    values: dict[str, object],
    added: dict[str, int] = NOTHING_ADDED,
) -> list[Patch]:
    """A change of the row of a request, an assessment or a disposal."""
    row, place = event.originator_id, event.place
    return [Patch(ledger, row, recorded.position, place, values, added)]


def received(event: RequestReceived, recorded: Recorded) -> list[Patch]:
    demand = event.demand
    values: dict[str, object] = {
        "record": demand.record,
        "part": demand.part,
        "kind": demand.kind,
        "applicant": demand.applicant,
        "channel": demand.channel,
        "received_on": event.stamp.occurred_on,
        "due_on": event.due.on,
        "status": RequestStatus.RECEIVED,
        "stage": Stage.WAITING,
        "recorded_at": recorded.recorded_at,
    }
    return in_register("requests", event, recorded, values)


def stepped(event: RequestEvent, recorded: Recorded) -> list[Patch]:
    return in_register("requests", event, recorded, {"status": STEPS[type(event)]})


def extended(event: RequestExtended, recorded: Recorded) -> list[Patch]:
    return in_register("requests", event, recorded, {"due_on": event.after.on})


def settled(event: RequestEvent, recorded: Recorded) -> list[Patch]:
    values: dict[str, object] = {
        "status": ENDS[type(event)],
        "stage": Stage.SETTLED,
        "settled_on": event.stamp.occurred_on,
    }
    return in_register("requests", event, recorded, values)


def assessed(event: ImpactAssessed, recorded: Recorded) -> list[Patch]:
    values = {
        **assessed_values(event.findings),
        "keep_until": event.keep_until,
        "status": AssessmentStatus.RECORDED,
        "recorded_at": recorded.recorded_at,
    }
    return in_register("assessments", event, recorded, values)


def assessment_corrected(event: AssessmentCorrected, recorded: Recorded) -> list[Patch]:
    values = {
        **assessed_values(event.after),
        "keep_until": event.keep_until,
        "status": AssessmentStatus.RECORDED,
    }
    return in_register("assessments", event, recorded, values)


def assessment_approved(event: AssessmentApproved, recorded: Recorded) -> list[Patch]:
    values = {"status": AssessmentStatus.APPROVED, "approved_on": event.stamp.occurred_on}
    return in_register("assessments", event, recorded, values)


def assessment_returned(event: AssessmentReturned, recorded: Recorded) -> list[Patch]:
    return in_register("assessments", event, recorded, {"status": AssessmentStatus.RETURNED})


def assessed_values(findings: Findings) -> dict[str, object]:
    return {
        "activity": findings.activity,
        "triggers": ",".join(findings.triggers),
        "assessed_on": findings.assessed_on,
        "assessors": findings.assessors,
        "outcome": findings.outcome,
    }


def proposed(event: DisposalProposed, recorded: Recorded) -> list[Patch]:
    values = {
        "kind": event.proposal.kind,
        "proposed": len(event.proposal.candidates),
        "proposed_on": event.stamp.occurred_on,
        "status": DisposalStatus.PROPOSED,
        "recorded_at": recorded.recorded_at,
    }
    return in_register("disposals", event, recorded, values)


def approved(event: DisposalApproved, recorded: Recorded) -> list[Patch]:
    values = {
        "status": DisposalStatus.APPROVED,
        "kept": len(event.kept),
        "approved_on": event.stamp.occurred_on,
    }
    return in_register("disposals", event, recorded, values)


def returned(event: DisposalReturned, recorded: Recorded) -> list[Patch]:
    return in_register("disposals", event, recorded, {"status": DisposalStatus.RETURNED})


def disposed(event: RecordDisposed, recorded: Recorded) -> list[Patch]:
    status = DisposalStatus.APPROVED if event.left else DisposalStatus.DONE
    values: dict[str, object] = {"status": status}
    return in_register("disposals", event, recorded, values, {"disposed": 1})


PATCHERS: Final[Patchers] = {
    RequestReceived: received,
    IdentityVerified: stepped,
    RequestGranted: stepped,
    RequestExtended: extended,
    RequestRefused: settled,
    RequestFulfilled: settled,
    RequestWithdrawn: settled,
    ImpactAssessed: assessed,
    AssessmentCorrected: assessment_corrected,
    AssessmentApproved: assessment_approved,
    AssessmentReturned: assessment_returned,
    DisposalProposed: proposed,
    DisposalApproved: approved,
    DisposalReturned: returned,
    RecordDisposed: disposed,
}

"""Commands on compliance reviews (合规检查)."""

from typing import Annotated
from uuid import UUID

from fastapi import Body

from api.commands import AnswerDep, CommandDep, CommandRoute, NewId, Recorded, new_id
from api.desks import ReviewsDep
from api.parts import Part
from domain.base import FreeText, Place
from domain.review import Finding, ReviewPlan
from domain.values import FindingSettlement

router = Part(prefix="/reviews", tags=["合规检查 Reviews"], route_class=CommandRoute)


@router.post("", status_code=201)
def open_review(
    plan: ReviewPlan,
    place: Place,
    by: CommandDep,
    desk: ReviewsDep,
    answer: AnswerDep,
    chosen: NewId = None,
) -> Recorded:
    """开展检查 Settle what is reviewed, the seed included, before anything is drawn."""
    review_id = new_id(chosen, by)
    return answer(review_id, desk.open(review_id, plan, place, by))


@router.post("/{review_id}/sample", status_code=201)
def draw_sample(
    review_id: UUID,
    population: Annotated[tuple[UUID, ...], Body()],
    by: CommandDep,
    desk: ReviewsDep,
    answer: AnswerDep,
) -> Recorded:
    """抽样 Draw once from all cases of the scope; anyone can repeat the draw."""
    return answer(review_id, desk.draw_sample(review_id, population, by))


@router.post("/{review_id}/findings", status_code=201)
def raise_finding(
    review_id: UUID, finding: Finding, by: CommandDep, desk: ReviewsDep, answer: AnswerDep
) -> Recorded:
    """提出问题 Say where a case of the sample breaks a rule."""
    return answer(review_id, desk.raise_finding(review_id, finding, by))


@router.post("/{review_id}/findings/{finding}/answer", status_code=201)
def answer_finding(
    review_id: UUID,
    finding: UUID,
    text: Annotated[FreeText, Body()],
    by: CommandDep,
    desk: ReviewsDep,
    answer: AnswerDep,
) -> Recorded:
    """答复问题 Answer for the reviewed party, not as a reviewer."""
    return answer(review_id, desk.answer_finding(review_id, finding, text, by))


@router.post("/{review_id}/findings/{finding}/settlement", status_code=201)
def settle_finding(
    review_id: UUID,
    finding: UUID,
    settlement: Annotated[FindingSettlement, Body()],
    by: CommandDep,
    desk: ReviewsDep,
    answer: AnswerDep,
    text: Annotated[FreeText | None, Body()] = None,
) -> Recorded:
    """办结问题 Be done with a finding; only a withdrawn one needs no answer."""
    return answer(review_id, desk.settle_finding(review_id, finding, settlement, text, by))


@router.post("/{review_id}/closure", status_code=201)
def close_review(review_id: UUID, by: CommandDep, desk: ReviewsDep, answer: AnswerDep) -> Recorded:
    """结束检查 End the review, once every finding is settled."""
    return answer(review_id, desk.close(review_id, by))

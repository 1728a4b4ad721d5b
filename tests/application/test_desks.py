"""The desks of oversight and territory: what they look up before the domain decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.access import review_due
from application.as_of import AsOfRefused
from application.pins import Pins
from application.records import Actor, Command, NotFound, Records
from application.reviews import Reviews
from application.supervision import Supervision
from application.territory import Regions, id_of
from domain import case_file
from domain.base import Place, Refused
from domain.case import Case
from domain.case_facts import Opening
from domain.pin import PinnedReport, Question, digest_of
from domain.region import Region
from domain.region_events import (
    Founding,
    Report,
    ReportingPeriod,
    Requirement,
    Succession,
    Village,
)
from domain.review import Finding, Review, ReviewPlan
from domain.supervision import Order, SupervisionOrder
from domain.values import (
    CaseChannel,
    EscalationStep,
    Extent,
    FindingSettlement,
    FindingSeverity,
    OrderStatus,
    RegionKind,
    RegionLevel,
    Role,
    ServiceType,
    Visit,
)

TODAY = date.today()  # noqa: DTZ011 - a day that no zone has in the future
YESTERDAY = TODAY - timedelta(days=1)
MARCH = ReportingPeriod(first=date(2019, 3, 1), last=date(2019, 3, 31))


def command(reason: str | None = None) -> Command:
    """Somebody's command, each time somebody else's."""
    by = Actor(uuid4(), Role.SUPERVISOR, uuid4())
    return Command(by, occurred=YESTERDAY, reason=reason)


@pytest.fixture
def region(records: Records) -> UUID:
    """A province in the log."""
    founding = Founding(
        scheme="test",
        code="370000",
        name="山东省",
        level=RegionLevel.PROVINCE,
        kind=RegionKind.PROVINCE,
        valid_from=date(2000, 1, 1),
    )
    Regions(records).establish(founding, command())
    return id_of(founding)


def order(region: UUID, *evidence: int) -> Order:
    return Order(
        addressee=region,
        what="加快回访",
        issued_on=YESTERDAY,
        deadline=TODAY + timedelta(days=30),
        evidence=evidence,
    )


def test_an_order_goes_from_issue_to_write_off(records: Records, region: UUID) -> None:
    desk, order_id, rectifier = Supervision(records), uuid4(), command()
    desk.issue(order_id, order(region, 1), Place(region=region), command())
    desk.acknowledge(order_id, replace(rectifier, request=uuid4()))
    desk.report_progress(order_id, "已完成一半", replace(rectifier, request=uuid4()))
    desk.submit_evidence(order_id, "全部完成", (1,), replace(rectifier, request=uuid4()))
    desk.send_back(order_id, command("材料不全"))
    desk.submit_evidence(order_id, "补充材料", (), replace(rectifier, request=uuid4()))
    desk.verify(order_id, command())
    desk.write_off(order_id, command())
    assert records.get(SupervisionOrder, order_id).status is OrderStatus.WRITTEN_OFF
    desk.void_write_off(order_id, command("误销"))
    assert records.get(SupervisionOrder, order_id).status is OrderStatus.VERIFIED


def test_an_order_is_escalated_extended_corrected_and_voided(
    records: Records, region: UUID
) -> None:
    desk, order_id, place = Supervision(records), uuid4(), Place(region=region)
    desk.issue(order_id, order(region), place, command())
    desk.escalate(order_id, EscalationStep.REMINDER, command("未按期答复"))
    desk.extend_deadline(order_id, TODAY + timedelta(days=60), command("申请延期"))
    corrected = order(region).model_copy(update={"what": "更正事项"})
    desk.correct(order_id, corrected, place, command("笔误"))
    desk.void(order_id, command("误下达"))
    assert records.get(SupervisionOrder, order_id).status is OrderStatus.VOIDED


def test_evidence_of_an_order_is_a_position_of_the_log(records: Records, region: UUID) -> None:
    with pytest.raises(AsOfRefused):
        Supervision(records).issue(uuid4(), order(region, 10**12), Place(region=region), command())


def test_an_order_counts_where_there_is_something(records: Records, region: UUID) -> None:
    with pytest.raises(NotFound):
        Supervision(records).issue(uuid4(), order(region), Place(region=uuid4()), command())


def plan(as_of: int = 1) -> ReviewPlan:
    return ReviewPlan(
        scope="2019年个案", as_of=as_of, rules_version="2019", sample_size=2, seed="370000"
    )


def opened_in(records: Records, region: UUID, case: UUID, number: int) -> None:
    """A case that lies in a region."""
    opening = Opening(
        number=f"2019-{number}",
        service=ServiceType.DIVORCE_ADJUSTMENT,
        channel=CaseChannel.REGISTRY_WINDOW,
        visit=Visit.FIRST,
    )
    records.change(command(), Case, case, case_file.open_case, opening, Place(region=region))


def test_a_review_goes_from_opening_to_closure(records: Records, region: UUID) -> None:
    desk, review_id, cases = Reviews(records), uuid4(), (uuid4(), uuid4())
    reviewer = command()
    for number, case in enumerate(cases):
        opened_in(records, region, case, number)
    as_of = records.recorder.max_notification_id() or 0
    desk.open(review_id, plan(as_of), Place(region=region), replace(reviewer, request=uuid4()))
    desk.draw_sample(review_id, cases, replace(reviewer, request=uuid4()))
    finding = Finding(
        id=uuid4(), case=cases[0], rule="一案一档", text="缺少评估", severity=FindingSeverity.MINOR
    )
    desk.raise_finding(review_id, finding, replace(reviewer, request=uuid4()))
    with pytest.raises(Refused, match="findings-unsettled"):
        desk.close(review_id, replace(reviewer, request=uuid4()))
    desk.answer_finding(review_id, finding.id, "已补充", command())
    desk.settle_finding(
        review_id,
        finding.id,
        FindingSettlement.RECTIFIED,
        None,
        replace(reviewer, request=uuid4()),
    )
    desk.close(review_id, replace(reviewer, request=uuid4()))
    assert records.get(Review, review_id).version == 6


def test_a_review_reads_the_log_as_of_a_position_it_has(records: Records, region: UUID) -> None:
    with pytest.raises(AsOfRefused):
        Reviews(records).open(uuid4(), plan(10**12), Place(region=region), command())


@pytest.mark.parametrize(
    ("ended_on", "due"),
    [
        (date(2026, 3, 2), date(2026, 3, 9)),
        (date(2026, 9, 30), date(2026, 10, 13)),
        (date(2026, 12, 30), date(2027, 1, 6)),
    ],
    ids=[
        "over a weekend",
        "over the holidays of October and a Saturday at work",
        "into a year not announced yet",
    ],
)
def test_an_access_is_judged_by_the_fifth_working_day_after_it(ended_on: date, due: date) -> None:
    assert review_due(ended_on) == due


def test_a_founding_is_corrected_only_into_a_region_that_exists(
    records: Records, region: UUID
) -> None:
    desk, at_home = Regions(records), records.get(Region, region).require_established()
    city = at_home.model_copy(
        update={
            "code": "370100",
            "level": RegionLevel.CITY,
            "kind": RegionKind.PREFECTURE_CITY,
            "parent": region,
        }
    )
    desk.establish(city, command())
    astray = city.model_copy(update={"parent": uuid4()})
    with pytest.raises(NotFound):
        desk.correct_founding(id_of(city), astray, command("误录"))


def sheet(pin: UUID | None = None, position: int = 1, period: ReportingPeriod = MARCH) -> Report:
    return Report(form="季报", period=period, definitions="1", position=position, pin=pin)


def test_a_sheet_names_a_pin_of_its_own_position_and_period(records: Records, region: UUID) -> None:
    desk, pin = Regions(records), uuid4()
    report = PinnedReport(
        question=Question(
            region="370000", first=MARCH.first, last=MARCH.last, by="total", columns="total",
            boundaries="then", indicators=("applications",),
        ),
        size=1, root="0" * 64, simulated=False, columns=(), lines=(), digest=digest_of((), ()),
        definitions=(), code="tests",
    )  # fmt: skip
    Pins(records).pin(pin, report.question, 1, command(), lambda _: report)
    april = ReportingPeriod(first=date(2019, 4, 1), last=date(2019, 4, 30))
    for period in (MARCH, april):
        requirement = Requirement(
            form="季报", period=period, due_on=date(2019, 7, 1), levels=(RegionLevel.PROVINCE,)
        )
        desk.require_report(region, requirement, command("补录"))
    for beside in (sheet(pin, position=2), sheet(pin, period=april)):
        with pytest.raises(Refused, match="report-beside-its-pin"):
            desk.submit_report(region, beside, command("补录"))
    with pytest.raises(NotFound):
        desk.submit_report(region, sheet(uuid4()), command("补录"))
    desk.submit_report(region, sheet(pin), command("补录"))
    filing = records.get(Region, region).filings["季报", MARCH]
    assert filing.report is not None
    assert filing.report.pin == pin
    with pytest.raises(NotFound):
        desk.restate_report(region, sheet(region), command("重报"))
    with pytest.raises(Refused, match="pin-exists"):
        Pins(records).pin(pin, report.question, 1, command(), lambda _: report)


def below(region: UUID, code: str, **changes: Any) -> Founding:
    """A city of the province, or what the changes make of it."""
    city = Founding(
        scheme="test",
        code=code,
        name=f"{code}市",
        level=RegionLevel.CITY,
        kind=RegionKind.PREFECTURE_CITY,
        parent=region,
        valid_from=date(2000, 1, 1),
    )
    return city.model_copy(update=changes)


def whole(successor: UUID, on: date) -> Succession:
    return Succession(successor=successor, extent=Extent.WHOLE, announced_on=on, effective_on=on)


MERGER = date(2019, 1, 9)


@pytest.mark.parametrize("since", [date(1990, 1, 1), date(2000, 1, 1), MERGER])
def test_a_code_is_borne_by_one_region_at_a_time(
    records: Records, region: UUID, since: date
) -> None:
    desk = Regions(records)
    heir, city = below(region, "370100"), below(region, "371200")
    desk.establish(heir, command())
    desk.establish(city, command())
    local = below(region, "371200", scheme="local", valid_from=since)
    with pytest.raises(Refused, match="region-code-borne"):
        desk.establish(local, command())
    desk.succeed(id_of(city), whole(id_of(heir), MERGER), command("补录"))
    if since < MERGER:
        with pytest.raises(Refused, match="region-code-borne"):
            desk.establish(local, command())
    else:
        desk.establish(local, command())


def test_a_code_of_a_region_that_was_voided_is_free(records: Records, region: UUID) -> None:
    desk = Regions(records)
    mistaken = below(region, "371200")
    desk.establish(mistaken, command())
    desk.void_founding(id_of(mistaken), command("误录"))
    desk.establish(below(region, "371200", scheme="local"), command())
    with pytest.raises(Refused, match="region-code-borne"):
        desk.establish(mistaken, command())


def test_a_region_does_not_live_on_under_a_code_that_was_given_to_another(
    records: Records, region: UUID
) -> None:
    desk = Regions(records)
    heir, city = below(region, "370100"), below(region, "371200")
    desk.establish(heir, command())
    desk.establish(city, command())
    part = whole(id_of(heir), date(2018, 1, 1)).model_copy(
        update={"extent": Extent.PART, "area": "一镇"}
    )
    desk.succeed(id_of(city), part, command("补录"))
    desk.succeed(id_of(city), whole(id_of(heir), MERGER), command("补录"))
    desk.establish(below(region, "371200", scheme="local", valid_from=MERGER), command())
    passed = (id_of(city), id_of(heir), MERGER)
    with pytest.raises(Refused, match="region-code-borne"):
        desk.void_succession(*passed, command("误录"))
    later = whole(id_of(heir), MERGER + timedelta(days=1))
    with pytest.raises(Refused, match="region-code-borne"):
        desk.correct_succession(*passed, later, command("误录"))
    earlier = whole(id_of(heir), MERGER - timedelta(days=1))
    desk.correct_succession(*passed, earlier, command("误录"))
    desk.void_succession(id_of(city), id_of(heir), part.effective_on, command("误录"))


def test_a_village_bears_no_code_of_another_region(records: Records, region: UUID) -> None:
    desk = Regions(records)
    of_a_town = {"level": RegionLevel.TOWNSHIP, "kind": RegionKind.TOWN}
    town = below(region, "371200001", **of_a_town, valid_from=date(2001, 1, 1))
    desk.establish(town, command())
    with pytest.raises(Refused, match="region-code-borne"):
        desk.establish_village(id_of(town), Village(code="370000", name="东升村"), command())
    desk.establish_village(id_of(town), Village(code="371200001201", name="东升村"), command())


def test_a_region_does_not_come_to_lie_in_itself(records: Records, region: UUID) -> None:
    desk = Regions(records)
    city, other = below(region, "371200"), below(region, "370100")
    desk.establish(city, command())
    desk.establish(other, command())
    county = below(id_of(city), "371202", level=RegionLevel.COUNTY, kind=RegionKind.DISTRICT)
    desk.establish(county, command())
    with pytest.raises(Refused, match="region-below-itself"):
        desk.move(id_of(city), id_of(county), MERGER, command("补录"))
    with pytest.raises(Refused, match="region-below-itself"):
        desk.succeed(id_of(city), whole(id_of(county), MERGER), command("补录"))
    astray = city.model_copy(update={"parent": id_of(county)})
    with pytest.raises(Refused, match="region-below-itself"):
        desk.correct_founding(id_of(city), astray, command("误录"))
    desk.move(id_of(county), id_of(other), MERGER, command("补录"))
    with pytest.raises(Refused, match="region-below-itself"):
        desk.move(id_of(city), id_of(county), MERGER - timedelta(days=1), command("补录"))
    desk.move(id_of(city), id_of(county), MERGER, command("补录"))

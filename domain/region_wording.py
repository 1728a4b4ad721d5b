"""What people read of a region (行政区): refusals as sentences, titles of events."""

from __future__ import annotations

from domain.sentence import Sentence

REGION_REFUSALS = {
    "region-exists": Sentence(
        "This region is established already; choose another code or first day.",
        "该行政区已设立，请核对代码和设立日期。",
    ),
    "village-needs-room": Sentence(
        "Villages are reference data and become a region only when a room opens there; make the "
        "village a region of its township, where the room is to open.",
        "村居为基础数据，仅在开设辅导室时成为行政区，请在所属乡镇（街道）下登记该村居。",
    ),
    "village-outside-township": Sentence(
        "A village lies in a township or subdistrict, and this is a region of level {level}; name "
        "its township.",
        "村居须隶属乡镇（街道），所填行政区的层级为 {level}，请填写所属乡镇（街道）。",
    ),
    "region-not-established": Sentence(
        "There is no such region yet; establish it first.",
        "该行政区尚未设立，请先设立。",
    ),
    "region-id-differs": Sentence(
        "The id does not belong to the code {region}; take the one of scheme, code and first day.",
        "编号与代码 {region} 不符，请使用由编码体系、代码和设立日期得出的编号。",
    ),
    "region-kind-of-other-level": Sentence(
        "A region of kind {kind} does not stand at level {level}; correct one of the two.",
        "类别 {kind} 与层级 {level} 不符，请更正其一。",
    ),
    "region-parent-missing": Sentence(
        "A region of level {level} lies in another one; name it.",
        "层级 {level} 的行政区须指明上级行政区。",
    ),
    "region-parent-not-possible": Sentence(
        "A province lies in no other region here; leave the parent out.",
        "省级行政区没有上级，请勿填写上级行政区。",
    ),
    "region-name-unchanged": Sentence(
        "The region is called {name} already; enter the new name.",
        "该行政区名称已是 {name}，请填写新名称。",
    ),
    "region-parent-unchanged": Sentence(
        "The region lies there already, or would lie in itself; name the new one.",
        "上级行政区没有变化或指向自身，请填写新的上级行政区。",
    ),
    "region-succeeds-itself": Sentence(
        "A region cannot succeed itself; name its successor.",
        "行政区不能由自身承继，请指明承继的行政区。",
    ),
    "region-succession-exists": Sentence(
        "This succession of {effective_on} is recorded already.",
        "{effective_on} 的该项区划承继已登记。",
    ),
    "region-part-needs-area": Sentence(
        "Say which part of the region went to the successor.",
        "部分划转须写明划出的范围。",
    ),
    "region-succession-unknown": Sentence(
        "No succession to this region took effect on {effective_on}; check successor and day.",
        "没有于 {effective_on} 生效的该项区划承继，请核对承继的行政区和日期。",
    ),
    "region-identity-fixed": Sentence(
        "Scheme, code {region} and first day stay; void the region and establish the right one.",
        "编码体系、代码 {region} 和设立日期不可更正，请作废该行政区后另行设立。",
    ),
    "region-not-renamed": Sentence(
        "The region bears its first name; there is no renaming to void.",
        "该行政区未曾更名，没有可作废的更名。",
    ),
    "region-not-moved": Sentence(
        "The region lies where it first lay; there is no move to void.",
        "该行政区未曾改隶，没有可作废的改隶。",
    ),
    "founding-built-upon": Sentence(
        "The region was renamed, moved or passed on since; void that first.",
        "该行政区设立后已更名、改隶或承继，请先作废这些变更。",
    ),
    "founding-has-records": Sentence(
        "Meetings, leading groups or reports of the region stand; void or waive them first.",
        "该行政区名下尚有领导小组、会议、调度或报表，请先作废或免报。",
    ),
    "region-closed": Sentence(
        "The region went to its successor on {closed_on}; record this there.",
        "该行政区已于 {closed_on} 整体并入承继的行政区，请在承继的行政区登记。",
    ),
    "before-region": Sentence(
        "The region exists only from {valid_from} on; check the date.",
        "该行政区自 {valid_from} 起设立，请核对日期。",
    ),
    "leading-group-replaced": Sentence(
        "Another leading group was formed after this one; void that one first.",
        "此后已另行成立领导小组，请先作废后者。",
    ),
    "dispatch-position-pinned": Sentence(
        "What was on screen is pinned at position {position}; void it and record it anew.",
        "调度所示数据固定于日志位置 {position}，如有误请作废后重新登记。",
    ),
    "report-levels-wrong": Sentence(
        "Name the levels that pass the report, each once.",
        "请列明审核层级，每级一次。",
    ),
    "report-already-required": Sentence(
        "The report {form} of this period is required already.",
        "该报告期的 {form} 已布置。",
    ),
    "report-not-required": Sentence(
        "The report {form} of this period is not required; require it first.",
        "该报告期的 {form} 尚未布置，请先布置。",
    ),
    "report-already-submitted": Sentence(
        "The report {form} was submitted already; have it returned, or restate the final one.",
        "{form} 已上报，如需修改请先退回；核定后请重报。",
    ),
    "report-not-submitted": Sentence(
        "The report {form} does not wait for approval; check its status.",
        "{form} 不在待审核状态，请核对。",
    ),
    "report-of-other-level": Sentence(
        "It is the turn of level {level}; wait for it.",
        "当前应由 {level} 级审核，请等待。",
    ),
    "report-approver-submitted": Sentence(
        "Who submitted a report does not decide on it; let someone else do it.",
        "上报人不得审核本人上报的报告，请由他人审核。",
    ),
    "report-already-passed": Sentence(
        "The report {form} was passed by a level; return or restate it.",
        "{form} 已通过审核，请退回或重报。",
    ),
    "report-not-final": Sentence(
        "Only a final report is restated; have {form} returned and submit it again.",
        "只有核定的报告才能重报；请将 {form} 退回后重新上报。",
    ),
    "return-needs-reason": Sentence(
        "Say why it is returned.",
        "退回须填写原因。",
    ),
    "period-reopening-needs-reason": Sentence(
        "Say why the period is opened again.",
        "重新开放报告期须填写原因。",
    ),
    "period-ends-before-it-starts": Sentence(
        "The period ends on {last}, before it starts on {first}; correct one of the two.",
        "报告期止于 {last}，早于起始日 {first}，请更正。",
    ),
    "period-not-over": Sentence(
        "The period runs until {last}; wait for its last day.",
        "报告期至 {last} 止，请待期满。",
    ),
    "period-locked": Sentence(
        "{on} lies in a locked period; have the period opened again.",
        "{on} 所在报告期已锁定，请申请重新开放。",
    ),
    "period-already-locked": Sentence(
        "The period is locked already.",
        "该报告期已锁定。",
    ),
    "period-not-locked": Sentence(
        "The period is not locked; there is nothing to open.",
        "该报告期未锁定，无需开放。",
    ),
    "period-already-open": Sentence(
        "The period is open again already.",
        "该报告期已重新开放。",
    ),
}

REGION_TITLES = {
    "region.established.v1": "设立行政区",
    "region.founding-corrected.v1": "更正行政区设立",
    "region.founding-voided.v1": "作废行政区设立",
    "region.renamed.v1": "行政区更名",
    "region.renaming-voided.v1": "作废行政区更名",
    "region.moved.v1": "行政区改隶",
    "region.move-voided.v1": "作废行政区改隶",
    "region.succeeded.v1": "区划承继",
    "region.succession-corrected.v1": "更正区划承继",
    "region.succession-voided.v1": "作废区划承继",
    "region.leading-group-formed.v1": "成立领导小组",
    "region.leading-group-corrected.v1": "更正领导小组",
    "region.leading-group-voided.v1": "作废领导小组",
    "region.joint-meeting-held.v1": "召开联席会议",
    "region.joint-meeting-corrected.v1": "更正联席会议",
    "region.joint-meeting-voided.v1": "作废联席会议",
    "region.dispatch-held.v1": "情况调度",
    "region.dispatch-corrected.v1": "更正情况调度",
    "region.dispatch-voided.v1": "作废情况调度",
    "region.report-required.v1": "布置报表",
    "region.report-waived.v1": "免报",
    "region.report-submitted.v1": "上报报表",
    "region.report-returned.v1": "退回报表",
    "region.report-approved.v1": "报表审核通过",
    "region.report-restated.v1": "重报报表",
    "region.period-locked.v1": "锁定报告期",
    "region.period-reopened.v1": "重新开放报告期",
}

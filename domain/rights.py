"""The rights of persons in their data (个人信息权益): value lists, and the terms kept by policy."""

from __future__ import annotations

from typing import Final, NamedTuple

from domain.values import Labelled, Party


class PersonPart(Labelled):
    """Whose data in a record: those of a party of a case, or a member of the team's own."""

    WIFE = "wife", "女方"
    HUSBAND = "husband", "男方"
    OTHER = "other", "其他家庭成员"
    SELF = "self", "人员本人"

    @property
    def party(self) -> Party | None:
        """The party of a case; None for a member of the team."""
        return next((party for party in Party if party.value == self.value), None)


class RequestKind(Labelled):
    """What a person asks for (Personal Information Protection Law, arts. 44 to 48)."""

    INSPECT = "inspect", "查阅"
    COPY = "copy", "复制"
    CORRECT = "correct", "更正、补充"
    ERASE = "erase", "删除"
    RESTRICT = "restrict", "限制或者拒绝处理"
    EXPLAIN = "explain", "解释说明处理规则"


class Applicant(Labelled):
    """Who asks: the person, or somebody for it (art. 49 for the dead; Civil Code art. 23, 165)."""

    SELF = "self", "本人"
    AGENT = "agent", "委托代理人"
    GUARDIAN = "guardian", "监护人"
    RELATIVE = "relative-of-deceased", "死者近亲属"


class RequestChannel(Labelled):
    """How a request came in."""

    IN_PERSON = "in-person", "当面"
    WRITTEN = "written", "书面"
    TELEPHONE = "telephone", "电话"
    ONLINE = "online", "网上"


class VerificationMeans(Labelled):
    """By what it was made sure who asks; a copy of the paper is not kept."""

    DOCUMENT = "identity-document", "核对身份证件"
    CALL_BACK = "call-back", "回拨登记的电话"
    KNOWN = "known-in-person", "承办人当面认识"
    AUTHORITY = "authority", "核对身份证件与授权或者关系证明"


class RequestRefusal(Labelled):
    """Why a request is refused; the person may go to court (art. 50)."""

    IDENTITY_UNPROVEN = "identity-unproven", "身份无法核实"
    NOT_HELD = "not-held", "未持有所申请的信息"
    OTHERS_PRIVACY = "others-privacy", "涉及他人隐私和安全"
    SECRECY = "secrecy", "法律、行政法规规定保密或者不需要告知"
    LEGAL_DUTY = "legal-duty", "履行法定职责所必需"
    TERM_NOT_OVER = "term-not-over", "法律、行政法规规定的保存期限未届满"
    LEGAL_HOLD = "legal-hold", "依法保全"
    ACCURATE = "accurate", "经核实信息准确、完整"


class RequestStatus(Labelled):
    """How far a request has come."""

    RECEIVED = "received", "已受理"
    VERIFIED = "verified", "已核实身份"
    GRANTED = "granted", "已准予"
    FULFILLED = "fulfilled", "已办结"
    REFUSED = "refused", "已拒绝"
    WITHDRAWN = "withdrawn", "已撤回"


class Stage(Labelled):
    """Whether anybody still waits for an answer."""

    WAITING = "waiting", "在办"
    SETTLED = "settled", "已了结"


class AssessmentTrigger(Labelled):
    """Why an impact assessment is due (Personal Information Protection Law, art. 55)."""

    SENSITIVE = "sensitive-information", "处理敏感个人信息"
    AUTOMATED = "automated-decision", "利用个人信息进行自动化决策"
    ENTRUSTED = "entrusted-or-shared", "委托处理、向其他处理者提供或者公开"
    ABROAD = "abroad", "向境外提供个人信息"
    IMPACT = "major-impact", "其他对个人权益有重大影响的处理"


class AssessmentOutcome(Labelled):
    """What an impact assessment came to."""

    PROCEED = "proceed", "可以处理"
    WITH_MEASURES = "with-measures", "采取措施后可以处理"
    STOP = "stop", "不得处理"


class AssessmentStatus(Labelled):
    """How far an impact assessment has come."""

    RECORDED = "recorded", "待审定"
    APPROVED = "approved", "已审定"
    RETURNED = "returned", "已退回"


class DisposalStatus(Labelled):
    """How far a disposal has come."""

    PROPOSED = "proposed", "待鉴定审批"
    APPROVED = "approved", "已批准"
    RETURNED = "returned", "已退回"
    DONE = "done", "已处置"


class Age(Labelled):
    """How old a minor is, as far as the law asks (Personal Information Protection Law, art. 31)."""

    UNDER_14 = "under-14", "不满十四周岁"
    UNDER_18 = "under-18", "十四周岁以上不满十八周岁"


class Term(NamedTuple):
    """Working days within which a request is answered, and by how many it is extended, once."""

    working_days: int
    extension: int
    source: str


TERM: Final = Term(
    working_days=15,
    extension=15,
    source=(
        "Policy. The Personal Information Protection Law (art. 50) demands an answer and names no "
        "number of days. Taken over is the limit that 国信办秘字〔2019〕191号 (part 6) sets for "
        "apps, 15 working days; GB/T 35273-2020 (8.7) recommends 30 days, which one extension may "
        "exceed when holidays fall into it."
    ),
)
"""The term of every kind of request."""

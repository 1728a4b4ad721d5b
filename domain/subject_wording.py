"""What people read of the keys of personal data: refusals as sentences, titles of events."""

from __future__ import annotations

from domain.sentence import Sentence

SUBJECT_REFUSALS = {
    "privacy-officer-only": Sentence(
        "Only a privacy officer decides on that, not a {role}; ask one.",
        "该事项须由个人信息保护负责人办理，当前身份为 {role}，请转交办理。",
    ),
    "legal-hold": Sentence(
        "The record is under a legal hold ({ground}); erase it once the hold is lifted.",
        "该记录因 {ground} 须依法保全，解除保全后方可删除。",
    ),
    "key-already-destroyed": Sentence(
        "The key {key} is destroyed already; there is nothing left to erase.",
        "密钥 {key} 已销毁，无须重复办理。",
    ),
    "subject-of-another": Sentence(
        "This stream belongs to another record than {record}; check the number.",
        "该数据流不属于记录 {record}，请核对编号。",
    ),
    "destroyed-and-unsaid": Sentence(
        "The keys of the record ({record}) are destroyed, but the log does not say so: there is no "
        "certificate. An alarm rings; let an operator look, and repeat the request afterwards.",
        "记录 {record} 的密钥已经销毁，但日志未能记载，因此未出具证明。系统已报警，请系统管理员"
        "查明后以同一请求重试。",
    ),
    "no-personal-data": Sentence(
        "The vault has no key of this record ({record}), or of the parts that were named; nothing "
        "of them was sealed, or it is erased.",
        "保险库中没有记录 {record} 或者所选部分的密钥：未曾密封这些个人信息，或者已经删除。",
    ),
    "part-unknown": Sentence(
        "Such a record has no part “{part}”, and nothing was done; name one or more of: {parts}.",
        "此类记录没有“{part}”部分，本次未作任何处理；请从以下各项中选填：{parts}。",
    ),
    "keys-kept-elsewhere": Sentence(
        "Only a case, a member of the team or an account has keys of its own; instead of {record} "
        "name the one that it is about.",
        "只有个案、人员和账号有自己的密钥；{record} 请按其所涉个案、人员或者账号办理。",
    ),
    "retention-over-by-disposal": Sentence(
        "What is over by the retention schedule is proposed and approved as a disposal, by two "
        "persons; propose one, or erase on another ground.",
        "保管期限届满的，须经鉴定销毁程序由两人提出和审批；请提出鉴定销毁，或者以其他法定事由删除。",
    ),
    "still-in-service": Sentence(
        "The person is still on the team; deregister first, then erase.",
        "该人员仍在职，请先办理离队再删除个人信息。",
    ),
    "post-in-use": Sentence(
        "The account still has a post; end it first, then erase.",
        "该账号仍有任职，请先终止任职再删除个人信息。",
    ),
}

SUBJECT_TITLES = {
    "subject.legal-hold-placed.v1": "依法保全个人信息",
    "subject.legal-hold-lifted.v1": "解除保全",
    "subject.key-destroyed.v1": "销毁个人信息密钥",
}

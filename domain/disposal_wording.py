"""What people read of disposals (鉴定销毁): refusals as sentences, titles of events."""

from __future__ import annotations

from domain.sentence import Sentence

DISPOSAL_REFUSALS = {
    "disposal-exists": Sentence(
        "This disposal was proposed before; use a new id for another one.",
        "该鉴定销毁已提出，另行提出请使用新的编号。",
    ),
    "disposal-not-proposed": Sentence(
        "There is no such disposal; propose it first.",
        "该鉴定销毁尚未提出，请先提出。",
    ),
    "disposal-at-other-step": Sentence(
        "The disposal stands at “{status}”; look at its history for the step that is next.",
        "该鉴定销毁当前为“{status}”，不能办理此步骤，请查看其历史。",
    ),
    "class-not-disposed": Sentence(
        "Records of the class “{kind}” are not disposed of; see the retention schedule.",
        "“{kind}”类记录不作销毁，请查看保管期限表。",
    ),
    "candidate-named-twice": Sentence(
        "A record is named twice; name each once.",
        "有记录重复列出，请每件只列一次。",
    ),
    "still-to-be-kept": Sentence(
        "Record {record} is to be kept until {keep_until}; leave it out until then.",
        "记录 {record} 须保管至 {keep_until}，届满之前请勿列入。",
    ),
    "kept-for-good": Sentence(
        "Record {record} is not archived, or kept for good; it is not disposed of.",
        "记录 {record} 尚未归档（人员尚未离队）或须永久保管，不得列入。",
    ),
    "class-of-other-record": Sentence(
        "Record {record} is not of the class “{kind}”; propose it under its own.",
        "记录 {record} 不属于“{kind}”类，请按其类别提出。",
    ),
    "no-candidate": Sentence(
        "Record {record} was not proposed; keep only what was.",
        "记录 {record} 不在提出的清单中，只能从清单中留存。",
    ),
    "nothing-disposed": Sentence(
        "All of them are kept; send the proposal back instead.",
        "全部留存时请将该提议退回。",
    ),
    "not-to-be-disposed": Sentence(
        "Record {record} was not approved, or is disposed of already; look at the list.",
        "记录 {record} 未获批准或已处置，请核对清单。",
    ),
}

DISPOSAL_TITLES = {
    "disposal.proposed.v1": "提出鉴定销毁",
    "disposal.approved.v1": "批准鉴定销毁",
    "disposal.returned.v1": "退回鉴定销毁",
    "disposal.record-disposed.v1": "销毁记录密钥",
}

"""What people read of the log itself: its refusals, and the titles of its events."""

from __future__ import annotations

from domain.sentence import Sentence

LOG_REFUSALS = {
    "log-already-begun": Sentence(
        "This log has begun already; what it said of itself stays.",
        "本日志已启用，其性质声明不可更改。",
    ),
    "log-not-begun": Sentence(
        "This log has not begun; start the system once, which begins it.",
        "本日志尚未启用，请先启动系统。",
    ),
    "author-already-registered": Sentence(
        "An instance “{name}” is registered already; give the new one a name of its own "
        "(HUHANG_INSTANCE).",
        "应用实例“{name}”已登记，请为新实例另取名称（HUHANG_INSTANCE）。",
    ),
    "sm2-key-already-registered": Sentence(
        "This key of SM2 is registered already; nothing is to be done.",
        "此 SM2 公钥已登记，无需再次登记。",
    ),
    "heads-already-noted": Sentence(
        "The heads of the streams are noted up to position {size}; nothing was recorded since.",
        "各记录流的末端已登记至位置 {size}，此后无新记录。",
    ),
    "schema-unchanged": Sentence(
        "The fence around the log is as it was noted last.",
        "日志防护结构与上次登记一致。",
    ),
}

LOG_TITLES = {
    "log.genesis.v1": "启用日志",
    "log.author-registered.v1": "登记应用实例",
    "log.sm2-key-registered.v1": "登记国密签名公钥",
    "log.stream-heads.v1": "登记各记录流末端",
    "log.schema-changed.v1": "日志防护结构变更",
    "log.readings-digested.v1": "登记读模型摘要",
}

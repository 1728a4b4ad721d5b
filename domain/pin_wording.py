"""What people read of a pinned answer (固定报表): refusals as sentences, titles of events."""

from __future__ import annotations

from domain.sentence import Sentence

PIN_REFUSALS = {
    "pin-exists": Sentence(
        "This answer is pinned already; pin another one under a new id.",
        "该报表已固定，另行固定请使用新的编号。",
    ),
}

PIN_TITLES = {
    "pin.report-pinned.v1": "固定报表",
}

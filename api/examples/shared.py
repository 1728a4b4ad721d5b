"""Who, where, when and why in every example."""

from __future__ import annotations

from typing import Any, Final

Body = dict[str, Any]

CASE: Final = "0b6f1c1e-6f1a-4c55-9f0a-2f6b7a3d1c01"
RECORD: Final = "5d0c5a3e-1b7e-4c3c-8a52-9a1e6f3b7c02"
SECOND_RECORD: Final = "5d0c5a3e-1b7e-4c3c-8a52-9a1e6f3b7c03"
PERSON: Final = "9c2e4d7a-3f60-4b0e-b7d9-6a5f8e1c2d04"
CENTRE: Final = "c1d2e3f4-0a1b-4c2d-8e3f-4a5b6c7d8e05"
REGION: Final = "d2e3f4a5-1b2c-4d3e-9f4a-5b6c7d8e9f06"

WHEN: Final[Body] = {"occurred": "2019-03-01"}
AT: Final[Body] = {"occurred": "2019-03-01T09:30:00+08:00"}
WHY: Final[Body] = {"reason": "录入有误，经核对更正"}
HERE: Final[Body] = {"centre": CENTRE, "region": REGION}

"""One body for every command, by the name of its operation: what the OpenAPI page shows."""

from __future__ import annotations

from typing import Final

from api.examples.accounts import ACCOUNTS, SESSIONS
from api.examples.cases import CASES
from api.examples.centres import CENTRES
from api.examples.oversight import (
    ACCESS,
    ASSESSMENTS,
    DISPOSALS,
    ERASURES,
    ORDERS,
    PINS,
    PROTECTION,
    REQUESTS,
    REVIEWS,
    SEARCHES,
)
from api.examples.practitioners import PRACTITIONERS
from api.examples.regions import REGIONS
from api.examples.shared import Body

EXAMPLES: Final[dict[str, Body]] = {
    **CASES,
    **CENTRES,
    **PRACTITIONERS,
    **REGIONS,
    **ORDERS,
    **REVIEWS,
    **ACCESS,
    **ERASURES,
    **PINS,
    **ACCOUNTS,
    **SESSIONS,
    **REQUESTS,
    **ASSESSMENTS,
    **DISPOSALS,
    **PROTECTION,
    **SEARCHES,
}

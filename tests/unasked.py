"""For tests of storage and proof: records under which everybody may do everything."""

from __future__ import annotations

from typing import Any

from application.jurisdiction import Jurisdiction


class Unasked(Jurisdiction):
    """Refuses nothing."""

    def require(self, *_: Any) -> None:
        """Let it be done."""

    def require_sight(self, *_: Any) -> None:
        """Let it be seen."""

    def require_with(self, *_: Any) -> None:
        """Let it be decided anywhere."""

    def may_see(self, *_: Any) -> bool:
        """It is seen."""
        return True

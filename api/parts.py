"""Parts of the API, each with the operations below its own address."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope

PREFIX: Final = "/api/v1"  # before the address of every part


class Part(APIRouter):
    """Operations below one address; those of another part are not gone through for a request.

    The framework tries every operation in turn, twice, which is a third of its work on a request.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether an operation of this part answers."""
        fixed = self.prefix.partition("{")[0]
        if fixed not in scope.get("path", ""):
            return Match.NONE, {}
        return super().matches(scope)

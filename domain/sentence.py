"""A sentence that people read, in two languages.

It names the rule and says what to do next; `{name}` is filled from the refusal's context.
"""

from __future__ import annotations

from typing import NamedTuple


class Sentence(NamedTuple):
    """One sentence in two languages."""

    en: str
    zh: str

"""What somebody looked at, as people read it: the trace's code and what stands behind it."""

from __future__ import annotations

import re
from typing import Final

from application.blind_index import NumberKind
from domain.looked import BOTH, Looked, Printed
from domain.values import Party
from projections import indicators
from projections.ledgers import LEDGERS, Ledger

DAYS: Final = r"(?P<first>\d{4}-\d\d-\d\d)/(?P<last>\d{4}-\d\d-\d\d)"
OF_LEDGER: Final = re.compile(
    rf"(?P<name>\w+)(?: of (?P<region>\S+))?(?: {DAYS})?(?: by (?P<columns>[\w, ]+))?"
)
OF_FIGURES: Final = re.compile(rf"(?P<codes>\w+(?:, ?\w+)*) (?P<region>\S+) {DAYS}")


def in_words(what: str) -> str:
    """The Chinese of what a trace says; as it stands where it is no code of ours."""
    printed = {str(one): one.label for one in Printed}
    for looked in sorted(Looked, key=len, reverse=True):
        if what == looked:
            return looked.label
        if what.startswith(f"{looked} "):
            return f"{looked.label}：{behind(looked, what.removeprefix(f'{looked} '))}"
    return printed.get(what, what)


def behind(looked: Looked, of: str) -> str:
    """Of whom, of where, of when or by what."""
    match looked:
        case Looked.NOTES | Looked.SHELTER:
            return {BOTH: "双方", **{str(party): party.label for party in Party}}.get(of, of)
        case Looked.PERSONS:
            return "按" + {str(kind): kind.label for kind in NumberKind}.get(of, of)
        case Looked.LEDGER:
            return of_ledger(of)
        case Looked.BEHIND | Looked.DIFFERENCE:
            return of_figures(of)
        case _:
            return of


def of_ledger(of: str) -> str:
    """Which ledger, of where and when, by which columns."""
    found = OF_LEDGER.fullmatch(of)
    if found is None or found["name"] not in LEDGERS:
        return of
    ledger = LEDGERS[found["name"]]
    columns = [title(ledger, name) for name in (found["columns"] or "").split(", ") if name]
    by = f"按{'、'.join(columns)}筛选" if columns else None
    return "，".join(filter(None, (ledger.zh, where(found["region"]), when(found), by)))


def of_figures(of: str) -> str:
    """Which figures, of where and when."""
    found = OF_FIGURES.fullmatch(of)
    if found is None:
        return of
    known = {code: indicator.zh for code, indicator in indicators.INDICATORS.items()}
    codes = [known.get(code, code) for code in re.split(", ?", found["codes"])]
    return "，".join(filter(None, ("、".join(codes), where(found["region"]), when(found))))


def title(ledger: Ledger, name: str) -> str:
    """What a column is called, by its name."""
    return next((one.zh for one in ledger.columns if one.name == name), name)


def where(region: str | None) -> str | None:
    """Of which region, by its code or id."""
    return None if region is None else f"地区 {region}"


def when(found: re.Match[str]) -> str | None:
    """Of which days."""
    return None if found["first"] is None else f"{found['first']} 至 {found['last']}"

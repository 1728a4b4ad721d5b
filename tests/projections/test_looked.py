"""What a look was at is read in Chinese, whatever its trace says."""

from __future__ import annotations

import re

import pytest

from application.blind_index import NumberKind
from domain.looked import BOTH, Looked, Printed
from domain.values import Party
from projections import indicators
from projections.ledger_reading import cell
from projections.ledgers import LEDGERS
from projections.looked import in_words

LATIN = re.compile("[A-Za-z_]")
PERIOD = "2019-01-01/2019-12-31"
DAYS = "2019-01-01 至 2019-12-31"
BEHIND = {
    Looked.NOTES: [BOTH, *Party],
    Looked.SHELTER: [*Party],
    Looked.PERSONS: [*NumberKind],
    Looked.LEDGER: [
        f"{ledger.name} of 3701 {PERIOD} by {', '.join(column.name for column in ledger.columns)}"
        for ledger in LEDGERS.values()
    ],
    Looked.BEHIND: [f"{code} 3701 {PERIOD}" for code in indicators.INDICATORS],
    Looked.DIFFERENCE: [f"{', '.join(indicators.INDICATORS)} 3701 {PERIOD}"],
}
"""What may stand behind a code; behind the others nothing does."""


@pytest.mark.parametrize("looked", Looked)
def test_whatever_is_looked_at_is_read_in_chinese(looked: Looked) -> None:
    for of in BEHIND.get(looked, [""]):
        said = in_words(looked.named(of))
        assert said.startswith(looked.label)
        assert LATIN.search(said) is None, said


@pytest.mark.parametrize("printed", Printed)
def test_whatever_is_printed_is_read_in_chinese(printed: Printed) -> None:
    assert in_words(printed) == printed.label


def test_no_code_is_the_beginning_of_another() -> None:
    for looked in Looked:
        assert [one for one in Looked if f"{one} ".startswith(f"{looked} ")] == [looked]


def test_a_ledger_is_read_with_where_when_and_by_what() -> None:
    traced = Looked.LEDGER.named(f"cases of 3701 {PERIOD} by risk, status")
    assert in_words(traced) == f"台账：个案台账，地区 3701，{DAYS}，按风险等级、状态筛选"
    assert in_words(Looked.LEDGER.named("cases")) == "台账：个案台账"


def test_what_is_no_code_of_ours_is_read_as_it_stands() -> None:
    assert in_words("案卷（证据包）") == "案卷（证据包）"
    assert in_words("cases seen") == "cases seen"
    assert in_words("ledger once kept") == "台账：once kept"


def test_a_table_of_looks_says_it_in_words() -> None:
    what = next(column for column in LEDGERS["looks"].columns if column.name == "what")
    assert cell(Looked.HOLDINGS.named(), what) == "所持个人信息"

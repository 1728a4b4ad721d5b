"""The administrative divisions by date, and the published figures."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.divisions import (
    BASE,
    SCHEME,
    SNAPSHOTS,
    Division,
    divisions_on,
    founding_of,
    legal_counties,
    load_changes,
    load_divisions,
    load_published,
    load_successions,
    published_figures,
    region_id,
    rows_of,
    township_successions,
)
from domain import region_events
from domain.values import Extent, RegionKind, RegionLevel

LAIWU = date(2019, 1, 9)
CHIPING = date(2019, 8, 2)


def codes(on: date) -> set[str]:
    return set(divisions_on(on))


def test_the_units_of_2019_10_31_are_those_of_the_official_list() -> None:
    units = divisions_on(date(2019, 10, 31))
    listed = {row["code"]: (row["name"], row["parent"]) for row in rows_of("divisions-2019.csv.gz")}
    assert {code: (unit.name, unit.parent or "") for code, unit in units.items()} == listed


def test_shandong_began_2019_with_17_cities_and_137_legal_counties() -> None:
    levels = Counter(unit.level for unit in divisions_on(BASE).values())
    assert levels[RegionLevel.CITY] == 17
    assert levels[RegionLevel.COUNTY] == 137


def test_functional_zones_are_no_counties() -> None:
    zones = [u for u in divisions_on(BASE).values() if u.kind is RegionKind.FUNCTIONAL_ZONE]
    assert len(zones) == 19
    assert {zone.level for zone in zones} == {RegionLevel.FUNCTIONAL_ZONE}


def test_laiwu_is_a_city_until_the_day_before_the_merger_is_announced() -> None:
    assert {"371200", "371202", "371203"} <= codes(LAIWU - timedelta(days=1))
    assert not {"370116", "370117"} & codes(LAIWU - timedelta(days=1))


def test_laiwu_lies_in_jinan_from_2019_01_09_on() -> None:
    assert not {"371200", "371202", "371203"} & codes(LAIWU)
    assert divisions_on(LAIWU)["370116"].parent == "370100"
    assert divisions_on(LAIWU)["370117"].parent == "370100"


def test_the_townships_of_laiwu_follow_on_the_same_day() -> None:
    assert "371202105" not in codes(LAIWU)
    assert divisions_on(LAIWU)["370116105"].name == "雪野镇"


def test_chiping_becomes_a_district_in_2019() -> None:
    assert "371523" in codes(CHIPING - timedelta(days=1))
    assert "371503" not in codes(CHIPING - timedelta(days=1))
    assert "371503" in codes(CHIPING)
    assert "371523" not in codes(CHIPING)


def test_the_number_of_legal_counties_stays_137_through_2019() -> None:
    for on in (BASE, LAIWU, CHIPING, date(2019, 12, 31)):
        counties = [u for u in divisions_on(on).values() if u.level is RegionLevel.COUNTY]
        assert len(counties) == 137


def test_penglai_and_changdao_become_one_district_in_2020() -> None:
    assert {"370634", "370684"} <= codes(date(2020, 6, 18))
    assert "370614" in codes(date(2020, 6, 19))
    assert not {"370634", "370684"} & codes(date(2020, 6, 19))


def test_a_part_succession_leaves_its_region_in_being() -> None:
    (qixia,) = [s for s in load_successions() if s.extent is Extent.PART]
    assert qixia.old_code == "370686"
    assert "370686" in codes(qixia.effective_on)


@given(st.dates(date(2016, 1, 1), date(2024, 12, 31)))
def test_every_unit_but_the_province_lies_in_a_unit_of_the_same_day(on: date) -> None:
    units = divisions_on(on)
    assert all(unit.parent in units for unit in units.values() if unit.code != "370000")


def test_a_code_has_one_name_on_any_day() -> None:
    for on in (*SNAPSHOTS, BASE, LAIWU, CHIPING):
        held = [unit.code for unit in load_divisions() if unit.holds_on(on)]
        assert len(held) == len(set(held))


def test_townships_are_paired_by_name_where_digits_were_given_anew() -> None:
    became = {t.old_code: t.new_code for s in load_successions() if s.old_code == "371202"
              for t in township_successions(s)}  # fmt: skip
    assert divisions_on(BASE)["371202106"].name == divisions_on(LAIWU)["370116105"].name == "雪野镇"
    assert became["371202106"] == "370116105"


def test_townships_are_paired_by_digits_where_the_name_changed() -> None:
    became = {t.old_code: t.new_code for s in load_successions() if s.old_code == "371523"
              for t in township_successions(s)}  # fmt: skip
    assert divisions_on(BASE)["371523108"].name == "肖庄镇"
    assert became["371523108"] == "371503108"


@pytest.mark.parametrize("county", ["371202", "371203", "371523", "370684", "370634"])
def test_every_township_of_a_succeeded_county_has_one_successor_of_its_own(county: str) -> None:
    (succession,) = [s for s in load_successions() if s.old_code == county]
    before = divisions_on(succession.effective_on - timedelta(days=1))
    pairs = list(township_successions(succession))
    assert {p.old_code for p in pairs} == {u.code for u in before.values() if u.parent == county}
    assert len({p.new_code for p in pairs}) == len(pairs)
    assert {p.new_code for p in pairs} <= codes(succession.effective_on)


def test_a_renamed_unit_keeps_its_region() -> None:
    before = divisions_on(BASE)["370611006"]
    after = divisions_on(date(2019, 10, 31))["370611006"]
    assert (before.name, after.name) == ("东厅街道办事处", "东厅街道")
    assert before.region == after.region


def test_a_region_id_is_that_of_scheme_code_and_first_day() -> None:
    assert region_id("370116", LAIWU) == region_events.region_id(SCHEME, "370116", LAIWU)


def test_a_code_out_of_its_validity_names_the_nearest_region_that_bore_it() -> None:
    assert region_id("371202", date(2019, 6, 1)) == divisions_on(BASE)["371202"].region
    assert region_id("370116", BASE) == divisions_on(LAIWU)["370116"].region


def test_a_code_that_nobody_bore_is_unknown() -> None:
    with pytest.raises(KeyError):
        region_id("999999", BASE)


def test_a_founding_names_the_parent_region_and_the_first_day() -> None:
    founding = founding_of(divisions_on(LAIWU)["370116"])
    assert founding.parent == divisions_on(LAIWU)["370100"].region
    assert founding.valid_from == LAIWU
    assert founding.kind is RegionKind.DISTRICT


def test_the_founding_of_the_province_has_no_parent() -> None:
    assert founding_of(divisions_on(BASE)["370000"]).parent is None


def test_every_founding_of_2019_is_one_the_region_accepts() -> None:
    units: list[Division] = list(divisions_on(date(2019, 12, 31)).values())
    assert len({founding_of(unit).parent for unit in units}) > 150
    assert all(
        region_events.region_id(f.scheme, f.code, f.valid_from) == unit.region
        for unit in units
        for f in [founding_of(unit)]
    )


def test_a_legal_county_of_2019_knows_the_codes_it_bears_in_the_year() -> None:
    by_code = {county.code: county for county in legal_counties()}
    assert len(by_code) == 137
    assert by_code["371202"].codes[1:] == ((LAIWU, "370116"),)
    assert by_code["371523"].codes[1:] == ((CHIPING, "371503"),)
    assert by_code["370102"].codes[1:] == ()


def test_every_legal_county_has_townships() -> None:
    assert all(county.townships for county in legal_counties())


def test_the_listed_changes_name_their_approvals() -> None:
    assert len(load_changes()) == 13
    (chiping,) = [c for c in load_changes() if c.old_code == "371523"]
    assert chiping.approval == "国函〔2019〕60号"


def test_every_succession_of_a_county_is_among_the_listed_changes() -> None:
    listed = {(change.old_code, change.new_code) for change in load_changes()}
    whole = {(s.old_code, s.new_code) for s in load_successions() if s.extent is Extent.WHOLE}
    assert whole - {("371200", "370100")} <= listed


def test_the_published_counts_keep_the_identities_of_the_review() -> None:
    figures = published_figures()
    assert figures["volunteers_qualified"] * 10000 // figures["volunteers"] == 4273
    assert figures["couples_counselled"] * 10000 // figures["applications"] == 5255
    assert figures["deferred"] * 10000 // figures["couples_counselled"] == 4132


def test_every_published_figure_lies_in_the_interval_of_its_rounding() -> None:
    assert len(load_published()) == 10
    for figure in load_published():
        assert figure.interval[0] <= figure.value <= figure.interval[1]

"""Asked and held: truth tables of the two gaps, and wildcards by the vocabulary's rule."""

from collections.abc import Mapping

import pytest

from tests.agreements.documents import CASEWORK, changed, document_of
from throughway.negotiation.drafting.schedule import Unheld, asked, by_table, elements, gaps
from throughway.vocabulary import COMMON, TABLES

DAY, STATUS, REASON = (
    "attendance_day.attendance_event_date",
    "attendance_day.attendance_status",
    "attendance_day.attendance_event_reason",
)
A, B = "oak-schools", "elm-schools"


def of(**held: tuple[str, ...]) -> Mapping[str, frozenset[str]]:
    return {name.replace("_", "-"): frozenset(paths) for name, paths in held.items()}


# asked of each | held by each → held by nobody, lacking at one, held and not asked for, unknown
TABLE = [
    # one partner
    (of(oak_schools=(DAY,)), of(oak_schools=(DAY,)), [], {}, {}, ()),
    (of(oak_schools=(DAY,)), of(oak_schools=()), [DAY], {}, {}, ()),
    (of(oak_schools=()), of(oak_schools=(DAY,)), [], {}, {A: (DAY,)}, ()),
    (of(oak_schools=(DAY,)), of(oak_schools=(STATUS,)), [DAY], {}, {A: (STATUS,)}, ()),
    # nothing is known of a partner that has no register
    (of(oak_schools=(DAY,)), of(), [], {}, {}, (A,)),
    (of(), of(), [], {}, {}, (A,)),
    # two partners
    (of(oak_schools=(DAY,), elm_schools=(DAY,)), of(oak_schools=(DAY,), elm_schools=(DAY,)), [], {}, {}, ()),
    (of(oak_schools=(DAY,), elm_schools=(DAY,)), of(oak_schools=(DAY,), elm_schools=()), [], {B: (DAY,)}, {}, ()),
    (of(oak_schools=(DAY,), elm_schools=(DAY,)), of(oak_schools=(), elm_schools=()), [DAY], {}, {}, ()),
    (of(oak_schools=(DAY,)), of(oak_schools=(), elm_schools=(DAY,)), [DAY], {}, {B: (DAY,)}, ()),
    # the element that one lacks may be held by the unknown one
    (of(oak_schools=(DAY,), elm_schools=(DAY,)), of(oak_schools=()), [], {A: (DAY,)}, {}, (B,)),
    # a table that is held whole
    (of(oak_schools=(DAY,)), of(oak_schools=("school_enrollment.*",)), [DAY], {},
     {A: elements("school_enrollment.*")}, ()),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "held", "unheld", "lacking", "unasked", "unknown"), TABLE)
def test_requested_elements_against_held_elements(
    wanted: Mapping[str, frozenset[str]],
    held: Mapping[str, frozenset[str]],
    unheld: list[str],
    lacking: Mapping[str, tuple[str, ...]],
    unasked: Mapping[str, tuple[str, ...]],
    unknown: tuple[str, ...],
) -> None:
    two = B in wanted or B in held
    found = gaps(wanted, held, [A, B] if two else [A])
    assert [each.element for each in found.unheld] == unheld
    assert (dict(found.lacking), dict(found.unasked), found.unknown) == (lacking, unasked, unknown)


def test_unheld_elements_name_the_partners_asked() -> None:
    found = gaps(of(oak_schools=(DAY,), elm_schools=(DAY,)), of(oak_schools=(), elm_schools=()), [B, A])
    assert found.unheld == (Unheld(DAY, (B, A)),)


def test_partners_that_give_nothing_are_left_out() -> None:
    assert gaps(of(), of(oak_schools=(DAY,), elm_schools=(STATUS,)), [A]).unasked == {A: (DAY,)}


@pytest.mark.parametrize("table", TABLES)
def test_wildcard_leaves_out_restricted_elements(table: str) -> None:
    names = {path.partition(".")[2] for path in elements(f"{table}.*")}
    every = TABLES[table].elements
    assert names == {n for n, e in every.items() if not e.restricted and n != "person_id"}
    assert not names & COMMON.keys()


@pytest.mark.parametrize("pattern", ["nowhere.*", "attendance_day.nothing", "attendance_day", ""])
def test_unknown_patterns_cover_nothing(pattern: str) -> None:
    assert elements(pattern) == ()


def test_named_restricted_element_is_requested() -> None:
    line = {"element": REASON, "purposes": ["casework"], "necessity": "x", "from": ["riverbend-schools"]}
    document = document_of(changed(CASEWORK, ("schedule", [line])))
    assert asked(document) == {"riverbend-schools": frozenset({REASON})}


def test_each_discloser_is_asked_by_its_purposes() -> None:
    found = asked(document_of(CASEWORK))
    assert set(found) == {"riverbend-schools", "bright-futures"}
    assert DAY in found["riverbend-schools"]
    assert DAY not in found["bright-futures"]
    assert "service_received.service_date" in found["bright-futures"]
    assert "person.first_name" in found["bright-futures"]  # a line without `from` is of everyone


def test_paths_follow_the_order_of_the_vocabulary() -> None:
    assert by_table([STATUS, "person.first_name", DAY]) == {
        "person": ["first_name"],
        "attendance_day": ["attendance_event_date", "attendance_status"],
    }

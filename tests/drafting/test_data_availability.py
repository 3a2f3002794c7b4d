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
    # what one lacks may be held by the one of whom nothing is known
    (of(oak_schools=(DAY,), elm_schools=(DAY,)), of(oak_schools=()), [], {A: (DAY,)}, {}, (B,)),
    # a table that is held whole
    (of(oak_schools=(DAY,)), of(oak_schools=("school_enrollment.*",)), [DAY], {},
     {A: elements("school_enrollment.*")}, ()),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "held", "unheld", "lacking", "unasked", "unknown"), TABLE)
def test_what_is_asked_beside_what_is_held(
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


def test_it_says_of_whom_it_is_asked() -> None:
    found = gaps(of(oak_schools=(DAY,), elm_schools=(DAY,)), of(oak_schools=(), elm_schools=()), [B, A])
    assert found.unheld == (Unheld(DAY, (B, A)),)


def test_a_partner_that_gives_nothing_here_is_left_out() -> None:
    assert gaps(of(), of(oak_schools=(DAY,), elm_schools=(STATUS,)), [A]).unasked == {A: (DAY,)}


@pytest.mark.parametrize("table", TABLES)
def test_a_wildcard_leaves_out_what_is_named_one_by_one(table: str) -> None:
    names = {path.partition(".")[2] for path in elements(f"{table}.*")}
    every = TABLES[table].elements
    assert names == {n for n, e in every.items() if not e.restricted and n != "person_id"}
    assert not names & COMMON.keys()


@pytest.mark.parametrize("pattern", ["nowhere.*", "attendance_day.nothing", "attendance_day", ""])
def test_what_the_vocabulary_does_not_know_covers_nothing(pattern: str) -> None:
    assert elements(pattern) == ()


def test_a_named_element_is_asked_though_its_tag_restricts_it() -> None:
    line = {"element": REASON, "purposes": ["casework"], "necessity": "x", "from": ["riverbend-schools"]}
    document = document_of(changed(CASEWORK, ("schedule", [line])))
    assert asked(document) == {"riverbend-schools": frozenset({REASON})}


def test_each_discloser_is_asked_for_what_its_purposes_list() -> None:
    found = asked(document_of(CASEWORK))
    assert set(found) == {"riverbend-schools", "bright-futures"}
    assert DAY in found["riverbend-schools"]
    assert DAY not in found["bright-futures"]
    assert "service_received.service_date" in found["bright-futures"]
    assert "person.first_name" in found["bright-futures"]  # a line without `from` is of everyone


def test_paths_come_in_the_order_of_the_vocabulary() -> None:
    assert by_table([STATUS, "person.first_name", DAY]) == {
        "person": ["first_name"],
        "attendance_day": ["attendance_event_date", "attendance_status"],
    }

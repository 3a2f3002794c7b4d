"""What changed between two texts: by field, in a sentence, and in who would see what."""

import copy
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.agreements.documents import ABSENT, BASES, CASEWORK, MOU, PARTNERS, STUDY, changed, document_of
from throughway.agreements.diff import ADDED, CHANGED, REMOVED, AccessImpact, apply_changes, changes
from throughway.agreements.diff.access_impact import NEWLY, NO_LONGER, OTHERWISE, access_impacts
from throughway.agreements.document import AgreementDocument, canonical, document_values
from throughway.agreements.document_paths import NoSuchPath, at, path_text, read_path
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus

NAMES = {facts.id: facts.name for facts in PARTNERS.values()}


def edited(base: dict[str, Any], *edits: tuple[str, Any]) -> tuple[AgreementDocument, AgreementDocument]:
    return document_of(base), document_of(changed(base, *edits))


def words(base: dict[str, Any], *edits: tuple[str, Any]) -> list[str]:
    return [change.words for change in changes(*edited(base, *edits), NAMES)]


LINE = {
    "element": "school_enrollment.entry_grade_level",
    "from": ["riverbend-schools"],
    "purposes": ["casework"],
    "necessity": "Programs are by grade",
}


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (("terms.expires", "2029-06-30"), "The last day moves from 30 June 2028 to 30 June 2029."),
        (("terms.minimum_cell", 12), "Smallest count that may be published: now 12; before 10."),
        (("terms.publication_rule", "edfacts"),
         "Rule for published percentages: now in the ranges of EDFacts public files; before by the smallest count alone."),
        (("terms.release_approval", "two_people"),
         "Who agrees to a publication: now the publisher and a second person; before the publisher alone."),
        (("schedule.2.transform", "none"), "Birth date is now shown as it is, for casework; before shown as the year only."),
        (("schedule.2.transform", ABSENT), "Birth date is now shown as it is, for casework; before shown as the year only."),
        (("schedule.5", LINE), "Newly listed for casework: entry grade level of Riverbend Schools."),
        (("schedule.0", ABSENT), "No longer listed for casework: attendance by day of Riverbend Schools."),
        (("parties.2", ABSENT), "Riverbend Backbone is no longer a party."),
        (("purposes.0.roles", ["case_worker"]),
         "For casework from Riverbend Schools: program managers may no longer read."),
        (("purposes.0.reach", "all"),
         "For casework from Riverbend Schools: about which students: now about any student in scope; before about students on "
         "their own caseload."),
        (("clauses.termination", ABSENT), "Termination: no longer stated."),
        (("clauses.termination", "On 90 days' notice."), "Termination: reworded."),
        (("services.0.seats", 80), "After-school at Lincoln by Bright Futures: seats: now 80; before 60."),
        (("terms.training", []), "Training of those who read: no longer FERPA basics."),
        (("purposes.2.basis_details.direct_control", False),
         "To match records only from Riverbend Schools: direct control: now no; before yes."),
        (("records.from", ABSENT), "First day of facts: now not stated; before 1 July 2022."),
    ],
)  # fmt: skip
def test_a_change_in_words(edit: tuple[str, Any], said: str) -> None:
    assert words(CASEWORK, edit) == [said]


def test_a_line_put_first_is_one_change() -> None:
    values = copy.deepcopy(CASEWORK)
    values["schedule"].insert(0, LINE)
    (found,) = changes(document_of(CASEWORK), document_of(values))
    assert (found.kind, found.at) == (ADDED, 0)
    assert found.path == "schedule[school_enrollment%2Eentry_grade_level; riverbend-schools; casework]"


def test_a_field_that_names_an_entry_may_change() -> None:
    (found,) = changes(*edited(CASEWORK, ("schedule.2.from", ABSENT)))
    assert (found.kind, found.path) == (
        REMOVED,
        "schedule[person%2Ebirthdate; riverbend-schools; casework].from",
    )


def test_another_order_is_told() -> None:
    values = copy.deepcopy(CASEWORK)
    values["schedule"].reverse()
    (found,) = changes(document_of(CASEWORK), document_of(values))
    assert (found.kind, found.words) == (
        CHANGED,
        "The schedule: the same entries are in another order.",
    )


@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_nothing_changes_between_a_text_and_itself(base: dict[str, Any]) -> None:
    assert changes(document_of(base), document_of(copy.deepcopy(base))) == ()


OTHERS: dict[str, list[Any]] = {
    "str": ["another", "x; y#2 [z] 50%", "7"],
    "day": ["2027-01-31"],
}


@st.composite
def edits(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A good document and one made of it by up to six edits of any place: taken away, doubled, moved, or written anew."""
    base = document_values(document_of(draw(st.sampled_from([*BASES.values()]))))
    values = copy.deepcopy(base)
    for _ in range(draw(st.integers(0, 6))):
        seed = draw(st.integers(0, 10_000))
        _edit(values, random.Random(seed))
    return base, values


def _edit(values: Any, chance: random.Random) -> None:
    section: Any = values
    while True:
        keys = list(section) if isinstance(section, dict) else list(range(len(section)))
        if not keys:
            return
        key = chance.choice(keys)
        if isinstance(section[key], dict | list) and section[key] and chance.random() < 0.7:
            section = section[key]
            continue
        break
    if isinstance(section, list):
        what = chance.choice(["remove", "double", "move", "alter"])
        if what == "remove":
            section.pop(key)
        elif what == "double":
            section.insert(chance.randrange(len(section) + 1), copy.deepcopy(section[key]))
        elif what == "move":
            section.insert(chance.randrange(len(section)), section.pop(key))
        elif isinstance(section[key], str):
            section[key] = chance.choice(OTHERS["str"])
    elif chance.random() < 0.3:
        section.pop(key)
    elif isinstance(section[key], str):
        section[key] = chance.choice([*OTHERS["str"], *OTHERS["day"], "none", "year", "all"])
    elif isinstance(section[key], bool):
        section[key] = not section[key]
    elif isinstance(section[key], int):
        section[key] += 1


@settings(max_examples=400, deadline=None)
@given(edits())
def test_the_changes_made_in_the_old_text_give_the_new_one(
    pair: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    old = document_of(pair[0])
    try:
        new = document_of(pair[1])
    except ValueError:
        return
    found = changes(old, new)
    assert canonical(document_of(apply_changes(document_values(old), found))) == canonical(new)
    assert bool(found) == (canonical(old) != canonical(new))
    assert all(change.words.endswith((".", ".”")) and change.label for change in found)


@settings(max_examples=100, deadline=None)
@given(edits())
def test_every_place_is_read_as_it_is_written(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    values = pair[1]
    try:
        values = document_values(document_of(values))
    except ValueError:
        return
    for number in range(len(values.get("schedule", []))):
        path = read_path(f"schedule[{number}].element", values)
        assert read_path(path_text(path), values) == path
        assert at(values, path) == values["schedule"][number]["element"]


@pytest.mark.parametrize(
    "path", ["", "schedule[", "schedule[99].transform", "schedule[1]x", ".", "a..b", "parties[a#0]"]
)
def test_a_path_that_is_none(path: str) -> None:
    with pytest.raises(NoSuchPath):
        at(document_values(document_of(CASEWORK)), read_path(path, document_values(document_of(CASEWORK))))


ABOVE = [AgreementStatus(document_of(MOU), "v", AgreementState.ACTIVE, "")]


def opened(*edits: tuple[str, Any]) -> tuple[AccessImpact, ...]:
    return access_impacts(*edited(CASEWORK, *edits), ABOVE)


def test_a_wildcard_opens_more_than_one_word_tells() -> None:
    found = opened(("schedule.2.element", "person.*"))[0]
    assert found.kind == NEWLY
    assert found.sentence(NAMES, "for casework").startswith(
        "Case workers and program managers of Bright Futures newly see names, birth date and sex ("
    )


def test_one_reader_less_closes() -> None:
    found = opened(("purposes.0.roles", ["case_worker"]))
    assert {one.kind for one in found} == {NO_LONGER}
    assert {one.roles for one in found} == {("program_manager",)}


def test_another_reach_shows_otherwise() -> None:
    found = opened(("purposes.0.reach", "all"))
    assert {one.kind for one in found} == {OTHERWISE}
    assert {one.change for one in found} == {
        "about any student in scope, before about students on their own caseload"
    }


def test_other_students_or_days_are_told() -> None:
    (found, *_) = opened(("records.from", "2020-07-01"))
    assert found.change == "about other students or days than before"


def test_what_only_words_change_shows_nothing_new() -> None:
    assert opened(("clauses.termination", "At any time."), ("title", "Another")) == ()


def test_a_wider_tier_still_narrows() -> None:
    narrow = changed(STUDY, ("under", ["frame"]))
    frame = document_of(
        changed(
            STUDY, ("id", "frame"), ("schedule.0.element", "assessment_result.assessment_result_score_value")
        )
    )
    above = [AgreementStatus(frame, "v", AgreementState.ACTIVE, "")]
    more = changed(narrow, ("schedule.1", {"element": "attendance_day.*", "purposes": ["study-reading"]}))
    assert access_impacts(document_of(narrow), document_of(more), above) == ()
    assert (
        access_impacts(document_of(narrow), document_of(more)) == ()
    )  # the tier above is unknown, and closes the way
    bare = changed(more, ("under", ABSENT))
    assert access_impacts(document_of(changed(narrow, ("under", ABSENT))), document_of(bare))[0].kind == NEWLY


def test_an_element_that_is_unknown_shows_nothing() -> None:
    assert opened(("schedule.5", {"element": "person.shoe_size", "purposes": ["casework"]})) == ()

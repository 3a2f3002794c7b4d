"""Sections, lines, shapes and words of a draft: the rules that no database is needed for."""

from typing import Any

import pytest

from tests.agreements.documents import CASEWORK, CLAUSES, PARTNERS, changed
from tests.drafting.drafts import line
from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_fields import BASIS_DETAILS
from throughway.agreements.document_fields import CLAUSES as CLAUSE_QUESTIONS
from throughway.agreements.document_sections import Clauses
from throughway.agreements.enums import Basis
from throughway.agreements.finding_text import in_plain_words
from throughway.agreements.labels import transform_words
from throughway.agreements.legal_review.basis_details import REQUIRED
from throughway.agreements.legal_review.findings import blocking
from throughway.agreements.starter_texts import begin, templates
from throughway.agreements.transforms import Transform
from throughway.core.refusals import Refused
from throughway.negotiation.drafting.draft import (
    FIELDS,
    DraftSection,
    fields_of,
    section_of,
    shaped,
    standings,
    with_fields,
)
from throughway.negotiation.drafting.draft_text import changed as told_changes
from throughway.negotiation.drafting.draft_text import draft_in_words, student_words
from throughway.negotiation.drafting.forms import condition, grade_choices, problem, template_clauses
from throughway.negotiation.drafting.schedule import (
    WORDS,
    added,
    called,
    elements,
    misfits,
    reason,
    removed,
    table,
    tables,
)
from throughway.vocabulary import RESTRICTING_TAGS, TABLES

NAMES = {id: facts.name for id, facts in PARTNERS.items()}


# ---- sections ----


def test_each_document_field_has_one_section() -> None:
    written = [name for names_ in FIELDS.values() for name in names_]
    known = [field.alias or name for name, field in AgreementDocument.model_fields.items()]
    assert sorted(written) == sorted(known)


# values, section, fields → what differs from the values
CHANGES: list[tuple[dict[str, Any], DraftSection, dict[str, Any], dict[str, Any]]] = [
    ({"title": "A"}, DraftSection.NAME, {"title": "B"}, {"title": "B"}),
    ({"title": "A", "under": ["x"]}, DraftSection.NAME, {"under": []}, {"title": "A"}),
    ({"title": "A"}, DraftSection.NAME, {"title": None}, {"title": None}),
    (
        {"title": "A"},
        DraftSection.TERMS,
        {"title": "B", "terms": {"a": 1}},
        {"title": "A", "terms": {"a": 1}},
    ),
    ({"schedule": [1]}, DraftSection.SCHEDULE, {"schedule": []}, {"schedule": []}),
    ({"title": "A", "id": "x"}, DraftSection.TEXT, {"id": "y"}, {"id": "y"}),
    (
        {"records": {"from": "d"}, "population": [1]},
        DraftSection.STUDENTS,
        {"records": {}},
        {"population": [1]},
    ),
]


@pytest.mark.parametrize(("values", "section", "fields", "after"), CHANGES)
def test_a_section_changes_only_its_own_fields(
    values: dict[str, Any], section: DraftSection, fields: dict[str, Any], after: dict[str, Any]
) -> None:
    before = dict(values)
    assert with_fields(values, section, fields) == after
    assert values == before


@pytest.mark.parametrize(("path", "section"), [
    ("parties[0].signatory.authority", DraftSection.PARTIES), ("purposes[1].basis_details.notice", DraftSection.PURPOSES),
    ("custody.basis", DraftSection.PURPOSES), ("schedule[3].element", DraftSection.SCHEDULE), ("records.to", DraftSection.STUDENTS),
    ("terms.destruction.within_days", DraftSection.TERMS), ("clauses.termination", DraftSection.CLAUSES), ("under", DraftSection.NAME),
    ("services[0].seats", DraftSection.SERVICES), ("project", DraftSection.PROJECT), ("nonsense", DraftSection.NAME), ("", DraftSection.NAME),
])  # fmt: skip
def test_section_of_a_finding(path: str, section: DraftSection) -> None:
    assert section_of(path) is section


def test_each_finding_has_one_section() -> None:
    found = [
        blocking("D2", path, path) for path in ("terms.effective", "project.method", "nonsense", "parties")
    ]
    placed = [f.element for s in standings({"tier": "dsa"}, found) for f in s.findings]
    assert sorted(placed) == sorted(f.element for f in found)


# ---- lines ----

ONE = line("person.first_name", purposes=["casework"], necessity="Why")


@pytest.mark.parametrize(("new", "is_listed"), [
    (line("person.first_name", purposes=["casework"], necessity="Else"), True),
    (line("person.first_name", purposes=["match"], necessity="Else"), False),
    (line("person.first_name", purposes=["match", "casework"], necessity="Else"), True),
    (line("person.first_name", purposes=["casework"], necessity="Else", from_=["oak"]), True),  # the first is of everyone
    (line("person.birthdate", purposes=["casework"], necessity="Else"), False),
    (line("person.*", purposes=["casework"], necessity="Else"), False),  # a named line beats a wildcard
])  # fmt: skip
def test_element_is_listed_once_per_purpose_and_partner(new: dict[str, Any], is_listed: bool) -> None:
    if is_listed:
        with pytest.raises(Refused, match="listed already"):
            added([ONE], [new])
    else:
        assert added([ONE], [new]) == [ONE, new]


def test_partners_may_have_separate_lines() -> None:
    of = [line("person.birthdate", purposes=["casework"], necessity="Why", from_=[p]) for p in ("oak", "elm")]
    assert added([], of) == of


def test_new_line_is_placed_with_its_table() -> None:
    other = line("school_enrollment.*", purposes=["casework"], necessity="Why")
    new = line("person.last_or_surname", purposes=["casework"], necessity="Why")
    assert added([ONE, other], [new]) == [ONE, new, other]
    assert removed([ONE, new, other], [new]) == [ONE, other]


# ---- the picker ----


@pytest.mark.parametrize("name", TABLES)
def test_table_offers_each_element_once(name: str) -> None:
    found = table(name, [], {}, [], {})
    assert found is not None
    together, apart = [c.path for c in found.together], [c.path for c in found.apart]
    assert tuple(together) == elements(f"{name}.*")
    assert sorted(together + apart) == sorted(
        e.path for e in TABLES[name].elements.values() if e.name != "person_id"
    )
    assert all(choice.laws for choice in found.apart)
    assert bool(found.reasons) == bool(apart)


def test_choices_show_holders_and_listed_elements() -> None:
    held = {"oak": frozenset({"person.first_name"}), "elm": frozenset({"person.sex"})}
    found = table("person", [ONE], held, ["oak"], {"oak": "Oak Schools"})
    assert found is not None
    by_path = {choice.path: choice for choice in found.together}
    assert by_path["person.first_name"].holders == ("Oak Schools",)
    assert by_path["person.first_name"].is_listed
    assert by_path["person.sex"].holders == ()  # who gives no records here is not asked
    assert tables([ONE], held, ["oak"], {})[0].name == "person"
    assert table("nowhere", [], {}, [], {}) is None


def test_each_restricting_tag_has_words_and_a_reason() -> None:
    assert WORDS.keys() == RESTRICTING_TAGS
    assert all(called(tag) and reason(tag).endswith(".") for tag in RESTRICTING_TAGS)


@pytest.mark.parametrize(("transform", "pattern", "wrong"), [
    ("year", "person.birthdate", []), ("year", "person.first_name", ["first name"]), ("none", "person.*", []),
    ("mask", "person.birthdate", ["birth date"]), ("suppress", "person.*", []),
])  # fmt: skip
def test_transforms_that_do_not_fit(transform: str, pattern: str, wrong: list[str]) -> None:
    assert misfits(Transform.parse(transform), pattern) == wrong


@pytest.mark.parametrize(
    ("transform", "words"),
    [("none", ""), ("band:5", "in bands of 5"), ("year", "the year only"), ("suppress", "withheld")],
)
def test_transform_in_words(transform: str, words: str) -> None:
    assert transform_words(Transform.parse(transform)) == words


# ---- questions of a right ----


def test_each_right_asks_for_what_the_review_requires() -> None:
    assert BASIS_DETAILS.keys() == set(Basis)
    for basis, details in REQUIRED.items():
        asked = {key.partition(".")[0] for key in BASIS_DETAILS[basis]}
        for detail in details:
            assert asked & set(detail.keys), (basis, detail.keys)


# ---- which students ----


@pytest.mark.parametrize(("grades", "schools", "where"), [
    ([], [], ""), (["06"], [], "entry_grade_level IN ('06')"),
    (["06", "07"], ["12"], "entry_grade_level IN ('06', '07') AND organization_id IN ('12')"),
    ([], ["O'Neill"], "organization_id IN ('O''Neill')"),
])  # fmt: skip
def test_choices_become_a_valid_condition(grades: list[str], schools: list[str], where: str) -> None:
    assert condition(grades, schools) == where
    if where:
        assert problem(where, "school_enrollment") == ""


def test_offered_grades_are_codes() -> None:
    assert all(code != label for code, label in grade_choices())
    assert problem(condition([code for code, _ in grade_choices()], []), "school_enrollment") == ""


@pytest.mark.parametrize(("where", "on"), [("1 = 1; DROP TABLE x", "school_enrollment"), ("grade = 6", "school_enrollment"),
                                           ("entry_grade_level = '06'", "calendar_day"), ("x = 1", "nowhere")])  # fmt: skip
def test_unreadable_conditions(where: str, on: str) -> None:
    assert problem(where, on)


def test_a_condition_in_words() -> None:
    assert student_words({"where": condition(["06", "07"], [])}) == "entry grade level is 06 or 07"


# ---- pasted text ----


def test_single_text_becomes_a_list_of_one() -> None:
    given = {
        "under": "mou",
        "joinder": "closed",
        "parties": {"partner": "oak", "roles": "discloser"},
        "unknown": {"a": [1]},
    }
    assert shaped(given) == {
        "under": ["mou"],
        "parties": [{"partner": "oak", "roles": ["discloser"]}],
        "unknown": {"a": [1]},
    }


@pytest.mark.parametrize(("values", "path"), [
    ({"terms": "soon"}, "terms"), ({"parties": ["oak"]}, "parties[0]"), ({"title": ["A"]}, "title"),
    ({"purposes": [{"basis_details": "x"}]}, "purposes[0].basis_details"), ({"parties": [{"signatory": "Sue"}]}, "parties[0].signatory"),
    ({"schedule": [{"purposes": [{"a": 1}]}]}, "schedule[0].purposes[0]"), ({"joinder": "open"}, "joinder"),
])  # fmt: skip
def test_misshapen_text_is_refused_with_its_place(values: dict[str, Any], path: str) -> None:
    with pytest.raises(Refused, match="must be") as refused:
        shaped(values)
    assert refused.value.message.startswith(f"{path} ")


@pytest.mark.parametrize("values", [CASEWORK, changed(CASEWORK, ("custody", [CASEWORK["custody"]]))])
def test_shaping_keeps_the_meaning_of_a_document(values: dict[str, Any]) -> None:
    assert AgreementDocument.model_validate(shaped(values)) == AgreementDocument.model_validate(values)


# ---- words ----

PLAIN = [
    ("parties[0].signatory.authority", "parties[0].signatory.authority is missing: name what gives the office its authority.",
     "Riverbend Schools: name what gives the office its authority."),
    ("terms.effective", "terms.effective is missing: state the first day, as 2026-07-01.", "State the first day, as 2026-07-01."),
    ("purposes[0].basis_details.function",
     "The purpose casework rests on school_official and does not say for which function; add basis_details.function.",
     "The purpose casework rests on the right of a school official with a legitimate educational interest and does not say "
     "for which function."),
    ("schedule[0].element", "attendance_day.* does not cover attendance_event_reason: named one by one.",
     "All of attendance by day does not cover attendance event reason: named one by one."),
    ("parties[1].partner", "riverbend-schools is listed twice among the parties; combine its roles in one "
        "entry.",
     "Riverbend Schools is listed twice among the parties; combine its roles in one entry."),
    ("clauses.breach_notice", "A good agreement has a clause that says who is told; write it in clauses.breach_notice.",
     "A good agreement has a clause that says who is told."),
]  # fmt: skip


@pytest.mark.parametrize(("element", "message", "words"), PLAIN)
def test_findings_in_plain_words(element: str, message: str, words: str) -> None:
    finding = blocking("D2", element, message)
    (said,) = in_plain_words([finding], CASEWORK, NAMES)
    assert said.message == words
    assert (said.id, said.element, said.severity) == (finding.id, finding.element, finding.severity)


@pytest.mark.parametrize("found", templates(), ids=lambda found: found.id)
def test_drafts_in_words(found: Any) -> None:
    values = begin(found, parties={}, id="new")
    words = " ".join(
        w.text + " ".join(v for _, v in w.facts) for s in draft_in_words(values, {}) for w in s.paragraphs
    )
    assert words
    assert "9999" not in words
    assert "unnamed" not in words


def test_incomparable_changes_are_worded_anew() -> None:
    assert told_changes({"title": "A"}, {"title": "B"}, {}) == ("Title: now B; before A.",)
    assert told_changes({"terms": "soon"}, {"terms": {"effective": 3}}, {})


def test_each_clause_has_a_question_and_template_words() -> None:
    assert CLAUSE_QUESTIONS.keys() == set(Clauses.model_fields) == {*CLAUSES, "substance_use_notice"}
    assert template_clauses("study")["no_identification"] != template_clauses("consent")["no_identification"]
    assert template_clauses("unknown") == template_clauses("consent")


def test_fields_of_a_section() -> None:
    assert fields_of({"title": "A", "terms": {}, "schedule": []}, DraftSection.TERMS) == {"terms": {}}
    assert fields_of({"title": "A"}, DraftSection.TEXT) == {"title": "A"}

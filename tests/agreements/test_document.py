import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.agreements.documents import ABSENT, BASES, CASEWORK, EXAMPLE, MOU, STUDY, changed, context, text_of
from throughway.agreements.document import canonical, read_document, version_of
from throughway.agreements.enums import Election, PopulationDay, PurposeKind, Reach
from throughway.agreements.legal_review.review import review_text
from throughway.agreements.lenient_parse import readable_part
from throughway.core.yaml_text import UnreadableText, values_of


def faults(text: str) -> list[tuple[str, str]]:
    document, findings = read_document(text)
    assert (document is None) == bool(findings)
    assert all(f.blocks and f.message for f in findings)
    return [(f.id, f.element) for f in findings]


def test_the_example_is_read_whole() -> None:
    document, findings = read_document(EXAMPLE)
    assert findings == []
    assert document is not None
    casework, back, linkage, _ = document.purposes
    assert (casework.kind, casework.reach, casework.states_reach) == (
        PurposeKind.CASEWORK,
        Reach.CASELOAD,
        True,
    )
    assert (linkage.reach, linkage.states_reach, linkage.serves) == (Reach.ALL, False, ("casework",))
    assert document.disclosers(back) == ("bright-futures",)
    assert document.recipients(back) == ("riverbend-schools",)
    assert document.under == ("riverbend-mou-2025",)
    assert (document.population[0].on, document.population[0].when) == (
        "school_enrollment",
        PopulationDay.FACT,
    )
    assert document.records.from_ == date(2022, 7, 1)
    assert document.terms.destruction.election is Election.DESTROY
    assert [line.transform for line in document.schedule] == ["none", "none", "year", "none", "none"]
    assert document.custody[0].from_ is None


def test_absent_means_every_discloser_and_every_recipient() -> None:
    document, _ = read_document(
        text_of(changed(CASEWORK, ("purposes.1.from", ABSENT), ("purposes.1.recipients", ABSENT)))
    )
    assert document is not None
    assert document.disclosers(document.purposes[1]) == ("riverbend-schools", "bright-futures")
    assert document.recipients(document.purposes[1]) == ("riverbend-schools", "bright-futures")


@pytest.mark.parametrize(
    "path", ["throughway", "id", "tier", "title", "parties", "purposes", "schedule", "clauses", "terms.effective",
             "terms.expires", "terms.minimum_cell", "terms.training", "terms.destruction.within_days",
             "terms.destruction.method"]
)  # fmt: skip
def test_a_missing_required_field_is_named(path: str) -> None:
    assert faults(text_of(changed(CASEWORK, (path, ABSENT)))) == [("D2", path)]
    assert ("D2", path) in faults(text_of(changed(CASEWORK, (path, None))))


@pytest.mark.parametrize(
    "path", ["joinder", "population", "records", "onward", "services", "precedence", "project", "custody", "under",
             "terms.destruction.election", "terms.renewal_notice_days", "terms.exit_notice_days", "terms.prohibited",
             "terms.delivery", "terms.subprocessors", "parties.0.contacts", "schedule.2.transform",
             "population.0.when", "purposes.0.basis_details"]
)  # fmt: skip
def test_an_optional_field_may_be_absent(path: str) -> None:
    values = changed(CASEWORK, ("purposes.0.basis_details", {}), ("terms.destruction.election", "destroy"),
                     ("parties.0.contacts", {"data": "Research"}))  # fmt: skip
    assert faults(text_of(changed(values, (path, ABSENT)))) == []


def test_an_mou_needs_neither_purposes_nor_schedule() -> None:
    assert faults(text_of(MOU)) == []
    assert faults(text_of(changed(MOU, ("tier", "dsa")))) == [("D2", "purposes"), ("D2", "schedule")]


@pytest.mark.parametrize(
    ("path", "suggested"),
    [("titel", "title"), ("terms.expire", "expires"), ("purposes.0.recipient", "recipients"),
     ("schedule.0.tranform", "transform"), ("clauses.no_redisclosures", "no_redisclosure"),
     ("custody.bases", "basis"), ("parties.0.signatory.titel", "title"), ("records.form", "from")],
)  # fmt: skip
def test_an_unknown_field_is_named_with_the_nearest_known(path: str, suggested: str) -> None:
    _, findings = read_document(text_of(changed(CASEWORK, (path, "x"))))
    assert [f.id for f in findings] == ["D3"]
    assert findings[0].message.endswith(f"did you mean {suggested}?")


@pytest.mark.parametrize(
    ("path", "value", "element"),
    [
        ("throughway", "agreement/2", "throughway"),
        ("id", "Riverbend 2026", "id"),
        ("tier", "msa", "tier"),
        ("joinder", "open", "joinder"),
        ("purposes.0.kind", "casewrok", "purposes[0].kind"),
        ("purposes.0.basis", "trust", "purposes[0].basis"),
        ("purposes.0.roles.0", "teacher", "purposes[0].roles[0]"),
        ("schedule.2.transform", "band:0", "schedule[2].transform"),
        ("schedule.2.transform", "band", "schedule[2].transform"),
        ("schedule.2.transform", "hash", "schedule[2].transform"),
        ("terms.effective", "07/01/2026", "terms.effective"),
        ("terms.effective", "2026-02-30", "terms.effective"),
        ("terms.effective", 20260701, "terms.effective"),
        ("terms.effective", "20260701", "terms.effective"),
        ("terms.effective", "2026-W27-3", "terms.effective"),
        ("terms.minimum_cell", 0, "terms.minimum_cell"),
        ("terms.minimum_cell", True, "terms.minimum_cell"),
        ("terms.minimum_cell", "ten", "terms.minimum_cell"),
        ("terms.destruction.within_days", -1, "terms.destruction.within_days"),
        ("terms.training", {"a": 1}, "terms.training"),
        ("parties", "riverbend-schools", "parties"),
        ("parties.0", "riverbend-schools", "parties[0]"),
        ("population.0.when", "always", "population[0].when"),
        ("custody.basis", "trust", "custody.basis"),
        ("purposes.0.from", [["a"]], "purposes[0].from[0]"),
    ],
)
def test_a_wrong_value_is_named(path: str, value: object, element: str) -> None:
    assert faults(text_of(changed(CASEWORK, (path, value)))) == [("D4", element)]


@pytest.mark.parametrize(
    ("path", "value", "nearest"),
    [("publication_rule", "nces2011", "nces-2011"), ("publication_rule", "EDFact", "edfacts"), ("release_approval", "two-people", "two_people")],
)  # fmt: skip
def test_an_unknown_rule_is_refused_with_the_nearest(path: str, value: str, nearest: str) -> None:
    _, findings = read_document(text_of(changed(CASEWORK, (f"terms.{path}", value))))
    assert [(f.id, f.element, f.severity) for f in findings] == [("D4", f"terms.{path}", "blocking")]
    assert f"did you mean {nearest}?" in findings[0].message


def test_a_rule_and_an_approval_make_another_version() -> None:
    """A document without them has them nowhere in its signed text, so it keeps its version."""
    plain, _ = read_document(text_of(CASEWORK))
    assert plain is not None
    assert "publication_rule" not in canonical(plain)
    assert "release_approval" not in canonical(plain)
    for term in (("terms.publication_rule", "nces-2011"), ("terms.release_approval", "two_people")):
        other, _ = read_document(text_of(changed(CASEWORK, term)))
        assert other is not None
        assert version_of(other) != version_of(plain)


@pytest.mark.parametrize("value", ["closed", {"open_to": ["lea", "charter"]}, {"open_to": []}])
def test_joinder_is_closed_or_open_to_kinds(value: object) -> None:
    assert faults(text_of(changed(CASEWORK, ("joinder", value)))) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"), ("# nothing", "empty"), ("- a\n- b", "named fields"), ("just words", "named fields"),
        ("a: [1", "line"), ("a: 1\na: 2", "twice"), ('{"a": 1, "a": 2}', "twice"), ("? [a]\n: b", "list or a section"),
        ("a: &x [*x]", "itself"), ("a: 1\n---\nb: 2", "not readable"), ("\x00", "characters"),
        ('{"a": "\\ud800"}', "half a character"), ("[" * 5000, "nested"), ('{"a":' * 5000, "nested"), ("x" * 1_000_001, "longer"),
        ("a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{c}: &{c} [{','.join(['*' + p] * 10)}]\n" for p, c in zip("abcdefg", "bcdefgh", strict=True)), "unfolds"),
    ],
)  # fmt: skip
def test_a_text_that_is_no_document_is_refused_in_a_sentence(text: str, word: str) -> None:
    document, findings = read_document(text)
    assert document is None
    assert [f.id for f in findings] == ["D1"]
    assert word in findings[0].message


def test_yaml_words_keep_their_meaning() -> None:
    values = "\n".join(["population:", "  - {where: x, on: yes, when: ever}", "id: no", "title: 010"])
    _, findings = read_document(values)
    assert not {"population[0].on", "id", "title"} & {f.element for f in findings}


def test_aliases_are_read_as_if_written_out() -> None:
    text = text_of({**STUDY, "clauses": {}}).removesuffix("}")
    aliased = f'{text}, "precedence": &p ["dsa", "mou"], "project": {{"method": x, "linked_data": *p}}}}'
    assert faults(aliased) == []


def test_json_with_escaped_characters_is_reviewed() -> None:
    text = text_of(changed(CASEWORK, ("title", "Supports \U00010000")))
    assert "\\ud800" in text
    assert "D1" not in {f.id for f in review_text(text, context())}


MERGED = EXAMPLE.replace("  - partner:", "  - <<: {roles: []}\n    partner:", 1)


def test_merge_keys_are_refused_in_a_new_text_and_read_in_one_that_was_added_before() -> None:
    said = f"Line {MERGED[: MERGED.index('<<')].count(chr(10)) + 1} takes in the fields of another section (`<<`); write them out."
    document, findings = read_document(MERGED)
    assert document is None
    assert [(f.id, f.message) for f in findings] == [("D1", said)]
    assert [f.message for f in review_text(MERGED, context())] == [said]
    assert read_document(MERGED, merge_keys=True)[0] == read_document(EXAMPLE)[0]


# ----- versions


def test_the_version_is_of_the_meaning_not_of_the_writing() -> None:
    from_yaml, from_json = read_document(EXAMPLE)[0], read_document(text_of(CASEWORK))[0]
    assert from_yaml is not None
    assert from_json is not None
    assert version_of(from_yaml) == version_of(from_json)
    written_down = read_document(
        text_of(changed(CASEWORK, ("joinder", "closed"), ("schedule.0.transform", "none")))
    )[0]
    assert written_down is not None
    assert version_of(written_down) == version_of(from_json)


@pytest.mark.parametrize(
    ("path", "value"),
    [("title", "Other"), ("terms.expires", "2028-07-01"), ("schedule.2.transform", "suppress"),
     ("purposes.0.basis_details", {"a": 1}), ("clauses.termination", "Other"), ("purposes.0.reach", ABSENT),
     ("purposes.2.reach", "all"), ("population.0.where", "entry_grade_level = '06'")],
)  # fmt: skip
def test_any_other_meaning_is_another_version(path: str, value: object) -> None:
    one, other = (
        read_document(text_of(CASEWORK))[0],
        read_document(text_of(changed(CASEWORK, (path, value))))[0],
    )
    assert one is not None
    assert other is not None
    assert version_of(one) != version_of(other)


# ----- any input at all

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates().map(str)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def _paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    here = [path] if path else []
    if isinstance(value, dict):
        return here + [p for key, inner in value.items() for p in _paths(inner, (*path, key))]
    if isinstance(value, list):
        return here + [p for number, inner in enumerate(value) for p in _paths(inner, (*path, number))]
    return here


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, object]:
    """A good document in which up to three places hold anything, or nothing."""
    values = json.loads(json.dumps(draw(st.sampled_from(list(BASES.values())))))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(_paths(values)))
        section = values
        for step in path[:-1]:
            section = section[step]
        if draw(st.booleans()):
            del section[path[-1]]
        else:
            section[path[-1]] = draw(ANYTHING)
        if not _paths(values):
            break
    return values


def _check_any(text: str) -> None:
    document, findings = read_document(text)
    assert (document is None) == bool(findings)
    assert all(f.blocks for f in findings)
    reviewed = review_text(text, context())
    assert all(f.message and f.citation and f.id for f in reviewed)
    assert set(findings) <= set(reviewed)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_any_change_to_a_good_document_is_answered_with_findings(values: dict[str, object]) -> None:
    _check_any(json.dumps(values))
    try:
        read = values_of(json.dumps(values))
    except UnreadableText:
        return
    assert isinstance(read, dict)
    assert readable_part(read) is not None  # whatever stands there, the law is reviewed


@settings(max_examples=150, deadline=None)
@given(st.text() | ANYTHING.map(lambda value: json.dumps(value)))
def test_any_text_is_answered_with_findings(text: str) -> None:
    _check_any(text)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from([*":-[]{},&*!|>'\"%@`#? \n\tabé01~<\\", "id: ", "- ", "\n  ", "\u2028"]),
        max_size=30,
    )
)
def test_any_yaml_is_answered_with_findings(parts: list[str]) -> None:
    _check_any("".join(parts))

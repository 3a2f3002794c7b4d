"""Each typed field comes back from its form as it was, in a draft and in a proposal."""

from typing import Any

import pytest
from django.http import QueryDict

from tests.agreements.documents import CASEWORK, MOU, PARTNERS, STUDY
from throughway.agreements.document_fields import BASIS_DETAILS, FIELDS, Field, FieldKind
from throughway.agreements.document_forms import DocumentChoices, DocumentForm, FieldQuestion, answer, inside
from throughway.agreements.enums import Basis

NAMES = {id: facts.name for id, facts in PARTNERS.items()}
DOCUMENT = DocumentChoices(CASEWORK, NAMES, {"wider": "A wider agreement"})
# A value for each field that the sample documents leave out.
MORE: dict[str, Any] = {
    "under": ["wider"], "joinder.open_to": ["lea"], "precedence": ["State exhibit", "This text"],
    "parties[].contacts.notices": "Records office", "parties[].contacts.data": "Data office",
    "parties[].contacts.security": "Security office", "purposes[].serves": ["casework"], "purposes[].training": ["ferpa-basics"], "custody[].from": ["bright-futures"],
    "schedule[].transform": "year", "population[].from": ["riverbend-schools"], "population[].when": "reading", "records.from": "2022-07-01",
    "records.to": "2025-06-30", "onward[].party": "An auditor", "onward[].interest": "To audit", "onward[].basis": "other_law",
    "services[].schools": ["A", "B"], "services[].seats": 12, "services[].hours_per_week": "1.5",
    "terms.destruction.election": "return", "terms.renewal_notice_days": 30, "terms.exit_notice_days": 90, "terms.ended_by": ["riverbend-schools"],
    "terms.breach_notice_hours": 24, "terms.storage_country": "US", "terms.publication_review_days": 14,
    "purposes[].joins": ["casework"], "terms.publication_rule": "edfacts", "terms.release_approval": "two_people",
    "terms.prohibited": ["sale", "gossip"], "terms.subprocessors[].name": "Oak Hosting",
    "terms.subprocessors[].service": "runs the servers", "terms.delivery[].from": "bright-futures",
    "terms.delivery[].what": "attendance_day", "terms.delivery[].every": "week", "terms.delivery[].format": "csv",
    "project.method": "Step by step", "project.irb.number": "7", "project.irb.expires": "2027-01-01",
    "project.linked_data": ["The census"],
    "writes[].table": "contact_note", "writes[].purposes": ["casework"], "writes[].by": ["bright-futures"],
    "writes[].roles": ["case_worker"], "writes[].capacity": "school_official", "writes[].for": "riverbend-schools",
    "writes[].necessity": "The team must know who called.",
}  # fmt: skip


def sample(path: str) -> Any:
    """A value that some document states at the path."""
    for document in (CASEWORK, STUDY, MOU):
        found: Any = document
        for step in path.split("."):
            found = inside(found, [step.removesuffix("[]")])
            if step.endswith("[]"):
                entries = found if isinstance(found, list) else [found]
                found = next((entry for entry in entries if entry), None)
        if found is not None:
            return found
    return MORE[path]


def sent_back(field: Field, value: Any, *, needed: bool) -> DocumentForm:
    """The form as a browser sends it back when nobody changes anything."""
    question = FieldQuestion("value", (), field, needed, "person.birthdate")
    shown = DocumentForm(questions=[question], values=value, document=DOCUMENT)
    data = QueryDict(mutable=True)
    for bound in shown:
        began = bound.value()
        data.setlist(
            bound.html_name,
            [str(v) for v in (began if isinstance(began, list) else [began]) if v is not None],
        )
    return DocumentForm(data, questions=[question], values=value, document=DOCUMENT)


WRITTEN = [path for path, field in FIELDS.items() if field.kind is not FieldKind.SECTION]


@pytest.mark.parametrize("path", WRITTEN)
@pytest.mark.parametrize("needed", [True, False], ids=["proposal", "draft"])
def test_a_field_comes_back_as_it_was(path: str, needed: bool) -> None:
    field, value = FIELDS[path], MORE.get(path) or sample(path)
    form = sent_back(field, value, needed=needed)
    assert form.is_valid(), form.errors
    question = form.questions[0]
    back = answer(question, form.cleaned_data)
    assert back == (value if value != field.default else None)


@pytest.mark.parametrize("path", WRITTEN)
def test_a_draft_may_leave_a_field_empty(path: str) -> None:
    field = FIELDS[path]
    form = DocumentForm(
        QueryDict(),
        questions=[FieldQuestion("value", ("value",), field, False)],
        values={},
        document=DOCUMENT,
    )
    if field.kind is FieldKind.TRANSFORM:
        assert not form.is_valid()
        return
    assert form.is_valid(), form.errors
    assert form.answers() == ({} if field.optional else {"value": [] if field.kind in LISTS else None})


LISTS = (FieldKind.COURSES, FieldKind.PURPOSES)


@pytest.mark.parametrize("basis", Basis)
def test_the_details_of_a_right_come_back(basis: Basis) -> None:
    values = {FieldKind.YES_NO: True, FieldKind.DAY: "2026-07-01", FieldKind.AIM: "student_aid",
              FieldKind.GIVER: "riverbend-schools", FieldKind.PARTY: "bright-futures"}  # fmt: skip
    for key, field in BASIS_DETAILS[basis].items():
        value = values.get(field.kind, f"What is said of {key}")
        form = sent_back(field, value, needed=False)
        assert form.is_valid(), form.errors
        assert form.cleaned_data["value"] not in (None, "")


def test_what_nothing_offers_any_more_stays_to_be_chosen() -> None:
    form = sent_back(FIELDS["purposes[].from"], ["reading-lab"], needed=False)
    assert form.is_valid()
    assert form.cleaned_data["value"] == ["reading-lab"]


@pytest.mark.parametrize(
    ("path", "typed", "error"),
    [
        ("terms.expires", "2026-13-01", "Write a calendar day, such as July 1, 2026."),
        ("terms.minimum_cell", "0", "Write 1 or more."),
        ("terms.exit_notice_days", "40000", "Write 36,525 or less."),
        ("services[].hours_per_week", "x", "Write a number."),
        ("purposes[].form", "whole", "Choose from the list."),
        ("id", "A B", "Use lowercase letters, digits and hyphens, at most 100."),
        ("purposes[].basis", "", "Choose one."),
    ],
)
def test_what_is_wrong_is_one_sentence(path: str, typed: str, error: str) -> None:
    question = FieldQuestion("value", (), FIELDS[path], True)
    form = DocumentForm(QueryDict(f"value={typed}"), questions=[question], values=None, document=DOCUMENT)
    assert form.errors["value"] == [error]

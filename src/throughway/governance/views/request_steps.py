"""The steps of a data request: one form each; answers of earlier steps are carried along."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.http import QueryDict

from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_fields import BASIS_DETAILS
from throughway.agreements.document_forms import day, one_of, some_of
from throughway.agreements.enums import AccessForm, Basis, PurposeKind, Tier
from throughway.agreements.labels import FORM_WORDS, RIGHTS, element_words, table_words
from throughway.core.prose import capital
from throughway.governance.data_request import RequestedData
from throughway.governance.forms import ChoosingForm, line, paragraph
from throughway.vocabulary import TABLES

# Keys of `basis_details` that the asker may write; the others are the wider agreement's.
DETAILS: Mapping[Basis, Sequence[str]] = {
    Basis.STUDY: ("purpose", "scope", "duration"),
    Basis.AUDIT_EVALUATION: ("program", "activity"),
    Basis.OTHER_LAW: ("citation", "reason"),
    Basis.PARTNER_RECORDS: ("regime", "authority"),
}


@dataclass(frozen=True)
class RequestOptions:
    """What may be chosen from: agreements that the asker may see, and partners by name."""

    agreements: Mapping[str, AgreementDocument]
    names: Mapping[str, str]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """`agreement|purpose` for each purpose of a data-sharing agreement that a project may be for."""
        return [
            (f"{id}|{purpose}", f"{document.title}: {interest}")
            for id, document in self.agreements.items()
            if document.tier is Tier.DSA
            for purpose, interest in {
                e.id: e.interest
                for e in document.purposes
                if e.kind not in (PurposeKind.LINKAGE, PurposeKind.CASEWORK)
            }.items()
        ]

    def entries(self, pairs: list[str]) -> list[tuple[AgreementDocument, str]]:
        split = [pair.partition("|") for pair in pairs]
        return [(self.agreements[id], purpose) for id, _, purpose in split if id in self.agreements]


class QuestionForm(forms.Form):
    title = line("The project in a few words", missing="Give it a title.")
    question = paragraph(
        "What do you want to know?", "One question. Make a separate request for each further question."
    )
    why = paragraph("Why, and who is helped by the answer?", missing="Say who is helped.")
    outside = line(
        "If you ask for an outside organization, which one?",
        "Leave it empty when you ask for your own. Name no person.",
        missing="",
    )
    project = line("And which project of theirs", "As their own papers call it. Name no person.", missing="")


class SourceForm(ChoosingForm):
    pairs = some_of(
        "Under which agreement",
        [],
        "A project is licensed under a data-sharing agreement that allows its purpose. Tick none when there is none yet.",
    )
    of = some_of("Whose records", [], "Each of them answers for itself.", missing="Choose whose records.")
    form = one_of(
        "In which form",
        [(form.value, FORM_WORDS[form]) for form in reversed(AccessForm)],
        "The least that answers the question.",
        missing="Choose a form.",
    )

    def clean_pairs(self) -> list[str]:
        pairs: list[str] = self.cleaned_data["pairs"]
        if len({pair.partition("|")[2] for pair in pairs}) > 1:
            raise forms.ValidationError("Choose agreements for one and the same purpose.")
        return pairs


class TablesForm(forms.Form):
    tables = some_of(
        "Which kinds of records",
        [(table, capital(table_words(table))) for table in TABLES],
        "Only what the question needs. Names and numbers of students are seldom needed to learn what works.",
        missing="Choose at least one.",
    )


class ElementsForm(forms.Form):
    """For each table its elements, and why they are needed."""

    def __init__(self, *args: Any, tables: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.tables = [table for table in tables if table in TABLES]
        for table in self.tables:
            words = table_words(table)
            choices = [(f"{table}.*", "All of it that no special law restricts")] + [
                (e.path, f"{element_words(e.name)}{' (restricted by law)' if e.restricted else ''}")
                for e in TABLES[table].elements.values()
                if e.name != "person_id"
            ]
            self.fields[f"elements_{table}"] = some_of(
                f"Which of {words}", choices, missing="Choose at least one."
            )
            self.fields[f"necessity_{table}"] = line(
                f"Why is this needed: {words}?", missing="Say why it is needed."
            )

    def clean(self) -> dict[str, object]:
        """A request for a whole table includes the restricted elements that are named individually."""
        values = super().clean() or {}
        for table in self.tables:
            chosen = values.get(f"elements_{table}") or []
            if f"{table}.*" in chosen:
                bound = {e.path for e in TABLES[table].elements.values() if e.restricted}
                values[f"elements_{table}"] = [
                    path for path in chosen if path.endswith(".*") or path in bound
                ]
        return values


class RightForm(forms.Form):
    """The basis, where no agreement states it; and its details that the asker can write."""

    def __init__(self, *args: Any, basis: Basis | None, **options: Any) -> None:
        super().__init__(*args, **options)
        if basis is None:
            self.fields["basis"] = one_of(
                "By what right may the records be given",
                [(b.value, capital(RIGHTS[b])) for b in Basis],
                missing="Choose a right; the review says what it needs.",
            )
        needed = basis is not None and basis is not Basis.PARTNER_RECORDS
        asked = basis or Basis.STUDY
        for key in DETAILS.get(asked, ()):
            field = BASIS_DETAILS[asked][key]
            self.fields[f"detail_{key}"] = paragraph(
                field.asks, field.help, rows=2, missing="Write a sentence." if needed else ""
            )


class RequestProjectForm(forms.Form):
    method = paragraph("How do you answer the question, step by step?", rows=5)
    publication = paragraph("What is published, where, and for whom?")
    irb = line("Number of the review board’s approval", "Leave it empty where none is needed.", missing="")
    irb_expires = day("Until when that approval holds")
    until = day("The last day of the project", "Then the records are destroyed.", missing="Give the day.")

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until <= date.today():
            raise forms.ValidationError("The last day must be in the future.")
        return until


def basis_of(values: QueryDict, known: RequestOptions) -> Basis | None:
    """The basis of the chosen agreements; None where none is chosen."""
    return next(
        (e.basis for document, purpose in known.entries(values.getlist("pairs")) for e in document.entries(purpose)),
        None,
    )  # fmt: skip


TITLES: Mapping[str, str] = {
    "question": "The question",
    "source": "Whose records, in which form",
    "tables": "Which kinds of records",
    "elements": "Exactly which, and why",
    "right": "By what right",
    "project": "Method, publication, end",
}


def form_of(step: str, data: QueryDict | None, answers: QueryDict, known: RequestOptions) -> forms.Form:
    """The form of a step, which may depend on the answers of earlier ones."""
    makers: Mapping[str, Callable[[QueryDict | None], forms.Form]] = {
        "question": QuestionForm,
        "source": partial(SourceForm, choices={"pairs": known.pairs, "of": list(known.names.items())}),
        "tables": TablesForm,
        "elements": partial(ElementsForm, tables=answers.getlist("tables")),
        "right": partial(RightForm, basis=basis_of(answers, known)),
        "project": RequestProjectForm,
    }
    return makers[step](data)


def requested_data(
    forms_of: Mapping[str, forms.Form], answers: QueryDict, known: RequestOptions
) -> RequestedData:
    """What is asked, from the forms of all steps, each of them valid."""
    source, elements, right = (forms_of[step].cleaned_data for step in ("source", "elements", "right"))
    tables = [table for table in TABLES if f"elements_{table}" in elements]
    entries = known.entries(source["pairs"])
    return RequestedData(
        **forms_of["question"].cleaned_data,
        **forms_of["project"].cleaned_data,
        elements=tuple(path for table in tables for path in elements[f"elements_{table}"]),
        necessity={table: elements[f"necessity_{table}"] for table in tables},
        of=tuple(source["of"]),
        form=AccessForm(source["form"]),
        under=tuple(dict.fromkeys(document.id for document, _ in entries)),
        purpose=next((purpose for _, purpose in entries), ""),
        basis=basis_of(answers, known) or Basis(right["basis"]),
        details={k.removeprefix("detail_"): v for k, v in right.items() if k.startswith("detail_") and v},
    )


def answers_of(wanted: RequestedData) -> QueryDict:
    """The answers of all steps that a request was made of."""
    answers = QueryDict(mutable=True)
    for name in (*QuestionForm.base_fields, *RequestProjectForm.base_fields):
        value = getattr(wanted, name)
        answers[name] = value.isoformat() if isinstance(value, date) else value or ""
    answers["form"], answers["basis"] = wanted.form.value, wanted.basis.value
    answers.setlist("of", list(wanted.of))
    answers.setlist("pairs", [f"{id}|{wanted.purpose}" for id in wanted.under])
    tables = list(dict.fromkeys(element.partition(".")[0] for element in wanted.elements))
    answers.setlist("tables", tables)
    for table in tables:
        answers.setlist(f"elements_{table}", [e for e in wanted.elements if e.partition(".")[0] == table])
        answers[f"necessity_{table}"] = wanted.necessity.get(table, "")
    for key, words in wanted.details.items():
        answers[f"detail_{key}"] = words
    return answers

"""The steps of asking for data: one form each; what was answered in earlier steps comes along."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import AccessForm, Basis, PurposeKind, Tier
from throughway.agreements.labels import FORM_WORDS, RIGHTS, element_words, table_words
from throughway.core.prose import capital
from throughway.governance.data_request import RequestedData
from throughway.governance.forms import day_field, line_field, text_field
from throughway.governance.license_draft import choosable
from throughway.vocabulary import TABLES

NO_AGREEMENT = ""
# What the asker may say of a right in its own words, by the keys of `basis_details`.
DETAILS: Mapping[Basis, Mapping[str, str]] = {
    Basis.STUDY: {
        "purpose": "What the study is to find out",
        "scope": "Which students and years it looks at",
        "duration": "How long it takes",
    },
    Basis.AUDIT_EVALUATION: {
        "program": "Which education program is evaluated",
        "activity": "What is done with the records",
    },
    Basis.OTHER_LAW: {"citation": "Which law", "reason": "Why it allows this"},
    Basis.PARTNER_RECORDS: {
        "regime": "Whose rules hold for the records",
        "authority": "What allows their use",
    },
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
    title = line_field("The project in a few words", lacks="Give it a title.")
    question = text_field("What do you want to know?", "One question. Another question is another request.")
    why = text_field("Why, and who is helped by the answer?", lacks="Say who is helped.")
    outside = line_field(
        "Do you ask for somebody outside? Then which organization",
        "Leave it empty when you ask for your own. Name no person.", required=False,
    )  # fmt: skip
    project = line_field(
        "And which project of theirs", "As their own papers call it. Name no person.", required=False
    )


class SourceForm(forms.Form):
    pairs = forms.MultipleChoiceField(
        label="Under which agreement", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="A project is licensed under a data-sharing agreement that allows its purpose. Tick none when there is none yet.",
    )  # fmt: skip
    of = forms.MultipleChoiceField(
        label="Whose records", widget=forms.CheckboxSelectMultiple,
        help_text="Each of them answers for itself.", error_messages={"required": "Choose whose records."},
    )  # fmt: skip
    form = forms.ChoiceField(
        label="In which form", widget=forms.RadioSelect, choices=[(f.value, FORM_WORDS[f]) for f in reversed(AccessForm)],
        error_messages={"required": "Choose a form."}, help_text="The least that answers the question.",
    )  # fmt: skip

    def __init__(self, *args: Any, known: RequestOptions, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known
        _choices(self, "pairs", known.pairs)
        _choices(self, "of", list(known.names.items()))

    def clean_pairs(self) -> list[str]:
        pairs: list[str] = self.cleaned_data["pairs"]
        if len({pair.partition("|")[2] for pair in pairs}) > 1:
            raise forms.ValidationError("Choose agreements for one and the same purpose.")
        return pairs


class TablesForm(forms.Form):
    tables = forms.MultipleChoiceField(
        label="Which kinds of records", widget=forms.CheckboxSelectMultiple,
        help_text="Only what the question needs. Names and numbers of students are seldom needed to learn what works.",
        choices=[(table, capital(table_words(table))) for table in TABLES],
        error_messages={"required": "Choose at least one."},
    )  # fmt: skip


class ElementsForm(forms.Form):
    """For each table its elements, and why they are needed."""

    def __init__(self, *args: Any, tables: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tables = [table for table in tables if table in TABLES]
        for table in self.tables:
            words = table_words(table)
            whole = (f"{table}.*", "All of it that no special law restricts")
            single = [
                (path, f"{element_words(path.partition('.')[2])}{' (restricted by law)' if bound else ''}")
                for path, _, bound in choosable(table)
            ]
            self.fields[f"elements_{table}"] = forms.MultipleChoiceField(
                label=f"Which of {words}", choices=[whole, *single], widget=forms.CheckboxSelectMultiple,
                error_messages={"required": "Choose at least one."},
            )  # fmt: skip
            self.fields[f"necessity_{table}"] = line_field(
                f"Why is this needed: {words}?", lacks="Say why it is needed."
            )

    def clean(self) -> dict[str, object]:
        """One who asks for all of a table asks for the restricted elements that are named besides."""
        values = super().clean() or {}
        for table in self.tables:
            chosen = values.get(f"elements_{table}") or []
            if f"{table}.*" in chosen:
                bound = {path for path, _, restricted in choosable(table) if restricted}
                values[f"elements_{table}"] = [
                    path for path in chosen if path.endswith(".*") or path in bound
                ]
        return values


class RightForm(forms.Form):
    def __init__(self, *args: Any, basis: Basis | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if basis is None:
            self.fields["basis"] = forms.ChoiceField(
                label="By what right may the records be given", widget=forms.RadioSelect,
                choices=[(b.value, capital(RIGHTS[b])) for b in Basis],
                error_messages={"required": "Choose a right; the review says what it needs."},
            )  # fmt: skip
        for key, label in DETAILS.get(basis or Basis.STUDY, {}).items():
            self.fields[f"detail_{key}"] = text_field(
                label, required=basis is not None and basis is not Basis.PARTNER_RECORDS, rows=2
            )


class RequestProjectForm(forms.Form):
    method = text_field("How do you answer the question, step by step?", rows=5)
    publication = text_field("What is published, where, and for whom?", rows=3)
    irb = line_field(
        "Number of the review board’s approval", "Leave it empty where none is needed.", required=False
    )
    irb_expires = day_field("Until when that approval holds", required=False)
    until = day_field("The last day of the project", "Then the records are destroyed.")

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until <= date.today():
            raise forms.ValidationError("The last day must be still to come.")
        return until


Builder = Callable[[QueryDict | None, QueryDict, RequestOptions], forms.Form]


def _choices(form: forms.Form, name: str, pairs: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.MultipleChoiceField)
    field.choices = pairs


def basis_of(values: QueryDict, known: RequestOptions) -> Basis | None:
    """The right by which the chosen agreements give; None where none is chosen."""
    return next(
        (e.basis for document, purpose in known.entries(values.getlist("pairs")) for e in document.entries(purpose)),
        None,
    )  # fmt: skip


STEPS: Mapping[str, tuple[str, Builder]] = {
    "question": ("The question", lambda data, said, known: QuestionForm(data)),
    "source": ("Whose records, in which form", lambda data, said, known: SourceForm(data, known=known)),
    "tables": ("Which kinds of records", lambda data, said, known: TablesForm(data)),
    "elements": (
        "Exactly which, and why",
        lambda data, said, known: ElementsForm(data, tables=said.getlist("tables")),
    ),
    "right": ("By what right", lambda data, said, known: RightForm(data, basis=basis_of(said, known))),
    "project": ("Method, publication, end", lambda data, said, known: RequestProjectForm(data)),
}


def wanted_of(forms_of: Mapping[str, forms.Form], said: QueryDict, known: RequestOptions) -> RequestedData:
    """What is asked, from the forms of all steps, each of them valid."""
    question, source, project = (forms_of[s].cleaned_data for s in ("question", "source", "project"))
    elements, right = forms_of["elements"].cleaned_data, forms_of["right"].cleaned_data
    tables = [table for table in TABLES if f"elements_{table}" in elements]
    entries = known.entries(source["pairs"])
    basis = basis_of(said, known) or Basis(right["basis"])
    return RequestedData(
        title=question["title"],
        question=question["question"],
        why=question["why"],
        elements=tuple(path for table in tables for path in elements[f"elements_{table}"]),
        necessity={table: elements[f"necessity_{table}"] for table in tables},
        of=tuple(source["of"]),
        form=AccessForm(source["form"]),
        under=tuple(dict.fromkeys(document.id for document, _ in entries)),
        purpose=next((purpose for _, purpose in entries), ""),
        basis=basis,
        details={k.removeprefix("detail_"): v for k, v in right.items() if k.startswith("detail_") and v},
        method=project["method"],
        publication=project["publication"],
        irb=project["irb"],
        irb_expires=project["irb_expires"],
        until=project["until"],
        outside=question["outside"],
        project=question["project"],
    )


def said_of(wanted: RequestedData) -> QueryDict:
    """The answers of all steps that a request was made of."""
    said = QueryDict(mutable=True)
    for name in ("title", "question", "why", "outside", "project", "method", "publication", "irb"):
        said[name] = getattr(wanted, name)
    said["until"] = wanted.until.isoformat()
    said["irb_expires"] = wanted.irb_expires.isoformat() if wanted.irb_expires else ""
    said["form"], said["basis"] = wanted.form.value, wanted.basis.value
    said.setlist("of", list(wanted.of))
    said.setlist("pairs", [f"{id}|{wanted.purpose}" for id in wanted.under])
    tables = list(dict.fromkeys(element.partition(".")[0] for element in wanted.elements))
    said.setlist("tables", tables)
    for table in tables:
        said.setlist(f"elements_{table}", [e for e in wanted.elements if e.partition(".")[0] == table])
        said[f"necessity_{table}"] = wanted.necessity.get(table, "")
    for key, words in wanted.details.items():
        said[f"detail_{key}"] = words
    return said

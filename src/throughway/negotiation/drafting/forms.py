"""What people fill in to write an agreement: a form for each section, made of the typed fields of the document.

`fields_of` gives the section's fields as a draft keeps them. Most questions may stay empty: the review says what is missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms

from throughway.agreements.document_fields import FIELDS, FieldKind, field_at
from throughway.agreements.document_forms import (
    DocumentChoices,
    DocumentForm,
    FieldQuestion,
    LinesField,
    controls,
    one_of,
    questions,
    some_of,
    text,
)
from throughway.agreements.document_sections import Clauses
from throughway.agreements.enums import Tier
from throughway.agreements.population_condition import BadCondition, parse_condition
from throughway.agreements.starter_texts import Template, TemplateParty, templates
from throughway.core.prose import capital
from throughway.partners import PartnerFacts
from throughway.vocabulary import TABLES, codes_of, element
from throughway.vocabulary.labels import table_words

Values = Mapping[str, Any]
DELIVERY = ("from", "what", "every", "format")
GRADE = element("school_enrollment.entry_grade_level")
# The grades that schools have, in order.
GRADES: tuple[str, ...] = ("PK", "TK", "KG", *(f"{n:02}" for n in range(1, 13)), "UG")
FEW = 5  # partners: as many are asked at once what authority signs for them


def leave_out(label: str) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


class NewDraftForm(forms.Form):
    """What is asked to begin: who takes which part, what it is called, and what only the parties can answer.

    `own`: the writer's partner, which is offered where it fits. `wider`: id → title of each agreement that it may be under. `decides`:
    whether the writer may put agreements into effect.
    """

    def __init__(
        self, data: Any = None, *, template: Template, partners: Mapping[str, PartnerFacts], own: str, wider: Mapping[str, str],
        decides: bool,
    ) -> None:  # fmt: skip
        super().__init__(data)
        self.template = template
        document = DocumentChoices({}, {})
        self.fields["title"] = text(
            "What is it about, in a line?",
            "Such as: Attendance and supports for students in grades 6 to 8",
            missing="Say in a line what it is about.",
        )
        self.fields |= controls(FieldQuestion("id", ("id",), FIELDS["id"], True), None, document)
        for part in template.parts:
            self.fields[f"part_{part.id}"] = _part(part, partners, own)
        if template.tier is not Tier.MOU and wider:
            self.fields["under"] = one_of(
                FIELDS["under"].question,
                [*([] if template.tier is Tier.DUL else [("", "—")]), *wider.items()],
                "It shares nothing that the wider agreement does not share.",
                menu=True,
                missing="Choose one." if template.tier is Tier.DUL else "",
            )
        first = replace(FIELDS["terms.effective"], help="You can fill in days and the rest later.")
        self.fields |= controls(FieldQuestion("effective", (), first, False), None, document)
        self.fields |= controls(FieldQuestion("expires", (), FIELDS["terms.expires"], False), None, document)
        for question in template.questions:
            self.fields[f"answer_{question.id}"] = text(question.ask, f"Such as: {question.such_as}")
        self.signing = sorted(partners.values(), key=lambda p: p.name) if len(partners) <= FEW else []
        for partner in self.signing:
            self.fields[f"authority_{partner.id}"] = text(
                f"By what authority does {partner.name} sign?",
                "Such as: Board policy 3.1. Needed only for a party; you can fill it in later.",
            )
        if decides:
            self.fields["takes_effect"] = forms.BooleanField(
                label="If it is finished now: put it into effect when every party has signed",
                help_text="Not before its first day. You decide that now, in your name, and can take it back on its page until then.",
                required=False, initial=True,
            )  # fmt: skip

    def parties(self) -> dict[str, list[str]]:
        found = {part.id: self.cleaned_data[f"part_{part.id}"] for part in self.template.parts}
        return {
            id: [taken] if isinstance(taken, str) else list(taken) for id, taken in found.items() if taken
        }

    def authorities(self) -> dict[str, str]:
        given = {p.id: str(self.cleaned_data[f"authority_{p.id}"]).strip() for p in self.signing}
        return {id: authority for id, authority in given.items() if authority}

    def answers(self) -> dict[str, object]:
        return {q.id: self.cleaned_data[f"answer_{q.id}"] for q in self.template.questions}


def _part(part: TemplateParty, partners: Mapping[str, PartnerFacts], own: str) -> forms.Field:
    """Those of a kind that usually takes the part; everyone, where there is none of it. The only one that fits is chosen already."""
    fitting = [p for p in partners.values() if p.kind in part.kinds] or list(partners.values())
    choices = [(p.id, p.name) for p in sorted(fitting, key=lambda p: p.name)]
    help = "May stay empty." if part.optional else ""
    only = choices[0][0] if len(choices) == 1 else ""
    mine = "" if part.optional else own if own in dict(choices) else only
    if part.several:
        field: forms.Field = some_of(part.words, choices, help)
        field.initial = [mine] if mine else []
    else:
        field = one_of(part.words, [("", "—"), *choices], help, menu=True)
        field.initial = mine
    return field


class SectionForm(DocumentForm):
    """A whole section of a draft. `section`: its field in the document, empty where it fills several; `paths`: its questions."""

    section = ""
    paths: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()

    def __init__(self, data: Any = None, *, document: DocumentChoices) -> None:
        values = document.values
        super().__init__(
            data,
            questions=self.asked(document),
            values=values.get(self.section) or {} if self.section else values,
            document=document,
        )

    def asked(self, document: DocumentChoices) -> list[FieldQuestion]:
        return questions(self.section, *self.paths, needed=self.needed)

    def fields_of(self) -> dict[str, Any]:
        if self.section:
            return {self.section: self.answers()}
        return dict.fromkeys(question.path[0] for question in self.questions) | self.answers()


class NameForm(SectionForm):
    """The title, id and wider agreement. `fixed`: an amendment keeps its id."""

    paths = ("title", "id", "tier", "under", "precedence")
    needed = ("id", "tier")

    def __init__(self, data: Any = None, *, document: DocumentChoices, fixed: bool) -> None:
        super().__init__(data, document=document)
        self.fields["id"].disabled = fixed

    def asked(self, document: DocumentChoices) -> list[FieldQuestion]:
        offers = document.wider or document.values.get("under")
        return [question for question in super().asked(document) if question.name != "under" or offers]


class PartyForm(DocumentForm):
    """One party; the form's heading names the partner."""

    def __init__(self, data: Any, *, party: Values, document: DocumentChoices, prefix: str) -> None:
        asked = questions(
            "parties[]", "roles", "signatory.title", "signatory.authority", "contacts.notices", "contacts.data", "contacts.security"
        )  # fmt: skip
        super().__init__(data, questions=asked, values=party, document=document, prefix=prefix)
        self.partner = party.get("partner")
        self.name = document.names.get(str(self.partner), self.partner)
        self.fields["leave_out"] = leave_out("Take this party out")


class PartiesForm(SectionForm):
    """All of them; `more`: one further partner; and which kinds of partner may join by signing."""

    paths = ("joinder.open_to",)

    def __init__(self, data: Any = None, *, document: DocumentChoices) -> None:
        super().__init__(data, document=document)
        self.each = [
            PartyForm(data, party=party, document=document, prefix=f"party{n}")
            for n, party in enumerate(document.values.get("parties") or ())
        ]
        here = {form.partner for form in self.each}
        others = [(id, name) for id, name in document.names.items() if id not in here]
        self.fields["more"] = one_of("Add a partner", [("", "—"), *others], menu=True)

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(form.is_valid() for form in self.each)])

    def fields_of(self) -> dict[str, Any]:
        parties = [
            {"partner": form.partner, **form.answers()}
            for form in self.each
            if not form.cleaned_data["leave_out"]
        ]
        if more := self.cleaned_data["more"]:
            parties.append({"partner": more, "roles": [], "signatory": {"title": None, "authority": None}})
        return super().fields_of() | {"parties": parties}


class RowForm(DocumentForm):
    """One row of a section that is a list: a service, what people may type, or who may receive the records next (34 CFR
    99.32(b))."""

    PATHS: Mapping[str, tuple[str, ...]] = {
        "services": ("partner", "program", "schools", "seats", "hours_per_week"),
        "onward": ("party", "interest", "basis"),
        "writes": ("table", "purposes", "by", "roles", "capacity", "for", "necessity"),
    }

    def __init__(
        self, data: Any = None, *, section: str, row: Values, document: DocumentChoices, prefix: str
    ) -> None:
        asked = [
            replace(each, field=replace(each.field, kind=FieldKind.BASIS)) if each.name == "basis" else each
            for each in questions(f"{section}[]", *self.PATHS[section])
        ]
        super().__init__(data, questions=asked, values=row, document=document, prefix=prefix)
        self.name = row.get("party") or row.get("program") or capital(table_words(row.get("table") or ""))
        self.fields["leave_out"] = leave_out("Take it out")

    def row(self) -> dict[str, Any] | None:
        """The row; None when it says nothing or is taken out."""
        row = self.answers()
        says = any(value not in (None, []) for name, value in row.items() if name not in ("partner", "basis"))
        return row if says and not self.cleaned_data["leave_out"] else None


class ProjectForm(SectionForm):
    """The project of a use license."""

    section = "project"
    paths = ("method", "irb.number", "irb.expires", "linked_data")

    def asked(self, document: DocumentChoices) -> list[FieldQuestion]:
        return [
            replace(each, field=replace(each.field, kind=FieldKind.DAY)) if each.name == "expires" else each
            for each in super().asked(document)
        ]

    def fields_of(self) -> dict[str, Any]:
        project = self.answers()
        if not any(project["irb"].values()):
            del project["irb"]
        return {"project": project}


class TermsForm(SectionForm):
    """The end of the agreement and what follows: days, destruction, rules of daily work."""

    section = "terms"
    paths = (
        "effective", "expires", "destruction.within_days", "destruction.method", "destruction.election", "minimum_cell", "publication_rule",
        "training",
        "breach_notice_hours", "renewal_notice_days", "exit_notice_days", "ended_by", "publication_review_days", "release_approval",
        "storage_country", "prohibited",
    )  # fmt: skip
    needed = ("destruction.election",)

    def __init__(self, data: Any = None, *, document: DocumentChoices) -> None:
        super().__init__(data, document=document)
        self.before: Values = document.values.get("terms") or {}
        bound = [
            f"{s.get('name', '')}: {s.get('service', '')}" for s in self.before.get("subprocessors") or ()
        ]
        files = [", ".join(str(d.get(k, "")) for k in DELIVERY) for d in self.before.get("delivery") or ()]
        self.fields["subprocessors"] = LinesField(
            label="Who works for a party under the same terms?", initial=bound,
            help_text="One per line, such as: Oak Hosting: runs the servers",
        )  # fmt: skip
        self.fields["delivery"] = LinesField(
            label="Which files come, and how often?", initial=files,
            help_text="One per line, such as: oak-schools, attendance_day, week, edfi-xml",
        )  # fmt: skip

    def clean_subprocessors(self) -> list[dict[str, str]]:
        pairs = [line.partition(":") for line in self.cleaned_data["subprocessors"]]
        if any(not name.strip() or not service.strip() for name, _, service in pairs):
            raise forms.ValidationError(
                "Write each as a name, a colon, and what it does: Oak Hosting: runs the servers"
            )
        return [{"name": name.strip(), "service": service.strip()} for name, _, service in pairs]

    def clean_delivery(self) -> list[dict[str, str]]:
        rows = [[cell.strip() for cell in line.split(",")] for line in self.cleaned_data["delivery"]]
        if any(len(row) != len(DELIVERY) or not all(row) for row in rows):
            raise forms.ValidationError(
                "Write each as four words with commas: oak-schools, attendance_day, week, edfi-xml"
            )
        return [dict(zip(DELIVERY, row, strict=True)) for row in rows]

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        first, last = answers.get("effective"), answers.get("expires")
        if first and last and last < first:
            self.add_error("expires", "The last day is before the first day; correct one of them.")
        return answers

    def fields_of(self) -> dict[str, Any]:
        rows = {name: self.cleaned_data[name] for name in ("subprocessors", "delivery")}
        asked = {question.path[0] for question in self.questions} | rows.keys()
        others = {name: value for name, value in self.before.items() if name not in asked}
        return {"terms": others | self.answers() | {name: found for name, found in rows.items() if found}}


class ClausesForm(SectionForm):
    """The words that are signed. `template`: those that a clause began with; a POST with `restore=NAME` puts them back."""

    section = "clauses"

    def __init__(self, data: Any = None, *, document: DocumentChoices, template: Mapping[str, str]) -> None:
        if data is not None and data.get("restore") in template:
            data = data.copy()
            data[data["restore"]] = template[data["restore"]]
        self.template = template
        super().__init__(data, document=document)

    def asked(self, document: DocumentChoices) -> list[FieldQuestion]:
        return [
            FieldQuestion(name, (name,), field_at(("clauses", name)), False) for name in Clauses.model_fields
        ]

    @property
    def clauses(self) -> list[tuple[Any, str]]:
        """Each field with the template's words, where they differ from its own."""
        shown = []
        for name in self.fields:
            own = " ".join(str(self[name].value() or "").split())
            begun = self.template.get(name, "")
            shown.append((self[name], begun if " ".join(begun.split()) != own else ""))
        return shown


def template_clauses(template: str) -> Mapping[str, str]:
    """The template's clauses by name; of a draft that began otherwise, those of the agreement by consent."""
    found = {each.id: each for each in templates()}
    clauses: Values = (found.get(template) or found["consent"]).document["clauses"]
    return {name: str(words) for name, words in clauses.items()}


def grade_choices() -> list[tuple[str, str]]:
    labels: Mapping[str, str] = codes_of(GRADE) or {}
    return [(code, labels.get(code, code)) for code in GRADES]


def condition(grades: Sequence[str], schools: Sequence[str]) -> str:
    """`entry_grade_level IN ('06', '07')`, for students in these grades, of these schools; empty for every student."""
    chosen = {"entry_grade_level": grades, "organization_id": schools}
    return " AND ".join(f"{name} IN ({_quoted(values)})" for name, values in chosen.items() if values)


def _quoted(values: Sequence[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def problem(where: str, on: str) -> str:
    """What is wrong with a condition, as a sentence; empty when it can be read."""
    if on not in TABLES or not TABLES[on].of_person:
        return "Choose a kind of record about students."
    try:
        parse_condition(where, on)
    except BadCondition as bad:
        return f"This {bad}."
    return ""


class StudentsForm(DocumentForm):
    """One more group of students: by grade and school, or by a condition for those who know the vocabulary."""

    def __init__(self, data: Any = None, *, document: DocumentChoices) -> None:
        asked = questions("population[]", "from", "when", "on", needed=["when"])
        super().__init__(data, questions=asked, values={"on": "school_enrollment"}, document=document)
        self.fields["grades"] = some_of("Students in these grades", grade_choices())
        self.fields["schools"] = LinesField(
            label="Only of these schools",
            help_text="The schools’ ids in the district’s system, one per line. Empty: all of its schools.",
        )  # fmt: skip
        self.fields["where"] = text(
            "Or write the condition yourself",
            "Such as: program_identifier = 'after-school'. It replaces grades and schools.",
            rows=2,
        )

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        if where := answers.get("where"):
            if wrong := problem(where, answers.get("on") or "school_enrollment"):
                self.add_error("where", wrong)
        elif not answers.get("grades") and not answers.get("schools"):
            self.add_error("grades", "Choose grades, name schools, or write a condition.")
        return answers

    def entry(self) -> dict[str, Any]:
        answers = self.cleaned_data
        if answers["where"]:
            return self.answers() | {"where": answers["where"], "on": answers["on"] or "school_enrollment"}
        where = condition(answers["grades"], answers["schools"])
        return self.answers() | {"where": where, "on": "school_enrollment"}


class RecordsForm(SectionForm):
    """The days of facts in scope."""

    section = "records"
    paths = ("from", "to")

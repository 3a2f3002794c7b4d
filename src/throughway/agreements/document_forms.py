"""The editor of a document: form controls made from the typed fields, and the values that users return.

Drafts, proposals and data requests use these controls. A draft may be incomplete, so most of its fields may be empty; a proposal must
fill in what the document requires.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms

from throughway.agreements.document_fields import FIELDS, Field, FieldKind
from throughway.agreements.enums import (
    AccessForm,
    AuthorCapacity,
    Basis,
    Election,
    PartyRole,
    PopulationDay,
    PublicationRule,
    PurposeKind,
    Reach,
    ReleaseApproval,
    Tier,
)
from throughway.agreements.labels import (
    CAPACITY_WORDS,
    KIND_WORDS,
    PURPOSES,
    ROLE_WORDS,
    TIER_WORDS,
    element_words,
    right_words,
    table_words,
)
from throughway.agreements.transforms import FITS
from throughway.core.prose import capital
from throughway.partners import PartnerKind, Role
from throughway.vocabulary import TABLES

Choices = Sequence[tuple[str, Any]]
Values = Mapping[str, Any]
K = FieldKind
LONGEST = 20_000  # characters of one text
LINE = 68  # characters of a line of a text field, about
ID = r"^[a-z0-9][a-z0-9_-]{0,99}$"
BAND = "band"
SHOWN_AS: Mapping[str, str] = {
    "none": "As it is",
    BAND: "In bands, with the width you enter below",
    "year": "The year only",
    "mask": "The first letter only",
    "pseudonym": "As a random code",
    "suppress": "Not shown, only whether there is a value",
}
NEVER: Mapping[str, str] = {
    "sale": "sold",
    "advertising": "used for advertising",
    "model_training": "used to train models",
    "immigration_enforcement": "used to enforce immigration law",
    "extracts": "taken out of this system as an extract",
}
TIERS: Mapping[Tier, str] = {
    Tier.MOU: "the framework for all partners; shares no records by itself",
    Tier.DSA: "which records are shared, and by what right",
    Tier.DUL: "one project under a data-sharing agreement",
}
ONE_OF: Mapping[FieldKind, Choices] = {
    K.TIER: [(tier.value, f"{capital(TIER_WORDS[tier])}: {TIERS[tier]}") for tier in Tier],
    K.PURPOSE_KIND: [(kind.value, capital(PURPOSES[kind])) for kind in PurposeKind],
    K.BASIS: [(basis.value, capital(right_words(basis))) for basis in Basis],
    K.FORM: [
        (AccessForm.IDENTIFIED.value, "Records that show who the student is"),
        (AccessForm.PSEUDONYMOUS.value, "Records under random codes; nobody is named"),
        (AccessForm.AGGREGATE.value, "Counts and rates alone"),
    ],
    K.REACH: [
        (Reach.CASELOAD.value, "Only students on the reader’s own caseload"),
        (Reach.SITE.value, "Students at the reader’s own schools or programs"),
        (Reach.ROSTER.value, "Students whom the reader’s own organization serves that day"),
        (Reach.ALL.value, "Any student in scope"),
    ],
    K.WHEN: [
        (
            PopulationDay.FACT.value,
            "On the day of the fact: a day of absence counts when the student was in the grade on that day",
        ),
        (
            PopulationDay.READING.value,
            "On the day of reading: whoever is in the grade today, with all earlier facts",
        ),
        (PopulationDay.EVER.value, "At any time"),
    ],
    K.ELECTION: [
        (Election.DESTROY.value, "It is destroyed"),
        (Election.RETURN.value, "It is returned, and no copy is kept"),
        (Election.KEEP_DEIDENTIFIED.value, "What identifies nobody is kept, the rest destroyed"),
    ],
    K.PUBLICATION_RULE: [
        (
            "",
            "By the smallest count alone: a percentage is whole where the counts that it is made of are published",
        ),
        (PublicationRule.NCES_2011.value, "In the ranges of NCES 2011-603, wider for fewer students"),
        (PublicationRule.EDFACTS.value, "In the ranges of EDFacts public files, which are wider still"),
    ],
    K.RELEASE_APPROVAL: [
        ("", "Whoever may publish under this agreement, alone"),
        (
            ReleaseApproval.TWO_PEOPLE.value,
            "Two people: whoever publishes, and a second person for a partner whose records it counts",
        ),
    ],
    K.AIM: [
        ("predictive_tests", "To develop, validate or administer predictive tests"),
        ("student_aid", "To administer student aid programs"),
        ("improve_instruction", "To improve instruction"),
    ],
    K.CAPACITY: [(capacity.value, capital(CAPACITY_WORDS[capacity])) for capacity in AuthorCapacity],
    K.TYPED_TABLE: [(name, capital(table_words(name))) for name, table in TABLES.items() if table.typed],
    K.YES_NO: [("yes", "Yes"), ("no", "No")],
    K.TABLE: [(name, capital(table_words(name))) for name, table in TABLES.items() if table.of_person],
}
SOME_OF: Mapping[FieldKind, Choices] = {
    K.ROLES: [(role.value, role.label) for role in Role],
    K.PARTY_ROLES: [(role.value, capital(ROLE_WORDS[role])) for role in PartyRole],
    K.PARTNER_KINDS: [(kind.value, capital(KIND_WORDS[kind])) for kind in PartnerKind],
}
SEVERAL = (*SOME_OF, K.GIVERS, K.READERS, K.PARTIES, K.PURPOSES)
FROM_A_MENU = (K.BASIS, K.TABLE, K.TYPED_TABLE, K.ELEMENT, K.PARTNER, K.PARTY, K.GIVER)


class LinesField(forms.CharField):
    """A list, one entry a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "max_length": LONGEST, **options})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:
        return [line.strip() for line in str(super().clean(value) or "").splitlines() if line.strip()]


def text(
    label: str, help: str = "", *, rows: int = 0, missing: str = "", most: int = LONGEST
) -> forms.CharField:
    """A line, or with `rows` a longer text. May be empty unless `missing` gives the error message."""
    return forms.CharField(
        label=label, help_text=help, required=bool(missing), max_length=most, error_messages={"required": missing},
        widget=forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput(),
    )  # fmt: skip


def day(label: str, help: str = "", *, missing: str = "") -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help, required=bool(missing),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": missing, "invalid": "Write a calendar day, such as July 1, 2026."},
    )  # fmt: skip


def number(
    label: str,
    help: str = "",
    *,
    least: int = 0,
    most: int = 1_000_000,
    whole: bool = True,
    missing: str = "",
) -> forms.IntegerField | forms.DecimalField:
    kind = forms.IntegerField if whole else forms.DecimalField
    return kind(
        label=label, help_text=help, required=bool(missing), min_value=least, max_value=most,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"} if whole else {"step": "any"}),
        error_messages={
            "required": missing,
            "invalid": "Write a whole number." if whole else "Write a number.",
            "min_value": f"Write {least} or more.",
            "max_value": f"Write {most:,} or less.",
        },
    )  # fmt: skip


def one_of(
    label: str, choices: Choices, help: str = "", *, menu: bool = False, missing: str = ""
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=list(choices), help_text=help, required=bool(missing),
        widget=forms.Select if menu else forms.RadioSelect,
        error_messages={"required": missing, "invalid_choice": "Choose from the list."},
    )  # fmt: skip


def some_of(label: str, choices: Choices, help: str = "", *, missing: str = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=list(choices), help_text=help, required=bool(missing), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": missing, "invalid_choice": "Choose from the list."},
    )  # fmt: skip


@dataclass(frozen=True)
class DocumentChoices:
    """The choices that one document offers. `names`: of partners, by id; `wider`: the agreements that may be above it."""

    values: Values
    names: Mapping[str, str]
    wider: Mapping[str, str] | None = None

    def parties(self, *roles: PartyRole) -> list[str]:
        """The parties that have one of these roles; without roles, all."""
        parties = [party for party in self.values.get("parties") or () if party.get("partner")]
        return [p["partner"] for p in parties if not roles or set(p.get("roles") or ()) & set(roles)]

    def purposes(
        self, *, matching: bool = True, form: AccessForm | None = None, without: str | None = None
    ) -> Choices:
        """Each purpose once by its interest, with its short name where two have the same interest. `form`: only those of this form;
        `without`: not the one of this id."""
        found: dict[str, str] = {}
        for purpose in self.values.get("purposes") or ():
            left_out = not matching and purpose.get("kind") == PurposeKind.LINKAGE
            other_form = form is not None and purpose.get("form") != form
            if purpose.get("id") and purpose["id"] != without and not left_out and not other_form:
                found.setdefault(purpose["id"], str(purpose.get("interest") or purpose["id"]).rstrip("."))
        interests = list(found.values())
        return [
            (id, words if interests.count(words) == 1 else f"{words} ({id})") for id, words in found.items()
        ]

    def choices(self, kind: FieldKind) -> Choices:
        """The choices for a field whose choices depend on the document."""
        match kind:
            case K.PARTNER:
                return list(self.names.items())
            case K.PARTY | K.PARTIES:
                return self._named(self.parties())
            case K.GIVER | K.GIVERS:
                return self._named(self.parties(PartyRole.DISCLOSER))
            case K.READERS:
                return self._named(self.parties(PartyRole.RECIPIENT, PartyRole.STEWARD))
            case K.PURPOSES:
                return self.purposes()
            case K.AGREEMENTS:
                return list((self.wider or {}).items())
            case K.ELEMENT:
                return elements()
        return []

    def _named(self, partners: Iterable[str]) -> Choices:
        return [(id, self.names.get(id, id)) for id in dict.fromkeys(partners)]


@dataclass(frozen=True)
class FieldQuestion:
    """One field in a form: `name` there, and `path` within the values that the form makes. `needed`: it must be filled in.

    `element`: for a transform, the element whose values it changes.
    """

    name: str
    path: tuple[str, ...]
    field: Field
    needed: bool
    element: str = ""


def questions(section: str, *paths: str, needed: Iterable[str] = ()) -> list[FieldQuestion]:
    """The fields of a section of a draft, each named by the last step of its path: `questions("terms", "effective")`."""
    return [
        FieldQuestion(path.rpartition(".")[2], tuple(path.split(".")), FIELDS[f"{section}.{path}" if section else path], path in needed)
        for path in paths
    ]  # fmt: skip


class DocumentForm(forms.Form):
    """Questions about fields of a document, each with the control for its kind. `values`: those of the document now."""

    def __init__(
        self, data: Any = None, *, questions: Sequence[FieldQuestion], values: Any, document: DocumentChoices, prefix: str | None = None
    ) -> None:  # fmt: skip
        super().__init__(data, prefix=prefix)
        self.questions = questions
        for question in questions:
            self.fields |= controls(question, inside(values, question.path), document)

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        transforms = [question.name for question in self.questions if question.field.kind is K.TRANSFORM]
        for name in transforms:
            if answers.get(name) == BAND and not answers.get(f"{name}-width"):
                self.add_error(f"{name}-width", "Write how wide the bands are, such as 5.")
        return answers

    def answers(self) -> dict[str, Any]:
        """The values in the document's form. An empty field is left out where the document allows it; otherwise it is None."""
        made: dict[str, Any] = {}
        for question in self.questions:
            value = answer(question, self.cleaned_data)
            if value is None and question.field.optional:
                continue
            section = made
            for step in question.path[:-1]:
                section = section.setdefault(step, {})
            section[question.path[-1]] = value
        return made


def inside(values: Any, path: Sequence[str]) -> Any:
    """The value at the path; None where there is none."""
    for step in path:
        values = values.get(step) if isinstance(values, Mapping) else None
    return values


def controls(question: FieldQuestion, value: Any, document: DocumentChoices) -> dict[str, forms.Field]:
    """The form fields of one question, by name, with initial values. Usually one; two for a transform, and for prohibited uses."""
    field, name = question.field, question.name
    value = (field.default or None) if value is None else value
    if field.kind is K.TRANSFORM:
        how, _, width = str(value or "none").partition(":")
        ways = shown_as(question.element)
        found: dict[str, forms.Field] = {name: one_of(field.asks, ways, field.help, missing="Choose one.")}
        found[name].initial = how
        if BAND in dict(ways):
            found[f"{name}-width"] = number("How wide is a band?", "For bands alone, such as 5.", least=1)
            found[f"{name}-width"].initial = int(width) if width.isdecimal() else None
        return found
    if field.kind is K.PROHIBITED:
        never = some_of(field.asks, list(NEVER.items()), field.help)
        more = LinesField(label="What else is never allowed", help_text="One a line.")
        never.initial = [word for word in _listed(value) if word in NEVER]
        more.initial = [word for word in _listed(value) if word not in NEVER]
        return {name: never, f"{name}-more": more}
    if isinstance(value, list) and field.kind in (K.TEXT, K.WORDS):
        value = ", ".join(map(str, value))
    made = _control(question, value, document)
    made.initial = ("yes" if value else "no") if isinstance(value, bool) else value
    return {name: made}


def _listed(value: Any) -> list[str]:
    """The value of a field as a list of texts."""
    if value in (None, "") or isinstance(value, bool):
        return []
    return [str(each) for each in (value if isinstance(value, list) else [value])]


def _control(question: FieldQuestion, value: Any, document: DocumentChoices) -> forms.Field:
    field, kind, needed = question.field, question.field.kind, question.needed
    many = kind in SEVERAL or (kind is K.AGREEMENTS and document.wider is not None)
    if many or kind in ONE_OF or kind in FROM_A_MENU:
        choices = list(SOME_OF.get(kind) or ONE_OF.get(kind) or document.choices(kind))
        if kind is not K.ELEMENT:  # the present value can be kept even where it is no longer offered
            offered = {id for id, _ in choices}
            choices += [(id, document.names.get(id, id)) for id in _listed(value) if id not in offered]
        if many:
            return some_of(field.asks, choices, field.help, missing="Choose at least one." if needed else "")
        menu = kind in FROM_A_MENU
        if menu and not (needed and value):
            choices = [("", "—"), *choices]
        return one_of(field.asks, choices, field.help, menu=menu, missing="Choose one." if needed else "")
    missing = "Fill this in." if needed else ""
    if kind in (K.TEXTS, K.COURSES, K.AGREEMENTS):
        return LinesField(
            label=field.asks, help_text=field.help or "One a line.", required=needed,
            error_messages={"required": missing},
        )  # fmt: skip
    if kind is K.ID:
        return forms.RegexField(
            ID, label=field.asks, help_text=field.help, required=needed,
            error_messages={"invalid": "Use lowercase letters, digits and hyphens, at most 100.", "required": "Give it a short name."},
        )  # fmt: skip
    if kind is K.DAY:
        return day(field.asks, field.help, missing=missing)
    if kind in (K.NUMBER, K.HOURS):
        bounds = {"least": field.least, "most": field.most}
        return number(field.asks, field.help, **bounds, whole=kind is K.NUMBER, missing=missing)
    rows = max(3, len(str(value or "")) // LINE + 2) if kind is K.WORDS else 0
    return text(field.asks, field.help, rows=rows, missing=missing)


def answer(question: FieldQuestion, cleaned: Values) -> Any:
    """The document's value for the answer; None where it is empty or the default."""
    field, name = question.field, question.name
    value = cleaned.get(name)
    if field.kind is K.TRANSFORM:
        value = f"band:{cleaned[f'{name}-width']}" if value == BAND else value
    if field.kind is K.PROHIBITED:
        value = [*(value or ()), *(cleaned.get(f"{name}-more") or ())]
    if field.optional and value == field.default:
        return None
    if value is None or value == "" or (field.optional and value == []):
        return None
    match field.kind:
        case K.DAY:
            return value.isoformat()
        case K.YES_NO:
            return value == "yes"
        case K.HOURS:
            return int(value) if value == int(value) else f"{Decimal(value).normalize():f}"
    return value


def shown_as(element: str) -> Choices:
    """The transforms possible for an element; all of them for a whole table."""
    table, _, name = element.partition(".")
    found = TABLES[table].elements.get(name) if table in TABLES else None
    return [(way, words) for way, words in SHOWN_AS.items() if found is None or found.type in FITS[way]]


def elements() -> list[tuple[str, Choices]]:
    """Every element, table by table."""
    return [
        (
            capital(table_words(table)),
            [
                (f"{table}.*", f"All of {table_words(table)}, except what must be named one by one"),
                *(
                    (f"{table}.{name}", capital(element_words(name)))
                    for name in about.elements
                    if name != "person_id"
                ),
            ],
        )
        for table, about in TABLES.items()
        if table != "*"
    ]

"""Forms by the kind of field, so that nobody who negotiates needs to know how a document is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from throughway.agreements.diff.sentences import Wording
from throughway.agreements.document_fields import Field, FieldKind
from throughway.agreements.enums import Basis, PartyRole
from throughway.agreements.labels import (
    ENDING_WORDS,
    FORM_WORDS,
    KIND_WORDS,
    POPULATION_DAY_WORDS,
    PURPOSES,
    REACH_WORDS,
    ROLE_WORDS,
    TIER_WORDS,
    element_words,
    right_words,
    table_words,
)
from throughway.agreements.transforms import FITS
from throughway.core.prose import capital
from throughway.negotiation.actions import LONGEST
from throughway.partners import Role
from throughway.vocabulary import TABLES

Choices = list[tuple[str, str]]
BAND = "band"
HOW = [
    ("none", "As it is"),
    (BAND, "In bands, as wide as you write below"),
    ("year", "The year only"),
    ("mask", "The first letter only"),
    ("pseudonym", "As a random code"),
    ("suppress", "Withheld"),
]
CHOICES: Mapping[FieldKind, Choices] = {
    FieldKind.REACH: [(k.value, capital(_v)) for k, _v in REACH_WORDS.items()],
    FieldKind.FORM: [(k.value, v) for k, v in FORM_WORDS.items()],
    FieldKind.BASIS: [(b.value, capital(right_words(b))) for b in Basis],
    FieldKind.PURPOSE_KIND: [(k.value, capital(v)) for k, v in PURPOSES.items()],
    FieldKind.TIER: [(k.value, capital(v)) for k, v in TIER_WORDS.items()],
    FieldKind.WHEN: [(k.value, capital(v)) for k, v in POPULATION_DAY_WORDS.items()],
    FieldKind.ELECTION: [(k.value, capital(v)) for k, v in ENDING_WORDS.items()],
    FieldKind.YES_NO: [("yes", "Yes"), ("no", "No")],
}
MANY: Mapping[FieldKind, Choices] = {
    FieldKind.ROLES: [(role.value, role.label) for role in Role],
    FieldKind.PARTY_ROLES: [(k.value, capital(v)) for k, v in ROLE_WORDS.items()],
    FieldKind.PARTNER_KINDS: [(k.value, capital(v)) for k, v in KIND_WORDS.items()],
}
LINES = (FieldKind.TEXTS, FieldKind.COURSES)


@dataclass(frozen=True)
class ProposedField:
    """One field that a form asks for, by its path within what is proposed (empty: it is the one field)."""

    path: tuple[str, ...]
    field: Field
    value: Any = None
    element: str = ""  # of a transform: whose values it blurs

    @property
    def name(self) -> str:
        return "-".join(("value", *self.path))


class WhyForm(forms.Form):
    """The reason, which every proposal carries."""

    why = forms.CharField(
        label="Why do you propose it?",
        help_text="The other parties read this. Name no student, parent or other person.",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why; the other parties decide on that."},
    )


class ProposalForm(WhyForm):
    """What is proposed at a place: one field, or all fields of a new entry."""

    def __init__(
        self, asked: Sequence[ProposedField], text: Wording, partners: Mapping[str, str], data: Any = None
    ) -> None:
        self.asked = asked
        initial = {one.name: shown for one in asked for shown in [_shown(one)] if shown is not None}
        initial |= {
            f"{one.name}-width": _width(one.value) for one in asked if one.field.kind is FieldKind.TRANSFORM
        }
        super().__init__(data, initial=initial)
        why = self.fields.pop("why")
        for one in asked:
            self.fields[one.name] = _field(one, text, partners)
            if one.field.kind is FieldKind.TRANSFORM and BAND in dict(_how(one.element)):
                self.fields[f"{one.name}-width"] = forms.IntegerField(
                    label="Width of the bands, if you chose them",
                    required=False,
                    min_value=1,
                    max_value=999_999_999,
                )
        self.fields["why"] = why

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for one in self.asked:
            wide = values.get(f"{one.name}-width")
            if one.field.kind is FieldKind.TRANSFORM and values.get(one.name) == BAND and not wide:
                self.add_error(f"{one.name}-width", "Write how wide the bands are, such as 5.")
        return values

    def proposed(self) -> Any:
        """The value as the document writes it; None where the one field is to be taken away."""
        if [one.path for one in self.asked] == [()]:
            return self._value(self.asked[0])
        entry: dict[str, Any] = {}
        for one in self.asked:
            value = self._value(one)
            if value is not None:
                section = entry
                for step in one.path[:-1]:
                    section = section.setdefault(step, {})
                section[one.path[-1]] = value
        return entry

    def _value(self, one: ProposedField) -> Any:
        value = self.cleaned_data.get(one.name)
        kind = one.field.kind
        if kind is FieldKind.TRANSFORM:
            return f"band:{self.cleaned_data[f'{one.name}-width']}" if value == BAND else value
        if value in (None, "", []):
            return None if one.field.optional else value or None
        if kind is FieldKind.DAY:
            return value.isoformat()
        if kind is FieldKind.YES_NO:
            return value == "yes"
        if kind is FieldKind.NUMBER:
            return int(value) if value == int(value) else float(value)
        if kind in LINES:
            return [line.strip() for line in value.splitlines() if line.strip()]
        return value


def _shown(one: ProposedField) -> Any:
    """The value as its form shows it."""
    kind, value = one.field.kind, one.value
    if kind is FieldKind.TRANSFORM:
        return BAND if str(value).startswith(BAND) else value or "none"
    if value is None:
        return None
    if kind is FieldKind.YES_NO:
        return "yes" if value else "no"
    return "\n".join(map(str, value)) if kind in LINES else value


def _width(value: Any) -> int | None:
    return int(str(value).removeprefix("band:")) if str(value).startswith("band:") else None


def _field(one: ProposedField, text: Wording, partners: Mapping[str, str]) -> forms.Field:
    kind, label = one.field.kind, capital(one.field.label)
    required = not one.field.optional
    lacking = {"required": "Fill this in.", "invalid_choice": "Choose one of these."}
    common: dict[str, Any] = {"label": label, "required": required, "error_messages": lacking}
    if kind is FieldKind.TRANSFORM:
        return forms.ChoiceField(choices=_how(one.element), widget=forms.RadioSelect, **common)
    if kind in CHOICES:
        return forms.ChoiceField(choices=CHOICES[kind], widget=forms.RadioSelect, **common)
    many = _many(kind, text, partners)
    if many is not None:
        hint = (
            "None ticked: every one."
            if one.field.optional and kind in (FieldKind.PARTNERS, FieldKind.GIVERS, FieldKind.PURPOSES)
            else ""
        )
        return forms.MultipleChoiceField(
            choices=many, widget=forms.CheckboxSelectMultiple, help_text=hint, **common
        )
    if kind is FieldKind.PARTNER:
        return forms.ChoiceField(choices=[("", "Choose a partner"), *partners.items()], **common)
    if kind is FieldKind.TABLE:
        return forms.ChoiceField(choices=[("", "Choose"), *_tables()], **common)
    if kind is FieldKind.ELEMENT:
        return forms.ChoiceField(choices=[("", "Choose an element"), *_elements()], **common)
    if kind is FieldKind.DAY:
        common["error_messages"] = {"required": "Choose a day.", "invalid": "Write the day as 2027-06-30."}
        return forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **common)
    if kind is FieldKind.NUMBER:
        common["error_messages"] = {"required": "Write a number.", "invalid": "Write a number."}
        return forms.FloatField(min_value=0, **common)
    if kind in LINES:
        return forms.CharField(
            widget=forms.Textarea(attrs={"rows": 4}),
            help_text="One on each line.",
            max_length=20_000,
            **common,
        )
    if kind is FieldKind.WORDS:
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 6}), max_length=20_000, **common)
    return forms.CharField(max_length=1_000, **common)


def _many(kind: FieldKind, text: Wording, partners: Mapping[str, str]) -> Choices | None:
    if kind in (FieldKind.PARTNERS, FieldKind.GIVERS):
        parties = [
            party["partner"]
            for party in text.values.get("parties", ())
            if kind is FieldKind.PARTNERS or PartyRole.DISCLOSER in party.get("roles", ())
        ]
        return [(id, partners.get(id, id)) for id in parties]
    if kind is FieldKind.PURPOSES:
        ids = dict.fromkeys(entry["id"] for entry in text.values.get("purposes", ()))
        return [(id, capital(text.purpose(id))) for id in ids]
    return MANY.get(kind)


def _how(element: str) -> Choices:
    """The ways in which values of an element may be shown; of a whole table, all."""
    table, _, name = element.partition(".")
    found = TABLES[table].elements.get(name) if table in TABLES else None
    return [(way, words) for way, words in HOW if found is None or found.type in FITS[way]]


def _tables() -> Iterable[tuple[str, str]]:
    return [(table, capital(table_words(table))) for table in TABLES if table != "*"]


def _elements() -> Iterable[tuple[str, Choices]]:
    for table, about in TABLES.items():
        if table != "*":
            names = [name for name in about.elements if name != "person_id"]
            yield (
                capital(table_words(table)),
                [
                    (f"{table}.*", f"All of {table_words(table)}, save what must be named one by one"),
                    *((f"{table}.{name}", capital(element_words(name))) for name in names),
                ],
            )


class RefusalForm(forms.Form):
    why = forms.CharField(
        label="Why do you refuse it?",
        help_text="Say what would do instead. Name no student, parent or other person.",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why; whoever proposed it needs to know what would do."},
    )


class CommentForm(forms.Form):
    comment = forms.CharField(
        label="Comment",
        help_text="Every party reads it. Name no student, parent or other person.",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write the comment first."},
    )

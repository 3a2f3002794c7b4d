"""What records may be used for, by whom and by what right; the right is chosen first, and then asks its own questions."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from throughway.agreements.enums import AccessForm, Basis, PartyRole, PurposeKind, Reach
from throughway.agreements.labels import PURPOSES, right_words
from throughway.core.prose import capital
from throughway.negotiation.drafting.forms.shared_fields import day, kept, one_of, some, words
from throughway.negotiation.drafting.questions import (
    AIMS,
    QUESTIONS,
    BasisAnswerKind,
    BasisQuestion,
    answers_from,
    details_from,
)
from throughway.partners import Role

Names = Mapping[str, str]
KINDS = [(kind.value, capital(PURPOSES[kind])) for kind in PurposeKind]
BASES = [(basis.value, capital(right_words(basis))) for basis in Basis]
FORMS = [
    (AccessForm.IDENTIFIED.value, "Records that show who the student is"),
    (AccessForm.PSEUDONYMOUS.value, "Records under random codes; nobody is named"),
    (AccessForm.AGGREGATE.value, "Counts and rates alone"),
]
REACHES = [
    (Reach.CASELOAD.value, "Only students on the reader’s own caseload"),
    (Reach.ROSTER.value, "Students whom the reader’s own organization serves that day"),
    (Reach.ALL.value, "Any student in scope"),
]


def with_role(values: Mapping[str, Any], *roles: PartyRole) -> list[str]:
    """The parties that have one of these roles."""
    parties = values.get("parties") or ()
    return [p["partner"] for p in parties if p.get("partner") and set(p.get("roles") or ()) & set(roles)]


class BasisForm(forms.Form):
    """A right and what it asks. Bound to `basis` alone (its button `ask`) it shows the right's questions."""

    def __init__(
        self, data: Any = None, *, entry: Mapping[str, Any], values: Mapping[str, Any], names: Names, initial: Mapping[str, Any]
    ) -> None:  # fmt: skip
        chosen = (data.get("basis") if data is not None else None) or entry.get("basis")
        self.basis = Basis(chosen) if chosen in set(Basis) else None
        details = entry.get("basis_details") or {}
        answers = answers_from(self.basis, details) if self.basis and self.basis == entry.get("basis") else {}
        super().__init__(data, initial={**initial, "basis": entry.get("basis"), **answers})
        self.entry, self.values, self.names = entry, values, names

    def ask_of_basis(self) -> None:
        """Adds the choice of the right, and the questions of the one chosen; those with an answer asked for stay open."""
        self.fields["basis"] = one_of("By what right", BASES, radio=False)
        for question in QUESTIONS[self.basis] if self.basis else ():
            self.fields[question.field] = self._field(question)

    @property
    def questions(self) -> list[Any]:
        """The bound fields of the chosen right."""
        return [self[question.field] for question in (QUESTIONS[self.basis] if self.basis else ())]

    def details(self) -> dict[str, Any]:
        """`basis_details`; a detail that no question asks for stays as it stood."""
        assert self.basis is not None
        asked = {question.key.partition(".")[0] for question in QUESTIONS[self.basis]}
        before = self.entry.get("basis_details") or {}
        others = {
            key: v for key, v in before.items() if key not in asked and self.basis == self.entry.get("basis")
        }
        return {**details_from(self.basis, self.cleaned_data), **others}

    def _field(self, question: BasisQuestion) -> forms.Field:
        match question.answer:
            case BasisAnswerKind.YES:
                return forms.BooleanField(label=question.ask, required=False)
            case BasisAnswerKind.DAY:
                return day(question.ask, help=question.help)
            case BasisAnswerKind.AIM:
                return one_of(question.ask, AIMS.items(), required=False)
            case BasisAnswerKind.GIVER:
                return one_of(question.ask, self._partners(PartyRole.DISCLOSER), required=False)
            case BasisAnswerKind.PARTY:
                return one_of(question.ask, self._partners(*PartyRole), required=False)
        return words(question.ask, help=question.help, rows=2)

    def _partners(self, *roles: PartyRole) -> list[tuple[str, str]]:
        return [(id, self.names.get(id, id)) for id in with_role(self.values, *roles)]


class PurposeForm(BasisForm):
    """One entry of `purposes`."""

    def __init__(
        self, data: Any = None, *, entry: Mapping[str, Any], values: Mapping[str, Any], names: Names
    ) -> None:
        super().__init__(
            data,
            entry=entry,
            values=values,
            names=names,
            initial={
                **{name: entry.get(name) for name in ("id", "kind", "interest", "form", "serves")},
                "reach": entry.get("reach")
                or (None if entry.get("kind") == PurposeKind.CASEWORK else Reach.ALL),
                "from_": entry.get("from") or [],
                "recipients": entry.get("recipients") or [],
                "roles": entry.get("roles") or [],
            },
        )
        others = [
            p["id"]
            for p in values.get("purposes") or ()
            if p.get("id") and p.get("kind") != PurposeKind.LINKAGE
        ]
        self.fields["interest"] = words(
            "What are the records needed for?",
            help="The interest that the ledger keeps for each reading.",
            rows=2,
            required=True,
        )
        self.fields["id"] = forms.RegexField(
            r"^[a-z0-9][a-z0-9_-]{0,99}$",
            label="A short name for it",
            help_text="A reader states it, so one word means one thing in the community: small letters, digits, hyphens.",
            error_messages={
                "invalid": "Use small letters, digits and hyphens.",
                "required": "Give it a short name.",
            },
        )
        self.fields["kind"] = one_of("What kind of work it is", KINDS)
        self.fields["from_"] = some(
            "Whose records",
            self._partners(PartyRole.DISCLOSER),
            help="None chosen: of everyone who gives records.",
        )
        self.fields["recipients"] = some(
            "Who reads them",
            self._partners(PartyRole.RECIPIENT, PartyRole.STEWARD),
            help="None chosen: everyone who receives records.",
        )
        self.fields["roles"] = some(
            "In which roles", [(role.value, role.label) for role in Role], help="Nobody else reads."
        )
        self.fields["reach"] = one_of("About which students", REACHES, required=False)
        self.fields["form"] = one_of("In what form", FORMS)
        self.ask_of_basis()
        if others:
            self.fields["serves"] = some(
                "If it matches records: where may a match be seen?",
                [(id, id) for id in dict.fromkeys(others)],
                help="For matching alone; none chosen: under every purpose of this agreement.",
            )

    def purpose(self) -> dict[str, Any]:
        answers = self.cleaned_data
        matches = answers["kind"] == PurposeKind.LINKAGE
        details = self.details()
        lists = kept(answers, "recipients", "roles")
        return {
            "id": answers["id"],
            "kind": answers["kind"],
            **(kept(answers, "serves") if matches else {}),
            **({"from": answers["from_"]} if answers["from_"] else {}),
            **lists,
            **kept(answers, "reach"),
            "interest": answers["interest"],
            "basis": answers["basis"],
            **({"basis_details": details} if details else {}),
            "form": answers["form"],
        }


class CustodyForm(BasisForm):
    """By what right the steward keeps records."""

    def __init__(
        self, data: Any = None, *, entry: Mapping[str, Any], values: Mapping[str, Any], names: Names
    ) -> None:
        super().__init__(
            data, entry=entry, values=values, names=names, initial={"from_": entry.get("from") or []}
        )
        self.fields["from_"] = some(
            "Whose records",
            self._partners(PartyRole.DISCLOSER),
            help="None chosen: of everyone who gives records.",
        )
        self.ask_of_basis()

    def custody(self) -> dict[str, Any]:
        details = self.details()
        return {
            **({"from": self.cleaned_data["from_"]} if self.cleaned_data["from_"] else {}),
            "basis": self.cleaned_data["basis"],
            **({"basis_details": details} if details else {}),
        }


def entries(values: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of sections that may also be written as one."""
    found = values.get(name) or []
    return [dict(found)] if isinstance(found, Mapping) else list(found)


def replaced(found: Sequence[Any], position: int | None, entry: Any | None) -> list[Any]:
    """The list with the entry at the position (None: at the end) as given, or without it."""
    changed = list(found)
    if position is None:
        return [*changed, entry]
    if entry is None:
        del changed[position]
    else:
        changed[position] = entry
    return changed

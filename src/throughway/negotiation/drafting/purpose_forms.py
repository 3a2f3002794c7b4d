"""What people fill in to say what records are used for, on which basis, and which elements each purpose needs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms

from throughway.agreements.document_fields import BASIS_DETAILS
from throughway.agreements.document_forms import (
    DocumentChoices,
    DocumentForm,
    FieldQuestion,
    questions,
    some_of,
)
from throughway.agreements.enums import AccessForm, Basis, PurposeKind, Reach
from throughway.agreements.labels import element_words
from throughway.agreements.transforms import Transform
from throughway.negotiation.drafting.schedule import TableChoice, misfits

Values = Mapping[str, Any]


class BasisForm(DocumentForm):
    """An entry that rests on a right, and what the right asks. Bound to `basis` alone (its button `ask`) it shows the questions
    of that right."""

    section = ""
    paths: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()

    def __init__(self, data: Any = None, *, entry: Values, document: DocumentChoices) -> None:
        chosen = (data.get("basis") if data is not None else None) or entry.get("basis")
        self.right = Basis(chosen) if chosen in set(Basis) else None
        details = entry.get("basis_details") or {} if chosen == entry.get("basis") else {}
        own = BASIS_DETAILS[self.right] if self.right else {}
        asked = [
            FieldQuestion(f"detail_{key.replace('.', '_')}", ("basis_details", *key.split(".")), field, False)
            for key, field in own.items()
        ]
        super().__init__(
            data,
            questions=[*questions(self.section, *self.paths, needed=self.needed), *asked],
            values={**entry, "basis_details": details},
            document=document,
        )
        self.details = [question.name for question in asked]
        # A detail without a question of its own is kept.
        self.others = {key: v for key, v in details.items() if key not in {k.partition(".")[0] for k in own}}

    @property
    def of_basis(self) -> list[Any]:
        """The bound fields of the chosen right."""
        return [self[name] for name in self.details]

    def entry(self) -> dict[str, Any]:
        entry = self.answers()
        details = entry.get("basis_details", {}) | self.others
        return entry | {"basis_details": details} if details else entry


class CustodyForm(BasisForm):
    """The basis on which the steward stores records."""

    section, paths, needed = "custody[]", ("from", "basis"), ("basis",)


class PurposeForm(BasisForm):
    """One entry of `purposes`: what records may be used for, by whom and on which basis."""

    section = "purposes[]"
    paths = (
        "interest", "id", "kind", "from", "recipients", "roles", "reach", "form", "training", "basis", "serves", "joins",
    )  # fmt: skip
    needed = ("interest", "id", "kind", "form", "basis")

    def __init__(self, data: Any = None, *, entry: Values, document: DocumentChoices) -> None:
        super().__init__(data, entry=entry, document=document)
        if not entry.get("reach") and entry.get("kind") != PurposeKind.CASEWORK:
            self.fields["reach"].initial = Reach.ALL.value
        served = self.fields["serves"]
        assert isinstance(served, forms.MultipleChoiceField)
        here = dict(document.purposes())
        elsewhere = [(id, id) for id in entry.get("serves") or () if id not in here]
        served.choices = [*document.purposes(matching=False), *elsewhere]
        joined = self.fields["joins"]
        assert isinstance(joined, forms.MultipleChoiceField)
        joined.choices = document.purposes(form=AccessForm.PSEUDONYMOUS, without=entry.get("id"))

    def entry(self) -> dict[str, Any]:
        entry = super().entry()
        if entry["kind"] != PurposeKind.LINKAGE:
            entry.pop("serves", None)
        if entry["form"] != AccessForm.PSEUDONYMOUS:
            entry.pop("joins", None)
        return entry


class LineForm(DocumentForm):
    """What the chosen elements have in common: for what, whose records, how they are shown, and why they are necessary."""

    def __init__(self, data: Any = None, *, line: Values, document: DocumentChoices) -> None:
        asked = questions(
            "schedule[]", "purposes", "from", "transform", "necessity", needed=["purposes", "necessity"]
        )
        super().__init__(data, questions=asked, values=line, document=document)
        self.fields["necessity"].error_messages["required"] = (
            "Say why: without a reason it may not be given (34 CFR 99.31(a))."
        )

    def check_fits(self, patterns: Iterable[str]) -> None:
        """Says at its field that a transform has no meaning for one of the elements."""
        if "transform" not in self.cleaned_data or "transform-width" in self.errors:
            return
        transform = Transform(self.cleaned_data["transform"], 1)
        if wrong := [name for pattern in patterns for name in misfits(transform, pattern)]:
            self.add_error(
                "transform",
                f"That does not work for {', '.join(wrong[:4])}; choose another way, or choose the elements "
                f"that it fits one by one.",
            )

    def line_of(self, element: str) -> dict[str, Any]:
        return {"element": element, **self.answers()}


class PickForm(LineForm):
    """Elements of one table: all that a wildcard covers, or some; a specially protected one only by itself."""

    def __init__(self, data: Any = None, *, table: TableChoice, document: DocumentChoices) -> None:
        super().__init__(data, line={}, document=document)
        self.table = table
        everything = [(f"{table.name}.*", "all")] if table.together else []
        free = [(c.path, c.words) for c in (*table.together, *table.apart)]
        self.fields["chosen"] = some_of("What", [*everything, *free], missing="Choose at least one.")

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        chosen: Sequence[str] = answers.get("chosen") or ()
        apart = {c.path for c in self.table.apart}
        if apart.intersection(chosen) and len(chosen) > 1:
            protected = next(path for path in chosen if path in apart)
            self.add_error(
                "chosen",
                f"Choose {element_words(protected.partition('.')[2])} by itself: it is specially protected, and its reason is its own.",
            )
        self.check_fits(self._patterns(chosen))
        return answers

    def _patterns(self, chosen: Sequence[str]) -> list[str]:
        """The whole table covers each element that its wildcard covers."""
        whole = f"{self.table.name}.*"
        return [whole] if whole in chosen else list(chosen)

    def lines(self) -> list[dict[str, Any]]:
        return [self.line_of(path) for path in self._patterns(self.cleaned_data["chosen"])]

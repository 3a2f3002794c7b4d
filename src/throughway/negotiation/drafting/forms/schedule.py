"""What is asked for, element by element: which, shown how, for which purposes, of whom, and why it cannot be left out."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from throughway.agreements.enums import PartyRole
from throughway.agreements.labels import element_words
from throughway.agreements.transforms import Transform
from throughway.negotiation.drafting.forms.purposes import with_role
from throughway.negotiation.drafting.forms.shared_fields import number, one_of, some
from throughway.negotiation.drafting.schedule import SHOWN_AS, TableChoice, line, misfits

Names = Mapping[str, str]


def purpose_choices(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each purpose once by its interest, and by its word too where two have the same interest."""
    found: dict[str, str] = {}
    for purpose in values.get("purposes") or ():
        if purpose.get("id"):
            found.setdefault(purpose["id"], str(purpose.get("interest") or purpose["id"]).rstrip("."))
    said = list(found.values())
    return [(id, words if said.count(words) == 1 else f"{words} ({id})") for id, words in found.items()]


class LineForm(forms.Form):
    """What is common to all that is chosen at once."""

    def __init__(
        self,
        data: Any = None,
        *,
        values: Mapping[str, Any],
        names: Names,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {"transform": "none"}))
        purposes = purpose_choices(values)
        givers = [(id, names.get(id, id)) for id in with_role(values, PartyRole.DISCLOSER)]
        self.fields["purposes"] = some("For what", purposes, required=True)
        self.fields["from_"] = some(
            "Of whose records", givers, help="None chosen: of everyone who gives records for it."
        )
        self.fields["transform"] = one_of("How it is shown", SHOWN_AS.items(), radio=False)
        self.fields["width"] = number("How wide is a band?", help="For bands alone, such as 5.", least=1)
        self.fields["necessity"] = forms.CharField(
            label="Why can the purpose not be reached without it?",
            help_text="People who sign read this beside it. Only what is necessary may be given.",
            max_length=2_000,
            widget=forms.Textarea(attrs={"rows": 3}),
            error_messages={"required": "Say why: without a reason it may not be given (34 CFR 99.31(a))."},
        )

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        if answers.get("transform") == "band" and not answers.get("width"):
            self.add_error("width", "Say how wide a band is.")
        return answers

    @property
    def transform(self) -> Transform:
        name = self.cleaned_data["transform"]
        return Transform(name, self.cleaned_data["width"] or 0) if name == "band" else Transform(name)

    def check_fits(self, pattern: str, field: str) -> None:
        wrong = misfits(self.transform, pattern)
        if wrong:
            self.add_error(
                "transform",
                f"That has no meaning for {', '.join(wrong[:4])}; choose another way, or choose those that it fits one by one.",
            )

    def line_of(self, element: str) -> dict[str, Any]:
        answers = self.cleaned_data
        return line(
            element,
            purposes=answers["purposes"],
            necessity=answers["necessity"],
            transform=str(self.transform),
            from_=answers["from_"],
        )

    @staticmethod
    def initial_of(entry: Mapping[str, Any]) -> dict[str, Any]:
        name, _, width = str(entry.get("transform") or "none").partition(":")
        return {
            "purposes": entry.get("purposes") or [],
            "from_": entry.get("from") or [],
            "transform": name,
            "width": width or None,
            "necessity": entry.get("necessity"),
        }


class PickForm(LineForm):
    """Elements of one table: all that may go together, or some; a specially protected one alone."""

    def __init__(
        self, data: Any = None, *, table: TableChoice, values: Mapping[str, Any], names: Names
    ) -> None:
        super().__init__(data, values=values, names=names)
        self.table = table
        everything = [(f"{table.name}.*", "all")] if table.together else []
        free = [(c.path, c.words) for c in (*table.together, *table.apart)]
        self.fields["chosen"] = some("What", [*everything, *free], required=True)

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
        if "transform" in answers and "width" not in self.errors:
            for path in self.lines_chosen(chosen):
                self.check_fits(path, "transform")
        return answers

    def lines_chosen(self, chosen: Sequence[str]) -> list[str]:
        """All of the table stands for each of those that go together."""
        whole = f"{self.table.name}.*"
        return [whole] if whole in chosen else list(chosen)

    def lines(self) -> list[dict[str, Any]]:
        return [self.line_of(path) for path in self.lines_chosen(self.cleaned_data["chosen"])]

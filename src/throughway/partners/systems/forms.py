"""The form of a data system: its offices, its law, and its elements, table by table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms import BoundField

from throughway.core.prose import capital
from throughway.partners.models import DataSystem
from throughway.partners.systems.system import Holding, Refresh, Regime, SystemStatement, periods
from throughway.vocabulary import TABLES, Table
from throughway.vocabulary.labels import element_words, table_words

HELD, FIRST, LAST = "held", "first_", "last_"


@dataclass(frozen=True)
class SystemElementChoice:
    """One element that may be ticked; `named` where an agreement must name it explicitly."""

    path: str
    words: str
    chosen: bool
    named: bool


@dataclass(frozen=True)
class TableChoices:
    """One table of the form."""

    name: str
    words: str
    choices: Sequence[SystemElementChoice]
    first: BoundField
    last: BoundField

    @property
    def chosen(self) -> int:
        return sum(choice.chosen for choice in self.choices)

    @property
    def is_open(self) -> bool:
        return bool(self.first.errors or self.last.errors)


class SystemForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = DataSystem
        fields = ("name", "owner", "steward", "regime", "refresh", "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        error_messages = {
            "name": {"required": "Type a name."},
            "owner": {"required": "Name the office that answers for it."},
            "steward": {"required": "Name the office that looks after its data."},
            "regime": {"required": "Choose the law that its records are under."},
            "refresh": {"required": "Choose how often it is brought up to date."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = self.instance.statement.holdings if self.instance.pk else ()
        self._before, self._periods = {h.element: h for h in held}, periods(held)
        for name in ("owner", "steward"):  # empty only for what is known from loads alone
            self.fields[name].required = True
        for name in ("regime", "refresh"):
            choices = self.fields[name].choices  # type: ignore[attr-defined]
            self.fields[name].choices = [("", "Choose"), *list(choices)[1:]]  # type: ignore[attr-defined]
        for table in TABLES:
            first, last = self._periods.get(table, (None, None))
            for prefix, label, day in ((FIRST, "From", first), (LAST, "To", last)):
                self.fields[prefix + table] = forms.DateField(
                    label=label, required=False, initial=day, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
                    error_messages={"invalid": "Write a calendar day, such as September 1, 2026."},
                )  # fmt: skip

    @property
    def said_fields(self) -> list[BoundField]:
        return [self[name] for name in self._meta.fields or ()]

    def _chosen(self) -> set[str]:
        if self.is_bound:
            return set(self.data.getlist(HELD))  # type: ignore[attr-defined]
        return set(self._before)

    @property
    def tables(self) -> Iterator[TableChoices]:
        """The tables in the order of the vocabulary, each with its choices."""
        chosen = self._chosen()
        for table in TABLES.values():
            choices = [
                SystemElementChoice(
                    element.path, element_words(element.name), element.path in chosen, element.restricted
                )
                for element in table.elements.values()
            ]
            words = table_words(table.name)
            yield TableChoices(
                table.name,
                capital(words),
                choices,
                self[FIRST + table.name],
                self[LAST + table.name],
            )

    def said(self) -> SystemStatement:
        """The statement from a valid form; `partners.systems.actions` checks it."""
        values, chosen = self.cleaned_data, self._chosen()
        found = [holding for table in TABLES.values() for holding in self._holdings(table, chosen)]
        return SystemStatement(
            values["name"], values["owner"], values["steward"], Regime(values["regime"]), Refresh(values["refresh"]),
            values["note"], tuple(found),
        )  # fmt: skip

    def _holdings(self, table: Table, chosen: set[str]) -> Iterator[Holding]:
        """An element that was held before keeps its own days, unless those of its table were changed."""
        days: tuple[date | None, date | None] = (
            self.cleaned_data[FIRST + table.name],
            self.cleaned_data[LAST + table.name],
        )
        unchanged = days == self._periods.get(table.name)
        for element in table.elements.values():
            if element.path in chosen:
                before = self._before.get(element.path)
                yield before if before and unchanged else Holding(element.path, *days)

    def clean(self) -> None:
        for table in TABLES:
            first, last = self.cleaned_data.get(FIRST + table), self.cleaned_data.get(LAST + table)
            if first and last and last < first:
                self.add_error(LAST + table, "This is before the first day.")

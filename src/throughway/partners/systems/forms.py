"""The form of a data system: its offices, its law, and its elements, table by table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django import forms
from django.forms import BoundField

from throughway.core.prose import capital
from throughway.partners.systems.system import (
    Holding,
    Refresh,
    Regime,
    RegisteredSystem,
    SystemStatement,
    periods,
)
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


class SystemForm(forms.Form):
    name = forms.CharField(
        label="Name", help_text="As its users call it, such as Student information system.",
        error_messages={"required": "Type a name."}, max_length=200,
    )  # fmt: skip
    owner = forms.CharField(
        label="Owner", help_text="The office that answers for it. An office, not a person.",
        error_messages={"required": "Name the office that answers for it."}, max_length=200,
    )  # fmt: skip
    steward = forms.CharField(
        label="Steward", help_text="The office that looks after its data day by day.",
        error_messages={"required": "Name the office that looks after its data."}, max_length=200,
    )  # fmt: skip
    regime = forms.ChoiceField(
        label="Under which law", choices=[("", "Choose")] + [(r.value, r.words) for r in Regime],
        error_messages={"required": "Choose the law that its records are under."},
    )  # fmt: skip
    refresh = forms.ChoiceField(
        label="Brought up to date", choices=[("", "Choose")] + [(r.value, r.words) for r in Refresh],
        error_messages={"required": "Choose how often it is brought up to date."},
    )  # fmt: skip
    note = forms.CharField(
        label="Note", help_text="What somebody should know who wants data from it.", required=False,
        widget=forms.Textarea(attrs={"rows": 3}), max_length=2000,
    )  # fmt: skip

    def __init__(self, data: object = None, *, system: RegisteredSystem | None = None) -> None:
        initial = {}
        self._before = {h.element: h for h in system.holdings} if system else {}
        self._periods = periods(system.holdings) if system else {}
        if system:
            initial = {part: getattr(system, part) for part in ("name", "owner", "steward", "note")}
            initial |= {"regime": system.regime.value, "refresh": system.refresh.value}
        super().__init__(data, initial=initial)  # type: ignore[arg-type]
        for table in TABLES:
            first, last = self._periods.get(table, (None, None))
            for prefix, label, day in ((FIRST, "From", first), (LAST, "To", last)):
                self.fields[prefix + table] = forms.DateField(
                    label=label, required=False, initial=day, input_formats=["%Y-%m-%d"], widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
                    error_messages={"invalid": "Write the day as 2026-09-01."},
                )  # fmt: skip

    @property
    def said_fields(self) -> list[BoundField]:
        return [self[name] for name in ("name", "owner", "steward", "regime", "refresh", "note")]

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

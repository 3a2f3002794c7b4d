"""What somebody fills in to build a question without SQL."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from throughway.insight.questions.builder import (
    ColumnCondition,
    Columns,
    FigureChoices,
    MeasureChoice,
    Operator,
    column_words,
    comparable,
    groupable,
    numeric,
    shows_absence,
    usable,
)
from throughway.vocabulary.labels import table_words
from throughway.vocabulary.school_calendar import school_year_of

FILTERS = 3
OPERATORS = [(str(each), str(each)) for each in Operator]
MEASURES = {
    MeasureChoice.STUDENTS: "The number of students",
    MeasureChoice.SHARE: "How many of them have something, and their share",
    MeasureChoice.MISSED: "How many of them missed many school days, and their share",
    MeasureChoice.SUM: "The sum of an amount",
    MeasureChoice.MEAN: "The mean of an amount for a student",
}
NONE = [("", "—")]


class TableForm(forms.Form):
    """Whose students are counted, and for which purpose."""

    def __init__(
        self, *args: Any, purposes: Sequence[tuple[str, str]], columns: Columns, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        tables = [(table, _first_upper(table_words(table))) for table in usable(columns)]
        self.fields["purpose"] = forms.ChoiceField(label="For which purpose?", choices=purposes)
        self.fields["table"] = forms.ChoiceField(
            label="Count students who have",
            choices=tables,
            help_text="Records of this kind. The next step asks which of them.",
        )


class FigureForm(forms.Form):
    """The measure, the filters and the groups. Columns are those of the table, or all that the purpose shows."""

    def __init__(self, *args: Any, columns: Columns, table: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.table = table
        anywhere = [path for each in usable(columns) for path in comparable(columns, each)]
        amounts = numeric(columns, table)
        offered = {
            measure: words
            for measure, words in MEASURES.items()
            if (measure is not MeasureChoice.MISSED or shows_absence(columns))
            and (measure not in (MeasureChoice.SUM, MeasureChoice.MEAN) or amounts)
        }
        self.fields["measure"] = forms.ChoiceField(
            label="What do you want to know?", widget=forms.RadioSelect, choices=[(str(m), w) for m, w in offered.items()],
            initial=str(MeasureChoice.STUDENTS), error_messages={"required": "Choose what you want to know."},
        )  # fmt: skip
        both = [(each, _first_upper(table_words(each))) for each in usable(columns) if each != table]
        self.fields["also"] = forms.ChoiceField(
            label="Only those who also have", choices=[*NONE, *both], required=False,
            help_text="Leaves out whoever has no such record, such as children whom only the program knows.",
        )  # fmt: skip
        self.fields["times"] = forms.IntegerField(
            label="At least how many times", min_value=1, max_value=1000, required=False,
            help_text="Only students with at least so many such records, on different days where a record has one. For who came so often, choose the mark of presence below.",
        )  # fmt: skip
        self._condition("having", "Have what?", anywhere, "For a share: the column, and its value.")
        if shows_absence(columns):
            self.fields["days"] = forms.IntegerField(
                label="School days missed, at least", initial=18, min_value=1, max_value=366, required=False,
                help_text="For missed days. 18 is a tenth of 180 school days.",
            )  # fmt: skip
            self.fields["year"] = forms.IntegerField(
                label="In the school year that ends in", initial=school_year_of(date.today()) - 1, min_value=1990, max_value=2100,
                required=False,
            )  # fmt: skip
        if amounts:
            self.fields["amount"] = _choice("Amount", amounts, "For a sum or a mean.")
        for n in range(1, FILTERS + 1):
            self._condition(f"filter_{n}", f"Only where ({n})", comparable(columns, table))
        for n in (1, 2):
            self.fields[f"group_{n}"] = _choice("By" if n == 1 else "And by", groupable(columns))
        self.fields["title"] = forms.CharField(
            label="Title", required=False, max_length=150, help_text="Left out, it is made of your choices."
        )

    def _condition(self, name: str, label: str, paths: Sequence[str], help_text: str = "") -> None:
        self.fields[f"{name}_column"] = _choice(label, paths, help_text)
        self.fields[f"{name}_operator"] = forms.ChoiceField(
            label="Comparison", choices=OPERATORS, required=False
        )
        self.fields[f"{name}_value"] = forms.CharField(
            label="Value",
            required=False,
            max_length=100,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )

    def choices(self) -> FigureChoices:
        """What was chosen; valid forms only."""
        given = self.cleaned_data
        filters = [self._chosen(f"filter_{n}") for n in range(1, FILTERS + 1)]
        return FigureChoices(
            table=self.table,
            measure=MeasureChoice(given["measure"]),
            also=given["also"],
            times=given["times"] or 0,
            condition=self._chosen("having"),
            amount=given.get("amount", ""),
            days=given.get("days") or 0,
            year=given.get("year") or 0,
            filters=tuple(each for each in filters if each),
            groups=tuple(given[f"group_{n}"] for n in (1, 2) if given[f"group_{n}"]),
            title=given["title"],
        )

    def _chosen(self, name: str) -> ColumnCondition | None:
        given = self.cleaned_data
        if not given[f"{name}_column"]:
            return None
        operator = Operator(given[f"{name}_operator"] or Operator.IS)
        return ColumnCondition(given[f"{name}_column"], operator, given[f"{name}_value"])

    @property
    def conditions(self) -> list[list[forms.BoundField]]:
        """The three fields of each filter."""
        return [
            [self[f"filter_{n}_{part}"] for part in ("column", "operator", "value")]
            for n in range(1, FILTERS + 1)
        ]


def _choice(label: str, paths: Sequence[str], help_text: str = "") -> forms.ChoiceField:
    """A choice of columns, those of each table together."""
    by_table: dict[str, list[tuple[str, str]]] = {}
    for path in paths:
        by_table.setdefault(path.partition(".")[0], []).append(
            (path, _first_upper(column_words(path).partition(" (")[0]))
        )
    groups = [(_first_upper(table_words(table)), listed) for table, listed in by_table.items()]
    return forms.ChoiceField(label=label, required=False, choices=[*NONE, *groups], help_text=help_text)


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]

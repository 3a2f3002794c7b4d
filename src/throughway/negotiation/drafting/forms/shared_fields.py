"""Fields that several sections ask for in the same way."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms

Choices = Iterable[tuple[str, Any]]
LONG = 20_000  # characters of one text


class LinesField(forms.CharField):
    """A list, one entry a line."""

    def __init__(self, **options: Any) -> None:
        rows = options.pop("rows", 3)
        options.setdefault("required", False)
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), max_length=LONG, **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        return [line.strip() for line in str(super().clean(value) or "").splitlines() if line.strip()]


def words(label: str, *, help: str = "", rows: int = 0, required: bool = False) -> forms.CharField:
    """A short text, or with `rows` a long one."""
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(
        label=label, help_text=help, required=required, max_length=LONG, widget=widget,
        error_messages={"required": f"{label.rstrip('?:')}: write it here."},
    )  # fmt: skip


def some(
    label: str, choices: Choices, *, help: str = "", required: bool = False
) -> forms.MultipleChoiceField:
    """Any of the choices."""
    return forms.MultipleChoiceField(
        label=label, choices=list(choices), help_text=help, required=required, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose one at least.", "invalid_choice": "Choose from the list."},
    )  # fmt: skip


def one_of(
    label: str, choices: Choices, *, help: str = "", required: bool = True, radio: bool = True
) -> forms.ChoiceField:
    """Exactly one of the choices, or with `required=False` none."""
    listed = list(choices)
    if not radio and not required:
        listed = [("", "—"), *listed]
    return forms.ChoiceField(
        label=label, choices=listed, help_text=help, required=required,
        widget=forms.RadioSelect if radio else forms.Select,
        error_messages={"required": "Choose one.", "invalid_choice": "Choose from the list."},
    )  # fmt: skip


def day(label: str, *, help: str = "", required: bool = False) -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help, required=required, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Write a day of the calendar, as 2026-07-01."},
    )  # fmt: skip


def number(
    label: str, *, help: str = "", least: int = 0, most: int = 1_000_000, required: bool = False
) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=help, required=required, min_value=least, max_value=most,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "invalid": "Write a whole number.",
            "min_value": f"Write {least} or more.",
            "max_value": f"Write {most:,} or less.",
        },
    )  # fmt: skip


def kept(
    cleaned: Mapping[str, Any], *names: str, turn: Callable[[Any], Any] = lambda value: value
) -> dict[str, Any]:
    """Of the answers, those that say something."""
    return {name: turn(cleaned[name]) for name in names if cleaned.get(name) not in (None, "", [], ())}

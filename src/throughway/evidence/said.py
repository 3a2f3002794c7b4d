"""A sentence as a form with its values, so that it can be said in the reader's language after it was made.

The forms are English and the keys of the catalog. Who says them gives the translator, the writer of days and the word for `and`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Union

from throughway.core.prose import day, listed


@dataclass(frozen=True)
class Stored:
    """An English word or sentence of the release, to be read when it is said; or a name, which stays as it is."""

    text: str


Value = Union[str, int, date, Stored, "Said", tuple["Value", ...]]


@dataclass(frozen=True)
class Said:
    """`form`: with places such as `%(day)s`; `values`: for them, a text as it was typed, a count, a day, something said, or several of it;
    `several`: the form where the count `many` is not one; `small`, `open`: it stands within a sentence, so it begins with a small letter, or ends
    without a period."""

    form: str
    values: Mapping[str, Value] = field(default_factory=dict)
    several: str = ""
    small: bool = False
    open: bool = False

    def __str__(self) -> str:
        return said_in(ENGLISH, self)

    @property
    def within(self) -> "Said":
        return replace(self, small=True)


def joined(parts: Sequence[Said], between: str = " ") -> Said:
    """Several as one."""
    whole, *rest = parts
    for each in rest:
        whole = Said(f"%(one)s{between}%(other)s", {"one": whole, "other": each})
    return whole


@dataclass(frozen=True)
class Speech:
    """A language. `translate`: the form in it, given the form, that of several, and how many there are; `stored`: an English word or sentence
    in it; `day`, `listed`: how it writes a day and a list."""

    translate: Callable[[str, str, int], str]
    stored: Callable[[str], str]
    day: Callable[[date], str]
    listed: Callable[[tuple[str, ...]], str]


ENGLISH = Speech(lambda form, several, many: form if many == 1 or not several else several, str, day, listed)


def said_in(speech: Speech, said: Said) -> str:
    many = said.values.get("many", 1)
    form = speech.translate(said.form, said.several, many if isinstance(many, int) else 2)
    # A form without places is a sentence as it is stored, in which a percent sign is one.
    text = (
        form % {name: _written(speech, value) for name, value in said.values.items()} if said.values else form
    )
    text = text.removesuffix(".") if said.open else text
    return text[:1].lower() + text[1:] if said.small else text


def _written(speech: Speech, value: Value) -> str:
    if isinstance(value, tuple):
        return speech.listed(tuple(_written(speech, each) for each in value))
    if isinstance(value, Said):
        return said_in(speech, value)
    if isinstance(value, Stored):
        return speech.stored(value.text)
    if isinstance(value, date):
        return speech.day(value)
    return f"{value:,}" if isinstance(value, int) else value

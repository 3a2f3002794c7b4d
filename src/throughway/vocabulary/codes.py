"""The lists of codes that coded elements take, read from `code_sets.csv` at first use.

A list is named after its CEDS option set (`C000255`), or after the element where CEDS has none (`referral_status`). Rows of
source `local` are our own: whole lists, and codes that CEDS lacks, such as MiddleEasternOrNorthAfrican (OMB SPD 15, 2024)
among the races. Lists that others keep and CEDS does not print, such as the CIP, stay open: any code is taken.
"""

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from io import StringIO
from types import MappingProxyType

from throughway.core.refusals import nearest
from throughway.vocabulary.tables import Element


@cache
def _read() -> Mapping[str, Mapping[str, str]]:
    text = files("throughway.vocabulary").joinpath("code_sets.csv").read_text(encoding="utf-8")
    sets: dict[str, dict[str, str]] = {}
    for option_set, code, label, _ in list(csv.reader(StringIO(text, newline="")))[1:]:
        sets.setdefault(option_set, {})[code] = label
    return MappingProxyType({name: MappingProxyType(codes) for name, codes in sets.items()})


class _ReadWhenAsked(Mapping[str, Mapping[str, str]]):
    """Most commands never look at a code list, and need not wait for twelve thousand of them."""

    def __getitem__(self, option_set: str) -> Mapping[str, str]:
        return _read()[option_set]

    def __iter__(self) -> Iterator[str]:
        return iter(_read())

    def __len__(self) -> int:
        return len(_read())


# Option set → code → label.
CODE_SETS: Mapping[str, Mapping[str, str]] = _ReadWhenAsked()


def codes_of(element: Element) -> Mapping[str, str] | None:
    """Code → label of the list that the element's values come from; None for an open list and for what is no code.

    `codes_of(element("person.sex"))["NotSelected"]` is "Not selected".
    """
    return CODE_SETS.get(element.ceds_option_set or element.name) if element.type == "code" else None


def code_set(element: Element) -> str:
    """The name of the closed list of codes that the element takes; empty where it takes none."""
    return (element.ceds_option_set or element.name) if codes_of(element) else ""


def no_code(element: Element, code: str) -> str:
    """What is wrong with a code that is not in the element's list, and the cure: the list and its nearest codes, by code or by
    label, else its first ones."""
    codes = codes_of(element) or {}
    by_name = {**{label: each for each, label in codes.items()}, **{each: each for each in codes}}
    near = list(dict.fromkeys(by_name[name] for name in nearest(code, by_name)))
    shown = ", ".join(
        f"{each} ({codes[each]})" if codes[each] not in ("", each) else each
        for each in near or list(codes)[:5]
    )
    cure = f"the nearest: {shown}" if near else f"it begins {shown}"
    name = code_set(element)
    return f"{code} is not a code in {name}, the code set of {element.path}; {cure}; `throughway vocabulary {name}` has all {len(codes)}"

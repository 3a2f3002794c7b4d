"""Maps code words of Ed-Fi and OneRoster to codes of the vocabulary; an unknown word has no code, and none is guessed."""

import csv
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from throughway.intake.crosswalk import Crosswalk
from throughway.intake.edfi.records import after_hash, folded
from throughway.vocabulary import CODE_SETS, Element, code_set, codes_of


@cache
def _ours() -> Mapping[str, Mapping[str, str]]:
    """Words that are not labels of the vocabulary: for each of its lists, folded word -> code."""
    found: dict[str, dict[str, str]] = {}
    text = files("throughway.intake").joinpath("maps/edfi_codes.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["option_set"], {})[folded(row["source"])] = row["code"]
    return found


@cache
def code_words(name: str) -> Mapping[str, str]:
    """Folded word -> code of one list: our words, then its codes, then its labels (`Spanish; Castilian` is two)."""
    known = dict(_ours().get(name, {}))
    codes = CODE_SETS[name]
    if {"Yes", "No"} <= codes.keys():
        known = {"true": "Yes", "1": "Yes", "false": "No", "0": "No", **known}
    for code in codes:
        known.setdefault(folded(code), code)
    for code, label in codes.items():
        for part in label.split(";"):
            known.setdefault(folded(part), code)
    known.pop("", None)  # a word without letters or digits
    return known


def unmatched(element: Element) -> tuple[str, str]:
    """The problem of a word without a code, and its cure."""
    name = code_set(element)
    return (
        f"the code has no match in {name}, the list of {element.path}",
        f"map it in a crosswalk, or correct it in the source; `throughway vocabulary {name}` lists the codes",
    )


def coder(
    element: Element, crosswalk: Crosswalk | None, of_format: Mapping[str, str] = MappingProxyType({})
) -> Callable[[str], str | None]:
    """A function that gives an element's code for a word of the source: a crosswalk's map takes precedence over the words of the format
    itself, and these over ours."""
    listed = codes_of(element) is not None
    given = crosswalk.code_map(element.table, element.name) if crosswalk else None
    words = code_words(element.ceds_option_set or element.name) if listed else {}
    known: dict[str, str | None] = {}

    def code(source: str) -> str | None:
        word = after_hash(source)
        if given is not None:
            for key in (source, word):
                if key in given:
                    return given[key]
            if "*" in given:
                return given["*"]
        elif source in of_format:
            return of_format[source]
        return words.get(folded(word)) if listed else word

    def remembered(source: str) -> str | None:
        if source not in known:
            if len(known) > 10_000:
                known.clear()
            known[source] = code(source)
        return known[source]

    return remembered

"""Code words of Ed-Fi to codes of the vocabulary; a word that no one has mapped has no code, and none is guessed."""

import csv
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files

from throughway.intake.crosswalk import Crosswalk
from throughway.intake.edfi_records import after_hash
from throughway.vocabulary import Element

# Elements whose set is Yes and No, though CEDS has no set for them.
YES_NO = frozenset({"foster_care_status"})


def folded(word: str) -> str:
    """Letters and digits alone, in lower case: spelling of blanks, dashes and capitals says nothing."""
    return re.sub(r"[\W_]", "", word.casefold())


@cache
def code_maps() -> Mapping[str, Mapping[str, str]]:
    """For each option set of CEDS: folded word -> code."""
    found: dict[str, dict[str, str]] = {}
    text = files("throughway.intake").joinpath("maps/edfi_codes.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["option_set"], {})[folded(row["source"])] = row["code"]
    return found


def coder(element: Element, crosswalk: Crosswalk | None) -> Callable[[str], str | None]:
    """What gives an element's code for a word of the source; a crosswalk's map goes before ours."""
    own = code_maps().get("C000086" if element.name in YES_NO else element.ceds_option_set, {})
    local = element.ceds_option_set == "" and element.name not in YES_NO
    given = crosswalk.code_map(element.table, element.name) if crosswalk else None
    known: dict[str, str | None] = {}

    def code(source: str) -> str | None:
        word = after_hash(source)
        if given is not None:
            for key in (source, word):
                if key in given:
                    return given[key]
            if "*" in given:
                return given["*"]
        return word if local else own.get(folded(word))

    def remembered(source: str) -> str | None:
        if source not in known:
            if len(known) > 10_000:
                known.clear()
            known[source] = code(source)
        return known[source]

    return remembered

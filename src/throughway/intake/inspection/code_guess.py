"""Which code of the vocabulary a partner's code is: known words are matched, and all others are asked about with the nearest codes."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from throughway.core.refusals import nearest
from throughway.intake.code_mapping import code_words
from throughway.intake.edfi.records import folded
from throughway.intake.inspection.column_profile import ColumnProfile, frequent
from throughway.vocabulary import Element, code_set, codes_of

GRADES = "C002175"
YES, NO = ("yes", "y", "1", "true", "t", "si", "sí"), ("no", "n", "0", "false", "f")
FEW = 8  # codes that are all named where none is near
MOST = 300  # codes of one column
SHOWN = 60  # different codes of a column, where they may be shown though the vocabulary does not know them


@dataclass(frozen=True)
class CodeGuess:
    """A partner's code and ours. `code`: None where it must be asked; `nearest`: codes with their labels, the best first."""

    code: str | None
    nearest: tuple[tuple[str, str], ...] = ()


@cache
def _common(name: str) -> Mapping[str, str]:
    """Codes of student systems that `code_mapping` does not know, by folded word."""
    text = files("throughway.intake.inspection").joinpath("codes.csv").read_text(encoding="utf-8")
    return {
        folded(row["source"]): row["code"]
        for row in csv.DictReader(text.splitlines())
        if row["option_set"] == name and folded(row["source"])
    }


def code_for(element: Element, source: str) -> str | None:
    """The code of a coded element for a partner's code, where it is certain."""
    codes = codes_of(element)
    if codes is None:
        return None
    name = code_set(element)
    if source in codes:
        return source
    if {"Yes", "No"} <= codes.keys():
        if source.lower() in YES:
            return "Yes"
        if source.lower() in NO:
            return "No"
    word = folded(source)
    found = _common(name).get(word) or code_words(name).get(word)
    if found is None and name == GRADES and (number := re.fullmatch(r"(?:gr(?:ade)?\.? ?)?0?(\d{1,2})(?:st|nd|rd|th)?(?: grade)?", source.lower())):  # fmt: skip
        grade = f"{int(number[1]):02}"
        return grade if grade in codes else None
    return found


def guess_code(element: Element, source: str) -> CodeGuess:
    """The code, or the nearest ones by code and by label."""
    if (code := code_for(element, source)) is not None:
        return CodeGuess(code)
    codes = codes_of(element) or {}
    by_name = {**{label: code for code, label in codes.items()}, **{code: code for code in codes}}
    near = dict.fromkeys(by_name[name] for name in nearest(source, by_name))
    if not near:  # a letter often stands for a word that begins with it
        begins = [
            code
            for code, label in codes.items()
            if source[:1].casefold() in (code[:1].casefold(), label[:1].casefold())
        ]
        near = dict.fromkeys(begins if 0 < len(begins) <= FEW else codes if len(codes) <= FEW else ())
    return CodeGuess(None, tuple((code, codes[code]) for code in near))


def codes_shown(
    column: ColumnProfile, found: Element, *, only_known: bool
) -> tuple[dict[str, CodeGuess], int]:
    """The codes of a coded column that may be shown: known ones, and those that two rows or more have. `only_known`: of a column that may
    hold anything, so that a name in two rows is not shown as a code."""
    if not code_set(found) or column.distinct > MOST:
        return {}, 0
    shown = {}
    often = (
        {*frequent(column.values)}
        if not only_known and column.unique < 0.6 and column.distinct <= SHOWN
        else set()
    )
    for text in column.values:
        guess = guess_code(found, text)
        if guess.code is not None or (text in often and len(text) <= 60):
            shown[text] = guess
    return shown, len(column.values) - len(shown)

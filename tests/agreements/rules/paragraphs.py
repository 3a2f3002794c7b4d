"""The paragraphs of a section of law, each with its number, as the text of the section prints them: (a)(1)(i)(A)(1)."""

import re
from collections.abc import Iterator

LABELS = re.compile(r"\A((?:\([A-Za-z0-9]{1,5}\)\s*)+)")
ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
NUMBERS = tuple(map(str, range(1, 30)))
# What numbers a level, outermost first: of the Code of Federal Regulations and of the United States Code.
CFR = (tuple(LETTERS), NUMBERS, ROMAN, tuple(LETTERS.upper()), NUMBERS)
USC = (tuple(LETTERS), NUMBERS, tuple(LETTERS.upper()), ROMAN, tuple(n.upper() for n in ROMAN))


def paragraphs(section: str, levels: tuple[tuple[str, ...], ...] = CFR) -> Iterator[tuple[str, str]]:
    """(number, text) of each paragraph; the number is empty before the first."""
    path: list[str] = []
    for text in re.split(r"\n\s*\n|\n(?=\()", section):
        words = " ".join(text.split())
        found = LABELS.match(words)
        for label in re.findall(r"\(([A-Za-z0-9]+)\)", found[1]) if found else ():
            path = _after(path, label, levels)
        yield "".join(f"({label})" for label in path), words


def _after(path: list[str], label: str, levels: tuple[tuple[str, ...], ...]) -> list[str]:
    """The number after this label: the next of its level, the deepest that it can be, or the first of a level below."""
    for level in reversed(range(len(path))):
        order = levels[level]
        if label in order and order.index(label) == order.index(path[level]) + 1:
            return [*path[:level], label]
    if len(path) < len(levels) and label == levels[len(path)][0]:
        return [*path, label]
    return path  # a reference at the head of a sentence

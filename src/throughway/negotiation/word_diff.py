"""Before and after with what went and what came marked, word by word or line by line."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff

SAME, GONE, NEW = "same", "gone", "new"
# Words and spaces of each side that are held against each other; a shorter or longer text is shown whole, old and new.
SHORTEST, LONGEST = 16, 4_000


@dataclass(frozen=True)
class DiffSegment:
    kind: str  # SAME, GONE or NEW
    text: str


def marked(before: str, after: str) -> tuple[DiffSegment, ...]:
    """The two texts as one; those parts that are GONE and SAME give the old one, NEW and SAME the new one."""
    old, new = _words(before), _words(after)
    if max(len(old), len(new)) > LONGEST or min(len(old), len(new)) < SHORTEST:
        return tuple(DiffSegment(kind, text) for kind, text in ((GONE, before), (NEW, after)) if text)
    marks: list[DiffSegment] = []
    for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            marks.append(DiffSegment(SAME, "".join(old[i:j])))
            continue
        marks += [
            DiffSegment(kind, text)
            for kind, text in ((GONE, "".join(old[i:j])), (NEW, "".join(new[k:m])))
            if text
        ]
    return tuple(marks)


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", text)


def lines(before: str, after: str) -> tuple[DiffSegment, ...]:
    """The lines that changed, each with three lines around it; `…` stands where some are left out."""
    found = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3)
    marks: list[DiffSegment] = []
    for number, line in enumerate(found):
        if number < 2:  # the names of the two files
            continue
        if line.startswith("@@"):
            marks.append(DiffSegment(SAME, "…"))
        else:
            marks.append(DiffSegment({"-": GONE, "+": NEW}.get(line[0], SAME), line[1:]))
    return tuple(marks)

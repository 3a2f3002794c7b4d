"""Each number by which the manual counts the program's own things, or states a limit of it, is the program's."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from throughway.agreements.legal_review.rules import RULES
from throughway.agreements.status_text import ENDS_SOON
from throughway.casework.attendance import RECENT as RECENT_ATTENDANCE
from throughway.casework.next_step import LAPSES
from throughway.cli.load import NAMED
from throughway.gate import query_size, sql_grammar
from throughway.insight.comments.actions import MOST as MOST_THEMES
from throughway.insight.desk import views as desk
from throughway.intake.formats import LARGEST_UPLOAD
from throughway.intake.raw_cells import MOST_COLUMNS
from throughway.partners.tokens.token import USUAL
from throughway.site import middleware, signing_in
from throughway.site.home import views as home
from throughway.store.settings_file import TrainingSettings
from throughway.supports.entry import FRESH
from throughway.training.library import courses

ROOT = Path(__file__).resolve().parents[2]
WORDS = dict(
    zip(
        [
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
        ],
        range(2, 16),
        strict=True,
    )
)
NUMBER = rf"\d[\d,]*|{'|'.join(WORDS)}"

# The page, the words around the number, and what it is in the program.
STATED: list[tuple[str, str, Callable[[], int]]] = [
    ("README.md", r"\[# rules of law\]", lambda: len(RULES)),
    ("docs/rules.md", r"against # rules:", lambda: len(RULES)),
    ("docs/screens/training.md", r"# courses ship, of", lambda: len(courses(ROOT))),
    ("docs/screens/training.md", r"never is: # courses ship", lambda: len(courses(ROOT))),
    ("docs/commands/load.md", r"names the first\s#;", lambda: NAMED),
    ("docs/commands/load.md", r"more than # columns", lambda: MOST_COLUMNS),
    ("docs/commands/inspect.md", r"more than # columns", lambda: MOST_COLUMNS),
    ("docs/screens/load.md", r"the first # columns", lambda: NAMED),
    ("docs/screens/send.md", r"a file of # MB at most", lambda: LARGEST_UPLOAD // 2**20),
    ("docs/operations.md", r"sent by the browser \| # MB", lambda: LARGEST_UPLOAD // 2**20),
    ("docs/commands/training.md", r"counts for # days", lambda: TrainingSettings().days),
    ("docs/commands/supports.md", r"confirms for # days", lambda: FRESH.days),
    ("docs/screens/directory.md", r"confirmed for # days", lambda: FRESH.days),
    ("docs/screens/support.md", r"confirmed for # days", lambda: FRESH.days),
    ("docs/screens/student-supports.md", r"confirmed for # days", lambda: FRESH.days),
    ("docs/screens/student.md", r"older than # days", lambda: RECENT_ATTENDANCE),
    ("docs/screens/home.md", r"consent that ends within # days", lambda: LAPSES.days),
    ("docs/screens/home.md", r"training that ends within # days", lambda: home.TRAINING_DUE.days),
    ("docs/screens/home.md", r"one that ends within # days", lambda: ENDS_SOON),
    ("docs/screens/comments.md", r"Up to #, each with a name", lambda: MOST_THEMES),
    ("docs/screens/tokens.md", r"valid, # days or", lambda: USUAL),
    ("docs/api.md", r"valid for # days unless", lambda: USUAL),
    ("docs/screens/desk.md", r"Of up to # rows", lambda: desk.MOST),
    ("docs/screens/desk.md", r"the first # are shown", lambda: desk.SHOWN),
    ("docs/commands/query.md", r"a question: # characters", lambda: sql_grammar.LONGEST),
    ("docs/commands/query.md", r"; # columns in one list", lambda: query_size.COLUMNS),
    ("docs/commands/query.md", r"; # tables read", lambda: query_size.READS),
    ("docs/commands/query.md", r"nested # deep; terms", lambda: query_size.LEVELS),
    ("docs/screens/sign-in.md", r"no activity for # minutes", lambda: middleware.IDLE // 60),
    ("docs/screens/sign-in.md", r"signed in for # hours", lambda: signing_in.SESSION_COOKIE_AGE // 3600),
    ("docs/operations.md", r"nothing done for # minutes", lambda: middleware.IDLE // 60),
    ("docs/operations.md", r"or # hours since signing in", lambda: signing_in.SESSION_COOKIE_AGE // 3600),
]  # fmt: skip

# What the manual may count only by a line of the table above; of these sentences each counts something else.
OWN = r"(?:rules of law|rules|courses|templates|elements|formats|measures|roles|reports|screens|code sets)"
OTHERS = {
    ("docs/carry-on.md", "Three rules"): "of one measure",
    ("docs/first-figure.md", "Two templates"): "named beside it; a test starts both",
    ("docs/limits.md", "two reports"): "any two",
    ("docs/limits.md", "Two reports"): "any two",
    ("docs/operations.md", "two roles"): "of the database",
    ("docs/operations.md", "Two roles"): "of the database",
    ("docs/riverbend.md", "Two rules"): "of the fictional town's needs",
}


def number(text: str) -> int:
    return WORDS[text.lower()] if text.lower() in WORDS else int(text.replace(",", ""))


@pytest.mark.parametrize(
    ("page", "words", "program"), STATED, ids=[f"{page}: {words}" for page, words, _ in STATED]
)
def test_the_manual_states_the_program_s_number(page: str, words: str, program: Callable[[], int]) -> None:
    pattern = words.replace("#", rf"({NUMBER})").replace(" ", r"\s+")
    found = re.findall(pattern, (ROOT / page).read_text(encoding="utf-8"), re.IGNORECASE)
    assert found, "the sentence is gone; take its line out of the table"
    assert {number(each) for each in found} == {program()}


def test_no_count_of_the_program_s_own_things_is_left_unchecked() -> None:
    """Decisions and measurements are of their day, and are not looked at."""
    pages = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "GLOSSARY.md")]
    pages += [
        path
        for path in (ROOT / "docs").rglob("*.md")
        if path.parent.name != "decisions" and path.name not in ("bench.md", "house.md")
    ]
    counted = {(page, words) for page, words, _ in STATED}
    loose = []
    for path in pages:
        page, text = str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
        held = [
            re.compile(w.replace("#", rf"(?:{NUMBER})").replace(" ", r"\s+"), re.IGNORECASE)
            for p, w in counted
            if p == page
        ]
        spans = [match.span() for each in held for match in each.finditer(text)]
        for match in re.finditer(rf"\b(?:{NUMBER}) {OWN}\b", text, re.IGNORECASE):
            known = any(first <= match.start() and match.end() <= last for first, last in spans)
            if not known and (page, match[0]) not in OTHERS:
                loose.append((page, match[0]))
    assert loose == []

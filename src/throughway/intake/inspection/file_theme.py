"""What a file is about: what each column says for each table, and how well an element's table fits what the others say."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from throughway.intake.inspection.element_fit import SURE, ElementCandidate
from throughway.intake.inspection.heading_words import FILE_WORDS, words_of
from throughway.intake.inspection.headings import NOTHING, WHOLE_NAME
from throughway.vocabulary import TABLES

LOW = 0.6  # what a table stands of which nothing else in the file speaks, for a heading that says little
ONE_WORD = 0.6  # what a heading of one word says of what the file is about
LEAD = 0.5  # columns by which the table of a file leads
CLOSE = 0.04  # two elements so close to each other are a doubt
IDENTITY = frozenset({"person", "person_identifier", "person_race", "person_language", "person_contact", "guardian", "person_status", "organization"})  # fmt: skip
PREFERRED = frozenset(
    {"school_enrollment", "program_participation", "person", "person_contact"}
)  # where nothing else decides
GRADE_LEVEL = "school_enrollment.entry_grade_level"


def votes_of(candidates: Sequence[ElementCandidate]) -> Mapping[str, float]:
    """What a column says for each table that the file may be about."""
    good = [c for c in candidates if c.score >= 0.5 and c.match.element not in (NOTHING, WHOLE_NAME)]
    best = max((c.score for c in good), default=0.0)
    good = [c for c in good if c.score > best - CLOSE]
    tables = {c.table for c in good}
    return {
        table: max(
            c.score * (ONE_WORD if says_one_word(c) and not c.told else 1) for c in good if c.table == table
        )
        / len(tables)
        for table in tables
    }


def says_one_word(c: ElementCandidate) -> bool:
    return len(words_of(c.match.known_as)) == 1


def themes_of(votes: Sequence[Mapping[str, float]], file: str) -> Mapping[str, float]:
    """How much speaks for each table that a file may be about."""
    total: defaultdict[str, float] = defaultdict(float)
    for each in votes:
        for table, vote in each.items():
            total[table] += vote
    for word in words_of(re.sub(r"\.\w+$", "", file)):
        if (named := FILE_WORDS.get(word) or FILE_WORDS.get(word.removesuffix("s"))) is not None:
            total[named] += 0.9
    return total


def of_the_rest(total: Mapping[str, float], own: Mapping[str, float]) -> Mapping[str, float]:
    """What the other columns say; tables for which hardly anything speaks are left out."""
    rest = {table: vote - own.get(table, 0.0) for table, vote in total.items()}
    return {table: vote for table, vote in rest.items() if vote >= LEAD}


def standing_of(c: ElementCandidate, themes: Mapping[str, float]) -> float:
    """How well the table of an element fits the rest of the file, LOW to 1."""
    table = c.table
    events = {t: v for t, v in themes.items() if t not in IDENTITY}
    best = max(events.values(), default=0.0)
    if table in IDENTITY or table not in TABLES:
        return 0.97 + 0.002 * min(themes.get(table, 0.0), 5.0)  # whose telephone it is, where two fit
    vote = events.get(table, 0.0)
    known = c.match.score >= SURE and not says_one_word(c)
    anywhere = table in PREFERRED or c.match.element.endswith(".organization_id")
    least = 0.8 if known or c.told or anywhere else LOW
    if c.match.element == GRADE_LEVEL:  # of a student, whatever the file is about
        least = 0.97
    return 1.0 if not best else least + (1 - least) * vote / best

"""Which element of the vocabulary each column of a file is: what the columns say together.

Before each is guessed: what the file has besides, and the items that are counted. After: names in parts, and columns that would be the same.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from throughway.intake.contract import TableNeed
from throughway.intake.inspection.column_profile import ColumnProfile
from throughway.intake.inspection.element_fit import (
    ANSWER,
    BY_CELLS,
    EACH_ANOTHER,
    SCORE,
    SURE,
    ElementCandidate,
    a_day,
    candidates_of,
    is_day_heading,
)
from throughway.intake.inspection.element_guess import ALIKE, ElementGuess, guess_of, no_element
from throughway.intake.inspection.file_theme import of_the_rest, themes_of, votes_of
from throughway.intake.inspection.heading_words import ADULT, VAGUE, alike, words_of
from throughway.intake.inspection.headings import NOTHING, PERSON_KEY, WHOLE_NAME, HeadingMatch
from throughway.intake.said_dates import DAY_ALONE, days_of_a_month
from throughway.vocabulary import TABLES

SCHOOL_NAME = "organization.organization_name"
ADDRESS = "address_street_number_and_name", "address_postal_code"
PARTS_OF_ADDRESS = frozenset(f"person_contact.{part}" for part in ("address_city", "state_abbreviation", "address_county_name", "address_apartment_room_or_suite_number"))  # fmt: skip
FIRST_NAME, LAST_NAME = "person.first_name", "person.last_or_surname"
# `SED 1: Self-Identity`, `Q3. I feel safe`, `Item_12`, `PHQ9_4`
BATTERY = re.compile(
    r"(?i)\W*(?P<of>(?:[a-z][a-z&/ -]{0,12}?)?|[a-z]{2,5}-?\d{1,2}_)[ _-]?\d{1,3}[a-z]?(?:_\d{1,2})?(?:\s*(?:[:.)]|\s-\s)\s*\S.*)?"
)
REPEATING = frozenset({"person_identifier.person_identifier", "assessment_result.assessment_result_score_value", "person_race.race",
                       "service_received.service_quantity", "person_contact.telephone_number", "guardian.telephone_number"})  # fmt: skip
SCHOOLS_KEY = ElementCandidate(
    HeadingMatch(PERSON_KEY, BY_CELLS, ""),
    1.0,
    "each row has another, as a key that a school gives its students",
)
ALMOST_SURE = 0.75
# Words of what is counted of many students.
TOTALS = frozenset({"percent", "average", "mean", "count", "rate", "total"})
PERIODS = frozenset({"p", "per", "pd", "prd", "period", "hr", "hour", "blk", "block"})
ASKS = frozenset({"", "q", "question", "item", "pregunta", "p", "preg", "sq", "quest", "ques"})


def guesses(
    columns: Sequence[ColumnProfile], file: str, needs: Mapping[str, TableNeed] | None = None
) -> tuple[ElementGuess, ...]:
    """The guess for each column of one file or sheet. `file`: its name, which may tell what it is about. `needs`: what the agreements in
    effect need of the partner; where a heading fits several elements, it is one of those."""
    common = _common_words(columns)
    named_so = [words_of(column.name) for column in columns]
    scored = frozenset(words[:-1] for words in named_so if len(words) > 1 and alike(words[-1]) == "score")
    days = days_of_a_month([column.name for column in columns], file)
    known = [
        [a_day(column)]
        if column.name in days
        else _needed(candidates_of(column, common, scored), needs or {})
        for column in columns
    ]
    named = {c.match.element for each in known for c in each if c.match.known_as and c.score > SURE}
    if PERSON_KEY in named:
        counts = {column.distinct for column, each in zip(columns, known, strict=True) if _names_key(each)}
        known = [
            [c for c in each if c.match.element != PERSON_KEY or c.match.known_as or (words[-1] == "id" and column.distinct in counts)]
            for column, words, each in zip(columns, named_so, known, strict=True)
        ]  # fmt: skip
    elif named & {LAST_NAME, WHOLE_NAME}:
        known = [
            [SCHOOLS_KEY] if words[-1:] == ("id",) and any(c.fit == EACH_ANOTHER for c in each) else each
            for words, each in zip(named_so, known, strict=True)
        ]
    known = [of_a_battery(column, each, columns) for column, each in zip(columns, known, strict=True)]
    if named & {PERSON_KEY, LAST_NAME, WHOLE_NAME}:
        known = [_of_a_persons_file(each) for each in known]
    own = [votes_of(candidates) for candidates in known]
    total = themes_of(own, file)
    found = [
        guess_of(column, of, of_the_rest(total, vote))
        for column, of, vote in zip(columns, known, own, strict=True)
    ]
    if not any(_of_a_person(guess) for guess in found if guess.confidence >= ALMOST_SURE):
        found = [
            no_element(g.profile, 0.6, "a number of a file without students") if _is_total(g) else g
            for g in found
        ]
    return tuple(_without_named_codes(_without_lone_places(_without_twins(_with_first_names(found)))))


def _of_a_person(guess: ElementGuess) -> bool:
    return (guess.element or "").startswith("person") or guess.sensitive == "a name"


def _is_total(guess: ElementGuess) -> bool:
    """Whether it may be a total of many students, that is no mark of one: `Dropout Rate`."""
    of = (guess.element or "").partition(".")[0]
    if of not in TABLES or not TABLES[of].of_person or guess.profile.share(r"[\d.,]+ ?%?") < 0.8:
        return False
    likely = guess.partly and of not in ("survey_response", "assessment_result")
    return likely or bool(TOTALS & {*words_of(guess.name)})


def _names_key(candidates: Sequence[ElementCandidate]) -> bool:
    return any(c.match.element == PERSON_KEY and c.match.known_as and c.score > SURE for c in candidates)


def _common_words(columns: Sequence[ColumnProfile]) -> frozenset[str]:
    """The words of so many headings of the file that they say little of one: the name of a table before each, or `Survey`."""
    counted = Counter(word for column in columns for word in {*words_of(column.name)})
    return frozenset(w for w, n in counted.items() if n >= 4 and n > len(columns) / 4 and w not in VAGUE)


def _needed(candidates: list[ElementCandidate], needs: Mapping[str, TableNeed]) -> list[ElementCandidate]:
    """Without the elements that no agreement needs, where one that is needed fits as well: a grade of an enrollment or of a course."""

    def wanted(c: ElementCandidate) -> bool:
        return c.table in needs and c.match.element.partition(".")[2] in needs[c.table].columns

    best = max((c.score for c in candidates), default=0.0)
    if not any(wanted(c) and c.score > best - ALIKE for c in candidates):
        return candidates
    others = (NOTHING, WHOLE_NAME, PERSON_KEY)
    return [c for c in candidates if wanted(c) or c.match.element in others]


def _of_a_persons_file(candidates: list[ElementCandidate]) -> list[ElementCandidate]:
    """In a file with students, a column that fits several tables is not of a table without them: a school is that of the student."""
    own = [
        c
        for c in candidates
        if c.table not in TABLES or TABLES[c.table].of_person or c.match.element == SCHOOL_NAME
    ]
    return own or candidates


def of_a_battery(
    column: ColumnProfile, candidates: list[ElementCandidate], columns: Sequence[ColumnProfile]
) -> list[ElementCandidate]:
    """One of four items or more that are counted: an answer of a survey, or a score. Not where the heading is a name that is known."""
    found = BATTERY.fullmatch(column.name)
    if (
        found
        and found["of"].strip().lower() in PERIODS
        and column.distinct <= 12
        and column.share(r"[A-Za-z-]{1,3}|[A-Z][a-z]+( [A-Za-z]+)?") > 0.9
    ):
        match = HeadingMatch("attendance_day.attendance_status", 0.75, "period")
        return [ElementCandidate(match, 1.0, "each cell is what happened in a period", told=True)]
    if (
        found is None
        or re.fullmatch(r"[\d\W]*", column.name)
        or any(c.match.score >= SURE and c.fit > 0.9 for c in candidates)
    ):
        return candidates
    asks = found["of"].strip().lower() in ASKS
    battery = [
        other
        for c in columns
        if (other := BATTERY.fullmatch(c.name))
        and (":" in c.name or other["of"].lower() == found["of"].lower())
    ]
    few = column.distinct <= 12 and column.share(r".{1,40}") == 1
    if len(battery) < 4 or not (few or asks):
        return candidates
    scored = not asks and column.share(r"\d{1,2}(\.\d+)?") > 0.9
    match = HeadingMatch(SCORE if scored else ANSWER, 0.75, found["of"].strip() or "question")
    return [ElementCandidate(match, 1.0, f"one of {len(battery)} items that are counted", told=True)]


def _with_first_names(found: Sequence[ElementGuess]) -> list[ElementGuess]:
    """A `Name` of one word beside a last name, and no first name, is the first: `Nombre del alumno` and `Apellidos`."""
    elements = {guess.element for guess in found}
    if LAST_NAME not in elements or FIRST_NAME in elements:
        return list(found)
    return [
        replace(guess, element=FIRST_NAME, confidence=0.7, names="", reason="a name without a last name; that stands beside it")
        if guess.sensitive == "a name" and not ADULT & {*words_of(guess.name)} and guess.profile.share(r"[^\s,]+( [^\s,]+)?") > 0.8
        and guess.profile.share(r"[^\s,]+") > 0.5
        else guess
        for guess in found
    ]  # fmt: skip


def _surest(found: Sequence[ElementGuess]) -> dict[str, ElementGuess]:
    """The surest of the columns that would fill an element, by element; of the equally sure the first."""
    best: dict[str, ElementGuess] = {}
    for guess in found:
        if guess.element and (guess.element not in best or guess.confidence > best[guess.element].confidence):
            best[guess.element] = guess
    return best


def _repeats(guess: ElementGuess) -> bool:
    """Whether a file may have several columns of the element: scores, keys, and days that are headings."""
    return guess.element in REPEATING or is_day_heading(guess.name) or bool(re.match(DAY_ALONE, guess.name))


def _without_twins(found: Sequence[ElementGuess]) -> list[ElementGuess]:
    """Where two columns would fill one element, the surer one keeps it; scores and keys may repeat."""
    best = _surest(found)
    like = Counter(guess.element for guess in found if guess.partly)
    shown = []
    other_keys = sum(guess.element == PERSON_KEY and not guess.is_doubt for guess in found) > 1
    for guess in found:
        if guess.element == PERSON_KEY and other_keys and words_of(guess.name) == ("id",):
            guess = replace(guess, confidence=0.78, reason=f"{guess.reason}; it may be the key of the row")
        twin = best.get(guess.element or "")
        another = twin is not None and twin is not guess and not _repeats(guess)
        # Two at most: more are the months of a year or the times of a test.
        if (
            another
            and twin
            and guess.partly
            and not twin.partly
            and like[guess.element] < 3
            and not str(guess.element).endswith(".organization_id")
            and not _counted(guess, twin)
        ):
            told = f"{twin.name} is that already"
            guess = replace(
                no_element(guess.profile, 0.6, told), sensitive=guess.sensitive, identifier=guess.identifier
            )
        elif another and twin:
            reason = f"{guess.reason}; the column {twin.name} fits the same element"
            guess = replace(guess, confidence=min(guess.confidence, 0.7), reason=reason)
        shown.append(guess)
    return shown


def _counted(one: ElementGuess, other: ElementGuess) -> bool:
    """Whether two headings say the same but for numbers and what is written last: `1st Quarter Wages` and `2nd Quarter Wages`."""
    first, second = ({w for w in words_of(c.name) if not w.isdigit()} for c in (one, other))
    return first == second


def _without_lone_places(found: Sequence[ElementGuess]) -> list[ElementGuess]:
    """A bare State, city, county or unit in a file without an address may be the school's or the program's: a doubt."""
    if any(guess.element == f"person_contact.{part}" for guess in found for part in ADDRESS):
        return list(found)
    return [
        replace(guess, confidence=min(guess.confidence, 0.78), reason=f"{guess.reason}; no other column is of an address")
        if guess.element in PARTS_OF_ADDRESS and len(words_of(guess.name)) == 1
        else guess
        for guess in found
    ]  # fmt: skip


def _without_named_codes(found: Sequence[ElementGuess]) -> Iterator[ElementGuess]:
    """Hides codes that are a value of an identifying column of the same file too, such as a name in a column of remarks."""
    named = {
        text.casefold()
        for guess in found
        if guess.identifier and not guess.codes
        for text in guess.profile.values
    }
    for guess in found:
        kept = {
            text: code
            for text, code in guess.codes.items()
            if code.code is not None or text.casefold() not in named
        }
        yield replace(guess, codes=kept, hidden_codes=guess.hidden_codes + len(guess.codes) - len(kept))

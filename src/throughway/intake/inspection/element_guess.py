"""Which element of the vocabulary each column of a file is: of those that it may be, the one that the rest of the file speaks for.

A guess has a confidence from 0 to 1 and a reason in words. Below SURE it is a doubt, which a person answers before anything is loaded.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from throughway.intake.contract import TableNeed
from throughway.intake.inspection.code_guess import CodeGuess, codes_shown
from throughway.intake.inspection.column_profile import ColumnProfile, DateForms
from throughway.intake.inspection.counted_items import of_a_battery
from throughway.intake.inspection.element_fit import (
    DAY_HEADING,
    LEAST,
    SURE,
    ElementCandidate,
    candidates_of,
    dates_of,
)
from throughway.intake.inspection.heading_words import (
    ADULT,
    FILE_WORDS,
    PERSONS,
    SENSITIVE_WORDS,
    SLIGHT,
    VAGUE,
    alike,
    words_of,
)
from throughway.intake.inspection.headings import (
    NOTHING,
    PERSON_KEY,
    WHOLE_NAME,
)
from throughway.vocabulary import TABLES, Element, code_set, element

# Whole names of which a crosswalk can read the parts: `Last, First`; in the order of speech, whose last name has as many words as somebody must
# say; and what was said.
NamesWritten = Literal["", "Last, First", "First Last", "1", "2"]
SCHOOL_NAME = "organization.organization_name"
LOW = 0.6  # what a table stands of which nothing else in the file speaks, for a heading that says little
ONE_WORD = 0.6  # what a heading of one word says of what the file is about
LEAD = 0.5  # columns by which the table of a file leads
ALIKE = 0.1  # elements between which what an agreement needs decides
CLOSE = 0.04  # two elements so close to each other are a doubt
ADDRESS = "address_street_number_and_name", "address_postal_code"
PARTS_OF_ADDRESS = frozenset(f"person_contact.{part}" for part in ("address_city", "state_abbreviation", "address_county_name", "address_apartment_room_or_suite_number"))  # fmt: skip
IDENTITY = frozenset({"person", "person_identifier", "person_race", "person_language", "person_contact", "guardian", "person_status", "organization"})  # fmt: skip
PREFERRED = frozenset(
    {"school_enrollment", "program_participation", "person", "person_contact"}
)  # where nothing else decides
GRADE_LEVEL = "school_enrollment.entry_grade_level"
FIRST_NAME, LAST_NAME = "person.first_name", "person.last_or_surname"
SOCIAL_SECURITY = "a Social Security number"


@dataclass(frozen=True)
class ElementGuess:
    """`element`: `table.column`, None where none fits. `codes`: the partner's codes that may be shown, with ours. `hidden_codes`: how many
    others there are, which only one row each has. `sensitive`: why the column is sensitive, in a few words; empty where it is not."""

    profile: ColumnProfile
    element: str | None
    confidence: float
    reason: str
    codes: Mapping[str, CodeGuess] = field(default_factory=dict)
    hidden_codes: int = 0
    identifier: bool = False
    sensitive: str = ""
    others: tuple[str, ...] = ()  # the next best elements
    dates: DateForms | None = None  # how the days of an element of days are written
    names: NamesWritten = ""
    partly: bool = False  # the heading is only like a name that is known

    @property
    def name(self) -> str:
        return self.profile.name

    @property
    def is_doubt(self) -> bool:
        return self.confidence < SURE


def guesses(
    columns: Sequence[ColumnProfile], file: str, needs: Mapping[str, TableNeed] | None = None
) -> tuple[ElementGuess, ...]:
    """The guess for each column of one file or sheet. `file`: its name, which may tell what it is about. `needs`: what the agreements in
    effect need of the partner; where a heading fits several elements, it is one of those."""
    common = _common_words(columns)
    named_so = [words_of(column.name) for column in columns]
    scored = frozenset(words[:-1] for words in named_so if len(words) > 1 and alike(words[-1]) == "score")
    known = [_needed(candidates_of(column, common, scored), needs or {}) for column in columns]
    named = {c.match.element for each in known for c in each if c.match.known_as and c.score > SURE}
    if PERSON_KEY in named:
        counts = {column.distinct for column, each in zip(columns, known, strict=True) if _names_key(each)}
        known = [
            [c for c in each if c.match.element != PERSON_KEY or c.match.known_as or (words[-1] == "id" and column.distinct in counts)]
            for column, words, each in zip(columns, named_so, known, strict=True)
        ]  # fmt: skip
    known = [of_a_battery(column, each, columns) for column, each in zip(columns, known, strict=True)]
    if named & {PERSON_KEY, "person.last_or_surname"}:
        known = [_of_a_persons_file(each) for each in known]
    own = [_votes(candidates) for candidates in known]
    total = _themes(own, file)
    found = [
        _guess(column, of, _of_the_rest(total, vote))
        for column, of, vote in zip(columns, known, own, strict=True)
    ]
    if not any(
        (g.element or "").startswith("person") or g.sensitive == "a name" for g in found if not g.partly
    ):
        found = [
            _none(g.profile, 0.6, "a number of a file without students") if g.partly and _counts(g) else g
            for g in found
        ]
    return tuple(_without_named_codes(_without_lone_places(_without_twins(_with_first_names(found)))))


def _counts(guess: ElementGuess) -> bool:
    """Whether it may be a total of many students, that is no mark of one: `Dropout Rate`."""
    of = (guess.element or "").partition(".")[0]
    return of not in ("survey_response", "assessment_result") and guess.profile.share(r"[\d.,]+ ?%?") > 0.8


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


def _votes(candidates: Sequence[ElementCandidate]) -> Mapping[str, float]:
    """What a column says for each table that the file may be about."""
    good = [c for c in candidates if c.score >= 0.5 and c.match.element not in (NOTHING, WHOLE_NAME)]
    best = max((c.score for c in good), default=0.0)
    good = [c for c in good if c.score > best - CLOSE]
    tables = {c.table for c in good}
    return {
        table: max(
            c.score * (ONE_WORD if _one_word(c) and not c.told else 1) for c in good if c.table == table
        )
        / len(tables)
        for table in tables
    }


def _one_word(c: ElementCandidate) -> bool:
    return len(words_of(c.match.known_as)) == 1


def _themes(votes: Sequence[Mapping[str, float]], file: str) -> Mapping[str, float]:
    """How much speaks for each table that a file may be about."""
    total: defaultdict[str, float] = defaultdict(float)
    for each in votes:
        for table, vote in each.items():
            total[table] += vote
    for word in words_of(re.sub(r"\.\w+$", "", file)):
        if (named := FILE_WORDS.get(word) or FILE_WORDS.get(word.removesuffix("s"))) is not None:
            total[named] += 0.9
    return total


def _of_the_rest(total: Mapping[str, float], own: Mapping[str, float]) -> Mapping[str, float]:
    """What the other columns say; tables for which hardly anything speaks are left out."""
    rest = {table: vote - own.get(table, 0.0) for table, vote in total.items()}
    return {table: vote for table, vote in rest.items() if vote >= LEAD}


def _standing(c: ElementCandidate, themes: Mapping[str, float]) -> float:
    """How well the table of an element fits the rest of the file, LOW to 1."""
    table = c.table
    events = {t: v for t, v in themes.items() if t not in IDENTITY}
    best = max(events.values(), default=0.0)
    if table in IDENTITY or table not in TABLES:
        return 0.97 + 0.002 * min(themes.get(table, 0.0), 5.0)  # whose telephone it is, where two fit
    vote = events.get(table, 0.0)
    known = c.match.score >= SURE and not _one_word(c)
    anywhere = table in PREFERRED or c.match.element.endswith(".organization_id")
    least = 0.8 if known or c.told or anywhere else LOW
    if c.match.element == GRADE_LEVEL:  # of a student, whatever the file is about
        least = 0.97
    return 1.0 if not best else least + (1 - least) * vote / best


def _guess(
    column: ColumnProfile, known: Sequence[ElementCandidate], themes: Mapping[str, float]
) -> ElementGuess:
    ranked = sorted(known, key=lambda c: (-c.score * _standing(c, themes), c.table not in PREFERRED))
    if not ranked or ranked[0].score * _standing(ranked[0], themes) < LEAST:
        if PERSONS.issuperset(words_of(column.name)) and column.share(r"[^\W\d_]+,? +[^\d]+") > 0.8:
            return _whole_names(column, 0.7)  # `Child`
        return _none(column, 0.6 if column.filled else 0.85, _unknown(column, ranked))
    best = ranked[0]
    if themes.get(best.table, 0.0) < LEAD and best.table not in IDENTITY:  # `Timestamp` of no survey
        best = next(
            (c for c in ranked if c.match.element == NOTHING and c.match.score >= best.match.score), best
        )
    alone = best.table not in IDENTITY | PREFERRED and themes.get(best.table, 0.0) < LEAD and not best.told
    if (
        alone
        and best.match.element not in (NOTHING, WHOLE_NAME)
        and _one_word(best)
        and max((v for t, v in themes.items() if t not in IDENTITY), default=0.0) >= 2
    ):
        return _none(column, 0.6, f"{_known_as(best)} of something that the file is not about")  # `Role`
    if best.match.element == NOTHING:
        confidence = 0.95 if best.match.score >= SURE else 0.7
        return _none(column, confidence, f"{_known_as(best)}: the vocabulary has no element for it")
    if best.match.element == WHOLE_NAME or _holds_whole_names(column, best):
        return _whole_names(
            column, 0.9 if best.match.score >= SURE or best.match.element != WHOLE_NAME else 0.7
        )
    return _with_details(column, best, ranked[1:], themes)


def _whole_names(column: ColumnProfile, confidence: float) -> ElementGuess:
    written: NamesWritten = ""
    told = "whole names in one column; export first and last name in columns of their own"
    if column.share(r"[^,]+,\s*[^,\s]+[^,]*(,\s*(?i:jr|sr|ii|iii|iv)\.?)?") > 0.9:
        written, told = "Last, First", "names written Last, First; a crosswalk reads their parts"
    elif column.share(r"[^\W\d_][^\d,]* [^\d,]+") > 0.8:
        written, told = (
            "First Last",
            "names without a comma; a crosswalk asks which word begins the last name",
        )
    return replace(_none(column, confidence, told), identifier=True, sensitive="a name", names=written)


def _known_as(best: ElementCandidate) -> str:
    return best.match.known_as if " " in best.match.known_as else f"“{best.match.known_as}”"


def _unknown(column: ColumnProfile, ranked: Sequence[ElementCandidate]) -> str:
    if not column.filled:
        return "no known heading, and no cell is filled"
    if ranked and ranked[0].match.known_as:
        cells = f" ({ranked[0].evidence})" if ranked[0].evidence else ""
        return f"the heading is like “{ranked[0].match.known_as}”, which says too little{cells}"
    return "no known heading"


def _holds_whole_names(column: ColumnProfile, best: ElementCandidate) -> bool:
    """A heading such as `Student` over cells such as `Last, First`."""
    return best.match.element == "person_identifier.person_identifier" and column.share(r"[^\W\d_]+,? +[^\d]+") > 0.8  # fmt: skip


def _none(column: ColumnProfile, confidence: float, reason: str) -> ElementGuess:
    said = _sensitive(column) or _addressed(column)
    identifying = column.unique > 0.9 and column.filled > 20 and column.type in ("text", "whole number")
    return ElementGuess(
        column, None, confidence, reason, identifier=identifying or bool(said), sensitive=said
    )


def _sensitive(column: ColumnProfile) -> str:
    """Why a column is sensitive whatever element it is: by the words of its heading, or since its cells are Social Security numbers."""
    words = f" {' '.join(words_of(column.name))} "
    said = next((what for word, what in SENSITIVE_WORDS.items() if f" {word} " in words), "")
    return said or (SOCIAL_SECURITY if column.share(r"\d{3}-\d{2}-\d{4}") > 0.5 else "")


def _addressed(column: ColumnProfile) -> str:
    return "an e-mail address" if column.share(r"[^@\s]+@[^@\s]+\.[A-Za-z]+") > 0.5 else ""


def _with_details(
    column: ColumnProfile,
    best: ElementCandidate,
    others: Sequence[ElementCandidate],
    themes: Mapping[str, float],
) -> ElementGuess:
    found = element(best.match.element)
    codes, hidden = codes_shown(column, found, only_known=best.match.score < SURE)
    confidence = best.score
    standing = _standing(best, themes)
    rivals = [
        c for c in others
        if c.match.element and c.match.element != WHOLE_NAME and c.match.element.partition(".")[2] != found.name
        and best.score * standing - c.score * _standing(c, themes) < CLOSE
    ]  # fmt: skip
    unclear = ""
    if rivals:
        confidence = min(confidence, 0.7)
    elif best.table not in IDENTITY and _another_table_fits(best, others, themes):
        confidence = min(confidence, 0.78)
        unclear = "the other columns do not tell of which table it is"
    elif best.table == "person_status" and column.sampled and _knows_no_code(found, codes):
        confidence = min(confidence, 0.78)
        unclear = "none of its codes is known"
    elif best.table not in IDENTITY and standing < 0.995 and column.sampled and _knows_no_code(found, codes):
        confidence = min(confidence, 0.78)
        unclear = "most other columns are of another table"
    named = f"“{best.match.known_as}”"
    whose = f"is the name in {best.match.standard}" if best.match.standard else f"means {named}"
    says = "the heading " + (whose if best.match.score >= 0.9 else f"is partly {named}")
    if not best.match.known_as:
        says = "the heading is unknown"
    reason = "; ".join(filter(None, [says, best.evidence, _rival_words(rivals), unclear]))
    tags = found.law_tags
    sensitive = ", ".join(sorted(tags - {"directory", "identifier", "quasi_identifier"}))
    if not sensitive and {"identifier", "quasi_identifier"} & tags:
        sensitive = "identifying" if "identifier" in tags else "identifying together with others"
    said = _sensitive(column)
    return ElementGuess(
        column, found.path, round(min(confidence, 1.0), 2), reason, codes, hidden,
        identifier="identifier" in tags or said == SOCIAL_SECURITY, sensitive=said or sensitive or _addressed(column), others=tuple(c.match.element for c in rivals[:3]),
        dates=dates_of(column) if found.type == "date" else None, partly=best.match.score < SURE,
    )  # fmt: skip


def _knows_no_code(found: Element, codes: Mapping[str, CodeGuess]) -> bool:
    return bool(code_set(found)) and all(code.code is None for code in codes.values())


def _another_table_fits(
    best: ElementCandidate, others: Sequence[ElementCandidate], themes: Mapping[str, float]
) -> bool:
    """Whether the heading may be of another table just as well: it names an element of several, and the other columns do not make its
    table the one that the file is about; or it names one of a single table, and the other columns speak much louder for another."""
    votes = {t: v for t, v in themes.items() if t not in IDENTITY}
    several = {
        c.table
        for c in others
        if c.table not in IDENTITY
        and c.match.element
        and c.score > best.score - (CLOSE if best.told else ALIKE)
    }
    own = votes.get(best.table, 0.0)
    rest = [vote for table, vote in votes.items() if table != best.table]
    if several - {best.table}:
        rival = max(votes.get(table, 0.0) for table in several - {best.table})
        anyone = rival >= 1 and {*words_of(best.match.known_as)} <= VAGUE | SLIGHT  # `Start Date`
        return anyone or own - rival < LEAD or any(vote > own + LEAD / 2 for vote in rest)
    if _one_word(best):
        return not best.told and any(vote > own + LEAD for vote in rest)
    return any(vote > 2 * (own + 1) for vote in rest)


def _rival_words(rivals: Sequence[ElementCandidate]) -> str:
    return f"it may also be {' or '.join(c.match.element for c in rivals[:3])}" if rivals else ""


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


def _without_twins(found: Sequence[ElementGuess]) -> list[ElementGuess]:
    """Where two columns would fill one element, the surer one keeps it; scores and keys may repeat."""
    best: dict[str, ElementGuess] = {}
    for guess in found:
        if guess.element and (guess.element not in best or guess.confidence > best[guess.element].confidence):
            best[guess.element] = guess
    like = Counter(guess.element for guess in found if guess.partly)
    repeats = ("person_identifier.person_identifier", "assessment_result.assessment_result_score_value", "person_race.race",
               "service_received.service_quantity", "person_contact.telephone_number", "guardian.telephone_number")  # fmt: skip
    shown = []
    other_keys = sum(guess.element == PERSON_KEY and not guess.is_doubt for guess in found) > 1
    for guess in found:
        if guess.element == PERSON_KEY and other_keys and words_of(guess.name) == ("id",):
            guess = replace(guess, confidence=0.78, reason=f"{guess.reason}; it may be the key of the row")
        twin = best.get(guess.element or "")
        repeats_here = guess.element in repeats or re.fullmatch(DAY_HEADING, guess.name)
        another = twin is not None and twin is not guess and not repeats_here
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
                _none(guess.profile, 0.6, told), sensitive=guess.sensitive, identifier=guess.identifier
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

"""Which elements a column may be, by its own heading and cells: those that the heading may name, times how well the cells fit."""

import re
from dataclasses import dataclass, replace

from throughway.intake.inspection.code_guess import GRADES, MOST, code_for
from throughway.intake.inspection.column_profile import ColumnProfile, DateForms
from throughway.intake.inspection.heading_words import KEYED, LONGEST, TESTS, alike, words_of
from throughway.intake.inspection.headings import (
    MOST_ALIKE,
    NOTHING,
    PERSON_KEY,
    WHOLE_NAME,
    HeadingMatch,
    matches,
)
from throughway.intake.said_dates import is_day
from throughway.intake.value_parsing import FALSE, TRUE, ending_year
from throughway.vocabulary import Element, code_set, codes_of, element

SURE = 0.8
LEAST = 0.5  # below it no element is named: of such guesses one in five was right
EACH_ANOTHER = 0.75  # how well a column fits a school where each row has its own
BY_CELLS = 0.6  # what the cells alone tell
DAY_HEADING = r"(?i:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[, ]+)?(\d{1,2}[/.-]\d{1,2}([/.-]\d{2,4})?|\d{4}-\d{2}-\d{2})( 00:00:00)?"
# A time of day other than a midnight, wherever in America it is one.
MOMENT = r".*\d[T ](?!0?[0-8]:00\b|12:00(?::00)? ?[Aa])\d{1,2}:\d{2}.*"
# Of a heading whose other characters are blanks: `Row #`.
ROW_COUNT = re.compile(r"(?i) ?(?:no|nr|num|number|row|line)? ?(?:no|nr|num|number)? ?")
SPELL = ("start_date", "exit_date", "end_date", "entry_date")
TESTED = "assessment_result.assessment_administration_start_date"
SCORE = "assessment_result.assessment_result_score_value"
MEALS = "person_status.eligibility_status_for_school_food_service_programs"
LOW_INCOME = "person_status.economic_disadvantage_status"
KEY_WORDS = frozenset({"id", "key", "ref", "referral", "code"})
OF_A_SCORE = {"date": "test date", "status": "performance level", "level": "performance level"}


@dataclass(frozen=True)
class ElementCandidate:
    match: HeadingMatch
    fit: float
    evidence: str
    told: bool = False  # the cells, too, tell that it is this element

    @property
    def table(self) -> str:
        return self.match.element.partition(".")[0]

    @property
    def score(self) -> float:
        return self.match.score * self.fit


def _heading(column: ColumnProfile, scored: frozenset[tuple[str, ...]]) -> str:
    """What a column is called, or what it says of a score beside it: `PSF Date` beside `PSF Score` is a day of a test. `scored`: the words
    before `score` in the headings of the file."""
    words = words_of(column.name)
    return OF_A_SCORE.get(alike(words[-1]), column.name) if words and words[:-1] in scored else column.name


def is_day_heading(heading: str) -> bool:
    return bool(re.fullmatch(DAY_HEADING, heading)) or is_day(heading)


def a_day(column: ColumnProfile) -> ElementCandidate:
    """A column whose heading is a day."""
    few = column.distinct <= 8 or not column.filled
    match = HeadingMatch("attendance_day.attendance_status", 0.9, "a day")
    why = "the heading is a day, and each cell is what happened on it"
    return ElementCandidate(match, 1.0 if few else 0.4, why)


def candidates_of(
    column: ColumnProfile, common: frozenset[str], scored: frozenset[tuple[str, ...]]
) -> list[ElementCandidate]:
    """What a column may be, in no order. `common` and `scored`: words of many headings of the file, and words before `score` in them."""
    if is_day_heading(column.name):
        return [a_day(column)]
    if (
        ROW_COUNT.fullmatch(re.sub(r"\W+", " ", column.name))
        and column.unique == 1
        and column.share_that(lambda text: not text.isdecimal() or 1 <= int(text) <= column.rows) == 1
        and column.share(r"\d+") >= 0.8  # the others are lines below the rows
    ):
        return [ElementCandidate(HeadingMatch(NOTHING, MOST_ALIKE, "the count of the rows"), 1.0, "")]
    found = []
    for match in matches(_heading(column, scored), common):
        if match.element == WHOLE_NAME:
            named = match.score >= SURE or not column.sampled or column.share(r"[^\W\d_][^\d]* [^\d]+") > 0.5
            found.append(ElementCandidate(match, 1.0 if named else 0.4, ""))
        elif match.element == NOTHING:
            found.append(ElementCandidate(match, 1.0, ""))
        else:
            fits, evidence = fit(column, element(match.element))
            told = fits == 1.0 and tells(column, element(match.element), 0.9 if match.score < SURE else 0.5)
            if match.score < SURE:
                more = 1.25 if told else 1.0 if column.sampled else 0.7
                match = replace(match, score=min(match.score * more, MOST_ALIKE))
            found.append(ElementCandidate(match, fits, evidence, told))
            if match.element == MEALS and column.type == "yes or no":  # `Lunch`: free, or low income?
                low_income = replace(match, element=LOW_INCOME)
                found.append(ElementCandidate(low_income, fits + 0.01, "yes or no names no kind of meal"))
    named = any(c.score >= LEAST and (c.match.element or c.match.score >= SURE) for c in found)
    return found if named else [*found, *_by_cells(column)]


def fit(column: ColumnProfile, found: Element) -> tuple[float, str]:
    """How well the cells of a column fit an element, 0 to 1, and the evidence in words."""
    if not column.sampled:
        return 0.93, "no cell is filled"
    if found.path == PERSON_KEY or found.type == "id":
        return _fits_key(column, found)
    if found.type == "date":
        dates = dates_of(column)
        if dates is None and column.share(r"\d{5,8}") > 0.9:
            return 0.75, "the cells may be days in figures, in an order that is not known"
        if dates is None:
            return 0.2, "few cells read as dates"
        if found.name.endswith(SPELL) and found.path != TESTED and column.share(MOMENT) > 0.5:
            return 0.3, "the cells have a time of day, as the start and end of a spell have not"
        order = f", {dates.order}" if dates.order != "year first" else ""
        return (
            1.0 if dates.share >= 0.9 else 0.8
        ), f"{_percent(dates.share)} of the cells read as dates{order}"
    if found.name in ("latitude", "longitude") and column.share(r"[+-]?\d{1,3}\.\d+") < 0.5:
        return 0.25, "few cells are degrees"
    if found.type in ("integer", "decimal"):
        share = column.share(r"[+-]?[\d,]*\.?\d+ ?%?")
        return (1.0, f"{_percent(share)} are numbers") if share >= 0.9 else (0.8, f"{_percent(share)} are numbers") if share >= 0.5 else (0.25, "few cells are numbers")  # fmt: skip
    if found.type == "boolean":
        share = column.share_in((*TRUE, *FALSE, "t", "f"))
        few = column.distinct <= 5 and column.share(r".{1,3}") > 0.9
        return (1.0, "yes or no") if share >= 0.9 else (0.8, "") if share or few else (0.3, "the cells are not yes or no")  # fmt: skip
    if found.type == "code":
        return _fits_codes(column, found)
    return _fits_text(column, found)


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _fits_key(column: ColumnProfile, found: Element) -> tuple[float, str]:
    if column.type == "yes or no" and column.share("[A-Za-z]+") == 1:
        return 0.2, "the cells are yes or no"
    if column.type == "date" or column.share(rf"{TELEPHONE}|{E_MAIL}") > 0.5:
        return 0.2, "the cells are no identifiers"
    if found.name == "organization_id" and column.unique > 0.9 and column.filled > 20:
        return EACH_ANOTHER, "nearly each row has another, as rows of students have not"
    spaced = column.share(r"\S+ +\S.*")
    if found.name == "person_identifier" and spaced > 0.5:
        return 0.75, "many cells have blanks"
    if found.name == "person_identifier" and column.filled > 20 and column.distinct < 4:
        return 0.5, "few different values"
    return 1.0, f"{column.distinct:,} different values" if found.name == "person_identifier" else ""


def _fits_codes(column: ColumnProfile, found: Element) -> tuple[float, str]:
    name = code_set(found)
    if not name:  # an open list
        return (1.0, "") if column.type != "date" else (0.3, "the cells are dates")
    if column.type == "date":
        return 0.2, "the cells are dates"
    if found.name == "race" and column.share(r"[YN01]{5,7}") > 0.9:
        return 1.0, "yes or no for each of several races"
    total = sum(column.values.values())
    top = list(column.values.items())[:MOST]
    known = sum(n for text, n in top if code_for(found, text) is not None) / total
    if known >= 0.5:
        return 1.0, f"{_percent(known)} of the cells have a code of {name}"
    if name == GRADES:
        return (0.35, "few cells are grade levels") if known < 0.2 else (0.8, "some cells are grade levels")
    if column.distinct > 150 or (column.unique > 0.6 and column.filled > 20):
        return 0.4, "too many different values for codes"
    if set(codes_of(found) or ()) == {"Yes", "No"} and column.distinct > (6 if known else 3):
        return 0.6, "more values than yes and no"
    if not known and column.share_in((*TRUE, *FALSE)) > 0.9:
        return 0.75, f"the cells are yes or no, which are no codes of {name}"
    if not known and name in STATES:
        return 0.7, "no cell is the abbreviation of a State"
    if not known and (column.type == "number" or (column.type == "whole number" and column.distinct > 8)):
        return 0.85, "the cells are numbers"
    return 0.93, f"{column.distinct:,} codes, {_percent(known)} of the cells known in {name}"


STATES = frozenset({"C000267", "C000427"})  # lists that every system uses as they are
LETTER_GRADES = r"[A-Fa-f][+-]?|P|NP|INC?|W|S|U|\d{1,3}(\.\d+)?( ?[A-F][+-]?)?"


def _fits_text(column: ColumnProfile, found: Element) -> tuple[float, str]:
    kind = found.name
    if column.type == "date" and kind in ("telephone_number", "electronic_mail_address"):
        return 0.2, "the cells are dates"
    if column.type == "yes or no" and kind.endswith(("name", "surname")):
        return 0.2, "the cells are yes or no"
    if found.path in ("person.first_name", "person.last_or_surname", "person.middle_name") or kind.endswith(("first_name", "surname", "last_name")):  # fmt: skip
        share, words = column.share(r"[^\d@]+"), column.share(r"[^@]*[^\W\d_][^@]*")
        if column.type == "date" or words < 0.8:
            return 0.3, "the cells are not names"
        return (1.0, "the cells are words") if share > 0.9 else (0.9, "the cells have letters")
    if column.type == "yes or no" and column.share("[A-Za-z]+") == 1 and kind != "response_value":
        return 0.4, "the cells are yes or no"
    if kind == "electronic_mail_address":
        return (
            (1.0, "e-mail addresses")
            if column.share(r"\S+@\S+") > 0.8
            else (0.4, "few cells are e-mail addresses")
        )
    if kind == "telephone_number":
        return (1.0, "telephone numbers") if column.share(r"[+(]?[\d][\d\s().x/-]{6,22}") > 0.8 else (0.5, "few cells are telephone numbers")  # fmt: skip
    if kind == "address_postal_code":
        return (
            (1.0, "ZIP codes")
            if column.share(r"\d{4,5}(-?\d{4})?") > 0.8
            else (0.5, "few cells are ZIP codes")
        )
    if kind == "school_year":
        share = column.share_that(lambda text: ending_year(text) is not None)
        if share <= 0.8 and column.share(r"\d{2}|\d{4}") > 0.9:
            return 0.75, "the cells may be years in short"
        return (1.0, f"{_percent(share)} read as school years") if share > 0.8 else (0.4, "few cells are school years")  # fmt: skip
    if kind in ("cohort_graduation_year", "cohort_year"):
        return (1.0, "years") if column.share(r"(19|20)\d{2}") > 0.8 else (0.5, "few cells are years")
    if kind == "student_course_section_grade_earned":
        grades = element("school_enrollment.entry_grade_level")
        total = sum(column.values.values())
        levels = sum(n for text, n in column.values.items() if code_for(grades, text) is not None) / total
        if levels > 0.9 and column.distinct <= 16:
            return 0.6, "the cells look like grade levels"
        return (1.0, "the cells are marks") if column.share(LETTER_GRADES) > 0.6 else (0.75, "")
    if (
        kind in ("course_identifier", "course_section_identifier")
        and column.share(r".*[^\W\d_]{4}.* .*") > 0.5
    ):
        return 0.85, "the cells are words"
    if kind == "assessment_identifier" and column.filled > 20:
        if column.unique > 0.9:
            return 0.4, "nearly each row has another, as the key of a row has"
        if column.share(r"\d") > 0.9:
            return 0.7, "the cells may count the times"
    if kind == "assessment_result_score_value":
        share = column.share(r"[<>]?[+-]?\d*\.?\d+%?L?|BR\d*L?|[A-Z+-]{1,3}\d*L?")
        return (1.0, "the cells are scores") if share > 0.7 else (0.7, "few cells are scores")
    if kind in ("assessment_performance_level_label", "assessment_title", "course_title", "referral_source") and column.type == "date":  # fmt: skip
        return 0.2, "the cells are dates"
    if column.type == "date":
        return 0.3, "the cells are dates"
    if kind == "local_education_agency_identifier" and column.share(r".*[^\W\d_]{3}.* .*") > 0.5:
        return 0.7, "the cells are names"
    if kind == "organization_name":
        return (0.97, "") if column.share(r".*[^\W\d_].*") > 0.8 else (0.6, "few cells are names")
    return 1.0, ""


def dates_of(column: ColumnProfile) -> DateForms | None:
    """How the dates of a column are written that is known to hold dates, numbers that mean a day included."""
    if column.dates is not None:
        return column.dates
    if (share := column.share(r"\d{12,13}")) > 0.8:
        return DateForms(("epoch_ms",), "milliseconds since 1970", share, weak=True)
    if (share := column.share(r"[1-6]\d{4}(\.\d+)?")) > 0.8:
        return DateForms(("excel",), "days of a workbook", share, weak=True)
    return None


# Elements whose cells tell them from nearly all others, where they are written in words.
TOLD = ("person.sex", "person_race.race", "person_language.iso_639_2_language_code", "guardian.person_relationship_type",
        "school_enrollment.entry_grade_level", "attendance_day.attendance_status")  # fmt: skip
E_MAIL = r"[^@\s]+@[^@\s]+\.[A-Za-z]+"
ANSWER = "survey_response.response_value"
LIKERT = (
    r"(?i)((strongly|somewhat|slightly|mostly) )?(dis)?agree( a (lot|little)| somewhat)?|neither.*|neutral|never|rarely|seldom|sometimes|often|usually|"
    r"almost (always|never)|always|once in a while|frequently|(not at all|a little( bit)?|somewhat|quite|very|extremely)( \w+)?|"
    r"(nunca|casi nunca|a veces|casi siempre|siempre)|(muy )?(de acuerdo|en desacuerdo)|(mostly|very) (true|false)"
)
# A question or a statement with which one agrees, perhaps with its number; the short ones are headings of another kind.
ASKED = r"(?i)\W*+(?:q?\w{0,4}\d+\w?[\s:.)_-]+)?(?:(?:i|my|i'm|at|in|on|how|when|what|which|do|does|did|is|are|have|has|would|people|adults|students|teachers|there|the|this|these|because|overall)\b(?:\W++\w++){3}|.*(?:\W++\w++){3}\?\W*$)"
TELEPHONE = r"[+(]?1?[ .-]?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"


def tells(column: ColumnProfile, found: Element, least: float = 0.9) -> bool:
    """Whether cells like these stand in few columns but those of the element, so that they speak for a heading that is only like a name. `least`: the
    share of cells whose code is known."""
    if found.name in ("electronic_mail_address", "telephone_number"):
        return True
    if found.path in (SCORE, TESTED):
        right = column.type == "date" if found.path == TESTED else column.share(r"\d{1,4}(\.\d+)?") > 0.9
        return right and bool(TESTS & {*words_of(column.name)})
    codes = codes_of(found) if found.type == "code" and code_set(found) else None
    if not codes or {"Yes", "No"} == {*codes} or column.distinct > MOST:
        return False
    if code_set(found) == GRADES and "grade" not in words_of(column.name) and column.share(r"\d{1,2}") > 0.5:
        return False  # numbers count many things
    if found.name == "assessment_academic_subject":
        return False  # courses and tutors have subjects, too
    return column.distinct > 1 and column.share_that(lambda text: code_for(found, text) is not None) >= least


def _by_cells(column: ColumnProfile) -> list[ElementCandidate]:
    """What the cells alone tell, where the heading says nothing."""
    words = {*words_of(column.name)}
    path, why = _told_by_cells(column, words) or ("", "")
    return (
        [ElementCandidate(HeadingMatch(path, BY_CELLS, ""), 1.0, why, told=path != PERSON_KEY)]
        if path
        else []
    )


def _told_by_cells(column: ColumnProfile, words: set[str]) -> tuple[str, str] | None:
    if not column.sampled:
        return None
    if column.share(LIKERT) > 0.9 or (column.distinct <= 12 and re.match(ASKED, column.name[:LONGEST])):
        return ANSWER, "a question, and few different answers"
    if column.share(E_MAIL) > 0.9:
        return "person_contact.electronic_mail_address", "the cells are e-mail addresses"
    if column.share(TELEPHONE) > 0.9:
        return "person_contact.telephone_number", "the cells are telephone numbers"
    in_words = column.share(r"[A-Za-z][^\d]+|\d{1,2}(st|nd|rd|th)( [Gg]rade)?") == 1
    if in_words or {text.upper() for text in column.values} <= {"M", "F", "X", "N", "U"}:
        for path in TOLD:
            if tells(column, element(path)) and (in_words or path == "person.sex"):
                return path, f"the cells have codes of {code_set(element(path))}"
    of_a_score = TESTS & words or any(
        alike(last) in ("score", "percentile") for last in words_of(column.name)[-1:]
    )
    if of_a_score and column.share(r"\d{1,4}(\.\d+)?") > 0.9:
        return SCORE, "the heading names a test or a score, and the cells are numbers"
    keys = column.distinct > 1 and column.share(r"[\w./-]*\d[\w./-]*") > 0.95
    if keys and KEY_WORDS & words and not KEYED & words and len(words) <= 3:
        return PERSON_KEY, "the cells look like keys of records"
    return None

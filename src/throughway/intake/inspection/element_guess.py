"""What one column is: of the elements that it may be, the one that the rest of the file speaks for.

A guess has a confidence from 0 to 1 and a reason in words. Below SURE it is a doubt, which a person answers before anything is loaded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from throughway.intake.inspection.code_guess import CodeGuess, codes_shown
from throughway.intake.inspection.column_profile import ColumnProfile, DateForms
from throughway.intake.inspection.element_fit import LEAST, SURE, ElementCandidate, dates_of
from throughway.intake.inspection.file_theme import (
    CLOSE,
    IDENTITY,
    LEAD,
    PREFERRED,
    says_one_word,
    standing_of,
)
from throughway.intake.inspection.heading_words import PERSONS, SENSITIVE_WORDS, SLIGHT, VAGUE, words_of
from throughway.intake.inspection.headings import NOTHING, WHOLE_NAME
from throughway.vocabulary import Element, code_set, element

# Whole names of which a crosswalk can read the parts: `Last, First`; in the order of speech, whose last name has as many words as somebody must
# say; and what was said.
NamesWritten = Literal["", "Last, First", "First Last", "1", "2"]
ALIKE = 0.1  # elements between which what an agreement needs decides
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


def guess_of(
    column: ColumnProfile, known: Sequence[ElementCandidate], themes: Mapping[str, float]
) -> ElementGuess:
    ranked = sorted(known, key=lambda c: (-c.score * standing_of(c, themes), c.table not in PREFERRED))
    if not ranked or ranked[0].score * standing_of(ranked[0], themes) < LEAST:
        if PERSONS.issuperset(words_of(column.name)) and column.share(r"[^\W\d_]+,? +[^\d]+") > 0.8:
            return _whole_names(column, 0.7)  # `Child`
        return no_element(column, 0.6 if column.filled else 0.85, _unknown(column, ranked))
    best = ranked[0]
    if themes.get(best.table, 0.0) < LEAD and best.table not in IDENTITY:  # `Timestamp` of no survey
        best = next(
            (c for c in ranked if c.match.element == NOTHING and c.match.score >= best.match.score), best
        )
    alone = best.table not in IDENTITY | PREFERRED and themes.get(best.table, 0.0) < LEAD and not best.told
    if (
        alone
        and best.match.element not in (NOTHING, WHOLE_NAME)
        and says_one_word(best)
        and max((v for t, v in themes.items() if t not in IDENTITY), default=0.0) >= 2
    ):
        return no_element(column, 0.6, f"{_known_as(best)} of something that the file is not about")  # `Role`
    if best.match.element == NOTHING:
        confidence = 0.95 if best.match.score >= SURE else 0.7
        return no_element(column, confidence, f"{_known_as(best)}: the vocabulary has no element for it")
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
    return replace(no_element(column, confidence, told), identifier=True, sensitive="a name", names=written)


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


def no_element(column: ColumnProfile, confidence: float, reason: str) -> ElementGuess:
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
    standing = standing_of(best, themes)
    rivals = [
        c for c in others
        if c.match.element and c.match.element != WHOLE_NAME and c.match.element.partition(".")[2] != found.name
        and best.score * standing - c.score * standing_of(c, themes) < CLOSE
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
    if says_one_word(best):
        return not best.told and any(vote > own + LEAD for vote in rest)
    return any(vote > 2 * (own + 1) for vote in rest)


def _rival_words(rivals: Sequence[ElementCandidate]) -> str:
    return f"it may also be {' or '.join(c.match.element for c in rivals[:3])}" if rivals else ""

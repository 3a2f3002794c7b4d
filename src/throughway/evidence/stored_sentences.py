"""Sentences that are stored with findings in English, read back into their forms and values, so that they can be said in another language.

A release keeps what was registered, and what its sentences say of days and shares is stored nowhere else. A form stays here when the program
no longer writes it: findings of earlier versions hold it. `tests/evidence/test_spanish_finding.py` holds the forms against the code that
writes the sentences.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import cache

from throughway.evidence.said import Said, Value, joined

# What a place holds, by its name; any other holds a figure.
DAYS = frozenset({"day", "first", "last", "zero", "since"})
TYPED = frozenset({"partner", "typed", "release"})
LISTS = frozenset({"groups", "bases", "tables"})
CLAUSES = frozenset({"years"})  # several, with semicolons between them
PHRASES = frozenset({"what", "side", "why", "doubt", "unit", "questions", "when", "domain", "word", "wait"})
FIGURE = r"[+−≤≥<]?\d[\d.,–-]*%?"
DAY = r"\d{1,2} [A-Z][a-z]+ \d{4}"

BEFORE = "Before it was registered, people of %(partner)s had read the outcome in %(questions)s that showed rows, %(when)s"
EARLIER_RELEASE = (
    "because the figures of today would differ in fewer than %(required)s students and so tell about them"
)
# The forms with places, beside those of several where a count may be one; a sentence without places is a key of the catalog as it is.
FORMS: tuple[tuple[str, ...], ...] = (
    # How it was made.
    ("Both groups drew before the program began. Outcomes are counted after time zero: %(years)s.",),
    ("One day for both groups: %(years)s.",),
    ("in %(year)s the program began on %(first)s, and time zero is %(zero)s",),
    ("Comparison students are seen under %(bases)s.",),
    ("Of %(groups)s only those are seen whose families agreed; families who agree differ from others, and by how much is not known.",),
    ("%(share)s of ten or more of the program’s records are recognized as a student of another partner.",),
    ("If all of them stood with the comparison students, the true effect would be up to %(share)s larger.",),
    # What the program cannot have moved.
    ("%(what)s, which the program cannot have moved: %(estimate)s %(unit)s, with an interval from %(low)s to %(high)s.",),
    ("%(what)s, which the program cannot have moved: %(why)s.",),
    # Why the word is this one, and why there is no figure.
    ("It carries no verdict, because %(doubt)s.",),
    ("the placebo “%(what)s” moved, which the program cannot have done",),
    ("the comparison rests on few students: after weighting they say as much as fewer than %(least)s",),
    ("more than %(share)s of the participants have nobody like them in the comparison group and are left out",),
    ("the groups are more than %(apart)s standard deviations apart in the baseline",),
    ("so many are lost, and those left were more than %(apart)s standard deviations apart before",),
    ("there is one time before the start, and the groups were more than %(apart)s standard deviations apart then",),
    ("A difference was found, but of %(findings)s findings on this program in this domain one can differ by chance, and allowing for their number (Benjamini and Hochberg, 5%%) it does not stand.",),
    ("An earlier version of this software said “%(word)s”. The design, and the effect as it is shown, earn this word.",),
    ("The effect is %(why)s.",),
    ("withheld, because together with release %(release)s it would tell of fewer than %(least)s students",),
    ("withheld, because together with another finding it would tell of fewer than %(least)s students",),
    ("The study looked, and at least one of these groups is %(why)s, so none is shown.",),
    ("There are too few %(what)s %(side)s: fewer than %(least)s do not carry an estimate; wait for another year, or join sites.",),
    ("Fewer than %(least)s students differ from all others in the outcome, so no difference can be told from chance; choose an outcome that varies.",),
    ("The students are in too few groups of the column cluster: an error that allows for them needs at least %(least)s.",),
    ("Fewer than %(least)s students lie near the cut-off on one side, and they do not carry an estimate.",),
    # Who was compared.
    ("stayed %(days)s days or more",),
    ("began, and stayed less than %(days)s days",),
    ("grades %(from)s to %(to)s",),
    ("grade %(from)s",),
    # Whether outcomes were read before.
    (f"{BEFORE}; none of them read who takes part in a program too.",),
    (f"{BEFORE}; %(many)s of them read who takes part in a program too, so a comparison may have been seen.",),
    ("Before it was registered, nobody of %(partner)s had seen rows with the outcome here.",),
    ("Reports had read it in %(questions)s, of which only protected figures leave.",),
    ("%(many)s questions",),
    ("on %(day)s",),
    ("between %(first)s and %(last)s",),
    # Beside other findings.
    ("It is the only finding on this program and %(domain)s here.",),
    ("There are %(findings)s findings on this program and %(domain)s here, of other outcomes, years, students or specifications.",),
    # The rule.
    ("An effect is shown for %(fewest)s or more students on each side, where %(least)s or more of them have an outcome above the lowest and below the highest and no student’s outcome stands out.",),
    ("No two effects on one outcome are shown whose students differ in fewer than %(least)s on a side.",),
    # Notes of the release.
    ("Records of %(partner)s are not joined with those of others here: no purpose of kind linkage in effect serves %(typed)s for them, so a query that joins their students finds nobody.",),
    ("How many records of %(partner)s are linked to no other partner’s record is withheld.",),
    ("%(share)s of the records of %(partner)s are linked to no other partner’s record, so these students cannot be followed between partners.",),
    ("%(tables)s: as published in release %(release)s of %(since)s, " + EARLIER_RELEASE + ".",),
    ("%(tables)s: as published in release %(release)s of %(since)s, " + EARLIER_RELEASE + " together with the table %(typed)s from outside.",),
    ("%(tables)s: as published in release %(release)s of %(since)s, " + EARLIER_RELEASE + " together with the tables %(typed)s from outside.",),
    ("No day is set for new figures: they come with the first report in which %(required)s or more students have changed.",),
    (
        "%(many)s count withheld, because together with release %(release)s they would tell about fewer than %(required)s students.",
        "%(many)s counts withheld, because together with release %(release)s they would tell about fewer than %(required)s students.",
    ),
    (
        "%(many)s count withheld, because together with releases %(release)s they would tell about fewer than %(required)s students.",
        "%(many)s counts withheld, because together with releases %(release)s they would tell about fewer than %(required)s students.",
    ),
    (
        "%(many)s figure withheld, because other figures of this release differ from it in fewer than %(required)s students.",
        "%(many)s figures withheld, because other figures of this release differ from them in fewer than %(required)s students.",
    ),
    (
        "%(many)s count withheld, because together with the table %(typed)s from outside they would tell about fewer than %(required)s students.",
        "%(many)s counts withheld, because together with the table %(typed)s from outside they would tell about fewer than %(required)s students.",
    ),
    (
        "%(many)s count withheld, because together with the tables %(typed)s from outside they would tell about fewer than %(required)s students.",
        "%(many)s counts withheld, because together with the tables %(typed)s from outside they would tell about fewer than %(required)s students.",
    ),
    (
        "%(many)s range says no more than follows from the figures that are shown.",
        "%(many)s ranges say no more than follows from the figures that are shown.",
    ),
    ("Left out, because it could not be protected together with the other tables: %(tables)s.",),
    ("Left out, because they could not be protected together with the other tables: %(tables)s.",),
    # Above a release that is not public.
    ("Not public before %(day)s.",),
    ("Withdrawn on %(day)s: %(typed)s Its figures are no longer shown.",),
)  # fmt: skip
# A sentence may begin after one that ended.
BETWEEN = re.compile(r"(?<=[.!?…]) (?=\S)")


class StoredSentences:
    """Reads stored sentences. `known`: whether a word, or a sentence without places, can be said in the other language."""

    def __init__(self, known: Callable[[str], bool]) -> None:
        self.known = known

    def parts(self, text: str) -> list[Said | str]:
        """The text in parts that are read, and, as texts, those that are not. The longest are read first."""
        cuts = [0, *(found.end() for found in BETWEEN.finditer(text))]
        parts: list[Said | str] = []
        at = 0
        while at < len(cuts):
            for end in range(len(cuts), at, -1):
                piece = text[cuts[at] : cuts[end] if end < len(cuts) else None].rstrip(" ")
                if found := self.read(piece):
                    parts.append(found)
                    break
            else:
                end = at + 1
                unread = text[cuts[at] : cuts[end] if end < len(cuts) else None].rstrip(" ")
                if parts and isinstance(parts[-1], str):
                    unread = f"{parts.pop()} {unread}"
                parts.append(unread)
            at = end
        return parts

    def read(self, text: str) -> Said | None:
        """The text as one form with its values; None where it is none."""
        if self.known(text):
            return Said(text)
        for form in FORMS:
            for which in form:
                if _surest(which) in text and (values := self._values(which, text)) is not None:
                    return Said(form[0], values, form[-1] if len(form) > 1 else "")
        return None

    def _values(self, form: str, text: str) -> dict[str, Value] | None:
        found = _pattern(form).fullmatch(text)
        values: dict[str, Value] = {}
        for name, part in found.groupdict().items() if found else ():
            value = self._value(name, part)
            if value is None:
                return None
            values[name] = value
        return values if found else None

    def _value(self, name: str, text: str) -> Value | None:
        if name in DAYS:
            return _day(text)
        if name in CLAUSES:
            return self._clauses(text)
        if name in LISTS:
            return self._list(text)
        if name in PHRASES:
            return self.read(text) or self._unended(text)
        if name == "many":
            return int(text.replace(",", ""))
        return text

    def _unended(self, text: str) -> Said | None:
        """A sentence that stands without its period within another."""
        found = self.read(f"{text}.")
        return replace(found, open=True) if found else None

    def _clauses(self, text: str) -> Said | None:
        found = [self.read(each) for each in text.split("; ")]
        read = [each for each in found if each]
        return joined(read, "; ") if len(read) == len(found) else None

    def _list(self, text: str) -> tuple[Said, ...] | None:
        """`a, b and c`, each of them known; a name may hold an `and` itself."""
        if found := self.read(text):
            return (found,)
        for cut in re.finditer(r", | and |; ", text):
            if (first := self.read(text[: cut.start()])) and (rest := self._list(text[cut.end() :])):
                return (first, *rest)
        return None


PLACES = re.compile(r"%\((\w+)\)s")


@cache
def _pattern(form: str) -> re.Pattern[str]:
    parts = PLACES.split(form)
    pattern = ""
    for number, part in enumerate(parts):
        if number % 2 == 0:
            pattern += re.escape(part.replace("%%", "%"))
        else:
            pattern += f"(?P<{part}>{_shape(part)})"
    return re.compile(pattern)


@cache
def _surest(form: str) -> str:
    """The longest text between two places: whoever lacks it is not of the form."""
    return max(PLACES.split(form)[::2], key=len).replace("%%", "%")


def _shape(place: str) -> str:
    if place in DAYS:
        return DAY
    if place == "side":
        return "in the program|in the comparison group"
    if place in TYPED | LISTS | CLAUSES | PHRASES:
        return ".+?"
    return r"[A-Z0-9][A-Z0-9]" if place in ("from", "to") else FIGURE


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%d %B %Y").date()
    except ValueError:
        return None

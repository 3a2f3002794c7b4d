"""The page that the protected tables of needs make: the finding, what to talk about, and the tables in words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from throughway.core.prose import capital, counted, listed, school_year
from throughway.insight.needs.statuses import STATUS_OF, Helped, NeedStatus
from throughway.insight.needs.tables import (
    ANY,
    ANY_RULE,
    ASKED_FOR,
    BY_RULE,
    HAS,
    HAS_NOT,
    HELPED,
    NEED,
    NOT_SERVED,
    OTHERWISE,
    PARTNER,
    REASON,
    SAID,
    SAID_BY,
    SCHOOL,
    STATUS,
    UNTOLD,
    YEAR,
    NamedNeed,
)
from throughway.insight.reports.page import (
    NOT_TOLD,
    ReportColumn,
    ReportPage,
    ReportRow,
    ReportSection,
    Shown,
    by_reason,
)
from throughway.measures.needs import RECORDED_HELP, Need, shipped
from throughway.publication import ProtectedTable
from throughway.publication.shown_figures import count_between, out_of
from throughway.publication.tables import Place, place

MOST_TALK = 3
OPEN = (NeedStatus.WAITING, NeedStatus.UNANSWERED, NeedStatus.ENDED, NeedStatus.DECLINED, NeedStatus.ASKED, NeedStatus.NEVER)  # fmt: skip
NOTHING_TOLD = "What became of them is withheld, because it would reveal a few."
TOO_FEW = "Nobody, too few students to show any figure, or figures that would reveal a few; which of these is not said."


class _Cells:
    """The protected figures of a release by place."""

    def __init__(self, tables: Sequence[ProtectedTable]) -> None:
        self.by_place: dict[Place, Shown] = {place(c.at): c.shown for table in tables for c in table.cells}
        self.tables = tables

    def __contains__(self, at: Mapping[str, str]) -> bool:
        return place(at) in self.by_place

    def at(self, at: Mapping[str, str]) -> Shown:
        return self.by_place.get(place(at))

    def told(self, at: Mapping[str, str]) -> Shown:
        """The figure; a dash where the records cannot tell it."""
        return self.at(at) if at in self else NOT_TOLD

    def values(self, dimension: str) -> list[str]:
        """The values of a dimension, in the order of the tables."""
        return list(dict.fromkeys(c.at[dimension] for t in self.tables for c in t.cells if dimension in c.at))


def need_page(about: Mapping[str, Any], tables: Sequence[ProtectedTable]) -> ReportPage:
    """The page of a release. `about`: what it stores besides figures."""
    cells = _Cells(tables)
    needs = _named(about)
    year, without = _most_without(about, cells)
    return ReportPage(
        headline=_headline(year, without) or _size(year, needs, cells),
        lead="Of students with a need: who is served, who waits, who got no answer, and who was never referred. A reason to talk, not a verdict.",
        talk=need_talk(about, tables)
        or ["No number of students without help can be shown. Ask each partner who waits, and since when."],
        sections=[section for section in _sections(about, needs, cells, year, without) if section.rows],
        method=about["method"],
        absent=[(each["what"], each["why"]) for each in about["absent"]],
    )  # fmt: skip


def limits(needs: Iterable[Need]) -> list[str]:
    """What the rules of need do not tell, in sentences: how old a test may be, and whose help is not counted."""
    of_age = by_reason((f"“{capital(need.words)}”", sentence) for need in needs for sentence in need.limits)
    return [*(f"{listed(names)}: {sentence}" for sentence, names in of_age), RECORDED_HELP]


def _limits(about: Mapping[str, Any]) -> list[str]:
    """Those of a release; of an earlier one, which does not have them, those of the rules that come with the program."""
    names = {each["name"] for each in about["needs"]}
    found: list[str] = about.get("limits") or limits(
        need for need in shipped().needs if capital(need.words) in names
    )
    return found


def need_talk(about: Mapping[str, Any], tables: Sequence[ProtectedTable]) -> list[str]:
    """What to talk about, in sentences; empty where no number of students without help is shown."""
    year, without = _most_without(about, _Cells(tables))
    found = without[:MOST_TALK]
    asked = [status for _, _, status in found]
    return [_talk(year, *each, asks=each[2] not in asked[:n]) for n, each in enumerate(found)]


def need_of_group(about: Mapping[str, Any], tables: Sequence[ProtectedTable], kind: str, name: str) -> str:
    """How many with a need in the records were not served, of one school, district or other group beside all; empty where it is not shown."""
    cells, year = _Cells(tables), about["year"]
    own = _not_served(year, ANY_RULE, cells, {kind: name})
    every = _not_served(year, ANY_RULE, cells, {})
    if not own:
        return ""
    beside = f"; of all students {every}" if every else ""
    return f"{name}: {own} students with a need in the records were not served for at least one need, {school_year(int(year))}{beside}."


def _not_served(year: object, need: str, cells: _Cells, group: Mapping[str, str]) -> str:
    """`427 of 466`, or `at least 5 of 61`; empty where either is withheld, or none may be the number."""
    at = {YEAR: str(year), NEED: need, **group}
    return out_of(cells.at({**at, HELPED: NOT_SERVED}), cells.at(at))


def _named(about: Mapping[str, Any]) -> list[NamedNeed]:
    return [NamedNeed(n["name"], n["found_by"], tuple(n["years"])) for n in about["needs"]]


def _most_without(
    about: Mapping[str, Any], cells: _Cells
) -> tuple[int, list[tuple[int, NamedNeed, NeedStatus]]]:
    """The school year that is talked about, and its numbers of students without help: the last whole year, or else another that shows any."""
    needs, last = _named(about), int(about["year"])
    years = [last, *sorted({year for need in needs for year in need.years} - {last}, reverse=True)]
    found = ((year, _without(year, needs, cells)) for year in years)
    return next((each for each in found if each[1]), (last, []))


def _without(year: int, needs: Sequence[NamedNeed], cells: _Cells) -> list[tuple[int, NamedNeed, NeedStatus]]:
    """The numbers of students without help that are shown of a school year, the most students first."""
    found = [
        (n, need, status)
        for need in needs
        if year in need.years
        for status in OPEN
        if isinstance(n := cells.at(_place(year, need.name, status)), int) and n
    ]
    return sorted(found, key=lambda one: -one[0])


def _place(year: int, need: str, status: NeedStatus | None = None) -> dict[str, str]:
    return {YEAR: str(year), NEED: need} | ({STATUS: str(status)} if status else {})


def _headline(year: int, without: Sequence[tuple[int, NamedNeed, NeedStatus]]) -> str:
    if not without:
        return ""
    n, need, status = without[0]
    return f"{need.name}: in {school_year(year)}, {n:,} students {SENTENCES[status]}"


def _size(year: int, needs: Sequence[NamedNeed], cells: _Cells) -> str:
    """The finding where no number of students without help is shown of a need: that of all needs, else the need that most students have."""
    when = school_year(year)
    if not_served := _not_served(year, ANY_RULE, cells, {}):
        return f"In {when}, {not_served} students with a need in the records were not served for at least one need"
    known = [
        (n, need.name) for need in needs if isinstance(n := cells.at(_place(year, need.name)), int) and n
    ]
    if not known:
        return f"How many students go without help in {when} is withheld"
    n, name = max(known)
    return f"{name}: {counted(n, 'student')} in {when}; how many go without help is withheld"


SENTENCES: Mapping[NeedStatus, str] = {
    NeedStatus.WAITING: "wait for a place",
    NeedStatus.UNANSWERED: "have no answer",
    NeedStatus.ENDED: "were turned away before help began",
    NeedStatus.DECLINED: "were not helped because the family declined",
    NeedStatus.ASKED: "asked for help and are not served",
    NeedStatus.NEVER: "were never referred, as far as the records tell",
}
QUESTIONS: Mapping[NeedStatus, str] = {
    NeedStatus.WAITING: "Where is a place free, and who decides on more?",
    NeedStatus.UNANSWERED: "Who answers, and by when?",
    NeedStatus.ENDED: "Is it the language, the form or the rule that stops them?",
    NeedStatus.DECLINED: "What do families say they would rather have?",
    NeedStatus.ASKED: "Where do they wait, and for whom?",
    NeedStatus.NEVER: "Who could have offered help, and did they know of it?",
}


def _talk(year: int, n: int, need: NamedNeed, status: NeedStatus, *, asks: bool) -> str:
    """`asks`: with its question, which stands once on a page."""
    question = f" {QUESTIONS[status]}" if asks else ""
    return f"{need.name}: {n:,} students {SENTENCES[status]}, in {school_year(year)}.{question}"


WITHOUT = (NeedStatus.UNANSWERED, NeedStatus.ASKED, NeedStatus.NEVER)
SHOWN: Mapping[str, tuple[NeedStatus, ...]] = {
    ASKED_FOR: tuple(s for s in NeedStatus if s is not NeedStatus.ASKED),
    BY_RULE: (NeedStatus.SERVED, NeedStatus.ASKED, NeedStatus.NEVER, NeedStatus.UNKNOWN),
}


FOUND: Mapping[str, tuple[str, str]] = {
    ASKED_FOR: ("Help that was asked for", "By a referral, an application to a program, a need that a person noted, or an answer to a survey."),
    BY_RULE: ("Needs that the records show", "By the community’s rules of need, whether or not anybody asked for help."),
}  # fmt: skip


def _sections(
    about: Mapping[str, Any],
    needs: Sequence[NamedNeed],
    cells: _Cells,
    talked: int,
    without: Sequence[tuple[int, NamedNeed, NeedStatus]],
) -> Iterator[ReportSection]:
    """`talked`, `without`: the year and the numbers that the headline is about, which come first."""
    yield _over_all(about["year"], cells)
    years = sorted({year for need in needs for year in need.years}, key=lambda year: (year != talked, -year))
    first = without[0][1].found_by if without else ASKED_FOR
    for year in years:
        for found_by in sorted(FOUND, key=lambda found_by: found_by != first):
            title, words = FOUND[found_by]
            more = _limits(about) if found_by == BY_RULE else []
            columns = [
                ReportColumn("students"),
                *(
                    ReportColumn(
                        str(each), part=True, strong=each in WITHOUT, unknown=each is NeedStatus.UNKNOWN
                    )
                    for each in SHOWN[found_by]
                ),
            ]
            rows = [
                _row(need.name, _figures(_place(year, need.name), SHOWN[found_by], cells))
                for need in needs
                if need.found_by == found_by and year in need.years
            ]
            yield ReportSection(f"{found_by}-{year}", f"{title}, {school_year(year)}", [words, *more], "Need", columns, rows)  # fmt: skip
    year = about["year"]
    yield _ended(year, cells)
    yield _asked_partners(year, cells)
    for kind in reversed(about["groups"]):
        yield _of_kind(year, kind, cells)
    yield _coverage(year, needs, cells)


def _row(name: str, figures: tuple[Shown, ...]) -> ReportRow:
    """A row; in one sentence where none of its figures can be shown, or its number of students alone."""
    every, *parts = figures
    if any(map(_says, parts)):
        return ReportRow(name, figures)
    if isinstance(every, int) and every:
        return ReportRow(f"{name} ({counted(every, 'student')})", why=NOTHING_TOLD)
    return ReportRow(name, why=TOO_FEW)


def _says(shown: Shown) -> bool:
    """Whether a figure says more than that it may be none."""
    return shown not in (None, NOT_TOLD) and (isinstance(shown, int) or count_between(shown)[0] > 0)


def _figures(at: Mapping[str, str], statuses: Iterable[NeedStatus], cells: _Cells) -> tuple[Shown, ...]:
    return cells.at(at), *(cells.told({**at, STATUS: str(status)}) for status in statuses)


def _ended(year: int, cells: _Cells) -> ReportSection:
    rows = [
        ReportRow(reason, (cells.at({YEAR: str(year), REASON: reason}),)) for reason in cells.values(REASON)
    ]
    return ReportSection(
        "ended", f"Why help ended before it began, {school_year(year)}",
        ["From the reasons in referrals and applications, whatever was asked for. Those whom the family’s own choice ended are counted above."],
        "Reason", [ReportColumn("students", part=True, strong=True)], rows,
    )  # fmt: skip


def _asked_partners(year: int, cells: _Cells) -> ReportSection:
    statuses = [status for status in NeedStatus if status in STATUS_OF.values()]
    columns = [
        ReportColumn("students"),
        *(
            ReportColumn(
                str(s), part=True, strong=s is NeedStatus.UNANSWERED, unknown=s is NeedStatus.UNKNOWN
            )
            for s in statuses
        ),
    ]
    rows = []
    for name in cells.values(PARTNER):
        at = {YEAR: str(year), PARTNER: name}
        if at in cells:
            rows.append(_row(name, (cells.at(at), *(cells.at({**at, STATUS: str(s)}) for s in statuses))))
    return ReportSection(
        "partners", f"What became of those who asked a partner, {school_year(year)}",
        ["A student who asked several times counts once for each partner, by the furthest that any of these came. A partner that is asked for "
         "one kind of help, and is alone asked for it, has no row: what became of that help is told above."], "Partner", columns, rows,
    )  # fmt: skip


def _statuses(kind: str) -> Sequence[str]:
    return (NOT_SERVED, OTHERWISE) if kind == SCHOOL else tuple(map(str, Helped))


def _helped_columns(kind: str = "") -> list[ReportColumn]:
    return [
        ReportColumn("students"),
        *(
            ReportColumn(h, part=True, strong=h == NOT_SERVED, unknown=h == Helped.UNKNOWN)
            for h in _statuses(kind)
        ),
    ]


def _over_all(year: int, cells: _Cells) -> ReportSection:
    """All needs together, which can be shown where a single need is of too few students."""
    rows = [row for need in ANY.values() if (row := _helped(year, need, cells)) is not None]
    return ReportSection(
        "all-needs", f"All needs together, {school_year(year)}",
        ["Each student once. Not served: at one need at least, whether somebody asked for help or nobody did.", RECORDED_HELP], "Need", _helped_columns(), rows,
    )  # fmt: skip


def _helped(year: int, need: str, cells: _Cells, kind: str = "", group: str = "") -> ReportRow | None:
    """A row of served, not served and not known, of all or of a group; None where the release has none."""
    at = {YEAR: str(year), NEED: need} | ({kind: group} if kind else {})
    if at not in cells:
        return None
    figures = (cells.at(at), *(cells.told({**at, HELPED: h}) for h in _statuses(kind)))
    return _row(f"{need}: {group}" if kind else need, figures)


def _of_kind(year: int, kind: str, cells: _Cells) -> ReportSection:
    """The groups of one kind, of those who asked for help, then of those with a need in the records."""
    rows = [
        row
        for need in ANY.values()
        for group in cells.values(kind)
        if (row := _helped(year, need, cells, kind, group)) is not None
    ]
    words = [
        "Not served: at one need at least. Groups differ in size: compare each number with the students of its own group."
    ]
    if kind == SCHOOL:
        words.append(
            "The school is the last of the school year. A school of which no figure can be shown has no row."
        )
        rows = [row for row in rows if row.why != TOO_FEW]
    return ReportSection(
        f"group-{kind.replace(' ', '-')}", f"By {kind}, {school_year(year)}", words, "Need and group", _helped_columns(kind), rows,
    )  # fmt: skip


def _coverage(year: int, needs: Sequence[NamedNeed], cells: _Cells) -> ReportSection:
    columns = [ReportColumn(words) for words in (HAS, HAS_NOT, UNTOLD)]
    rows = [
        ReportRow(
            need.name, tuple(cells.at({YEAR: str(year), SAID_BY: need.name, SAID: c.name}) for c in columns)
        )
        for need in needs
        if need.found_by == BY_RULE and year in need.years
    ]
    return ReportSection(
        "coverage", f"Of how many students the records tell a need, {school_year(year)}",
        ["Of the students enrolled in the school year. Where the records do not say, a student may have the need or not."], "Need", columns, rows,
    )  # fmt: skip


def method(words: Sequence[str]) -> list[str]:
    """How needs are counted, in sentences. `words`: the needs by rule, in words."""
    return [
        f"A need that the records show is one of the community’s rules of need: {listed(words)}. It is a reason to ask the family, never a "
        "verdict and never a prediction. It counts for students enrolled in the school year.",
        "A need that was asked for is a referral, by a partner’s system or made on the site, an application to a program, a need that a "
        "person noted, or an answer to a survey that the rules name. What both a system and the site have counts once. A student counts once for each need and school year; one with several needs counts at each, so they do not add up.",
        "Served: the student took part in a program that answers the need, or had a service of it, in the same school year, before or after "
        "the need was found. An acceptance or a place on a list is not service. Of several referrals the one that came furthest counts.",
        "No referral on record is said only where every listed program that answers the need sent records of the school year, for all of "
        "its students. Otherwise such a student is counted as not known. A dash stands where the records cannot tell a status at all.",
        "Answers on topics that 20 USC 1232h(b) protects are never read for it.",
    ]  # fmt: skip

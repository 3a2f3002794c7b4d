"""The page of experiences, as read back from protected tables only: answers by survey and year, and by school beside its outcomes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from throughway.core.prose import counted, school_year
from throughway.insight.comments.section import comment_sections
from throughway.insight.experiences.counting import (
    ANSWER,
    CONSENTED,
    CONSTRUCT,
    FAVORABLE,
    NONE,
    OTHER,
    SCHOOL,
    SHARE,
    SURVEY,
    WITHOUT,
    YEAR,
)
from throughway.insight.reports.page import ReportColumn, ReportPage, ReportRow, ReportSection
from throughway.insight.trends.figures import TrendSeries
from throughway.insight.trends.intervals import Shown, interval_of
from throughway.insight.trends.page import WITHHELD
from throughway.publication import ProtectedTable
from throughway.publication.tables import Place, place

# Not favorable is no loss: it holds the middle answers, such as “sometimes”, so no part has the strong color.
COLUMNS = (
    ReportColumn("favorable", part=True), ReportColumn("not favorable", part=True), ReportColumn("no answer", part=True, unknown=True),
    ReportColumn("share favorable", percent=True), ReportColumn("interval"), ReportColumn("response rate", percent=True),
)  # fmt: skip
CONSENT_COLUMNS = (
    *COLUMNS[:3], ReportColumn("no consent", part=True, unknown=True), *COLUMNS[3:], ReportColumn("consented", percent=True),
)  # fmt: skip
SCHOOL_COLUMNS = (
    ReportColumn("share favorable", percent=True), ReportColumn("interval"), ReportColumn("response rate", percent=True),
)  # fmt: skip
BESIDE = ("reading", "math", "graduation")  # outcomes of the same school, as last published
METHOD = (
    "A student’s answers to one subject in one school year are averaged, and favorable from the number on that the community chose "
    "(trends.yaml). Not favorable are all other averages, the middle ones, such as of “sometimes”, with them. Shares are of those who answered; the response rate is of those who were asked.",
    "Those who were asked are the students of the schools and grades, or of the program, that the community named, on the first day of the "
    "survey. Answers of others, and of surveys without names, are not counted.",
    "An interval (95%, Wilson) says how far chance could move a share. It does not make up for those who did not answer, who may feel otherwise.",
    "Answers on a topic that 20 USC 1232h protects (PPRA) are counted only where the family’s written consent to that survey, or that of a "
    "student who holds the right, was in force on the day of the answer and is in force today. Their response rate is of those whose family "
    "consented. Where the agreements do not show which questions these are, the community has said of each other survey that it has none.",
    "Comments are read by a person, who says which themes they speak of. Students are counted by theme; no word of a comment is published.",
    "Answers stand beside a school’s outcomes to be talked about together. Nothing here says that one causes the other.",
)  # fmt: skip
Cells = Mapping[tuple[str, Place], Shown]


def experience_page(
    about: Mapping[str, Any], tables: Sequence[ProtectedTable], outcomes: Sequence[TrendSeries]
) -> ReportPage:
    """`outcomes`: the newest trends by school that are public; empty where there are none."""
    for table in tables:
        if not isinstance(table, ProtectedTable):
            raise TypeError("only protected tables can be reported")
    cells = {(c.statistic, place(c.at)): c.shown for table in tables for c in table.cells}
    # What has a figure comes first.
    every = [*_surveys(cells), *comment_sections(cells), *_schools(cells, outcomes)]
    sections = sorted(every, key=lambda each: not each.told)
    absent = [(each["what"], each["why"]) for each in about["absent"]]
    surveys = {at[SURVEY] for _, at in _places(cells)}
    return ReportPage(
        headline=_headline(cells),
        lead=f"{counted(len(surveys), 'survey')}, year after year, with how many of those who were asked answered.",
        talk=list(_talk(cells))[:3], sections=sections, method=METHOD, absent=absent,
    )  # fmt: skip


def _places(cells: Cells) -> Iterator[tuple[str, dict[str, str]]]:
    """The places of shares favorable."""
    for statistic, where in cells:
        at = dict(where)
        if statistic == "rate" and at.get(SHARE) == FAVORABLE:
            yield statistic, at


def _row(cells: Cells, at: Mapping[str, str]) -> tuple[Shown, ...]:
    """The figures of one place, by `COLUMNS`."""
    counts = [cells.get(("students", place({**at, ANSWER: answer}))) for answer in (FAVORABLE, OTHER, NONE)]
    interval = interval_of(counts[0], counts[1])
    share, answered = (cells.get(("rate", place({**at, SHARE: name}))) for name in (FAVORABLE, "answered"))
    return (*counts, share, interval.words if interval else None, answered)


def _by_consent(cells: Cells, at: Mapping[str, str]) -> bool:
    """Whether the subject at this place is a protected topic, counted by consent."""
    return ("students", place({**{k: v for k, v in at.items() if k != SHARE}, ANSWER: WITHOUT})) in cells


def _consent_row(cells: Cells, at: Mapping[str, str]) -> tuple[Shown, ...]:
    """The figures of one place, by `CONSENT_COLUMNS`."""
    plain = _row(cells, at)
    without, consented = (
        cells.get(("students", place({**at, ANSWER: WITHOUT}))),
        cells.get(("rate", place({**at, SHARE: CONSENTED}))),
    )
    return (*plain[:3], without, *plain[3:], consented)


def _surveys(cells: Cells) -> Iterator[ReportSection]:
    found: dict[tuple[str, bool], list[dict[str, str]]] = {}
    for _, at in _places(cells):
        if SCHOOL not in at:
            of_one = found.setdefault((at[SURVEY], _by_consent(cells, at)), [])
            of_one.append({k: v for k, v in at.items() if k != SHARE})
    for n, ((survey, by_consent), listed) in enumerate(
        sorted(found.items(), key=lambda one: (one[0][1], -_most(cells, one[1]), one[0])), 1
    ):
        listed.sort(key=lambda at: (at[CONSTRUCT], at[YEAR]))
        rows = []
        for at in listed:
            name = f"{at[CONSTRUCT]}, {school_year(int(at[YEAR]))}"
            figures = (_consent_row if by_consent else _row)(cells, at)
            shown = any(isinstance(figure, int) for figure in figures)
            rows.append(ReportRow(name, figures) if shown else ReportRow(name, why=WITHHELD))
        words = [] if any(row.cells for row in rows) else [NOTHING]
        words += [OF_CONSENT] if by_consent else []
        yield ReportSection(
            f"survey-{n}",
            survey,
            words,
            "Subject and school year",
            CONSENT_COLUMNS if by_consent else COLUMNS,
            rows,
        )


def _most(cells: Cells, years: Sequence[Mapping[str, str]]) -> int:
    """The most students who were asked in one year, as far as it is shown."""
    asked = (cells.get(("students", place(at))) for at in years)
    return max((n for n in asked if isinstance(n, int)), default=0)


NOTHING = "Nothing of this survey can be shown. That does not mean that nobody answered."
OF_CONSENT = (
    "20 USC 1232h protects this topic, so only those are counted whose family consented before the answer. The others were asked for consent "
    "and gave none, or none that is in force; what they feel is not known."
)


def _schools(cells: Cells, outcomes: Sequence[TrendSeries]) -> Iterator[ReportSection]:
    found: dict[tuple[str, str, str], list[str]] = {}
    for _, at in _places(cells):
        if SCHOOL in at:
            found.setdefault((at[SURVEY], at[YEAR], at[CONSTRUCT]), []).append(at[SCHOOL])
    beside = [(s, ReportColumn(s.name.lower(), percent=True)) for s in outcomes if s.id in BESIDE]
    for n, ((survey, year, construct), schools) in enumerate(sorted(found.items()), 1):
        rows = []
        for school in sorted(schools):
            at = {SURVEY: survey, YEAR: year, CONSTRUCT: construct, SCHOOL: school}
            figures = _row(cells, at)[3:]
            others = tuple(_newest_share(series, school) for series, _ in beside)
            if any(isinstance(shown, int) for shown in figures):
                rows.append(ReportRow(school, (*figures, *others)))
            else:
                rows.append(ReportRow(school, why=WITHHELD))
        words = (
            [
                "The outcomes are those of the school’s newest class, as last published in the trends by school."
            ]
            if beside
            else []
        )
        yield ReportSection(
            f"schools-{n}", f"{construct}, {survey}, {school_year(int(year))}: school by school", words, "School",
            (*SCHOOL_COLUMNS, *(column for _, column in beside)), rows,
        )  # fmt: skip


def _newest_share(series: TrendSeries, school: str) -> Shown:
    points = series.groups.get("school", {}).get(school, ())
    return next((p.share for p in reversed(points) if p.share is not None), None)


def _newest(cells: Cells) -> list[tuple[dict[str, str], int]]:
    """Of each survey and subject the newest year with a whole percent."""
    found: dict[tuple[str, str], tuple[dict[str, str], int]] = {}
    for _, at in _places(cells):
        share = cells[("rate", place(at))]
        if SCHOOL not in at and isinstance(share, int) and not _by_consent(cells, at):
            key = at[SURVEY], at[CONSTRUCT]
            if key not in found or found[key][0][YEAR] < at[YEAR]:
                found[key] = at, share
    return list(found.values())


def _headline(cells: Cells) -> str:
    lowest = min(_newest(cells), key=lambda each: each[1], default=None)
    if lowest is None:
        return "What students say can be shown in part"
    at, share = lowest
    year = school_year(int(at[YEAR]))
    return f"{at[CONSTRUCT]}: {share}% of those who answered are favorable ({at[SURVEY]}, {year})"


def _talk(cells: Cells) -> Iterator[str]:
    for at, share in sorted(_newest(cells), key=lambda each: each[1])[:2]:
        yield f"“{at[CONSTRUCT]}” in {at[SURVEY]}: {share}% of those who answered are favorable. What do students say makes it so?"
    rates = [
        (shown, at)
        for at, _ in _newest(cells)
        if isinstance(
            shown := cells.get(
                ("rate", place({**{k: v for k, v in at.items() if k != SHARE}, SHARE: "answered"}))
            ),
            int,
        )
    ]
    lowest = min(rates, key=lambda each: each[0], default=None)
    if lowest and lowest[0] < 60:
        yield f"{lowest[1][SURVEY]}: {lowest[0]}% of those asked answered “{lowest[1][CONSTRUCT]}”. Who is missing?"

"""The pages of trends: a finding, what to talk about, each outcome with its classes, gaps; and one school's or program's own view."""

from collections.abc import Iterable, Iterator, Sequence

from throughway.core.prose import counted, listed, school_year
from throughway.insight.reports.page import NOT_TOLD, ReportColumn, ReportPage, ReportRow, ReportSection
from throughway.insight.trends.chart import chart_label, chart_of, class_words, share_words
from throughway.insight.trends.figures import TrendPoint, TrendSeries, chain, gap_pairs
from throughway.insight.trends.intervals import difference, signed
from throughway.insight.trends.tables import PROGRAM, TOOK_PART
from throughway.measures.groups import UNKNOWN

COLUMNS = (
    ReportColumn("reached it", part=True), ReportColumn("did not", part=True, strong=True), ReportColumn("not seen", part=True, unknown=True),
    ReportColumn("share reached", percent=True), ReportColumn("interval"),
)  # fmt: skip
SHARE_SEEN = ReportColumn("share seen", percent=True)
GAP_COLUMNS = (
    ReportColumn("this group", percent=True), ReportColumn("the others", percent=True), ReportColumn("gap in points"), ReportColumn("interval"),
)  # fmt: skip
LIMITS = (
    "A class is named by its school year; a share is of those who are seen, and the share seen stands beside it.",
    "An interval (95%, Wilson) says how far chance could move a share in a class of this size. It is made of the figures shown; where they are "
    "ranges, it spans both ends.",
    "These cannot be told apart: who moved away, who went to a college or an employer that reports to nobody here, and whose records were not "
    "linked. Where records end, they are not seen; they never count as lost.",
    "A gap or a change describes classes. It does not say what caused it, and no program is credited with it.",
    "Wages are the State’s counts alone. What adults who came back earn is not followed person by person.",
)


WITHHELD = "Too few students to show: every figure is small or would reveal a small one."
NOTHING_SHOWN = (
    "No class can be shown, because each figure is below the smallest number that may be shown or would reveal such a number. Several "
    "classes can be counted together (trends.yaml)."
)


def page_of(found: Sequence[TrendSeries], recall: float | None) -> ReportPage:
    shown = [s for s in found if s.newest]
    moved = [(s, _moved(s)) for s in shown if s.change]
    sections = [_outcome(s, recall) for s in shown]
    gaps = _gaps(found)
    return ReportPage(
        headline=_headline(moved, shown),
        lead=f"{counted(len(shown), 'outcome')} from kindergarten to a living wage, and among adults, over {counted(sum(len(s.points) for s in shown), 'class', 'classes')}.",
        talk=list(_talk(shown, moved))[:3],
        sections=[*sections, *([gaps] if gaps.rows else [])],
        method=[*LIMITS, linkage_words(found, recall)],
        absent=[(s.name, s.why or NOTHING_SHOWN) for s in found if not s.newest],
    )  # fmt: skip


def linkage_words(found: Iterable[TrendSeries], recall: float | None) -> str:
    linked = [f"“{s.name}”" for s in found if s.linked]
    if not linked:
        return "Every outcome here is in the records of the students’ own districts, so a missed link moves no share."
    if recall is None:
        return (
            f"How many links between partners are missed is not known, because too few pairs of a sample have been reviewed. The intervals of "
            f"{listed(linked)} leave it out: more students may have reached them."
        )
    return (
        f"By a sample of pairs that people reviewed, linkage finds at least {100 * recall:.0f}% of the true links. The upper ends of the intervals "
        f"of {listed(linked)} are widened by that, because a missed link hides somebody who reached it."
    )


def _moved(series: TrendSeries) -> int:
    """1 where the share rose beyond its interval since the first class, -1 where it fell, otherwise 0."""
    if series.change is None:
        return 0
    before, after = series.change
    if not (before.exact and after.exact):
        return 0
    _, interval = difference(after.exact, before.exact)
    return (interval.low > 0) - (interval.high < 0)


def _headline(moved: Sequence[tuple[TrendSeries, int]], shown: Sequence[TrendSeries]) -> str:
    if not moved:
        return next(
            (f"{words}; no change can be shown" for words in _standings(shown)),
            "No share can be shown, and no change",
        )
    told = [
        f"{listed(f'“{s.name}”' for s, m in moved if m == way)} {word}"
        for way, word in ((-1, "fell"), (1, "rose"))
        if any(m == way for _, m in moved)
    ]
    if not told:
        return f"No outcome moved beyond chance: {len(moved)} of {len(shown)} can be compared over classes"
    still = sum(not m for _, m in moved)
    rest = f"; {counted(still, 'other')} did not move beyond chance" if still else ""
    return f"{listed(told)}{rest}"


def _standings(shown: Iterable[TrendSeries]) -> list[str]:
    """Where each outcome stands in its newest class with a share or an interval: the newest class first, then the narrowest interval."""
    found = []
    for series in shown:
        point = series.newest
        if point and (words := share_words(point)):
            width = point.interval.high - point.interval.low if point.interval else 100.0
            where = f"“{series.name}”: {words} of those seen in {class_words(series, point.label)} reached it"
            year = series.named_year(max(map(int, filter(str.isdigit, point.label.split()))))
            found.append((-year, width, where))
    return [where for *_, where in sorted(found)]


def _talk(shown: Sequence[TrendSeries], moved: Sequence[tuple[TrendSeries, int]]) -> Iterator[str]:
    if not moved:  # the first is the headline
        yield from (f"{words}." for words in _standings(shown)[1:])
    for series, way in moved:
        if way < 0:
            yield f"“{series.name}” fell: {_change_words(series)}"
    short = [
        (s.target.percent - p.percent, s, p)
        for s in shown
        if s.target
        and (p := s.newest)
        and s.of_all(p.label)
        and p.percent is not None
        and p.percent < s.target.percent
    ]
    for away, series, newest in sorted(short, key=lambda each: -each[0]):
        if series.target:
            yield (
                f"“{series.name}” was {_points(away)} short in {class_words(series, newest.label)} of the target of {series.target.percent}% by "
                f"{school_year(series.named_year(series.target.by))} ({series.target.source})."
            )
    widest = max(_open_gaps(shown), key=lambda each: abs(each[3]), default=None)
    if widest:
        series, one, _, gap = widest
        yield f"The widest gap is at “{series.name}”: {one}, {_points(abs(gap))} {'below' if gap < 0 else 'above'} the others."
    for series, way in moved:
        if way > 0:
            yield f"“{series.name}” rose: {_change_words(series)}"


def _points(value: float) -> str:
    return f"{value:.0f} point{'' if round(value) == 1 else 's'}"


def _change_words(series: TrendSeries) -> str:
    """`from 61% in 2021–22 to 70% in 2025–26, 9 points (2 to 16).`"""
    if series.change is None:
        return ""
    before, after = series.change
    if not (before.exact and after.exact):
        return ""
    gap, interval = difference(after.exact, before.exact)
    return (
        f"from {before.percent:.0f}% in {class_words(series, before.label)} to {after.percent:.0f}% in {class_words(series, after.label)}, {signed(gap)} points "
        f"(95% interval {signed(interval.low)} to {signed(interval.high)})."
    )


def _row(name: str, point: TrendPoint, *more: int | str | None) -> ReportRow:
    if (
        not any(isinstance(n, int) for n in (point.reached, point.lost, point.not_seen))
        and point.share is None
    ):
        return ReportRow(name, why=WITHHELD)
    between = point.interval.words if point.interval else None
    return ReportRow(name, (point.reached, point.lost, point.not_seen, point.share, between, *more))


def _outcome(series: TrendSeries, recall: float | None) -> ReportSection:
    words = [series.definition]
    if series.change:
        words.append(f"The share went {_change_words(series)}")
    newest = series.newest
    if newest and (unseen := series.unseen_partners(newest.label)):
        words.append(
            f"Of the class of {class_words(series, newest.label)}, most students of {listed(unseen)} are not seen, so its share is no share of all"
            f"{' and has no distance to the target' if series.target else ''}."
        )
    if series.target and series.change is None:
        words.append(f"The baseline of the target, {school_year(series.named_year(series.target.baseline))}, or the newest class is withheld or a range, so no distance can be shown.")  # fmt: skip
    if series.target:
        words.append(f"Target: {series.target.percent}% by {school_year(series.named_year(series.target.by))}. Baseline: {school_year(series.named_year(series.target.baseline))}. Source: {series.target.source}.")  # fmt: skip
    for kind, *_ in gap_pairs(series):
        made = series.made_of(kind)
        if made:
            words.append(
                f"Of this change, {made.composition:+.1f} points describe that the groups by {kind} have other sizes now, and {made.rate:+.1f} points "
                "that their own shares are others (Kitagawa). This describes the change; it does not say what caused it."
            )
    if series.linked and recall is not None:
        words.append("The interval is widened for links that were missed.")
    return ReportSection(
        series.id, series.name, words, "Class", (*COLUMNS, SHARE_SEEN),
        [_row(class_words(series, p.label), p, p.seen) for p in series.points], chart=chart_of(series), chart_label=chart_label(series),
    )  # fmt: skip


def _open_gaps(found: Iterable[TrendSeries]) -> Iterator[tuple[TrendSeries, str, str, float]]:
    """The newest gap of each outcome and kind that chance alone does not explain: series, group, others, points."""
    for series in found:
        for kind, one, other in gap_pairs(series):
            listed_ = series.gap(kind, one, other)
            if listed_ and not listed_[-1][2].low <= 0 <= listed_[-1][2].high:
                yield series, one, other, listed_[-1][1]


def _gaps(found: Sequence[TrendSeries]) -> ReportSection:
    rows = []
    for series in found:
        for kind, one, other in gap_pairs(series):
            others = {p.label: p for p in series.groups[kind][other]}
            gaps = {label: (gap, interval) for label, gap, interval in series.gap(kind, one, other)}
            for p in series.groups[kind][one]:
                theirs = others.get(p.label)
                if theirs and (p.share is not None or theirs.share is not None):
                    gap = gaps.get(p.label)
                    shown = (
                        (signed(gap[0]), f"{signed(gap[1].low)} to {signed(gap[1].high)}")
                        if gap
                        else (None, None)
                    )
                    rows.append(ReportRow(f"{series.name}, {class_words(series, p.label)}: {one}", (p.share, theirs.share, *shown)))  # fmt: skip
    words = [
        "A gap is the group’s share less that of the others in the same class. It describes; it does not say why."
    ]
    pairs = {pair for series in found for pair in gap_pairs(series)}
    for kind, one, other in sorted(pairs):
        steps = chain(found, kind, one, other)
        if steps:
            parts = listed(f"{percent:.0f}% at “{name}”" for name, percent in steps)
            words.append(
                f"{one}: of the gap from the start of high school to a credential, this much would close if the group had the others’ share at that step "
                f"alone: {parts}. It is arithmetic on different classes, not a forecast and not a cause."
            )
    return ReportSection("gaps", "Gaps between groups", words, "Outcome, class and group", GAP_COLUMNS, rows)


def page_of_parts(found: Sequence[TrendSeries], what: str) -> ReportPage:
    """One section for each school, or for each program, that has a figure to show, with the same outcomes of all beside it."""
    parts = _parts(found, what)
    shown = {name: rows for name, rows in parts.items() if any(row.cells for row in rows)}
    sections = [
        ReportSection(
            f"{what}-{n}", name, [], "Outcome and class",
            (*COLUMNS, ReportColumn("all students" if what == "school" else "did not take part", percent=True)), rows,
        )
        for n, (name, rows) in enumerate(shown.items(), 1)
    ]  # fmt: skip
    has = "has" if len(shown) == 1 else "have"
    return ReportPage(
        headline=f"{len(shown)} of {counted(len(parts), what)} {has} a class that can be shown" if shown else f"No {what} has a class that can be shown",
        lead="Each school’s own classes, beside those of all students."
        if what == "school"
        else f"Those who took part by the day on which the class was judged, beside those of the class who did not. {DESCRIBES}",
        sections=sections, method=LIMITS,
        absent=[*((s.name, s.why) for s in found if s.why), *((name, WITHHELD) for name in parts if name not in shown)], choose=what,
    )  # fmt: skip


def shows_a_part(found: Sequence[TrendSeries], what: str) -> bool:
    """Whether any school, or any program, has a class with a figure to show."""
    return bool(page_of_parts(found, what).sections)


DESCRIBES = (
    "Who takes part differs from who does not in more than the program, so the two shares describe them and do not show what the program did. "
    "A study does (what works)."
)


def _parts(found: Sequence[TrendSeries], what: str) -> dict[str, list[ReportRow]]:
    parts: dict[str, list[ReportRow]] = {}
    for series in found:
        for kind, groups in series.groups.items():
            if what == "program" and kind.startswith(PROGRAM):
                others = {
                    p.label: p.share for value, points in groups.items() if value != TOOK_PART for p in points
                }
                listed_ = {kind.removeprefix(PROGRAM): groups.get(TOOK_PART, ())}
            elif kind == what:
                others = {p.label: p.share for p in series.points if series.of_all(p.label)}
                listed_ = {name: points for name, points in groups.items() if name != UNKNOWN}
            else:
                continue
            for name, points in listed_.items():
                for p in points:
                    if any(shown is not None for shown in (p.reached, p.lost, p.share)):
                        row = _row(
                            f"{series.name}, {class_words(series, p.label)}", p, others.get(p.label, NOT_TOLD)
                        )
                        parts.setdefault(name, []).append(row)
    return dict(sorted(parts.items()))

"""What comments say, as a section of the report on experiences, read back from protected tables only."""

from collections.abc import Iterator, Mapping

from throughway.core.prose import school_year
from throughway.insight.comments.counting import PART, QUESTION, READ, SAYS, THEME, WRITTEN, YES
from throughway.insight.experiences.counting import SURVEY, YEAR
from throughway.insight.reports.page import ReportColumn, ReportRow, ReportSection
from throughway.insight.trends.intervals import Shown
from throughway.insight.trends.page import WITHHELD
from throughway.publication.tables import Place, place

COLUMNS = (ReportColumn("students"),)
NO_THEME = "No comment that was read speaks of one of the community’s themes."


def comment_sections(cells: Mapping[tuple[str, Place], Shown]) -> Iterator[ReportSection]:
    """One section for each question, in the newest year of which comments were read."""
    places = [dict(where) for statistic, where in cells if statistic == "students"]
    newest: dict[tuple[str, str], str] = {}
    for at in places:
        if at.get(PART) == READ:
            key = at[SURVEY], at[QUESTION]
            newest[key] = max(at[YEAR], newest.get(key, ""))
    for n, ((survey, question), year) in enumerate(sorted(newest.items()), 1):
        of_one = {SURVEY: survey, YEAR: year, QUESTION: question}
        written, read = (cells.get(("students", place({**of_one, PART: part}))) for part in (WRITTEN, READ))
        rows = []
        for theme in sorted({at[THEME] for at in places if THEME in at and of_one.items() <= at.items()}):
            shown = cells.get(("students", place({**of_one, THEME: theme, SAYS: YES})))
            rows.append(ReportRow(theme, why=WITHHELD) if shown is None else ReportRow(theme, (shown,)))
        rows.sort(key=lambda row: -row.cells[0] if row.cells and isinstance(row.cells[0], int) else 0)
        yield ReportSection(
            f"comments-{n}", f"What comments say: question {question}, {survey}, {school_year(int(year))}",
            [_how_many(read, written), *([] if rows else [NO_THEME])], "Theme", COLUMNS, rows,
        )  # fmt: skip


def _how_many(read: Shown, written: Shown) -> str:
    if read is None or written is None:
        return "A person read comments on this question. How many students wrote one, and of how many it was read, may not be shown."
    return f"Of {written} students who wrote a comment, a person read those of {read}. A student may speak of several themes."

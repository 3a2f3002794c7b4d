"""What a section of a report draws of published figures."""

from dataclasses import replace

import pytest
from django.template.loader import render_to_string

from throughway.insight.needs.statuses import NeedStatus
from throughway.insight.reports.page import (
    NOT_TOLD,
    ReportColumn,
    ReportPage,
    ReportRow,
    ReportSection,
    Shown,
)


def section(*rows: tuple[Shown, ...] | str) -> ReportSection:
    """Four parts: served, never asked and waiting (strong), not known."""
    columns = [
        ReportColumn("students"),
        ReportColumn("served", part=True),
        ReportColumn("never", part=True, strong=True),
        ReportColumn("waits", part=True, strong=True),
        ReportColumn("not known", part=True, unknown=True),
    ]
    made = [
        ReportRow(f"row {n}", why=row) if isinstance(row, str) else ReportRow(f"row {n}", row)
        for n, row in enumerate(rows)
    ]
    return ReportSection("s", "Section", (), "Need", columns, made)


@pytest.mark.parametrize(
    ("cells", "drawn"),
    [
        ((40, 10, 20, 0, 10), ["tw-water", "tw-lost", "tw-unseen"]),
        ((40, "0-9", 20, None, 10), ["tw-withheld", "tw-lost", "tw-withheld", "tw-unseen"]),
        ((40, 10, 20, 10, NOT_TOLD), ["tw-water", "tw-lost", "tw-lost-too"]),
        ((40, "0-35", "0-35", None, "0-35"), []),  # ranges alone say nothing as a bar
        ((None, NOT_TOLD, NOT_TOLD, 0, 0), []),
    ],
)  # fmt: skip
def test_a_bar_has_a_count(cells: tuple[Shown, ...], drawn: list[str]) -> None:
    one = section(cells)
    assert [part.kind for part in one.drawn[0].bar] == drawn
    assert one.has_bars is bool(drawn)
    assert [kind for kind, _ in one.key] == [kind for kind in drawn if kind != "tw-withheld"]


def test_bars_stay_within_the_chart_and_on_one_scale() -> None:
    rows = section((90, 40, 50, 0, 0), (12, "0-9", 6, None, 6), (50, *["0-50"] * 4)).drawn
    assert max(part.x + part.width for row in rows for part in row.bar) <= 100.001
    widths = {n: rows[at].bar[part].width / n for at, part, n in ((0, 0, 40), (0, 1, 50), (1, 1, 6))}
    assert max(widths.values()) == pytest.approx(min(widths.values()))
    assert rows[2].bar == ()
    assert [each.shown for each in rows[2].figures] == [50, *["0-50"] * 4]


def test_figures_beside_a_bar_are_its_parts_alone() -> None:
    shown, hidden = section((40, 10, 20, 0, 10), (40, None, None, None, None)).drawn
    assert [each.column.name for each in shown.parts] == ["served", "never", "waits", "not known"]
    assert [each.shown for each in shown.exact] == [10, 20, 0, 10]
    assert hidden.exact == ()


def test_rows_without_figures_are_sentences() -> None:
    assert section("Too few.", "No record.", "Too few.").silent == [
        ("Too few.", ["row 0", "row 2"]),
        ("No record.", ["row 1"]),
    ]
    mixed = section("Too few.", (40, 10, 20, 0, 10), (40, "0–38", "0–38", None, 0), "Too few.")
    assert mixed.silent == [("Too few.", ["row 0", "row 3"])]
    assert [row.name for row in mixed.told] == ["row 1", "row 2"]
    assert [row.name for row in mixed.barred] == ["row 1"]
    assert mixed.in_table_alone == ["row 2"]


def test_what_a_page_cannot_show_has_each_reason_once() -> None:
    page = ReportPage("", "", absent=[("Club", "No day."), ("Gym", "No list."), ("Art", "No day.")])
    assert page.absent_by_reason == [("No day.", ["Club", "Art"]), ("No list.", ["Gym"])]


def test_no_two_statuses_of_a_need_have_one_mark() -> None:
    strong = (NeedStatus.UNANSWERED, NeedStatus.NEVER)
    columns = [
        ReportColumn(str(each), part=True, strong=each in strong, unknown=each is NeedStatus.UNKNOWN)
        for each in NeedStatus
        if each is not NeedStatus.ASKED
    ]
    every = ReportSection("s", "Section", (), "Need", columns, [ReportRow("all", (1,) * len(columns))])
    assert len({kind for kind, _ in every.key}) == len(columns)


def test_a_page_opens_with_its_first_counts_and_folds_the_rest() -> None:
    ranges, counts = section((None, "0-9", "0-9", None, 0)), section((40, 10, 20, 0, 10))
    named = [
        replace(one, id=str(n)) for n, one in enumerate((ranges, counts, ranges, counts, counts, counts))
    ]
    page = ReportPage("", "", sections=named)
    assert [each.id for each in page.open_sections] == ["1", "3", "4"]
    assert [each.id for each in page.folded_sections] == ["0", "2", "5"]
    assert [each.id for each in ReportPage("", "", sections=named[:1]).open_sections] == ["0"]


def test_on_a_phone_each_figure_of_a_wide_table_has_its_heading_beside_it() -> None:
    names = ("seats", "took part", "cost", "funding")
    for many in (4, 3):
        made = ReportSection(
            "cost", "Cost", [], "Program", [*map(ReportColumn, names[:many])], [ReportRow("Club", (40, 25, "$5", "$9")[:many])]
        )  # fmt: skip
        html = render_to_string("insight/report_section.html", {"section": made})
        assert ("tw-stacked" in html) == (many > 3)
        assert 'data-heading="Took part">25' in html

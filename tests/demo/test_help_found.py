"""Person by person, the reports on needs and overlaps count nearly everybody whom the truth names, and nearly nobody else."""

from pathlib import Path

import pytest

from tests.demo.conftest import Riverbend
from tests.demo.help_found import HelpFound
from tests.demo.truth import Truth

ENOUGH = 0.95


@pytest.fixture(scope="module")
def found(riverbend: Riverbend) -> HelpFound:
    counted = riverbend.town.module("tests.demo.finding_help", riverbend.who("data_steward"))
    return HelpFound(Truth(riverbend.folder), counted)


@pytest.mark.parametrize("with_status", [False, True])
def test_needs(found: HelpFound, with_status: bool) -> None:
    """With the status: also whether the student was served, waits, got no answer, or declined."""
    needs = found.needs(with_status=with_status)
    assert len(needs.linked) > 50
    assert min(needs.precision, needs.of_linked) >= ENOUGH, str(needs)


def test_overlaps(found: HelpFound) -> None:
    overlaps = found.overlaps()
    assert overlaps.linked
    assert min(overlaps.precision, overlaps.of_linked) >= ENOUGH, str(overlaps)


def test_whom_links_do_not_join_is_told_apart(tmp_path: Path) -> None:
    """Two students were in both programs; the two records of the second are two persons in the links, so that nobody finds the overlap."""
    (tmp_path / "truth").mkdir()
    for name, lines in {
        "persons": ["partner,record_key,person", "page-by-page,P1,R1", "bright-futures,B1,R1", "page-by-page,P2,R2", "bright-futures,B2,R2"],
        "duplicates": ["person,one,other,from,to", *(f"{each},a/tutoring,b/club,2025-10-01,2025-12-01" for each in ("R1", "R2"))],
        "places": ["person,program,last_day", "R1,a/tutoring,2025-12-01"],
    }.items():  # fmt: skip
        (tmp_path / "truth" / f"{name}.csv").write_text("\n".join(lines), encoding="utf-8")
    records = [["page-by-page", "P1", 1], ["bright-futures", "B1", 1], ["page-by-page", "P2", 2], ["bright-futures", "B2", 3]]  # fmt: skip
    counted = {"on": "2026-11-25", "records": records, "overlaps": [[2026, "Homework Club (b) and Tutoring (a)", 1]]}  # fmt: skip
    overlaps = HelpFound(Truth(tmp_path), counted).overlaps()
    assert (overlaps.precision, overlaps.of_all, overlaps.of_linked) == (1.0, 0.5, 1.0)
    merged = HelpFound(
        Truth(tmp_path), counted | {"records": [[*each[:2], 1] for each in records]}
    ).overlaps()
    assert (merged.of_all, len(merged.linked)) == (0.5, 1)  # two students as one

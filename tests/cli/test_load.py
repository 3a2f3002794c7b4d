"""What `load` calls a school year, and what it reports."""

import re
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from throughway.cli import load as loading
from throughway.cli.root import main
from throughway.intake.formats import DIRECTORY, FORMATS, READABLE
from throughway.intake.load_report import Counts, Loaded
from throughway.store import Community

HEADING = "file,row,column,problem,cure\n"


def year(text: str) -> int | None:
    command = click.Command("load")
    return loading.school_year(click.Context(command), click.Option(["--school-year"]), text)


def test_a_school_year_has_one_form() -> None:
    assert year("2021-22") == 2022
    assert year("1999-00") == 2000
    for text in ("2021", "21-22", "2021-2022", "2021-1922", "2021-23", "2021-21", "2021/22", ""):
        with pytest.raises(click.BadParameter):
            year(text)


def load(community: Community, format: str) -> tuple[int, str]:
    done = CliRunner().invoke(
        main, ["--community", str(community.root), "load", "a.csv", "--partner", "oak", "--format", format]
    )
    return done.exit_code, done.stderr


@pytest.mark.django_db
def test_an_unknown_format_is_wrong_usage(community: Community) -> None:
    code, said = load(community, "foo")
    assert code == 2
    assert all(f"'{name}'" in said for name in FORMATS)
    assert FORMATS.keys() - READABLE.keys() == {DIRECTORY}


def loaded(tmp_path: Path, listed: str = "", **given: Any) -> Loaded:
    quarantine = tmp_path / "quarantine.csv"
    quarantine.write_text(HEADING + listed, encoding="utf-8")
    return Loaded(
        **(
            {"batch": "b", "tables": {}, "cells_emptied": 0, "refused_columns": [], "quarantine": quarantine}
            | given
        )
    )


def test_file_without_records_is_reported(tmp_path: Path) -> None:
    assert loading._report(loaded(tmp_path)) == "The file holds no record; nothing changed."


def test_equal_problems_are_grouped(tmp_path: Path) -> None:
    listed = "".join(f"a.csv,{row},DOB,no date,correct it\n" for row in range(2, 26_002))
    report = loading._report(loaded(tmp_path, listed + "users.csv,2,status,forbidden,mend it\n"))
    assert report.splitlines() == [
        "Errors, and how to fix them:",
        "  26,000 × in a.csv, rows 2, 3, 4, 5, 6 and 25,995 more: DOB: no date; correct it",
        "  1 × in users.csv, row 2: status: forbidden; mend it",
        f"Row by row: {tmp_path / 'quarantine.csv'}",
    ]


def test_three_reasons_for_columns_not_stored(tmp_path: Path) -> None:
    report = loading._report(
        loaded(
            tmp_path,
            tables={
                "person": Counts(read=1, landed=1),
                "referral": Counts(read=2, not_covered=2),
                "StudentTransportation": Counts(read=3, not_read=3),
            },
            refused_columns=["person.sex", "Bus"],
            unmapped=["Bus"],
        )
    )
    lines = report.splitlines()
    assert re.split(r"\s{2,}", lines[0].strip()) == [
        "table", "read", "landed", "unchanged", "out of scope", "not covered", "not read", "quarantined"
    ]  # fmt: skip
    assert "Not stored, because no agreement covers it: referral, person.sex." in lines
    assert "Not read: StudentTransportation." in lines
    assert (
        lines[-1] == "Not mapped, so not stored (map them in the crosswalk if an agreement needs them): Bus."
    )


def test_first_ten_columns_are_named(tmp_path: Path) -> None:
    columns = [f"column {n}" for n in range(1, 1_301)]
    found = loaded(tmp_path, refused_columns=columns, unmapped=columns)
    assert loading._report(found).endswith(": " + ", ".join(columns[:10]) + " and 1,290 more.")
    assert found.to_json()["refused_columns"] == columns
    ten = loaded(tmp_path, refused_columns=columns[:10], unmapped=columns[:10])
    assert loading._report(ten).endswith(": " + ", ".join(columns[:10]) + ".")


def test_file_is_unchanged_only_if_every_row_is(tmp_path: Path) -> None:
    whole = {"organization": Counts(read=5, unchanged=5)}
    assert (
        loading._report(loaded(tmp_path, tables=whole)).splitlines()[-1]
        == "Everything was already stored; nothing changed."
    )
    for rest in (Counts(read=2, quarantined=2), Counts(read=1, out_of_scope=1), Counts(read=3, not_read=3)):
        last = loading._report(loaded(tmp_path, tables=whole | {"users": rest})).splitlines()[-1]
        assert last == "Nothing new was loaded: everything that could be stored was already stored."

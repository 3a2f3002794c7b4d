"""What `load` calls a school year, and when a load that brought nothing is found wanting."""

from pathlib import Path

import click
import pytest

from throughway.cli import loading

NOTHING = {"read": 0, "landed": 0, "quarantined": 0, "unchanged": 0, "out_of_scope": 0}
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


@pytest.mark.parametrize(
    ("tables", "listed", "wrong"),
    [
        ({}, HEADING, False),  # a bundle whose manifest says that it holds nothing
        ({"person": NOTHING}, HEADING, False),
        ({"person": NOTHING | {"read": 2, "out_of_scope": 2}}, HEADING, True),
        ({}, HEADING + "users.csv,2,status,forbidden,mend it\n", True),
    ],
)
def test_nothing_in_a_well_formed_file_is_not_wanting(
    tables: dict[str, dict[str, int]], listed: str, wrong: bool, tmp_path: Path
) -> None:
    quarantine = tmp_path / "quarantine.csv"
    quarantine.write_text(listed, encoding="utf-8")
    assert loading._wrong({"tables": tables, "quarantine": str(quarantine)}) is wrong


def test_where_nothing_was_set_aside_no_list_of_it_is_named(tmp_path: Path) -> None:
    quarantine = tmp_path / "quarantine.csv"
    told = {"tables": {}, "quarantine": str(quarantine), "refused_columns": [], "cells_emptied": 0}
    quarantine.write_text(HEADING, encoding="utf-8")
    assert loading._told(told) == ""
    quarantine.write_text(HEADING + "users.csv,2,status,forbidden,mend it\n", encoding="utf-8")
    assert str(quarantine) in loading._told(told)

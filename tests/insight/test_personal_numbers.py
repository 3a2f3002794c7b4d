"""Which numbers of a text could be somebody's: by their form and the day of asking, and by nothing else."""

from datetime import date

import pytest

from throughway.insight.desk.personal_numbers import personal_numbers, without_personal_numbers

TODAY = date(2026, 12, 3)
BIRTH_DAYS = [
    "2012-04-03", "2012/4/3", "2012.04.03", "2012_04_03", "2012 04 03", "2012, 4, 3", "20120403", "2012\\4\\3",
    "04/03/2012", "4/3/2012", "4/3/12", "04-03-12", "3.4.2012", "4, 3, 2012", "4 3 2012", "04032012", "12-04-03", "25/12/2012", "25.12.12",
    "12-25-2012", "25122012", "April 3, 2012", "april 3rd 2012", "Apr. 3, 2012", "Apr-03-2012", "3 April 2012", "3rd of April, 2012", "03-Apr-12",
    "3APR2012", "2012 April 3", "2012-apr-03", "April 3, '12", "3 de abril de 2012", "sept 9 2009", "31 dic 1999", "2000-02-29",
]  # fmt: skip
OTHER_DAYS = [
    "2024-09-01", "9/1/2024", "September 1, 2025", "20240901", "9/1/24", "1995-01-01", "1/1/1960", "2027-01-01", "2012", "2012-04", "April 2012",
    "4/2012", "4/3", "April 3", "2025-26", "2012-13", "2012-13-45", "2011-02-29", "2012-04-31", "13/13/2012", "1-2-345", "IN (1, 2, 12)",
    "IN (2012, 2013, 2014)", "10 / 12", "120403", "1234567", "20121345", "2012-2013", "v1.2.3", "05, 06, 07", "9 10 11", "grade 3 april",
]  # fmt: skip
TELEPHONES = [
    "5551234567", "15551234567", "+15551234567", "555-123-4567", "555.123.4567", "555 123 4567", "(555) 123-4567", "(555)123-4567", "555/123-4567",
    "1-555-123-4567", "+1 (555) 123-4567", "1 555 123 4567", "555_123_4567", "555-1234567", "555123-4567", "55512345678", "+1.555.123.4567",
]  # fmt: skip
OTHER_NUMBERS = ["555", "555-1234", "123456", "555123456", "555123456789", "55-1234-5678", "100, 200, 3000", "0.5551234567", "100 + 200", "3.1415926535"]  # fmt: skip


@pytest.mark.parametrize("text", [*BIRTH_DAYS, *TELEPHONES])
@pytest.mark.parametrize(
    "around", ["{}", "'{}'", "SELECT '{}' AS day", "t_{}", "Who was born on {}?", "\n{}\n"]
)
def test_it_could_be_somebodys(text: str, around: str) -> None:
    whole = around.format(text)
    [(start, end)] = personal_numbers(whole, TODAY)
    assert text.strip("+('") in whole[start - 1 if start else 0 : end + 1]
    left = without_personal_numbers(whole, TODAY)
    assert left == whole[:start] + "0" + whole[end:]
    assert without_personal_numbers(left, TODAY) == left


@pytest.mark.parametrize("text", [*OTHER_DAYS, *OTHER_NUMBERS])
@pytest.mark.parametrize("around", ["{}", "'{}'", "SELECT '{}' AS day", "t_{}", "As of {}:"])
def test_it_is_nobodys(text: str, around: str) -> None:
    assert list(personal_numbers(around.format(text), TODAY)) == []
    assert without_personal_numbers(around.format(text), TODAY) == around.format(text)


@pytest.mark.parametrize(
    ("day", "could"),
    [
        ("2023-12-03", True), ("2023-12-04", False), ("1996-12-03", True), ("1996-12-02", False), ("12/3/23", True), ("1/24/24", False), ("12/4/23", True),
        ("3 dec 1996", True), ("2 dec 1996", False),
    ],
)  # fmt: skip
def test_three_to_thirty_years_ago(day: str, could: bool) -> None:
    assert bool([*personal_numbers(day, TODAY)]) is could


@pytest.mark.parametrize(("day", "could"), [("2025-02-28", True), ("2025-03-01", False), ("1998-02-28", False), ("1998-03-01", True)])  # fmt: skip
def test_on_the_29th_of_february(day: str, could: bool) -> None:
    assert bool([*personal_numbers(day, date(2028, 2, 29))]) is could


def test_each_is_found_where_it_stands() -> None:
    text = "SELECT '2012-04-03' AS a, '(555) 123-4567' AS b, DATE '2024-09-01' AS c"
    assert [text[start:end] for start, end in personal_numbers(text, TODAY)] == [
        "2012-04-03",
        "(555) 123-4567",
    ]
    assert without_personal_numbers(text, TODAY) == "SELECT '0' AS a, '0' AS b, DATE '2024-09-01' AS c"

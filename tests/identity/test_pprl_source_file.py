"""A partner's own file for keys: by its crosswalk and its format, read without a community, bad ones refused with where."""

import csv
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from tests.identity.test_pprl import FIRST, LAST, town, written
from throughway.cli import pprl
from throughway.cli.root import main
from throughway.core.private_folder import PREFIX
from throughway.core.refusals import Refused
from throughway.demo.simulate import simulate
from throughway.identity.pprl import key_files, key_making, secret, source_file
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.formats import FORMATS

CROSSWALK = """
throughway: crosswalk/1
source: {format: csv, encoding: cp1252, delimiter: ";"}
tables:
  person:
    key: [Pupil No]
    columns:
      first_name: {from: Given}
      middle_name: {from: Mid}
      last_or_surname: {from: Family}
      birthdate: {from: DOB, date: ["%m/%d/%Y"]}
      sex: {from: Gender, map: {M: Male, F: Female}}
  person_contact:
    key: [Pupil No]
    person: Pupil No
    columns:
      address_street_number_and_name: {join: [No, Street], with: " "}
  attendance_day:
    key: [Pupil No, attendance_event_date]
    person: Pupil No
    melt: {columns: '^\\d+/\\d+$', name: attendance_event_date, value: status, date: ["%m/%d"]}
    columns:
      attendance_status: {from: status, map: {P: Present}}
ignore: [Homeroom]
"""
OWN = ["Pupil No", "Given", "Mid", "Family", "DOB", "Gender", "No", "Street", "Homeroom", "9/4", "Shoes"]


def own(rows: list[list[str]]) -> list[list[str]]:
    """The same people as a partner's system exports them."""
    made = []
    for key, first, middle, last, born, sex, street in rows:
        year, month, day = born.split("-")
        made.append(
            [
                f"{key}",
                first,
                middle,
                last,
                f"{month}/{day}/{year}",
                sex[0],
                *street.split(" ", 1),
                "12B",
                "P",
                "38",
            ]
        )
    return made


def held(path: Path) -> dict[str, bytes]:
    keys = key_files.read(path)
    return {record: row.tobytes() for record, row in zip(keys.records, keys.bytes, strict=True)}


def keyed(folder: Path, path: Path, **how: object) -> key_making.KeyFileReport:
    if not (folder / "s").exists():
        secret.new(folder / "s")
    return key_making.encode(path, out=folder / f"{path.name}.keys", secret=secret.read(folder / "s"), **how)  # type: ignore[arg-type]


def test_crosswalk_and_vocabulary_columns_make_equal_keys(tmp_path: Path) -> None:
    rows = town(60)
    keyed(tmp_path, written(tmp_path / "plain.csv", rows))
    with (tmp_path / "own.csv").open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows([OWN, *own(rows)])
    made = keyed(tmp_path, tmp_path / "own.csv", crosswalk=Crosswalk.read(CROSSWALK))
    assert held(tmp_path / "own.csv.keys") == held(tmp_path / "plain.csv.keys")
    assert (made.rows, made.set_aside, made.ignored, made.noticed) == (60, 0, ("Shoes",), ())


def test_student_contacts_are_no_guardian(tmp_path: Path) -> None:
    heading = [
        "person_id",
        "first_name",
        "last_or_surname",
        "birthdate",
        "telephone_number",
        "electronic_mail_address",
    ]
    plain = written(
        tmp_path / "plain.csv",
        [["7", "Ottilie", "Tarrow", "2012-03-04", "555 010 2000", "o@example.org"]],
        heading,
    )
    found = source_file.read(plain, into=tmp_path, format="csv", crosswalk=None, key="person_id")
    (person,) = found.table.people()
    assert (person.phones, person.emails) == (["5550102000"], ["o@example.org"])


def test_row_without_required_column_makes_no_key(tmp_path: Path) -> None:
    rows = own(town(30))
    rows[4][1] = ""
    with (tmp_path / "own.csv").open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows([OWN, *rows])
    text = CROSSWALK.replace("{from: Given}", "{from: Given, required: true}")
    made = keyed(tmp_path, tmp_path / "own.csv", crosswalk=Crosswalk.read(text))
    assert (made.rows, made.set_aside) == (29, 1)
    assert rows[4][0] not in held(tmp_path / "own.csv.keys")


def test_a_workbook_makes_the_same_keys(tmp_path: Path) -> None:
    rows = town(30)
    keyed(tmp_path, written(tmp_path / "plain.csv", rows))
    book = openpyxl.Workbook()
    for row in [OWN, *own(rows)]:
        book.active.append(row)
    book.save(tmp_path / "own.xlsx")
    text = CROSSWALK.replace('{format: csv, encoding: cp1252, delimiter: ";"}', "{format: xlsx}")
    keyed(tmp_path, tmp_path / "own.xlsx", format="xlsx", crosswalk=Crosswalk.read(text))
    assert held(tmp_path / "own.xlsx.keys") == held(tmp_path / "plain.csv.keys")


def test_standard_formats_make_keys_without_a_crosswalk(tmp_path: Path) -> None:
    simulate(tmp_path / "sim", students=60, seed=3, today=date.today())
    feeds = tmp_path / "sim" / "feeds"
    with (tmp_path / "sim" / "truth" / "persons.csv").open(encoding="utf-8", newline="") as file:
        true = {(row["partner"], row["record_key"]) for row in csv.DictReader(file)}
    for path, format, partner in (
        (feeds / "lakeside-schools" / "oneroster.zip", "oneroster", "lakeside-schools"),
        (feeds / "riverbend-schools" / "edfi", "edfi-xml", "riverbend-schools"),
    ):
        made = keyed(tmp_path, path, format=format)
        keys = held(tmp_path / f"{path.name}.keys").keys()
        assert made.rows == len(keys) > 10
        assert {(partner, key) for key in keys} <= true
    assert set(pprl.FORMATS) <= FORMATS.keys()


def test_unreadable_rows_and_cells_are_reported_without_values(tmp_path: Path) -> None:
    rows = town(40)
    rows[3][0], rows[5][4], rows[7][5] = "", "31/31/2010", "boy"
    rows[9] = [*rows[9][:2], "Lee", *rows[9][2:]]
    made = keyed(tmp_path, written(tmp_path / "a.csv", rows))
    assert (made.rows, made.set_aside) == (38, 2)
    for told in ("1 row set aside (row 5)", "1 row set aside (row 11)", "birthdate: 1 cell left empty (row 7)",
                 "sex: 1 cell left empty (row 9)"):  # fmt: skip
        assert [said for said in made.noticed if told in said], (told, made.noticed)
    assert not [said for said in made.noticed if "31/31" in said or "boy" in said or rows[9][1] in said]


def test_missing_birth_dates_are_encoded_and_reported(tmp_path: Path) -> None:
    heading = ["person_id", "first_name", "middle_name", "last_or_surname"]
    made = keyed(tmp_path, written(tmp_path / "a.csv", [row[:4] for row in town(40)], heading))
    assert made.rows == 40
    assert [said for said in made.noticed if "a.csv have no birth dates" in said]


def shifted(row: list[str]) -> list[str]:
    return [row[0], row[0], *row[1:6]]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (shifted, "first names contain digits, so its columns may be shifted"),
        (lambda row: [*row[:4], f"{row[4][5:]}-{row[4][:4]}", *row[5:]], "most of its birth dates cannot be read"),
        (lambda row: [*row[:1], "", "", *row[3:4], "", *row[5:]], "none of its 40 records has two of"),
        (lambda row: ["", *row[1:]], "none of its 40 rows can be read"),
    ],
)  # fmt: skip
def test_useless_file_is_refused(tmp_path: Path, change: object, told: str) -> None:
    rows = [change(row) for row in town(40)]  # type: ignore[operator]
    with pytest.raises(Refused, match=told) as refused:
        keyed(tmp_path, written(tmp_path / "a.csv", rows))
    assert refused.value.message.count("cannot be encoded") == 1
    assert not (tmp_path / "a.csv.keys").exists()
    assert not [name for name in (*FIRST, *LAST) if name in refused.value.message]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "is empty"), (b"person_id,colour\n1,red\n", "none of first_name"), (b"id,first_name\n1,Ana\n", "say with --key"),
        (b"person_id,first_name,first_name\n", "rename all but one"), (b"person_id,first_name\n1,Jos\xe9\n", "state its encoding"),
    ],
)  # fmt: skip
def test_a_csv_that_is_none_is_refused_with_what_to_do(tmp_path: Path, text: bytes, told: str) -> None:
    (tmp_path / "a.csv").write_bytes(text)
    with pytest.raises(Refused, match=told) as refused:
        keyed(tmp_path, tmp_path / "a.csv")
    assert "Ana" not in refused.value.message


def test_a_crosswalk_that_fills_no_person_is_refused(tmp_path: Path) -> None:
    text = "throughway: crosswalk/1\ntables:\n  program:\n    key: [ID]\n    columns: {program_name: {from: Name}}\n"
    with pytest.raises(Refused, match="fills no table person"):
        keyed(tmp_path, written(tmp_path / "a.csv", town(2)), crosswalk=Crosswalk.read(text))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("throughway linkage secret 1\n0badcafe\n", "does not hold the whole secret"), (CROSSWALK, "is not a secret"),
        ("throughway linkage secret 1\nzz\n", "does not hold the whole secret"), (None, "no file other"),
    ],
)  # fmt: skip
def test_a_secret_that_is_none_is_refused(tmp_path: Path, text: str | None, told: str) -> None:
    if text is not None:
        (tmp_path / "other").write_text(text)
        (tmp_path / "other").chmod(0o600)
    written(tmp_path / "a.csv", town(2))
    ran = CliRunner().invoke(main, ["link", "encode", str(tmp_path / "a.csv"), "--out", str(tmp_path / "k"), "--secret", str(tmp_path / "other")])  # fmt: skip
    assert ran.exit_code == 1
    assert told in ran.output
    assert "0badcafe" not in ran.output


@pytest.mark.parametrize("key", [["Given", "Family"], ["Pupil No", "DOB"]])
def test_identifying_record_keys_need_pseudonyms(tmp_path: Path, key: list[str]) -> None:
    with (tmp_path / "own.csv").open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows([OWN, *own(town(30))])
    crosswalk = Crosswalk.read(
        CROSSWALK.replace(
            "    key: [Pupil No]\n    columns:\n      first", f"    key: {key}\n    columns:\n      first"
        )
    )
    with pytest.raises(Refused, match="give --pseudonyms"):
        keyed(tmp_path, tmp_path / "own.csv", crosswalk=crosswalk)
    assert not (tmp_path / "own.csv.keys").exists()
    keyed(tmp_path, tmp_path / "own.csv", crosswalk=crosswalk, pseudonyms=tmp_path / "whose")
    assert not any(name in "".join(held(tmp_path / "own.csv.keys")) for name in (*FIRST, *LAST))
    with pytest.raises(Refused, match="give --pseudonyms"):
        keyed(tmp_path, written(tmp_path / "plain.csv", town(3)), key="last_or_surname")


WATCHED = """
import sys
def watch(event, arguments):
    if event.startswith("socket.") and event not in ("socket.gethostname",):
        print(event, arguments, file=sys.stderr); import os; os._exit(9)
sys.addaudithook(watch)
from throughway.cli.root import main
main(sys.argv[1:])
"""


def command(folder: Path, rows: int) -> list[str]:
    if not (folder / "s").exists():
        secret.new(folder / "s")
        written(folder / "a.csv", town(rows))
        for name in ("tmp", "home"):
            (folder / name).mkdir()
    return [sys.executable, "-c", WATCHED, "link", "encode", "a.csv", "--out", "k", "--secret", "s"]


def alone(folder: Path) -> dict[str, str]:
    told = {
        name: value for name, value in os.environ.items() if not name.startswith(("THROUGHWAY", "DJANGO"))
    }
    return {**told, "TMPDIR": str(folder / "tmp"), "HOME": str(folder / "home")}


def left_behind(folder: Path) -> list[str]:
    return [p.name for name in ("tmp", "home") for p in (folder / name).iterdir()]


def test_encoding_leaves_only_keys_and_opens_no_connection(tmp_path: Path) -> None:
    asked = command(tmp_path, 30)
    before = {p.name for p in tmp_path.iterdir()}
    subprocess.run(asked, cwd=tmp_path, env=alone(tmp_path), check=True, capture_output=True)
    assert {p.name for p in tmp_path.iterdir()} == before | {"k"}
    assert not left_behind(tmp_path)


def test_stopped_run_leaves_no_names(tmp_path: Path) -> None:
    stopped = _in_the_middle(tmp_path)
    stopped.send_signal(signal.SIGTERM)
    stopped.wait(60)
    assert not left_behind(tmp_path)


def test_next_run_removes_what_a_killed_run_left(tmp_path: Path) -> None:
    killed = _in_the_middle(tmp_path)
    killed.kill()
    killed.wait(60)
    assert [name for name in left_behind(tmp_path) if name.startswith(PREFIX)]
    keyed(tmp_path, written(tmp_path / "b.csv", town(3)))  # another's folder for names is not touched by it
    subprocess.run(
        [*command(tmp_path, 0)[:-5], "b.csv", *command(tmp_path, 0)[-4:]], cwd=tmp_path, env=alone(tmp_path), check=True,
        capture_output=True,
    )  # fmt: skip
    assert not left_behind(tmp_path)


def _in_the_middle(folder: Path) -> "subprocess.Popen[bytes]":
    """A run that has its folder for names."""
    begun = subprocess.Popen(
        command(folder, 20_000),
        cwd=folder,
        env=alone(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    while not list((folder / "tmp").glob(f"{PREFIX}*/*.parquet")):
        assert begun.poll() is None, "it ended before it could be stopped"
        assert time.monotonic() < until
        time.sleep(0.001)
    return begun

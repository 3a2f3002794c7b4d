"""An extract: its files, its manifest, its entry in the ledger, and what is refused."""

import csv
import errno
import json
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pytest
from django.conf import settings
from django.db import connection

from tests.codes import without_codes
from tests.extracts import making as made
from tests.gate import making
from tests.gate.test_row_order import study
from tests.kept import kept
from throughway.agreements import actions as agreements
from throughway.agreements.enums import Tier
from throughway.agreements.selectors import one
from throughway.agreements.transforms import Transform
from throughway.core.personal_data import Subject, copies
from throughway.core.refusals import Refused
from throughway.destruction.actions import orders
from throughway.destruction.certificate import blocks_of
from throughway.extracts import actions, files
from throughway.extracts.codebook import CODEBOOK_COLUMNS, codebook
from throughway.extracts.models import Extract
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]


@pytest.fixture
@kept
def town() -> None:
    made.town("study-a")


def extract(
    out: Path, id: str = "study-a", email: str = made.EVALUATOR, purpose: str = ""
) -> actions.CreatedExtract:
    return actions.extract(agreement=id, out=out, purpose=purpose, by=making.reader(email))


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_files_codebook_manifest_and_entry(town: None, tmp_path: Path) -> None:
    done = extract(tmp_path / "out")
    manifest = json.loads((done.folder / "manifest.json").read_text())
    on_disk = {p.relative_to(done.folder).as_posix() for p in done.folder.rglob("*") if p.is_file()}
    assert on_disk == {"manifest.json", *(file["name"] for file in manifest["files"])}
    assert {"terms.txt", "codebook.csv", "codes.csv", "data/person.csv", "data/person.parquet"} < on_disk
    for file in manifest["files"]:
        assert sha256((done.folder / file["name"]).read_bytes()).hexdigest() == file["sha256"]
    entry = LedgerEntry.objects.get(id=manifest["disclosures"][0])
    assert (entry.outcome, entry.purpose, entry.students_count) == ("released", "study-a", 60)
    assert "attendance_day.attendance_status" in entry.elements
    assert {file["name"]: file.get("rows") for file in manifest["files"]}["data/person.csv"] == made.STUDENTS
    assert manifest["agreement"]["version"] == entry.agreements[0][1]
    terms = one("study-a").document.terms
    gone = terms.expires + timedelta(days=terms.destruction.within_days)
    assert (manifest["terms"]["ends"], manifest["terms"]["destroy_by"]) == (str(terms.expires), str(gone))
    assert "Nobody tries to find out who a student is" in (done.folder / "terms.txt").read_text()
    book = {(line["table"], line["element"]): line for line in lines(done.folder / "codebook.csv")}
    assert book["person", "birthdate"]["how it is shown"] == "the year alone"
    assert book["person", "sex"]["code set"] == "C000255"
    assert {"code set": "C000255", "code": "Female", "label": "Female"} in lines(done.folder / "codes.csv")
    assert book["attendance_day", "attendance_event_type"]["missing"] == str(made.STUDENTS)
    row = Extract.objects.get()
    assert (row.id, row.disclosure, row.partner, row.files) == (done.id, entry.id, "hub", manifest["files"])
    assert row.written_at is not None


def test_codebook_names_every_way_a_column_is_shown_by_discloser() -> None:
    """Also where two grants of one discloser show it differently."""
    year = next(grant for grant in study() if grant.table == "person")
    whole = replace(year, columns={"birthdate": Transform("none")}, entry=1)
    [line] = codebook(
        {"person": pa.table({"birthdate": [2012]})}, [year, whole, replace(year, discloser="harbor")]
    )
    shown = dict(zip(CODEBOOK_COLUMNS, line, strict=True))["how it is shown"]
    assert shown == "harbor: the year alone; north: the year alone or as it is recorded"


def test_csv_and_parquet_hold_the_same(town: None, tmp_path: Path) -> None:
    done = extract(tmp_path / "out")
    plain = lines(done.folder / "data" / "attendance_day.csv")
    told = [
        {k: "" if v is None else str(v) for k, v in row.items()}
        for row in made.table(done.folder, "attendance_day")
    ]
    assert plain == told
    assert len(plain) == made.STUDENTS


def test_codes_are_stable_within_an_agreement(town: None, tmp_path: Path) -> None:
    one, two = extract(tmp_path / "one"), extract(tmp_path / "two")
    for name in ("person", "attendance_day", "behavior_incident"):
        assert made.table(one.folder, name) == made.table(two.folder, name)
    people, served = (
        {r["person_id"] for r in made.table(one.folder, n)} for n in ("person", "service_received")
    )
    assert len(people) == made.STUDENTS
    assert len(served) == made.STUDENTS // 2
    assert served < people  # linked: harbor's students bear the codes of north's
    alone = len(people) - len(served)
    (said,) = [warning for warning in one.warnings if warning.startswith("Linked to no record")]
    assert f"about {alone} of {len(people)} records of North" in said
    assert f"fewer than 10 of {len(served)} records of Harbor" in said
    assert said in (one.folder / "terms.txt").read_text("utf-8")


def test_the_statement_of_a_contested_part_goes_along(
    town: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from throughway.consent.selectors.rights import FamilyStatement
    from throughway.gate.actions import amendment_statements

    said = FamilyStatement(
        code="S1", partner="north", record=made.FIRST, element="attendance_day.attendance_status",
        text="=She was ill, and the school knew.", on=date(2026, 9, 9),
    )  # fmt: skip
    monkeypatch.setattr(amendment_statements, "statements", lambda partners: [said])
    done = extract(tmp_path / "out")
    (line,) = lines(done.folder / "statements.csv")
    assert line["statement"] == "'=She was ill, and the school knew."
    assert line["person_id"] in {row["person_id"] for row in made.table(done.folder, "attendance_day")}
    assert any("statements.csv" in warning for warning in done.warnings)
    assert (
        "The family's statement S1"
        in LedgerEntry.objects.get(id=done.manifest["disclosures"][0]).reasons[0]["sentence"]
    )


def test_who_is_alone_is_counted_and_never_told(town: None, tmp_path: Path) -> None:
    making.land("person", "north", [
        {"person_record": 900, "first_name": "Only", "birthdate": date(1999, 1, 1), "sex": "NotSelected"}
    ], "sharing-2026", year=2027)  # fmt: skip
    done = extract(tmp_path / "out")
    assert done.manifest["rarity"]["together"] | {"elements": []} == {
        "elements": [], "students": 41, "smallest_group_asked_for": 10, "alone": 1, "in_groups_below": 1,
    }  # fmt: skip
    assert "person.sex" in done.manifest["rarity"]["together"]["elements"]
    assert done.warnings[0].startswith("1 student of 41 share")
    assert "1999" not in without_codes(json.dumps(done.manifest))


@pytest.mark.parametrize(
    ("id", "email", "says"),
    [
        ("nowhere", made.EVALUATOR, "No agreement has the id nowhere"),
        ("sharing-2026", made.EVALUATOR, "sharing-2026 is not a license"),
        (
            "study-a-study",
            made.EVALUATOR,
            "study-a-study is not a license.*; name study-a, which is under it",
        ),
        ("study-a", "evaluator@harbor.example", "harbor is not among the recipients"),
        ("study-a", "officer@hub.example", "The role privacy officer may not read"),
    ],
)
def test_refusals_leave_nothing_behind(town: None, tmp_path: Path, id: str, email: str, says: str) -> None:
    before = LedgerEntry.objects.count()
    with pytest.raises(Refused, match=says):
        extract(tmp_path / "out", id, email)
    assert not list(tmp_path.glob("*out*"))
    assert LedgerEntry.objects.count() - before == (id != "nowhere")
    assert id == "nowhere" or ("not a license" in says) == (one(id).document.tier is not Tier.DUL)
    assert not Extract.objects.exists()


def test_a_draft_of_others_is_not_there(town: None, tmp_path: Path) -> None:
    parties = [making.party("north", "discloser"), making.party("hub", "steward", "recipient")]
    secret = made.study("quiet", parties=parties)
    secret["purposes"] = [p for p in secret["purposes"] if p["from"] == ["north"]]
    secret["schedule"] = [line for line in secret["schedule"] if "from" not in line]
    agreements.add(text=json.dumps(secret), by=OPERATOR)
    with pytest.raises(Refused, match="No agreement has the id quiet"):
        extract(tmp_path / "out", "quiet", "evaluator@harbor.example")
    with pytest.raises(Refused, match="quiet is a draft") as refused:
        extract(tmp_path / "out", "quiet")
    assert refused.value.message.endswith(
        "no party has signed it. No extract can be taken before all parties have signed it (`throughway agreement sign quiet`) and it is "
        "in effect (`throughway agreement activate quiet`)."
    )


def test_an_extract_takes_the_grants_of_its_own_agreement_alone(tmp_path: Path) -> None:
    """Two licenses may serve one purpose; the extract of one shows neither the rows nor the codes of the other."""
    made.town()
    both = "round"
    making.in_effect(made.wide(both))
    for id, table in (("license-a", "attendance_day.*"), ("license-b", "behavior_incident.*")):
        document = made.study(both)
        lines_ = [
            making.line(table, both),
            making.line("person.sex", both),
            making.line("person.*", "matching"),
        ]
        making.in_effect(document | {"id": id, "schedule": lines_})
    a, b = extract(tmp_path / "a", "license-a"), extract(tmp_path / "b", "license-b")
    assert not (a.folder / "data" / "behavior_incident.csv").exists()
    assert not (b.folder / "data" / "attendance_day.csv").exists()
    codes = [{row["person_id"] for row in made.table(x.folder, "person")} for x in (a, b)]
    assert len(codes[0]) == len(codes[1]) == made.STUDENTS
    assert not codes[0] & codes[1]
    entry = LedgerEntry.objects.get(id=b.manifest["disclosures"][0])
    assert [id for id, _ in entry.agreements] == ["license-b"]


@pytest.mark.parametrize(
    ("kept", "term"),
    [
        ({"terms": {**making.sharing()["terms"], "prohibited": ["sale", "extracts"]}}, "terms.prohibited"),
        (
            {
                "clauses": {
                    **making.CLAUSES,
                    "protect_from_further_disclosure": "The coded records stay in this system.",
                }
            },
            "clauses.protect_from_further_disclosure",
        ),
    ],
)
@pytest.mark.parametrize("tier", ["license", "study"])
def test_what_stays_in_the_system_is_not_taken_along(
    tmp_path: Path, kept: dict[str, object], term: str, tier: str
) -> None:
    made.town()
    making.in_effect(made.wide("study-a", **(kept if tier == "study" else {})))
    making.in_effect(made.study("study-a", **(kept if tier == "license" else {})))
    before = LedgerEntry.objects.count()
    with pytest.raises(Refused, match=rf"says in {term} that the records stay in this system"):
        extract(tmp_path / "out")
    assert LedgerEntry.objects.count() == before + 1
    assert not (tmp_path / "out").exists()


def test_rows_are_those_of_the_license_s_scope_and_the_study_s(tmp_path: Path) -> None:
    """Grades 6 and 7 since 2026 in the study, grades 7 and 8 until 2027 in the license: grade 7 of the one year."""
    made.town()
    making.land("school_enrollment", "north", [
        {"person_record": n, "record": n * 10 + year, "entry_grade_level": made.GRADES[(n + year) % 3], "enrollment_entry_date": date(2025 + year, 8, 1),
         "enrollment_exit_date": date(2026 + year, 6, 30)}
        for n in range(made.FIRST, made.FIRST + made.STUDENTS) for year in range(3)
    ])  # fmt: skip
    making.land("attendance_day", "north", [
        {"person_record": n, "record": n * 10 + year, "attendance_event_date": date(2025 + year, 10, 1), "attendance_status": "Tardy"}
        for n in range(made.FIRST, made.FIRST + made.STUDENTS) for year in range(3)
    ])  # fmt: skip

    def scope(grades: str) -> list[dict[str, object]]:
        return [{"from": ["north"], "on": "school_enrollment", "where": f"entry_grade_level IN ({grades})"}]

    making.in_effect(made.wide("study-a", population=scope("'06', '07'"), records={"from": "2026-07-01"}))
    making.in_effect(made.study("study-a", population=scope("'07', '08'"), records={"to": "2027-06-30"}))
    taken = made.table(extract(tmp_path / "out").folder, "attendance_day")
    in_grade_7 = [
        n for n in range(made.FIRST, made.FIRST + made.STUDENTS) if made.GRADES[(n + 1) % 3] == "07"
    ]
    assert {row["attendance_event_date"] for row in taken if row["attendance_status"] == "Tardy"} == {
        date(2026, 10, 1)
    }
    assert sum(row["attendance_status"] == "Tardy" for row in taken) == len(in_grade_7)


@pytest.mark.parametrize("there", ["file", "full folder", "no parent", "in the community"])
def test_where_something_is_already_nothing_is_asked(town: None, tmp_path: Path, there: str) -> None:
    out = tmp_path / "out"
    if there == "file":
        out.write_text("mine")
    elif there == "full folder":
        out.mkdir()
        (out / "mine.txt").write_text("mine")
    elif there == "no parent":
        out = tmp_path / "no" / "out"
    else:
        out = settings.COMMUNITY.root / "data" / ".." / "feeds" / "out"
    before = LedgerEntry.objects.count()
    with pytest.raises(Refused):
        extract(out)
    assert LedgerEntry.objects.count() == before


def test_nothing_is_written_before_its_entry_stands(
    town: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    write = files.write_tables

    def writing(folder: Path, tables: object) -> None:
        entry = LedgerEntry.objects.order_by("at").last()
        seen.append(
            (entry.outcome, Extract.objects.get().disclosure == entry.id, Extract.objects.get().written_at)
        )
        assert not connection.in_atomic_block
        write(folder, tables)  # type: ignore[arg-type]

    monkeypatch.setattr(files, "write_tables", writing)
    extract(tmp_path / "out")
    assert seen == [("released", True, None)]


def test_a_full_disk_leaves_nothing_and_says_so(
    town: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path, tables: object) -> None:
        (folder / "half.csv").write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "write_tables", full)
    with pytest.raises(Refused, match="the disk is full; no part of it is left"):
        extract(tmp_path / "out")
    assert not list(tmp_path.glob(".*")) + list(tmp_path.glob("*out*"))
    assert Extract.objects.get().written_at is None


def test_what_ends_while_it_is_made_is_not_given(
    town: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from throughway.gate.actions import governed_access

    run = governed_access.run

    def ending(*args: object, **more: object) -> object:
        if next(ended, None):
            agreements.terminate(id="study-a", by=making.reader("officer@north.example"))
        return run(*args, **more)  # type: ignore[arg-type]

    ended = iter([1])
    monkeypatch.setattr(governed_access, "run", ending)
    with pytest.raises(Refused, match="Access changed while the query was running"):
        extract(tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert not Extract.objects.exists()


def test_a_certificate_names_the_extracts_and_who_holds_them(town: None, tmp_path: Path) -> None:
    done = extract(tmp_path / "out")
    assert not copies(Subject("agreement", "sharing-2026", frozenset({"north"})))
    assert not copies(Subject("partner", "hub", frozenset({"hub"})))
    of_one = [
        copies(Subject("person", "1", frozenset({"north"}), frozenset({number})))
        for number in (made.FIRST, made.FIRST + made.STUDENTS)
    ]
    assert [len(found) for found in of_one] == [1, 0]
    officer = making.reader("officer@north.example")
    agreements.terminate(id="study-a", by=officer)
    body = orders.destroy(agreement="study-a", by=officer).body
    told = {"id": done.id, "partner": "hub", "made": date.today().isoformat(), "until": "2099-08-29"}
    assert [{k: v for k, v in c.items() if k != "what"} for c in body["copies"]] == [told]
    assert "Extracts that their holders must destroy" in str(list(blocks_of(body)))


def test_texts_like_formulas_are_quoted_in_csv_alone(tmp_path: Path) -> None:
    import pyarrow as pa

    rows = pa.table({"a": ["=1+1", "-x", "plain", None, ""], "n": [-1, 2, 3, 4, 5]})
    files.write_tables(tmp_path, {"t": rows})
    assert [line["a"] for line in lines(tmp_path / "data" / "t.csv")] == ["'=1+1", "'-x", "plain", "", ""]
    assert [line["n"] for line in lines(tmp_path / "data" / "t.csv")] == ["-1", "2", "3", "4", "5"]
    assert made.table(tmp_path, "t") == rows.to_pylist()

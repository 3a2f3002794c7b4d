"""HSDS: what is written can be read back and holds to the specification; what is broken is a sentence each."""

import csv
import json
import shutil
import zipfile
from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.gate import making
from throughway.core.refusals import Refused
from throughway.core.spreadsheet import FORMULA, plain, safe
from throughway.intake.load_report import groups, lines
from throughway.intake.models import IntakeBatch
from throughway.partners import OPERATOR
from throughway.supports import actions, selectors
from throughway.supports.entry import (
    SUBJECTS,
    SupportEntry,
    SupportStatement,
    WayHome,
    WeeklySession,
    checked,
)
from throughway.supports.hsds import writing
from throughway.supports.hsds.files import read
from throughway.supports.hsds.statements import read_support

from .test_entry import CLUB

KEY = "8896b788-7b3e-11ef-8db9-7f3d040352b3"
TODAY = date.today()
CHESS = SupportStatement("Chess", "stem", sessions=(WeeklySession("SA"),), public=True)
ENTRIES = [
    SupportEntry(1, KEY, "bright", "Bright Futures", CLUB, date(2026, 9, 1), None, date(2026, 9, 1)),
    SupportEntry(2, "9896b788-7b3e-11ef-8db9-7f3d040352b3", "harbor", "Harbor", CHESS, None, None, date(2026, 9, 1)),
]  # fmt: skip


def written(folder: Path, entries: list[SupportEntry], form: str) -> Path:
    if form == "json":
        path = folder / "directory.json"
        path.write_text(writing.page(entries), encoding="utf-8")
        return path
    folder = folder / "package"
    folder.mkdir(exist_ok=True)
    for name, text in writing.package(entries).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def back(path: Path) -> list[SupportStatement]:
    found = read(path)
    assert found.problems == []
    faults: list[tuple[str, ...]] = []
    said = [
        read_support(each.service, "bright", TODAY, lambda *fault: faults.append(fault)).said
        for each in found.services
    ]
    assert faults == []
    return said


STATEMENTS = st.builds(
    SupportStatement,
    name=st.text("abc ,\"é\n;", min_size=1, max_size=12).filter(str.strip),
    category=st.sampled_from(["other", "tutoring", "stem"]),
    description=st.text("xy,\"\n=+'é", max_size=10),
    sessions=st.lists(st.builds(WeeklySession, st.sampled_from(["MO", "TU", "SU"]), st.none() | st.times().map(lambda t: t.replace(second=0, microsecond=0, fold=0))), max_size=3).map(tuple),
    starts=st.none() | st.dates(date(2025, 1, 1), date(2026, 1, 1)),
    ends=st.none() | st.dates(date(2026, 1, 2), date(2027, 1, 1)),
    subjects=st.lists(st.sampled_from(list(SUBJECTS)), max_size=3, unique=True).map(tuple),
    languages=st.lists(st.sampled_from(["eng", "spa", "chi", "hat", "nav"]), max_size=3, unique=True).map(tuple),
    lowest_grade=st.sampled_from(["", "KG", "03"]),
    minimum_age=st.none() | st.integers(0, 20),
    latitude=st.just(41.5), longitude=st.just(-71.25),
    seats_open=st.none() | st.integers(0, 9),
    seats_on=st.just(date(2026, 9, 1)),
    cost=st.none() | st.decimals(0, 99, places=2),
    way_home=st.sampled_from(WayHome),
    office=st.just("Front desk"), email=st.sampled_from(["", "a@b.example"]),
    public=st.booleans(),
)  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "json"])
@given(said=STATEMENTS)
def test_what_is_written_is_read_back(
    form: str, said: SupportStatement, tmp_path_factory: pytest.TempPathFactory
) -> None:
    said = checked(said)
    path = written(tmp_path_factory.mktemp("hsds"), [replace(ENTRIES[0], said=said)], form)
    [again] = back(path)
    assert checked(again) == said


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_full_entry_is_read_back_but_for_those_who_wait(form: str, tmp_path: Path) -> None:
    club, chess = back(written(tmp_path, ENTRIES, form))
    assert checked(club) == replace(CLUB, waiting=None)
    assert (
        replace(checked(chess), office="") == CHESS
    )  # HSDS wants an organization, which is asked where no office is named


def test_the_same_directory_gives_the_same_bytes() -> None:
    assert writing.package(ENTRIES) == writing.package(ENTRIES)
    assert writing.page(ENTRIES) == writing.page(ENTRIES)


def test_no_cell_of_the_tables_is_a_formula() -> None:
    said = replace(CHESS, name="=HYPERLINK(0)", description="-1+1", phone="+1 401 555 0100", place="@here")
    for text in writing.package([replace(ENTRIES[0], said=said)]).values():
        cells = [cell for row in csv.reader(StringIO(text)) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
        assert [cell for cell in cells if cell.startswith("-")] in ([], [str(said.longitude)])


@given(text=st.text("=+-@\t\r'a"))
def test_a_text_kept_from_being_a_formula_is_given_back(text: str) -> None:
    assert not safe(text).startswith(tuple(FORMULA))
    assert plain(safe(text)) == text


def faults_of(files: dict[str, str], package: dict[str, Any]) -> list[str]:
    """A slow and plain check of CSV tables against the specification's datapackage.json: columns, required cells, types, lists of values and
    references."""
    found = []
    tables = {each["name"]: each for each in package["resources"]}
    rows = {
        name: list(csv.DictReader(StringIO(files[each["path"]])))
        for name, each in tables.items()
        if each["path"] in files
    }
    for name, held in rows.items():
        schema = tables[name]["schema"]
        fields = {field["name"]: field for field in schema["fields"]}
        for row in held:
            found += [f"{name}: unknown column {column}" for column in row if column not in fields]
            for column, field in fields.items():
                value, limits = row.get(column) or "", field.get("constraints", {})
                if limits.get("required") and not value:
                    found.append(f"{name}: {column} is required")
                if value and "enum" in limits and value not in limits["enum"]:
                    found.append(f"{name}: {column} is none of {limits['enum']}")
                if value and field.get("type") == "number":
                    float(value)
                if value and field.get("type") == "date":
                    date.fromisoformat(value)
            for key in schema.get("foreignKeys", ()):
                column, target = key["fields"], key["reference"]["resource"]
                if row.get(column) and row[column] not in {each["id"] for each in rows.get(target, ())}:
                    found.append(f"{name}: {column} points nowhere")
    return found


def test_the_export_holds_to_hsds_3(samples: Path) -> None:
    spec = samples / "hsds-cc-by-sa" / "spec30"
    package = json.loads((spec / "datapackage.json").read_text())
    files = writing.package(ENTRIES)
    assert faults_of(files, package) == []
    assert faults_of(files, json.loads(files["datapackage.json"])) == []
    spoiled = files | {"schedules.csv": files["schedules.csv"].replace("WEEKLY", "OFTEN")}
    assert faults_of(spoiled, package) != []  # the check itself can fail
    schema = json.loads((spec / "schema" / "compiled" / "service_with_definitions.json").read_text())
    judge = Draft202012Validator(schema)
    for service in json.loads(writing.page(ENTRIES))["contents"]:
        assert [error.message for error in judge.iter_errors(service)] == []


# Each file of the specification's examples, what becomes of it, and a part of the sentences about it.
EXAMPLES = [
    ("spec30/examples/service_full.json", 1, ["the coordinates are on no map", "the cost is not in dollars"]),
    ("spec30/examples/service_at_location_full.json", 1, ["the coordinates are on no map"]),
    ("spec30/examples/organization_full.json", 1, ["the cost is not in dollars"]),
    ("spec30/examples/service_list.json", 1, ["this is one page of several"]),
    ("spec31dev/examples/service_full.json", 1, ["the unit is not seats"]),
    ("spec30/examples/csv", 1, ["it names no row of organizations.csv", "the coordinates are on no map", "the cost is not in dollars"]),
    ("spec31dev/examples/csv", 1, ["it names no row of organizations.csv", "it names no row of services.csv"]),
    ("spec30/examples/taxonomy_term.json", 0, ["this is no service"]),
    ("spec30/examples/location.json", 0, ["this is no service"]),
]  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("name", "landed", "says"), EXAMPLES)
def test_examples_of_the_specification(
    name: str, landed: int, says: list[str], samples: Path, community: object
) -> None:
    making.register()
    loaded = actions.load_directory(path=samples / "hsds-cc-by-sa" / name, partner="harbor", by=OPERATOR)
    assert loaded.tables["service"].landed == landed
    assert len(selectors.entries()) == landed
    assert (loaded.nothing is None) is bool(landed)
    said = [f"{group.problem}; {group.cure}" for group in groups(loaded.quarantine)]
    for words in says:
        assert any(words in sentence for sentence in said), (words, said)
    text = loaded.quarantine.read_text()
    assert "Persona" not in text
    assert not any("Persona" in json.dumps(entry.said.__dict__, default=str) for entry in selectors.entries())
    again = actions.load_directory(path=samples / "hsds-cc-by-sa" / name, partner="harbor", by=OPERATOR)
    assert (again.tables["service"].landed, again.tables["service"].unchanged) == (0, landed)


def service(**more: Any) -> dict[str, Any]:
    return {"id": KEY, "name": "Chess", "status": "active", "assured_date": TODAY.isoformat()} | more


BROKEN = [
    ({"name": ""}, "The service has no name; give it one"),
    ({"eligibility_description": "Girls only"}, "chooses students by sex"),
    ({"minimum_age": 12, "maximum_age": 7}, "oldest age is below the youngest"),
    ({"description": "x" * 3000}, "more than 2,000 characters"),
    ({"attributes": [{"value": "sex is Female", "taxonomy_term": {"taxonomy": "throughway", "code": "rule"}}]}, "chooses students by sex"),
    ({"attributes": [{"value": "sex equals F", "taxonomy_term": {"taxonomy": "throughway", "code": "rule"}}]}, "cannot be read"),
]  # fmt: skip
UNREADABLE = [
    ({"status": "open"}, "status", "none of active"),
    ({"assured_date": "2999-01-01"}, "assured_date", "still to come"),
    ({"assured_date": "yesterday"}, "assured_date", "the day cannot be read"),
    ({"minimum_age": "ten"}, "minimum_age", "it is no number"),
    ({"email": "nobody"}, "email", "it cannot be read"),
    ({"url": "javascript:alert(1)"}, "url", "it cannot be read"),
    ({"languages": [{"name": "Klingonese"}]}, "languages", "neither code nor name"),
    ({"schedules": [{"byday": "1MO", "freq": "MONTHLY"}]}, "byday", "only weekly days"),
    ({"schedules": [{"byday": "MO", "opens_at": "noon"}]}, "opens_at", "the time cannot be read"),
    (
        {"schedules": [{"byday": "MO", "opens_at": "17:00", "closes_at": "15:00"}]},
        "closes_at",
        "closes before it opens",
    ),
    ({"cost_options": [{"amount": "much"}]}, "amount", "it is no number"),
    (
        {"capacities": [{"unit": {"name": "seat"}, "available": 9, "maximum": 2}]},
        "available",
        "more seats are available",
    ),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("fault", "says"), BROKEN)
def test_a_service_that_cannot_be_entered_is_set_aside(
    fault: dict[str, Any], says: str, tmp_path: Path, community: object
) -> None:
    making.register()
    path = tmp_path / "services.json"
    good = service(id="1896b788-7b3e-11ef-8db9-7f3d040352b3", name="Go")
    path.write_text(json.dumps([service(**fault), good]))
    loaded = actions.load_directory(path=path, partner="harbor", by=OPERATOR)
    assert (loaded.tables["service"].quarantined, loaded.tables["service"].landed) == (1, 1)
    [line] = lines(loaded.quarantine)
    assert says in line.problem
    assert line.row == "1"
    assert [entry.said.name for entry in selectors.entries()] == ["Go"]


@pytest.mark.parametrize(("fault", "column", "says"), UNREADABLE)
def test_a_cell_that_cannot_be_read_is_left_out(fault: dict[str, Any], column: str, says: str) -> None:
    found: list[tuple[str, str, str]] = []
    support = read_support(service(**fault), "harbor", TODAY, lambda *parts: found.append(parts))
    assert [(where, says in what) for where, what, _ in found] == [(column, True)]
    assert checked(support.said).name == "Chess"


@pytest.mark.django_db(transaction=True)
def test_a_feed_changes_what_it_speaks_of_and_closes_what_it_ends(tmp_path: Path, community: object) -> None:
    making.register()
    path = tmp_path / "services.json"
    path.write_text(json.dumps(service(languages=[{"code": "es"}])))
    loaded = actions.load_directory(path=path, partner="harbor", by=OPERATOR)
    [first] = selectors.entries()
    assert (first.said.languages, first.confirmed, first.key) == (("spa",), TODAY, KEY)
    assert IntakeBatch.objects.get(id=loaded.batch).format == "hsds"
    actions.change_support(number=first.number, said=replace(first.said, transport="Bus 4"), by=OPERATOR)
    path.write_text(json.dumps(service(languages=[{"name": "Portuguese"}], status="temporarily closed")))
    actions.load_directory(path=path, partner="harbor", by=OPERATOR)
    [now] = selectors.entries()
    assert (now.said.languages, now.said.transport, now.closed) == (("por",), "Bus 4", TODAY)
    again = actions.load_directory(path=path, partner="harbor", by=OPERATOR)
    assert again.tables["service"].unchanged == 1
    stolen = actions.load_directory(path=path, partner="north", by=OPERATOR)
    assert stolen.nothing is not None
    assert "directory of another partner" in stolen.nothing.message
    assert [entry.partner for entry in selectors.entries()] == ["harbor"]


@pytest.mark.django_db(transaction=True)
def test_files_that_are_no_directory_are_refused_in_a_sentence(tmp_path: Path, community: object) -> None:
    making.register()
    text = tmp_path / "note.txt"
    text.write_text("hello")
    package = written(tmp_path, ENTRIES, "csv")
    (package / "services.csv").unlink()
    packed = tmp_path / "empty.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    for path in (text, package, packed, tmp_path / "absent.json"):
        with pytest.raises(Refused) as refused:
            actions.load_directory(path=path, partner="harbor", by=OPERATOR)
        assert refused.value.message.endswith(".")
    assert selectors.entries() == ()
    assert IntakeBatch.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_package_whose_list_of_tables_is_not_json_is_read_by_the_names_of_its_files(
    tmp_path: Path, community: object
) -> None:
    """As where a link was unpacked as a text file that holds its target."""
    making.register()
    package = written(tmp_path, ENTRIES, "csv")
    (package / "datapackage.json").write_text("../../datapackage.json")
    loaded = actions.load_directory(path=package, partner="harbor", by=OPERATOR)
    assert loaded.tables["service"].landed == len(ENTRIES)
    assert [(group.file, group.problem) for group in groups(loaded.quarantine)] == [
        ("datapackage.json", "this is not JSON")
    ]


@pytest.mark.django_db(transaction=True)
def test_a_zipped_package_and_latin_text_are_read(tmp_path: Path, community: object) -> None:
    making.register()
    package = written(tmp_path, [replace(ENTRIES[0], said=replace(CLUB, place="Café"))], "csv")
    old = (package / "locations.csv").read_text(encoding="utf-8")
    (package / "locations.csv").write_bytes(old.encode("latin-1"))
    packed = Path(shutil.make_archive(str(tmp_path / "directory"), "zip", package))
    loaded = actions.load_directory(path=packed, partner="harbor", by=OPERATOR)
    assert loaded.tables["service"].landed == 1
    assert selectors.entries()[0].said.place == "Café"

"""A load is taken back: its rows die, what it had changed comes back, and what came later and rests on it goes with it."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.utils import timezone

from tests.destruction.papers import HEAD, STUDENTS, load, paper, people, person, rows, sign
from tests.destruction.test_agreement import files_with, held
from tests.destruction.test_consent import decide
from tests.kept import kept
from throughway.casework.models import ContactNote
from throughway.cli.root import main
from throughway.consent import actions as consent
from throughway.consent.selectors.decisions import consents
from throughway.core.refusals import Refused
from throughway.destruction.actions import holds, orders
from throughway.destruction.models import Destruction
from throughway.identity.actions.linking import link
from throughway.identity.models import IdentityRun
from throughway.intake.feeds.actions import pick_up
from throughway.intake.models import IntakeBatch
from throughway.intake.selectors import batch_of, changes_after, loads_read
from throughway.partners import OPERATOR
from throughway.store import Community
from throughway.store.actions.maintenance import check
from throughway.store.actions.removal import sweep

pytestmark = pytest.mark.django_db(transaction=True)
ALL = ["element: person.*", "element: attendance_day.*", "element: school_enrollment.*"]
SEPTEMBER = {"SENTINEL-001": "06", "SENTINEL-002": "07"}
STEWARD = ("steward", "backbone")


@pytest.fixture
@kept
def town(community: Community) -> Community:
    """A school whose files come in under one agreement."""
    people()
    sign(paper("town", ALL), "town")
    return community


def state() -> dict[str, list[tuple[tuple[str, str], ...]]]:
    """What the store says, without the numbers that it drew and the loads that brought it."""
    keys = {row["record"]: row["key"] for row in held("record_key")}
    drawn = {"record", "batch_id", "recorded_at"}
    found = {}
    for table in ("person", "attendance_day", "school_enrollment"):
        for name in (table, f"{table}~history"):
            found[name] = sorted(
                tuple(sorted((k, str(keys[v] if k == "person_record" else v)) for k, v in row.items() if k not in drawn))
                for row in held(name)
            )  # fmt: skip
    found["record_key"] = sorted((("key", str(key)),) for key in keys.values())
    return found


def undo(load: str, by: object = OPERATOR, reason: str = "It is another partner's file") -> object:
    return orders.undo(load=load, reason=reason, by=by)  # type: ignore[arg-type]


def corrected(lines: Sequence[Sequence[str]], **cells: str) -> list[Sequence[str]]:
    place = {"last": 2, "mark": 5, "grade": 7}
    found = [list(line) for line in lines]
    for line in found:
        for name, value in cells.items():
            line[place[name]] = value
    return [tuple(line) for line in found]


def test_its_rows_and_keys_die(town: Community, tmp_path: Path) -> None:
    load(tmp_path, rows({"SENTINEL-001": "06"}))
    before = state()
    wrong = load(tmp_path, rows({"SENTINEL-777": "06", "SENTINEL-778": "07"}), name="wrong")
    made = undo(wrong.batch)
    assert state() == before
    for text in ("SENTINEL-777", "Family-SENTINEL-778"):
        assert files_with(town, text) == []
    assert check() == []
    assert made.destroyed["rows"] == {  # type: ignore[attr-defined]
        "attendance_day": 4, "person": 2, "record_key": 2, "school_enrollment": 2,
    }  # fmt: skip
    facts = batch_of(wrong.batch).taken_back  # type: ignore[union-attr]
    assert (facts["by"], facts["why"]) == ("operator", "It is another partner's file")
    assert not wrong.quarantine.exists()


def test_what_it_had_changed_is_as_it_was(town: Community, tmp_path: Path) -> None:
    lines = rows(SEPTEMBER)
    load(tmp_path, lines)
    before = state()
    wrong = load(tmp_path, corrected(lines, last="Changed", mark="UnexcusedAbsence"), name="wrong")
    made = undo(wrong.batch)
    assert state() == before
    assert files_with(town, "Changed") == []
    assert Destruction.objects.get(id=made.id).work["restored"] == {"attendance_day": 4, "person": 2}  # type: ignore[attr-defined]
    again = load(tmp_path, lines, name="again")
    assert (again.tables["person"].landed, again.tables["person"].unchanged) == (0, 4)


def test_later_loads_that_rest_on_it_go_with_it(town: Community, tmp_path: Path) -> None:
    lines = rows({"SENTINEL-001": "06"})
    first = load(tmp_path, lines)
    before = state()
    wrong = load(tmp_path, corrected(lines, last="Wrong"), name="wrong")
    apart = load(tmp_path, rows({"SENTINEL-002": "07"}), name="apart")
    later = load(tmp_path, corrected(lines, last="Later"), name="later")
    found, _ = orders.undoing(load=wrong.batch, by=OPERATOR)
    assert found.ids == (later.batch, wrong.batch)
    undo(wrong.batch)
    assert batch_of(apart.batch).taken_back == {}  # type: ignore[union-attr]
    undo(apart.batch)
    assert state() == before
    assert batch_of(first.batch).taken_back == {}  # type: ignore[union-attr]


def test_who_found_its_rows_stored_rests_on_it(town: Community, tmp_path: Path) -> None:
    first = load(tmp_path, rows(SEPTEMBER))
    second = load(tmp_path, rows(SEPTEMBER), name="same")
    assert orders.undoing(load=first.batch, by=OPERATOR)[0].ids == (second.batch, first.batch)
    undo(first.batch)
    assert all(not found for found in state().values())


@pytest.mark.parametrize("who", [("officer", "club"), ("leader", "backbone"), ("worker", "backbone")])
def test_who_may_not(town: Community, tmp_path: Path, who: tuple[str, str]) -> None:
    done = load(tmp_path, rows(SEPTEMBER))
    before = state()
    with pytest.raises(Refused) as refused:
        undo(done.batch, person(*who))
    assert refused.value.code in ("not_allowed", "unknown_batch")
    assert state() == before


def test_what_cannot_be_taken_back(town: Community, tmp_path: Path) -> None:
    done = load(tmp_path, rows(SEPTEMBER))
    for id, reason, code in ((done.batch, " ", "reason"), ("nothing", "Why", "unknown_batch")):
        with pytest.raises(Refused) as refused:
            undo(id, reason=reason)
        assert refused.value.code == code
    with pytest.raises(Refused):
        load(tmp_path, rows(SEPTEMBER), partner="unknown")


@pytest.mark.parametrize(("kind", "subject", "who"), [("partner", "school", ("officer", "school")), ("agreement", "town", STEWARD)])  # fmt: skip
def test_not_while_a_hold_stands(
    town: Community, tmp_path: Path, kind: str, subject: str, who: tuple[str, str]
) -> None:
    done = load(tmp_path, rows(SEPTEMBER))
    before = state()
    hold = holds.hold(kind=kind, subject=subject, notice="24-17", why="A complaint", by=person(*who))
    with pytest.raises(Refused, match="legal hold"):
        undo(done.batch)
    assert state() == before
    holds.lift(code=hold.code, why="Settled", by=person(*who))
    undo(done.batch)
    assert state()["person"] == []


def test_twice_is_once(town: Community, tmp_path: Path) -> None:
    lines = rows({"SENTINEL-001": "06"})
    first = load(tmp_path, lines)
    later = load(tmp_path, corrected(lines, last="Later"), name="later")
    made = undo(first.batch)
    for id in (first.batch, later.batch):  # also the one that went with it
        assert undo(id, person(*STEWARD), reason="").id == made.id  # type: ignore[attr-defined]
    assert Destruction.objects.count() == 1


def test_after_its_rows_were_destroyed_nothing_is_there(town: Community, tmp_path: Path) -> None:
    done = load(tmp_path, rows({"SENTINEL-001": "06"}))
    [number] = {row["person_record"] for row in held("person")}
    orders.destroy(person=int(str(number)), by=person("officer", "school"))
    with pytest.raises(Refused) as refused:
        undo(done.batch)
    assert refused.value.code == "nothing_there"


def test_a_destruction_in_between_leaves_the_others_to_come_back(town: Community, tmp_path: Path) -> None:
    """The superseded rows that a destruction left are still those of the load that superseded them."""
    lines = rows(SEPTEMBER)
    load(tmp_path, lines)
    wrong = load(tmp_path, corrected(lines, last="Changed"), name="wrong")
    number = next(row["person_record"] for row in held("person"))
    orders.destroy(person=int(str(number)), by=person("officer", "school"))
    undo(wrong.batch)
    assert len(held("person")) == 1
    assert held("person~history") == []
    assert files_with(town, "Changed") == []


def test_same_file_comes_in_again_only_by_a_persons_word(town: Community, tmp_path: Path) -> None:
    lines = rows(SEPTEMBER)
    undo(load(tmp_path, lines).batch)
    with pytest.raises(Refused, match="was taken back") as refused:
        load(tmp_path, lines, name="under-another-name")
    assert refused.value.code == "taken_back"
    assert held("person") == []
    IntakeBatch.objects.update(digest="")  # as an earlier version left it
    with pytest.raises(Refused, match="was taken back"):
        load(tmp_path, lines)
    load(tmp_path, rows({"SENTINEL-003": "06"}), name="another")


def test_old_bytes_are_swept(town: Community, tmp_path: Path) -> None:
    wrong = load(tmp_path, rows(SEPTEMBER))
    undo(wrong.batch)
    swept = sweep(by=OPERATOR)
    assert (swept.orphans, swept.retired) == (0, 0)


def test_what_no_consent_admits_today_does_not_come_back(community: Community, tmp_path: Path) -> None:
    people()
    sign(paper("chosen", ALL, custody="{basis: consent, basis_details: {}}"), "chosen")
    for key in SEPTEMBER:
        decide(tmp_path, key)
    lines = rows(SEPTEMBER)
    load(tmp_path, lines)
    wrong = load(tmp_path, corrected(lines, last="Changed"), name="wrong")
    [number] = {row["record"] for row in held("record_key") if row["key"] == "SENTINEL-001"}
    [code] = [c.id for c in consents() if c.record == number]
    consent.withdraw(id=code, by=person("officer", "school"))
    found, _ = orders.undoing(load=wrong.batch, by=OPERATOR)
    assert (found.restored, found.not_restored) == ({"person": 1}, {"person": 1})
    made = undo(wrong.batch)
    assert [row["last_or_surname"] for row in held("person")] == ["Family-SENTINEL-002"]
    assert held("person~history") == []
    assert any("Not restored" in kept["why"] for kept in made.kept)  # type: ignore[attr-defined]
    # What the family decided names the student still.
    assert {row["key"] for row in held("record_key")} == set(SEPTEMBER)


def test_rows_of_students_whom_it_admitted_go_with_it(community: Community, tmp_path: Path) -> None:
    people()
    where = "[{where: \"entry_grade_level = '06'\", on: school_enrollment, when: ever}]"
    sign(paper("sixth", ALL, population=where), "sixth")
    first = load(tmp_path, rows({"SENTINEL-001": "06"}, days=1))
    days = [(*line[:2], line[2], line[3], "2025-11-03", *line[5:]) for line in rows({"SENTINEL-001": ""}, days=1)]  # fmt: skip
    later = load(tmp_path, [(*line[:6], "", "") for line in days], name="days")
    assert later.tables["attendance_day"].landed == 1
    assert orders.undoing(load=first.batch, by=OPERATOR)[0].ids == (later.batch, first.batch)


def test_notes_about_students_who_would_be_left_alone_stop_it(town: Community, tmp_path: Path) -> None:
    kept = load(tmp_path, rows({"SENTINEL-001": "06"}))
    wrong = load(tmp_path, rows({"SENTINEL-777": "06"}), name="wrong")
    numbers = {row["key"]: row["record"] for row in held("record_key")}
    for key in ("SENTINEL-001", "SENTINEL-777"):
        ContactNote.objects.create(
            entry_id=key, version=1, partner="school", record=numbers[key], agreement="town", key="k", author="worker@school.example",
            author_partner="school", author_capacity="own", disclosure="d", at=timezone.now(), on=date.today(), kind="call",
        )  # fmt: skip
    before = state()
    with pytest.raises(Refused, match=r"1 note about a contact .* by worker@school\.example") as refused:
        undo(wrong.batch, person("officer", "school"))
    assert refused.value.code == "waits"
    assert state() == before
    ContactNote.objects.filter(entry_id="SENTINEL-777").delete()
    undo(wrong.batch)
    assert batch_of(kept.batch).taken_back == {}  # type: ignore[union-attr]


def test_linkage_begins_anew_and_who_is_left_keeps_the_id(community: Community, tmp_path: Path) -> None:
    people()
    sign(paper("town", ALL, linkage=True), "town")
    load(tmp_path, rows(SEPTEMBER))
    load(tmp_path, rows({"SENTINEL-001": "06"}), partner="club")
    link(by=OPERATOR)
    persons = {row["record"]: row["person"] for row in held("person_link", "")}
    wrong = load(tmp_path, rows({"SENTINEL-777": "06"}), name="wrong")
    link(by=OPERATOR)
    done = CliRunner().invoke(
        main,
        ["--community", str(community.root), "--json", "load", "--undo", wrong.batch, "--reason", "Wrong"],
    )
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["batches"], told["restored"], told["not_restored"]) == ([wrong.batch], {}, {})
    assert told["rows"]["person"] == 1
    assert {row["record"]: row["person"] for row in held("person_link", "")} == persons
    run = IdentityRun.objects.latest("id")
    assert run.full
    # The ledger names the student whom linkage read, so the key stays.
    assert "SENTINEL-777" in {row["key"] for row in held("record_key")}


def test_check_names_what_would_go(town: Community, tmp_path: Path) -> None:
    done = load(tmp_path, rows(SEPTEMBER))
    before = state()
    run = ["--community", str(town.root), "--json", "load", "--undo", done.batch]
    told = json.loads(CliRunner().invoke(main, [*run, "--check"]).stdout)
    assert (told["batches"], told["students"], told["left_alone"], told["waits"]) == ([done.batch], 2, 2, [])
    assert told["rows"] == {"attendance_day": 4, "person": 2, "record_key": 2, "school_enrollment": 2}
    assert state() == before
    refused = CliRunner().invoke(main, run)
    assert (refused.exit_code, json.loads(refused.stdout)["error"]["code"]) == (1, "reason")
    assert CliRunner().invoke(main, [*run, "--partner", "school", "--reason", "Why"]).exit_code == 2
    assert CliRunner().invoke(main, [*run[:3], "load", "--reason", "Why"]).exit_code == 2


def test_releases_rest_on_what_had_not_been_taken_back_by_then(town: Community, tmp_path: Path) -> None:
    first = load(tmp_path, rows({"SENTINEL-001": "06"}))
    wrong = load(tmp_path, rows({"SENTINEL-777": "06"}), name="wrong")
    read, before = {("school", "attendance_day")}, timezone.now()
    assert [each.id for each in loads_read(read, before)] == [first.batch, wrong.batch]
    undo(wrong.batch)
    assert [each.id for each in loads_read(read, before)] == [first.batch, wrong.batch]
    assert [each.id for each in loads_read(read, timezone.now())] == [first.batch]
    assert loads_read({("club", "attendance_day")}, before) == ()
    # What was counted before is told that its rows changed since.
    assert [each.table for each in changes_after(before) if each.partner == "school"]


def test_the_folder_of_feeds_does_not_land_it_again(town: Community, tmp_path: Path) -> None:
    crosswalk = STUDENTS + 'source: {format: csv}\nfeed:\n  partner: school\n  files: "*.csv"\n'
    (town.crosswalks / "daily.yaml").write_text(crosswalk, encoding="utf-8")
    town.feeds.mkdir(exist_ok=True)
    arrived = town.feeds / "today.csv"

    def arrive() -> None:
        arrived.write_text("\n".join(",".join(line) for line in (HEAD, *rows(SEPTEMBER))), encoding="utf-8")

    arrive()
    [done] = pick_up(by=OPERATOR, settled=0)
    assert (done.message, len(held("person"))) == ("", 2)
    undo(done.batch)
    arrive()
    [again] = pick_up(by=OPERATOR, settled=0)
    assert "was taken back" in again.message
    assert held("person") == []
    assert (town.feeds / "stopped" / "today.csv").exists()

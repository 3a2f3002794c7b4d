"""What is expected of a feed is held at each load: what differs stops before anything lands, and rows that a whole file lost go."""

import csv
import os
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.intake.conftest import Town
from tests.intake.papers import ATTENDANCE, in_effect
from tests.site.people import client_of
from throughway.core.refusals import Refused
from throughway.intake import actions
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.entered_rows import ENTERED, EnteredRow, EnteredRows
from throughway.intake.feeds import views as feed_views
from throughway.intake.feeds.actions import pick_up
from throughway.intake.feeds.contract import (
    Earlier,
    FeedContract,
    TableExpectation,
    TableSeen,
    judge,
    notice,
    stopping,
)
from throughway.intake.load_report import Loaded
from throughway.intake.models import IntakeBatch
from throughway.intake.selectors import batch_of, expected_feeds, open_steps
from throughway.partners import OPERATOR
from throughway.partners.actions import add_user

TODAY = date(2026, 11, 29)
EXPECTED = TableExpectation(
    rows=10, fall=20, rise=50, set_aside=5, newest_days=14, filled={"attendance_status": 90},
    between={"attendance_event_date": ("2020-07-01", "2030-06-30")}, known=80,
)  # fmt: skip
FEED = FeedContract(partner="school", expect={"attendance_day": EXPECTED}, new_columns="stop")
SEEN = TableSeen(
    100, 5, TODAY - timedelta(days=14), {"attendance_status": 90.0}, {"attendance_event_date": 0}, 80.0
)
BEFORE = Earlier(TODAY - timedelta(days=7), {"attendance_day": 100}, frozenset({"Lunch"}))


def rules(
    seen: TableSeen, columns: tuple[str, ...] = ("Lunch",), before: Earlier | None = BEFORE
) -> list[str]:
    return [f.rule for f in judge(FEED, {"attendance_day": seen}, columns, before, TODAY)]


# Each rule at its bound, and one step beyond.
BEYOND: dict[str, dict[str, Any]] = {
    "fall": {"read": 79, "aside": 0},
    "rise": {"read": 151},
    "set_aside": {"aside": 6},
    "newest_days": {"newest": TODAY - timedelta(days=15)},
    "filled": {"filled": {"attendance_status": 89.9}},
    "between": {"outside": {"attendance_event_date": 1}},
    "known": {"known": 79.9},
}


def test_a_file_at_every_bound_is_as_expected() -> None:
    assert rules(SEEN) == []
    assert rules(replace(SEEN, read=80, aside=4)) == rules(replace(SEEN, read=150)) == []


@pytest.mark.parametrize("rule", BEYOND)
def test_one_step_beyond_a_bound_stops(rule: str) -> None:
    found = judge(FEED, {"attendance_day": replace(SEEN, **BEYOND[rule])}, ["Lunch"], BEFORE, TODAY)
    assert [f.rule for f in found] == [rule]
    assert stopping(found) == found
    assert found[0].sentence.endswith(".")


def test_an_empty_file_a_first_file_and_a_new_column() -> None:
    assert rules(TableSeen(0)) == ["rows"]
    assert rules(replace(SEEN, read=10_000, known=None), ("Any",), None) == []  # nothing to compare with
    assert rules(replace(SEEN, newest=None)) == ["newest_days"]
    assert rules(SEEN, ("Lunch", "Notes")) == ["new_columns"]
    told = judge(
        FEED.model_copy(update={"new_columns": "tell"}), {"attendance_day": SEEN}, ["Notes"], BEFORE, TODAY
    )
    assert [f.rule for f in told] == ["new_columns"]
    assert stopping(told) == []


@given(st.integers(0, 400), st.integers(1, 400), st.integers(0, 100), st.integers(0, 300))
def test_the_comparison_with_last_time_is_that_of_the_numbers(
    now: int, last: int, fall: int, rise: int
) -> None:
    feed = FeedContract(
        partner="school",
        expect={"attendance_day": TableExpectation(rows=0, fall=fall, rise=rise, set_aside=100)},
    )
    found = {
        f.rule
        for f in judge(
            feed,
            {"attendance_day": TableSeen(now)},
            (),
            Earlier(TODAY, {"attendance_day": last}, frozenset()),
            TODAY,
        )
    }
    change = 100 * (now - last) / last
    slow = (
        set()
        if now == 0
        else {
            name for name, is_so in (("fall", change < -fall - 1e-9), ("rise", change > rise + 1e-9)) if is_so
        }
    )
    assert found == slow


def test_a_whole_table_is_guarded_even_where_nothing_is_expected_of_it() -> None:
    feed = FeedContract(partner="school", whole=("attendance_day",))
    gone = TableSeen(100, withdrawn=21, stored=100)
    assert [f.rule for f in judge(feed, {"attendance_day": gone}, (), BEFORE, TODAY)] == ["withdrawn"]
    assert judge(feed, {"attendance_day": replace(gone, withdrawn=20)}, (), BEFORE, TODAY) == []
    assert [f.rule for f in judge(feed, {}, (), BEFORE, TODAY)] == ["rows"]


BAD = {
    "expect: {attendance_dai: {rows: 1}}": "attendance_dai is not a table",
    "expect: {attendance_day: {filled: {atendance_status: 90}}}": "attendance_day.atendance_status is not an element",
    "expect: {attendance_day: {fal: 1}}": "fal is not a field",
    "expect: {attendance_day: {fall: 101}}": "must be 100 or less",
    "expect: {attendance_day: {fall: many}}": "must be a whole number",
    "expect: {attendance_day: {between: {attendance_event_date: [2026-13-01, 2026-12-01]}}}": "needs two days",
    "expect: {attendance_day: {between: {attendance_event_date: [2027-01-01, 2026-01-01]}}}": "ends before it begins",
    "expect: {attendance_day: {between: {attendance_status: [A, B]}}}": "needs two days",
    "expect: {person: {newest_days: 3}}": "person has no day",
    "whole: [person]": "person is kept for as long as",
    "whole: [students]": "students is not a table",
    "files: ../keys/*": "files is the name of a file",
    "every_days: 0": "must be 1 or more",
    "new_columns: refuse": "new_columns must be",
}


@pytest.mark.parametrize("text", BAD)
def test_a_wrong_expectation_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(Refused) as refused:
        Crosswalk.read(f"{ATTENDANCE}feed:\n  partner: school\n  {text}\n", "oak.yaml")
    assert BAD[text] in refused.value.message
    assert "feed" in refused.value.message


def test_a_crosswalk_of_a_standard_format_may_hold_expectations_alone() -> None:
    text = "throughway: crosswalk/1\nsource: {format: oneroster}\nfeed: {partner: school, every_days: 7}\n"
    found = Crosswalk.read(text).feed
    assert found is not None
    assert found.due(TODAY) == TODAY + timedelta(days=7)
    with pytest.raises(Refused, match="tables is empty"):
        Crosswalk.read(text.replace("oneroster", "csv"))


# ---- held at each load ----

FEED_OF_SCHOOL = """feed:
  partner: school
  whole: [attendance_day]
  expect:
    attendance_day: {rows: 2, fall: 50, rise: 100}
"""
EVERYBODY = ["element: person.*", "element: attendance_day.*"]


@pytest.fixture
def agreed(town: Town) -> Town:
    town.agree(in_effect(EVERYBODY))
    return town


def days(*numbers: int, status: str = "P", extra: str = "") -> str:
    head = "Student ID,Day,Status" + (f",{extra}" if extra else "")
    return "\n".join([head, *(f"{n},9/4/2024,{status}{',x' if extra else ''}" for n in numbers)]) + "\n"


def load(town: Town, text: str, *, right: str = "", feed: str = FEED_OF_SCHOOL) -> Loaded:
    path, mapped = town.folder / "export.csv", town.folder / "oak.yaml"
    path.write_text(text)
    mapped.write_text(ATTENDANCE + feed)
    return actions.load(path=path, partner="school", format="csv", crosswalk=mapped, by=OPERATOR, right=right)


def stored(town: Town) -> set[int]:
    keys = {record: key for key, record in town.keys().items()}
    return {int(keys[row["person_record"]]) for row in town.rows("attendance_day")}  # type: ignore[index]


def test_a_file_half_as_long_stops_before_anything_lands_and_a_reason_lets_it_in(agreed: Town) -> None:
    load(agreed, days(*range(1, 11)))
    with pytest.raises(Refused, match="10 on") as refused:
        load(agreed, days(1, 2, 3, 4))
    assert refused.value.code == "feed_stopped"
    assert stored(agreed) == set(range(1, 11))
    stopped = batch_of(IntakeBatch.objects.latest("at").id)
    assert stopped is not None
    assert stopped.is_stopped
    assert [f.rule for f in stopped.findings] == ["fall", "withdrawn"]
    loaded = load(agreed, days(1, 2, 3, 4), right="The sixth grade moved to another district.")
    assert loaded.withdrawn == {"attendance_day": 6}
    assert stored(agreed) == {1, 2, 3, 4}
    assert len(agreed.rows("attendance_day~history")) == 6
    kept = batch_of(loaded.batch)
    assert kept is not None
    assert (kept.accepted, kept.is_stopped) == ("The sixth grade moved to another district.", False)
    assert (
        load(agreed, days(1, 2, 3, 4)).differences == ()
    )  # the accepted file is what the next is compared with


def test_a_correction_and_a_deletion_in_one_file(agreed: Town) -> None:
    load(agreed, days(1, 2, 3))
    text = days(1, 2).replace("2,9/4/2024,P", "2,9/4/2024,A")
    loaded = load(agreed, text)
    counts = loaded.tables["attendance_day"]
    assert (counts.landed, counts.changed, counts.unchanged, loaded.withdrawn) == (
        1,
        1,
        1,
        {"attendance_day": 1},
    )
    assert {(row["attendance_status"]) for row in agreed.rows("attendance_day")} == {
        "Present",
        "UnexcusedAbsence",
    }
    assert batch_of(loaded.batch).days == {"attendance_day": ["2024-09-04", "2024-09-04"]}  # type: ignore[union-attr]


def test_other_school_years_and_files_with_unreadable_rows_withdraw_nothing(agreed: Town) -> None:
    load(agreed, days(1, 2, 3))
    load(agreed, days(1, 2, 3).replace("2024", "2025"))
    assert len(agreed.rows("attendance_day")) == 6
    broken = days(1, 2).replace("2,9/4/2024", ",9/4/2024") + "4,9/4/2024,P\n"
    with pytest.raises(Refused, match="cannot be read"):
        load(agreed, broken)
    assert load(agreed, broken, right="The office knows.").withdrawn == {}
    assert stored(agreed) == {1, 2, 3, 4}


def test_a_line_of_totals_neither_stops_a_whole_file_nor_keeps_what_it_lacks(agreed: Town) -> None:
    load(agreed, days(1, 2, 3))
    loaded = load(agreed, days(1, 2) + "Total,,2\n")
    assert (loaded.tables["attendance_day"].quarantined, loaded.withdrawn) == (1, {"attendance_day": 1})
    assert stored(agreed) == {1, 2}
    assert load(agreed, days(1, 2) + "Total,,2\n").differences == ()


def test_rows_that_people_entered_on_the_site_are_not_withdrawn(agreed: Town) -> None:
    load(agreed, days(1, 2, 3))
    day = {"attendance_event_date": "2024-09-05", "attendance_status": "Present"}
    row = EnteredRow("attendance_day", "2024-09-05", day)
    actions.enter_rows(
        partner="school", rows=EnteredRows("9", [row]), within=lambda record: None, by=OPERATOR
    )
    assert load(agreed, days(1, 2)).withdrawn == {"attendance_day": 1}
    assert stored(agreed) == {1, 2, 9}


def test_an_empty_file_and_a_new_column_are_told(agreed: Town) -> None:
    with pytest.raises(Refused, match="at least 2 are expected"):
        load(agreed, days(1))
    load(agreed, days(1, 2))
    assert (
        "1 column came that the last such file did not have"
        in load(agreed, days(1, 2, extra="Bus")).differences[0]
    )
    with pytest.raises(Refused, match="came that the last such file did not have"):
        load(
            agreed,
            days(1, 2, extra="Bus").replace("Bus", "Bus,Meal").replace(",x", ",x,y"),
            feed=FEED_OF_SCHOOL + "  new_columns: stop\n",
        )


def test_a_feed_of_another_partner_is_refused(agreed: Town) -> None:
    with pytest.raises(Refused, match="is for files of college"):
        load(agreed, days(1, 2), feed="feed: {partner: college}\n")


def test_without_a_feed_a_short_file_withdraws_nothing(agreed: Town) -> None:
    load(agreed, days(*range(1, 11)), feed="")
    load(agreed, days(1), feed="")
    assert stored(agreed) == set(range(1, 11))


def test_a_stopped_file_keeps_the_list_of_rows_to_mend(agreed: Town) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        load(agreed, days(1, 2) + ",9/4/2024,P\n")
    listed = agreed.community.quarantine / f"{IntakeBatch.objects.latest('at').id}.csv"
    with Path(listed).open() as file:
        assert [row["row"] for row in csv.DictReader(file)] == ["4"]


def test_the_notice_has_sentences_rows_and_no_value() -> None:
    text = notice(
        partner="School",
        on=TODAY,
        stopped=True,
        sentences=["Too few."],
        problems=["rows 3 and 5: Day: unreadable; write it as 2026-09-01"],
    )
    assert text.splitlines()[0] == "To School"
    assert "was not loaded" in text
    assert "- rows 3 and 5: Day" in text


# ---- the folder, the list, the page ----


def arrive(town: Town, name: str, text: str) -> Path:
    path = town.community.feeds / name
    path.write_text(text)
    return path


@pytest.fixture
def inbox(agreed: Town) -> Town:
    feed = FEED_OF_SCHOOL + '  files: "oak-*.csv"\n  every_days: 7\n'
    (agreed.community.crosswalks / "oak.yaml").write_text(ATTENDANCE + feed)
    return agreed


def test_what_arrived_is_loaded_and_what_is_stopped_is_set_apart(inbox: Town) -> None:
    first = arrive(inbox, "oak-1.csv", days(*range(1, 11)))
    other = arrive(inbox, "elm-1.csv", days(1))
    assert [(found.file, found.message) for found in pick_up(by=OPERATOR, settled=0)] == [("oak-1.csv", "")]
    assert not first.exists()
    assert other.exists()
    assert stored(inbox) == set(range(1, 11))
    short = arrive(inbox, "oak-2.csv", days(1))
    (found,) = pick_up(by=OPERATOR, settled=0)
    assert "so nothing was stored" in found.message
    assert not short.exists()
    assert (inbox.community.feeds / "stopped" / "oak-2.csv").exists()
    assert pick_up(by=OPERATOR, settled=0) == []
    assert stored(inbox) == set(range(1, 11))


def test_links_growing_files_and_files_of_two_feeds_are_left_alone(inbox: Town) -> None:
    (inbox.community.feeds / "oak-link.csv").symlink_to(inbox.community.root / "throughway.toml")
    (inbox.community.feeds / "oak-folder.csv").mkdir()
    growing = arrive(inbox, "oak-3.csv", days(1, 2))
    os.utime(growing, (time.time(), time.time()))  # the disk's clock need not be this process's
    assert pick_up(by=OPERATOR) == []
    assert growing.exists()
    (inbox.community.crosswalks / "oak-again.yaml").write_text(
        (inbox.community.crosswalks / "oak.yaml").read_text()
    )
    (found,) = pick_up(by=OPERATOR, settled=0)
    assert "both take files of this name" in found.message
    assert growing.exists()
    assert stored(inbox) == set()


def states(on: date) -> list[tuple[str, int]]:
    found = expected_feeds(None, on)
    return [(str(feed.state), len(open_steps(on))) for feed in found]


def test_a_feed_is_late_from_the_day_after_it_was_due(inbox: Town) -> None:
    today = date.today()
    assert states(today) == [("waiting", 0)]
    arrive(inbox, "oak-1.csv", days(1, 2, 3, 4))
    pick_up(by=OPERATOR, settled=0)
    day_of_load = IntakeBatch.objects.latest("at").at.date()
    assert states(day_of_load + timedelta(days=7)) == [("on time", 0)]
    assert states(day_of_load + timedelta(days=8)) == [("late", 1)]
    arrive(inbox, "oak-2.csv", days(1))
    pick_up(by=OPERATOR, settled=0)
    assert states(today) == [("stopped", 1)]
    (step,) = open_steps(today)
    assert (step.waits_for, step.kind) == ("school", "feed stopped")
    (inbox.community.crosswalks / "broken.yaml").write_text("feed: {")
    assert states(today) == [("stopped", 1)]


def test_the_page_of_feeds_and_of_the_stopped_file(inbox: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("throughway.intake.views.agreement_statuses", lambda on: [])
    add_user(email="desk@school.example", partner="school", role="data_steward", by=OPERATOR)
    add_user(email="desk@club.example", partner="club", role="data_steward", by=OPERATOR)
    arrive(inbox, "oak-1.csv", days(*range(1, 11)))
    pick_up(by=OPERATOR, settled=0)
    with pytest.raises(Refused):
        actions.load(
            path=arrive(inbox, "oak-2.csv", days(1) + ",9/4/2024,P\n"), partner="school", format="csv", by=OPERATOR,
            crosswalk=inbox.community.crosswalks / "oak.yaml",
        )  # fmt: skip
    pages = {}
    for whose in ("school", "club"):
        client = client_of(f"desk@{whose}.example")
        pages[whose] = client.get(reverse("intake:feeds")).content.decode()
        batch = client.get(reverse("intake:batch", args=[IntakeBatch.objects.latest("at").id]))
        assert batch.status_code == (200 if whose == "school" else 404)
        if whose == "school":
            text = batch.content.decode()
            assert "What to tell the partner" in text
            assert "- row 3: Student ID" in text
    assert "The one feed is stopped" in pages["school"]
    assert "2 rows came, and 10 on" in pages["school"]
    assert "oak.yaml" not in pages["club"]
    assert "without a registered feed" not in pages["school"]


def test_files_without_a_registered_feed_are_named(inbox: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one feed of several senders, nothing is called as expected."""
    add_user(email="desk@backbone.example", partner="backbone", role="data_steward", by=OPERATOR)
    monkeypatch.setattr(feed_views, "sees_all_loads", lambda actor, documents: True)
    client = client_of("desk@backbone.example")
    arrive(inbox, "oak-1.csv", days(*range(1, 11)))
    pick_up(by=OPERATOR, settled=0)
    assert "Every feed is as expected" in client.get(reverse("intake:feeds")).content.decode()
    landed, none = {"read": 3, "landed": 3}, {"read": 3, "quarantined": 3}
    for number, (partner, format, counts, refusal) in enumerate(
        [
            ("club", "csv", {"attendance_day": landed, "person": none}, ""),
            ("club", "csv", {"service_received": landed}, "no"),
            ("school", "csv", {"person": landed}, ""),
            ("backbone", "hsds", {"services": landed}, ""),
            ("backbone", "csv", {"person": none}, ""),
            ("backbone", ENTERED, {"person": landed}, ""),
        ]
    ):
        IntakeBatch.objects.create(
            id=f"x{number}",
            partner=partner,
            format=format,
            source="a.csv",
            at=timezone.now(),
            by="operator",
            counts=counts,
            refusal=refusal,
        )
    page = client.get(reverse("intake:feeds")).content.decode()
    assert "The one feed is on time; 1 partner sends files without one" in page
    assert "Every feed is as expected" not in page
    without = page.split('id="without"')[1]
    assert without.count("<dt>") == 1
    assert "<dt>Club</dt>" in without
    assert "Attendance by day came, last on" in without

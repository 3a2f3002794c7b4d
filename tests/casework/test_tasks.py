"""Tasks about a student: added, handed over, closed and opened again; on the page of the student and on the worker's home."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.casework.test_contact_notes import COLLEAGUE, colleague, last, open_student
from tests.casework.town import MOST, PERSON, TODAY, WORKER, asked_again, page, questions, signed_in
from tests.gate import making
from throughway.agreements import actions as agreements
from throughway.casework.models import Task, TextKey
from throughway.casework.student_tasks.actions import save_task, set_task_state
from throughway.casework.student_tasks.selectors import tasks_due
from throughway.casework.student_tasks.task import (
    TRANSITIONS,
    TaskKind,
    TaskLine,
    TaskState,
    by_day,
    check_change,
    tasks_of,
)
from throughway.casework.typed_entries.actions import new_entry_id
from throughway.core.refusals import Refused
from throughway.destruction.actions.orders import destroy
from throughway.gate.actions import enter
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR, assigning
from throughway.partners import actions as partners
from throughway.partners.caseload import Assigned
from throughway.partners.models import Partner, User
from throughway.site.open_steps.reminders import reminder_text, reminders_due
from throughway.site.open_steps.selectors import open_to
from throughway.store.record_numbers import unpack

kept = pytest.mark.usefixtures("community")
WRITES = [
    {"table": table, "purposes": ["casework"], "by": ["harbor"], "necessity": "The team knows what is next."}
    for table in ("task", "contact_note", "need")
]
SAID = "Call <b>Pat</b> about the bus"


def opened(tmp_path: Path, writes: Sequence[object] = WRITES) -> None:
    open_student(tmp_path, writes=writes)


def task(said: str = SAID, *, by: str = WORKER, id: str = "", based_on: int = 0, owner: str = "", due: date = TODAY,
         kind: TaskKind = TaskKind.CONTACT) -> str:  # fmt: skip
    id = id or new_entry_id()
    save_task(person=PERSON, purpose="casework", task=id, based_on=based_on, kind=kind, due=due, owner=owner, text=said,
              by=making.reader(by))  # fmt: skip
    return id


def set_state(id: str, based_on: int, state: TaskState, reason: str = "", by: str = WORKER) -> None:
    set_task_state(person=PERSON, purpose="casework", task=id, based_on=based_on, state=state, reason=reason, by=making.reader(by))  # fmt: skip


def rows(columns: str = "task_text, task_state, version", by: str = WORKER) -> list[tuple[object, ...]]:
    asked = f"SELECT {columns} FROM task ORDER BY entry_id, version"
    return enter(actor=making.reader(by), purpose="casework").query(asked).rows


def form(**values: object) -> dict[str, object]:
    given = {"entry": new_entry_id(), "based_on": "0", "text": SAID, "kind": "contact", "due": str(TODAY), "owner": WORKER}  # fmt: skip
    return given | values


@pytest.mark.django_db(transaction=True)
@kept
def test_a_task_is_added_recorded_sealed_and_done_with_one_button(tmp_path: Path) -> None:
    opened(tmp_path)
    client = signed_in()
    assert "Add a task" in page(client, f"/students/{PERSON}/")[1]
    sent = form()
    assert len(questions(lambda: client.post(f"/students/{PERSON}/tasks/", sent))) <= MOST
    entry = last()
    assert (entry.outcome, unpack(bytes(entry.students)).tolist()) == ("written", [21])
    row = Task.objects.get()
    assert (row.partner, row.record, row.owner, row.state, row.disclosure) == ("harbor", 21, WORKER, "open", entry.id)  # fmt: skip
    assert b"Pat" not in bytes(row.text)
    count = LedgerEntry.objects.count()
    assert client.post(f"/students/{PERSON}/tasks/", sent).status_code == 302  # sent twice, it is one task
    assert (Task.objects.count(), LedgerEntry.objects.count()) == (1, count)
    text = page(client, f"/students/{PERSON}/")[1]
    assert "Next: Call &lt;b&gt;Pat&lt;/b&gt; about the bus" in text
    assert "due today" in text
    button = re.search(
        r'action="(/students/\d+/tasks/[0-9a-f]+/close/)".*?name="based_on" value="(\d+)"', text, re.S
    )
    assert button
    done = {"entry": row.entry_id, "based_on": button[2], "state": "done", "back": "home"}
    answer = client.post(button[1], done)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.post(button[1], done).status_code == 302  # and so is a button pressed twice
    assert rows() == [(SAID, "open", 1), (SAID, "done", 2)]
    assert "1 closed task" in page(client, f"/students/{PERSON}/")[1]


@pytest.mark.django_db(transaction=True)
@kept
def test_two_who_save_the_same_task_keep_both_texts(tmp_path: Path) -> None:
    opened(tmp_path)
    colleague()
    id = task("first")
    task("second", by=COLLEAGUE, id=id, based_on=1, owner=COLLEAGUE)
    client = signed_in()
    answer = client.post(f"/students/{PERSON}/tasks/{id}/", form(entry=id, based_on="1", text="third"))
    shown = answer.content.decode()
    assert answer.status_code == 422
    for words in (
        "Somebody saved this task while you were writing",
        "third",
        "second",
        'name="based_on" value="2"',
    ):
        assert words in shown
    # A reason is a text too: who drops a task that was changed meanwhile keeps the reason.
    drop = {"entry": id, "based_on": "1", "state": "dropped", "reason": "Moved away"}
    answer = client.post(f"/students/{PERSON}/tasks/{id}/close/", drop)
    assert answer.status_code == 422
    assert "Moved away" in answer.content.decode()
    assert client.post(f"/students/{PERSON}/tasks/{id}/close/", drop | {"based_on": "2"}).status_code == 302
    assert rows("task_text, task_state, task_reason, author") == [
        ("first", "open", "", WORKER), ("second", "open", "", COLLEAGUE), ("second", "dropped", "Moved away", WORKER),
    ]  # fmt: skip
    # Who edits what is closed meanwhile sees that, and the own text.
    answer = client.post(f"/students/{PERSON}/tasks/{id}/", form(entry=id, based_on="2", text="fourth"))
    assert answer.status_code == 422
    assert "fourth" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
@kept
def test_a_task_is_handed_to_a_colleague_who_works_with_the_student(tmp_path: Path) -> None:
    opened(tmp_path)
    partners.add_user(email=COLLEAGUE, partner="harbor", role="case_worker", by=OPERATOR)
    with pytest.raises(Refused) as raised:
        task(owner=COLLEAGUE)
    assert raised.value.code == "unknown_owner"
    for stranger in ("evaluator@harbor.example", "officer@north.example", "nobody@harbor.example"):
        with pytest.raises(Refused):
            task(owner=stranger)
    assert not Task.objects.exists()
    assigning.assign(assigned=[Assigned(COLLEAGUE, "north", 11, TODAY - timedelta(days=3))], by=OPERATOR)
    id = task(due=TODAY + timedelta(days=3))
    assert f'<option value="{COLLEAGUE}"' in page(signed_in(), f"/students/{PERSON}/tasks/{id}/")[1]
    task(id=id, based_on=1, owner=COLLEAGUE, due=TODAY)
    assert rows("task_owner, task_due") == [(WORKER, TODAY + timedelta(days=3)), (COLLEAGUE, TODAY)]
    # The colleague finds it on the home page; for who gave it away it is gone from there.
    assert "about the bus" in page(signed_in(COLLEAGUE), "/")[1]
    assert "about the bus" not in page(signed_in(), "/")[1]
    # When the colleague's account has ended, or the colleague leaves the student, the task waits for the team.
    User.objects.filter(email=COLLEAGUE).update(last_day=TODAY - timedelta(days=1))
    assert f"{COLLEAGUE} no longer works with the student" in page(signed_in(), "/")[1]
    User.objects.filter(email=COLLEAGUE).update(last_day=None)
    assigning.end_assignments(email=COLLEAGUE, record=11, last=TODAY - timedelta(days=1), by=OPERATOR)
    home = page(signed_in(), "/")[1]
    assert "about the bus" in home
    assert f"{COLLEAGUE} no longer works with the student" in home
    assert "about the bus" not in page(signed_in(COLLEAGUE), "/")[1]


@pytest.mark.django_db(transaction=True)
@kept
def test_the_home_shows_tasks_by_day_within_few_questions(tmp_path: Path) -> None:
    opened(tmp_path)
    for days, kind in ((0, TaskKind.SUPPORT), (5, TaskKind.CONSENT), (40, TaskKind.OTHER)):
        task(f"in {days} days", due=TODAY + timedelta(days=days), kind=kind)
    client = signed_in()
    text = page(client, "/")[1]
    assert "One task is due" in text
    for words in (
        "Today",
        "This week",
        "in 0 days",
        "in 5 days",
        "One task later",
        f"/students/{PERSON}/supports/",
    ):
        assert words in text
    assert "in 40 days" not in text
    assert "no-store" in client.get("/")["Cache-Control"]
    assert len(asked := asked_again(client, "/")) <= 15, "\n".join(q[:150] for q in asked)
    assert len(asked := asked_again(client, f"/students/{PERSON}/")) <= 15, "\n".join(q[:150] for q in asked)


@pytest.mark.django_db(transaction=True)
@kept
def test_attacks_on_a_task_return_nothing(tmp_path: Path) -> None:
    opened(tmp_path)
    id = task()
    partners.add_user(email=COLLEAGUE, partner="harbor", role="case_worker", by=OPERATOR)
    assert rows(by=COLLEAGUE) == []
    assert signed_in(COLLEAGUE).get(f"/students/{PERSON}/tasks/{id}/").status_code == 404
    for attempt in (lambda: task(by=COLLEAGUE), lambda: set_state(id, 1, TaskState.DONE, by=COLLEAGUE)):
        with pytest.raises(Refused) as raised:
            attempt()
        assert raised.value.code == "unknown_student"
    assert last().outcome == "refused"
    # Who left the caseload keeps the reason that was typed, and learns nothing.
    assigning.end_assignments(email=WORKER, record=11, last=TODAY - timedelta(days=1), by=OPERATOR)
    drop = {"entry": id, "based_on": "1", "state": "dropped", "reason": "Moved away"}
    answer = signed_in().post(f"/students/{PERSON}/tasks/{id}/close/", drop)
    assert (answer.status_code, "Moved away" in answer.content.decode()) == (403, True)
    assert "bus" not in answer.content.decode()
    assert "about the bus" not in page(signed_in(), "/")[1]
    assert Task.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@kept
def test_without_writes_or_as_a_confidential_service_there_are_no_tasks(tmp_path: Path) -> None:
    opened(tmp_path, writes=[])
    assert "Add a task" not in page(signed_in(), f"/students/{PERSON}/")[1]
    with pytest.raises(Refused) as raised:
        task()
    assert raised.value.code == "not_granted"
    Partner.objects.filter(id="harbor").update(stated=["part2"])
    assert signed_in().post(f"/students/{PERSON}/tasks/", form()).status_code in (403, 422)
    assert not Task.objects.exists()


@pytest.mark.django_db(transaction=True)
@kept
def test_a_student_s_end_takes_tasks_with_their_key(tmp_path: Path) -> None:
    opened(tmp_path)
    task()
    destroyed = destroy(
        person=PERSON, why="Asked", asked_by="A parent", by=making.reader("officer@harbor.example")
    )
    assert destroyed.body["destroyed"]["registers"]["versions of tasks"] == 1
    assert not Task.objects.exists()
    assert not TextKey.objects.exists()


@pytest.mark.django_db(transaction=True)
@kept
def test_what_is_due_waits_for_its_owner_alone_and_names_no_student(tmp_path: Path) -> None:
    opened(tmp_path)
    task()
    task("later", due=TODAY + timedelta(days=1))
    (step,) = tasks_due(TODAY)
    assert (step.title, step.people, step.due) == ("A task of yours is due", frozenset({WORKER}), TODAY)
    assert {s.title for s in tasks_due(TODAY + timedelta(days=1))} == {"A task of yours is due"}
    own = [each.step.kind for each in open_to(making.reader(WORKER), TODAY)]
    assert own.count("task") == 1
    for email in ("officer@harbor.example", "steward@hub.example", "officer@north.example"):
        if User.objects.filter(email=email).exists():
            assert "task" not in [each.step.kind for each in open_to(making.reader(email), TODAY)]
    assert "One task is due" in page(signed_in(), "/open-steps/")[1]


STATES: list[TaskState | None] = [None, *TaskState]


@pytest.mark.parametrize("after", list(TaskState))
@pytest.mark.parametrize("before", STATES)
def test_which_state_follows_which(before: TaskState | None, after: TaskState) -> None:
    """Nothing but an open task ends, and what ended may be opened again: written out, not computed."""
    allowed = {
        (None, "open"),
        ("open", "open"),
        ("open", "done"),
        ("open", "dropped"),
        ("done", "open"),
        ("dropped", "open"),
    }
    says: dict[str, Any] = {"task_text": "x", "task_reason": "", "task_owner": "a", "task_due": TODAY}
    old = says | {"task_state": str(before)} if before else None
    new = says | {"task_state": str(after), "task_reason": "gone" if after is TaskState.DROPPED else ""}
    if (before and str(before), str(after)) in allowed:
        check_change(old, new, TODAY)
    else:
        with pytest.raises(Refused):
            check_change(old, new, TODAY)
    assert TRANSITIONS[before]  # every state leads on


@pytest.mark.parametrize(
    "wrong",
    [
        {"task_text": "  "}, {"task_text": "x" * 301}, {"task_owner": ""}, {"task_due": TODAY - timedelta(days=1)},
        {"task_due": TODAY + timedelta(days=731)}, {"task_due": None}, {"task_state": "dropped", "task_reason": " "},
    ],
)  # fmt: skip
def test_what_a_task_may_not_say(wrong: dict[str, object]) -> None:
    says: dict[str, object] = {
        "task_text": "x",
        "task_reason": "",
        "task_owner": "a",
        "task_due": TODAY,
        "task_state": "open",
    }
    check_change(None, says, TODAY)
    with pytest.raises(Refused):
        check_change(says if "task_state" in wrong else None, says | wrong, TODAY)
    # A day that has passed may stay, while something else changes.
    late = says | {"task_due": TODAY - timedelta(days=9)}
    check_change(late, late | {"task_state": "done"}, TODAY)


def test_each_open_task_stands_in_one_group() -> None:
    given = [{"entry_id": str(n), "version": 1, "task_due": str(TODAY + timedelta(days=n)), "task_state": "open",
              "author_partner": "harbor"} for n in range(-3, 12)]  # fmt: skip
    days = by_day([TaskLine(1, "Ada", t) for t in tasks_of(given, names={}, reader="harbor")], TODAY)
    counted = [len(days.overdue), len(days.today), len(days.week), len(days.later)]
    assert counted == [3, 1, 7, 4]
    assert (days.due, bool(days), bool(by_day([], TODAY))) == (4, True, False)
    assert (
        tasks_of([{"task_due": None, "task_state": "open"}, {"task_due": TODAY}], names={}, reader=None) == []
    )


@pytest.mark.django_db(transaction=True)
@kept
def test_a_mail_counts_what_is_due_and_names_nobody(tmp_path: Path) -> None:
    opened(tmp_path)
    task()
    task("Write to Ada")
    steps, people = tasks_due(TODAY), [making.reader(WORKER), making.reader("officer@harbor.example")]
    (notice,) = reminders_due(people, steps, set(), TODAY)
    assert notice.email == WORKER
    text = reminder_text(notice, "https://site.example/open-steps/")
    assert "One step waits for you" in text
    assert not any(word in text + steps[0].title for word in ("Ada", "bus", str(PERSON)))
    # Once a day due; then a week later.
    sent = {(WORKER, *each) for each in notice.new}
    assert reminders_due(people, tasks_due(TODAY + timedelta(days=6)), sent, TODAY + timedelta(days=6)) == []
    assert reminders_due(people, tasks_due(TODAY + timedelta(days=7)), sent, TODAY + timedelta(days=7))
    # While the agreement is suspended nobody can open the tasks, and nobody is reminded.
    agreements.suspend(id="sharing-2026", reason="A breach", by=making.reader("officer@north.example"))
    assert tasks_due(TODAY) == []


@pytest.mark.django_db(transaction=True)
@kept
def test_the_number_of_tasks_that_is_told_is_that_of_a_slow_count(tmp_path: Path) -> None:
    """Of each task the newest version counts, where it is open and its day has come; a mail tells as many steps as there are days."""
    opened(tmp_path)
    made = [task(f"task {number}", due=TODAY + timedelta(days=number % 3)) for number in range(7)]
    set_state(made[0], 1, TaskState.DONE)
    set_state(made[1], 1, TaskState.DROPPED, "No longer needed")
    task("later", id=made[2], based_on=1, due=TODAY + timedelta(days=9))
    on = TODAY + timedelta(days=1)
    newest: dict[str, Task] = {}
    for row in sorted(Task.objects.all(), key=lambda row: row.version):
        newest[row.entry_id] = row
    slow = Counter(row.due for row in newest.values() if row.state == "open" and row.due <= on)
    assert sum(slow.values()) == 3
    told = {step.due: step.title for step in tasks_due(on)}
    assert told == {
        due: "A task of yours is due" if many == 1 else f"{many} tasks of yours are due"
        for due, many in slow.items()
    }
    (notice,) = reminders_due([making.reader(WORKER)], tasks_due(on), set(), on)
    assert notice.waiting == len(slow)


@pytest.mark.django_db(transaction=True)
@kept
def test_fifty_tasks_ask_the_database_no_more_than_one(tmp_path: Path) -> None:
    """Of colleagues on the same student one question more: who of them still works with the student."""
    opened(tmp_path)
    colleague()
    for number in range(25):
        task(f"mine {number}")
        task(f"theirs {number}", owner=COLLEAGUE)
    asked = asked_again(signed_in(), "/")
    assert len(asked) <= 16, "\n".join(q[:150] for q in asked)
    text = page(signed_in(), "/")[1]
    assert text.count("mine ") >= 25
    assert "theirs" not in text

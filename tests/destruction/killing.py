"""Real processes that destroy, and are killed while they do, or do so beside loads, linkage and queries; run by
test_processes.py.

    python -m tests.destruction.killing random|steps|beside|undo ROUNDS SEED

Each round is a process of its own, forked from this one, which has everything imported already. Prints one JSON line.
"""

import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
django.setup()

import duckdb  # noqa: E402

from tests.destruction.papers import end, load, paper, people, person, rows, sign  # noqa: E402
from tests.destruction.test_agreement import held  # noqa: E402
from tests.store.crashing import ended_well, forked, kill_before  # noqa: E402
from throughway.core.refusals import Refused  # noqa: E402
from throughway.destruction.actions import orders  # noqa: E402
from throughway.destruction.selectors import listed, problems  # noqa: E402
from throughway.destruction.undo_requests.actions import agree_to_undo, take_back  # noqa: E402
from throughway.destruction.undo_requests.request import UndoAsked  # noqa: E402
from throughway.gate.actions import enter  # noqa: E402
from throughway.identity.actions.linking import link  # noqa: E402
from throughway.partners import OPERATOR  # noqa: E402
from throughway.partners.models import User  # noqa: E402
from throughway.store.actions.maintenance import check  # noqa: E402
from throughway.store.selectors import current_community  # noqa: E402

ALL = ["element: person.*", "element: attendance_day.*", "element: school_enrollment.*"]
SOME = ["element: attendance_day.*", "element: person.first_name"]
ALLOWED = ("left by a load that did not finish",)
STEWARD = "backbone"


def key(grade: int, number: int) -> str:
    return f"SENTINEL-{grade:02}-{number:03}"


def level(grade: int) -> str:
    """How the export writes a grade; 0 stands for the twelfth."""
    return f"{grade or 12:02}"


def town(grades: int, each: int) -> None:
    """Agreements `gone-NN`, each of one grade and ended, and `stays`, by which some elements of the twelfth grade stay."""
    people("leader", "steward", "officer", "evaluator")
    students = {key(g, n): level(g) for g in range(grades) for n in range(each)}
    for grade in range(grades):
        where = f"[{{where: \"entry_grade_level = '{level(grade)}'\", on: school_enrollment, when: ever}}]"
        sign(paper(f"gone-{grade:02}", ALL, population=where, linkage=grade == 0), f"gone-{grade:02}")
    only = "[{where: \"entry_grade_level = '12'\", on: school_enrollment, when: ever}]"
    sign(paper("stays", SOME, population=only, linkage=True), "stays")
    with tempfile.TemporaryDirectory() as folder:
        load(Path(folder), rows(students))


def holds(text: str) -> list[str]:
    """Files of the folder that hold the text, as bytes or in a column of a Parquet file."""
    found = []
    for path in current_community().root.rglob("*"):
        if not path.is_file():
            continue
        if text.encode() in path.read_bytes():
            found.append(str(path))
        elif path.suffix == ".parquet":
            with duckdb.connect() as engine:
                told = engine.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
            if any(text in str(value) for row in told for value in row):
                found.append(str(path))
    return found


def days() -> Counter[str]:
    """How many rows of attendance each student has, by key."""
    keys = {row["record"]: str(row["key"]) for row in held("record_key")}
    return Counter(keys[row["person_record"]] for row in held("attendance_day"))


def judge(gone: set[str], before: Counter[str], again: Callable[[], object]) -> bool:
    """What a killed process left, and what the next one makes of it: whether there was something to go on with."""
    sound = [p for p in check() if not any(a in p for a in ALLOWED)]
    assert sound == [], sound
    after = days()
    stay = Counter({k: n for k, n in before.items() if k not in gone})
    assert after in (before, stay), "neither the old state nor the new"
    unfinished = bool(problems())
    again()
    assert days() == stay
    assert problems() == []
    assert (left := check()) == [], left
    # Whichever process drew the values, the last one has looked for them and let them go.
    assert listed()[0].body["scan"]["values"] == len(gone)
    assert not list((current_community().keys / ".sought").glob("*"))
    for each in gone:
        assert (found := holds(each)) == [], found
    return unfinished


def killed(act: Callable[[], object], *, after: float | None = None, step: int | None = None) -> int:
    """The exit code of a process that acts, killed after so many seconds or before its step."""
    if step is not None:

        def stepped() -> None:
            kill_before(step)
            act()

        return os.waitstatus_to_exitcode(os.waitpid(forked(stepped), 0)[1])
    pid = forked(lambda: act() and None)
    time.sleep(after or 0)
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def at_random(rounds: int, seed: int) -> dict[str, int]:
    """Each round destroys one agreement and is killed at any moment."""
    town(rounds + 1, 2)
    chance, midst, usual = random.Random(seed), 0, 0.3
    for grade in range(1, rounds + 1):
        name = f"gone-{grade:02}"
        end(name)
        gone, before = {key(grade, n) for n in range(2)}, days()

        def act(name: str = name) -> object:
            return orders.destroy(agreement=name, by=person("steward", STEWARD))

        killed(act, after=chance.uniform(0, 1.2 * usual))
        began = time.monotonic()
        midst += judge(gone, before, act)
        usual = min(2.0, max(0.1, time.monotonic() - began) / 2)
    return {
        "killed": rounds,
        "midst": midst,
        "certificates": sum(d.finished_at is not None for d in listed()),
    }


def at_each_step(rounds: int, seed: int) -> dict[str, int]:
    """Each round destroys one person and is killed before a step on the disk; every `rounds`-th step is taken."""
    town(1, 60)
    step, midst = 1 + seed % rounds, 0
    for number in range(60):
        gone, before = {key(0, number)}, days()
        record = next(int(str(r["record"])) for r in held("record_key") if r["key"] == key(0, number))

        def act(record: int = record) -> object:
            return orders.destroy(person=record, by=person("officer", "school"))

        code = killed(act, step=step)
        midst += judge(gone, before, act)
        if code == 0:
            return {"killed": number, "midst": midst, "steps": step}
        assert code == -signal.SIGKILL, "the process failed by itself"
        step += rounds
    raise AssertionError("more steps than persons")


def beside(rounds: int, seed: int) -> dict[str, int]:
    """Loads, linkage and queries without end, while agreements are destroyed one after another."""
    town(rounds + 1, 3)
    done = current_community().root / "done"

    def until_done(act: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            count = 0
            while not done.exists() or not count:
                try:
                    act()
                except Refused as refused:
                    if refused.code not in ("busy", "agreements_changed", "changed_meanwhile"):
                        raise
                else:
                    count += 1
            (current_community().root / f"count-{act.__name__}-{os.getpid()}").write_text(str(count))

        return run

    def read() -> None:
        found = enter(actor=person("evaluator", STEWARD), purpose="use-stays").query(
            "SELECT person_id, count(*) AS n FROM attendance_day GROUP BY person_id"
        )
        assert sorted(n for _, n in found.rows) == [2, 2, 2], found.rows

    def bring() -> None:
        with tempfile.TemporaryDirectory() as folder:
            load(Path(folder), rows({key(0, n): level(0) for n in range(3)}))

    def recognise() -> None:
        link(by=OPERATOR)

    for grade in range(1, rounds + 1):
        end(f"gone-{grade:02}")

    def destroy() -> None:
        try:
            for grade in range(1, rounds + 1):
                orders.destroy(agreement=f"gone-{grade:02}", by=person("steward", STEWARD))
                orders.destroy(agreement=f"gone-{grade:02}", by=person("officer", "school"))
        finally:
            done.touch()

    ends = [
        ended_well(pid)
        for pid in [
            forked(until_done(read)),
            forked(until_done(bring)),
            forked(until_done(recognise)),
            forked(destroy),
        ]
    ]
    assert all(ends), ends
    assert days() == Counter({key(0, n): 2 for n in range(3)})
    assert problems() == []
    for grade in range(1, rounds + 1):
        assert holds(f"SENTINEL-{grade:02}") == []
    assert not any("SENTINEL" not in str(r["key"]) for r in held("record_key"))
    counts = {
        path.name.split("-")[1]: int(path.read_text()) for path in current_community().root.glob("count-*")
    }
    return {"destroyed": len(listed()), **counts}


def undone_at_each_step(rounds: int, seed: int) -> dict[str, int]:
    """Each round loads a wrong file and takes it back, and is killed before a step on the disk; every `rounds`-th step is taken. Every other time the
    backbone's steward asks, a leader agrees, a worker is killed, and who asked goes on."""
    people("leader", "steward", "officer")
    leader = User.objects.get(email="leader@school.example")
    leader.set_password("river stones and long grass")
    leader.save()
    sign(paper("town", ALL), "town")
    right = rows({key(0, n): level(0) for n in range(2)})
    with tempfile.TemporaryDirectory() as folder:
        load(Path(folder), right)
    names = Counter(str(row["last_or_surname"]) for row in held("person"))
    step, midst = 1 + seed % rounds, 0
    for number in range(1, 100):
        wrong = [
            (*line[:2], f"Wrong-{number:03}", *line[3:])
            for line in (*right, *rows({key(1, number): level(1)}))
        ]
        with tempfile.TemporaryDirectory() as folder:
            batch = load(Path(folder), wrong, right="The test says so").batch

        def act(batch: str = batch) -> object:
            return orders.undo(load=batch, reason="Wrong", by=person("officer", "school"))

        def goes_on(batch: str = batch) -> object:
            return take_back(load=batch, reason="Again", by=person("steward", STEWARD))

        if agreed := number % 2 == 0:
            asked = goes_on()
            assert isinstance(asked, UndoAsked)
            order = agree_to_undo(number=asked.number, by=person("leader", "school"))

            def act(order: str = order) -> object:  # type: ignore[misc]
                return orders.resume_order(id=order)

        came = Counter(str(row["last_or_surname"]) for row in held("person"))
        code = killed(act, step=step)
        sound = [p for p in check() if not any(a in p for a in ALLOWED)]
        assert sound == [], sound
        assert Counter(str(row["last_or_surname"]) for row in held("person")) in (came, names), "a mixture"
        midst += bool(problems())
        (goes_on if agreed else act)()
        assert listed()[0].by == f"{'leader' if agreed else 'officer'}@school.example"
        assert Counter(str(row["last_or_surname"]) for row in held("person")) == names
        assert held("person~history") == []
        assert (problems(), check()) == ([], [])
        for each in (key(1, number), f"Wrong-{number:03}"):
            assert (found := holds(each)) == [], found
        if code == 0:
            return {"killed": number - 1, "midst": midst, "steps": step}
        assert code == -signal.SIGKILL, "the process failed by itself"
        step += rounds
    raise AssertionError("more steps than rounds")


if __name__ == "__main__":
    kind, rounds, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    ways = {"random": at_random, "steps": at_each_step, "beside": beside, "undo": undone_at_each_step}
    sys.stdout.write(json.dumps(ways[kind](rounds, seed)))

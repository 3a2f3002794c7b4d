"""Real processes, on SQLite and on PostgreSQL: two who enter one student make one record, and who is killed enters once or not at all."""

import signal
from collections.abc import Iterator

import pytest

from tests.commands import Forked
from tests.town import Fresh, Town, at_once

SETTLE = """
from pathlib import Path
from tests.casework.referring import M, moved, sent
from tests.casework.tutoring import tutoring
id = sent(tutoring(Path("FOLDER")))
moved(id, M.ACCEPT)
print(id)
"""
# One act; `POINT` says where its process dies, or that it waits before it begins.
ACT = """
import os, signal, sys
from datetime import date
from tests.gate import making
from throughway.casework.program_entry import actions
from throughway.casework.program_entry.entered_student import EnteredStudent
from throughway.core.refusals import Refused

def die(*found, **more):
    os.kill(os.getpid(), signal.SIGKILL)

if "POINT" == "killed before the commit":
    actions.record_confirmed_link = die
if "POINT" == "killed after the commit":
    actions.confirm_link = die
if "POINT" == "waits":
    print("waiting", flush=True)
    sys.stdin.readline()
try:
    actions.enter_referred(referral="REFERRAL", purpose="take-referrals", since=date.today(), said=EnteredStudent("Ada", "One"),
                           by=making.reader("WHO"))
    print("done")
except Refused as refused:
    print("refused", refused.code)
"""
STATE = """
from throughway.casework.models import ProgramEntry
from throughway.gate.actions import enter, links_in_force
from throughway.gate.actions.integrity_check import check
from throughway.identity.models import ConfirmedLink
from throughway.intake.models import IntakeBatch
from throughway.partners import OPERATOR
from throughway.store.actions.removal import sweep
from tests.gate import making
import numpy as np
sweep(by=OPERATOR)  # the files of a killed load, which no manifest names
assert check() == [], check()
seen = enter(actor=making.reader("tutor@tutors.example"), purpose="tutor-groups").query("SELECT first_name FROM person")
links = links_in_force()
person = lambda record: int(links.persons_of(np.array([record]))[0])
linked = sum(person(entry.record) == person(21) for entry in ProgramEntry.objects.all())
print(ProgramEntry.objects.count(), IntakeBatch.objects.count(), ConfirmedLink.objects.count(), len(seen.rows), linked)
"""
TUTOR, SECOND = "tutor@tutors.example", "second@tutors.example"
NOTHING, ENTERED = [0, 0, 0, 1, 0], [1, 1, 1, 2, 1]


class Tutors(Town):
    referral = ""

    def state(self) -> list[int]:
        """Entered stays, loads, confirmed links, students whom the program sees, and entered ones whose link is in force."""
        return [int(each) for each in self.said(STATE).split()]

    def act(self, who: str, at: str = "") -> Forked:
        return self.python(ACT.replace("POINT", at).replace("REFERRAL", self.referral).replace("WHO", who))


@pytest.fixture
def place(fresh_database: Fresh, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tutors]:
    folder = tmp_path_factory.mktemp("tutors")
    with fresh_database() as database:
        town = Tutors(folder / "town", database)
        town.found()
        town.referral = town.said(SETTLE.replace("FOLDER", str(folder)))
        yield town


def test_who_is_killed_before_the_commit_stores_nothing_and_two_at_once_make_one_record(
    place: Tutors,
) -> None:
    with place.act(TUTOR, "killed before the commit") as process:
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert place.state() == NOTHING
    with place.act(TUTOR, "waits") as first, place.act(SECOND, "waits") as second:
        told = sorted(at_once(first, second))
    assert told[0] == "done"
    assert told[1] in ("done", "refused already_entered", "refused busy")
    assert place.state() == ENTERED


def test_who_is_killed_after_the_commit_has_entered_and_the_next_act_links(place: Tutors) -> None:
    with place.act(TUTOR, "killed after the commit") as process:
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert place.state() == [1, 1, 1, 2, 0]
    with place.act(SECOND) as again:
        assert again.communicate()[0].strip() == "done"
    assert place.state() == ENTERED

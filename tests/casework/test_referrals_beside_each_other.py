"""Real processes beside each other, on SQLite and on PostgreSQL: a server that is killed while it sends, two who send the same, two who
accept the last seat, two who begin the same referral. Each happens once or not at all."""

import signal
from collections.abc import Iterator

import pytest

from tests.commands import Forked
from tests.town import Fresh, Town, at_once

SETTLE = """
from pathlib import Path
from tests.casework.referring import referring
from tests.casework.town import works_with
print(referring(Path("FOLDER")))
works_with(22, partner="harbor")
"""
# One act; `POINT` says where its process dies, or that it waits before it begins.
ACT = """
import os, signal, sys
from django.db import transaction
from throughway.casework.referrals import actions
from throughway.core.refusals import Refused
from tests.casework.referring import M, TUTOR, SECOND_TUTOR, COLLEAGUE, asked, moved, send, sent, stands

def die(*found):
    os.kill(os.getpid(), signal.SIGKILL)

add = actions._add
if "POINT" == "killed before the commit":
    actions._add = lambda *a, **k: (add(*a, **k), k.get("details") and die())
if "POINT" == "killed after the commit":
    actions._once = lambda write: die(write())
if "POINT" == "waits":
    print("waiting", flush=True)
    sys.stdin.readline()
try:
    WHAT
    print("done")
except Refused as refused:
    print("refused", refused.code)
"""
STATE = """
from throughway.casework.models import Referral, ReferralEvent
from throughway.gate.actions.integrity_check import check
from throughway.ledger.models import LedgerEntry
from throughway.supports.models import DirectoryEntry
assert check() == [], check()
print(Referral.objects.filter(is_open=True).count(), ReferralEvent.objects.filter(kind="send").count(),
      ReferralEvent.objects.filter(kind="accept").count(), LedgerEntry.objects.filter(outcome="written").count(),
      *(each.statement.seats_open for each in DirectoryEntry.objects.all()))
"""


class Place(Town):
    support = 0

    def state(self) -> list[int]:
        """Open referrals, events of sending and of accepting, entries of the ledger for what was written, free seats."""
        return [int(each) for each in self.said(STATE).split()]

    def act(self, what: str, at: str = "") -> Forked:
        return self.python(ACT.replace("POINT", at).replace("WHAT", what))

    def both(self, one: str, other: str) -> list[str]:
        """What two processes answer that begin at the same moment."""
        with self.act(one, "waits") as first, self.act(other, "waits") as second:
            return sorted(at_once(first, second))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, fresh_database: Fresh) -> Iterator[Place]:
    root = tmp_path_factory.mktemp("referring")
    with fresh_database() as database:
        place = Place(root / "town", database)
        place.found()
        place.support = int(place.said(SETTLE.replace("FOLDER", str(root))))
        yield place


FIRST, SECOND, THIRD = ("a" * 32, "b" * 32, "c" * 32)


def test_a_killed_server_sends_once_or_not_at_all(place: Place) -> None:
    assert place.said(ACT.replace("WHAT", f"asked({place.support}, id='{FIRST}')")) == "done"
    assert place.state() == [1, 0, 0, 1, 2]
    with place.act(f"send('{FIRST}')", "killed before the commit") as process:
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert place.state() == [1, 0, 0, 1, 2]
    with place.act(f"send('{FIRST}')", "killed after the commit") as process:
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert place.state() == [1, 1, 0, 2, 2]
    assert place.said(ACT.replace("WHAT", f"send('{FIRST}')")) == "done"  # the form is sent again
    assert place.state() == [1, 1, 0, 2, 2]


def test_two_workers_begin_one_referral(place: Place) -> None:
    one, other = (f"asked({place.support}, id='{id}', by='{by}@harbor.example', person=22)"
                  for id, by in ((SECOND, "worker"), (THIRD, "worker")))  # fmt: skip
    assert place.both(one, other) == ["done", "refused already_open"]
    assert place.state() == [2, 1, 0, 3, 2]


def test_two_processes_send_one_referral(place: Place) -> None:
    id = place.said(
        "from throughway.casework.models import Referral; print(Referral.objects.get(state='asked').pk)"
    )
    what = f"send('{id}', person=22)"
    assert place.both(what, what) == ["done", "done"]
    assert place.state() == [2, 2, 0, 4, 2]


def test_two_accept_the_last_seat(place: Place) -> None:
    place.said(
        "from throughway.supports.actions import take_seat; from throughway.partners.selectors import actor; "
        f"take_seat(number={place.support}, by=actor('tutor@tutors.example'))"
    )
    id = place.said(
        f"from throughway.casework.models import Referral; print(Referral.objects.exclude(pk='{FIRST}').get().pk)"
    )
    one = f"moved('{FIRST}', M.ACCEPT)"
    other = f"moved('{id}', M.ACCEPT, by=SECOND_TUTOR)"
    assert place.both(one, other) == ["done", "refused no_seat"]
    assert place.state() == [2, 2, 1, 5, 0]

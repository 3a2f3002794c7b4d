"""Real processes beside each other, on SQLite and on PostgreSQL: what ends while a question runs, a process that is killed
between the entry and the answer, and a disk that is full. Nothing is handed out without its entry, or that no longer stands."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.commands import Forked
from tests.town import Fresh, Town

ASKED = "SELECT first_name FROM person ORDER BY 1"

SETTLE = """
import csv
from datetime import date
from pathlib import Path
from tests.gate import making
from throughway.consent import actions as consents
from throughway.partners import OPERATOR
making.register()
entry = making.purpose("casework", "casework", "identified", **{"from": ["north"]}, recipients=["harbor"], reach="all",
                       **{"roles": ["case_worker"], "basis": "consent", "basis_details": {}})
document = making.sharing()
document["purposes"] += [entry]
document["schedule"] += [making.line("person.first_name", "casework", **{"from": ["north"]})]
making.in_effect(document)
making.people()
path = Path("PAPER")
path.write_text("partner,record_key,agreement,purpose,decision,signer,relation,signed_on,method,language,notice_version,expires\\n"
    + "".join(f"north,{key},sharing-2026,*,yes,Pat,parent,{date.today()},paper,en,v1,\\n" for key in ("n-11", "n-12", "n-13")))
consents.add(path=path, by=OPERATOR)
"""
# A reader whose question takes until somebody lets it go on; `AT` says where it waits, or dies.
READ = """
import os, resource, signal, sys
from throughway.gate.actions import governed_access
from throughway.partners.selectors import actor
from throughway.core.refusals import Refused

def wait(found):
    print("waiting", flush=True)
    sys.stdin.readline()
    return found

def die(found):
    os.kill(os.getpid(), signal.SIGKILL)

def fill(found):
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    return found

run, append, release = governed_access.run, governed_access.append, governed_access.GovernedAccess._release
if "AT" == "result":
    governed_access.run = lambda *a, **k: wait(run(*a, **k))
if "AT" == "full disk":
    governed_access.run = lambda *a, **k: fill(run(*a, **k))
if "AT" == "killed before the commit":
    governed_access.append = lambda entry: die(append(entry))
if "AT" == "killed after the commit":
    governed_access.GovernedAccess._release = lambda *a: die(release(*a))
try:
    answer = governed_access.enter(actor=actor("worker@harbor.example"), purpose="casework").query("ASKED")
    print("rows", answer.rows)
except Refused as refused:
    print("refused", refused.code, refused.message)
except Exception as error:
    print("failed", type(error).__name__)
"""
STATE = """
from throughway.gate.actions.integrity_check import check
from throughway.ledger.models import LedgerEntry
assert check() == [], check()
print(*(LedgerEntry.objects.filter(outcome=outcome).count() for outcome in ("released", "refused")))
"""


class Place(Town):
    def entries(self) -> tuple[int, int]:
        """How many are released, how many refused, in a store and a ledger that are whole."""
        released, refused = self.said(STATE).split()
        return int(released), int(refused)

    def read(self, at: str) -> Forked:
        return self.python(READ.replace("AT", at).replace("ASKED", ASKED))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, fresh_database: Fresh) -> Iterator[Place]:
    root = tmp_path_factory.mktemp("beside")
    with fresh_database() as database:
        place = Place(root / "town", database)
        place.found()
        place.said(SETTLE.replace("PAPER", str(root / "consents.csv")))
        yield place


def lets_go_on(reader: Forked) -> str:
    return reader.communicate("\n")[0].strip()


def waits(reader: Forked) -> None:
    assert reader.stdout
    assert reader.stdout.readline() == "waiting\n"


@pytest.mark.parametrize("at", ["killed before the commit", "killed after the commit"])
def test_killed_process_leaves_a_whole_ledger(place: Place, at: str) -> None:
    before = place.entries()
    with place.read(at) as reader:
        told = reader.communicate()[0]
    assert (reader.returncode, told) == (-signal.SIGKILL, "")
    more = 1 if at == "killed after the commit" else 0
    assert place.entries() == (before[0] + more, before[1])


def test_on_a_full_disk_nothing_is_handed_out(place: Place) -> None:
    if place.database:
        pytest.skip("the disk of a PostgreSQL server is another's; its own tests see to it")
    before = place.entries()

    with place.read("full disk") as reader:
        told = reader.communicate()[0]
    assert told.startswith("failed OperationalError")
    assert place.entries() == before
    assert place.query(ASKED, purpose="casework", by="worker@harbor.example")["rows"] == [
        ["Ada"],
        ["Ben"],
        ["Cyd"],
    ]


def test_a_consent_that_is_withdrawn_while_a_question_runs(place: Place) -> None:
    before = place.entries()
    standing = place.ask("consent", "list")
    of_one = next(iter(_consents(standing)))
    with place.read("result") as reader:
        waits(reader)
        place.ask("consent", "withdraw", of_one)
        told = lets_go_on(reader)
    assert told.startswith("refused not_allowed")
    assert "no data was returned" in told
    assert place.entries() == (before[0], before[1] + 1)
    assert len(place.query(ASKED, purpose="casework", by="worker@harbor.example")["rows"]) == 2


def _consents(listed: Any) -> list[str]:
    found = listed if isinstance(listed, list) else next(v for v in listed.values() if isinstance(v, list))
    return [each["id"] for each in found]


def test_what_stands_is_handed_out_though_others_write(place: Place) -> None:
    """The refusals above are for what changed, not for that something was written meanwhile."""
    with place.read("result") as reader:
        waits(reader)
        assert place.query(ASKED, purpose="casework", by="worker@harbor.example")["rows"]
        told = lets_go_on(reader)
    assert told.startswith("rows [(")


def test_an_agreement_that_is_terminated_while_a_question_runs(place: Place) -> None:
    before = place.entries()
    with place.read("result") as reader:
        waits(reader)
        place.ask("agreement", "terminate", "sharing-2026", "--as", "officer@north.example")
        told = lets_go_on(reader)
    assert told.startswith("refused not_allowed")
    assert "no data was returned" in told
    assert place.entries() == (before[0], before[1] + 1)

"""A ledger long enough to be hashed in processes beside each other is found as it is found in one process: whole where it is
whole, and at the same entry where it was changed, cut or made unreadable; also when such a process is killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.town import Fresh

ROOT = Path(__file__).parents[2]
ENTRIES, EARLIER = 4_300, 3_000  # three blocks, in the second of which a head was signed
WRITE = f"""
from django.db import transaction
from bench.ledger import entry
from throughway.ledger import recording
from throughway.partners import OPERATOR
recording.seal_soon = lambda *_, **__: None
for many in ({EARLIER}, {ENTRIES - EARLIER}):
    with transaction.atomic():
        for n in range(many):
            recording.append(entry(n))
    recording.seal(by=OPERATOR)
"""
# What `HARM` did to the ledger is looked at in both ways, which must say the same.
LOOK = """
import subprocess
from django.db import connection
from throughway.ledger import triggers; from throughway.ledger import verifier as verifying
from throughway.ledger.models import LedgerLeaf

def both():
    started, popen = [], subprocess.Popen
    def watched(*words, **how):
        started.append(popen(*words, **how))
        if "KILL":
            started[-1].kill()
        return started[-1]
    verifying.subprocess.Popen = watched
    verifying.BESIDE, cpus = 0, verifying.os.cpu_count
    verifying.os.cpu_count = lambda: 3
    beside = verifying.verify()
    assert len(started) == 3, started
    verifying.BESIDE, verifying.os.cpu_count, verifying.subprocess.Popen = 10**9, cpus, popen
    return beside, verifying.verify()

ids = list(LedgerLeaf.objects.order_by("position").values_list("entry", flat=True))
triggers.drop_triggers(connection)
with connection.cursor() as cursor:
    for sql in HARM:
        cursor.execute(sql.replace("VICTIM", ids[4_100]))
beside, alone = both()
assert beside == alone, (beside, alone)
print(beside.ok, ids.index(beside.first_bad) if beside.first_bad in ids else beside.first_bad)
"""


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory, fresh_database: Fresh) -> Iterator[dict[str, str]]:
    """The environment of a process that reads a sealed ledger."""
    town = tmp_path_factory.mktemp("long") / "town"
    with fresh_database() as database:
        environment = os.environ | {
            "THROUGHWAY_COMMUNITY": str(town),
            "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
        }
        environment |= {"DJANGO_SETTINGS_MODULE": "throughway.site.settings"}
        environment.pop("THROUGHWAY_DATABASE_URL", None)
        if database:
            environment["THROUGHWAY_DATABASE_URL"] = database
        init = [sys.executable, "-m", "throughway", "init", str(town)]
        subprocess.run(init, check=True, env=environment, capture_output=True)
        partners = [sys.executable, "-m", "throughway", "partner", "list"]
        subprocess.run(partners, check=True, env=environment, capture_output=True)
        _python(WRITE, environment)
        yield environment


def _python(code: str, environment: dict[str, str]) -> str:
    command = [sys.executable, "-c", f"import django; django.setup()\n{code}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def looked(ledger: dict[str, str], *harm: str, kill: bool = False) -> str:
    return _python(LOOK.replace("HARM", repr(harm)).replace("KILL", "yes" if kill else ""), ledger)


def test_a_whole_ledger_is_whole(ledger: dict[str, str]) -> None:
    assert looked(ledger) == "True None"


def test_what_a_killed_process_did_not_read_is_read_by_the_one_that_asked(ledger: dict[str, str]) -> None:
    assert looked(ledger, kill=True) == "True None"


# Each stays, so that the next is at a lower place: what comes first is told.
HARMS = {
    "DELETE FROM gate_ledgerhead WHERE size = 4300": "3000",
    "UPDATE gate_ledgerentry SET purpose = purpose || ' ' WHERE id = 'VICTIM'": "4100",
    "DELETE FROM gate_ledgerentry WHERE id = (SELECT entry FROM gate_ledgerleaf WHERE position = 2500)": "2500",
    "DELETE FROM gate_ledgerleaf WHERE position = 2047": "place 2047",  # the last of a block
    "UPDATE gate_ledgerleaf SET hash = 'no hash' WHERE position = 1000": "1000",
    f"UPDATE gate_ledgerleaf SET hash = '{'0' * 64}' WHERE position = 500": "500",
    "UPDATE gate_ledgerleaf SET position = 9999 WHERE position = 17": "place 17",
    "UPDATE gate_ledgerleaf SET position = -1 WHERE position = 0": "place 0",
}


def test_the_first_that_is_changed_or_missing_is_named(ledger: dict[str, str]) -> None:
    for harm, where in HARMS.items():
        assert looked(ledger, harm) == f"False {where}", harm

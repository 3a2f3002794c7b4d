"""Processes that write to one SQLite database at once wait for each other, and none ends in an error of the database."""

import json
import sqlite3
import subprocess
import threading
from pathlib import Path

from tests.town import Town
from throughway.core.database_errors import refusal_of

HOLDING = """
import sys, time
from django.db import connection, transaction
for _ in range(6):
    with transaction.atomic():
        print("holds", flush=True)
        time.sleep(0.5)
"""
IMPATIENT = """
from throughway.cli import command
from throughway.store.actions import opening
opening.PATIENCE = 0.1
import sys
sys.argv = ["throughway", "partner", "add", "late", "--name", "Late", "--kind", "cbo", "--json"]
from throughway.__main__ import run
run()
"""


def test_commands_wait_for_each_other(tmp_path: Path) -> None:
    town = Town(tmp_path / "town")
    town.ask("init", town.root)
    done: list[subprocess.CompletedProcess[str]] = []

    def add(number: int) -> None:
        done.append(town.run("partner", "add", f"club-{number}", "--name", f"Club {number}", "--kind", "cbo"))

    with town.python(HOLDING) as holding:
        assert holding.stdout.readline() == "holds\n"
        adding = [threading.Thread(target=add, args=(number,)) for number in range(4)]
        for each in adding:
            each.start()
        for each in adding:
            each.join()
        holding.communicate()
    assert [each.returncode for each in done] == [0] * 4, done
    assert len(town.ask("partner", "list")["partners"]) == 4


QUEUED = """
from throughway.identity.tasks import link_records
for _ in range(20):
    link_records.enqueue(0)
"""
BACKGROUND = "from throughway.site.background import main; main()"
DONE = """
import collections, time
from django_tasks_db.models import DBTaskResult
for _ in range(600):
    found = collections.Counter(DBTaskResult.objects.values_list("status", flat=True))
    if found.keys() <= {"SUCCESSFUL", "FAILED"}:
        break
    time.sleep(0.1)
print(dict(found))
"""


def test_background_work_and_commands_wait_for_each_other(tmp_path: Path) -> None:
    """Every task is taken, done and recorded, and every command answered, though somebody else holds the lock nearly all the time."""
    town = Town(tmp_path / "town")
    town.found()
    town.said(QUEUED)
    done: list[subprocess.CompletedProcess[str]] = []

    def add(number: int) -> None:
        done.append(town.run("partner", "add", f"club-{number}", "--name", f"Club {number}", "--kind", "cbo"))

    with town.python(HOLDING) as holding:
        assert holding.stdout.readline() == "holds\n"
        with town.python(BACKGROUND, ready=False) as background:
            adding = [threading.Thread(target=add, args=(number,)) for number in range(3)]
            for each in adding:
                each.start()
            for each in adding:
                each.join()
            holding.communicate()
            found, alive = town.said(DONE), background.poll() is None
            background.kill()
    assert [each.returncode for each in done] == [0] * 3, done
    assert (found, alive) == ("{'SUCCESSFUL': 20}", True)


def test_a_command_that_waited_in_vain_says_who_it_waited_for(tmp_path: Path) -> None:
    town = Town(tmp_path / "town")
    town.ask("init", town.root)
    with town.python(HOLDING) as holding:
        assert holding.stdout.readline() == "holds\n"
        with town.python(IMPATIENT, ready=False) as late:
            said = late.communicate()[0]
        holding.communicate()
    assert late.returncode == 1
    assert json.loads(said)["error"]["code"] == "busy"


def test_a_busy_database_is_one_sentence() -> None:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorname = "SQLITE_BUSY"
    refused = refusal_of(error, "")
    assert refused
    assert (refused.code, "Try again in a minute" in refused.message) == ("busy", True)

"""Real processes that seal free text of an earlier version, and are killed while they do; run by test_free_text_at_rest.py.

    python -m tests.intake.killed_sealing STRIDE FIRST

Of its steps on the disk every STRIDE-th is tried, from FIRST on. Each act is a process of its own, forked from this one. Prints one JSON line. The folder is put back before each round, so it takes SQLite.
"""

import json
import os
import shutil
import signal
import sys
import tempfile
from itertools import count
from pathlib import Path
from unittest import mock

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
django.setup()

import pyarrow.parquet as pq  # noqa: E402
from django.db import connections  # noqa: E402

from tests.intake.conftest import Town  # noqa: E402
from tests.intake.papers import in_effect  # noqa: E402
from tests.intake.test_free_text_at_rest import PLANTED, REASONS, SURVEY, holders, load  # noqa: E402
from tests.store.crashing import UNFINISHED, ended_well, forked, kill_before  # noqa: E402
from throughway.cli.root import main  # noqa: E402
from throughway.intake import selectors  # noqa: E402
from throughway.intake.actions import seal_clear_text  # noqa: E402
from throughway.partners import OPERATOR  # noqa: E402
from throughway.partners.actions import add_partner  # noqa: E402
from throughway.store import schemas  # noqa: E402
from throughway.store.actions.maintenance import check  # noqa: E402
from throughway.store.actions.text_sealing import unsealed  # noqa: E402
from throughway.store.selectors import current_community, snapshot  # noqa: E402

TABLES = (SURVEY, REASONS)


def before(folder: Path) -> None:
    """A folder of an earlier version: two tables with free text in plain files."""
    add_partner(id="school", name="School", kind="lea", by=OPERATOR)
    names = [f"element: {t.name}.{name}" for t in TABLES for name in ("*", *t.free_text)]
    paper = in_effect(names)
    mock.patch.object(selectors, "agreement_statuses", return_value=[paper]).start()
    with mock.patch.object(schemas, "free_text", return_value=()):
        for table in TABLES:
            load(Town(current_community(), folder, lambda papers: None), table)
    assert len(holders(current_community().root)) == 2


def texts() -> list[list[str]]:
    """What is read of each free text, from a plain file or from the vault."""
    found = []
    with snapshot() as stored:
        for table in TABLES:
            sealed = stored.text(table.name, "school")
            plain = [pq.read_table(path) for path in stored.files(table.name, "school")]
            for name in table.free_text:
                read = [
                    value
                    for part in [*plain, sealed]
                    if name in part.column_names
                    for value in part[name].to_pylist()
                ]
                found.append([value for value in read if value is not None])
    return found


def next_start() -> None:
    """`throughway check --repair`, which opens the folder as every command does."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    root = str(current_community().root)
    main(["--community", root, "check", "--repair", "--json"], standalone_mode=False)


def steps(stride: int, first: int) -> dict[str, int]:
    """Kills the sealing before these of its steps on the disk, until it ends before the next."""
    root, part_way = current_community().root, 0
    saved = Path(tempfile.mkdtemp(dir=root.parent)) / "saved"
    connections.close_all()
    shutil.copytree(root, saved)
    for killed, step in enumerate(count(first, stride)):

        def work(step: int = step) -> None:
            kill_before(step)
            seal_clear_text(by=OPERATOR)

        code = os.waitstatus_to_exitcode(os.waitpid(forked(work), 0)[1])
        amiss = [p for p in check() if UNFINISHED not in p and "check --repair" not in p]
        assert amiss == [], (step, amiss)
        whole = [[PLANTED]] * sum(len(table.free_text) for table in TABLES)
        assert texts() == whole, (step, "not readable after the kill")
        in_clear = holders(root)
        assert bool(in_clear) <= bool(check() + unsealed()), (
            step,
            "in the clear, and nothing says so",
            in_clear,
        )
        part_way += 0 < len(in_clear) < 2
        assert ended_well(forked(next_start)), (step, "the next start fails")
        assert (holders(root), unsealed(), check()) == ([], [], []), (
            step,
            holders(root),
            unsealed(),
            check(),
        )
        assert texts() == whole, (step, "not readable after the next start")
        if code == 0:
            return {"killed": killed, "steps": step, "part_way": part_way}
        assert code == -signal.SIGKILL, "the process failed by itself"
        connections.close_all()
        shutil.rmtree(root)
        shutil.copytree(saved, root)
    raise AssertionError


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        before(Path(folder))
        sys.stdout.write(json.dumps(steps(int(sys.argv[1]), int(sys.argv[2]))))

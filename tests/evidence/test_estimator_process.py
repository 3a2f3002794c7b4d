"""The estimate of a study runs in a process of its own: a crash, a hang and a lack of memory there are one sentence here."""

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.evidence.test_studies import document, town
from tests.gate import making
from tests.site.people import signed_in
from throughway.core.refusals import Refused
from throughway.evidence import estimator_process
from throughway.evidence.actions.runs import STUDY_RUN
from throughway.evidence.actions.studies import register_study, run_study
from throughway.evidence.models import StudyFinding
from throughway.partners.asked_work.actions import carry_out
from throughway.partners.models import AskedWork

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the process by Linux’s /proc"),
]


@pytest.fixture
def evaluator(community: object) -> Any:
    town(community)
    return making.reader("evaluator@hub.example")


def estimators() -> list[int]:
    """The estimators that this process has started and that still run."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # a thread or a process that has ended meanwhile
            for child in (task / "children").read_text().split():
                if b"throughway.evidence.estimator" in Path("/proc", child, "cmdline").read_bytes():
                    found.append(int(child))
    return found


def when_it_runs(act: Any) -> threading.Thread:
    """Does something to the next estimator as soon as it runs."""

    def watch() -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if found := estimators():
                act(found[0])
                return
            time.sleep(0.01)

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


def test_a_killed_estimator_ends_no_other_work(evaluator: Any) -> None:
    """Killed for real, as by a system that has no memory left; then the same study is run again."""
    known = register_study(document=document(), by=evaluator)
    site = signed_in(evaluator)
    site.post(f"/studies/{known.id}/run/")
    killer = when_it_runs(lambda process: os.kill(process, signal.SIGKILL))
    carry_out(STUDY_RUN, AskedWork.objects.get().pk)  # as the background process does, which goes on
    killer.join()
    assert not StudyFinding.objects.exists()
    page = site.get(f"/studies/{known.id}/").content.decode()
    assert "The estimate was ended from outside or crashed; run the study again" in page
    assert "Run and publish" in page
    site.post(f"/studies/{known.id}/run/")
    carry_out(STUDY_RUN, AskedWork.objects.get().pk)
    assert StudyFinding.objects.get().study_id == known.id
    assert estimators() == []


def test_one_that_hangs_is_stopped(evaluator: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(estimator_process, "SECONDS", 1.0)
    known = register_study(document=document(), by=evaluator)
    holder = when_it_runs(lambda process: os.kill(process, signal.SIGSTOP))
    with pytest.raises(Refused, match="took longer than 0 minutes and was stopped") as refused:
        run_study(id=known.id, by=evaluator)
    holder.join()
    assert refused.value.code == "estimator"
    assert estimators() == []


def test_one_that_needs_too_much_memory_is_stopped(evaluator: Any, monkeypatch: Any) -> None:
    """Half of the machine's memory is the limit; here little more than Python needs to begin."""
    monkeypatch.setattr(estimator_process, "MEMORY", 64 * 2**20)
    known = register_study(document=document(), by=evaluator)
    with pytest.raises(Refused, match="Nothing was published") as refused:
        run_study(id=known.id, by=evaluator)
    assert refused.value.code == "estimator"


def test_it_ends_with_whoever_started_it() -> None:
    theirs, ours = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "throughway.evidence.estimator", str(theirs), str(2**33)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=(theirs,), env=estimator_process._environment(),
    )  # fmt: skip
    os.close(theirs)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(2)  # it waits for a study
    os.close(ours)
    assert process.wait(30) == 1
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        pipe.close()


def test_it_is_given_no_secret_and_no_failure_says_a_value(monkeypatch: Any) -> None:
    monkeypatch.setenv("THROUGHWAY_DATABASE_URL", "postgresql://secret")
    monkeypatch.setenv("ANYTHING_ELSE", "secret")
    assert "secret" not in str(estimator_process._environment())
    kind, found = estimator_process._asked(pickle.dumps(("Ana Ruiz", "rows", 10, [])))
    assert (kind, found) == ("failed", "AttributeError")

"""Estimates a study in a process of its own, whatever process asks.

The libraries of an estimate are large, compute without asking anybody, and can crash, hang or take all memory. In the background process of the
site that would end or hold up all other work; on a small machine it would end the site. So they are never imported there: a process is
started for each study, with a limit on time and memory, and its end, of whatever kind, is one sentence for who asked. Rows go to it over a
pipe and touch no disk; of the environment it has what a Python needs, and no secret.
"""

import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from throughway.core.long_work import check_no_transaction
from throughway.core.refusals import Refused

if TYPE_CHECKING:  # small commands start without these
    from throughway.evidence.published_finding import StudyResult
    from throughway.evidence.registered_study import StudyDocument
    from throughway.evidence.student_rows import StudyRows

SECONDS = 30 * 60.0
MEMORY = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
NEEDED = (
    "PATH",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONPYCACHEPREFIX",
    "LD_LIBRARY_PATH",
    "LANG",
    "LC_ALL",
    "TMPDIR",
)
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
SMALLER = "study fewer school years or grades, or run it on a larger machine"
log = logging.getLogger(__name__)


def estimated(
    document: "StudyDocument", rows: "StudyRows", minimum_cell: int, others: Sequence[float | None]
) -> "StudyResult":
    """What the study finds, with the effects of its subgroups and placebos. Refused (estimator) where the process took too long or too much
    memory, or ended by itself."""
    check_no_transaction("an estimate")
    kind, found = _asked(pickle.dumps((document, rows, minimum_cell, others)))
    if kind == "found":
        result: StudyResult = found
        return result
    if kind == "refused":
        message, code, citations = found
        raise Refused(message, code=code, citations=citations)
    if kind == "memory":
        raise _stopped(f"needed more than half of this machine’s memory and was stopped; {SMALLER}")
    log.error("An estimate failed (%s)", found)
    raise _stopped("failed by an error in the program; tell whoever runs the server")


def _asked(given: bytes) -> tuple[str, Any]:
    """The answer of a process that is started for this one question."""
    theirs, ours = os.pipe()
    process = None
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "throughway.evidence.estimator", str(theirs), str(MEMORY)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=(theirs,), env=_environment(),
        )  # fmt: skip
        answer, _ = process.communicate(given, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise _stopped(f"took longer than {SECONDS / 60:.0f} minutes and was stopped; {SMALLER}") from None
    finally:
        for end in (theirs, ours):
            os.close(end)
        if process is not None and process.poll() is None:
            process.kill()
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=10)
    if process.returncode:
        log.error("The process of an estimate ended (%s)", process.returncode)
        raise _stopped(
            "was ended from outside or crashed; run the study again, and if it happens again, tell whoever runs the server"
        )
    kind, found = pickle.loads(answer)
    return kind, found


def _environment() -> dict[str, str]:
    half = str(max(1, (os.cpu_count() or 2) // 2))
    return {name: os.environ[name] for name in NEEDED if name in os.environ} | dict.fromkeys(THREADS, half)


def _stopped(what: str) -> Refused:
    return Refused(f"The estimate {what}. Nothing was published.", code="estimator")

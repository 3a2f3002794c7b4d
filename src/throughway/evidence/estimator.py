"""The process in which a study is estimated: it reads one study and its rows from its standard input, and writes what the study finds to
its standard output. `estimator_process` starts it, and says why it is apart.

It knows no community and has no database. It ends when the process that started it does, and where memory runs out it is the first that the
system ends.
"""

import os
import pickle
import resource
import sys
import threading
from contextlib import suppress
from pathlib import Path

from throughway.core.refusals import Refused

FIRST_TO_GO = 1_000  # of Linux's out-of-memory killer


def main(lifeline: int, memory: int) -> None:
    """`lifeline`: a pipe that ends with whoever started this process; `memory`: bytes of its own that it may take."""
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    with suppress(OSError):  # another system than Linux
        Path("/proc/self/oom_score_adj").write_text(str(FIRST_TO_GO))
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what a library prints is no answer
        pickle.dump(_answer(pickle.load(sys.stdin.buffer)), answers)


def _answer(given: tuple[object, ...]) -> tuple[str, object]:
    """What was found, or of what kind the failure is; never its message, which may hold a value."""
    try:
        from throughway.evidence.published_finding import result_of

        return "found", result_of(*given).estimated()  # type: ignore[arg-type]
    except Refused as refused:
        return "refused", (refused.message, refused.code, refused.citations)
    except MemoryError:
        return "memory", ""
    except Exception as error:
        return "failed", type(error).__name__


def _end_with(lifeline: int) -> None:
    while os.read(lifeline, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

"""`python -m bench.trace load FILE …`: runs `throughway load FILE …` in this process and prints, as JSON, which functions of
which files ran.

Counted: every named function of a file under src/throughway that was called in any thread, from the entry point of the command line
until the process ends. Not counted: what runs while a module is imported and while Django sets itself up (`django.setup`); lambdas and
comprehensions, which some versions of Python inline; generated methods, such as those of dataclasses, which have no file; other processes.
"""

import atexit
import importlib
import json
import sys
import threading
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from types import CodeType, FrameType

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "throughway"


class CallTrace:
    """A function for `sys.setprofile`. `called` holds the qualified names of the functions called, by their file's path below `root`.

    Calls made inside a function of `skipped` are left out."""

    def __init__(self, root: Path, skipped: Iterable[CodeType]) -> None:
        self.called: dict[str, set[str]] = defaultdict(set)
        self._prefix = f"{root}/"
        self._skipped = frozenset(skipped)
        self._within = threading.local()  # how many calls of skipped functions a thread is in

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if code in self._skipped:
            self._within.depth = self._depth() + {"call": 1, "return": -1}.get(event, 0)
        elif event == "call" and not self._depth() and self._is_counted(code):
            self.called[code.co_filename.removeprefix(self._prefix)].add(code.co_qualname)

    def _is_counted(self, code: CodeType) -> bool:
        return code.co_filename.startswith(self._prefix) and not code.co_name.startswith("<")

    def _depth(self) -> int:
        return getattr(self._within, "depth", 0)


def imports() -> CodeType:
    """The function that Python calls to import a module it has not loaded yet."""
    code: CodeType = importlib._bootstrap._find_and_load.__code__  # type: ignore[attr-defined]
    return code


def main() -> None:
    import django

    from throughway.__main__ import run

    trace = CallTrace(PACKAGE, [imports(), django.setup.__code__])
    stdout, sys.stdout = sys.stdout, sys.stderr  # what the command prints is not part of the answer
    sys.argv[0] = "throughway"

    @atexit.register
    def report() -> None:
        sys.setprofile(None)
        called = {file: sorted(functions) for file, functions in sorted(trace.called.items())}
        print(json.dumps(called, indent=2), file=stdout, flush=True)

    threading.setprofile(trace)
    sys.setprofile(trace)
    run()


if __name__ == "__main__":
    main()

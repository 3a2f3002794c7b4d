"""Whether the tests notice when a clause of a grant is flipped: `python -m bench.mutation [PATH …]`.

The tests run once over the code as it is, and it is noted which of them run which statement. Then each mutant (`mutants.py`) is
judged in a process of its own, forked from this one, which has everything imported and the database made: by the tests that run
the changed statement, the quickest first, until one fails. A test that does not run it cannot tell. Nothing is written.

Prints each mutant that no test notices, then the share that was noticed. Paths narrow the modules, as `gate/decision.py`;
`gate/decision.py:120` is one line. `--every=5` takes each fifth mutant, `--from=2` begins with the third, `--list` prints them,
`-v` says of each whether it was noticed. `--nothing` changes
nothing: then none may be noticed, or it is the judging that fails. JOBS is how many run beside each other.
"""

import functools
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import pytest
from hypothesis import Phase, settings

from bench.mutants import MODULES, ROOT, Mutant, Statement, mutants, put_in, watch

# The quickest first, those that go through the whole door last.
TESTS = (
    "tests/agreements/test_membership.py", "tests/agreements/test_lifecycle.py",
    "tests/gate/test_decision.py", "tests/gate/test_serving.py", "tests/gate/test_people.py", "tests/gate/test_persons.py", "tests/gate/test_two_shapes.py",
    "tests/agreements/test_rows.py", "tests/agreements/test_sql.py",
    "tests/agreements/test_grants.py", "tests/agreements/test_three_tiers.py", "tests/agreements/test_transforms.py",
    "tests/agreements/test_effective.py", "tests/agreements/test_life.py",
    "tests/gate/test_governed_rows.py", "tests/gate/test_attacks.py", "tests/gate/test_door.py", "tests/gate/test_whom.py",
    "tests/gate/test_whole_record.py", "tests/gate/test_members.py",
)  # fmt: skip
LONGEST = 400  # seconds; a mutant that never ends is noticed
AT_ONCE = int(os.environ.get("JOBS", "2"))


@dataclass
class Running:
    mutant: Mutant
    until: float


@dataclass(frozen=True)
class Known:
    """What one test runs, and how long it took."""

    statements: frozenset[Statement]
    seconds: float


class Mutation:
    """As a plugin of pytest: once all tests are collected, notes what they run, and judges each mutant."""

    def __init__(self, chosen: Sequence[Mutant], *, all_said: bool, change: bool) -> None:
        self._chosen, self._all_said, self._change = chosen, all_said, change

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        order = {str(ROOT / path): place for place, path in enumerate(TESTS)}
        session.items.sort(key=lambda item: order[str(item.path)])
        known = _noted(session, watch(self._chosen))
        if session.testsfailed:
            print(
                "The tests fail over the code as it is; so nothing can be told of mutants. Run them by themselves."
            )
            return True
        print(f"{len(known)} tests, {sum(k.seconds for k in known.values()):.0f} s", flush=True)
        many, begun = 0, time.monotonic()
        for mutant, noticed in self._judged(session, known):
            many += noticed
            if not noticed or self._all_said:
                print("noticed " if noticed else "SURVIVES", mutant, flush=True)
        took = time.monotonic() - begun
        print(
            f"{many} of {len(self._chosen)} mutants noticed: {many / len(self._chosen):.1%}, in {took:.0f} s"
        )
        return True

    def _judged(
        self, session: pytest.Session, known: Mapping[pytest.Item, Known]
    ) -> Iterator[tuple[Mutant, bool]]:
        """Each mutant, and whether a test noticed it."""
        waiting, running = list(reversed(self._chosen)), dict[int, Running]()
        while waiting or running:
            while waiting and len(running) < AT_ONCE:
                mutant = waiting.pop()
                items = [item for item, k in known.items() if mutant.place in k.statements]
                if not items:
                    yield mutant, False
                    continue
                items.sort(key=lambda item: known[item].seconds)
                child = os.fork()
                if child == 0:
                    _become(mutant if self._change else None, session, items)
                running[child] = Running(mutant, time.monotonic() + LONGEST)
            for child, of_one in list(running.items()):
                done, status = os.waitpid(child, os.WNOHANG)
                if done:
                    del running[child]
                    yield of_one.mutant, os.waitstatus_to_exitcode(status) != 0
                elif time.monotonic() > of_one.until:
                    os.kill(child, signal.SIGKILL)
            time.sleep(0.01)


class OnlyTheSession:
    """In place of a next test: what was set up for the session stays, all else is taken down."""

    def __init__(self, session: pytest.Session) -> None:
        self._session = session

    def listchain(self) -> list[pytest.Session]:
        return [self._session]


def _noted(session: pytest.Session, seen: set[Statement]) -> dict[pytest.Item, Known]:
    """Runs every test once; what one left in memory must not spare the next a statement."""
    known: dict[pytest.Item, Known] = {}
    for item, after in zip(session.items, [*session.items[1:], OnlyTheSession(session)], strict=True):
        _forget_answers()
        seen.clear()
        begun = time.process_time()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        known[item] = Known(frozenset(seen), time.process_time() - begun)
        if session.testsfailed:
            break
    _forget_answers()
    return known


def _forget_answers() -> None:
    """Empties what the code keeps in memory, engines too: a forked process has none of their threads."""
    from throughway.gate.actions.running import ENGINES, OF_ONE
    from throughway.kept import Kept

    for engines in (ENGINES, OF_ONE):
        engines._engines.clear()
    for name, module in list(sys.modules.items()):
        if name.startswith("throughway."):
            for kept in list(vars(module).values()):
                if type(kept) is Kept:
                    kept.clear()
                elif type(kept) is functools._lru_cache_wrapper:
                    kept.cache_clear()


def _become(mutant: Mutant | None, session: pytest.Session, items: Sequence[pytest.Item]) -> NoReturn:
    """In the child: the tests over the changed code, until one fails."""
    failed = True
    try:
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        if mutant is not None:
            put_in(mutant)
        for item, after in zip(items, [*items[1:], OnlyTheSession(session)], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if session.testsfailed:
                break
        failed = bool(session.testsfailed)
    finally:
        os._exit(failed)


def main(arguments: Sequence[str]) -> int:
    wanted = [a for a in arguments if not a.startswith("-")]
    every, first = (_number(arguments, name, usual) for name, usual in (("every", 1), ("from", 0)))
    os.chdir(ROOT)
    found = [m for path in MODULES for m in mutants(path)]
    chosen = [m for m in found if not wanted or any(f"{m.module}:{m.line}:".startswith(w) for w in wanted)]
    chosen = chosen[first::every]
    if "--list" in arguments:
        print(*chosen, f"{len(chosen)} mutants", sep="\n")
        return 0
    # One failing example is enough, and the same examples for every mutant.
    settings.register_profile(
        "mutation", phases=(Phase.explicit, Phase.generate), derandomize=True, database=None
    )
    settings.load_profile("mutation")
    options = ["-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "--assert=plain"]
    return int(
        pytest.main(
            [*options, *TESTS],
            plugins=[Mutation(chosen, all_said="-v" in arguments, change="--nothing" not in arguments)],
        )
    )


def _number(arguments: Sequence[str], name: str, usual: int) -> int:
    return int(next((a.partition("=")[2] for a in arguments if a.startswith(f"--{name}=")), usual))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

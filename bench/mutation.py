"""Whether the tests notice when a clause of a grant is flipped: `python -m bench.mutation [PATH …]`.

The tests run once over the code as it is, and it is noted which of them run which statement. Then each mutant (`mutants.py`) is
judged in a process of its own, forked from this one, which has everything imported and the database made: by the tests that run
the changed statement, the quickest first, until one fails. A test that does not run it cannot tell. Nothing is written.

Prints each mutant that no test notices, then the share that was noticed. Paths narrow the modules, as `gate/decision.py`;
`gate/decision.py:120` is one line. `--every=5` takes each fifth mutant, `--from=2` begins with the third, `--list` prints them,
`-v` says of each whether it was noticed, and by which test. `--nothing` changes nothing: each test by itself, and all of them
after each other, run as over a mutant; all must pass, or it is the judging that fails. What is known to change nothing
(`equivalents.py`) is left out, save with `--all`. JOBS is how many run beside each other.
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

from bench.equivalents import EQUIVALENT
from bench.mutants import ROOT, Mutant, Statement, all_mutants, put_in, watch

# The quickest first, those that go through the whole gate last.
TESTS = (
    "tests/agreements/test_membership.py", "tests/agreements/test_lifecycle.py", "tests/consent/test_consent_state.py",
    "tests/partners/test_debarment.py", "tests/training/test_training.py",
    "tests/gate/test_random_codes.py", "tests/gate/test_decision.py", "tests/gate/test_served_students.py", "tests/gate/test_row_scope.py", "tests/store/test_links.py", "tests/store/test_record_numbers.py", "tests/gate/test_person_filters.py", "tests/gate/test_two_shapes.py",
    "tests/ledger/test_entry_presenter.py", "tests/ledger/test_question_digests.py", "tests/gate/test_bad_input.py",
    "tests/agreements/test_row_filter.py", "tests/agreements/test_grant_sql.py",
    "tests/agreements/test_effective_grants.py", "tests/agreements/test_three_tiers.py", "tests/agreements/test_transforms.py",
    "tests/agreements/test_effective_document.py", "tests/agreements/test_status.py",
    "tests/gate/test_compiler.py", "tests/gate/test_unlisted_codes.py", "tests/gate/test_deferred_conditions.py", "tests/gate/test_shown_values.py", "tests/gate/test_governed_relations.py", "tests/gate/test_grant_merging.py", "tests/gate/test_row_order.py", "tests/gate/test_governed_rows.py", "tests/gate/test_attacks.py", "tests/gate/test_governed_access.py", "tests/gate/test_whom.py",
    "tests/gate/test_whole_record.py", "tests/gate/test_members.py", "tests/gate/test_forms.py", "tests/gate/test_moment.py", "tests/gate/test_duties.py",
    "tests/gate/test_engines.py", "tests/gate/test_linkage_coverage.py", "tests/gate/test_query_limits.py", "tests/extracts/test_extract.py", "tests/families/test_requests.py",
)  # fmt: skip
LONGEST = 400  # seconds; a mutant that never ends is noticed
AT_ONCE = int(os.environ.get("JOBS", "2"))


@dataclass(frozen=True)
class Trial:
    """Tests over one change, or (`mutant` None) over none."""

    mutant: Mutant | None
    items: tuple[pytest.Item, ...]

    def __str__(self) -> str:
        return str(self.mutant or (self.items[0].nodeid if len(self.items) == 1 else "all tests"))


@dataclass
class Running:
    trial: Trial
    until: float
    by: int  # tells the name of the test that failed


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
        trials = self._trials(known)
        first = Order(known)
        many, begun = 0, time.monotonic()
        for trial, by in _judged(session, trials, first):
            many += by is not None
            if self._all_said or (by is None) is self._change:
                print(f"noticed  {trial}  by {by}" if by is not None else f"SURVIVES {trial}", flush=True)
        took = time.monotonic() - begun
        what = "mutants noticed" if self._change else "runs over unchanged code failed"
        print(f"{many} of {len(trials)} {what}: {many / len(trials):.1%}, in {took:.0f} s")
        return True

    def _trials(self, known: Mapping[pytest.Item, Known]) -> list[Trial]:
        quickest = sorted(known, key=lambda item: known[item].seconds)
        if not self._change:
            return [*(Trial(None, (item,)) for item in quickest), Trial(None, tuple(quickest))]
        return [
            Trial(mutant, tuple(item for item in quickest if mutant.place in known[item].statements))
            for mutant in self._chosen
        ]


class Order:
    """The tests of a trial, the quickest first; before them those that noticed another change to the same function."""

    def __init__(self, known: Mapping[pytest.Item, Known]) -> None:
        self._known = known
        self._noticed: dict[object, dict[str, None]] = {}

    def of(self, trial: Trial) -> list[pytest.Item]:
        before = self._noticed.get(self._function(trial), {})
        return sorted(trial.items, key=lambda item: (item.nodeid not in before, self._known[item].seconds))

    def noticed(self, trial: Trial, by: str) -> None:
        self._noticed.setdefault(self._function(trial), {})[by] = None

    def _function(self, trial: Trial) -> object:
        return trial.mutant and (trial.mutant.module, trial.mutant.function)


def _judged(
    session: pytest.Session, trials: Sequence[Trial], order: Order
) -> Iterator[tuple[Trial, str | None]]:
    """Each trial, and the test that failed; None where all passed, or where there is none to tell."""
    waiting, running = list(reversed(trials)), dict[int, Running]()
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            trial = waiting.pop()
            if not trial.items:
                yield trial, None
                continue
            told, by = os.pipe()
            child = os.fork()
            if child == 0:
                _become(trial, session, order.of(trial), by)
            os.close(by)
            running[child] = Running(trial, time.monotonic() + LONGEST, told)
        for child, of_one in list(running.items()):
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                del running[child]
                with open(of_one.by) as said:
                    by_test = said.read() or "what takes too long"
                failed = bool(os.waitstatus_to_exitcode(status))
                if failed:
                    order.noticed(of_one.trial, by_test)
                yield of_one.trial, by_test if failed else None
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
    from throughway.core.cache import Cache
    from throughway.gate.actions.query_execution import ENGINES, OF_FEW

    for engines in (ENGINES, OF_FEW):
        engines._engines.clear()
    for name, module in list(sys.modules.items()):
        if name.startswith("throughway."):
            for kept in list(vars(module).values()):
                if type(kept) is Cache:
                    kept.clear()
                elif type(kept) is functools._lru_cache_wrapper:
                    kept.cache_clear()


def _become(trial: Trial, session: pytest.Session, items: Sequence[pytest.Item], by: int) -> NoReturn:
    """In the child: the tests over the changed code, until one fails; writes into `by` which."""
    failed = "none, the change cannot be put in"
    try:
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        if trial.mutant is not None:
            put_in(trial.mutant)
        failed = ""
        for item, after in zip(items, [*items[1:], OnlyTheSession(session)], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if session.testsfailed:
                failed = item.nodeid
                break
    finally:
        os.write(by, failed.encode())
        os._exit(bool(failed))


def main(arguments: Sequence[str]) -> int:
    wanted = [a for a in arguments if not a.startswith("-")]
    every, first = (_number(arguments, name, usual) for name, usual in (("every", 1), ("from", 0)))
    os.chdir(ROOT)
    found = all_mutants()
    unknown = EQUIVALENT.keys() - {m.name for m in found}
    print(*(f"No mutant: {name}" for name in sorted(unknown)), sep="\n", end="\n" if unknown else "")
    chosen = [m for m in found if not wanted or any(f"{m.module}:{m.line}:".startswith(w) for w in wanted)]
    chosen = chosen[first::every]
    if "--all" not in arguments:
        many = len(chosen)
        chosen = [m for m in chosen if m.name not in EQUIVALENT]
        print(f"{many - len(chosen)} of {many} change nothing (equivalents.py)")
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

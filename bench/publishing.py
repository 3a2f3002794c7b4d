"""How long it takes to protect a release, to make its certificate and to verify it: a year of 50 schools, each by race, sex, English
learner and lunch, with outcomes and all totals, the sizes of groups public; then five years. And how many figures are withheld beside pytauargus, an optimal method.

Counts of figures are exact. Seconds are of CPU, since others may work on the machine; each year is protected in a process of its own.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import chdir
from dataclasses import replace
from importlib.util import find_spec
from itertools import pairwise
from time import process_time

from bench.row import Row
from throughway.publication import POLICY, RawCell, RawTable
from throughway.publication.audit import Audit
from throughway.publication.linear_system import LinearSystem, system_of
from throughway.publication.protection import hidden_figures, protect, too_small, withheld_against_sums

SCHOOLS, YEARS, MINIMUM, SEEDS = 50, 5, 10, 50
GROUPS = {"race": 8, "sex": 2, "english learner": 2, "lunch": 2}
WEIGHTS = {
    "race": (45, 25, 15, 8, 3, 2, 1, 1),
    "sex": (51, 49),
    "english learner": (9, 91),
    "lunch": (45, 55),
}
OUTCOMES = ("lost", "not seen", "reached")
RIVERBEND = 874  # counts of its pipeline when this was promised
LACKING = "pytauargus is not installed, so nothing stands beside the withheld figures; install the group bench-publishing of pyproject.toml."


def measure() -> list[Row]:
    seconds, cells, memory = [], 0, 0.0
    for year in range(YEARS):
        protected, certified, verified, count, used = _measured(year)
        seconds.append((protected, certified, verified))
        cells, memory = cells + count, max(memory, used)
    one, every = seconds[0], [sum(each) for each in zip(*seconds, strict=True)]
    return [
        _row(f"one year of {SCHOOLS} schools, {cells // YEARS:,} cells: protect, certify, verify", one, 60),
        _row(f"{YEARS} years, {cells:,} cells: protect, certify, verify", every, 300),
        Row(f"memory of one year of {SCHOOLS} schools, at most", f"{memory:.1f} GB", "none", "", "≤ 2 GB", memory <= 2),
        Row("verify one year", f"{one[2]:.1f} s", "none", "", "≤ 10 s", one[2] <= 10),
        *_riverbend(),
        *_beside_pytauargus(),
    ]  # fmt: skip


def _row(what: str, seconds: Sequence[float], promised: int) -> Row:
    ours = " + ".join(f"{each:.0f}" for each in seconds)
    return Row(what, f"{ours} s of CPU", "none", "", f"≤ {promised} s", sum(seconds) <= promised)


def _riverbend() -> list[Row]:
    """The counts of Riverbend's pipeline: as numbers, as ranges, and as neither. A count that leaves the release is neither."""
    with tempfile.TemporaryDirectory() as folder:
        ask = [sys.executable, "-m", "throughway", "--community", f"{folder}/riverbend"]
        done = {"check": True, "stdout": subprocess.PIPE, "text": True}
        subprocess.run(
            [*ask, "demo", f"{folder}/riverbend", "--students", "5000", "--no-serve", "--json"], **done
        )
        listed = json.loads(subprocess.run([*ask, "publish", "list", "--json"], **done).stdout)["releases"]
        shown: dict[object, object] = {}
        for each in (e for e in listed if e["title"] == "Where students are lost on the way"):
            made = json.loads(subprocess.run([*ask, "publish", "show", each["id"], "--json"], **done).stdout)
            for cell in (
                c for t in made["tables"] for c in t["cells"] if {"milestone", "step", "join"} & {*t["by"]}
            ):
                if cell["statistic"] == "students":
                    shown[frozenset(cell["at"].items())] = cell["shown"]
    numbers = sum(isinstance(figure, int) for figure in shown.values())
    ranges = sum(isinstance(figure, str) for figure in shown.values())
    whole = max(RIVERBEND, len(shown))
    neither = whole - numbers - ranges
    return [
        Row(
            f"{whole} counts of Riverbend's pipeline of 5,000 students: neither number nor range",
            f"{neither / whole:.1%} ({numbers / whole:.1%} numbers, {ranges / whole:.1%} ranges)", "68.9% without ranges", "",
            "≤ 40%", neither <= 0.4 * whole,
        )
    ]  # fmt: skip


def _measured(year: int) -> tuple[float, float, float, int, float]:
    """Seconds to protect, certify and verify one year, its cells, and the memory in GB."""
    done = subprocess.run(
        [sys.executable, "-c", f"from bench.publishing import one_year; one_year({year})"],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    protected, certified, verified, cells, used = done.stdout.split()[-5:]
    return float(protected), float(certified), float(verified), int(cells), float(used)


def one_year(year: int) -> None:
    """Protects, certifies and verifies one year, and prints the seconds of each, the cells and the memory."""
    from throughway.publication.certificate import certificate_of
    from throughway.publication.release_document import public_sizes_to_json
    from throughway.publication.verify_release import verify

    tables = linked_tables(year)
    taken = [process_time()]
    safe = protect(tables, minimum_cell=MINIMUM)
    taken.append(process_time())
    document: dict[str, object] = {
        "id": f"YEAR{year}", "title": "One year", "minimum_cell": MINIMUM, "relations": [], "rates": [],
        "public_sizes": public_sizes_to_json(tables), "tables": [table.to_json() for table in safe],
    }  # fmt: skip
    document["certificate"] = certificate_of([document])
    taken.append(process_time())
    found = verify([document])
    taken.append(process_time())
    assert found["ok"], found["problems"]
    cells = len(system_of(tables, (), POLICY).names)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(*(f"{b - a:.2f}" for a, b in pairwise(taken)), cells, f"{used:.2f}")


def linked_tables(seed: int) -> list[RawTable]:
    """A table for each grouping of the same simulated students: school by group by outcome, with all totals."""
    return [_table(d, people) for d, people in simulated(seed, SCHOOLS, GROUPS).items()]


def simulated(seed: int, schools: int, groups: Mapping[str, int]) -> dict[str, list[tuple[str, str, str]]]:
    """Of each grouping, the students as school, outcome and group."""
    chance, people = random.Random(seed), []
    for school in range(schools):
        weights = {d: [w * chance.uniform(0.3, 2) for w in WEIGHTS[d][:n]] for d, n in groups.items()}
        outcomes = (chance.uniform(5, 25), chance.uniform(0, 8), 80)
        for _ in range(int(chance.lognormvariate(5.3, 0.6))):
            person = {d: f"{d} {chance.choices(range(n), weights[d])[0]}" for d, n in groups.items()}
            people.append((f"school {school}", chance.choices(OUTCOMES, outcomes)[0], person))
    return {d: [(s, o, p[d]) for s, o, p in people] for d in groups}


def _table(dimension: str, people: Sequence[tuple[str, str, str]]) -> RawTable:
    count = Counter(
        (s, o, g) for each in people for s in (each[0], "") for o in (each[1], "") for g in (each[2], "")
    )
    values = [("", *dict.fromkeys(each)) for each in zip(*people, strict=True)]
    names = ("school", "outcome", dimension)
    cells = [
        RawCell({name: v for name, v in zip(names, at, strict=True) if v}, count=count[at], public=not at[1])
        for at in ((s, o, g) for s in values[0] for o in values[1] for g in values[2])
    ]
    return RawTable(f"outcome by school and {dimension}", names, tuple(cells))


# ---- beside pytauargus


class _Doubled(Audit):
    """Protection as the peer understands it: of small figures alone, each so that it may be none or twice as many."""

    def __init__(self, system: LinearSystem, small: set[int]) -> None:
        super().__init__(system, MINIMUM, POLICY)

        def needed(unknown: int) -> int:
            return 2 * system.values[unknown] if unknown in small else 0

        self.ranges.needed = self.ranges.top = needed  # type: ignore[method-assign]


def _beside_pytauargus() -> list[Row]:
    """Secondary figures of tables of at most 300 cells under one protection, that of the peer's rule by frequency: each small figure is
    open by its own size in either direction; secondary figures need no protection; zeros are shown; a single student is not thought of.
    Then those under our own protection: every withheld figure, secondary ones too, is open by the minimum."""
    policy = replace(POLICY, extra_beside_one=0)
    alike = ours = theirs = 0
    installed = find_spec("pytauargus") is not None
    if not installed:
        print(LACKING, file=sys.stderr)
    for seed in range(SEEDS):
        people = simulated(seed, 4 + seed % 6, {"race": 6})
        system = replace(system_of([_table("race", people["race"])], (), policy), public=frozenset())
        primary = {i for i in too_small(system, MINIMUM) if system.values[i]}
        alike += len(_Doubled(system, primary).widened(withheld_against_sums(system, primary)) - primary)
        ours += len(hidden_figures(system, primary, MINIMUM, policy) - primary)
        theirs += _of_pytauargus(people["race"], len(primary)) if installed else 0
    peer = f"{theirs:,} (pytauargus, optimal)" if installed else "pytauargus is not installed"
    return [
        Row(f"secondary figures withheld in {SEEDS} tables of ≤ 300 cells, small figures open by their own size, as the peer's rule has it",
            f"{alike:,}", peer, f"{alike / theirs:.2f}" if theirs else "", "", True),
        Row("the same tables, every withheld figure open by 10, our rule without the single student", f"{ours:,}",
            "none: it cannot protect secondary figures", "", "", True),
    ]  # fmt: skip


def _of_pytauargus(people: Sequence[tuple[str, str, str]], primary: int) -> int:
    """How many figures its optimal method withholds besides the small ones."""
    from pytauargus import protect as optimal

    with tempfile.TemporaryDirectory() as folder, chdir(folder):  # it leaves logs where it runs
        records = [
            dict(zip(("school", "outcome", "race"), each, strict=True)) | {"one": 1} for each in people
        ]
        found = optimal(
            records, tables=["school", "race", "outcome"], response="one", workdir=folder,
            safety_rules=f"FREQ({MINIMUM},100)", suppress="OPT(1)",
        )  # fmt: skip
        status = Counter(found.tables[0].status())
    assert status["U"] == primary, (status, primary)
    return status["M"]

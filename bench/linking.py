"""Who is who, against public data sets with known persons, beside what others make of the same rows.

`python -m bench linking` needs the group `bench-linking`, which stands outside of the lock. Our settings were found on other draws of noise (seeds 101,
201, 301 and 401, one half of the households), the rows here are of seeds 31, 41 and 51, which nobody looked at before; the simulated people are the same. With
labels, readers see households of one half and the other half is judged.
"""

import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from bench.linking_peers import ecm, goldenmatch, splinks
from bench.linking_sets import People, census, febrl, registers
from bench.row import Row
from throughway.identity.linkage import clustering
from throughway.identity.linkage.candidate_pairs import record_numbers
from throughway.identity.linkage.clustering import decide
from throughway.identity.linkage.label_model import corrected, fit_label_model, odds
from throughway.identity.linkage.match_weights import Rivals, Weighed, weigh
from throughway.identity.linkage.resolution import compare_all

SEEDS = (61, 71, 81)  # looked at for the first time after the model was fixed; others before them
THRESHOLDS = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)
LABELS = (10, 30, 100, 300)
CROWD = 30  # people; a larger household is a dormitory and ties nobody together


class Score:
    """F1, precision and recall over pairs of records of one person; across sources alone where there are several."""

    def __init__(self, people: People, found: Mapping[int, object]) -> None:
        source = people.rows["source"].to_dict()
        self.across = len(set(source.values())) > 1
        shared = people.truth.keys() & found.keys()
        right = self._pairs(((found[r], people.truth[r]), source[r]) for r in shared)
        ours = self._pairs((found[r], source[r]) for r in shared)
        theirs = self._pairs((people.truth[r], source[r]) for r in shared)
        self.take(right, ours, theirs)

    def take(self, right: int, ours: int, theirs: int) -> None:
        self.precision, self.recall = right / max(ours, 1), right / max(theirs, 1)
        self.f1 = 2 * right / max(ours + theirs, 1)

    def _pairs(self, keys: Iterable[tuple[object, object]]) -> int:
        held = list(keys)
        whole = Counter(key for key, _ in held)
        total = sum(n * (n - 1) // 2 for n in whole.values())
        if self.across:
            total -= sum(n * (n - 1) // 2 for n in Counter(held).values())
        return total

    def __str__(self) -> str:
        return f"{self.f1:.4f} ({self.precision:.4f}, {self.recall:.4f})"


class Compared:
    """One set, compared and weighed once, to be decided in several ways."""

    def __init__(self, people: People) -> None:
        self.people = people
        began = time.process_time()
        compared = compare_all(people.tables())
        self.pairs, self.records = compared.pairs, compared.records
        self.record = record_numbers(compared.rows)
        self.source = self.records.source
        self.weighed = weigh(self.pairs, compared.chance, self.records)
        self.found = self.decided(self.weighed)
        self.seconds = time.process_time() - began

    def decided(self, weighed: Weighed, at: float = clustering.JOINED) -> dict[int, int]:
        usual, clustering.JOINED = clustering.JOINED, at
        try:
            person = decide(self.pairs, weighed, self.source).person
        finally:
            clustering.JOINED = usual
        return dict(zip(self.record.tolist(), person.tolist(), strict=True))

    def lost(self) -> float:
        """F1 that the fixed operating point loses against the best of several."""
        scores = [Score(self.people, self.decided(self.weighed, at)).f1 for at in THRESHOLDS]
        return max(scores) - Score(self.people, self.found).f1

    def labelled(self, readers: set[int], number: int) -> Score:
        """The half that readers did not see, once they have answered of the other half what is least certain."""
        before = odds(self.weighed, Rivals(self.pairs.left, self.pairs.right, self.source))
        seen = np.isin(self.record, list(readers))
        asked = (
            seen[self.pairs.left]
            & seen[self.pairs.right]
            & (self.source[self.pairs.left] != self.source[self.pairs.right])
        )
        at = np.flatnonzero(asked)
        at = at[np.argsort(np.abs(before[at]), kind="stable")][:number]
        truth = [self.people.truth[int(record)] for record in self.record]
        labels = [
            (left, right, truth[left] == truth[right])
            for left, right in zip(self.pairs.left[at].tolist(), self.pairs.right[at].tolist(), strict=True)
        ]
        found = self.decided(
            corrected(
                self.pairs,
                self.weighed,
                self.records,
                fit_label_model(self.pairs, self.weighed, self.records, labels).model,
            )
        )
        return Score(
            self.people, {record: person for record, person in found.items() if record not in readers}
        )


def half(people: People) -> set[int]:
    """The records of about half of the households, no person and no household divided."""
    parent: dict[str, str] = {}

    def top(key: str) -> str:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    sizes = Counter(people.household.values())
    for record, person in people.truth.items():
        home = people.household.get(record)
        if home is not None and sizes[home] <= CROWD:
            parent[top(f"h{home}")] = top(f"p{person}")
    drawn = {r: hashlib.sha256(top(f"p{p}").encode()).digest()[0] for r, p in people.truth.items()}
    return {record for record, byte in drawn.items() if byte % 2}


def close(people: People, found: Mapping[int, object]) -> tuple[str, float, float]:
    """Twins and siblings falsely merged, of those there are; recall of double surnames, and of others. Words that the simulation
    writes where a surname is not known, "Of The House", are none."""
    from pseudopeople.data.fake_names import fake_last_names

    unknown = {name.lower() for name in fake_last_names}
    of_home: dict[str, dict[str, set[object]]] = {}
    for record, home in people.household.items():
        if record in found:
            of_home.setdefault(home, {}).setdefault(people.truth[record], set()).add(found[record])
    couples = merged = 0
    for members in of_home.values():
        if len(members) > CROWD:
            continue
        held = list(members.values())
        for at, one in enumerate(held):
            couples += at
            merged += sum(not one.isdisjoint(other) for other in held[:at])
    last = people.rows["last_name"].to_dict()
    double = {
        people.truth[r]
        for r, name in last.items()
        if name and str(name).lower() not in unknown and len(str(name).replace("-", " ").split()) > 1
    }
    both = [
        Score(people, {r: p for r, p in found.items() if (people.truth[r] in double) == wanted}).recall
        for wanted in (True, False)
    ]
    return f"{merged} of {couples:,}", both[0], both[1]


def measure() -> list[Row]:
    rows: list[Row] = []
    for times, promise, precise in ((1.0, 0.997, 0.0), (2.0, 0.994, 0.996), (3.0, 0.994, 0.996)):
        rows += _censuses(times, promise, precise)
    for people in (registers(seed=1), febrl(4), febrl(3), febrl(2), febrl(1)):
        rows += _others(people)
    return rows + _riverbend()


def _censuses(times: float, promise: float, precise: float) -> list[Row]:
    """The pair of censuses at three draws of noise: means, the peers' on the same rows."""
    made = [Compared(census(seed=seed, times=times)) for seed in SEEDS]
    scores = [Score(one.people, one.found) for one in made]
    name = made[0].people.name
    peers: dict[str, list[float]] = {}
    seconds: list[float] = []
    for one in made:
        for peer, (found, spent) in splinks(one.people).items():
            peers.setdefault(f"Splink, {peer}", []).append(Score(one.people, found).f1)
            seconds.append(spent)
        peers.setdefault("recordlinkage ECM, pairs", []).append(_pairwise(one.people, ecm(one.people)[0]))
    said = "; ".join(f"{peer} {statistics.mean(f1s):.4f}" for peer, f1s in peers.items())
    said += f"; {_goldenmatch(made[0].people)}, one draw"
    f1, precision = (statistics.mean(getattr(s, what) for s in scores) for what in ("f1", "precision"))
    each = ", ".join(str(score) for score in scores)
    lost = max(one.lost() for one in made)
    kin = [close(one.people, one.found) for one in made]
    gap = max(other - double for _, double, other in kin)
    asked = f"≥ {promise}" + (f", precision ≥ {precise}" if precise else "")
    rows = [
        Row(f"{name}, no labels: F1 (precision, recall) of three draws", each, said, f"mean {f1:.4f}", asked,
            f1 >= promise and precision >= precise),
        Row("F1 lost at .5 against the best threshold, worst draw", f"{lost:.4f}", "", "", "≤ .003", lost <= 0.003),
        Row("two of one household merged", ", ".join(merged for merged, _, _ in kin), "", "", "", True),
        Row("recall of double surnames, and of others", ", ".join(f"{d:.4f} and {o:.4f}" for _, d, o in kin), "", "",
            "gap ≤ .01", gap <= 0.01),
        Row("processor's seconds", f"{statistics.mean(one.seconds for one in made):.0f} s",
            f"Splink {statistics.mean(seconds):.0f} s", "", "", True),
    ]  # fmt: skip
    return [*rows, _with_labels(made, promise)] if times < 3 else rows


def _with_labels(made: list[Compared], promise: float) -> Row:
    halves = [half(one.people) for one in made]
    none = [one.labelled(readers, 0).f1 for one, readers in zip(made, halves, strict=True)]
    told, best, never_below = [f"none {statistics.mean(none):.4f}"], 0.0, True
    for number in LABELS:
        f1s = [one.labelled(readers, number).f1 for one, readers in zip(made, halves, strict=True)]
        never_below &= all(after >= before for after, before in zip(f1s, none, strict=True))
        best = max(best, statistics.mean(f1s))
        told.append(f"{number}: {statistics.mean(f1s):.4f}")
    asked = "≥ .998, never below none" if promise > 0.995 else "never below none"
    return Row("the other half of the households, by number of labels: F1", "; ".join(told), "", "",
               asked, never_below and (best >= 0.998 or promise < 0.995))  # fmt: skip


def _pairwise(people: People, pairs: set[tuple[int, int]]) -> float:
    source = people.rows["source"].to_dict()
    two = len(set(source.values())) > 1
    theirs = Score(people, people.truth)
    true = theirs._pairs((person, source[record]) for record, person in people.truth.items())
    kept = [(a, b) for a, b in pairs if not two or source[a] != source[b]]
    theirs.take(sum(people.truth[a] == people.truth[b] for a, b in kept), len(kept), true)
    return theirs.f1


def _goldenmatch(people: People) -> str:
    found = goldenmatch(people)
    if isinstance(found, str):
        return f"GoldenMatch not run, since {found}"
    return f"GoldenMatch, no configuration {Score(people, found).f1:.4f}"


def _others(people: People) -> list[Row]:
    ours = Compared(people)
    score, lost = Score(people, ours.found), ours.lost()
    said = [f"Splink, {peer} {Score(people, found).f1:.4f}" for peer, (found, _) in splinks(people).items()]
    said.append(f"ECM {_pairwise(people, ecm(people)[0]):.4f}")
    said.append(_goldenmatch(people))
    return [
        Row(f"{people.name}: F1 (precision, recall)", str(score), "; ".join(said), "", "", True),
        Row("F1 lost at .5 against the best threshold", f"{lost:.4f}", "", "", "≤ .003", lost <= 0.003),
    ]


def _riverbend() -> list[Row]:
    """Riverbend as its demo links it, doubles inside its sources included, against its truth."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "riverbend"
        command = [sys.executable, "-m", "throughway"]
        demo = ["demo", str(folder), "--students", "2000", "--seed", "5", "--no-serve"]
        subprocess.run([*command, *demo], check=True, stdout=subprocess.DEVNULL)
        truth = folder / "truth" / "persons.csv"
        told = subprocess.run(
            [*command, "--community", str(folder), "link", "evaluate", "--truth", str(truth), "--json"],
            check=True, stdout=subprocess.PIPE, text=True,
        ).stdout  # fmt: skip
    said = json.loads(told)
    persons, pairs = said["clusters"], said["pairwise"]
    return [
        Row("Riverbend, 2,000 students, nine sources: whole persons, F1 (precision, recall)",
            f"{persons['f1']:.4f} ({persons['precision']:.4f}, {persons['recall']:.4f})", "", "",
            "≥ .985, precision ≥ .99", persons["f1"] >= 0.985 and persons["precision"] >= 0.99),
        Row("the same: pairs", f"{pairs['f1']:.4f} ({pairs['precision']:.4f}, {pairs['recall']:.4f})", "", "", "", True),
    ]  # fmt: skip

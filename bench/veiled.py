"""Keys instead of names, beside names on the same rows: the pair of censuses at three draws of noise, and FEBRL 4.

`python -m bench veiled` needs the group `bench-linking`; `python -m bench.veiled RECORDS` links so many made-up ones alone. Two
partners make keys of their own CSV with one secret; the steward links them without a label and without the secret.
"""

import csv
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.csv

from bench.linking import Compared, Score
from bench.linking_more import people
from bench.linking_sets import People, census, febrl
from bench.row import Row
from throughway.identity.pprl import key_files, key_making, linking, secret

SEEDS = (61, 71, 81)  # the scheme was fixed on 101
MANY = 100_000
COLUMNS = {
    "first_name": "first_name", "middle_name": "middle_name", "last_name": "last_or_surname", "birthdate": "birthdate", "sex": "sex",
    "street": "address_street_number_and_name", "phone": "telephone_number", "email": "electronic_mail_address",
    "ssn": "person_identifier",
}  # fmt: skip


class Veiled:
    """One set, sent as keys by each of its two sources, and linked."""

    def __init__(self, people: People, *, by_tokens: bool = False) -> None:
        with tempfile.TemporaryDirectory() as made:
            folder, shared = Path(made), secret.new(Path(made) / "secret")
            held, self.made = [], []
            began = time.process_time()
            for at, (_, rows) in enumerate(people.rows.groupby("source")):
                plain = folder / f"{at}.csv"
                _written(plain, rows.to_dict("index"))
                self.made.append(
                    key_making.encode(
                        plain, out=folder / f"{at}.keys", secret=shared, key="person_id", by_tokens=by_tokens
                    )
                )
                held.append(key_files.read(folder / f"{at}.keys"))
            self.encoding, began = time.process_time() - began, time.process_time()
            self.linked = linking.link(held)
            self.linking = time.process_time() - began
        pairs = [(int(m.one), int(m.other)) for m in self.linked.matches]
        right = sum(people.truth[one] == people.truth[other] for one, other in pairs)
        self.score = Score(people, {})
        source = people.rows["source"].to_dict()
        theirs = self.score._pairs((person, source[record]) for record, person in people.truth.items())
        self.score.take(right, len(pairs), theirs)


def _written(path: Path, rows: dict[int, dict[str, str | None]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["person_id", *COLUMNS.values(), "person_identification_system"])
        for record, row in rows.items():
            writer.writerow([record, *(row[name] or "" for name in COLUMNS), "SSN" if row["ssn"] else ""])


def measure() -> list[Row]:
    sets = [census(seed=seed) for seed in SEEDS]
    draws = f"{len(sets)} draws" if len(sets) > 1 else "one draw"
    return [*_beside(f"{sets[0].name}, {draws}", sets), *_beside("FEBRL 4", [febrl(4)]), *many(MANY)]


def _beside(name: str, sets: list[People]) -> list[Row]:
    clear = [Compared(people) for people in sets]
    named = [Score(one.people, one.found) for one in clear]
    keyed, tokens = [Veiled(people) for people in sets], [Veiled(people, by_tokens=True) for people in sets]
    lost = max(a.f1 - b.score.f1 for a, b in zip(named, keyed, strict=True))
    records = sum(len(people.rows) for people in sets) / len(sets)
    leaks = [made.leaks for one in keyed for made in one.made if made.leaks]
    kept = Counter(one.linked.between[0].learned for one in keyed)
    assert kept[True] == len(keyed), "the keys taught nothing"
    return [
        Row(f"{name}, keys instead of names: F1 (precision, recall)", ", ".join(str(one.score) for one in keyed),
            "with names " + ", ".join(str(score) for score in named), f"at most {max(lost, 0):.4f} lost", "≤ .01 lost", lost <= 0.01),
        Row("the same with tokens", ", ".join(str(one.score) for one in tokens), "", "", "", True),
        Row(f"the same: keys made and linked, {records:,.0f} records", f"{statistics.mean(one.encoding for one in keyed):.1f} and "
            f"{statistics.mean(one.linking for one in keyed):.1f} CPU-s", f"with names {statistics.mean(one.seconds for one in clear):.0f} CPU-s",
            "", "", True),
        Row("first names that an attack by frequency gets from the keys", f"{max(leak.guessed for leak in leaks):.1%}",
            f"always the commonest name {max(leak.by_chance for leak in leaks):.1%}; plain filters {max(leak.unprotected for leak in leaks):.1%}",
            "", "", True),
    ]  # fmt: skip


def many(size: int) -> list[Row]:
    """Two files of so many made-up records each, in households, by the commands that people give: processor's seconds and the peak
    of memory of each command."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        secret.new(folder / "secret")
        of, encoding = {}, []
        tables, person = people(4 * size)
        rows = tables["person"].join(tables["person_contact"].drop_columns(["partner"]), "person_record")
        for name in ("north", "south"):
            held = rows.filter(pc.equal(rows["partner"], name)).slice(0, size).drop_columns(["partner"])
            pyarrow.csv.write_csv(held, folder / f"{name}.csv")
            of[name] = {str(number): int(person[number - 1]) for number in held["person_record"].to_pylist()}
            encoding.append(_spent(folder, "encode", f"{name}.csv", "--key", "person_record", "--secret", "secret", "--out", f"{name}.keys"))  # fmt: skip
        linking = _spent(folder, "keys", "north.keys", "south.keys", "--out", "pairs.csv")
        with (folder / "pairs.csv").open(encoding="utf-8", newline="") as file:
            found = [(of["north"][row["one"]], of["south"][row["other"]]) for row in csv.DictReader(file)]
    right = sum(one == other for one, other in found)
    both = sum((Counter(of["north"].values()) & Counter(of["south"].values())).values())
    return [
        Row(f"keys of {size:,} made-up records, what they leak told", f"{max(s for s, _ in encoding):.0f} CPU-s, "
            f"{max(memory for _, memory in encoding):.2f} GB", "", "", "", True),
        Row(f"{size:,} × {size:,} of them linked: precision, recall", f"{linking[0]:.0f} CPU-s, {linking[1]:.2f} GB; "
            f"{right / max(len(found), 1):.4f}, {right / max(both, 1):.4f}", "", "", "", True),
    ]  # fmt: skip


# A command, and then what it took: the peak as the process itself knows it, since that of a child counts its parent's as well.
COMMAND = """
import re, sys, time
from throughway.cli.root import main
main(["link", *sys.argv[1:]], standalone_mode=False)
peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]
print(time.process_time(), int(peak) / 2**20)
"""


def _spent(folder: Path, *words: str) -> tuple[float, float]:
    """Processor's seconds and gigabytes of a command of `link`."""
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *words], cwd=folder, check=True, stdout=subprocess.PIPE, text=True
    )
    seconds, peak = done.stdout.splitlines()[-1].split()
    return float(seconds), float(peak)


if __name__ == "__main__":
    for row in many(int(sys.argv[1])):
        print(row)

"""Keys instead of names, beside names on the same rows: the pair of censuses at three draws of noise, and FEBRL 4.

`python -m bench veiled` needs the group `bench`. Two partners make keys of their own CSV with one secret; the steward links them
without a label and without the secret.
"""

import csv
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.linking import SEEDS, Compared, Score
from bench.linking_sets import People, census, febrl
from bench.row import Row
from throughway.identity.veiled import files, linking, making, secret

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
                    making.encode(
                        plain, out=folder / f"{at}.keys", secret=shared, key="person_id", by_tokens=by_tokens
                    )
                )
                held.append(files.read(folder / f"{at}.keys"))
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
    return [*_beside(sets[0].name + ", three draws", sets), *_beside("FEBRL 4", [febrl(4)])]


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
            "with names " + ", ".join(str(score) for score in named), f"at most {lost:.4f} lost", "≤ .01 lost", lost <= 0.01),
        Row("the same with tokens", ", ".join(str(one.score) for one in tokens), "", "", "", True),
        Row(f"the same: keys made and linked, {records:,.0f} records", f"{statistics.mean(one.encoding for one in keyed):.1f} and "
            f"{statistics.mean(one.linking for one in keyed):.1f} CPU-s", f"with names {statistics.mean(one.seconds for one in clear):.0f} CPU-s",
            "", "", True),
        Row("first names that an attack by frequency gets from the keys", f"{max(leak.guessed for leak in leaks):.1%}",
            f"always the commonest name {max(leak.by_chance for leak in leaks):.1%}; plain filters {max(leak.unprotected for leak in leaks):.1%}",
            "", "", True),
    ]  # fmt: skip

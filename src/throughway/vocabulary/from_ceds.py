"""Writes `code_sets.csv` anew from the CEDS ontology: python -m throughway.vocabulary.from_ceds ceds_v13_terms.tsv

Our own rows (source `local`) are kept as they are in the file; every other row is one NamedIndividual of an option set that
an element names, its notation being the code.
"""

import csv
import sys
from collections.abc import Iterable
from pathlib import Path

from throughway.vocabulary.tables import TABLES

TARGET = Path(__file__).with_name("code_sets.csv")
HEADINGS = ("option_set", "code", "label", "source")
VERSION = "CEDS V13"
DAMAGED = "\ufffd"
# Labels that the CEDS file holds damaged, and that people read.
MENDED = {
    ("C000050", "AX"): "ÅLAND ISLANDS",
    ("C000050", "BL"): "SAINT BARTHÉLEMY",
    ("C000050", "CI"): "CÔTE D'IVOIRE",
    ("C000050", "CW"): "CURAÇAO",
    ("C000050", "RE"): "RÉUNION",
    ("C000317", "nob"): "Bokmål, Norwegian; Norwegian Bokmål",
    ("C000317", "pro"): "Provençal, Old (to 1500); Occitan, Old (to 1500)",
    ("C000317", "vol"): "Volapük",
}


def label_of(option_set: str, code: str, given: str) -> str:
    """The label without stray blanks; one that is damaged beyond us gives way to the code, which is exact."""
    if (option_set, code) in MENDED:
        return MENDED[option_set, code]
    if option_set == "C001517":  # course titles: what was lost is a dash
        given = given.replace(DAMAGED, " – ")
    label = " ".join(given.rstrip(f"{DAMAGED} ").split())
    return code if DAMAGED in label else label


def rows_of(terms: Path) -> Iterable[tuple[str, str, str, str]]:
    """Option set, code, label, source of every code; of a code that a set holds twice, the first."""
    wanted = {e.ceds_option_set for t in TABLES.values() for e in t.elements.values() if e.ceds_option_set}
    found: dict[tuple[str, str], str] = {}
    with terms.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            for option_set in wanted.intersection(row["scheme"].split("|")):
                if row["tag"] == "NamedIndividual" and (code := row["notation"].strip()):
                    found.setdefault((option_set, code), label_of(option_set, code, row["label"]))
    return ((*key, label, VERSION) for key, label in found.items())


def write(terms: Path, target: Path = TARGET) -> None:
    """Puts the codes of the CEDS file in place of those in the target, by set and code, our own after theirs."""
    with target.open(encoding="utf-8", newline="") as file:
        rows: list[tuple[str, ...]] = [tuple(row) for row in csv.reader(file) if row[3:] == ["local"]]
    rows += rows_of(terms)
    rows.sort(key=lambda row: (row[0], row[3] == "local", row[1]))
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADINGS)
        writer.writerows(rows)


if __name__ == "__main__":
    write(Path(sys.argv[1]))

"""Judging the links in force against a truth, for communities that have one."""

import csv
from collections.abc import Collection, Mapping
from pathlib import Path

from throughway.core.refusals import Refused
from throughway.gate import actions as gate
from throughway.identity.actions.links import links_in_force
from throughway.identity.linkage.accuracy import judge
from throughway.partners import Actor
from throughway.partners.selectors import partners


def evaluate(*, truth: Path, by: Actor) -> dict[str, object]:
    """Holds the links in force against a file `partner,record_key,person`: pairs within a source and across.

    Only records that both the file and the store hold are judged; `judged` says how many, `not_loaded` how many of the
    file's records the store lacks. Precision, recall and F1 are shares of 1. Refused when the file is not such a file.
    """
    rows = _truth(truth)
    register = partners()
    numbers = {partner: _numbers(partner, register) for partner in {row[0] for row in rows}}
    persons = {numbers[partner][key]: person for partner, key, person in rows if key in numbers[partner]}
    judgement = judge(links_in_force(), persons)
    return {
        "pairwise": judgement.pairs.to_json(),
        "clusters": judgement.persons.to_json(),
        "judged": judgement.judged,
        "not_loaded": len(rows) - len(persons),
    }


def _truth(path: Path) -> list[tuple[str, str, str]]:
    wanted = ("partner", "record_key", "person")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if set(wanted) - set(reader.fieldnames or ()):
                raise Refused(f"{path.name} needs the columns {', '.join(wanted)}.", code="not_a_truth_file")
            return [(row["partner"] or "", row["record_key"] or "", row["person"] or "") for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise Refused(
            f"{path.name} cannot be read as a CSV file with the columns {', '.join(wanted)}.",
            code="not_a_truth_file",
        ) from None


def _numbers(partner: str, register: Collection[str]) -> Mapping[str, int]:
    """The partner's keys of learners; none of a partner that the register lacks."""
    numbers: Mapping[str, int] = gate.record_numbers(partner) if partner in register else {}
    return numbers

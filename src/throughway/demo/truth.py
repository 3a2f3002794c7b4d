"""What is true in Riverbend. Nothing but evaluation, tests and the fictional readers of pairs reads it.

`persons.csv` who is who · `households.csv` who lives together · `effects.csv` what each program does · `potential.csv` the
proof of it, student by student · `lottery.csv` who drew which lot · `duplicates.csv` the same help twice at once ·
`needs.csv` who needed what, and why some got nothing · `pipeline.csv` and `leaks.csv` where students are lost.
"""

from collections.abc import Iterable
from dataclasses import astuple
from pathlib import Path

import numpy as np

from throughway.demo import leaks
from throughway.demo.chances import Ints, Text
from throughway.demo.columns import days, write_csv
from throughway.demo.effects import effects, potential
from throughway.demo.helping import NEEDS
from throughway.demo.programs import HOMEWORK_CLUB, PROGRAMS, TUTORING
from throughway.demo.roster import DISTRICTS
from throughway.demo.town import Town

EFFECT = ("program", "outcome", "group", "effect", "unit", "assigned", "students")


def write(folder: Path, town: Town) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / "persons.csv", persons(town))
    write_csv(folder / "households.csv", households(town))
    write_csv(folder / "effects.csv", _table(EFFECT, [astuple(e) for e in effects(town)]))  # fmt: skip
    write_csv(folder / "potential.csv", _potential(town))
    write_csv(folder / "lottery.csv", _lottery(town))
    write_csv(folder / "duplicates.csv", duplicates(town))
    write_csv(folder / "needs.csv", needs(town))
    write_csv(folder / "pipeline.csv", _table(("step", "class", "group", "of", "reached", "lost"), leaks.pipeline(town)))  # fmt: skip
    write_csv(folder / "leaks.csv", _table(("step", "group", "kind", "why"), leaks.PLANTED))


def name(students: Ints) -> Text:
    """The truth's own name of each person."""
    return np.array([f"R{n:06d}" for n in students.tolist()], dtype="U16")


def _table(header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> dict[str, object]:
    columns = zip(*rows, strict=True)
    return {column: np.array(values).astype(str) for column, values in zip(header, columns, strict=True)}


def persons(town: Town) -> dict[str, object]:
    held = list(town.rosters.values())
    return {
        "partner": np.concatenate([np.full(len(r.key), r.partner) for r in held]),
        "record_key": np.concatenate([r.key for r in held]),
        "person": name(np.concatenate([r.student for r in held])),
    }


def households(town: Town) -> dict[str, object]:
    people = town.people
    return {
        "person": name(np.arange(people.size)),
        "household": people.household,
        "twin": np.where(people.twin, "yes", "no"),
    }


def _potential(town: Town) -> dict[str, object]:
    """For each student whom a program could have helped in a year: the outcome without it and with it."""
    parts = potential(town)
    return {
        "program": np.concatenate([np.full(len(p.student), PROGRAMS[p.program]) for p in parts]),
        "outcome": np.concatenate([np.full(len(p.student), p.outcome) for p in parts]),
        "person": name(np.concatenate([p.student for p in parts])),
        "year": np.concatenate([p.year for p in parts]),
        "took_part": np.concatenate([np.where(p.took_part, "yes", "no") for p in parts]),
        "without": np.concatenate([np.round(p.without, 6) for p in parts]),
        "with": np.concatenate([np.round(p.with_, 6) for p in parts]),
    }


def _lottery(town: Town) -> dict[str, object]:
    lots = town.lottery
    return {
        "year": lots.year,
        "person": name(lots.student),
        "number": lots.number,
        "won": np.where(lots.won, "yes", "no"),
        "came": np.where(lots.came, "yes", "no"),
    }


def duplicates(town: Town) -> dict[str, object]:
    """Tutored by Page by Page and in the homework club at once: from, to (the last day known), days."""
    one, other = town.participation.of(TUTORING), town.participation.of(HOMEWORK_CLUB)
    a, b = one.student * 10_000 + one.year, other.student * 10_000 + other.year
    _, i, j = np.intersect1d(a, b, return_indices=True)
    first = np.maximum(one.start[i], other.start[j])
    last = np.minimum(_until(one.end[i], town), _until(other.end[j], town))
    both = last >= first
    i, j, first, last = i[both], j[both], first[both], last[both]
    return {
        "person": name(one.student[i]),
        "service": np.full(len(i), "tutoring"),
        "one": one_of(one.program[i]),
        "other": one_of(other.program[j]),
        "from": days(first),
        "to": days(last),
        "days": (last - first).astype(int) + 1,
    }


def _until(end: np.ndarray, town: Town) -> np.ndarray:
    return np.where(np.isnat(end), town.known, end)


def one_of(program: Ints) -> Text:
    return np.array(PROGRAMS)[program]


def needs(town: Town) -> dict[str, object]:
    """Every need found, helped or not."""
    found = town.needs
    return {
        "person": name(found.student),
        "need": np.array(NEEDS)[found.need],
        "found_on": days(found.found_on),
        "found_by": np.array(DISTRICTS)[found.found_by],
        "sent_to": one_of(found.program),
        "referred_on": days(found.referred_on),
        "status": found.status,
        "outcome": found.outcome,
        "served_from": days(found.served_from),
        "served_to": days(found.served_to),
        "closed_on": days(found.closed_on),
        "why_unmet": found.why_unmet,
    }

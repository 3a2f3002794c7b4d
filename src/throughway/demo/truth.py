"""What is true in Riverbend: who is who, and what each program does. Nothing but evaluation and tests reads it."""

from pathlib import Path

import numpy as np

from throughway.demo.columns import write_csv
from throughway.demo.roster import Roster
from throughway.demo.town import Town


def write(folder: Path, town: Town) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / "persons.csv", persons(town.rosters))


def name(students: np.ndarray) -> np.ndarray:
    """The truth's own name of each person."""
    return np.char.add("R", np.char.zfill(students.astype(str), 6))


def persons(rosters: dict[str, Roster]) -> dict[str, object]:
    held = list(rosters.values())
    return {
        "partner": np.concatenate([np.full(len(r.key), r.partner) for r in held]),
        "record_key": np.concatenate([r.key for r in held]),
        "person": name(np.concatenate([r.student for r in held])),
    }

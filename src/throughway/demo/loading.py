"""Loads Riverbend's feeds, each as its partner exported it, and lists the partners' data systems."""

from pathlib import Path
from typing import Any

from throughway.core.yaml_text import values_of
from throughway.demo.feeds import LOADS
from throughway.demo.feeds.surveys import FILES as ENDED
from throughway.demo.partners import (
    BRIGHT,
    COLLEGE_ACCESS,
    FAMILIES,
    LAKESIDE,
    LEADERS,
    MENTORS,
    OFFICER,
    PAGES,
    REGISTRAR,
    RIVERBEND,
    STEWARD,
    Say,
)
from throughway.intake.actions import load, register_landed
from throughway.partners.actor import OPERATOR
from throughway.partners.selectors import actor
from throughway.partners.systems.actions import enter_systems
from throughway.partners.systems.system import from_values

# Partner, file or folder below its feed, format, crosswalk: the districts' own systems, before all others.
OF_DISTRICTS: list[tuple[str, str, str, str | None]] = [
    (RIVERBEND, "edfi", "edfi-xml", None),
    (LAKESIDE, "oneroster.zip", "oneroster", None),
    (LAKESIDE, "students.csv", "csv", "lakeside-students.yaml"),
    (LAKESIDE, "enrollment.csv", "csv", "lakeside-enrollment.yaml"),
    (LAKESIDE, "attendance.csv", "csv", "lakeside-attendance.yaml"),
    (LAKESIDE, "grades.csv", "csv", "lakeside-grades.yaml"),
    (LAKESIDE, "assessments.csv", "csv", "lakeside-assessments.yaml"),
    (LAKESIDE, "diplomas.csv", "csv", "lakeside-diplomas.yaml"),
]
# What a district corrected after its first file.
CORRECTIONS: list[tuple[str, str, str, str | None]] = [
    (LAKESIDE, "attendance-correction.csv", "csv", "lakeside-attendance.yaml"),
]


def load_all(folder: Path, say: Say) -> None:
    """Loads every feed in order, except those for agreements that end (`scenes/agreements.py`); corrections
    come after what they correct."""
    for partner, name, format, crosswalk in (*OF_DISTRICTS, *LOADS, *CORRECTIONS):
        if name not in ENDED:
            load_one(folder, partner, name, format, crosswalk, say)


def load_one(
    folder: Path, partner: str, name: str, format: str, crosswalk: str | None, say: Say
) -> None:  # fmt: skip
    loaded: dict[str, Any] = load(
        path=folder / "feeds" / partner / name, partner=partner, format=format, school_year=None, by=OPERATOR,
        crosswalk=folder / "crosswalks" / crosswalk if crosswalk else None,
    ).to_json()  # fmt: skip
    say(f"  {partner}/{name}: {_summary(loaded)}")


def _summary(loaded: dict[str, Any]) -> str:
    landed = sum(counts["landed"] for counts in loaded["tables"].values())
    aside = sum(counts["quarantined"] for counts in loaded["tables"].values())
    tables = [table for table, counts in loaded["tables"].items() if counts["landed"]]
    summary = f"{landed:,} rows landed in {', '.join(tables)}" if tables else "no row landed"
    summary += f"; {aside:,} set aside" if aside else ""
    return summary + (
        f"; refused: {', '.join(loaded['refused_columns'])}" if loaded["refused_columns"] else ""
    )


BY_FILE = {RIVERBEND: OFFICER, LAKESIDE: REGISTRAR, BRIGHT: LEADERS[BRIGHT]}
BY_LOADS = (BRIGHT, PAGES, MENTORS, FAMILIES, COLLEGE_ACCESS)


def list_systems(folder: Path, say: Say) -> None:
    """Partners list their data systems: three by a file, the programs and the agency from what they have sent."""
    for partner, address in BY_FILE.items():
        text = (folder / "systems" / f"{partner}.yaml").read_text(encoding="utf-8")
        enter_systems(found=from_values(values_of(text), partner), by=actor(address))
    for partner in BY_LOADS:
        register_landed(partner=partner, by=actor(STEWARD))
    say(f"  {len(BY_FILE)} partners list their data systems; of {len(BY_LOADS)} what was loaded is listed")

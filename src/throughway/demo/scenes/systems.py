"""Partners say what data systems they have: three by a file, the programs and the agency by what they have sent."""

from collections.abc import Callable
from pathlib import Path

from throughway.demo.cast import (
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
)

Say = Callable[[str], None]

BY_FILE = {RIVERBEND: OFFICER, LAKESIDE: REGISTRAR, BRIGHT: LEADERS[BRIGHT]}
BY_LOADS = (BRIGHT, PAGES, MENTORS, FAMILIES, COLLEGE_ACCESS)


def play(folder: Path, say: Say) -> None:
    from throughway.core.yaml_text import values_of
    from throughway.intake.stored_elements.actions import register_landed
    from throughway.partners.selectors import actor
    from throughway.partners.systems.actions import enter_systems
    from throughway.partners.systems.files import from_values

    for partner, address in BY_FILE.items():
        text = (folder / "systems" / f"{partner}.yaml").read_text(encoding="utf-8")
        enter_systems(found=from_values(values_of(text), partner), by=actor(address))
    for partner in BY_LOADS:
        register_landed(partner=partner, by=actor(STEWARD))
    say(f"  {len(BY_FILE)} partners list their data systems; of {len(BY_LOADS)} what was loaded is listed")

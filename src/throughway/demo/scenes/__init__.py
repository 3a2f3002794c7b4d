"""What is under way in Riverbend on the day of the demonstration, so that whoever looks can take the next step.

Each module is one scene, played by the users whose part it is, through the rooms' own actions.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from throughway.demo.scenes import (
    approving,
    changing,
    drafting,
    ending,
    families,
    governing,
    negotiating,
    requesting,
    reviewing,
    systems,
)

Say = Callable[[str], None]


def play(folder: Path, today: date, say: Say) -> None:
    """All scenes, in the order in which each finds what it needs."""
    say("What is under way")
    ending.play(folder, say)
    systems.play(folder, say)
    negotiating.play(say)
    changing.play(today, say)
    governing.play(today, say)
    requesting.play(today, say)
    approving.play(today, say)
    drafting.play(today, say)
    reviewing.play(folder, say)
    families.play(folder, today, say)

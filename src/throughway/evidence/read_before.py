"""Whether outcomes were read before a study was registered, told from the ledger in sentences."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.core.prose import day


@dataclass(frozen=True)
class OutcomeReading:
    """One question by which people of the registering partner had read the outcome. `rows`: they saw rows, not only the protected figures
    of a report."""

    on: date
    elements: Collection[str]
    rows: bool


def sentences(found: Sequence[OutcomeReading], participation: str, partner: str) -> tuple[str, ...]:
    """`found`: oldest first; `participation`: the element that says who takes part; `partner`: the partner's name."""
    beyond = "What they had seen outside of this system is not known."
    shown = [each for each in found if each.rows]
    counted = len(found) - len(shown)
    told = []
    if shown:
        both = sum(participation in each.elements for each in shown)
        first, last = shown[0].on, shown[-1].on
        when = f"on {day(first)}" if first == last else f"between {day(first)} and {day(last)}"
        told.append(
            f"Before it was registered, people of {partner} had read the outcome in {_questions(len(shown))} that showed rows, {when}; "
            + (
                f"{both:,} of them read who takes part in a program too, so a comparison may have been seen."
                if both
                else "none of them read who takes part in a program too."
            )
        )
    else:
        told.append(f"Before it was registered, nobody of {partner} had seen rows with the outcome here.")
    if counted:
        told.append(f"Reports had read it in {_questions(counted)}, of which only protected figures leave.")
    return (" ".join([*told, beyond]),)


def _questions(number: int) -> str:
    return "one question" if number == 1 else f"{number:,} questions"

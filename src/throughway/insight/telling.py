"""The sentences of the page: the finding, what comes next, the four numbers, and the picture in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from throughway.insight.figures import Step
from throughway.insight.measures import Cause
from throughway.insight.wording import listed, number, school_year


@dataclass(frozen=True)
class KeyNumber:
    words: str
    noun: str
    accent: bool = False


def lost_at(step: Step) -> int:
    return step.whole.lost if step.whole and isinstance(step.whole.lost, int) else 0


def headline(steps: Sequence[Step], community: str) -> str:
    worst = max(steps, key=lost_at, default=None)
    if worst is None or not lost_at(worst):
        return f"What {community} can show of its students’ way"
    if any(s.whole and s.whole.lost is None for s in steps):  # what is withheld may be more
        return f"{community} loses {lost_at(worst):,} students {worst.measure.lost} in {_year(worst)}"
    return f"{community} loses the most students {worst.measure.lost}: {lost_at(worst):,} in {_year(worst)}"


def lead(steps: Sequence[Step]) -> str:
    """Two sentences: where most of the losses are, and how much cannot be seen."""
    told = sorted((s for s in steps if lost_at(s)), key=lost_at, reverse=True)
    sentences = []
    if len(told) > 1:
        after = told[1]
        sentences.append(f"Next come {lost_at(after):,} lost {after.measure.lost}.")
    worst = next((s for s in told if s.whole and isinstance(s.whole.share_lost, int)), None)
    if worst and worst.whole:
        sentences.append(
            f"Of every 100 {worst.measure.group} we can see, {worst.whole.share_lost} are lost {worst.measure.lost}."
        )
    blind = [f"“{s.measure.name}”" for s in steps if s.whole is None]
    if blind:
        yet = " yet" if _all_waiting(steps) else ""
        sentences.append(f"{listed(blind)} cannot be seen{yet}.")
    return " ".join(sentences)


def _all_waiting(steps: Sequence[Step]) -> bool:
    return all(s.unseen is Cause.NOT_YET_DUE for s in steps if s.whole is None)


def numbers(steps: Sequence[Step]) -> list[KeyNumber]:
    told = [s for s in steps if lost_at(s)]
    found = []
    if told:
        worst = max(told, key=lost_at)
        found.append(KeyNumber(f"{lost_at(worst):,}", f"students lost {worst.measure.lost}", accent=True))
        if worst.whole and worst.whole.seen is not None:
            found.append(KeyNumber(number(worst.whole.seen), f"{worst.measure.group} seen, {_year(worst)}"))
        if len(told) > 1:
            found.append(
                KeyNumber(
                    f"{sum(map(lost_at, told)):,}",
                    f"losses in {len(told)} steps; a student can be lost at several",
                )
            )
    unseen = [s.whole.not_seen for s in steps if s.whole and isinstance(s.whole.not_seen, int)]
    if unseen:
        found.append(KeyNumber(f"{sum(unseen):,}", "we cannot see, so we do not count them as lost"))
    return found


def label(steps: Sequence[Step]) -> str:
    """The picture in words, with every number that it draws."""
    said = []
    for step in steps:
        if step.whole is None:
            said.append(f"{step.measure.name}: cannot be seen")
            continue
        f = step.whole
        said.append(
            f"{step.measure.name}: {number(f.reached)} go on, {number(f.lost)} lost, {number(f.not_seen)} not seen"
        )
    return f"River of students through {len(steps)} milestones. {'; '.join(said)}. The tables below have every number."


def _year(step: Step) -> str:
    return school_year(step.year) if step.year else "one class"

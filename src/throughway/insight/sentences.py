"""The sentences of the page: the finding, what comes next, the four numbers, and the picture in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from throughway.core.prose import listed
from throughway.insight.figures import Milestone, PipelineFigures, Shown
from throughway.insight.river import ends_with, starts_with
from throughway.insight.wording import number, school_year
from throughway.measures import Cause
from throughway.publication import ProtectedTable


@dataclass(frozen=True)
class KeyNumber:
    words: str
    noun: str
    accent: bool = False


def lost_at(step: Milestone) -> int:
    return step.whole.lost if step.whole and isinstance(step.whole.lost, int) else 0


def headline(told: PipelineFigures, community: str) -> str:
    """The largest loss on the river, of how many; where none of them may be shown, the largest that a sign on the way shows."""
    steps = told.steps
    worst = max(steps, key=lost_at, default=None)
    if worst is None or not lost_at(worst):
        worst = max(told.milestones, key=lost_at, default=None)
        if worst is None or not lost_at(worst):
            return f"What {community} can show of its students’ way"
    if any(s.whole and s.whole.lost is None for s in steps):  # what is withheld may be more
        return f"{community} loses {lost_at(worst):,} students {worst.heading.lost}, {_of_whom(worst)}"
    return f"{community} loses the most students {worst.heading.lost}: {lost_at(worst):,} {_of_whom(worst)}"


def _of_whom(step: Milestone) -> str:
    """The denominator: those who are seen in the class."""
    seen = step.whole.seen if step.whole else None
    return (
        f"of {seen:,} whom we can see in one class"
        if isinstance(seen, int)
        else "of those whom we can see in one class"
    )


def lead(steps: Sequence[Milestone]) -> str:
    """Two sentences: where most of the losses are, and how large the largest share is."""
    told = sorted((s for s in steps if lost_at(s)), key=lost_at, reverse=True)
    sentences = []
    if told and told[0].whole and isinstance(told[0].whole.share_lost, int):
        sentences.append(
            f"Of every 100 students we can see there, {told[0].whole.share_lost} do not reach it in time."
        )
    if len(told) > 1:
        nexts = [f"{lost_at(s):,} {s.heading.lost}" for s in told[1:3]]
        sentences.append(f"Next come {listed(nexts)}.")
    blind = [f"“{s.heading.name}”" for s in steps if s.whole is None]
    if blind:
        yet = " yet" if all(s.heading.unseen == Cause.NOT_YET_DUE for s in steps if s.whole is None) else ""
        sentences.append(f"{listed(blind)} cannot be seen{yet}.")
    return " ".join(sentences)


def totals(made: ProtectedTable) -> Mapping[str, tuple[int, Shown]]:
    """The sums over steps: what of, over how many steps, how many students."""
    return {c.at["sum"]: (int(c.at["steps"]), c.shown) for c in made.cells if set(c.at) == {"sum", "steps"}}


def numbers(made: ProtectedTable) -> list[KeyNumber]:
    """Four at most, each a published sum."""
    sums = totals(made)
    found = []
    if "lost" in sums:
        steps, lost = sums["lost"]
        over = f"over {steps} steps" if steps > 1 else "on one step"
        found.append(KeyNumber(number(lost), f"students lost, {over}", accent=True))
        if steps > sums["lost, largest"][0]:
            found.append(KeyNumber(number(sums["lost, largest"][1]), "of them in the three largest steps"))
    if "join" in sums:
        found.append(KeyNumber(number(sums["join"][1]), "join later, without the step before"))
    if "not seen" in sums:
        found.append(KeyNumber(number(sums["not seen"][1]), "we cannot see, so we do not count them as lost"))
    return found


def label(steps: Sequence[Milestone]) -> str:
    """The picture in words, with every number that it draws."""
    said = []
    for step in steps:
        name, f = step.heading.name, step.whole
        if f is None:
            said.append(f"{name}: cannot be seen")
            continue
        start, word = starts_with(step)
        joins = f", {number(step.joined)} join" if step.heading.joins else ""
        said.append(
            f"{name}: of {number(start)}{f' {word}' if word else ''}, {number(f.reached)} go on, {number(f.lost)} lost, "
            f"{number(f.not_seen)} not seen{joins}"
        )
    last = steps[-1] if steps else None
    end = f" {number(ends_with(last))} reach the last milestone." if last and last.whole else ""
    return f"River of students through {len(steps)} milestones. {'; '.join(said)}.{end} The tables below have every number."


def of_class(step: Milestone) -> str:
    """Who is on a step: "third graders, 2025–26", or those who had reached the milestone before, and when."""
    h = step.heading
    if h.after:
        return f"“{h.after}” in {school_year(h.begins)}" if h.begins else f"“{h.after}”"
    return own_class(step)


def own_class(step: Milestone) -> str:
    """Who is due at a milestone: "third graders, 2025–26"."""
    h = step.heading
    return f"{h.group}, {school_year(max(h.year, h.begins or 0))}" if h.year else h.group

"""Labels and sentences of the pipeline report: figures, causes, the finding, and the method."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from throughway.core.prose import listed, school_year
from throughway.insight.figures import (
    Milestone,
    MilestoneHeading,
    PipelineFigures,
    Shown,
    totals,
)
from throughway.measures.measure import Cause
from throughway.measures.policy import MeasurePolicy
from throughway.publication.shown_figures import range_ends

WITHHELD = "withheld"
WHY = {
    Cause.NO_AGREEMENT: "No agreement in force covers the records that this needs.",
    Cause.NO_CONSENT: "The families have not allowed it.",
    Cause.NO_MATCH: "No record was found at the college clearinghouse.",
    Cause.ENDS_EARLY: "The search or the records end before the time allowed is over.",
    Cause.NO_RECORD: "The records that came in do not contain it.",
    Cause.NOT_DECIDED: "No partner has decided which levels of its test meet the standard.",
    Cause.NOT_FILLED: "A column that it needs is empty in every record.",
    Cause.NO_LINK: "None of the records that it needs belong to a student in the class.",
    Cause.NOT_YET_DUE: "No class is old enough to be judged yet.",
}
CAUSE = {
    Cause.NO_AGREEMENT: "no agreement shows it",
    Cause.NO_CONSENT: "the family did not allow it",
    Cause.NO_MATCH: "no record found",
    Cause.ENDS_EARLY: "the search or the records end too early",
    Cause.NO_RECORD: "the records do not say",
    Cause.NOT_DECIDED: "it is not decided which levels count",
    Cause.NOT_FILLED: "a column is empty",
    Cause.NO_LINK: "no record belongs to them",
    Cause.NOT_YET_DUE: "not yet due",
}


def number(shown: object) -> str:
    """`1,212`, or the word for a withheld figure."""
    if shown is None:
        return WITHHELD
    return f"{shown:,}" if isinstance(shown, int) else str(shown)


def share(shown: Shown) -> str:
    """`14%`, a code such as `≥95%`, or the word for a withheld figure."""
    return WITHHELD if shown is None else f"{shown}%" if isinstance(shown, int) else shown


def absent(milestone: Milestone) -> str:
    """Why a milestone has no figure to show, in a sentence; empty where it has one."""
    f, heading = milestone.whole, milestone.heading
    if f is None or heading.cure:
        return why(heading)
    groups = [each for listed in milestone.groups.values() for each in listed]
    if any(isinstance(shown, int) for each in (f, *groups) for shown in (each.reached, each.lost)):
        return ""
    return "No figure can be shown, because each is below the smallest number that may be shown or would reveal such a number."


def why(heading: MilestoneHeading) -> str:
    """Why nobody can be seen at a milestone, in a sentence."""
    return heading.cure or WHY[Cause(heading.unseen or Cause.NO_RECORD)]


def why_not_counted(milestone: Milestone) -> str:
    """The same, with the number of students who are not due yet."""
    waiting = f" Not due yet: {number(milestone.waiting)}." if isinstance(milestone.waiting, int) else ""
    return why(milestone.heading) + waiting


def causes(milestone: Milestone) -> list[tuple[str, Shown]]:
    """Each cause for which students are not seen, with their number; empty where all of these numbers are withheld."""
    if all(shown is None for _, shown in milestone.causes):
        return []
    return [(CAUSE[Cause(cause)], shown) for cause, shown in milestone.causes]


def class_due(milestone: Milestone) -> str:
    """Who is due at a milestone: "third graders, 2025–26"."""
    h = milestone.heading
    return f"{h.group}, {school_year(h.named_year)}" if h.named_year else h.group


def class_on_step(step: Milestone) -> str:
    """Who starts on a step: the class that is due, or those who had reached the milestone before, and when."""
    h = step.heading
    if h.after:
        return f"“{h.after}” in {school_year(h.begins)}" if h.begins else f"“{h.after}”"
    return class_due(step)


@dataclass(frozen=True)
class KeyNumber:
    words: str
    noun: str
    accent: bool = False


def headline(figures: PipelineFigures, community: str) -> str:
    """The largest loss on a step, with its denominator; where none may be shown, the largest loss at an early sign."""
    steps = figures.steps
    worst = max(steps, key=lambda step: step.lost, default=None)
    if worst is None or not worst.lost:
        worst = max(figures.milestones, key=lambda milestone: milestone.lost, default=None)
    if worst is None or not worst.lost:
        return f"What {community} can show of its students’ path"
    seen = f"the {worst.whole.seen:,}" if worst.whole and worst.whole.seen is not None else "those"
    among = f"of {seen} we can see in one class"
    if any(s.whole and _may_exceed(s.whole.lost, worst.lost) for s in steps):
        return f"{community} loses {worst.lost:,} students {worst.heading.lost}, {among}"
    return f"{community} loses the most students {worst.heading.lost}: {worst.lost:,} {among}"


def _may_exceed(shown: Shown, count: int) -> bool:
    """Whether a figure that is withheld or shown as a range may be larger than a count."""
    ends = range_ends(shown)
    return shown is None or (ends is not None and ends[1] > count)


def lead(steps: Sequence[Milestone]) -> str:
    """Where most losses occur, the largest loss rate, and what cannot be seen."""
    losses = sorted((s for s in steps if s.lost), key=lambda step: -step.lost)
    sentences = []
    if losses and losses[0].whole and isinstance(losses[0].whole.share_lost, int):
        unseen = losses[0].unseen_partners
        no_share = (
            f" Most of the class of {listed(unseen)} is not seen, so this is no share of all."
            if unseen
            else ""
        )
        sentences.append(
            f"Of every 100 students we can see there, {losses[0].whole.share_lost} do not reach it in time.{no_share}"
        )
    if len(losses) > 1:
        next_most = listed(f"{s.lost:,} {s.heading.lost}" for s in losses[1:3])
        sentences.append(f"The next largest: {next_most}.")
    blind = [s.heading for s in steps if s.whole is None]
    if blind:
        yet = " yet" if all(h.unseen == Cause.NOT_YET_DUE for h in blind) else ""
        sentences.append(f"{listed(f'“{h.name}”' for h in blind)} cannot be seen{yet}.")
    return " ".join(sentences)


def key_numbers(steps: Sequence[Milestone]) -> list[KeyNumber]:
    """Four at most, each a sum over all steps: a range where a figure of one is, and none where one is withheld."""
    sums = totals(steps)
    named = {
        "lost": "students lost, {over}",
        "lost, largest": "of them in the three largest steps",
        "join": "join later, without the previous step",
        "not seen": "we cannot see, so we do not count them as lost",
    }
    found = []
    for what, words in named.items():
        total = sums.get(what)
        if total is None or total.shown is None:
            continue
        if what == "lost, largest" and total.steps == sums["lost"].steps:
            continue
        over = f"across {total.steps} steps" if total.steps > 1 else "on one step"
        found.append(KeyNumber(number(total.shown), words.format(over=over), accent=what == "lost"))
    return found


def alternative(steps: Sequence[Milestone]) -> str:
    """The chart as text, with every number that it draws."""
    parts = []
    for step in steps:
        name, f = step.heading.name, step.whole
        if f is None:
            parts.append(f"{name}: cannot be seen")
            continue
        joins = f", {number(step.joined)} join" if step.heading.joins else ""
        parts.append(
            f"{name}: of {number(f.started)}, {number(f.reached)} go on, {number(f.lost)} lost, {number(f.not_seen)} not seen{joins}"
        )
    return f"Students through {len(steps)} milestones. {'; '.join(parts)}."


@dataclass(frozen=True)
class Method:
    """`not_seen`: who counts as lost despite a missing record, and who does not. `limits`: what the figures cannot show."""

    not_seen: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()

    def to_json(self) -> dict[str, list[str]]:
        return {"not_seen": list(self.not_seen), "limits": list(self.limits)}


def method_from_json(stored: Mapping[str, Sequence[str]] | None) -> Method:
    """The method as a release stores it; empty for older releases, which do not."""
    return Method(**{name: tuple(sentences) for name, sentences in (stored or {}).items()})


def method(policy: MeasurePolicy, milestones: Collection[str]) -> Method:
    """The method of a report with figures at these milestones, by their ids."""
    return Method(tuple(_not_seen(policy, milestones)), tuple(_limits(policy, milestones)))


def _not_seen(policy: MeasurePolicy, milestones: Collection[str]) -> list[str]:
    found = []
    if "graduation" in milestones:
        found.append(
            "The law’s four-year rate counts a student with no diploma on record by the end of the summer as lost, even if the student "
            "left without documentation, where the district sends its diplomas and its records extend past that summer. Until they "
            "do, no student of that class is counted."
        )
    if "enrollment" in milestones and policy.none_reported_is_lost:
        found.append(
            "The community decided that a graduate whom the clearinghouse searched for and did not find counts as lost before college."
        )
    if "completion" in milestones:
        found.append(
            f"A student who entered college and has no credential on record counts as lost if the records extend past the "
            f"{policy.completion_years} years."
        )
    plain = "A student without any record of the milestone is not seen and does not count as lost"
    return [f"{plain}, with these exceptions:" if found else f"{plain}.", *found]


def _limits(policy: MeasurePolicy, milestones: Collection[str]) -> list[str]:
    found = ["A student can be lost at more than one step."]
    if "graduation" in milestones:
        found.append(
            "A student who leaves our schools is not seen in later years. The four-year class is the exception: a student who left it "
            "without documentation counts as lost."
        )
    else:
        found.append("A student who leaves our schools is not seen in later years.")
    if "on-track" in milestones:
        found.append(
            f"If a district’s marks cover only one semester, so that most of its ninth graders have not attempted {policy.credits:g} "
            "credits, no student of that class is counted at grade 9."
        )
    if "enrollment" in milestones:
        proof = "A missing record at the clearinghouse does not prove that a student did not enroll"
        counts = (
            "the graduate counts as lost by the community’s decision"
            if policy.none_reported_is_lost
            else "the graduate is not seen"
        )
        found.append(f"{proof}; {counts}.")
    if "employment" in milestones:
        found.append(
            "Wage records come from the State and do not include people who are self-employed or left the State; these are not seen."
        )
    return found

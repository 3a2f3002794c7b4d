"""Labels and sentences of the pipeline report: figures, causes, the finding, and the method."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from throughway.core.prose import capital, listed
from throughway.insight.figures import Milestone, MilestoneHeading, PipelineFigures, Shown
from throughway.measures import Cause, MeasurePolicy
from throughway.publication import ProtectedTable

WITHHELD = "withheld"
WHY = {
    Cause.NO_AGREEMENT: "No agreement in force shows the records that this needs.",
    Cause.NO_CONSENT: "The families have not allowed it.",
    Cause.NO_MATCH: "No record was found at the college clearinghouse.",
    Cause.ENDS_EARLY: "The search, or the records, end before the time is over.",
    Cause.NO_RECORD: "The records that came in do not say.",
    Cause.NOT_DECIDED: "Nobody has said which levels of its test reach the standard.",
    Cause.NOT_FILLED: "A column that it needs is empty in every record.",
    Cause.NO_LINK: "The records that it needs belong to nobody in the class.",
    Cause.NOT_YET_DUE: "No class is old enough to tell yet.",
}
CAUSE = {
    Cause.NO_AGREEMENT: "no agreement shows it",
    Cause.NO_CONSENT: "the family did not allow it",
    Cause.NO_MATCH: "no record found",
    Cause.ENDS_EARLY: "the search or the records end too early",
    Cause.NO_RECORD: "the records do not say",
    Cause.NOT_DECIDED: "nobody has said which levels count",
    Cause.NOT_FILLED: "a column is empty",
    Cause.NO_LINK: "no record belongs to them",
    Cause.NOT_YET_DUE: "not yet due",
}


def number(shown: object) -> str:
    """`1,212`, or the word for what is withheld."""
    if shown is None:
        return WITHHELD
    return f"{shown:,}" if isinstance(shown, int) else str(shown)


def share(shown: Shown) -> str:
    """`14%`, a code such as `≥95%`, or the word for what is withheld."""
    return WITHHELD if shown is None else f"{shown}%" if isinstance(shown, int) else shown


def school_year(year: int) -> str:
    return f"{year - 1}–{year % 100:02d}"


def absent(milestone: Milestone) -> str:
    """Why a milestone has no figure to show, in a sentence; empty where it has one."""
    f, heading = milestone.whole, milestone.heading
    if f is None or heading.cure:
        return why(heading)
    groups = [each for listed in milestone.groups.values() for each in listed]
    if any(shown is not None for each in (f, *groups) for shown in (each.reached, each.lost)):
        return ""
    return "Every figure is withheld: it is under the smallest number that may be shown, or would give one away that is."


def why(heading: MilestoneHeading) -> str:
    """Why nobody can be seen at a milestone, in a sentence."""
    return heading.cure or WHY[Cause(heading.unseen or Cause.NO_RECORD)]


def cause_sentence(step: Milestone) -> str:
    """The same in few words, for a drawing."""
    return f"Cannot be seen. {WHY[Cause(step.heading.unseen or Cause.NO_RECORD)]}"


def lost_before(where: str, width: int) -> list[str]:
    """The words at the foot of a fall: "lost before", "grade 3 reading"."""
    first, _, rest = where.partition(" ")
    return [f"lost {first}", *lines(rest, width)]


def width_of(words: str) -> float:
    """About how wide words of 15 px are; never too little."""
    return 7.6 * len(words)


def lines(words: str, width: int) -> list[str]:
    return wrap(words, max(width, 8))


def starts_with(step: Milestone) -> tuple[Shown, str]:
    """The number at the post where a step begins, and the word beside it."""
    f = step.whole
    if f is None:
        return (step.waiting, "wait") if step.waiting is not None else ("", "")
    if f.started is None and isinstance(f.seen, int):
        return f.seen, "seen"
    return f.started, ""


def ends_with(step: Milestone) -> Shown:
    """The number at the last post: who reached it, with those who joined."""
    if step.whole is None:
        return ""
    return step.arrive if step.heading.joins else step.whole.reached


def posts_of(steps: Sequence[Milestone]) -> Iterator[tuple[str, str]]:
    """Each post's name, and the school year in which the class that begins there was at it."""
    for place, step in enumerate(steps):
        h = step.heading
        name = steps[place - 1].heading.name if place else h.after or h.start
        yield _post(name), school_year(h.begins) if h.begins and step.whole else ""
    if steps:
        yield _post(steps[-1].heading.name), ""


def _post(name: str) -> str:
    """A milestone as a post: "Are ready for kindergarten" is "Ready for kindergarten"."""
    short = name.removeprefix("Are ")
    return capital(short)


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


@dataclass(frozen=True)
class Method:
    """`not_seen`: who counts as lost though a record is missing, and who does not. `limits`: what the figures cannot say."""

    not_seen: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()

    def to_json(self) -> dict[str, list[str]]:
        return {"not_seen": list(self.not_seen), "limits": list(self.limits)}


def method_from_json(stored: Mapping[str, Sequence[str]] | None) -> Method:
    """As a release keeps it; releases from before it was kept say nothing."""
    return Method(**{name: tuple(said) for name, said in (stored or {}).items()})


def method(policy: MeasurePolicy, milestones: Collection[str]) -> Method:
    """Of a report with figures at these milestones, by their ids."""
    return Method(tuple(_not_seen(policy, milestones)), tuple(_limits(policy, milestones)))


def _not_seen(policy: MeasurePolicy, milestones: Collection[str]) -> list[str]:
    found = []
    if "graduation" in milestones:
        found.append(
            "The law’s four-year rate counts a student as lost who has no diploma on record by the end of the summer, even one who "
            "left without documented papers, where the district sends its diplomas and its records reach past that summer. Until they "
            "do, nobody of its class is counted: it is not decided yet."
        )
    if "enrollment" in milestones and policy.none_reported_is_lost:
        found.append(
            "The community decided that a graduate whom the clearinghouse searched for and did not find counts as lost before college."
        )
    if "completion" in milestones:
        found.append(
            f"A student who entered college and has no credential on record counts as lost where the records reach past the "
            f"{policy.completion_years} years."
        )
    plain = "A student whom no record reaches is not seen, and does not count as lost"
    return [f"{plain}, but for these:" if found else f"{plain}.", *found]


def _limits(policy: MeasurePolicy, milestones: Collection[str]) -> list[str]:
    found = ["A student can be lost at more than one step."]
    if "graduation" in milestones:
        found.append(
            "A student who leaves our schools is not seen in later years. The four-year class is the exception: a student who left it "
            "without documented papers counts as lost."
        )
    else:
        found.append("A student who leaves our schools is not seen in later years.")
    if "on-track" in milestones:
        found.append(
            f"Where a district’s marks are of one semester alone, so that most of its ninth graders have not attempted {policy.credits:g} "
            "credits, nobody of its class is counted at grade 9: it is not decided yet."
        )
    if "enrollment" in milestones:
        proof = "A college record that the clearinghouse does not have is no proof that a student stayed away"
        counts = (
            "the graduate counts as lost by the community’s decision"
            if policy.none_reported_is_lost
            else "the graduate is not seen"
        )
        found.append(f"{proof}; {counts}.")
    if "employment" in milestones:
        found.append(
            "Wages come from the State and miss the self-employed and those who left it; these are not seen."
        )
    return found

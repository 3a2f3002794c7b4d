"""Words for figures: what is shown, what is withheld, and why students cannot be seen."""

from textwrap import wrap

from throughway.insight.figures import Milestone, Shown
from throughway.insight.milestone_text import MilestoneHeading
from throughway.measures import Cause

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
KIND = {
    "race": "race and ethnicity", "english learner": "English learner status", "low income": "family income",
    "school mover": "changes of school",
}  # fmt: skip
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

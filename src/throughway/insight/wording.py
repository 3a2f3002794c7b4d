"""Words for figures: what is shown, what is withheld, and why students cannot be seen."""

from textwrap import wrap

from throughway.insight.figures import Shown, Step
from throughway.insight.measures import Cause

WITHHELD = "withheld"
WHY = {
    Cause.NO_AGREEMENT: "No agreement in force shows the records that this needs.",
    Cause.NO_CONSENT: "The families have not allowed it.",
    Cause.NO_MATCH: "No record was found at the college clearinghouse.",
    Cause.NO_RECORD: "The records that came in do not say.",
    Cause.NOT_YET_DUE: "No class is old enough to tell yet.",
}
KIND = {"race": "race and ethnicity", "english learner": "English learner status"}
CAUSE = {
    Cause.NO_AGREEMENT: "no agreement shows it",
    Cause.NO_CONSENT: "the family did not allow it",
    Cause.NO_MATCH: "no record found",
    Cause.NO_RECORD: "the records do not say",
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


def cause_sentence(step: Step) -> str:
    return f"Cannot be seen. {WHY[step.unseen or Cause.NO_RECORD]}"


def lines(words: str, width: int) -> list[str]:
    return wrap(words, max(width, 8))


def listed(words: list[str]) -> str:
    """`a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""

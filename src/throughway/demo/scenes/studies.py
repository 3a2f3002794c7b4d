"""Studies of programs: three are registered, each of another design's strength, and wait for somebody to run them.

Running one needs the libraries of the extra `effects`, which the demonstration does not.
"""

from datetime import date
from typing import Any

from throughway.demo.partners import EVALUATOR, Say
from throughway.evidence.actions.studies import register_study
from throughway.evidence.registered_study import parsed_document
from throughway.measures.sql import last_complete_year
from throughway.partners.selectors import actor

YEARS = 4
STUDIES: tuple[dict[str, Any], ...] = (
    {
        "title": "Does tutoring raise the reading of grade 3 students?", "program": "page-by-page/tutoring", "outcome": "reading",
        "who": {"grades": ["03"]}, "design": "matched", "baseline": "reading_before",
        "covariates": ["sex", "english_learner", "low_income", "disability"],
        "subgroups": ["english_learner"],
    },
    {
        "title": "Do late evenings in the gym cost school days?", "program": "bright-futures/late-gym", "outcome": "attendance",
        "who": {"grades": ["06", "07", "08", "09", "10", "11"]}, "design": "matched", "baseline": "attendance_before",
        "covariates": ["grade", "sex", "english_learner", "low_income", "disability"],
        "subgroups": ["sex"],
    },
    {
        "title": "Does a place in Career Start keep ninth graders on track?", "program": "bright-futures/career-start",
        "outcome": "on_track", "who": {"grades": ["09"]}, "design": "lottery",

    },
)  # fmt: skip


def register_studies(today: date, say: Say) -> None:
    """The evaluator registers the studies before anybody compares outcomes."""
    last = last_complete_year(today)
    for each in STUDIES:
        document = parsed_document(
            {
                "throughway": "study/1",
                "purpose": "program-studies",
                "school_years": list(range(last - YEARS + 1, last + 1)),
                **each,
            }
        )
        register_study(document=document, by=actor(EVALUATOR))
    say(f"  {len(STUDIES)} studies of programs are registered, and wait to be run")

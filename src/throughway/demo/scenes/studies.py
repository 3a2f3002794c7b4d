"""Studies of programs: six are registered, of designs that can tell more and less. Served, the site's background process runs them one by one
(`demo/tasks.py`); programs reply, and a decision follows.

Running one needs the libraries of the extra `effects`; without them the studies wait for somebody to run them.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from throughway.core.refusals import Refused
from throughway.demo.partners import BACKBONE, BRIGHT, EVALUATOR, LEADERS, Say
from throughway.evidence.actions.follow_up import decide_on, reply
from throughway.evidence.actions.studies import register_study, run_study
from throughway.evidence.registered_study import parsed_document
from throughway.evidence.selectors import studies
from throughway.measures.sql import last_complete_year
from throughway.partners.selectors import actor

YEARS = 4
COLLEGE_KNOWN = 2  # school years after which whoever enters college within sixteen months is known
NEEDED = ["sex", "english_learner", "low_income", "disability"]
READERS = {"outcome": "reading", "who": {"grades": ["03"]}, "design": "matched", "baseline": "reading_before"}
ATTENDERS = {"outcome": "attendance", "design": "matched", "baseline": "attendance_before"}
STUDIES: tuple[dict[str, Any], ...] = (
    {
        "title": "Do late evenings in the gym cost school days?", "program": "bright-futures/late-gym", **ATTENDERS,
        "who": {"grades": ["06", "07", "08", "09", "10", "11"]}, "covariates": ["grade", *NEEDED], "subgroups": ["sex"],
    },
    {
        "title": "Does tutoring raise the reading of grade 3 students?", "program": "page-by-page/tutoring", **READERS,
        "covariates": NEEDED, "subgroups": ["english_learner"],
    },
    {
        "title": "Does a place in Career Start keep ninth graders on track?", "program": "bright-futures/career-start",
        "outcome": "on_track", "who": {"grades": ["09"]}, "design": "lottery",
    },
    {
        "title": "Do students with a mentor come to school more?", "program": "long-walk-mentors/mentoring", **ATTENDERS,
        "who": {"grades": ["06", "07", "08", "09"]}, "covariates": ["grade", *NEEDED],
    },
    {
        "title": "Does the homework club raise the reading of grade 3 students?", "program": "bright-futures/homework-club", **READERS,
        "covariates": [*NEEDED, "other_help"],
    },
    {
        "title": "Does the summer bridge bring graduates to college?", "program": "next-step/summer-bridge", "outcome": "college",
        "who": {"grades": ["12"]}, "design": "matched", "season": "summer_after", "covariates": NEEDED,
        "subgroups": ["english_learner"],
    },
)  # fmt: skip
GYM = STUDIES[0]["title"]
REPLY = "Our young people stay because nothing else is open. We did not know that it costs them school days."
DECIDED = (
    "On evenings before school days the gym closes at eight, and opens earlier in the afternoon instead."
)
DUE, AGAIN = timedelta(days=40), timedelta(days=400)


def years_of(study: Mapping[str, Any], last: int) -> list[int]:
    """The school years of a study whose outcomes are known. `last`: the last complete school year."""
    newest = last - COLLEGE_KNOWN if study["outcome"] == "college" else last
    return list(range(last - YEARS + 1, newest + 1))


def register_studies(today: date, say: Say) -> None:
    """The evaluator registers the studies before anybody compares outcomes."""
    last = last_complete_year(today)
    for each in STUDIES:
        document = parsed_document(
            {
                "throughway": "study/1",
                "purpose": "program-studies",
                "school_years": years_of(each, last),
                **each,
            }
        )
        register_study(document=document, by=actor(EVALUATOR))
    say(f"  {len(STUDIES)} studies of programs are registered, and wait to be run")


def find(title: str) -> dict[str, Any] | None:
    """Runs the study of that title; None where the town is too small for it, or the libraries are not installed."""
    known = next(each for each in studies() if each.title == title)
    try:
        return run_study(id=known.id, by=actor(EVALUATOR))
    except Refused:  # its page says why
        return None


def follow_up(title: str, release: str, today: date) -> None:
    """What people do after the finding on the gym: its program replies, and the partners decide. Other programs have not replied yet."""
    if title != GYM:
        return
    leader = actor(LEADERS[BRIGHT])
    reply(release=release, text=REPLY, by=leader)
    decide_on(
        release=release, text=DECIDED, owner=leader.email, due=today + DUE, measure_again_on=today + AGAIN, met_on=today,
        by=actor(LEADERS[BACKBONE]),
    )  # fmt: skip

"""What goes well, said before anything else. Each sentence is a fact; where there is none, nothing is praised."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from throughway.casework.facts import Support, Tables, day, newest, of
from throughway.casework.weeks import Year
from throughway.insight.measures.policy import Policy

MOST = 4
POLICY = Policy()
REGULAR = 8  # sessions from which on coming is worth a word
HIGH = ("proficient", "advanced", "meets", "exceeds", "above", "level 3", "level 4", "on grade", "at grade")


def strengths(year: Year, supports: Sequence[Support], tables: Tables, today: date) -> list[str]:
    found = [*_attends(year), *_comes(supports, today), *_learns(tables, today)]
    return found[:MOST]


def _attends(year: Year) -> Iterator[str]:
    if not year.weeks or year.last_known is None:
        return
    if not year.marks_presence:
        return  # absence alone is sent: a day without a mark is no proof of presence
    if year.missed == 0:
        yield "No day missed this school year"
    elif year.lately == 0:
        yield "No day missed in the last four weeks sent"
    elif year.before - year.lately >= 2:
        yield f"Missed {_days(year.lately)} in the last four weeks, {year.before} in the four before"


def _comes(supports: Sequence[Support], today: date) -> Iterator[str]:
    for s in sorted(supports, key=lambda support: -support.sessions):
        lately = s.last is not None and today - s.last <= timedelta(days=60)
        if s.sessions >= REGULAR and (s.end is None or lately):
            yield f"Came to {s.name} {s.sessions} times"
        elif s.end is None and (today - s.start).days >= 180:
            yield f"In {s.name} since {s.start:%B %Y}"


def _learns(tables: Tables, today: date) -> Iterator[str]:
    year = today - timedelta(days=365)
    taken = [
        r for r in of(tables, "assessment_result")
        if (d := day(r.get("assessment_administration_start_date"))) is not None and d >= year
    ]  # fmt: skip
    best = newest(
        (r for r in taken if _is_high(str(r.get("assessment_performance_level_label") or ""))),
        "assessment_administration_start_date",
    )
    if best is not None:
        subject = str(best.get("assessment_academic_subject") or "").lower()
        what = best.get("assessment_title") or best.get("assessment_identifier") or "the last test"
        level = str(best["assessment_performance_level_label"]).lower()
        yield f"{what}: {level}" if not subject or subject.isdigit() else f"{what}, {subject}: {level}"
    marks = [str(r.get("student_course_section_grade_earned") or "") for r in of(tables, "course_grade")]
    good = [mark for mark in marks if mark[:1] in ("A", "B")]
    if marks and len(good) * 2 > len(marks) and not any(m in POLICY.failing for m in marks):
        yield f"{len(good)} of {len(marks)} marks are A or B, none failing"


def _is_high(label: str) -> bool:
    text = label.lower()
    return any(word in text for word in HIGH) and "not " not in text and "below" not in text


def _days(n: int) -> str:
    return f"{n} day" if n == 1 else f"{n} days"

"""Writes the truth about Riverbend. Only evaluation, tests and the fictional readers of pairs read it.

`persons.csv` who is who · `households.csv` who lives together · `effects.csv` the effect of each program · `potential.csv` the same
student by student · `lottery.csv` each applicant's lot · `duplicates.csv` the same help from two programs at once · `needs.csv` who
needed what, and why some got no help · `check_ins.csv` who said in the after-school programs'
check-in that help with homework would be welcome · `comments.csv` from which themes each comment of a survey was made · `pipeline.csv` and `leaks.csv` where students are lost · `people.csv`, `stays.csv`,
`milestones.csv`, `college.csv` and `places.csv` the simulated lives, from which published figures can be recounted.
"""

from collections.abc import Iterable
from dataclasses import astuple
from pathlib import Path

import numpy as np

from throughway.demo import leaks
from throughway.demo.after_graduation import COLLEGES
from throughway.demo.arrays import NAT, Bools, Ints, Text
from throughway.demo.column_files import ISO, days, write_csv
from throughway.demo.effects import effects, potential
from throughway.demo.programs import CAREER_START, HOMEWORK_CLUB, MENTORING, PROGRAMS, TUTORING
from throughway.demo.roster import DISTRICTS
from throughway.demo.student_needs import NEEDS
from throughway.demo.town import Town

EFFECT = ("program", "outcome", "group", "effect", "unit", "assigned", "students")


def write(folder: Path, town: Town) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / "persons.csv", persons(town))
    write_csv(folder / "households.csv", households(town))
    write_csv(folder / "effects.csv", _table(EFFECT, [astuple(e) for e in effects(town)]))  # fmt: skip
    write_csv(folder / "potential.csv", _potential(town))
    write_csv(folder / "lottery.csv", _lottery(town))
    write_csv(folder / "duplicates.csv", duplicates(town))
    write_csv(folder / "needs.csv", needs(town))
    write_csv(folder / "check_ins.csv", check_ins(town))
    write_csv(folder / "comments.csv", comments(town))
    write_csv(folder / "pipeline.csv", _table(("step", "class", "group", "of", "reached", "lost"), leaks.pipeline(town)))  # fmt: skip
    write_csv(folder / "leaks.csv", _table(("step", "group", "kind", "why"), leaks.PLANTED))
    write_csv(folder / "people.csv", people(town))
    write_csv(folder / "stays.csv", stays(town))
    write_csv(folder / "milestones.csv", milestones(town))
    write_csv(folder / "college.csv", college(town))
    write_csv(folder / "places.csv", places(town))


def name(students: Ints) -> Text:
    """The truth's own name of each person."""
    return np.array([f"R{n:06d}" for n in students.tolist()], dtype="U16")


def _table(header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> dict[str, object]:
    columns = zip(*rows, strict=True)
    return {column: np.array(values).astype(str) for column, values in zip(header, columns, strict=True)}


def persons(town: Town) -> dict[str, object]:
    held = list(town.rosters.values())
    return {
        "partner": np.concatenate([np.full(len(r.key), r.partner) for r in held]),
        "record_key": np.concatenate([r.key for r in held]),
        "person": name(np.concatenate([r.student for r in held])),
    }


def households(town: Town) -> dict[str, object]:
    people = town.people
    return {
        "person": name(np.arange(people.size)),
        "household": people.household,
        "twin": np.where(people.twin, "yes", "no"),
    }


def _potential(town: Town) -> dict[str, object]:
    """For each student whom a program could have helped in a year: the outcome without it and with it."""
    parts = potential(town)
    return {
        "program": np.concatenate([np.full(len(p.student), PROGRAMS[p.program]) for p in parts]),
        "outcome": np.concatenate([np.full(len(p.student), p.outcome) for p in parts]),
        "person": name(np.concatenate([p.student for p in parts])),
        "year": np.concatenate([p.year for p in parts]),
        "took_part": np.concatenate([np.where(p.took_part, "yes", "no") for p in parts]),
        "without": np.concatenate([np.round(p.without, 6) for p in parts]),
        "with": np.concatenate([np.round(p.with_, 6) for p in parts]),
    }


def _lottery(town: Town) -> dict[str, object]:
    lots = town.lottery
    return {
        "year": lots.year,
        "person": name(lots.student),
        "number": lots.number,
        "won": np.where(lots.won, "yes", "no"),
        "came": np.where(lots.came, "yes", "no"),
    }


def duplicates(town: Town) -> dict[str, object]:
    """Tutored by Page by Page and in the homework club at once: from, to (the last day known), days."""
    one, other = town.participation.of(TUTORING), town.participation.of(HOMEWORK_CLUB)
    a, b = one.student * 10_000 + one.year, other.student * 10_000 + other.year
    _, i, j = np.intersect1d(a, b, return_indices=True)
    first = np.maximum(one.start[i], other.start[j])
    last = np.minimum(_until(one.end[i], town), _until(other.end[j], town))
    both = last >= first
    i, j, first, last = i[both], j[both], first[both], last[both]
    return {
        "person": name(one.student[i]),
        "service": np.full(len(i), "tutoring"),
        "one": one_of(one.program[i]),
        "other": one_of(other.program[j]),
        "from": days(first, ISO),
        "to": days(last, ISO),
        "days": (last - first).astype(int) + 1,
    }


def _until(end: np.ndarray, town: Town) -> np.ndarray:
    return np.where(np.isnat(end), town.known, end)


def one_of(program: Ints) -> Text:
    return np.array(PROGRAMS)[program]


def needs(town: Town) -> dict[str, object]:
    """Every need found, helped or not."""
    found = town.needs
    return {
        "person": name(found.student),
        "need": np.array(NEEDS)[found.need],
        "found_on": days(found.found_on, ISO),
        "found_by": np.array(DISTRICTS)[found.found_by],
        "sent_to": one_of(found.program),
        "referred_on": days(found.referred_on, ISO),
        "status": found.status,
        "outcome": found.outcome,
        "served_from": days(found.served_from, ISO),
        "served_to": days(found.served_to, ISO),
        "closed_on": days(found.closed_on, ISO),
        "why_unmet": found.why_unmet,
    }


def check_ins(town: Town) -> dict[str, object]:
    """Who answered the check-in of the after-school programs in which school year, and who would like help with homework."""
    found = town.check_ins
    return {
        "person": name(found.student),
        "school_year": found.year,
        "on": days(found.day, ISO),
        "wants_homework_help": _yes(found.homework),
    }


def comments(town: Town) -> dict[str, object]:
    """Who wrote a comment in which survey, and from which themes it was made."""
    found = town.comments
    return {
        "person": name(found.student),
        "survey": np.array(["climate", "participants"])[found.survey],
        "program": np.where(found.program < 0, "", one_of(found.program)),
        "school_year": found.year,
        "on": days(found.day, ISO),
        "themes": found.themes,
    }


def _yes(holds: Bools) -> Text:
    return np.where(holds, "yes", "no")


def people(town: Town) -> dict[str, object]:
    found = town.people
    return {
        "person": name(np.arange(found.size)),
        "sex": found.sex,
        "race": found.race,
        "hispanic": _yes(found.hispanic),
        "low_income": _yes(found.low_income),
        "disability": found.disability,
        "foster_from": days(found.foster_from, ISO),
    }


def stays(town: Town) -> dict[str, object]:
    """Every stay in a school; `exit` is empty while it lasts, and at a year's end."""
    spells = town.spells
    return {
        "person": name(spells.student),
        "school_year": spells.year,
        "grade": spells.grade,
        "district": np.array(DISTRICTS)[spells.district],
        "school": town.schools.name[spells.school],
        "first_day": days(spells.start, ISO),
        "last_day": days(spells.end, ISO),
        "exit": spells.exit,
    }


def milestones(town: Town) -> dict[str, object]:
    """The steps of `pipeline.csv`, student by student."""
    found = list(leaks.steps(town))
    learners = [
        next(member for group, member in leaks.groups(town, s) if group == "English learners") for s in found
    ]
    return {
        "step": np.concatenate([np.full(len(s.student), s.step) for s in found]),
        "class": np.concatenate([np.full(len(s.student), s.year) for s in found]),
        "person": name(np.concatenate([s.student for s in found])),
        "reached": _yes(np.concatenate([s.reached for s in found])),
        "english_learner": _yes(np.concatenate(learners)),
    }


def college(town: Town) -> dict[str, object]:
    """Every term begun at a college, and every credential."""
    terms, awards = town.college.terms, town.college.awards
    codes = np.array([code for code, *_ in COLLEGES])
    return {
        "person": name(np.concatenate([terms.student, awards.student])),
        "college": codes[np.concatenate([terms.college, awards.college])],
        "what": np.repeat(["term", "credential"], [len(terms.student), len(awards.student)]),
        "day": days(np.concatenate([terms.start, awards.day]), ISO),
    }


def places(town: Town) -> dict[str, object]:
    """Who took part in a program, and who applied or was referred and did not; without a stay there are no days."""
    stays, lots, needs = town.participation, town.lottery, town.needs
    away = np.flatnonzero(~lots.came)
    sent = needs.where(np.isin(needs.program, (TUTORING, MENTORING)) & ~np.isnat(needs.referred_on))
    month = sent.referred_on.astype("datetime64[M]").astype(np.int64)
    sent_in = 1970 + (month + 6) // 12
    at = (stays.program * 100_000_000 + stays.student) * 10_000 + stays.year
    waits = ~np.isin((sent.program * 100_000_000 + sent.student) * 10_000 + sent_in, at)
    sent, sent_in = sent.where(waits), sent_in[waits]
    without = len(away) + len(sent.student)
    none = np.full(without, NAT)
    answer = np.select([sent.status == "sent", sent.status == "declined"], ["applied", "declined"], "waiting")
    return {
        "program": one_of(np.concatenate([stays.program, np.full(len(away), CAREER_START), sent.program])),
        "school_year": np.concatenate([stays.year, lots.year[away], sent_in]),
        "person": name(np.concatenate([stays.student, lots.student[away], sent.student])),
        "standing": np.concatenate(
            [
                np.full(len(stays.student), "took part"),
                np.where(lots.won[away], "declined", "applied"),
                answer,
            ]
        ),
        "first_day": days(np.concatenate([stays.start, none]), ISO),
        "last_day": days(np.concatenate([stays.end, none]), ISO),
    }

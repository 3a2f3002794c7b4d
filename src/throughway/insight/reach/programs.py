"""A program's facts and its own rules of eligibility: which of them can be counted from records, and why the others cannot.

No fact here says anything about a student. A rule that cannot be counted is named in a sentence, so that a reader knows that fewer
students than those counted may be eligible.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from throughway.core.prose import listed
from throughway.measures.eligibility import EligibilityRule, FactKind
from throughway.measures.sql import ENROLLED, VisibleData, day, texts
from throughway.supports.entry import GRADES, SupportStatement

# Facts that one row of `person_status` says of a student, each in its column.
STATUS_COLUMNS: Mapping[str, str] = {
    "english_learner": "english_learner_status", "homeless": "homelessness_status", "foster": "foster_care_status",
    "disability": "idea_indicator", "section_504": "section_504_status",
}  # fmt: skip
OF_ENROLLMENT = ("grade", "school")  # read from the year's enrollments
PROGRAM_COLUMNS = (
    "program_name", "minimum_age", "maximum_age", "eligibility_description", "program_capacity_maximum",
    "program_capacity_available", "program_cost_per_seat", "program_funding_amount", "program_staff_hours_per_week",
)  # fmt: skip


@dataclass(frozen=True)
class ProgramFacts:
    """One program, as its partner states it. `id`: `partner/key`. `label`: its name in a release, unique there. `rules`: all must be met.
    `who`: eligibility in words. Seats are of the day of the newest record; amounts are dollars for the year. None: not stated."""

    id: str
    label: str
    name: str
    partner: str
    rules: tuple[EligibilityRule, ...] = ()
    who: str = ""
    seats_all: int | None = None
    seats_open: int | None = None
    cost_per_seat: float | None = None
    funding: float | None = None
    staff_hours: float | None = None

    def to_json(self) -> dict[str, Any]:
        """What a release stores: facts that the partner states. The number of open seats stays out, because all seats less the open ones
        are the students of today, which a small difference from the students of the year would tell apart."""
        return {
            "id": self.id, "label": self.label, "name": self.name, "partner": self.partner, "who": self.who, "seats": self.seats_all,
            "cost_per_seat": self.cost_per_seat, "funding": self.funding, "staff_hours": self.staff_hours,
        }  # fmt: skip


def program_facts(
    rows: Iterable[Mapping[str, Any]],
    identifiers: Iterable[str],
    stated: Mapping[str, SupportStatement],
    partners: Mapping[str, str],
) -> list[ProgramFacts]:
    """Every program of the records or the directory, by label. `rows`: of the table `program`; `identifiers`: programs in records of
    participation; `stated`: the directory's statements by identifier; `partners`: names by id."""
    by_id = {str(row["program_identifier"]): row for row in rows if row.get("program_identifier")}
    found = [
        _facts(id, by_id.get(id, {}), stated.get(id))
        for id in sorted({*by_id, *identifiers, *stated})
        if "/" in id
    ]
    labels = [f"{each.name}, {partners.get(each.partner, each.partner)}" for each in found]
    return [
        ProgramFacts(**{**vars(each), "label": label if labels.count(label) == 1 else f"{label} ({each.id})"})
        for each, label in zip(found, labels, strict=True)
    ]


def _facts(id: str, row: Mapping[str, Any], said: SupportStatement | None) -> ProgramFacts:
    partner, _, key = id.partition("/")
    name = (said.name if said else "") or row.get("program_name") or key
    rules = _rules(
        low=_first(said and said.minimum_age, row.get("minimum_age")),
        high=_first(said and said.maximum_age, row.get("maximum_age")),
        said=said,
    )
    return ProgramFacts(
        id, "", str(name), partner, rules,
        who=str((said.who if said else "") or row.get("eligibility_description") or ""),
        seats_all=_first(row.get("program_capacity_maximum"), said and said.seats_all),
        seats_open=_first(row.get("program_capacity_available"), said and said.seats_open),
        cost_per_seat=_amount(row.get("program_cost_per_seat")), funding=_amount(row.get("program_funding_amount")),
        staff_hours=_amount(row.get("program_staff_hours_per_week")),
    )  # fmt: skip


def _first(*values: Any) -> int | None:
    """The first that is stated."""
    return next((int(value) for value in values if value is not None), None)


def _amount(value: Any) -> float | None:
    return None if value is None else float(value)


def _rules(
    *, low: int | None, high: int | None, said: SupportStatement | None
) -> tuple[EligibilityRule, ...]:
    found = []
    if said and (said.lowest_grade or said.highest_grade):
        grades = list(GRADES)
        first = grades.index(said.lowest_grade) if said.lowest_grade else 0
        last = grades.index(said.highest_grade) if said.highest_grade else len(grades) - 1
        found.append(EligibilityRule("grade", values=tuple(grades[first : last + 1])))
    if low:
        found.append(EligibilityRule("age", at_least=low))
    if high is not None:
        found.append(EligibilityRule("age", at_most=high))
    return (*found, *(said.rules if said else ()))


@dataclass(frozen=True)
class CountedRules:
    """A program's rules for one reader. `counted`: read from records; `left_out`: why others are not, one sentence each."""

    counted: tuple[EligibilityRule, ...]
    left_out: tuple[str, ...]

    @property
    def key(self) -> str:
        """Equal where the same students are counted."""
        return " and ".join(sorted(map(str, self.counted)))

    @property
    def words(self) -> str:
        """`grades 6 to 9`, `age: at least 11`."""
        return listed(grades_words(rule) if rule.fact == "grade" else rule.words for rule in self.counted)


def counted_rules(rules: Sequence[EligibilityRule], visible: VisibleData) -> CountedRules:
    """Which rules the purpose lets one count."""
    counted, left_out = [], []
    for rule in rules:
        why = _why_not(rule, visible)
        if why:
            left_out.append(why)
        else:
            counted.append(rule)
    return CountedRules(tuple(counted), tuple(dict.fromkeys(left_out)))


def _why_not(rule: EligibilityRule, visible: VisibleData) -> str:
    """Why a rule cannot be counted, in a sentence; empty where it can."""
    name = rule.of.words
    if rule.of.kind is FactKind.ASKED:
        return f"Its rule “{' or '.join(rule.values)}” is in no record; a family is asked."
    if rule.fact in OF_ENROLLMENT:
        return ""
    if rule.fact == "age":
        shown = visible.shows("person", "birthdate")
        return "" if shown else "No agreement of this purpose shows birth dates, so its ages are not counted."
    column = STATUS_COLUMNS.get(rule.fact)
    if column is None:
        return f"Its rule on {name} is not counted here; only grades, ages, schools and statuses are."
    shown = visible.shows("person_status", column)
    return "" if shown else f"No agreement of this purpose shows {name}, so its rule on it is not counted."


def rule_sql(rule: EligibilityRule, first: date, last: date) -> str:
    """SQL for the students who met a rule on any day from `first` to `last`: one column, `person_id`. For rules that are not of an
    enrollment."""
    if rule.fact == "age":
        bounds = []
        if rule.at_least is not None:
            bounds.append(f"birthdate <= {day(_years_before(last, int(rule.at_least)))}")
        if rule.at_most is not None:
            bounds.append(f"birthdate > {day(_years_before(first, int(rule.at_most) + 1))}")
        return f"SELECT DISTINCT person_id FROM person WHERE {' AND '.join(bounds)}"
    begun = f"COALESCE(valid_from, {day(last)}) <= {day(last)} AND COALESCE(valid_to, {day(last)}) >= {day(first)}"
    return f"SELECT DISTINCT person_id FROM person_status WHERE {begun} AND {STATUS_COLUMNS[rule.fact]} IN {texts(rule.values)}"


def _years_before(on: date, years: int) -> date:
    """The birthday of somebody who is so many years old on that day; 29 February counts as the 28th."""
    try:
        return on.replace(year=on.year - years)
    except ValueError:
        return on.replace(year=on.year - years, day=28)


def grades_words(rule: EligibilityRule) -> str:
    """`grades 6 to 9`."""
    return SupportStatement("", lowest_grade=rule.values[0], highest_grade=rule.values[-1]).grades_words


def programs_sql(visible: VisibleData) -> str:
    """SQL for the rows of the table `program` that the purpose shows; empty where it shows none. Several rows of one program are one: the
    largest of each amount."""
    if not visible.shows("program", "program_identifier"):
        return ""
    integer = {"minimum_age", "maximum_age", "program_capacity_maximum", "program_capacity_available"}
    words = {"program_name", "eligibility_description"}
    columns = ", ".join(
        f"MAX({visible.column('program', name, 'VARCHAR' if name in words else 'INTEGER' if name in integer else 'DOUBLE')}) AS {name}"
        for name in PROGRAM_COLUMNS
    )
    return f"SELECT program_identifier, {columns} FROM program GROUP BY program_identifier"


def shows_enrollment(visible: VisibleData) -> bool:
    return visible.shows(*ENROLLED)

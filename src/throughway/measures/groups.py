"""The groups in which milestones are counted: by student characteristics, by partner and by school.

Each student is in exactly one group of each kind, so that the groups of a kind add up to the whole. Hispanic or Latino takes
precedence over race, and several races are one group, as in the federal categories.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from throughway.measures.sql import Ctes, VisibleData, day, query

if TYPE_CHECKING:  # small commands start without Arrow
    import pyarrow as pa

UNKNOWN = "Not recorded"
SEX = {"Female": "Female", "Male": "Male"}
RACE = {
    "AmericanIndianOrAlaskaNative": "American Indian or Alaska Native",
    "Asian": "Asian",
    "BlackOrAfricanAmerican": "Black or African American",
    "NativeHawaiianOrOtherPacificIslander": "Native Hawaiian or other Pacific Islander",
    "MiddleEasternOrNorthAfrican": "Middle Eastern or North African",
    "White": "White",
}
HISPANIC, SEVERAL = "HispanicOrLatinoEthnicity", "DemographicRaceTwoOrMoreRaces"
LEARNER = {"Yes": "English learners", "No": "Not English learners"}
FLAGS = {  # kind: labels for members, and for nonmembers according to the records
    "low income": ("Families with low income", "No low income on record"),
    "disability": ("Students with disabilities", "No disability on record"),
    "foster care": ("Students who were in foster care", "No foster care on record"),
    "school mover": ("Students who changed schools", "Did not change schools"),
}
OTHERS = frozenset(
    {LEARNER["No"], *(others for _, others in FLAGS.values())}
)  # named for missing information
MEALS = "eligibility_status_for_school_food_service_programs"


def shown(visible: VisibleData) -> tuple[str, ...]:
    """The kinds of group that the purpose allows counts by."""
    kinds = {
        "sex": visible.shows("person", "sex"),
        "race": visible.shows("person_race", "race"),
        "english learner": visible.shows("person_status", "english_learner_status"),
        "partner": True,
        "school": visible.shows("organization", "organization_id", "organization_name"),
        "low income": visible.shows("person_status", "economic_disadvantage_status")
        or visible.shows("person_status", MEALS),
        "disability": visible.shows("person_status", "idea_indicator"),
        "foster care": visible.shows("person_status", "foster_care_status"),
        "school mover": visible.shows("school_enrollment", "organization_id", "enrollment_entry_date"),
    }
    return tuple(kind for kind, granted in kinds.items() if granted)


def groups_of_persons(visible: VisibleData, result: Ctes, on: date, years: tuple[int, int]) -> str:
    """The query that shows the groups of each person of a measure's `result`: statuses as of the day `on`, changes of school within
    any of the school years `years`, first to last."""
    joins, columns = [], []
    ctes = dict(result)
    for name, (body, taken) in _groupings(visible, on, years).items():
        ctes[name] = body
        joins.append(f"LEFT JOIN {name} ON {name}.person_id = r.person_id")
        columns += [f"{name}.{column} AS {column}" for column in taken]
    came = "r.came" if "AS came" in result["result"] else "CAST(NULL AS VARCHAR)"
    listed = ", ".join([f"{came} AS came", "r.outcome AS outcome", "r.cause AS cause", "r.partner AS partner",
                        "r.organization_id AS organization_id", *columns])  # fmt: skip
    return query(ctes, f"SELECT {listed}, r.person_id AS person_id FROM result AS r {' '.join(joins)}")


# Kinds whose groups are counted over several classes, each with the columns that tell the group.
OVER_DAYS: Mapping[str, tuple[str, ...]] = {
    "sex": ("sex",),
    "race": ("hispanic", "several", "races", "race"),
    "english learner": ("learner",),
    "partner": ("partner",),
    "school": ("organization_id",),
    "low income": ("low_income",),
    "disability": ("disability",),
}
STATUSES = ("learner", "low_income", "disability")


def groups_over_days(visible: VisibleData, days: Sequence[date], kinds: Sequence[str]) -> str:
    """The query that shows what tells each person's groups of these kinds, statuses as of each of these days: `learner_0` as of the
    first. Empty where the records of a class tell them all."""
    joins, columns, persons = [], [], []
    ctes: Ctes = {}
    wanted = {column for kind in kinds for column in OVER_DAYS[kind]}
    for name, (body, taken) in _groupings(visible, days[-1], (0, 0)).items():
        if name not in ("by_sex", "by_race") or wanted.isdisjoint(taken):
            continue
        ctes[name] = body
        columns += [f"{name}.{column} AS {column}" for column in taken]
    held = [
        (f"{name}_{n}", body)
        for n, on in enumerate(days)
        for name, body in _statuses(visible, on).items()
        if name in STATUSES and name in wanted
    ]
    if held:
        listed = ", ".join(f"{body} AS {name}" for name, body in held)
        ctes["by_status"] = f"SELECT person_id, {listed} FROM person_status GROUP BY person_id"
        columns += [f"by_status.{name} AS {name}" for name, _ in held]
    for name in ctes:
        persons.append(f"SELECT person_id FROM {name}")
        joins.append(f"LEFT JOIN {name} ON {name}.person_id = p.person_id")
    if not persons:
        return ""
    every = " UNION ".join(persons)
    return query({**ctes, "every_person": every}, f"SELECT {', '.join(['p.person_id AS person_id', *columns])} FROM every_person AS p {' '.join(joins)}")  # fmt: skip


def of_day(groups: "pa.Table", n: int) -> "pa.Table":
    """The groups as of the day with that number, under the names of `groups_of_persons`."""
    names = {f"{status}_{n}": status for status in STATUSES}
    kept = [
        c for c in groups.column_names if not c.startswith(tuple(f"{s}_" for s in STATUSES)) or c in names
    ]
    return groups.select(kept).rename_columns([names.get(c, c) for c in kept])


def groups_of(row: Mapping[str, object], kinds: Sequence[str], schools: Mapping[str, str]) -> dict[str, str]:
    """The groups of one row of `groups_of_persons`, in words. `schools` names organizations by their ids."""
    organization = str(row.get("organization_id") or "")
    words = {
        "sex": SEX.get(str(row.get("sex")), UNKNOWN),
        "race": _race(row),
        "english learner": LEARNER.get(str(row.get("learner")), UNKNOWN),
        "partner": str(row.get("partner") or UNKNOWN),
        "school": schools.get(organization) or UNKNOWN,
    } | {kind: names[0 if row.get(kind.replace(" ", "_")) else 1] for kind, names in FLAGS.items()}
    return {kind: words[kind] for kind in kinds}


def _groupings(
    visible: VisibleData, on: date, years: tuple[int, int]
) -> dict[str, tuple[str, tuple[str, ...]]]:
    """CTEs with one row for each student, and the columns to take from each."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    if visible.shows("person", "sex"):
        # Contradictory records of one student count as missing.
        found["by_sex"] = (
            """SELECT person_id, CASE WHEN MIN(sex) = MAX(sex) THEN MAX(sex) END AS sex
            FROM person GROUP BY person_id""",
            ("sex",),
        )
    if visible.shows("person_race", "race"):
        hispanic = visible.column("person_race", "hispanic_or_latino_ethnicity", "BOOLEAN")
        several = visible.column("person_race", "demographic_race_two_or_more_races", "BOOLEAN")
        races = " ".join(f"WHEN lower(race) = '{code.lower()}' THEN '{code}'" for code in RACE)
        found["by_race"] = (
            f"""SELECT person_id,
              MAX(CASE WHEN {hispanic} OR lower(race) = '{HISPANIC.lower()}' THEN 1 ELSE 0 END) AS hispanic,
              MAX(CASE WHEN {several} OR lower(race) = '{SEVERAL.lower()}' THEN 1 ELSE 0 END) AS several,
              COUNT(DISTINCT CASE {races} END) AS races, MAX(CASE {races} END) AS race
            FROM person_race GROUP BY person_id""",
            ("hispanic", "several", "races", "race"),
        )
    if statuses := _statuses(visible, on):
        listed = ", ".join(f"{body} AS {name}" for name, body in statuses.items())
        found["by_status"] = (
            f"SELECT person_id, {listed} FROM person_status GROUP BY person_id",
            tuple(statuses),
        )
    if "school mover" in shown(visible):
        # Within one school year: a move to the next school over the summer is not a change.
        found["by_move"] = (
            f"""SELECT DISTINCT person_id, 1 AS school_mover FROM (
              SELECT person_id FROM spell WHERE year BETWEEN {years[0]} AND {years[1]}
              GROUP BY person_id, year HAVING COUNT(DISTINCT organization_id) > 1) AS moved""",
            ("school_mover",),
        )
    return found


def _statuses(visible: VisibleData, on: date) -> dict[str, str]:
    """A student's statuses as aggregates over the rows: as of a day; without a day, at any time."""
    begun = f"COALESCE(valid_from, {day(on)}) <= {day(on)}"
    holds = f"{begun} AND COALESCE(valid_to, {day(on)}) >= {day(on)}"
    kinds, found = shown(visible), {}
    if "english learner" in kinds:
        status = "english_learner_status"
        found["learner"] = f"COALESCE(MAX(CASE WHEN {holds} THEN {status} END), MAX({status}))"
    if "low income" in kinds:
        poor = visible.column("person_status", "economic_disadvantage_status")
        meals = visible.column("person_status", MEALS)
        found["low_income"] = (
            f"MAX(CASE WHEN {begun} AND ({poor} = 'Yes' OR {meals} IN ('Free', 'ReducedPrice')) THEN 1 END)"
        )
    if "disability" in kinds:
        found["disability"] = f"MAX(CASE WHEN {begun} AND idea_indicator = 'Yes' THEN 1 END)"
    if "foster care" in kinds:
        found["foster_care"] = (
            f"MAX(CASE WHEN {begun} AND foster_care_status IN ('Yes', 'Former') THEN 1 END)"
        )
    return found


def _race(row: Mapping[str, object]) -> str:
    if row.get("hispanic"):
        return "Hispanic or Latino"
    if row.get("several") or int(str(row.get("races") or 0)) > 1:
        return "Two or more races"
    return RACE.get(str(row.get("race")), UNKNOWN)

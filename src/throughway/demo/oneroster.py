"""The second district's roster: a OneRoster 1.2 bundle of the current school year."""

import csv
import zipfile
from io import StringIO
from pathlib import Path

import numpy as np

from throughway.demo.population import Population
from throughway.demo.roster import Roster
from throughway.demo.years import Spells, school_days

SCHOOLS = {"LMS": "Lakeside Middle School", "LHS": "Lakeside High School"}
FILES = [
    "academicSessions", "categories", "classes", "classResources", "courseResources", "courses",
    "demographics", "enrollments", "lineItemLearningObjectiveIds", "lineItems", "lineItemScoreScales",
    "orgs", "resources", "resultLearningObjectiveIds", "results", "resultScoreScales", "roles",
    "scoreScales", "userProfiles", "userResources", "users",
]  # fmt: skip
HEADERS = {
    "academicSessions": "title type startDate endDate parentSourcedId schoolYear",
    "orgs": "name type identifier parentSourcedId",
    "users": "enabledUser username userIds givenName familyName middleName identifier email sms phone agentSourcedIds "
    "grades password userMasterIdentifier preferredGivenName preferredMiddleName preferredFamilyName "
    "primaryOrgSourcedId pronouns",
    "roles": "userSourcedId roleType role beginDate endDate orgSourcedId userProfileSourcedId",
    "demographics": "birthDate sex americanIndianOrAlaskaNative asian blackOrAfricanAmerican "
    "nativeHawaiianOrOtherPacificIslander white demographicRaceTwoOrMoreRaces hispanicOrLatinoEthnicity "
    "countryOfBirthCode stateOfBirthAbbreviation cityOfBirth publicSchoolResidenceStatus",
}
RACE_COLUMNS = {
    "White": "white",
    "BlackorAfricanAmerican": "blackOrAfricanAmerican",
    "Asian": "asian",
    "AmericanIndianorAlaskaNative": "americanIndianOrAlaskaNative",
}


def school_of(grade: int) -> str:
    return "LHS" if grade >= 9 else "LMS"


def export(path: Path, roster: Roster, people: Population, spells: Spells, year: int) -> None:
    """Writes the zip. Users are all whom the district knows; roles are those of students enrolled this year."""
    files = {
        "academicSessions": [_session(year)],
        "orgs": [{"sourcedId": "LSD", "name": "Lakeside Schools", "type": "district"}]
        + [
            {"sourcedId": s, "name": n, "type": "school", "parentSourcedId": "LSD"}
            for s, n in SCHOOLS.items()
        ],
        "users": _users(roster),
        "roles": _roles(roster, spells, year),
        "demographics": _demographics(roster, people),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        _put(bundle, "manifest", _manifest(set(files)))
        for name, rows in files.items():
            _put(
                bundle,
                name,
                _table(["sourcedId", "status", "dateLastModified", *HEADERS[name].split()], rows),
            )


def _put(bundle: zipfile.ZipFile, name: str, text: str) -> None:
    # A fixed time, so that the same seed gives the same bytes.
    bundle.writestr(zipfile.ZipInfo(f"{name}.csv", (2026, 7, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)


def _table(header: list[str], rows: list[dict[str, str]]) -> str:
    out = StringIO()
    writer = csv.DictWriter(out, header, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _manifest(present: set[str]) -> str:
    rows = [("manifest.version", "1.0"), ("oneroster.version", "1.2")]
    rows += [(f"file.{name}", "bulk" if name in present else "absent") for name in FILES]
    rows += [("source.systemName", "Lakeside SIS"), ("source.systemCode", "lakeside")]
    return "\r\n".join(["propertyName,value", *(f"{k},{v}" for k, v in rows)]) + "\r\n"


def _session(year: int) -> dict[str, str]:
    days = school_days(year)
    return {"sourcedId": f"SY{year}", "title": f"School year {year - 1}-{year}", "type": "schoolYear",
            "startDate": str(days[0]), "endDate": str(days[-1]), "schoolYear": str(year)}  # fmt: skip


def _users(roster: Roster) -> list[dict[str, str]]:
    written = roster.written
    return [
        {"sourcedId": key, "enabledUser": "true", "username": key.lower(), "givenName": first, "familyName": last,
         "identifier": key}
        for key, first, last in zip(roster.key, written.first, written.last, strict=True)
    ]  # fmt: skip


def _roles(roster: Roster, spells: Spells, year: int) -> list[dict[str, str]]:
    """A role at this year's school for those who attend, at the district for those who have left."""
    now = np.flatnonzero((spells.district == 1) & (spells.year == year))
    grade = dict(zip(roster.keys_of(spells.student[now]), spells.grade[now], strict=True))
    days = school_days(year)
    return [
        {"sourcedId": f"{key}-R", "userSourcedId": key, "roleType": "primary", "role": "student",
         "beginDate": str(days[0]), "orgSourcedId": school_of(int(grade[key]))}
        if key in grade
        else {"sourcedId": f"{key}-R", "userSourcedId": key, "roleType": "primary", "role": "student", "orgSourcedId": "LSD"}
        for key in roster.key
    ]  # fmt: skip


def _demographics(roster: Roster, people: Population) -> list[dict[str, str]]:
    born = roster.written.birthdate
    return [
        {"sourcedId": key, "birthDate": day, "sex": "female" if people.sex[i] == "F" else "male",
         **{column: str(people.race[i] == race).lower() for race, column in RACE_COLUMNS.items()},
         "hispanicOrLatinoEthnicity": str(bool(people.hispanic[i])).lower()}
        for key, i, day in zip(roster.key, roster.student, born, strict=True)
    ]  # fmt: skip

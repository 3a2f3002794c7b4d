"""The second district's roster: a OneRoster 1.2 bundle of the current school year."""

import csv
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from throughway.demo.arrays import Bools, Text
from throughway.demo.column_files import delimited
from throughway.demo.enrollment import school_days
from throughway.demo.partners import LAKESIDE
from throughway.demo.roster import Roster
from throughway.demo.town import Town

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


def export(path: Path, town: Town) -> None:
    """Writes the zip. Users are all whom the district knows; roles are those of students enrolled this year."""
    roster, year, schools = town.rosters[LAKESIDE], town.year, town.schools
    orgs = [{"sourcedId": "LSD", "name": "Lakeside Schools", "type": "district"}]
    orgs += [
        {
            "sourcedId": str(schools.id[n]),
            "name": str(schools.name[n]),
            "type": "school",
            "parentSourcedId": "LSD",
        }
        for n in np.flatnonzero(schools.district == 1)
    ]
    files: dict[str, str | bytes] = {
        "academicSessions": _table("academicSessions", [_session(year)]),
        "orgs": _table("orgs", orgs),
        "users": _users(roster),
        "roles": _roles(town, roster),
        "demographics": _demographics(town, roster),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        _put(bundle, "manifest", _manifest(set(files)))
        for name, text in files.items():
            _put(bundle, name, text)


def _put(bundle: zipfile.ZipFile, name: str, text: str | bytes) -> None:
    # A fixed time, so that the same seed gives the same bytes.
    bundle.writestr(zipfile.ZipInfo(f"{name}.csv", (2026, 7, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED, 1)


def _header(name: str) -> list[str]:
    return ["sourcedId", "status", "dateLastModified", *HEADERS[name].split()]


def _table(name: str, rows: list[dict[str, str]]) -> str:
    out = StringIO()
    writer = csv.DictWriter(out, _header(name), restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _columns(name: str, size: int, values: dict[str, Any]) -> bytes:
    """A file of whole columns; those not given are empty."""
    empty = np.full(size, "")
    return delimited({column: values.get(column, empty) for column in _header(name)}, end="\r\n")


def _manifest(present: set[str]) -> str:
    rows = [("manifest.version", "1.0"), ("oneroster.version", "1.2")]
    rows += [(f"file.{name}", "bulk" if name in present else "absent") for name in FILES]
    rows += [("source.systemName", "Lakeside SIS"), ("source.systemCode", "lakeside")]
    return "\r\n".join(["propertyName,value", *(f"{k},{v}" for k, v in rows)]) + "\r\n"


def _session(year: int) -> dict[str, str]:
    days = school_days(year)
    return {"sourcedId": f"SY{year}", "title": f"School year {year - 1}-{year}", "type": "schoolYear",
            "startDate": str(days[0]), "endDate": str(days[-1]), "schoolYear": str(year)}  # fmt: skip


def _users(roster: Roster) -> bytes:
    written, key = roster.written, roster.key
    return _columns(
        "users",
        len(key),
        {
            "sourcedId": key,
            "enabledUser": np.full(len(key), "true"),
            "username": np.char.lower(key),
            "givenName": written.first,
            "familyName": written.last,
            "identifier": key,
            "phone": written.phone,
        },
    )


def _roles(town: Town, roster: Roster) -> bytes:
    """A role at this year's school for those who attend, at the district for those who have left."""
    spells, year = town.spells, town.year
    now = np.flatnonzero((spells.district == 1) & (spells.year == year))
    org, begin = np.full(len(roster.key), "LSD", dtype="U8"), np.full(len(roster.key), "", dtype="U10")
    place = roster.places_of(spells.student[now])
    org[place], begin[place] = town.schools.id[spells.school[now]], str(school_days(year)[0])
    return _columns(
        "roles",
        len(roster.key),
        {
            "sourcedId": np.char.add(roster.key, "-R"),
            "userSourcedId": roster.key,
            "roleType": np.full(len(roster.key), "primary"),
            "role": np.full(len(roster.key), "student"),
            "beginDate": begin,
            "orgSourcedId": org,
        },
    )


def _demographics(town: Town, roster: Roster) -> bytes:
    people, who = town.people, roster.student
    return _columns(
        "demographics",
        len(who),
        {
            "sourcedId": roster.key,
            "birthDate": roster.written.birthdate,
            "sex": np.where(people.sex[who] == "F", "female", "male"),
            **{column: _said(people.race[who] == race) for race, column in RACE_COLUMNS.items()},
            "hispanicOrLatinoEthnicity": _said(people.hispanic[who]),
        },
    )


def _said(values: Bools) -> Text:
    return np.where(values, "true", "false")

"""Riverbend as `demo` makes it, once for all tests that look at it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.demo.truth import Truth
from tests.town import Fresh, Town
from throughway.demo.town import Town as Lives
from throughway.demo.town import live

HAS_A_SEAT = ("accepted", "tried_once", "tried_twice", "not_reached", "started")
PLACED = f"""
import json
from collections import Counter
from throughway.casework.referrals.models import Referral
from throughway.supports.models import DirectoryEntry
names = dict(DirectoryEntry.objects.values_list("id", "name"))
print(json.dumps(Counter(names[each.support] for each in Referral.objects.filter(state__in={HAS_A_SEAT}))))
"""


@dataclass(frozen=True)
class Riverbend:
    """`town` works the community's commands; `document` is what `demo` answered, with the sign-ins."""

    town: Town
    document: dict[str, Any]

    @property
    def folder(self) -> Path:
        return self.town.root

    def who(self, role: str) -> str:
        """The address of the first who signs in with that role."""
        return next(s["email"] for s in self.document["sign_ins"] if s["role"] == role)


@pytest.fixture(scope="session")
def riverbend(tmp_path_factory: pytest.TempPathFactory, own_database: Fresh) -> Iterator[Riverbend]:
    with own_database() as database:
        town = Town(tmp_path_factory.mktemp("demo") / "riverbend", database)
        yield Riverbend(town, town.ask("demo", town.root, "--students", 300, "--seed", 5, "--no-serve"))


@pytest.fixture(scope="session")
def truth(riverbend: Riverbend) -> Truth:
    return Truth(riverbend.folder)


@pytest.fixture(scope="session")
def placed(riverbend: Riverbend) -> dict[str, int]:
    """By the name of a program: the students whom it gave a seat on the site, after it had sent its list."""
    found: dict[str, int] = json.loads(riverbend.town.said(PLACED))
    return found


def seats_free(row: Mapping[str, str], placed: Mapping[str, int]) -> int:
    """The free seats of a row of a partner's list of programs, less those given since. Where none was free, each is one that
    another student gave up."""
    return max(int(row["Open Places"]) - placed.get(row["Program Name"], 0), 0)


def summer_is_over(folder: Path) -> bool:
    """Whether the season of Summer Bridge has ended, by its partner's own directory."""
    [service] = json.loads((folder / "feeds" / "next-step" / "directory.json").read_text(encoding="utf-8"))[
        "contents"
    ]
    return max(str(each["valid_to"]) for each in service["schedules"]) < date.today().isoformat()


@pytest.fixture(scope="session")
def help_counted(riverbend: Riverbend) -> dict[str, Any]:
    """What the reports on needs and overlaps count, before it is protected."""
    found: dict[str, Any] = riverbend.town.module("tests.demo.counting_help", riverbend.who("data_steward"))
    return found


@pytest.fixture(scope="session")
def reach_counted(riverbend: Riverbend) -> dict[str, Any]:
    """What a report of reach counts, before it is protected, and what protection shows of it."""
    found: dict[str, Any] = riverbend.town.module("tests.demo.counting_reach", riverbend.who("data_steward"))
    return found


@pytest.fixture(scope="session")
def lives() -> Lives:
    """The lives alone, of many students where chances are looked at, since lives cost little."""
    return live(20_000, 7, date(2026, 11, 25))

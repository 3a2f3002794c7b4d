"""Each way in which a small run takes in more than the records that came is walked by a batch made for it."""

from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pyarrow as pa
import pytest

from tests.identity import fictional_community
from tests.identity.fictional_community import BOYS, GIRLS, HEADS, TAILS
from tests.identity.incremental_community import Community, differ
from throughway.identity.incremental import incremental_decision
from throughway.identity.linkage.match_weights import HouseholdWeight
from throughway.identity.person_ids import LOWEST
from throughway.store.record_numbers import NOBODY

Row = dict[str, Any]
FIRST = 50_000  # numbers of the records that are made here
SURNAMES = [head + tail for head, tail in product(HEADS, TAILS)]


def among_others(rows: list[Row]) -> fictional_community.Community:
    """A town, and these records of it: with a street as columns of `person`."""
    made = fictional_community.community(260, seed=8)
    person, contact = (made.tables[name].to_pylist() for name in ("person", "person_contact"))
    for number, row in enumerate(rows, start=FIRST):
        street = row.pop("street")
        who = {"person_record": number, "partner": row["partner"]}
        person.append({"middle_name": None, "sex": None, **row, **who})
        contact.append({"address_street_number_and_name": street, "telephone_number": None, **who})
    made.tables |= {"person": pa.Table.from_pylist(person), "person_contact": pa.Table.from_pylist(contact)}
    return made


def households() -> list[Row]:
    """Two children at an address of a district and at one of the club, where one child's records are alike to any degree. The last
    quarter comes later: the other child's record of the club."""
    births = (date(2012, 3, 4), date(2012, 3, 14), date(2011, 3, 4), date(2010, 9, 20), None)
    rows: list[Row] = []
    later: list[Row] = []
    for at, (born, spelled, last) in enumerate(product(births, range(4), (True, False))):
        surname, girl, boy = (
            SURNAMES[at * 7 % len(SURNAMES)].title(),
            GIRLS[at % 40].title(),
            BOYS[at % 40].title(),
        )
        here, there = (
            {"partner": "north", "street": f"{at + 1000} Quarry Road"},
            {"partner": "club", "street": f"{at + 2000} Weir Lane"},
        )
        said = (girl, girl[:-1] + "x" + girl[-1], girl[:1] + girl[2:], girl[:3])[spelled]
        brother = {
            "first_name": boy,
            "last_or_surname": surname,
            "birthdate": date(2009, 5, 6),
            "sex": "Male",
        }
        rows.append(
            {**here, "first_name": girl, "last_or_surname": surname, "birthdate": births[0], "sex": "Female"}
        )
        rows.append(
            {
                **there,
                "first_name": said,
                "last_or_surname": surname if last else surname[:-2] + "s",
                "birthdate": born,
            }
        )
        rows.append({**here, **brother})
        later.append({**there, **brother})
    return rows + later


def namesakes() -> list[Row]:
    """Two of one name in two districts, who differ in this or that; and later a record of the club, of that name and little else."""
    rows: list[Row] = []
    later: list[Row] = []
    births = (date(2009, 11, 27), date(2012, 4, 3), date(2011, 3, 4), date(2012, 3, 5))
    for at, (born, middles, moved) in enumerate(
        product(births, ((None, None), ("Opal", "June"), ("O", "J")), (True, False))
    ):
        surname, girl = SURNAMES[at * 11 % len(SURNAMES)].title(), GIRLS[at % 40].title()
        named = {"first_name": girl, "last_or_surname": surname}
        home = f"{at + 3000} Quarry Road"
        rows.append(
            {
                **named,
                "partner": "north",
                "street": home,
                "birthdate": date(2012, 3, 4),
                "middle_name": middles[0],
                "sex": "Female",
            }
        )
        rows.append(
            {
                **named,
                "partner": "south",
                "street": f"{at + 4000} Weir Lane",
                "birthdate": born,
                "middle_name": middles[1],
                "sex": "Male",
            }
        )
        later.append({**named, "partner": "club", "street": None if moved else home, "birthdate": None})
    return rows + later


def ended(rows: list[Row], late: int) -> int:
    """How many records stand with others than by a run over all with the same weights when the last of the rows came by a small run,
    to a community in which families go together."""
    many = len(rows)
    made = among_others(rows)
    coming = set(range(FIRST + many - late, FIRST + many))
    town = Community(
        made.tables, {n for n in made.tables["person"]["person_record"].to_pylist() if n not in coming}
    )
    town.whole()
    together = replace(town.state.weights, homes=[HouseholdWeight(one=(1.0, -0.5), two=(4.0, -0.5))] * 2)
    town.state = replace(town.state, weights=together)
    town.links = {record: LOWEST + min(held) for record, held in town.with_the_same_weights().items()}
    town.given_out = sorted(set(town.links.values()))
    town.run(sorted(coming))
    return differ(town.persons, town.with_the_same_weights())


def test_incremental_run_reconsiders_housemates() -> None:
    assert ended(households(), len(households()) // 4) == 0


def test_incremental_run_counts_forgotten_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    late = len(namesakes()) // 3
    assert ended(namesakes(), late) == 0
    monkeypatch.setattr(incremental_decision, "forgotten_pairs", lambda *_: (NOBODY, NOBODY))
    assert ended(namesakes(), late) > 10  # the faint pairs matter: without them many stand otherwise

"""Riverbend Family Services: clients, services, referrals. One file holds what hand-kept lists hold: days that are none,
services of nobody, and a column of notes that nobody asked for."""

from pathlib import Path

import numpy as np

from throughway.demo.column_files import blank, days, named, numbered, place, replaced, texts, write_csv
from throughway.demo.partners import FAMILIES
from throughway.demo.programs import COUNSELING, FOOD, HOUSING
from throughway.demo.roster import Roster
from throughway.demo.town import Town

SERVICES = {FOOD: "Food box", HOUSING: "Rent and utilities", COUNSELING: "Family counseling"}
UNITS = ["boxes", "$", "visits"]
NOTES = [None, None, None, "left voicemail", "brought form", "came late"]
NO_DAYS = ["2/30/{year}", "13/5/{year}", "tomorrow"]  # written in place of a day, once each
NOBODY = 2  # services whose client is not named
# The agency's own offices, to which schools refer.
AGENCIES = {
    "PANTRY": "Family Services Food Pantry",
    "HOUSING": "Family Services Housing Desk",
    "COUNSEL": "Family Services Counseling",
}
DISTRICTS = ["Riverbend Schools", "Lakeside Schools"]
ASKED = ["Food", "Housing", "Counseling"]  # the first of NEEDS, in the agency's words
STATUSES = {"sent": "Sent", "accepted": "Accepted", "declined": "Declined", "done": "Closed"}
OUTCOMES = {
    "": None,
    "Enrolled": "Enrolled",
    "WaitingList": "Waiting list",
    "NotEligible": "Not eligible",
    "ParentDeclined": "Family declined",
    "Unreachable": "Could not reach",
    "Other": "Language not offered",
}


def family_services(folder: Path, town: Town, rng: np.random.Generator) -> None:
    roster, written, people = town.rosters[FAMILIES], town.rosters[FAMILIES].written, town.people
    middle = blank(people.middle[roster.student], rng.random(len(roster.student)) < 0.3)
    folder = folder / FAMILIES
    write_csv(
        folder / "clients.csv",
        {
            "ClientID": roster.key,
            "LastName": written.last,
            "FirstName": written.first,
            "MI": middle,
            "DOB": written.birthdate,
            "Address1": written.street,
            "City": np.where(people.district[roster.student] == 0, "Riverbend", "Lakeside"),
            "Zip": written.zip_code,
            "Phone": written.phone,
        },
        encoding="utf-8-sig",
    )
    offices = {"AgencyCode": np.array([*AGENCIES]), "AgencyName": np.array([*AGENCIES.values()])}
    write_csv(folder / "agencies.csv", offices)
    _services(folder, town, roster, rng)
    _referrals(folder, town, roster)


def _services(folder: Path, town: Town, roster: Roster, rng: np.random.Generator) -> None:
    stays = town.participation.of(*SERVICES)
    stay = np.repeat(np.arange(len(stays.student)), np.maximum(stays.sessions, 1))
    first = stays.start[stay]
    last = np.minimum(np.where(np.isnat(stays.end), town.known, stays.end), town.known)[stay]
    day = first + (rng.random(len(stay)) * ((last - first).astype(int) + 1)).astype(int)
    order = np.argsort(day, kind="stable")
    stay, day = stay[order], day[order]
    kind = place(stays.program[stay], [*SERVICES])
    quantity = np.choose(
        kind, [rng.integers(1, 4, len(day)), 25 * rng.integers(4, 30, len(day)), np.ones(len(day), int)]
    )
    client = texts(roster.keys_of(stays.student)[stay])
    written_days = days(day)
    faulty = rng.choice(len(day), min(len(NO_DAYS) + NOBODY, len(day)), replace=False)
    for row, form in zip(faulty, NO_DAYS, strict=False):
        written_days = replaced(written_days, row, form.format(year=str(day[row])[:4]))
    for row in faulty[len(NO_DAYS) :]:
        client = replaced(client, row, None)
    write_csv(
        folder / "services.csv",
        {
            "ServiceID": numbered("SV", len(day)),
            "ClientID": client,
            "DateProvided": written_days,
            "ServiceType": named([*SERVICES.values()], kind),
            "Quantity": quantity,
            "Unit": named(UNITS, kind),
            "Worker": named(["AB", "KM", "RT", "LO"], stay % 4),
            "Case Notes": named(NOTES, rng.integers(0, len(NOTES), len(day))),
        },
    )


def _referrals(folder: Path, town: Town, roster: Roster) -> None:
    needs = town.needs
    needs = needs.where(~np.isnat(needs.referred_on) & np.isin(needs.program, [*SERVICES]))
    needs = needs.where(np.argsort(needs.referred_on, kind="stable"))
    write_csv(
        folder / "referrals.csv",
        {
            "ReferralID": numbered("RF", len(needs.student)),
            "ClientID": roster.keys_of(needs.student),
            "Need": named(ASKED, needs.need),
            "ReferredBy": named(DISTRICTS, needs.found_by),
            "ReferredOn": days(needs.referred_on),
            "ReferredTo": named([*AGENCIES], place(needs.program, [*SERVICES])),
            "Status": named([*STATUSES.values()], place(needs.status, [*STATUSES])),
            "Outcome": named([*OUTCOMES.values()], place(needs.outcome, [*OUTCOMES])),
            "ClosedOn": days(needs.closed_on),
        },
    )

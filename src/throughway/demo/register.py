"""Riverbend's register: partners, the people who act for them, and the courses that these completed."""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.demo.partners import LEADER, MANAGER, PARTNERS, PEOPLE, Say
from throughway.partners.actions import add_partner, add_user
from throughway.partners.actor import OPERATOR
from throughway.training.actions import record

COURSE = "ferpa-basics"
LAPSED = timedelta(days=430)  # longer ago than a course is held to be fresh
UNTRAINED = (LEADER,)  # signs and reads no record
PASSWORD_BYTES = 15  # drawn from fewer, one in some thousands is refused for being near its e-mail address


@dataclass(frozen=True)
class DemoSignIn:
    """`name` is the office, as people say it."""

    role: str
    email: str
    password: str
    name: str


def register() -> list[DemoSignIn]:
    """Fills the register; the passwords are drawn anew each time and kept nowhere but in the answer."""
    for partner in PARTNERS:
        add_partner(id=partner.id, name=partner.name, kind=partner.kind, legal=partner.legal, by=OPERATOR)
    names = {partner.id: partner.name for partner in PARTNERS}
    sign_ins = [
        DemoSignIn(p.role, p.email, secrets.token_urlsafe(PASSWORD_BYTES), f"{p.office}, {names[p.partner]}")
        for p in PEOPLE
    ]
    for person, sign_in in zip(PEOPLE, sign_ins, strict=True):
        add_user(
            email=sign_in.email,
            partner=person.partner,
            role=person.role,
            password=sign_in.password,
            by=OPERATOR,
        )
    return sign_ins


def train(today: date, say: Say) -> None:
    """Everyone who reads took the course; the program manager's has lapsed since."""
    trained = [person for person in PEOPLE if person.email not in UNTRAINED]
    for position, person in enumerate(trained):
        days = LAPSED if person.email == MANAGER else timedelta(days=20 + 11 * position)
        record(email=person.email, course=COURSE, on=today - days, by=OPERATOR)
    say(f"  {len(trained)} people completed {COURSE}; {MANAGER} too long ago")

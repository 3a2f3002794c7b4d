"""Riverbend's partners, and the people who sign in for them."""

from collections.abc import Callable
from dataclasses import dataclass

Say = Callable[[str], None]  # reports progress to the person who runs the demonstration

RIVERBEND, LAKESIDE, BRIGHT = "riverbend-schools", "lakeside-schools", "bright-futures"
PAGES, MENTORS, FAMILIES = "page-by-page", "long-walk-mentors", "family-services"
COLLEGE_ACCESS, COLLEGE, WAGES, BACKBONE = (
    "next-step",
    "falls-college",
    "state-workforce",
    "riverbend-backbone",
)


@dataclass(frozen=True)
class Organization:
    id: str
    name: str
    kind: str
    legal: tuple[str, ...] = ()  # statuses that the kind does not imply


@dataclass(frozen=True)
class DemoUser:
    """A user who signs in: the first part of the address, the partner, the role, and the office."""

    address: str
    partner: str
    role: str
    office: str
    until_summer: bool = False  # the account has a last day: the last of the school year

    @property
    def email(self) -> str:
        return email(self.address, self.partner)


def email(address: str, partner: str) -> str:
    return f"{address}@{partner}.example"


PARTNERS = (
    Organization(RIVERBEND, "Riverbend Schools", "lea"),
    Organization(LAKESIDE, "Lakeside Schools", "lea"),
    Organization(BRIGHT, "Bright Futures After School", "cbo"),
    Organization(PAGES, "Page by Page Tutoring", "cbo"),
    Organization(MENTORS, "Long Walk Mentors", "cbo"),
    Organization(FAMILIES, "Riverbend Family Services", "agency", ("child_welfare",)),
    Organization(COLLEGE_ACCESS, "Next Step College Access", "cbo"),
    Organization(COLLEGE, "Falls Community College", "college"),
    Organization(WAGES, "State Workforce Agency", "agency", ("workforce",)),
    Organization(BACKBONE, "Riverbend Forward", "backbone"),
)

# The four roles that a newcomer tries first come first.
PEOPLE = (
    DemoUser("caseworker", BRIGHT, "case_worker", "Case worker"),
    DemoUser("steward", BACKBONE, "data_steward", "Data steward"),
    DemoUser("privacy", RIVERBEND, "privacy_officer", "Privacy officer"),
    DemoUser("superintendent", RIVERBEND, "leader", "Superintendent"),
    DemoUser("counselor", RIVERBEND, "case_worker", "School counselor"),
    DemoUser("evaluator", BACKBONE, "evaluator", "Evaluator"),
    DemoUser("manager", BRIGHT, "program_manager", "Program manager"),
    DemoUser("superintendent", LAKESIDE, "leader", "Superintendent"),
    DemoUser("privacy", LAKESIDE, "privacy_officer", "Privacy officer"),
    *(
        DemoUser("director", partner, "leader", "Executive director")
        for partner in (BRIGHT, PAGES, MENTORS, FAMILIES, COLLEGE_ACCESS, COLLEGE, WAGES, BACKBONE)
    ),
    DemoUser("board", RIVERBEND, "leader", "President of the board"),
    DemoUser("records", BACKBONE, "data_steward", "Records analyst"),
    DemoUser("groups", BRIGHT, "case_worker", "Group leader, for the season", until_summer=True),
    DemoUser("principal", RIVERBEND, "program_manager", "Principal"),
    DemoUser("coordinator", PAGES, "program_manager", "Tutoring coordinator"),
    DemoUser("coordinator", MENTORS, "program_manager", "Mentoring coordinator"),
)

CASE_WORKER, STEWARD, OFFICER, LEADER, COUNSELOR, EVALUATOR, MANAGER = (p.email for p in PEOPLE[:7])

# Who acts for a partner: its superintendent or director, even if it also has a board.
LEADERS = {person.partner: person.email for person in reversed(PEOPLE) if person.role == "leader"}
REGISTRAR, PRESIDENT = email("privacy", LAKESIDE), email("board", RIVERBEND)
ANALYST, GROUP_LEADER = email("records", BACKBONE), email("groups", BRIGHT)
PRINCIPAL = email("principal", RIVERBEND)

# Users who may put an agreement into effect, in the order in which they are tried.
ACTIVATORS = (STEWARD, OFFICER, REGISTRAR)

"""Further disclosures: what an authority passes on of records that it received, and the deadline for a copy of its record.

A State or local educational authority that received records for an audit or evaluation (34 CFR 99.31(a)(3)) may redisclose them on the
discloser's behalf (99.33(b)). It records the recipients and their interests (99.32(b)(2)(i)), by student or by group ((ii)), and gives
the discloser a copy within 30 days of its request ((iii)).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from throughway.agreements.enums import Basis
from throughway.agreements.states import BEGUN
from throughway.agreements.status import AgreementStatus
from throughway.partners.csv_lists import CsvRow, lines_of

COLUMNS = ("discloser", "party", "interest", "basis", "on", "student", "group")
WITHIN = timedelta(days=30)
LONGEST = 300  # characters of a cell
RULE = "34 CFR 99.32(b)(2)"


@dataclass(frozen=True)
class RedisclosureLine:
    """One line of the file: about one student (the id that queries show), or about a group: a class, a school, a district."""

    line: CsvRow
    discloser: str
    party: str
    interest: str
    basis: str
    on: date
    student: int | None
    group: str


@dataclass(frozen=True)
class Request:
    """A discloser's request for a copy; `id` is that of its ledger entry. `answered`: the day, None while it is open."""

    id: str
    authority: str
    discloser: str
    on: date
    due: date
    for_parent: bool
    answered: date | None = None

    def overdue(self, today: date) -> bool:
        return self.answered is None and self.due < today


def read_further(path: Path, today: date) -> list[RedisclosureLine]:
    """The lines of a CSV with `COLUMNS`. Refused for the first line that is wrong."""
    return [_listed(line, today) for line in lines_of(path, COLUMNS)]


def _listed(line: CsvRow, today: date) -> RedisclosureLine:
    discloser = line.text("discloser", "partner whose records were passed on")
    party = line.text("party", "name or class of those who received them")
    interest = line.text("interest", "legitimate interest of those who received them")
    basis = line.text("basis", "right by which they received them")
    on, student, group = line.day("on"), line.cells["student"], line.cells["group"]
    if basis not in set(Basis):
        raise line.wrong(
            f"names an unknown legal basis (basis); write one of {', '.join(Basis)}", citations=[RULE]
        )
    if on is None:
        raise line.wrong("lacks the day on which they were passed on (on)")
    if on > today:
        raise line.wrong("has a day in the future (on)")
    if bool(student) == bool(group):
        raise line.wrong(
            "must name either a student or a group, not both", citations=["34 CFR 99.32(b)(2)(ii)"]
        )
    if student and not (student.isascii() and student.isdigit() and len(student) < 19):
        raise line.wrong("does not name the student by the id that queries show (student)")
    if max(map(len, (party, interest, group))) > LONGEST:
        raise line.wrong(f"has a cell of more than {LONGEST} characters")
    return RedisclosureLine(
        line, discloser, party, interest, basis, on, int(student) if student else None, group
    )


def authorities(standings: Iterable[AgreementStatus]) -> dict[tuple[str, str], list[str]]:
    """Each pair of authority and discloser with the agreements under which the authority received the discloser's records for an audit
    or evaluation; also agreements that have ended, since what was received may still be passed on."""
    found: dict[tuple[str, str], list[str]] = {}
    for standing in standings:
        document, began = standing.document, standing.activated and standing.state in BEGUN
        for entry in document.purposes if began else ():
            if entry.basis is not Basis.AUDIT_EVALUATION:
                continue
            for authority in document.recipients(entry):
                for discloser in set(document.disclosers(entry)) - {authority}:
                    agreements = found.setdefault((authority, discloser), [])
                    if document.id not in agreements:
                        agreements.append(document.id)
    return found

"""Each section of a draft in a few lines, as it stands: what is said, and what is not said yet."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from throughway.agreements.enums import Basis, Election, PartyRole, PurposeKind, Tier
from throughway.agreements.labels import (
    ENDING_WORDS,
    PURPOSES,
    RIGHTS,
    ROLE_WORDS,
    TIER_WORDS,
    day,
    listed,
    table_words,
)
from throughway.core.prose import counted
from throughway.negotiation.drafting.clauses import title
from throughway.negotiation.drafting.schedule_lines import tables_in_order
from throughway.negotiation.drafting.sections import DraftSection
from throughway.negotiation.drafting.student_condition import in_words

Names = Mapping[str, str]
Values = Mapping[str, Any]
NOT_YET = "not said yet"


def summary(values: Values, section: DraftSection, names: Names) -> list[str]:
    """Sentences; none where nothing is said."""
    match section:
        case DraftSection.NAME:
            return _name(values, names)
        case DraftSection.PARTIES:
            return [_party(party, names) for party in _rows(values, "parties")]
        case DraftSection.PURPOSES:
            return [_purpose(p, names) for p in _rows(values, "purposes")] + [
                f"Kept for all {_right(c)}." for c in _rows(values, "custody")
            ]
        case DraftSection.SCHEDULE:
            return _schedule(values)
        case DraftSection.STUDENTS:
            return _students(values)
        case DraftSection.TERMS:
            return _terms(values)
        case DraftSection.CLAUSES:
            written = [title(name) for name, text in (values.get("clauses") or {}).items() if text]
            return [f"{len(written)} clauses: {listed(w.lower() for w in written)}."] if written else []
        case DraftSection.SERVICES:
            return [_service(service, names) for service in _rows(values, "services")]
        case DraftSection.PROJECT:
            project = values.get("project") or {}
            return [f"{project['method']}"] if project.get("method") else []
    return []


def _rows(values: Values, name: str) -> Sequence[Values]:
    found = values.get(name) or ()
    found = [found] if isinstance(found, Mapping) else found
    return [row for row in found if isinstance(row, Mapping)]


def _name(values: Values, names: Names) -> list[str]:
    tier = values.get("tier")
    said = TIER_WORDS[Tier(tier)] if tier in set(Tier) else "agreement"
    under = values.get("under") or []
    under = [under] if isinstance(under, str) else under
    return [f"A {said}, called {values.get('id') or '…'}{', under ' + listed(under) if under else ''}."]


def _party(party: Values, names: Names) -> str:
    name = names.get(party.get("partner", ""), str(party.get("partner")))
    roles = [ROLE_WORDS[PartyRole(role)] for role in party.get("roles") or () if role in set(PartyRole)]
    signs = (party.get("signatory") or {}).get("title")
    return f"{name} {listed(roles) if roles else 'has no role yet'}; {f'its {signs} signs' if signs else 'who signs is ' + NOT_YET}."


def _purpose(purpose: Values, names: Names) -> str:
    interest = str(purpose.get("interest") or "Why is " + NOT_YET).rstrip(".")
    kind = purpose.get("kind")
    for_what = PURPOSES[PurposeKind(kind)] if kind in set(PurposeKind) else ""
    givers = listed(names.get(p, p) for p in purpose.get("from") or ()) or "everyone who gives records"
    takers = listed(names.get(p, p) for p in purpose.get("recipients") or ()) or "everyone who receives them"
    return f"{interest}: from {givers} to {takers}, {for_what}, {_right(purpose)}."


def _right(entry: Values) -> str:
    basis = entry.get("basis")
    return RIGHTS[Basis(basis)] if basis in set(Basis) else "by what right is " + NOT_YET


def _schedule(values: Values) -> list[str]:
    lines = _rows(values, "schedule")
    if not lines:
        return []
    what = listed(table_words(table) for table in tables_in_order(lines))
    return [f"{counted(len(lines), 'line')}: {what}."]


def _students(values: Values) -> list[str]:
    groups = [f"Students where {in_words(entry)}." for entry in _rows(values, "population")]
    records = values.get("records") or {}
    since, until = _day(records.get("from")), _day(records.get("to"))
    bounds = [*([f"since {since}"] if since else []), *([f"until {until}"] if until else [])]
    return [
        *(groups or ["All students of everyone who gives records."]),
        *([f"Facts {' and '.join(bounds)} alone."] if bounds else []),
    ]


def _terms(values: Values) -> list[str]:
    terms = values.get("terms") or {}
    destruction = terms.get("destruction") or {}
    election = destruction.get("election") or Election.DESTROY
    ending = ENDING_WORDS[Election(election)] if election in set(Election) else ENDING_WORDS[Election.DESTROY]
    within = destruction.get("within_days")
    first, last = _day(terms.get("effective")), _day(terms.get("expires"))
    return [
        f"From {first or NOT_YET} until {last or NOT_YET}.",
        f"Within {within} days after that, it is {ending}."
        if within is not None
        else f"What becomes of it then is {NOT_YET}.",
    ]


def _service(service: Values, names: Names) -> str:
    who = names.get(service.get("partner") or "", service.get("partner") or "Somebody, " + NOT_YET + ",")
    seats = f", {service['seats']} seats" if service.get("seats") is not None else ""
    return f"{who} provides {service.get('program') or 'a program, ' + NOT_YET}{seats}."


def _day(text: object) -> str:
    """30 June 2028; empty for what is no day."""
    try:
        return day(date.fromisoformat(str(text)))
    except ValueError:
        return ""

"""A draft in words: the whole of it, each section in a few lines, and what was done to it."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from throughway.agreements.agreement_text import (
    AgreementParagraph,
    AgreementSection,
    condition_words,
    sections,
)
from throughway.agreements.diff.change_text import Wording, sentence
from throughway.agreements.diff.compare import differences
from throughway.agreements.document_fields import field_at
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
from throughway.agreements.lenient_parse import readable_part
from throughway.core.prose import counted
from throughway.negotiation.drafting.draft import DraftAct, DraftHistoryEntry, DraftSection, entries
from throughway.negotiation.drafting.schedule import tables_in_order

BLANK = "______"
# The stand-ins of missing days in a partly readable text, in words.
NO_DAYS = (day(date(1, 1, 1)), day(date(9999, 12, 31)))
TEXTS = frozenset(
    {"title", "authority", "interest", "program", "method", "party", "function", "annual_notice_criteria"}
)


def draft_in_words(values: Mapping[str, Any], names: Mapping[str, str]) -> Sequence[AgreementSection]:
    """Its sections in order; none for values of which nothing can be read."""
    document = readable_part(_with_blanks(dict(values)))
    if document is None:
        return ()
    return [
        replace(section, paragraphs=tuple(map(_blanked, section.paragraphs)))
        for section in sections(document, names)
    ]


def _with_blanks(value: Any) -> Any:
    """A line to write on in place of a text that is missing."""
    if isinstance(value, Mapping):
        return {key: BLANK if v is None and key in TEXTS else _with_blanks(v) for key, v in value.items()}
    return [_with_blanks(item) for item in value] if isinstance(value, list) else deepcopy(value)


def _blanked(paragraph: AgreementParagraph) -> AgreementParagraph:
    return replace(
        paragraph,
        text=_text(paragraph.text),
        items=tuple(map(_text, paragraph.items)),
        facts=tuple((name, _text(value)) for name, value in paragraph.facts),
    )


def _text(text: str) -> str:
    for stand_in in (*NO_DAYS, "unnamed"):
        text = text.replace(stand_in, BLANK)
    return text


Names = Mapping[str, str]
Values = Mapping[str, Any]
NOT_YET = "not said yet"


def summary(values: Values, section: DraftSection, names: Names) -> list[str]:
    """Sentences; none for an empty section."""
    match section:
        case DraftSection.NAME:
            return _name(values, names)
        case DraftSection.PARTIES:
            return [_party(party, names) for party in entries(values, "parties")]
        case DraftSection.PURPOSES:
            return [_purpose(p, names) for p in entries(values, "purposes")] + [
                f"Kept for all {_right(c)}." for c in entries(values, "custody")
            ]
        case DraftSection.SCHEDULE:
            return _schedule(values)
        case DraftSection.STUDENTS:
            return _students(values)
        case DraftSection.TERMS:
            return _terms(values)
        case DraftSection.CLAUSES:
            written = [
                field_at(("clauses", name)).label
                for name, text in (values.get("clauses") or {}).items()
                if text
            ]
            return [f"{len(written)} clauses: {listed(w.lower() for w in written)}."] if written else []
        case DraftSection.SERVICES:
            return [_service(service, names) for service in entries(values, "services")]
        case DraftSection.PROJECT:
            project = values.get("project") or {}
            return [f"{project['method']}"] if project.get("method") else []
    return []


def _name(values: Values, names: Names) -> list[str]:
    tier = values.get("tier")
    kind = TIER_WORDS[Tier(tier)] if tier in set(Tier) else "agreement"
    under = values.get("under") or []
    under = [under] if isinstance(under, str) else under
    return [f"A {kind}, called {values.get('id') or '…'}{', under ' + listed(under) if under else ''}."]


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
    lines = entries(values, "schedule")
    if not lines:
        return []
    what = listed(table_words(table) for table in tables_in_order(lines))
    return [f"{counted(len(lines), 'line')}: {what}."]


def _students(values: Values) -> list[str]:
    groups = [f"Students where {student_words(entry)}." for entry in entries(values, "population")]
    records = values.get("records") or {}
    since, until = _day(records.get("from")), _day(records.get("to"))
    bounds = [*([f"since {since}"] if since else []), *([f"until {until}"] if until else [])]
    return [
        *(groups or ["All students of everyone who gives records."]),
        *([f"Facts {' and '.join(bounds)} alone."] if bounds else []),
    ]


def student_words(entry: Values) -> str:
    """The condition of one entry of the population in words; a part that has no words stays as it is written."""
    return " and ".join(condition_words(part) for part in str(entry.get("where") or "").split(" AND "))


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


DEEDS: Mapping[DraftAct, str] = {
    DraftAct.BEGUN: "Begun",
    DraftAct.CHANGED: "Changed",
    DraftAct.SHARED: "Shared with its parties",
    DraftAct.UNSHARED: "Shared no longer",
    DraftAct.FINISHED: "Finished: it is one of the community’s agreements",
    DraftAct.DISCARDED: "Set aside",
}
MOST = 12  # sentences about one deed


@dataclass(frozen=True)
class DraftEventSentence:
    when: str
    what: str
    by: str
    sentences: tuple[str, ...]


def draft_event_sentence(done: DraftHistoryEntry, names: Mapping[str, str]) -> DraftEventSentence:
    """One deed, with what it changed."""
    what = DEEDS[done.deed] + (f": {done.section.heading.lower()}" if done.section else "")
    return DraftEventSentence(
        when=f"{done.at.day} {done.at:%B %Y, %H:%M}",
        what=what,
        by=done.by,
        sentences=changed(done.before, done.after, names) if done.deed is DraftAct.CHANGED else (),
    )


def changed(before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for each difference. A draft may hold anything: values that cannot be compared are “Worded anew.”"""
    try:
        was, now = Wording(dict(before), names), Wording(dict(after), names)
        found = [sentence(each, was, now) for each in differences(dict(before), dict(after))]
    except (KeyError, TypeError, ValueError, AttributeError, LookupError):
        found = ["Worded anew."]
    if len(found) > MOST:
        found = [*found[: MOST - 1], f"And {len(found) - MOST + 1} more changes."]
    return tuple(found)

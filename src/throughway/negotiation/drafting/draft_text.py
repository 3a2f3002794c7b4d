"""A draft in words: the whole draft, each section in a few lines, and the changes made to it."""

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
from throughway.agreements.enums import Basis, PurposeKind, Tier
from throughway.agreements.labels import (
    PURPOSES,
    RIGHTS,
    TIER_WORDS,
    day,
    listed,
    table_words,
)
from throughway.agreements.lenient_parse import readable_part
from throughway.agreements.unenforced_fields import LEGEND, MARK
from throughway.core.prose import counted
from throughway.negotiation.drafting.draft import (
    DraftAct,
    DraftHistoryEntry,
    DraftSection,
    Values,
    entries,
)
from throughway.negotiation.drafting.schedule import tables_in_order

BLANK = "______"
MOST = 12  # sentences about one act
# Words for the placeholders of missing parts in a partly readable text.
STAND_INS: Mapping[str, str] = {
    day(date(1, 1, 1)): BLANK,
    day(date(9999, 12, 31)): BLANK,
    "unnamed": BLANK,
}
TEXTS = frozenset(
    {"title", "authority", "interest", "program", "method", "party", "function", "annual_notice_criteria"}
)
# The sections of a draft that its page shows in the words of the agreement's own text, by the ids of that text's sections.
IN_THE_TEXT: Mapping[DraftSection, str] = {
    DraftSection.PARTIES: "parties",
    DraftSection.STUDENTS: "scope",
    DraftSection.TERMS: "end",
    DraftSection.SERVICES: "services",
}
Names = Mapping[str, str]


def draft_in_words(values: Values, names: Names) -> Sequence[AgreementSection]:
    """Its sections in order, with a blank for each unanswered question; empty when nothing can be read."""
    document = readable_part(_with_blanks(dict(values)))
    if document is None:
        return ()
    terms = values.get("terms") or {}
    blanks = dict(STAND_INS)
    if (terms.get("destruction") or {}).get("within_days") is None:
        blanks["within 1 day"] = f"within {BLANK} days"
    if terms.get("minimum_cell") is None:
        blanks["fewer than 10 persons"] = f"fewer than {BLANK} persons"
    return [
        replace(section, paragraphs=tuple(_blanked(paragraph, blanks) for paragraph in section.paragraphs))
        for section in sections(document, names)
    ]


def _with_blanks(value: Any) -> Any:
    """A line to write on in place of a text that is missing."""
    if isinstance(value, Mapping):
        return {key: BLANK if v is None and key in TEXTS else _with_blanks(v) for key, v in value.items()}
    return [_with_blanks(item) for item in value] if isinstance(value, list) else deepcopy(value)


def _blanked(paragraph: AgreementParagraph, blanks: Mapping[str, str]) -> AgreementParagraph:
    def blank(text: str) -> str:
        for stand_in, line in blanks.items():
            text = text.replace(stand_in, line)
        return text

    return replace(
        paragraph,
        text=blank(paragraph.text),
        items=tuple(map(blank, paragraph.items)),
        facts=tuple((name, blank(value)) for name, value in paragraph.facts),
    )


def summary(
    values: Values, section: DraftSection, names: Names, text: Sequence[AgreementSection]
) -> list[str]:
    """A section in a few sentences; none for an empty one. `text`: the draft in words."""
    match section:
        case DraftSection.NAME:
            return [_name(values)]
        case DraftSection.PURPOSES:
            return [purpose_line(purpose, names) for purpose in entries(values, "purposes")] + [
                custody_line(entry) for entry in entries(values, "custody")
            ]
        case DraftSection.SCHEDULE:
            return _schedule(values)
        case DraftSection.CLAUSES:
            clauses = values.get("clauses") or {}
            written = [field_at(("clauses", name)).label.lower() for name, words in clauses.items() if words]
            return [f"{len(written)} clauses: {listed(written)}."] if written else []
        case DraftSection.PROJECT:
            project = values.get("project") or {}
            return [f"{project['method']}"] if project.get("method") else []
    paragraphs = [p for found in text if found.id == IN_THE_TEXT[section] for p in found.paragraphs]
    lines = [line for p in paragraphs for line in (*([p.text] if p.text != LEGEND else []), *p.items)]
    return [line.replace(f" {MARK}", "") for line in lines if line]


def _name(values: Values) -> str:
    tier = values.get("tier")
    kind = TIER_WORDS[Tier(tier)] if tier in set(Tier) else "agreement"
    under = values.get("under") or []
    under = [under] if isinstance(under, str) else under
    return f"A {kind}, called {values.get('id') or '…'}{', under ' + listed(under) if under else ''}."


def purpose_line(purpose: Values, names: Names) -> str:
    """One purpose in a sentence: why, from whom to whom, and on which basis."""
    interest = str(purpose.get("interest") or "No reason is given yet").rstrip(".")
    kind = purpose.get("kind")
    for_what = PURPOSES[PurposeKind(kind)] if kind in set(PurposeKind) else ""
    givers = listed(names.get(p, p) for p in purpose.get("from") or ()) or "everyone who gives records"
    takers = listed(names.get(p, p) for p in purpose.get("recipients") or ()) or "everyone who receives them"
    return f"{interest}: from {givers} to {takers}, {for_what}, {_right(purpose)}."


def custody_line(entry: Values) -> str:
    return f"Kept for all {_right(entry)}."


def _right(entry: Values) -> str:
    basis = entry.get("basis")
    return RIGHTS[Basis(basis)] if basis in set(Basis) else "by a right not chosen yet"


def _schedule(values: Values) -> list[str]:
    lines = entries(values, "schedule")
    if not lines:
        return []
    what = listed(table_words(table) for table in tables_in_order(lines))
    return [f"{counted(len(lines), 'line')}: {what}."]


def student_words(entry: Values) -> str:
    """The condition of one entry of the population in words; a part without words stays as written."""
    return " and ".join(condition_words(part) for part in str(entry.get("where") or "").split(" AND "))


ACT_WORDS: Mapping[DraftAct, str] = {
    DraftAct.BEGUN: "Begun",
    DraftAct.CHANGED: "Changed",
    DraftAct.SHARED: "Shared with its parties",
    DraftAct.UNSHARED: "Shared no longer",
    DraftAct.FINISHED: "Finished: it is one of the community’s agreements",
    DraftAct.DISCARDED: "Set aside",
}


@dataclass(frozen=True)
class DraftEventLine:
    when: str
    what: str
    by: str
    sentences: tuple[str, ...]


def draft_event_line(done: DraftHistoryEntry, names: Mapping[str, str]) -> DraftEventLine:
    """One act, with its changes."""
    what = ACT_WORDS[done.act] + (f": {done.section.heading.lower()}" if done.section else "")
    return DraftEventLine(
        when=f"{done.at.day} {done.at:%B %Y, %H:%M}",
        what=what,
        by=done.by,
        sentences=changed(done.before, done.after, names) if done.act is DraftAct.CHANGED else (),
    )


def changed(before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for each difference. A draft may contain anything: values that cannot be compared are “Reworded.”"""
    try:
        was, now = Wording(dict(before), names), Wording(dict(after), names)
        found = [sentence(each, was, now) for each in differences(dict(before), dict(after))]
    except (KeyError, TypeError, ValueError, AttributeError, LookupError):
        found = ["Reworded."]
    if len(found) > MOST:
        found = [*found[: MOST - 1], f"And {len(found) - MOST + 1} more changes."]
    return tuple(found)

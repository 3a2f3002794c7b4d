"""The statement of how one partner's data were used, computed from the ledger entries of a period.

It counts entries, never students: an entry's number of students could reveal one student. Readers are named by role and partner.
"""

import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from throughway.agreements.document import OWN_RECORDS
from throughway.core.prose import listed
from throughway.core.spreadsheet import safe
from throughway.ledger.entry_presenter import purpose_text, reader_text, right_words, tables_text

Versions = tuple[tuple[str, str], ...]  # [[agreement, version], ...] as an entry names them


PARTS: Mapping[str, str] = {
    "readings": "read by others",
    "exempt": "read by others, exempt",
    "own": "read back by its own people",
    "refused": "refused",
    "passed_on": "passed on",
}


@dataclass(frozen=True)
class EntryGroup:
    """`times` ledger entries on these days (UTC) that are alike in all of these fields."""

    outcome: str
    partner: str  # of the reader; empty for the operator and for strangers
    role: str
    purpose: str
    interest: str
    basis: str
    agreements: Versions
    elements: tuple[str, ...]
    exempt: str
    recipients: tuple[str, ...]
    times: int
    first: date
    last: date


class Key(NamedTuple):
    """Uses with equal keys are one line of the statement."""

    partner: str
    role: str
    purpose: str
    interest: str
    agreements: tuple[str, ...]
    exempt: str


@dataclass(frozen=True)
class DataUse:
    """How many disclosures of one kind, or refused requests. `elements`: all that any of them named."""

    key: Key
    times: int
    first: date
    last: date
    elements: tuple[str, ...]
    basis: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True)
class UsageStatement:
    """Uses of one partner's data from the first day to the last (UTC).

    `readings`: disclosures to others that 34 CFR 99.32 requires to be recorded; `exempt`: those that 99.32(d) or the law of the
    records would not require; `own`: its own people reading what it gave; `refused`: requests that got nothing; `passed_on`: further
    disclosures; `releases`: publications for which its records were read; `lookups`: how often somebody asked who had seen one of its
    records.
    """

    partner: str
    first: date
    last: date
    readings: tuple[DataUse, ...]
    exempt: tuple[DataUse, ...]
    own: tuple[DataUse, ...]
    refused: tuple[DataUse, ...]
    passed_on: tuple[DataUse, ...]
    releases: int
    lookups: int

    @property
    def parts(self) -> Mapping[str, tuple[DataUse, ...]]:
        return {part: getattr(self, part) for part in PARTS}

    @property
    def to_others(self) -> int:
        """How often others read its records, including exempt readings."""
        return times(self.readings) + times(self.exempt)

    @property
    def readers(self) -> int:
        """How many partners read them."""
        return len({use.key.partner for use in (*self.readings, *self.exempt)} - {""})

    @property
    def by_operator(self) -> bool:
        """Whether some were by the operator, who acts for no partner (for example, matching records)."""
        return any(not use.key.partner for use in (*self.readings, *self.exempt))

    @property
    def agreements(self) -> tuple[str, ...]:
        """The agreements under which others read."""
        found = {a for use in (*self.readings, *self.exempt) for a in use.key.agreements}
        return tuple(sorted(found))


def times(uses: Iterable[DataUse]) -> int:
    return sum(use.times for use in uses)


Given = Callable[[str, str], Collection[str] | None]


def statement(
    groups: Sequence[EntryGroup], *, partner: str, first: date, last: date, given: Given, releases: int
) -> UsageStatement:
    """The statement from the groups of the partner's entries.

    `given(agreement, version)`: the elements that the partner gives under that text; None where the text is not known, and then
    everything that the entry names is listed. For an entry over records of several partners, the elements are those of all of them.
    """

    parts: dict[str, list[EntryGroup]] = {part: [] for part in PARTS}
    for group in groups:
        part = group.outcome
        if part == "released":
            part = "own" if group.partner == partner else "exempt" if group.exempt else "readings"
        if part in parts:
            parts[part].append(group)
    lookups = sum(group.times for group in groups if group.outcome == "looked")
    merged = {part: _merged(of_part, given) for part, of_part in parts.items()}
    return UsageStatement(partner, first, last, **merged, releases=releases, lookups=lookups)


def _merged(groups: Iterable[EntryGroup], given: Given) -> tuple[DataUse, ...]:
    """Merges uses that differ only by elements; the most frequent first."""
    found: dict[Key, list[EntryGroup]] = {}
    for group in groups:
        key = Key(
            group.partner, group.role, group.purpose, group.interest, _under(group, given), group.exempt
        )
        found.setdefault(key, []).append(group)
    merged = [_use(key, alike, given) for key, alike in found.items()]
    return tuple(sorted(merged, key=lambda use: (-use.times, use.key)))


def _use(key: Key, alike: Sequence[EntryGroup], given: Given) -> DataUse:
    elements = {path for group in alike for path in _of_partner(group, given)}
    return DataUse(
        key=key,
        times=sum(group.times for group in alike),
        first=min(group.first for group in alike),
        last=max(group.last for group in alike),
        elements=tuple(sorted(elements)),
        basis=tuple(sorted({b for group in alike for b in group.basis.split("; ") if b})),
        recipients=tuple(sorted({r for group in alike for r in group.recipients})),
    )


def _under(group: EntryGroup, given: Given) -> tuple[str, ...]:
    """The entry's agreements under which the partner gives; all of them where none is known to be its own."""
    named = sorted({id for id, _ in group.agreements})
    foreign = {
        id for id, version in group.agreements if (text := given(id, version)) is not None and not text
    }
    return tuple(id for id in named if id not in foreign) or tuple(named)


def _of_partner(group: EntryGroup, given: Given) -> Collection[str]:
    """The elements in the entries, without those that only other partners can have given."""
    texts = [given(id, version) for id, version in group.agreements if id != OWN_RECORDS]
    if not texts:
        return group.elements
    known: set[str] = set()
    for text in texts:
        if text is None:
            return group.elements
        known.update(text)
    return [path for path in group.elements if path in known]


COLUMNS = ("part", "agreement", "purpose", "purpose id", "read by", "times", "first day", "last day", "what was read",
           "by what right", "why it need not be recorded")  # fmt: skip


@dataclass(frozen=True)
class UsageLine:
    """One line of the statement, in words."""

    use: DataUse
    who: str
    purpose: str
    agreements: tuple[tuple[str, str], ...]  # id, title
    tables: tuple[tuple[str, str], ...]
    rights: str
    recipients: str

    @property
    def purposes(self) -> list[str]:
        """One by one: a reading that matches records serves many purposes at once."""
        return self.purpose.split("; ")


@dataclass(frozen=True)
class UsageLabels:
    """Names for the ids of the statement: partners by name, agreements by title, purposes by interest."""

    names: Mapping[str, str]
    titles: Mapping[str, str]
    interests: Mapping[str, str]


def usage_line(use: DataUse, words: UsageLabels) -> UsageLine:
    key = use.key
    return UsageLine(
        use=use,
        who=reader_text(key.role, words.names.get(key.partner, key.partner)),
        purpose=purpose_text(key.purpose, key.interest, words.interests),
        agreements=tuple((id, words.titles.get(id, id)) for id in key.agreements),
        tables=tuple(tables_text(use.elements)),
        rights="; ".join(found for each in use.basis if (found := right_words(each))),
        recipients=listed(words.names.get(r, r) for r in use.recipients),
    )


def csv_text(found: UsageStatement, words: UsageLabels) -> str:
    """The statement as CSV, a line for each use; releases and look-ups are at the end."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for part, title in PARTS.items():
        for use in found.parts[part]:
            writer.writerow([safe(cell) for cell in (title, *_cells(usage_line(use, words)))])
    days = (found.first.isoformat(), found.last.isoformat())
    for title, number in (("releases published", found.releases), ("asked who saw a record", found.lookups)):
        writer.writerow([title, "", "", "", "", number, *days, "", "", ""])
    return file.getvalue()


def _cells(line: UsageLine) -> Iterator[str]:
    use = line.use
    yield "; ".join(title for _, title in line.agreements)
    yield line.purpose
    yield use.key.purpose
    yield line.who
    yield str(use.times)
    yield use.first.isoformat()
    yield use.last.isoformat()
    yield "; ".join(f"{table}: {columns}" if columns else table for table, columns in line.tables)
    yield line.rights
    yield use.key.exempt


def to_json(found: UsageStatement) -> dict[str, object]:
    return {
        "partner": found.partner,
        "from": found.first,
        "to": found.last,
        **{part: [_use_json(use) for use in uses] for part, uses in found.parts.items()},
        "releases": found.releases,
        "lookups": found.lookups,
    }


def _use_json(use: DataUse) -> dict[str, object]:
    own = {name: getattr(use, name) for name in ("times", "first", "last", "elements", "basis", "recipients")}
    return {**use.key._asdict(), **own}

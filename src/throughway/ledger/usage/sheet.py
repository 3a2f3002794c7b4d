"""The statement in words: for a page, and as a sheet for a spreadsheet."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from throughway.core.prose import counted, listed
from throughway.core.spreadsheet import safe
from throughway.ledger.entry_presenter import KNOWN_PURPOSES, right_words, role_words
from throughway.ledger.usage.statement import DataUse, Key, UsageStatement, by_table
from throughway.vocabulary.labels import element_words, table_words

COLUMNS = ("part", "agreement", "purpose", "purpose id", "read by", "times", "first day", "last day", "what was read",
           "by what right", "why it need not be recorded")  # fmt: skip
PARTS: Mapping[str, str] = {
    "readings": "read by others",
    "exempt": "read by others, exempt",
    "own": "read back by its own people",
    "refused": "refused",
    "passed_on": "passed on",
}


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
        """One by one: a reading that matches records serves many at once."""
        return self.purpose.split("; ")

    @property
    def times(self) -> str:
        return counted(self.use.times, "time")


@dataclass(frozen=True)
class UsageLabels:
    """What the statement's ids are called: partners by name, agreements by title, purposes by their interest."""

    names: Mapping[str, str]
    titles: Mapping[str, str]
    interests: Mapping[str, str]


def usage_line(use: DataUse, words: UsageLabels) -> UsageLine:
    key = use.key
    partner = words.names.get(key.partner, key.partner)
    role = role_words(key.role)
    tables = [
        (table_words(table), listed(element_words(column) for column in columns))
        for table, columns in sorted(by_table(use.elements).items())
    ]
    return UsageLine(
        use=use,
        who=f"{role}, {partner}" if partner else role,
        purpose=_purpose(key, words),
        agreements=tuple((id, words.titles.get(id, id)) for id in key.agreements),
        tables=tuple(tables),
        rights="; ".join(found for each in use.basis if (found := right_words(each))),
        recipients=listed(words.names.get(r, r) for r in use.recipients),
    )


def _purpose(key: Key, words: UsageLabels) -> str:
    said = key.interest or words.interests.get(key.purpose, "") or KNOWN_PURPOSES.get(key.purpose, "")
    return said or f"A purpose that no agreement knows ({key.purpose[:60]})"


def csv_text(found: UsageStatement, words: UsageLabels) -> str:
    """The statement as one sheet, a line for each use; the numbers that are no use of a kind stand below."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for part, title in PARTS.items():
        for use in uses_of(found, part):
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
        **{part: [_use(use) for use in uses_of(found, part)] for part in PARTS},
        "releases": found.releases,
        "lookups": found.lookups,
    }


def uses_of(found: UsageStatement, part: str) -> Sequence[DataUse]:
    uses: Sequence[DataUse] = getattr(found, part)
    return uses


def _use(use: DataUse) -> dict[str, object]:
    return {
        "agreements": list(use.key.agreements),
        "purpose": use.key.purpose,
        "interest": use.key.interest,
        "partner": use.key.partner,
        "role": use.key.role,
        "times": use.times,
        "first": use.first,
        "last": use.last,
        "elements": list(use.elements),
        "basis": list(use.basis),
        "exempt": use.key.exempt,
        "recipients": list(use.recipients),
    }

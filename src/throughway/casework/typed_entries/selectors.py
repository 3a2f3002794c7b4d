"""The rows of typed tables, for the gate alone (`store.typed_rows`), and for the room that destroys."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import BinaryField, BooleanField, Count, F, Func, Max, QuerySet, TextField, Value
from django.db.models.functions import Cast

from throughway.casework.typed_entries.models import TextKey, TypedRow
from throughway.core.personal_data import Gone, Subject, WaitingReason, keeps_typed
from throughway.core.prose import counted, listed
from throughway.partners.actor import OFFICERS
from throughway.store.sealed_text import TextSealer
from throughway.store.typed_rows import Rows, RowsTogether, register

AT_ONCE = 500  # record numbers in one statement


@dataclass(frozen=True)
class EntryTable:
    """A typed table (`store.typed_rows.TypedTable`) over a model. `columns`: the field of the model for each column of the table;
    `sealed`: those whose field holds a sealed text. `noun`: note; `counted`: versions of notes about contacts."""

    table: str
    model: type[TypedRow]
    columns: Mapping[str, str]
    sealed: frozenset[str]
    noun: str
    counted: str

    def rows(self, partner: str, records: Collection[int] | None) -> Rows:
        sealer = TextSealer(settings.COMMUNITY)
        return [row for found in self._found(partner, records) for row in self.as_rows(list(found), sealer)]

    def together(self, records: Collection[int]) -> RowsTogether:
        sealer = TextSealer(settings.COMMUNITY)
        return {
            (table, partner): partial(_opened, ENTRY_TABLES[table], rows, sealer)
            for (table, partner), rows in _rows_of_every_table(records).items()
        }

    def records(self, partner: str) -> Sequence[int]:
        numbers = self.model._default_manager.filter(partner=partner).values_list("record", flat=True)
        return sorted(set(numbers.distinct()))

    def text_keys(self) -> Collection[tuple[str, str]]:
        return set(self.model._default_manager.values_list("agreement", "key").distinct())

    def state(self) -> str:
        found = self.model._default_manager.aggregate(last=Max("id"), rows=Count("id"))
        return f"{found['last']}/{found['rows']}"

    def of_key(self, key: TextKey) -> QuerySet[TypedRow]:
        """The rows of one record under one agreement."""
        of = {"agreement": key.agreement, "partner": key.partner, "record": key.record}
        return self.model._default_manager.filter(**of).order_by("entry_id", "version")

    def returned(self, gone: Gone) -> Mapping[str, list[Mapping[str, object]]]:
        """By partner, its rows that go: they are returned to it first."""
        found: dict[str, list[Mapping[str, object]]] = {}
        sealer = TextSealer(settings.COMMUNITY)
        for key in gone_keys(gone):
            if rows := list(self.as_rows(list(self.of_key(key)), sealer)):
                found.setdefault(key.partner, []).extend(rows)
        return found

    def newest(self, entry: str) -> TypedRow | None:
        """The version of an entry that stands."""
        return self.model._default_manager.filter(entry_id=entry).order_by("-version").first()

    def values(self, row: TypedRow, sealer: TextSealer) -> dict[str, object]:
        """What a row says, by column, texts opened. Refused (vault) where the key of a text is gone."""
        found: dict[str, object] = {}
        for column, field in self.columns.items():
            value = getattr(row, field)
            if column in self.sealed and not value:
                value = None  # nothing was typed: a sealed text is never empty
            elif column in self.sealed:
                value = sealer.open(
                    bytes(value), agreement=row.agreement, key=row.key, place=row.place_of(field)
                )
            found[column] = value
        return found

    def _found(self, partner: str, records: Collection[int] | None) -> Iterator[QuerySet[TypedRow]]:
        of_partner = self.model._default_manager.filter(partner=partner).order_by("entry_id", "version")
        if records is None:
            yield of_partner
            return
        numbers = sorted(records)
        for at in range(0, len(numbers), AT_ONCE):
            yield of_partner.filter(record__in=numbers[at : at + AT_ONCE])

    def as_rows(self, versions: Sequence[TypedRow], sealer: TextSealer) -> Iterator[Mapping[str, object]]:
        """The rows as the vocabulary has them, from versions in order."""
        newest = {row.entry_id: row.version for row in versions}  # in the order of versions
        for row in versions:
            yield {
                "record": row.pk,
                "person_record": row.record,
                **self.values(row, sealer),
                "entry_id": row.entry_id,
                "version": row.version,
                "superseded": row.version < newest[row.entry_id],
                "author": row.author,
                "author_partner": row.author_partner,
                "author_capacity": row.author_capacity,
                "source_system": "throughway",
                "recorded_at": row.at.astimezone(UTC).replace(tzinfo=None),
            }


ENTRY_TABLES: dict[str, EntryTable] = {}


class _Hex(Func):
    """Bytes as hexadecimal text, as both databases write it."""

    function = "hex"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="encode(%(expressions)s, 'hex')", **context)


COMMON = (
    "id", "entry_id", "version", "partner", "record", "agreement", "key", "author", "author_partner", "author_capacity", "at",
)  # fmt: skip


def _rows_of_every_table(records: Collection[int]) -> dict[tuple[str, str], list[TypedRow]]:
    """By table and partner, the versions about these records, in one statement: the fields that a table has of its own are read as
    text."""
    width = max(len(entries.columns) for entries in ENTRY_TABLES.values())
    parts = []
    for table, entries in sorted(ENTRY_TABLES.items()):
        own: list[Any] = [
            _Hex(F(field.name)) if isinstance(field, BinaryField) else Cast(F(field.name), TextField())
            for field in _own_fields(entries)
        ]
        own += [Cast(Value(None), TextField())] * (width - len(own))
        cells = {f"cell_{place}": cell for place, cell in enumerate(own)}
        named = entries.model._default_manager.filter(record__in=sorted(records)).order_by()
        named = named.annotate(of_table=Cast(Value(table), TextField()), **cells)
        parts.append(named.values_list("of_table", *COMMON, *cells))
    first, *rest = parts
    found: dict[tuple[str, str], list[TypedRow]] = {}
    for table, *cells in first.union(*rest, all=True) if rest else first:
        entries = ENTRY_TABLES[table]
        row = entries.model(**dict(zip(COMMON, cells, strict=False)))
        for field, text in zip(_own_fields(entries), cells[len(COMMON) :], strict=False):
            setattr(row, field.name, _python(field, text))
        found.setdefault((table, row.partner), []).append(row)
    return found


def _own_fields(entries: EntryTable) -> list[Any]:
    return [entries.model._meta.get_field(name) for name in entries.columns.values()]


def _python(field: Any, text: str | None) -> object:
    if text is None:
        return None
    if isinstance(field, BinaryField):
        return bytes.fromhex(text)
    return text in ("1", "true") if isinstance(field, BooleanField) else field.to_python(text)


def _opened(entries: EntryTable, rows: list[TypedRow], sealer: TextSealer) -> Rows:
    return list(entries.as_rows(sorted(rows, key=lambda row: (row.entry_id, row.version)), sealer))


def register_entries(entries: EntryTable) -> None:
    """Lets the gate read the table, and the room that destroys return and delete its rows; registering again changes nothing."""
    ENTRY_TABLES[entries.table] = entries
    register(entries.table, entries)
    keeps_typed(entries.table, entries.returned, typed_about)


def gone_keys(gone: Gone) -> list[TextKey]:
    """The keys of what goes with a destruction: the texts under an agreement, about records, and of a partner that leaves, except
    under agreements that keep what its people typed."""
    return [
        key
        for key in TextKey.objects.order_by("id")
        if key.agreement == gone.agreement
        or key.record in gone.records.get(key.partner, ())
        or (key.agreement, key.partner, key.record) in gone.consents
        or (key.partner == gone.partner and key.agreement not in gone.keeping)
    ]


def typed_about(agreement: str, partner: str, records: Collection[int]) -> bool:
    """Whether anything was typed under the agreement about these records of the partner."""
    return TextKey.objects.filter(agreement=agreement, partner=partner, record__in=sorted(records)).exists()


def records_typed_about(partner: str) -> QuerySet[TextKey, tuple[int]]:
    """The record numbers of the partner's students about whom anything was typed."""
    return TextKey.objects.filter(partner=partner).values_list("record")


NAMED = 5  # notes and referrals that a sentence names
STOPPING = {"contact_note": "note about a contact", "referral_event": "step of a referral"}


def reasons_to_wait(subject: Subject) -> list[WaitingReason]:
    """The notes and referrals about students of whom no row would be left once these loads are taken back. Who answers for the partner
    whose students these are knows of them."""
    models = [ENTRY_TABLES[table].model._default_manager for table in STOPPING]
    first, *rest = [
        model.filter(partner__in=sorted(subject.partners)).values_list("record") for model in models
    ]
    if not subject.left_alone or not any(record in subject.left_alone for (record,) in first.union(*rest)):
        return []
    found = [sentence for table, noun in STOPPING.items() if (sentence := _about(table, noun, subject))]
    return [
        WaitingReason(
            f"{sentence}; without the load no record of these students would be left. Take the load back only when they are settled: "
            "destroy such a student's records with what was typed (throughway destroy --person), or leave the load.",
            lambda reader: reader.partner in subject.partners and reader.role in OFFICERS,
        )
        for sentence in found
    ]


def _about(table: str, noun: str, subject: Subject) -> str:
    model = ENTRY_TABLES[table].model
    newest = {
        row.entry_id: row
        for partner in sorted(subject.partners)
        for row in model._default_manager.filter(partner=partner).order_by("at", "version")
        if row.record in subject.left_alone
    }
    if not newest:
        return ""
    named = [f"of {row.at:%Y-%m-%d} by {row.author}" for row in newest.values()]
    more = [f"{len(named) - NAMED:,} more"] if len(named) > NAMED else []
    return f"{counted(len(named), noun)} ({listed([*named[:NAMED], *more])}) {'is' if len(named) == 1 else 'are'} there"

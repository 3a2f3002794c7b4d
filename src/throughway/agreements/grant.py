"""A grant: what one agreement, taken alone, shows of one table of one discloser under one purpose entry."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType

from throughway.agreements.directory_notice import items_of, listed
from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import Onward, PopulationEntry, Purpose
from throughway.agreements.enums import (
    AccessForm,
    AuthorCapacity,
    Basis,
    PublicationRule,
    PurposeKind,
    Reach,
)
from throughway.agreements.family_choice import RequiredFamilyChoice, choice_of, of_custody
from throughway.agreements.purpose_codes import codes_name
from throughway.agreements.status import AgreementStatus
from throughway.agreements.transforms import Transform
from throughway.vocabulary import COMMON, TABLES, covered

NONE = Transform("none")

# Columns that are included with any granted table.
ACCOMPANYING = tuple(name for name in COMMON if name != "source_record_id")


@dataclass(frozen=True)
class WithheldText:
    """Free text that the agreement lists and nobody is shown (`shared_words.py`). `transform`: how it would be shown; `by`: the
    purposes, as `agreement/purpose`, that the words would be joined with."""

    element: str
    transform: Transform
    by: tuple[str, ...]


@dataclass(frozen=True)
class Grant:
    """`columns`: element to transform, wildcards expanded and tiers applied. `population`: one entry for each tier, of which all must
    hold; any alternative within one. `records`: first and last day in scope. `bases`: every basis that must hold: the entry's own,
    those of the wider tiers' entries and that of custody. `choices`: the family choices that these require. `tiers`: the wider
    agreements, with versions, that narrowed it. `threat`: for an emergency, the threat, and who determined it when. `review_days`:
    days of review by the disclosers before a publication appears; `publication_rule`: whose rule codes its percentages;
    `needs_approval`: a second person must agree before it appears. `authors`: the partners whose people typed the
    rows that it shows; empty: any. Under a grant with `authors` their people may also type, in the `capacity`. `addressed`: of a
    table between two partners, the reader's partner, which must be one of the two. `codes`: the name of the random codes that it shows
    (`purpose_codes.py`). `withheld`: listed elements that are not in `columns`, since their words would join two purposes."""

    agreement: str
    version: str
    entry: int  # place of the purpose entry in the document
    purpose: str
    kind: PurposeKind
    form: AccessForm
    basis: str  # a Basis, or own_records
    bases: frozenset[str]
    interest: str
    reach: Reach
    discloser: str
    recipients: frozenset[str]
    roles: frozenset[str]
    table: str
    columns: Mapping[str, Transform]
    population: tuple[tuple[PopulationEntry, ...], ...]
    records: tuple[date | None, date | None]
    minimum_cell: int
    training: frozenset[str]
    effective: date
    expires: date
    onward: tuple[Onward, ...]
    tiers: tuple[tuple[str, str], ...] = ()
    choices: frozenset[RequiredFamilyChoice] = frozenset()
    threat: str = ""
    review_days: int = 0
    publication_rule: PublicationRule | None = None
    needs_approval: bool = False
    authors: frozenset[str] = frozenset()
    addressed: frozenset[str] = frozenset()
    capacity: AuthorCapacity | None = None
    codes: str = ""
    withheld: tuple[WithheldText, ...] = ()

    @cached_property
    def content_key(self) -> str:
        """A key for the whole content: grants with equal keys show the same."""
        return repr(self)

    @cached_property
    def row_sql_key(self) -> str:
        """What the SQL of the grant's rows depends on. An amendment of anything else gives another grant with the same SQL."""
        of_whom = self.population, self.records, self.reach, self.choices, self.authors, self.addressed
        return repr(
            (self.agreement, self.codes, self.discloser, self.table, self.form, self.columns, of_whom)
        )

    @property
    def needed(self) -> Mapping[str, Transform]:
        """What is stored for the grant: its columns, and what it withholds today, which an amended text may show again."""
        return MappingProxyType({**self.columns, **{text.element: text.transform for text in self.withheld}})

    @property
    def path(self) -> str:
        """The path of the entry, for a citation."""
        return f"{self.agreement}, purposes[{self.entry}]"


def own_grants(standing: AgreementStatus, purpose: str | None = None) -> tuple[Grant, ...]:
    """The document's own grants, regardless of the agreements above it and of whether it is in effect; for one purpose only if
    named."""
    document = standing.document
    places = [(place, entry) for place, entry in enumerate(document.purposes) if purpose in (None, entry.id)]
    shown = [
        _grant(standing, place, discloser, table, columns)
        for place, entry in places
        for discloser, tables in _by_discloser(document, entry)
        for table, columns in tables.items()
        if not TABLES[table].of_nobody_known
    ]
    typed = [grant for place, entry in places for grant in _typed(standing, place, entry)]
    return (*shown, *typed)


def _typed(standing: AgreementStatus, place: int, entry: Purpose) -> Iterator[Grant]:
    """What the authors of typed rows may type and read back, under one entry of a purpose; nothing where the entry is not for
    casework on identified students."""
    if (entry.kind, entry.form) != (PurposeKind.CASEWORK, AccessForm.IDENTIFIED):
        return
    for write in standing.document.writes:
        if write.table not in TABLES or not TABLES[write.table].typed:
            continue
        columns = MappingProxyType(
            accompanying(write.table) | dict.fromkeys(TABLES[write.table].elements, NONE)
        )
        for author, owner in standing.document.owners(write, entry):
            grant = _grant(standing, place, owner, write.table, columns)
            roles = grant.roles.intersection(write.roles) if write.roles else grant.roles
            yield replace(
                grant,
                recipients=frozenset({author}),
                roles=roles,
                # What may be loaded is limited by students and days; what was typed was about a student who was open that day.
                population=(),
                records=(None, None),
                authors=frozenset({author}),
                capacity=write.capacity,
            )


def _by_discloser(
    document: AgreementDocument, entry: Purpose
) -> Iterator[tuple[str, Mapping[str, Mapping[str, Transform]]]]:
    """What each discloser's records show under the entry; computed once for disclosers covered by the same lines."""
    known: dict[tuple[int, ...], Mapping[str, Mapping[str, Transform]]] = {}
    for discloser in document.disclosers(entry):
        places = _lines(document, entry, discloser)
        if places not in known:
            known[places] = by_notice(entry, _shown_by(document, places))
        yield discloser, known[places]


def _grant(
    standing: AgreementStatus, place: int, discloser: str, table: str, columns: Mapping[str, Transform]
) -> Grant:
    document = standing.document
    entry, terms = document.purposes[place], document.terms
    return Grant(
        agreement=document.id,
        version=standing.version,
        entry=place,
        purpose=entry.id,
        kind=entry.kind,
        form=entry.form,
        basis=entry.basis,
        bases=custody(document, discloser) | {entry.basis},
        interest=entry.interest,
        reach=entry.reach,
        discloser=discloser,
        recipients=frozenset(document.recipients(entry)),
        roles=frozenset(entry.roles),
        table=table,
        columns=columns,
        population=populations(document, discloser),
        records=(document.records.from_, document.records.to),
        minimum_cell=terms.minimum_cell,
        training=frozenset(document.courses(entry)),
        effective=terms.effective,
        expires=terms.expires,
        onward=document.onward,
        choices=of_custody(document, discloser) | choice_of(document, entry),
        threat=_threat(entry),
        review_days=terms.publication_review_days or 0,
        publication_rule=terms.publication_rule,
        needs_approval=terms.release_approval is not None,
        codes=codes_name(document, entry.id),
    )


def _threat(entry: Purpose) -> str:
    """What 34 CFR 99.32(a)(5) requires to be recorded for an emergency: the threat, who determined it, and on which day."""
    if entry.basis is not Basis.EMERGENCY:
        return ""
    details = entry.basis_details
    threat = str(details.get("threat", "a threat that the agreement does not name"))
    return f"{threat} (determined by {details.get('determined_by', 'nobody named')} on {details.get('determined_on', 'no day named')})"


def by_notice(
    entry: Purpose, tables: Mapping[str, Mapping[str, Transform]]
) -> dict[str, Mapping[str, Transform]]:
    """What remains of the tables where the basis is a public notice: the items that the notice names."""
    if entry.basis is not Basis.DIRECTORY:
        return dict(tables)
    named = items_of(entry.basis_details)
    kept = {
        table: {n: t for n, t in columns.items() if n in accompanying(table) or listed(table, n, named)}
        for table, columns in tables.items()
    }
    return {t: MappingProxyType(c) for t, c in kept.items() if c.keys() - accompanying(t).keys()}


def custody(document: AgreementDocument, discloser: str) -> frozenset[Basis]:
    """The bases on which a steward houses the discloser's records."""
    return frozenset(c.basis for c in document.custody if c.from_ is None or discloser in c.from_)


def populations(document: AgreementDocument, discloser: str) -> tuple[tuple[PopulationEntry, ...], ...]:
    """The document's entries for the discloser as one alternative; a discloser without entries gives all students."""
    entries = tuple(p for p in document.population if p.from_ is None or discloser in p.from_)
    return (entries,) if entries else ()


def scheduled(
    document: AgreementDocument, entry: Purpose, discloser: str
) -> dict[str, Mapping[str, Transform]]:
    """Table to element to transform, from the schedule, for one purpose entry and discloser.

    A named line takes precedence over a wildcard. `person_id` and the columns of table `*`, except `source_record_id`, are included
    with any table that a line names, unchanged unless a line names them. Of two wildcards on one table the coarser transform applies.
    """
    return _shown_by(document, _lines(document, entry, discloser))


def _lines(document: AgreementDocument, entry: Purpose, discloser: str) -> tuple[int, ...]:
    """The indexes of the schedule's lines that show the discloser's records under the entry."""
    lines = enumerate(document.schedule)
    return tuple(at for at, line in lines if discloser in document.line_disclosers(line, entry))


def _shown_by(document: AgreementDocument, places: Iterable[int]) -> dict[str, Mapping[str, Transform]]:
    named: dict[str, dict[str, Transform]] = {}
    wild: dict[str, dict[str, Transform]] = {}
    for line in (document.schedule[at] for at in places):
        transform = Transform.parse(line.transform)
        columns = (wild if line.is_wildcard else named).setdefault(line.table, {})
        for element in covered(line.element):
            if not (line.is_wildcard and element.name == "person_id"):
                columns[element.name] = coarser(columns.get(element.name, NONE), transform)
    tables = sorted(named.keys() | wild.keys())
    return {t: MappingProxyType(accompanying(t) | wild.get(t, {}) | named.get(t, {})) for t in tables}


def accompanying(table: str) -> dict[str, Transform]:
    """The columns included with the table once anything of it is granted."""
    names = (*(("person_id",) if TABLES[table].of_person else ()), *ACCOMPANYING)
    return dict.fromkeys(names, NONE)


def coarser(one: Transform, other: Transform) -> Transform:
    return one if one == other else max(one, other, key=lambda transform: transform.coarseness)


def identifies(table: str, column: str) -> bool:
    """Whether the vocabulary marks the element as directly identifying."""
    found = TABLES[table].elements.get(column) or COMMON[column]
    return "identifier" in found.law_tags

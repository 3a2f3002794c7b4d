"""What may be loaded from a partner's file: only what some purpose of an agreement in effect needs.

Receiving is already a disclosure (34 CFR 99.3), so a column that no purpose needs is not stored; one that every purpose transforms is
stored transformed; and a column that population, records or reach must read is stored even if no purpose shows it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import gcd

from throughway.agreements.enums import ANY, BY_ENROLLMENT, Reach
from throughway.agreements.grant import Grant, accompanying
from throughway.agreements.population_condition import columns_of, parse_condition
from throughway.agreements.transforms import Transform
from throughway.core.refusals import Refused
from throughway.vocabulary import TABLES

# Tables that define a partner's roster (reach `roster`), with the elements that define it besides their dates, and those that name
# the school or program (reach `site`).
SPELLS = {"school_enrollment": (), "program_participation": ("program_participation_status",)}
SITES = {"school_enrollment": ("organization_id",), "program_participation": ("program_identifier",)}
NONE = Transform()


@dataclass(frozen=True)
class Judge:
    """One reason why rows of a table are needed. `grant` selects the rows; None: all of them."""

    agreement: str
    grant: Grant | None


@dataclass(frozen=True)
class TableNeed:
    """What the agreements in effect need of one table of one discloser.

    `columns`: element → for each judge, by position, the transform under which its purpose shows the value.
    """

    table: str
    judges: tuple[Judge, ...]
    columns: Mapping[str, Mapping[int, Transform]]

    @property
    def agreements(self) -> tuple[str, ...]:
        """Ids of the agreements that need something of the table; they cover its vault files."""
        return tuple(sorted({judge.agreement for judge in self.judges}))

    def agreements_of(self, elements: Iterable[str]) -> tuple[str, ...]:
        """Ids of the agreements that need one of these elements."""
        needing = {judge for name in elements for judge in self.columns.get(name, {})}
        return tuple(sorted({self.judges[judge].agreement for judge in needing}))


def needs(grants: Sequence[Grant], partner: str) -> dict[str, TableNeed]:
    """By table, what the grants of the agreements in effect need of this partner's records."""
    judges: dict[str, list[Judge]] = defaultdict(list)
    columns: dict[str, dict[str, dict[int, Transform]]] = defaultdict(lambda: defaultdict(dict))

    def ask(judge: Judge, table: str, wanted: Mapping[str, Transform]) -> None:
        if not wanted:
            return
        judges[table].append(judge)
        for name, transform in wanted.items():
            columns[table][name][len(judges[table]) - 1] = transform

    for grant in map(housed, (grant for grant in grants if not TABLES[grant.table].typed)):
        if grant.discloser == partner:
            judge = Judge(grant.agreement, grant)
            shown = {name: t for name, t in grant.columns.items() if t.name != "suppress"}
            if shown.keys() - accompanying(grant.table).keys():
                ask(judge, grant.table, {**dict.fromkeys(_days_read(grant), NONE), **shown})
            for table, read in _population_reads(grant).items():
                ask(replace(judge, grant=replace(grant, table=table)), table, dict.fromkeys(read, NONE))
        if grant.reach in BY_ENROLLMENT and partner in grant.recipients:
            for table, status in SPELLS.items():
                read_too = (*_days(table), *status, *(SITES[table] if grant.reach is Reach.SITE else ()))
                ask(_spells_of(grant, partner, table), table, dict.fromkeys(read_too, NONE))
    return {table: TableNeed(table, tuple(judges[table]), columns[table]) for table in judges}


def housed(grant: Grant) -> Grant:
    """The grant for storage: among the families' choices only the consent to custody, where custody needs one. The choices for reading
    are checked on reading. What reading withholds is stored."""
    return replace(
        grant,
        choices=frozenset(c for c in grant.choices if c.purpose == ANY),
        columns=grant.needed,
        withheld=(),
    )


def _spells_of(grant: Grant, partner: str, table: str) -> Judge:
    """A reader's own rows that define its roster: all of them, or those of students with consent to custody."""
    if not grant.choices:
        return Judge(grant.agreement, None)
    spells = replace(grant, discloser=partner, table=table, population=(), records=(None, None))
    return Judge(grant.agreement, spells)


def _days(table: str) -> tuple[str, ...]:
    """The elements that date a row."""
    return tuple(dict.fromkeys((*TABLES[table].starts, *TABLES[table].ends)))


def _days_read(grant: Grant) -> Iterable[str]:
    """The table's own date columns, where records or population read them."""
    return _days(grant.table) if grant.population or any(grant.records) else ()


def _population_reads(grant: Grant) -> Mapping[str, Sequence[str]]:
    """By table, the columns that the grant's population reads of this discloser's records."""
    read: dict[str, list[str]] = defaultdict(list)
    for tier in grant.population:
        for population in tier:
            if population.from_ is not None and grant.discloser not in population.from_:
                continue
            condition = parse_condition(population.where, population.on)
            read[population.on] += [*columns_of(condition), *_days(population.on)]
    return {table: tuple(dict.fromkeys(names)) for table, names in read.items()}


def stored_as(transforms: Collection[Transform]) -> Transform:
    """The coarsest form in which a value still serves every purpose that needs it.

    Bands of several widths are computed from bands of their common divisor. A value that cannot be computed from a coarser form is
    stored unchanged; so is one shown as a pseudonym, since the code is assigned on reading.
    """
    kinds = {transform.name for transform in transforms}
    if kinds == {"band"}:
        width = gcd(*(transform.width for transform in transforms))
        return Transform("band", width) if width > 1 else NONE
    if kinds in ({"year"}, {"mask"}):
        return next(iter(transforms))
    return NONE


def needed_element(path: str, needed: Mapping[str, TableNeed]) -> bool:
    """Whether any purpose needs the element `table.element`, or the `table`."""
    table, _, name = path.partition(".")
    return table in needed and (not name or name in needed[table].columns)


def refuse_key_of_names(needed: Mapping[str, TableNeed], *, born: bool = True) -> None:
    """Refused where the agreements do not let in, unblurred, the name and, where `born`, the birth date of which a student's key is made: it
    is stored."""
    person = needed["person"].columns if "person" in needed else {}
    whole = {name for name, judges in person.items() if stored_as(judges.values()).name == "none"}
    if (born and "birthdate" not in whole) or not whole & {"first_name", "last_or_surname"}:
        made = "the name and the birth date, and no agreement in effect lets both in as they are; " if born else "the name, and no agreement in effect lets it in as it is; "  # fmt: skip
        raise Refused(
            f"The key of the student is made of {made}"
            "name a column with the student’s own number as the key.",
            code="key_of_names",
        )


def refused_columns(
    found: Mapping[str, Sequence[str]], needed: Mapping[str, TableNeed], unmapped: Sequence[str]
) -> list[str]:
    """Columns of a file that are not stored: `table.element` that no purpose needs, and columns that nothing maps.

    `found`: table → the elements that the file fills.
    """
    refused = [
        f"{table}.{name}"
        for table, names in found.items()
        for name in names
        if table not in needed or name not in needed[table].columns
    ]
    return [*refused, *unmapped]

"""Why a column of a file was not stored, in words: no agreement needs it, or nothing maps it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import PartyRole
from throughway.agreements.labels import element_words, listed, table_words
from throughway.core.prose import capital
from throughway.intake.safe_names import NUMBERED
from throughway.vocabulary import TABLES

NOT_MAPPED = "Not mapped: neither the format nor the crosswalk says what it is. Map it in the crosswalk if an agreement needs it."
NAMED = 10  # columns that nothing maps and a page names
MAPPED_ONLY = "The crosswalk reads it only for what no agreement in effect needs."


@dataclass(frozen=True)
class RefusedColumn:
    """`name` as the load reports it; `what` in plain words; `why`, with what would let it in."""

    name: str
    what: str
    why: str
    is_protected: bool = False


def refused_columns(
    names: Iterable[str],
    partner: str,
    called: str,
    agreements: Sequence[AgreementDocument],
    *,
    unmapped: Collection[str] | None,
) -> list[RefusedColumn]:
    """`called`: the partner's name. `agreements`: those in effect when the file came. `unmapped`: the names that neither the
    format nor the crosswalk maps; None where that is not known."""
    own = [d for d in agreements if partner in d.parties_with(PartyRole.DISCLOSER) and d.schedule]
    return [_refused(name, called, own, unmapped) for name in names]


def _refused(
    name: str, called: str, own: Sequence[AgreementDocument], unmapped: Collection[str] | None
) -> RefusedColumn:
    table, _, column = name.partition(".")
    found = TABLES[table].elements.get(column) if table in TABLES else None
    if found is None:
        mapped = unmapped is not None and name not in unmapped
        numbered = NUMBERED.fullmatch(name)
        what = f"{capital(name)}, of which the heading is not kept" if numbered else f"The column {name}"
        return RefusedColumn(name, what, MAPPED_ONLY if mapped else NOT_MAPPED)
    what = f"{element_words(column)}, of {table_words(table)}"
    what = capital(what)
    near = [d.title for d in own if any(line.table == table for line in d.schedule)]
    others = [d.title for d in own]
    where = listed(f"“{title}”" for title in (near or others)[:2])
    would = (
        f"It would have to stand in the schedule of {where}, with the reason why it is necessary."
        if where
        else f"An agreement in which {called} gives records would have to name it, with the reason why it is necessary."
    )
    if found.restricted:
        return RefusedColumn(
            name,
            what,
            f"It is specially protected, so no agreement takes it in with others. {would} Else leave it out of the file.",
            is_protected=True,
        )
    return RefusedColumn(name, what, f"No agreement in effect needs it of {called}. {would}")


def few_unmapped(columns: Iterable[RefusedColumn]) -> tuple[list[RefusedColumn], int]:
    """The columns that a page names: all but those beyond the first few that nothing maps, whose number comes second."""
    shown, unmapped = [], 0
    for column in columns:
        unmapped += column.why == NOT_MAPPED
        if column.why != NOT_MAPPED or unmapped <= NAMED:
            shown.append(column)
    return shown, max(unmapped - NAMED, 0)


def by_protection(columns: Iterable[RefusedColumn]) -> Mapping[bool, list[RefusedColumn]]:
    """The protected ones apart, since a reader looks for them first."""
    found: dict[bool, list[RefusedColumn]] = {True: [], False: []}
    for column in columns:
        found[column.is_protected].append(column)
    return found

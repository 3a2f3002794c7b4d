"""How many records of each partner a report could not link to another partner's, protected like its figures.

Counts of records, not of students: they are published as sums, which no other figure of the report can be compared with.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from throughway.core.prose import listed
from throughway.gate.linkage_coverage import LinkageCoverage, apart_words, recall_words
from throughway.gate.linkage_recall import Recall
from throughway.publication import ProtectedTable, RawCell, RawTable, Relation
from throughway.publication.certified_tables import certified_tables
from throughway.publication.protection import protect
from throughway.publication.release_document import relations_to_json
from throughway.publication.shown_figures import count_words

TITLE = "Records linked to no other partner’s"
BY = ("records of", "linked to another partner’s")
SOURCE, LINKED = BY
YES, NO = "yes", "no"


def linkage_tables(found: LinkageCoverage | None, names: Mapping[str, str]) -> tuple[ProtectedTable, ...]:
    """The protected counts of each partner's records, linked and not; empty where the report reads only one partner."""
    if found is None or not any(each.records for each in found.counts):
        return ()
    cells = _cells(found, names)
    relations = _alike(cells)
    tables = protect([RawTable(TITLE, BY, cells)], minimum_cell=found.minimum_cell, relations=relations)
    tables = certified_tables(tables, minimum_cell=found.minimum_cell, relations=relations_to_json(relations))
    return tuple(replace(t, cells=tuple(replace(c, statistic="sum") for c in t.cells)) for t in tables)


def linkage_relations(found: LinkageCoverage | None, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """What a reader may know of these counts besides their sums, as a release registers it."""
    return relations_to_json(_alike(_cells(found, names)), "sum") if found else []


def _cells(found: LinkageCoverage, names: Mapping[str, str]) -> tuple[RawCell, ...]:
    return tuple(
        cell
        for each in found.counts
        if each.records
        for at in [{SOURCE: names.get(each.partner, each.partner)}]
        for cell in (
            RawCell(at, count=each.records),
            RawCell({**at, LINKED: YES}, count=each.records - each.unlinked),
            RawCell({**at, LINKED: NO}, count=each.unlinked),
        )
    )


def _alike(cells: Sequence[RawCell]) -> list[Relation]:
    """Two partners have equally many linked records, unless one has duplicate records of a student; so each count reveals the other."""
    linked = [cell for cell in cells if cell.at.get(LINKED) == YES]
    if len(linked) == 2 and linked[0].count == linked[1].count:
        return [Relation(linked[0].at, [linked[1].at])]
    return []


def coarse(found: LinkageCoverage | None, names: Mapping[str, str]) -> list[str]:
    """The same in tens of percent, one sentence for each partner: what a release may say again and again about other tables, days or
    groups, since counts of two releases would differ by single records."""
    sentences = []
    for each in found.counts if found else ():
        linked = each.records - each.unlinked
        if not each.records:
            continue
        whose = names.get(each.partner, each.partner)
        if min(linked, each.unlinked) < (found.minimum_cell if found else 0):
            sentences.append(
                f"How many records of {whose} are linked to no other partner’s record is withheld."
            )
            continue
        low = 100 * each.unlinked // each.records // 10 * 10
        sentences.append(
            f"{low}–{low + 9}% of the records of {whose} are linked to no other partner’s record, so these students cannot be followed "
            "between partners."
        )
    return sentences


def about(
    found: LinkageCoverage | None, found_recall: Recall | None, names: Mapping[str, str]
) -> dict[str, object]:
    """What the release stores besides the counts."""
    if found is None:
        return {}
    return {
        "purpose": found.purpose,
        "apart": [names.get(partner, partner) for partner in found.apart],
        "recall": [found_recall.share, found_recall.between] if found_recall else None,
    }


def sentences(kept: Mapping[str, Any], tables: Sequence[ProtectedTable]) -> Iterator[str]:
    """Sentences of a release about linkage. `kept`: the output of `about`; empty in older releases."""
    if kept.get("apart"):
        yield apart_words(kept["apart"], kept["purpose"])
    yield from kept.get("coarse", ())
    table = next((t for t in tables if t.title == TITLE), None)
    if table is None:
        return
    shown, withheld = [], []
    for partner in (c.at[SOURCE] for c in table.cells if set(c.at) == {SOURCE}):
        records, unlinked = (
            table.shown({SOURCE: partner}, "sum"),
            table.shown({SOURCE: partner, LINKED: NO}, "sum"),
        )
        if records is not None and unlinked is not None:
            shown.append(f"{count_words(unlinked)} of {count_words(records)} records of {partner}")
        else:
            withheld.append(partner)
    if shown:
        yield f"Records not linked to any other partner’s record, so the students cannot be followed between partners: {listed(shown)}."
    if withheld:
        yield (
            f"The number of records not linked to any other partner’s record is withheld for {listed(withheld)}: it is small or "
            "would reveal a small number."
        )
    recall = kept.get("recall")
    yield recall_words(Recall(*recall) if recall else None)

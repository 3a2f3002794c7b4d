"""What goes with records of what the house keeps beside them: partners' own keys, signers, links and random codes."""

from collections.abc import Callable, Collection, Mapping

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from throughway.destruction.actions.rewriting import CODES, KEYS, LINKS, SIGNERS, Workshop
from throughway.destruction.actions.verification import draw_values
from throughway.destruction.plan import Replacement
from throughway.destruction.terms import RetentionTerms
from throughway.gate.actions.linkage_state import KNOWN
from throughway.store.selectors import StoredFileFacts


def plan_keys(
    shop: Workshop,
    partner: str,
    gone: frozenset[int] | None,
    guardians: frozenset[int] | None,
    openers: Callable[[StoredFileFacts], Collection[str]],
) -> None:
    """The partner's own keys, and the names of signers, of learners who are gone; None: of all of them. A file that nothing that
    stays opens goes whole."""
    lost_keys: list[str] = []
    for file in [*shop.stored.stored(KEYS, partner), *shop.stored.stored(SIGNERS, partner)]:
        rows, left = shop.open(file), openers(file)
        if gone is None or not left:
            stays = pa.array([False] * rows.num_rows)
        elif file.table == KEYS:
            learner = pc.equal(rows["kind"], "person")
            among = pc.is_in(rows["record"], pa.array(sorted(gone), pa.int64()))
            adult = pc.is_in(rows["record"], pa.array(sorted(guardians or ()), pa.int64()))
            stays = pc.invert(pc.if_else(learner, among, adult))
        else:
            stays = pc.invert(pc.is_in(rows["record"], pa.array(sorted(gone), pa.int64())))
        kept = rows.filter(stays)
        lost = rows.num_rows - kept.num_rows
        shop.count(file, lost)
        if file.table == KEYS and lost:
            lost_keys += rows.filter(pc.invert(stays))["key"].to_pylist()
        if not lost:
            if not shop.openers(file) & frozenset(left):
                shop.wrap(file, left)
            continue
        shop.gone(file, kept.num_rows)
        if kept.num_rows:
            shop.keep(file, kept, left)
    shop.plan.sentinels += draw_values(lost_keys)


def plan_links(shop: Workshop, terms: RetentionTerms | None, gone: Mapping[str, frozenset[int]]) -> None:
    """The links of records that are gone, and of partners whose records nothing lets be linked any more; and all that linkage
    keeps between its runs, which it makes anew from what is left."""
    for file in shop.stored.stored(KNOWN, ""):
        shop.count(file, file.rows)
        shop.gone(file, 0)
    for file in shop.stored.stored(LINKS, ""):
        rows = shop.open(file)
        numbers = {number for of_one in gone.values() for number in of_one}
        if terms is not None:
            for partner in terms.rules.keys() - terms.linked:
                for held, known in shop.held:
                    if (held.table, held.partner) == (KEYS, partner):
                        numbers |= set(known.tolist())
        among = pc.is_in(rows["record"], pa.array(sorted(numbers), pa.int64()))
        kept = rows.filter(pc.invert(among))
        lost = rows.num_rows - kept.num_rows
        shop.count(file, lost)
        shop.plan.persons = frozenset(
            set(rows.filter(among)["person"].to_pylist()) - set(kept["person"].to_pylist())
        )
        if not lost:
            continue
        shop.gone(file, kept.num_rows)
        if kept.num_rows and shop.folder is not None:
            path = shop.folder / "links.parquet"
            pq.write_table(kept.sort_by("record"), path, compression="zstd")
            shop.plan.new.append(Replacement(LINKS, "", 0, path=path))


def plan_codes(shop: Workshop, agreement: str | None) -> None:
    """The random codes of persons and records that are gone, of every agreement's own."""
    numbers = {number for of_one in shop.plan.gone.values() for number in of_one} | shop.plan.persons
    if not numbers:
        return
    for file in shop.stored.stored(CODES):
        if file.partner == agreement:
            continue
        rows = shop.open(file)
        kept = rows.filter(pc.invert(pc.is_in(rows["person"], pa.array(sorted(numbers), pa.int64()))))
        lost = rows.num_rows - kept.num_rows
        shop.count(file, lost)
        if not lost:
            continue
        shop.gone(file, kept.num_rows)
        if kept.num_rows:
            shop.keep(file, kept, shop.openers(file))

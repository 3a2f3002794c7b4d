"""What goes of the random codes that other agreements show in the place of values: those of values that are nowhere any more."""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from throughway.destruction.actions.rewriting import BESIDE, VALUES, Workshop
from throughway.intake.raw_cells import sql_text
from throughway.store import schemas


def plan_value_codes(shop: Workshop, agreement: str | None) -> None:
    """The codes of values that stand in rows that go and in none that stays. A code is kept beside its value, so that it would
    tell what was destroyed. Known only once what stays is written."""
    files = [file for file in shop.stored.stored(VALUES) if file.partner != agreement]
    if not files or shop.folder is None:
        return
    opened = [(file, shop.open(file)) for file in files]
    lost = {
        name: _lost(shop, name, pa.concat_tables([rows for _, rows in opened]))
        for name in sorted({str(name) for _, rows in opened for name in rows["element"].to_pylist()})
    }
    for file, rows in opened:
        gone = [value in lost[name] for name, value in zip(*_columns(rows), strict=True)]
        kept = rows.filter(pa.array([not each for each in gone]))
        shop.count(file, sum(gone))
        if any(gone):
            shop.gone(file, kept.num_rows)
            if kept.num_rows:
                shop.keep(file, kept, shop.openers(file))


def _columns(rows: pa.Table) -> tuple[list[str], list[str]]:
    return rows["element"].to_pylist(), rows["value"].to_pylist()


def _lost(shop: Workshop, name: str, codes: pa.Table) -> set[str]:
    """Coded values of the element, whatever its table, that stand in files that go and in none that stays."""
    shop.engine.register("coded", codes.filter(pc.equal(codes["element"], name)).select(["value"]))
    going = set(shop.plan.replaced)
    with_it = [f for f in shop.stored.stored() if f.table not in BESIDE and _has(f.table, name)]
    gone = _standing(shop, name, (shop.source(f) for f in with_it if f.id in going))
    if not gone:
        return gone
    left = _standing(shop, name, (shop.source(f) for f in with_it if f.id not in going))
    return gone - left - _standing(shop, name, _new(shop, name))


def _has(table: str, name: str) -> bool:
    return name in {column for column, _ in schemas.columns(table)}


def _new(shop: Workshop, name: str) -> Iterator[str]:
    for number, new in enumerate(shop.plan.new):
        if new.table in BESIDE or not _has(new.table, name):
            continue
        if new.path is not None:
            yield f"read_parquet({sql_text(str(new.path))}, hive_partitioning = false)"
        else:
            shop.engine.register(f"new_{number}", new.arrow)
            yield f"new_{number}"


def _standing(shop: Workshop, name: str, sources: Iterable[str]) -> set[str]:
    """Those of the coded values that stand in one of the relations."""
    found: set[str] = set()
    for source in sources:
        told = shop.engine.run(
            f"SELECT DISTINCT CAST({name} AS VARCHAR) AS v FROM {source} WHERE CAST({name} AS VARCHAR) IN (SELECT value FROM coded)"
        )
        found |= set(told["v"].to_pylist())
    return found

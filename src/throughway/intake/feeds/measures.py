"""Measures a file that is being loaded, for the comparison with what its feed is expected to be. Numbers and days, never a value."""

from dataclasses import replace
from datetime import date, datetime

from throughway.intake.feeds.contract import FeedContract, TableExpectation, TableSeen
from throughway.intake.landing import Landing
from throughway.intake.load_context import LoadContext
from throughway.intake.load_report import Counts
from throughway.intake.raw_cells import sql_text
from throughway.store.schemas import HISTORY
from throughway.vocabulary import TABLES


def tables_seen(load: LoadContext, landing: Landing, feed: FeedContract) -> dict[str, TableSeen]:
    """By table that the feed names. `filled`, `between` and `known` are measured over all rows of the file that can be read."""
    found = {}
    for name in dict.fromkeys((*feed.expect, *feed.whole)):
        counts = landing.counts.get(name, Counts())
        withdrawn, stored = landing.withdrawn.get(name, (0, 0))
        unread = counts.quarantined + counts.cannot_tell - landing.notes.get(name, 0)
        seen = TableSeen(counts.read, unread, withdrawn=withdrawn, stored=stored)
        found[name] = _measured(load, name, feed.expect.get(name, TableExpectation()), seen)
    return found


def _measured(load: LoadContext, name: str, expected: TableExpectation, seen: TableSeen) -> TableSeen:
    table, rows = TABLES[name], f"typed_{name}"
    if not load.number(f"SELECT count(*) FROM duckdb_views() WHERE view_name = '{rows}'"):
        return seen
    kinds = dict(table.landed)
    asked = {"newest": f"max({table.starts[0]})"} if table.starts else {"newest": "NULL"}
    asked |= {
        f"f_{element}": f"100.0 * count({element}) / greatest(count(*), 1)" for element in expected.filled
    }
    for element, bounds in expected.between.items():
        low, high = (f"CAST({sql_text(bound)} AS {kinds[element]})" for bound in bounds)
        asked[f"o_{element}"] = f"count(*) FILTER (WHERE {element} NOT BETWEEN {low} AND {high})"
    if expected.known is not None and table.of_person:
        known = "(SELECT record FROM person_key WHERE NOT new)"
        asked["known"] = (
            f"CASE WHEN (SELECT count(*) FROM {known}) > 0 THEN 100.0 * count(DISTINCT person_record)"
            f" FILTER (WHERE person_record IN {known}) / greatest(count(DISTINCT person_record), 1) END"
        )
    (row,) = load.engine.run(
        f"SELECT {', '.join(f'{sql} AS {n}' for n, sql in asked.items())} FROM {rows}"
    ).to_pylist()
    return replace(
        seen,
        newest=_day(row["newest"]),
        filled={element: float(row[f"f_{element}"] or 0) for element in expected.filled},
        outside={element: int(row[f"o_{element}"]) for element in expected.between},
        known=None if row.get("known") is None else float(row["known"]),
    )


def days_touched(load: LoadContext, landing: Landing) -> dict[str, tuple[str, str]]:
    """By table, the first and the last day of the rows that are new, corrected or withdrawn (ISO 8601); tables of the vault and those
    without days are left out."""
    found: dict[str, list[date]] = {}
    for rows in landing.rows:
        name = rows.table.removesuffix(HISTORY)
        if rows.path is None or name not in TABLES or not TABLES[name].starts:
            continue
        own = "" if rows.table.endswith(HISTORY) else f" WHERE batch_id = {sql_text(load.batch)}"
        day = TABLES[name].starts[0]
        source = f"read_parquet({sql_text(str(rows.path))})"
        (row,) = load.engine.run(
            f"SELECT min({day}) AS first, max({day}) AS last FROM {source}{own}"
        ).to_pylist()
        found.setdefault(name, []).extend(each for each in map(_day, row.values()) if each)
    return {name: (min(days).isoformat(), max(days).isoformat()) for name, days in found.items() if days}


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None

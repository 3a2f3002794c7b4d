"""One key twice in a load: the first row stands, one that says the same is unchanged, another conflicts."""

from throughway.intake.finished_rows import Fresh, count_of, differs, landed, together, write
from throughway.intake.landing_work import LandingWork
from throughway.intake.raw_cells import sql_text
from throughway.store import schemas

CONFLICT = ("another row with this key came before, with other values", "keep one row for each key")


def without_duplicates(work: LandingWork, table: str, fresh: list[Fresh]) -> tuple[list[Fresh], int, int]:
    """Keeps the first row of each key. A later one that says the same is unchanged; one that says otherwise conflicts."""
    if not fresh or _all_different(work, fresh):
        return fresh, 0, 0
    engine = work.engine
    twice = f"SELECT record FROM {together(fresh)} GROUP BY record HAVING count(*) > 1"
    ranked = work.file(f"ranked-{table}")
    engine.run(
        f"COPY (SELECT *, row_number() OVER (PARTITION BY record ORDER BY _file, _row, _year) AS _place FROM land_{table}"
        f" WHERE record IN ({twice})) TO {sql_text(str(ranked))} (FORMAT parquet, COMPRESSION lz4)"
    )
    source = f"read_parquet({sql_text(str(ranked))})"
    values = [n for n, _ in schemas.columns(table) if n not in ("record", "batch_id", "recorded_at")]
    pairs = (
        f"SELECT later._file AS file, later._row AS row_number, {differs(values, 'later', 'first')} AS differs FROM {source} AS later"
        f" JOIN {source} AS first USING (record) WHERE later._place > 1 AND first._place = 1"
    )
    conflicting = work.number(f"SELECT count(*) FROM ({pairs}) WHERE differs")
    later = work.number(f"SELECT count(*) FROM {source} WHERE _place > 1")
    if conflicting:
        problem, cure = map(sql_text, CONFLICT)
        work.problems.append(
            f'SELECT file, row_number AS "row", \'\' AS "column", {problem} AS problem, {cure} AS cure FROM ({pairs})'
            " WHERE differs"
        )
    kept = [
        write(
            work,
            table,
            f.year,
            f"SELECT {landed(table)} FROM {f.relation} WHERE record NOT IN (SELECT record FROM {source})"
            f" UNION ALL SELECT {landed(table)} FROM {source} WHERE _place = 1 AND _year = {f.year}",
        )
        for f in fresh
    ]
    return kept, later - conflicting, conflicting


def _all_different(work: LandingWork, fresh: list[Fresh]) -> bool:
    """Whether no key stands twice. Keys of person and day rise from row to row of a sorted file, which is told many times
    faster than that all are distinct."""
    if len(fresh) == 1:
        rows = f"SELECT record, lag(record) OVER () AS before FROM {fresh[0].relation}"
        if not work.number(f"SELECT count(*) FROM ({rows}) WHERE record <= before"):
            return True
    return not count_of(work, fresh, "SELECT count(*) - count(DISTINCT record) FROM fresh")

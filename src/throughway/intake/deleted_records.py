"""Which stored records a file says are deleted: those of a delta that its source has removed.

Only what the same format brought is found, never what people entered on the site or another file of the partner holds.
"""

from collections.abc import Iterator

from throughway.intake.load_context import LoadContext
from throughway.intake.raw_cells import sql_text
from throughway.intake.row_conversion import GUARDIAN, PERSON, hashed_record
from throughway.intake.scope import stored_rows
from throughway.vocabulary import TABLES


def tables_with_deletions(load: LoadContext) -> list[str]:
    """The tables of which the file says that records are deleted."""
    if load.staged.withdrawn is None:
        return []
    found = load.engine.run(f"SELECT DISTINCT kind FROM {_deletions(load)} ORDER BY kind")
    return [str(name) for name in found.column(0).to_pylist()]


def deleted_records(load: LoadContext, table: str) -> str:
    """SELECT of the stored records of the table that the file says are deleted."""
    format = load.staged.source_system.partition(" ")[0]  # whatever its version
    rows = f"(SELECT * FROM {stored_rows(load, table)} WHERE split_part(source_system, ' ', 1) = {sql_text(format)})"
    return f"SELECT record FROM {rows} WHERE {' OR '.join(_named(load, table, rows))}"


def _deletions(load: LoadContext) -> str:
    return f"read_parquet({sql_text(str(load.staged.withdrawn))})"


def _named(load: LoadContext, table: str, rows: str) -> Iterator[str]:
    """The conditions under which one of the stored rows is one that the file names, by how it names it. A place alone does not say which
    year is meant, so it names nothing where the learner was there in several."""
    described = TABLES[table]
    named = f"(SELECT * FROM {_deletions(load)} WHERE kind = {sql_text(table)}) AS named"
    if not described.of_person:
        yield f"record IN (SELECT {hashed_record(sql_text(load.partner), 'named.key')} FROM {named})"
        return
    learner = f"{named} JOIN person_known AS known ON known.kind = '{PERSON}' AND known.key = named.person"
    alone = "named.key IS NULL AND named.organization IS NULL"
    yield f"record IN (SELECT {hashed_record('known.record', 'named.key')} FROM {learner} WHERE named.key IS NOT NULL)"
    yield f"person_record IN (SELECT known.record FROM {learner} WHERE {alone})"
    if "organization_id" in described.elements:
        place = f"{sql_text(load.partner + '/')} || named.organization"
        yield (
            f"(person_record, organization_id) IN (SELECT (known.record, {place}) FROM {learner}"
            " WHERE named.key IS NULL AND named.organization IS NOT NULL) AND (person_record, organization_id) IN"
            f" (SELECT (person_record, organization_id) FROM {rows} GROUP BY person_record, organization_id"
            " HAVING count(DISTINCT _stored_year) = 1)"
        )
    if "guardian_person_id" in described.elements:
        adult = f"{named} JOIN guardian_known AS known ON known.kind = '{GUARDIAN}' AND known.key = named.guardian"
        yield f"guardian_person_id IN (SELECT known.record FROM {adult})"

"""What can be wrong with a row under one table of a crosswalk; each is a bit of the staged column `_faults`."""

from collections.abc import Sequence

from throughway.intake.crosswalk import ColumnMap, Melt, TableMap
from throughway.intake.school_years import PROBLEM as NO_YEAR
from throughway.intake.school_years import is_school_year
from throughway.intake.staging import RowFault, Scope
from throughway.intake.value_parsing import reads_moments
from throughway.vocabulary import COMMON, TABLES, Element, code_set


def element_of(table: str, name: str) -> Element:
    return TABLES[table].elements.get(name) or COMMON[name]


def key_fault(column: str, what: str) -> RowFault:
    return RowFault(
        "", column, f"{what} is missing", f"fill {column or 'it'} in the source", "row", "missing"
    )


def heading_fault(melt: Melt, element: str, scope: Scope) -> RowFault:
    """A melted heading that is no day; each row says under which it stood."""
    return RowFault(
        element,
        "",
        f"the heading is no date in {' or '.join(melt.date or ())}",
        "correct the heading, or the crosswalk's melt",
        scope,
    )


def element_faults(table: str, name: str, column: ColumnMap, melt: Melt | None) -> Sequence[RowFault]:
    """What can be wrong with one element's cell: unreadable, and, where it is required, missing."""
    source = "" if melt and column.from_ == melt.value else " + ".join(column.sources)
    scope: Scope = "row" if column.required else "cell"
    if melt and melt.date and column.from_ == melt.name:
        return [heading_fault(melt, name, scope)]
    faults = [RowFault(name, source, *_unreadable(element_of(table, name), column), scope)]
    if column.required:
        faults.append(
            RowFault(
                name,
                source,
                f"{name} is required and missing",
                "fill the cell in the source",
                "row",
                "missing",
            )
        )
    return faults


def _unreadable(element: Element, column: ColumnMap) -> tuple[str, str]:
    if column.map is not None:
        return "the code is in no entry of the crosswalk's map", f"add the code to the map of {element.path}"
    if column.date:
        problem = f"no date in {' or '.join(column.date)}"
        cure = f"correct the date, or add its format to {element.path} in the crosswalk"
        if any(map(reads_moments, column.date)):
            problem += ", or a moment in UTC that is another day in some time zones"
            cure += "; for moments in UTC state source.time_zone there, such as America/New_York"
        return problem, cure
    if column.sum:
        return "not a number", "write the quantity as a plain number"
    return unreadable(element)


def unreadable(element: Element) -> tuple[str, str]:
    """What is said of a cell that is no value of the element, and its cure."""
    if name := code_set(element):
        return (
            f"no code of {name}, the list of {element.path}",
            f"map the code in the crosswalk; `throughway vocabulary {name}` lists them",
        )
    return NO_YEAR if is_school_year(element) else UNREADABLE[element.type]


UNREADABLE = {
    "date": ("no date in %Y-%m-%d", "correct the date, or state its format in the crosswalk"),
    "datetime": ("no moment in ISO form", "write it as 2024-09-04 13:00:00"),
    "integer": ("not a whole number", "write it as a plain whole number"),
    "decimal": ("not a number", "write it as a plain number"),
    "boolean": ("neither true nor false", "write true or false, or map the codes in the crosswalk"),
    "code": ("not readable", "correct the code"),  # of an open list
    "string": ("not readable", "correct the text"),
    "id": ("not readable", "correct the key"),
    "time": ("not readable", "write it as 13:00"),
}


def faults_of(table: str, mapped: TableMap) -> tuple[RowFault, ...]:
    """All faults that a row of this table can have, in the order of their bits."""
    whose = "the key of the person"

    def of_key(column: str, what: str) -> list[RowFault]:
        if mapped.melt and mapped.melt.date and column == mapped.melt.name:
            return [heading_fault(mapped.melt, "", "row")]
        faults = [key_fault(column, what)]
        if (name := mapped.key_element(column)) is not None:
            problem, cure = _unreadable(element_of(table, name), mapped.columns[name])
            faults.append(RowFault("", column, problem, cure, "row"))
        return faults

    own = whose if table == "person" else "the key of the row"
    keys = [f for c in mapped.key if table == "person" or c not in mapped.person for f in of_key(c, own)]
    persons = [f for c in mapped.person for f in of_key(c, whose)]
    elements = [
        f for name, column in mapped.columns.items() for f in element_faults(table, name, column, mapped.melt)
    ]
    return (*keys, *persons, *elements)

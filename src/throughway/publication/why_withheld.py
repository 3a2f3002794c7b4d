"""Why figures are withheld, and what can show more, in sentences: the same on a page, in each file and before anything is published.

Which figures are below the minimum and which protect those is never told. So the advice rests on what was asked, and on nothing that was counted.
"""

from collections.abc import Iterator, Sequence

from throughway.core.prose import counted
from throughway.publication.tables import ProtectedTable


def why_withheld(
    tables: Sequence[ProtectedTable], minimum: int, groups: Sequence[str] | None = None
) -> Iterator[str]:
    """Two sentences where a figure of the tables is withheld, otherwise none. `minimum`: students; `groups`: as `larger_groups` takes them, of
    a question whose reader can ask it otherwise."""
    many = sum(cell.withheld for table in tables for cell in table.cells)
    if not many:
        return
    figures = sum(len(table.cells) for table in tables)
    yield (
        f"{many:,} of {counted(figures, 'figure')} {'is' if many == 1 else 'are'} withheld. A figure is withheld where it counts fewer than "
        f"{minimum} students, or where such a count could be worked out from it, alone or beside other releases. Which of the two is not told, "
        "and withheld does not mean zero."
    )
    yield larger_groups(groups or ())


def larger_groups(groups: Sequence[str]) -> str:
    """What can show more of a question. `groups`: its columns that group."""
    if not groups:
        return "More can be shown where more students are counted together, such as several school years."
    small = f"small groups of {groups[0].replace('_', ' ')}" if len(groups) == 1 else "small groups"
    without = [f"by {group.replace('_', ' ')}" for group in groups]
    fewer = f"leave out {' or '.join(without)}, " if len(groups) > 1 else ""
    return (
        f"Larger groups can show more: {fewer}show {small} together, or count several school years together."
    )

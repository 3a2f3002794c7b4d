"""Turns the true tables of one release into what may be published of them, all tables together."""

from collections.abc import Sequence

from throughway.publication.audit import widened
from throughway.publication.cell_position import Place
from throughway.publication.exact_inference import withheld_against_sums
from throughway.publication.linear_system import system_of
from throughway.publication.policy import POLICY, SuppressionPolicy
from throughway.publication.primary_suppression import too_small
from throughway.publication.rate_coding import coded
from throughway.publication.tables import ProtectedCell, ProtectedTable, RawCell, RawTable, Relation


def protect(
    tables: Sequence[RawTable],
    *,
    minimum_cell: int,
    relations: Sequence[Relation] = (),
    policy: SuppressionPolicy = POLICY,
) -> tuple[ProtectedTable, ...]:
    """The tables with every figure withheld that must be: too small, or telling of one that is.

    Example: of 40 students 35 reach a milestone and 5 do not; with a minimum of 10 both parts are withheld and marked
    alike, since 40 - 35 would tell the other. ValueError where the tables contradict each other.
    """
    if minimum_cell < 1:
        raise ValueError("the minimum cell is at least 1")
    system = system_of(tables, relations, policy)
    withheld = widened(
        system, withheld_against_sums(system, too_small(system, minimum_cell)), minimum_cell, policy
    )
    hidden = {system.names[i] for i in withheld}
    return tuple(
        ProtectedTable(
            table.title,
            table.by,
            tuple(ProtectedCell(dict(c.at), c.statistic, _shown(c, hidden, policy)) for c in table.cells),
        )
        for table in tables
    )


def _shown(cell: RawCell, hidden: set[tuple[str, Place]], policy: SuppressionPolicy) -> int | str | None:
    """What is printed of one cell.

    A rate whose counts stand in the release follows from them, so it is printed as a whole percent iff all of them are,
    and tells nothing more. Any other rate is coded.
    """
    if cell.of:
        if any(("students", where) in hidden for where in cell.among):
            return None
        return _whole_percent(cell, policy)
    if (cell.statistic, cell.place) in hidden:
        return None
    return cell.count if cell.statistic == "students" else coded(cell.numerator, cell.denominator, policy)


def _whole_percent(cell: RawCell, policy: SuppressionPolicy) -> int | str | None:
    """Rounded half up, never to 0 or 100."""
    if not cell.denominator:
        return None
    if cell.denominator >= policy.bands[0].smallest:
        return coded(cell.numerator, cell.denominator, policy)
    percent = (200 * cell.numerator + cell.denominator) // (2 * cell.denominator)
    return min(max(percent, 1), 99)

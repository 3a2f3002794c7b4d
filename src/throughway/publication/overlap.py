"""Refuses a release that shares students with an earlier release of the same kind of report.

Two releases about some of the same students can point to one of them, so the registry publishes only the first.
"""

from collections.abc import Sequence

from throughway.core.prose import day
from throughway.core.refusals import Refused
from throughway.gate.actions import links_in_force
from throughway.ledger.entry_search import contributing_records
from throughway.publication.selectors import Published, published_of, release_rows
from throughway.store.record_numbers import both

TOGETHER = "34 CFR 99.31(b)(1), through single or multiple releases"


def check_no_overlap(*, report: str, disclosures: Sequence[str]) -> None:
    """Refused (covered) where a student in these ledger entries may be in an earlier release of the same kind of report, whatever its
    day, purpose, agreement or groups, and whether it is public, in review or withdrawn."""
    found = earlier_release(report, disclosures)
    if found is None:
        return
    since, withdrawn = day(found.standing.registered), found.standing.withdrawn
    named = f"release {found.id} of {since}" + (", which was withdrawn and still counts" if withdrawn else "")
    instead = "report on" if withdrawn else "show that release, or report on"
    raise Refused(
        f"This report counts students who are also in {named}, and two releases about the same students can identify one of "
        f"them; {instead} students whom it does not cover.",
        code="covered", citations=[TOGETHER],
    )  # fmt: skip


def earlier_release(report: str, disclosures: Sequence[str]) -> Published | None:
    """The newest release of that kind of report to which a student in these ledger entries can have contributed too, by today's links.
    Where an entry cannot be read, every release of the kind counts."""
    rows = list(release_rows().filter(about__report=report).defer("tables"))
    if not rows:
        return None
    now = contributing_records(disclosures)
    persons = links_in_force().together(now.records)
    for row in rows:
        before = contributing_records(row.disclosures)
        if not (now.whole and before.whole) or both(persons, before.records).size:
            return published_of(row, tables=False)
    return None

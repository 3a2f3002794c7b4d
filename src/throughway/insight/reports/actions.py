"""Makes a report of any kind: counted through the gate, protected, registered, and written as a file where one is asked for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from throughway.gate.actions import GovernedAccess
from throughway.insight.actions import ReportDraft, registration, report_access
from throughway.insight.reports.page import ReportPage, ReportSection, page_to_json
from throughway.partners import Actor
from throughway.publication.report_files import check_format, write_release
from throughway.publication.selectors import Published, published


@dataclass(frozen=True)
class ReportKind:
    """One kind of report. `id`: its word in the command, the register and the addresses. `lead`: what it tells, for a reader who sees it
    before the first release. `draft` counts it; `page` says what a release shows. `beside`: pages that
    belong to it, each by the name of its address and its title. `more`: sections of other releases that the newest page shows, as far as
    the reader may see them."""

    id: str
    title: str
    lead: str
    draft: Callable[[GovernedAccess], ReportDraft]
    page: Callable[[Published], ReportPage]
    beside: tuple[tuple[str, str], ...] = ()
    more: Callable[[Actor], Iterable[ReportSection]] = lambda reader: ()


def make_report(
    kind: ReportKind, *, actor: Actor, purpose: str, on: date | None = None, out: Path | None = None
) -> dict[str, object]:
    """Counts the report under a purpose of form aggregate, registers it protected, and returns its page and figures with their release.

    Refused where the purpose's form is not aggregate or does not show what the report reads, where not one figure could be shown, and
    where an earlier report covers these students.
    """
    if out is not None:
        check_format(out)
    with report_access(actor=actor, purpose=purpose, on=on) as access:
        release = kind.draft(access).publish(actor)
        found = published(release.id, actor)
    if out is not None:
        write_release(out, found)
    return {
        **registration(found),
        **page_to_json(kind.page(found)),
        "tables": [table.to_json() for table in found.tables],
        **({"report": str(out)} if out is not None else {}),
    }


def preview_report(
    kind: ReportKind, *, actor: Actor, purpose: str, on: date | None = None
) -> dict[str, object]:
    """What `make_report` would show and withhold; publishes nothing. Refused under the same conditions."""
    with report_access(actor=actor, purpose=purpose, on=on) as access:
        return kind.draft(access).preview()

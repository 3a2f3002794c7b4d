"""Makes a report of any kind: counted through the gate, protected, registered, and written as a file where one is asked for."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path

from throughway.gate.actions import GovernedAccess
from throughway.insight.actions import ReportDraft, registration, report_access
from throughway.insight.reports.page import ReportPage, ReportSection, page_to_json
from throughway.insight.unlinked_records import sentences as of_linkage
from throughway.partners import Actor
from throughway.publication.report_files import check_format, write_release
from throughway.publication.selectors import Published, published


def _page_and_tables(kind: "ReportKind", found: Published) -> dict[str, object]:
    page = page_to_json(kind.page(found)) if kind.page else {}
    return {**page, "tables": [table.to_json() for table in found.tables]}


def _page_notes(kind: "ReportKind", found: Published) -> list[str]:
    return kind.page(found).notes if kind.page else []


def _where_asked(found: Published, out: Path | None) -> Path | None:
    if out is not None:
        write_release(out, found)
    return out


@dataclass(frozen=True)
class ReportKind:
    """One kind of report. `id`: its word in the command, the register and the addresses. `lead`: what it tells, for a reader who sees it
    before the first release. `draft` counts it; `page` says what a release shows, where it has no page of its own. `beside`: pages that
    belong to it, each by the name of its address and its title. `more`: sections of other releases that the newest page shows, as far as
    the reader may see them.

    `document`: what the command returns of a release besides its registration. `check`: refuses the name of a file; `write`: writes a
    release, and returns where. `notes`: what a reader of a release must know besides its figures, in sentences. `start`: the page that tells how its counts go, where that is not the page of the newest release.
    """

    id: str
    title: str
    lead: str
    draft: Callable[[GovernedAccess], ReportDraft]
    page: Callable[[Published], ReportPage] | None
    beside: tuple[tuple[str, str], ...] = ()
    more: Callable[[Actor], Iterable[ReportSection]] = lambda reader: ()
    document: Callable[["ReportKind", Published], dict[str, object]] = _page_and_tables
    check: Callable[[Path], None] = check_format
    write: Callable[[Published, Path | None], Path | None] = _where_asked
    notes: Callable[["ReportKind", Published], Iterable[str]] = _page_notes
    start: str = ""

    def address(self, name: str) -> str:
        """One of its addresses by its name: `start`, `count`, `preview` or `release`."""
        start = self.start or f"{self.id}:newest"
        return start if name == "start" else f"{start.partition(':')[0]}:{name}"


def report_kind(id: str) -> ReportKind:
    """The kind of report with that word; its module is loaded only when it is asked for."""
    package = "commitments" if id == "services" else id.replace("-", "_")
    kind: ReportKind = import_module(f"throughway.insight.{package}.actions").REPORT
    return kind


def sentences(found: Published) -> Iterator[str]:
    """What the pages of a report say of a release besides its figures, for the registry and for files."""
    kind = report_kind(found.about["report"])
    yield from kind.notes(kind, found)
    yield from of_linkage(found.about.get("linkage", {}), found.tables)


def make_report(
    kind: ReportKind, *, actor: Actor, purpose: str, on: date | None = None, out: Path | None = None
) -> dict[str, object]:
    """Counts the report under a purpose of form aggregate, registers it protected, and returns its page and figures with their release;
    it is in review where an agreement gives its disclosers days of review.

    Refused where the purpose's form is not aggregate or does not show what the report reads, where not one figure could be shown, and
    where an earlier report covers these students.
    """
    if out is not None:
        kind.check(out)
    with report_access(actor=actor, purpose=purpose, on=on) as access:
        return publish_report(kind, access, by=actor, out=out)


def publish_report(
    kind: ReportKind, access: GovernedAccess, *, by: Actor, out: Path | None = None
) -> dict[str, object]:
    """`make_report` with access that is there already."""
    found = published(kind.draft(access).publish(by).id, by)
    path = kind.write(found, out)
    return {
        **registration(found),
        **kind.document(kind, found),
        **({"report": str(path)} if path is not None else {}),
    }


def preview_report(
    kind: ReportKind, *, actor: Actor, purpose: str, on: date | None = None
) -> dict[str, object]:
    """What `make_report` would show and withhold; publishes nothing. Refused under the same conditions."""
    with report_access(actor=actor, purpose=purpose, on=on) as access:
        return kind.draft(access).preview()

"""Assigns the schools and programs for which users are responsible, after a check that the partner's records name them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from throughway.core.refusals import Refused
from throughway.gate.actions.current_row_scope import served_by
from throughway.gate.row_scope import SITE_COLUMNS
from throughway.partners.actor import Actor
from throughway.partners.assigning import assign_sites
from throughway.partners.permissions import check_can_keep_people, check_can_keep_registers
from throughway.partners.selectors import members, own_kind
from throughway.partners.site_assignment import Site, SiteAssignment, SiteKind, SiteRow, read_sites
from throughway.store import schemas
from throughway.store.engine import DuckDBEngine
from throughway.store.record_numbers import Numbers
from throughway.store.selectors import snapshot

# The table that names each kind of site, besides the enrollments there.
NAMED_IN: Mapping[SiteKind, tuple[str, str, str]] = {
    SiteKind.SCHOOL: ("organization", "organization_id", "organization_name"),
    SiteKind.PROGRAM: ("program", "program_identifier", "program_name"),
}


@dataclass(frozen=True)
class AddedSites:
    """`new`: assignments written; `unchanged`: those that existed already."""

    new: int
    unchanged: int


def add_sites(*, path: Path, by: Actor) -> AddedSites:
    """Adds the assignments of a CSV with the columns `email,kind,site,from,to`. If any line is wrong, nothing is added."""
    check_can_keep_registers(by)
    listed = read_sites(path)
    assigned = _assignments(listed, by)
    new = assign_sites(assigned=assigned, by=by)
    return AddedSites(new, len(assigned) - new)


def assign_site(*, email: str, site: Site, first: date, last: date | None = None, by: Actor) -> None:
    """Makes a user responsible for one school or program. Refused where the records of the user's partner name none of that id."""
    person = members().filter(email__iexact=email.strip()).first()
    if person is None:
        raise Refused("No user has that e-mail address; see `throughway user list`.", code="unknown_user")
    check_can_keep_people(by, own_kind(by), person.partner_id)
    if last is not None and last < first:
        raise Refused("The last day is before the first; change one of them.", code="bad_day")
    known = named_site(site, person.partner_id, known_sites(person.partner_id))
    if known is None:
        raise Refused(NONE_OF_THAT_ID.format(kind=site.kind), code="unknown_site")
    assign_sites(assigned=[SiteAssignment(person.email, person.partner_id, known, first, last)], by=by)


NONE_OF_THAT_ID = "The records of the user’s organization name no {kind} of that id; check the id, or load the file that names it first."


def _assignments(listed: Sequence[SiteRow], by: Actor) -> list[SiteAssignment]:
    at = dict(members().values_list("email", "partner_id"))
    for each in listed:
        if each.email not in at:
            raise each.line.wrong(
                "names a user who is not in the register; see `throughway user list`", code="unknown_user"
            )
    kind = own_kind(by)
    for partner in {at[each.email] for each in listed}:
        check_can_keep_people(by, kind, partner)
    known = {partner: known_sites(partner) for partner in {at[each.email] for each in listed}}
    assigned = []
    for each in listed:
        partner = at[each.email]
        site = named_site(each.site, partner, known[partner])
        if site is None:
            raise each.line.wrong(
                f"names a {each.site.kind} that no record of the user's partner names; check the id, or load the file that names it first",
                code="unknown_site",
            )
        assigned.append(SiteAssignment(each.email, partner, site, each.first, each.last))
    return assigned


def named_site(site: Site, partner: str, known: Collection[Site]) -> Site | None:
    """The known site of that id, which may be written as the partner writes it or with the partner's name before it, as it is stored."""
    for id in (site.id, f"{partner}/{site.id}"):
        if (found := Site(site.kind, id)) in known:
            return found
    return None


def known_sites(partner: str) -> frozenset[Site]:
    """The schools and programs that the partner's records name: organizations, programs, and where its learners are enrolled."""
    found: set[Site] = set()
    with snapshot() as stored, DuckDBEngine(threads=1) as engine:
        for kind in SiteKind:
            for table, name in (NAMED_IN[kind][:2], SITE_COLUMNS[kind]):
                if files := stored.files(table, partner):
                    engine.register("site_rows", files, columns=schemas.columns(table))
                    ids = engine.run(
                        f'SELECT DISTINCT "{name}" AS id FROM site_rows WHERE "{name}" IS NOT NULL'
                    )
                    found.update(Site(kind, id) for id in ids["id"].to_pylist())
    return frozenset(found)


def site_names(partner: str, by: Actor) -> dict[Site, str]:
    """The names of the partner's schools and programs, for those who keep its accounts; an id for one that no record names. Nothing in
    it is about a student."""
    check_can_keep_people(by, own_kind(by), partner)
    names: dict[Site, str] = {}
    with snapshot() as stored, DuckDBEngine(threads=1) as engine:
        for kind, (table, id, name) in NAMED_IN.items():
            if files := stored.files(table, partner):
                engine.register("site_names", files, columns=schemas.columns(table))
                rows = engine.run(f'SELECT "{id}" AS id, max("{name}") AS name FROM site_names GROUP BY ALL')
                names |= {
                    Site(kind, row["id"]): row["name"] or row["id"] for row in rows.to_pylist() if row["id"]
                }
    plain = {site: site.id.removeprefix(f"{partner}/") for site in known_sites(partner)}
    return plain | names


def students_at(site: Site, on: date, by: Actor) -> Numbers:
    """The record numbers of the learners of the caller's partner who are at one of its sites on that day; to read them through the gate.
    Never show them to a user."""
    check_can_keep_people(by, own_kind(by), by.partner or "")
    with snapshot() as stored:
        return served_by(stored, by.partner or "", on, frozenset({site}))

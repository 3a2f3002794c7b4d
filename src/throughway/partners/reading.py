"""What other rooms ask of the register of partners."""

from collections.abc import Iterable, Mapping
from datetime import date

from throughway.partners.actor import Actor
from throughway.partners.bars import Bar
from throughway.partners.caseload import Assigned, as_it_stands
from throughway.partners.kinds import PartnerFacts, PartnerKind
from throughway.partners.members import Change, Changed, Member
from throughway.partners.models import BarEvent, CaseloadEvent, Partner, User, UserEvent
from throughway.partners.moment import once
from throughway.partners.permissions import check_can_keep_registers, may_keep_people
from throughway.partners.roles import Role
from throughway.partners.systems.reading import held as held
from throughway.partners.systems.reading import systems as systems
from throughway.refusals import Refused, did_you_mean

WORKERS = frozenset({Role.CASE_WORKER, Role.PROGRAM_MANAGER})


@once
def partners() -> Mapping[str, PartnerFacts]:
    return {p.id: p.facts() for p in Partner.objects.order_by("id")}


def partner_names() -> dict[str, str]:
    """What each partner is called, by its id."""
    return {id: facts.name for id, facts in partners().items()}


def own_kind(actor: Actor) -> PartnerKind | None:
    """The kind of the partner that one acts for; None for the operator."""
    facts = partners().get(actor.partner or "")
    return facts.kind if facts else None


def known(partner: str) -> PartnerFacts:
    """The partner of that id; Refused when the register has none."""
    found = Partner.objects.filter(id=partner).first()
    if found is None:
        ids = Partner.objects.values_list("id", flat=True)
        cure = did_you_mean(partner, ids, "see `throughway partner list`.")
        raise Refused(f"No partner has the id {partner}; {cure}", code="unknown_partner")
    return found.facts()


def actor(email: str) -> Actor:
    """The user of that address, as one who acts; Refused when unknown or closed."""
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if user is None:
        raise Refused("No user has that e-mail address; see `throughway user list`.", code="unknown_user")
    return Actor(user.email, user.partner_id, user.role)


def users() -> list[Actor]:
    """Everyone who may act, by address."""
    return [
        Actor(u.email, u.partner_id, u.role) for u in User.objects.filter(is_active=True).order_by("email")
    ]


def assignments() -> list[Assigned]:
    """Every assignment of a student to a user as it was last said, the ended ones too; by user, in the order of entry."""
    return as_it_stands(_events(CaseloadEvent.objects.order_by("email", "id")))


def assignments_open_to(actor: Actor) -> list[Assigned]:
    """What one may see of who works with whom: those who work with students, their own assignments; those who keep a partner's
    registers, all that its students or its people are in; the operator, all. Refused for everybody else."""
    if actor.role in WORKERS:
        return assigned_to(actor.email)
    check_can_keep_registers(actor)
    own = own_kind(actor)
    kept = {id for id in partners() if may_keep_people(actor, own, id)}
    theirs = {member.email for member in members() if member.partner in kept}
    return [a for a in assignments() if a.partner in kept or a.email in theirs]


@once
def assigned_to(email: str) -> list[Assigned]:
    """Every assignment of one user as it was last said, the ended ones too, in the order of entry."""
    return as_it_stands(_events(CaseloadEvent.objects.filter(email=email.lower()).order_by("id")))


def caseload_of(email: str, *days: date) -> list[tuple[str, int]]:
    """(partner, record number) of each student assigned to the user on all of these days."""
    assigned = assigned_to(email)
    found = [{(a.partner, a.record) for a in assigned if a.on(day)} for day in days]
    return sorted(set.intersection(*found)) if found else []


def _events(found: Iterable[CaseloadEvent]) -> list[Assigned]:
    return [Assigned(e.email, e.partner, e.record, e.first, e.last) for e in found]


def members(partner: str | None = None) -> list[Member]:
    """Everyone in the register, closed accounts too; of one partner, or of all."""
    found = User.objects.order_by("partner_id", "email")
    return [_member(u) for u in (found.filter(partner_id=partner) if partner else found)]


def member(number: int) -> Member:
    """The user of that number; Refused when there is none."""
    user = User.objects.filter(pk=number).first()
    if user is None:
        raise Refused("No user has that number; go back to the list.", code="unknown_user")
    return _member(user)


def changes(number: int) -> list[Changed]:
    """What was done to an account, newest first."""
    return [
        Changed(Change(e.what), e.at, e.by) for e in UserEvent.objects.filter(user_id=number).order_by("-id")
    ]


def _member(user: User) -> Member:
    return Member(
        user.pk,
        user.email,
        user.partner_id,
        Role(user.role),
        user.is_active,
        user.has_usable_password(),
        user.last_login,
    )


BARS = BarEvent._meta.db_table  # where a new row says that somebody was barred, or no longer is


@once
def bars() -> tuple[Bar, ...]:
    """Every bar that was recorded, the ended ones too, oldest first."""
    events = list(BarEvent.objects.order_by("id"))
    ended = {e.ends_id: e.finding for e in events if e.ends_id is not None}
    return tuple(
        Bar(e.pk, e.party_id, e.agency_id, e.finding, e.found_on, e.until, ended.get(e.pk, ""))
        for e in events
        if e.ends_id is None
    )

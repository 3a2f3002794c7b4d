"""Reads of the register of partners and users."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from django.db.models import FilteredRelation, Q, QuerySet

from throughway.core.cache import Cache
from throughway.core.refusals import Refused, did_you_mean
from throughway.partners import apps
from throughway.partners.actor import CUSTODIANS, OPERATOR, Actor, Role
from throughway.partners.caseload import Assigned, as_it_stands
from throughway.partners.debarment import Debarment
from throughway.partners.kinds import PartnerFacts, PartnerKind
from throughway.partners.legal_status.status_change import StatusEventKind
from throughway.partners.members import LINK_HOLDS, AccountEventKind, AccountOrigin, LinkAsked, on_and_by
from throughway.partners.models import (
    AccessToken,
    BarEvent,
    CaseloadEvent,
    Partner,
    PartnerStatusEvent,
    SiteAssignmentEvent,
    User,
    UserEvent,
    UserQuerySet,
)
from throughway.partners.open_step import OpenStep
from throughway.partners.permissions import (
    SIGNERS,
    agreeing_roles,
    check_can_keep_of,
    check_can_keep_registers,
    may_keep_people,
    may_open_alone,
)
from throughway.partners.register_stamps import RegisterStamp
from throughway.partners.request_cache import cached_per_request
from throughway.partners.site_assignment import Site, SiteAssignment, SiteKind, latest
from throughway.partners.systems.selectors import held as held
from throughway.partners.systems.selectors import systems as systems

WORKERS = frozenset({Role.CASE_WORKER, Role.PROGRAM_MANAGER})
KEPT = 512  # people
_NEWEST = ("max(id)", "count(*)", "max(at)")
_CASELOADS = RegisterStamp(*_NEWEST, table=CaseloadEvent._meta.db_table)
_SITES = RegisterStamp(*_NEWEST, table=SiteAssignmentEvent._meta.db_table)
# Who holds the rights over a partner's records follows from its legal statuses.
LEGAL_STATUSES = RegisterStamp(*_NEWEST, table=PartnerStatusEvent._meta.db_table)
_ASSIGNED = Cache[tuple[Assigned, ...]](KEPT)
_PLACED = Cache[tuple[SiteAssignment, ...]](KEPT)


@cached_per_request
def partners() -> Mapping[str, PartnerFacts]:
    return _facts(Partner.objects.all(), Q(status_events__what=StatusEventKind.CHANGED))


def partners_at(moment: datetime) -> Mapping[str, PartnerFacts]:
    """Every partner, with the legal statuses that it had at that moment."""
    until = Q(status_events__what=StatusEventKind.CHANGED, status_events__at__lte=moment)
    return _facts(Partner.objects.all(), until)


def _facts(found: QuerySet[Partner], changes: Q) -> dict[str, PartnerFacts]:
    """By id, after these changes of legal statuses; in one question, since nearly every page asks it."""
    rows = found.annotate(change=FilteredRelation("status_events", condition=changes)).order_by(
        "id", "change__id"
    )
    made = rows.values_list("id", "name", "kind", "stated", "change__adds", "change__removes")
    facts = {}
    for (id, name, kind, stated), of_partner in groupby(made, key=lambda row: row[:4]):
        own = [(adds, removes) for *_, adds, removes in of_partner if adds is not None]
        facts[id] = Partner(id=id, name=name, kind=kind, stated=stated).facts(own)
    return facts


def partner_names() -> dict[str, str]:
    """What each partner is called, by its id."""
    return {id: facts.name for id, facts in partners().items()}


def open_account(partner: str, email: str) -> User | None:
    """The open account of a partner with this address."""
    return User.objects.open().filter(email__iexact=email, partner=partner).first()


def own_kind(actor: Actor) -> PartnerKind | None:
    """The kind of the partner that one acts for; None for the operator."""
    facts = partners().get(actor.partner or "")
    return facts.kind if facts else None


def answers_for_itself(partner: str) -> bool:
    """Whether anybody who answers for that partner ever opened an account, so that it can be asked."""
    people = User.objects.filter(partner_id=partner, role__in=CUSTODIANS | {Role.PROGRAM_MANAGER})
    return any(user.last_login is not None or user.has_usable_password() for user in people)


def rests_on(by: Actor, partner: str) -> str:
    """The agreement in effect by which the partner handed over to the actor's own what is the partner's; empty where there is none."""
    today = date.today()
    return next((id for found in apps.handed_over if (id := found(partner, by.partner or "", today))), "")


def acts_for(by: Actor, partner: str, *, unattended: bool = False) -> bool:
    """Whether the actor, whose role allows the act, may do it to what is the partner's: as one of its people, as the operator, or by an
    agreement that hands it over. `unattended`: also where nobody of the partner ever opened an account whom one could ask."""
    return (
        by.is_operator
        or by.partner == partner
        or bool(rests_on(by, partner))
        or (unattended and not answers_for_itself(partner))
    )


def check_acts_for(by: Actor, partner: str, *, unattended: bool = False) -> None:
    if not acts_for(by, partner, unattended=unattended):
        raise Refused(
            f"This belongs to {partner}, and no agreement in effect hands it over to {by.partner}; ask a data steward, privacy officer or "
            f"leader of {partner} to do it, or the operator of the folder.",
            code="ask_partner",
        )


def check_keeps(by: Actor, partner: str, *, unattended: bool = False) -> None:
    """Refused unless the actor keeps the partner's registers, and may act for it."""
    check_can_keep_of(by, own_kind(by), partner)
    check_acts_for(by, partner, unattended=unattended)


def known(partner: str) -> PartnerFacts:
    """The partner of that id; Refused when the register has none."""
    changes = Q(status_events__what=StatusEventKind.CHANGED)
    found = _facts(Partner.objects.filter(id=partner), changes).get(partner)
    if found is None:
        ids = Partner.objects.values_list("id", flat=True)
        cure = did_you_mean(partner, ids, "see `throughway partner list`.")
        raise Refused(f"No partner has the id {partner}; {cure}", code="unknown_partner")
    return found


def accounts_ever() -> QuerySet[User, str]:
    """The address of every account, open or closed, in small letters."""
    return User.objects.values_list("email", flat=True)


def actor(email: str) -> Actor:
    """The user of that address, as one who acts; Refused when unknown or closed."""
    user = User.objects.open().filter(email__iexact=email.strip()).first()
    if user is None:
        raise Refused("No user has that e-mail address; see `throughway user list`.", code="unknown_user")
    return user.actor()


def number_of(email: str) -> int:
    """The number of the account of that address, open or closed; Refused when unknown."""
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        raise Refused("No user has that e-mail address; see `throughway user list`.", code="unknown_user")
    return user.pk


def users() -> list[Actor]:
    """Everyone who may act, by address."""
    return [user.actor() for user in User.objects.open().order_by("email")]


def assignments() -> list[Assigned]:
    """Every assignment of a student to a user in its latest version, ended ones too; by user, in the order of entry."""
    return as_it_stands(_events(CaseloadEvent.objects.order_by("email", "id")))


def records_assigned(partner: str) -> QuerySet[CaseloadEvent, tuple[int]]:
    """The record numbers of this partner's students that an assignment names, ended ones too."""
    return CaseloadEvent.objects.filter(partner=partner).values_list("record")


def assignments_open_to(actor: Actor) -> Sequence[Assigned]:
    """The assignments that the actor may see: case workers see their own; keepers of a partner's registers see those of its
    students and its people; the operator sees all. Refused for everybody else."""
    if actor.role in WORKERS:
        return assigned_to(actor.email)
    check_can_keep_registers(actor)
    own = own_kind(actor)
    kept = {id for id in partners() if may_keep_people(actor, own, id)}
    theirs = set(User.objects.filter(partner_id__in=kept).values_list("email", flat=True))
    return [a for a in assignments() if a.partner in kept or a.email in theirs]


def assigned_to(email: str) -> Sequence[Assigned]:
    """Every assignment of one user in its latest version, including ended ones, in order of entry; cached until an assignment of
    anybody changes."""
    events = CaseloadEvent.objects.filter(email=email.lower()).order_by("id")
    return _ASSIGNED.of((_CASELOADS.now(), email.lower()), lambda: tuple(as_it_stands(_events(events))))


def workers_of(partner: str) -> QuerySet[User]:
    """The people of a partner who work with students and may sign in, by address."""
    return User.objects.open().filter(partner_id=partner, role__in=sorted(WORKERS)).order_by("email")


def working_with(records: Collection[int], partner: str, on: date) -> set[tuple[str, int]]:
    """(address, record number) of each assignment to these records that lasts on that day, of the partner's people who work with
    students and may sign in."""
    people = workers_of(partner)
    events = CaseloadEvent.objects.filter(
        record__in=sorted(records), email__in=people.order_by().values("email")
    )
    return {(a.email, a.record) for a in as_it_stands(_events(events.order_by("id"))) if a.on(on)}


def colleagues(email: str) -> list[str]:
    """The addresses of those who work with students for the same partner and may sign in, without the user's own."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        return []
    return list(workers_of(user.partner_id).exclude(pk=user.pk).values_list("email", flat=True))


def caseload_of(email: str, *days: date) -> list[tuple[str, int]]:
    """(partner, record number) of each student assigned to the user on all of these days."""
    assigned = assigned_to(email)
    found = [{(a.partner, a.record) for a in assigned if a.on(day)} for day in days]
    return sorted(set.intersection(*found)) if found else []


def _events(found: Iterable[CaseloadEvent]) -> list[Assigned]:
    return [Assigned(e.email, e.partner, e.record, e.first, e.last) for e in found]


def site_assignments_of(email: str) -> Sequence[SiteAssignment]:
    """Every school or program that was assigned to a user, in its latest version, ended ones too, in order of entry; cached likewise."""
    events = SiteAssignmentEvent.objects.filter(email=email.lower()).order_by("id")
    return _PLACED.of((_SITES.now(), email.lower()), lambda: tuple(latest(_site_events(events))))


def sites_of(actor: Actor, on: date) -> frozenset[Site]:
    """The schools and programs of the actor's own partner for which the actor is responsible on that day."""
    return frozenset(
        a.site for a in site_assignments_of(actor.email) if a.partner == actor.partner and a.on(on)
    )


def site_assignments_open_to(actor: Actor) -> list[SiteAssignment]:
    """The assignments of schools and programs that the actor may see: keepers of a partner's registers see those of its people, the
    operator sees all. Refused for everybody else."""
    check_can_keep_registers(actor)
    own = own_kind(actor)
    kept = {id for id in partners() if may_keep_people(actor, own, id)}
    found = latest(_site_events(SiteAssignmentEvent.objects.order_by("email", "id")))
    return [a for a in found if a.partner in kept]


def _site_events(found: Iterable[SiteAssignmentEvent]) -> list[SiteAssignment]:
    return [
        SiteAssignment(e.email, e.partner, Site(SiteKind(e.kind), e.site), e.first, e.last) for e in found
    ]


def members(partner: str | None = None) -> UserQuerySet:
    """Everyone in the register, including closed accounts; of one partner, or of all."""
    found = User.objects.order_by("partner_id", "email")
    return found.filter(partner_id=partner) if partner else found


DORMANT = timedelta(days=90)  # without a sign-in, or a use of a token


def dormant(keeper: Actor, on: date) -> list[User]:
    """The open accounts that the keeper keeps, are older than that, and nobody has used since."""
    own, since = own_kind(keeper), datetime.combine(on - DORMANT, time.min, UTC)
    used = AccessToken.objects.filter(used__gte=since).values("user")
    found = members().open(on).filter(added_at__lt=since).exclude(last_login__gte=since).exclude(pk__in=used)
    return [user for user in found if may_keep_people(keeper, own, user.partner_id)]


def changes(number: int) -> QuerySet[UserEvent]:
    """The history of an account, newest first."""
    return UserEvent.objects.filter(user_id=number).order_by("-id")


def opened(email: str) -> AccountOrigin | None:
    """How the account of that address came to be its holder's; None where there is none."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        return None
    words, by = f"Account added {on_and_by(user.added_at, user.added_by)}", {user.added_by}
    link = UserEvent.objects.filter(user=user, what=AccountEventKind.INVITED).order_by("id").last()
    if link is not None:
        words += f"; link given {on_and_by(link.at, link.by, link.asked_by)}"
        by = {link.by, link.asked_by}
    return AccountOrigin(words, frozenset(by - {"", OPERATOR.email}))


def gives_alone(user: User, by: Actor) -> bool:
    """Whether the actor, who keeps that account, may give its link without a second person."""
    return may_open_alone(by, user.partner_id, user.role) or (
        user.role in SIGNERS and opens_first(user.pk, by)
    )


def second_people(number: int, asking: str) -> frozenset[str]:
    """Who may agree to a link for that account when `asking` requests it: people of its partner (`agreeing_roles`), except the
    holder, the requester, and those whose account was opened by the same single person as the requester's."""
    user = User.objects.get(pk=number)
    return who_answers(user.partner_id, agreeing_roles(user.role), apart_from=asking) - {user.email}


def who_answers(partner: str, roles: Collection[Role] = CUSTODIANS, *, apart_from: str) -> frozenset[str]:
    """The people of a partner in one of these roles, except `apart_from` and those whose account was opened by the same single person as that
    one's: who can be the second of two people."""
    others = User.objects.open().filter(partner_id=partner, role__in=sorted(roles))
    emails = set(others.values_list("email", flat=True)) - {apart_from}
    behind = _behind(apart_from)
    return frozenset(email for email in emails if not behind & _behind(email))


def named_by_operator(actor: Actor) -> bool:
    """Whether the actor is a data steward of the backbone, who signs nothing, and whose own account the operator of the folder added and
    opened."""
    if actor.role != Role.DATA_STEWARD or own_kind(actor) != PartnerKind.BACKBONE:
        return False
    how = opened(actor.email)
    added = User.objects.filter(email=actor.email, added_by=OPERATOR.email)
    return how is not None and not how.by and added.exists()


def opens_first(number: int, by: Actor) -> bool:
    """Whether the actor alone may give the link of that account, which may sign: the steward whom the operator named, as long as the
    partner has signed nothing, nobody who may sign for it has ever had a passphrase or signed in, and no link was given but the actor's
    own, for this account."""
    if not named_by_operator(by):
        return False
    partner = User.objects.get(pk=number).partner_id
    signing = User.objects.filter(partner_id=partner, role__in=SIGNERS)
    if any(user.last_login is not None or user.has_usable_password() for user in signing):
        return False
    links = UserEvent.objects.filter(user__in=signing, what=AccountEventKind.INVITED)
    return not links.exclude(user=number, by=by.email).exists() and not any(
        signed(partner) for signed in apps.signed_by
    )


def _behind(email: str) -> set[str]:
    """The account, the one person who opened it, the one who opened theirs, and so on. The chain ends at an account that the
    operator or two people opened."""
    found: set[str] = set()
    while email not in found:
        found.add(email)
        how = opened(email)
        if how is None or len(how.by) != 1:
            break
        (email,) = how.by
    return found


def link_asked(number: int) -> LinkAsked | None:
    """The requested link for that account to which a second person may still agree; None where there is none."""
    return next((request for request in links_asked(date.today()) if request.number == number), None)


def links_asked(on: date) -> list[LinkAsked]:
    """Every link to which a second person may still agree on that day, oldest first."""
    last: dict[int, UserEvent] = {}
    settles = (
        AccountEventKind.LINK_ASKED,
        AccountEventKind.LINK_DECLINED,
        AccountEventKind.INVITED,
        AccountEventKind.CLOSED,
    )
    for event in UserEvent.objects.filter(what__in=settles).select_related("user").order_by("id"):
        last[event.user_id] = event
    found = [
        LinkAsked(
            e.user_id,
            e.user.email,
            e.user.partner_id,
            e.user.role,
            e.by,
            e.at,
            second_people(e.user_id, e.by),
        )
        for e in last.values()
        if e.what == AccountEventKind.LINK_ASKED and on <= e.at.date() + LINK_HOLDS
    ]
    return sorted(found, key=lambda request: request.at)


def open_steps(on: date) -> list[OpenStep]:
    """Links to which a second person must agree."""
    return [
        OpenStep(
            "agree_to_link", f"Agree to a sign-in link for {request.email}, or decline", request.partner,
            agreeing_roles(request.role), request.at.date(), request.until, "partners:agree", (str(request.number),),
            people=request.people, whom="others who may sign" if request.role in SIGNERS else "others who answer for it",
        )
        for request in links_asked(on)
    ]  # fmt: skip


@dataclass(frozen=True)
class LinkGiven:
    """A link that was given for an account. `recipients`: e-mail addresses of those who are notified: its holder and, where the account may
    sign or somebody else than its partner gave or requested the link, everyone of its partner who may sign or keep accounts."""

    number: int
    email: str
    partner: str
    signs: bool
    change: UserEvent
    recipients: frozenset[str]


def links_given(since: date) -> list[LinkGiven]:
    """Every link that was given on that day or later, newest first."""
    events = UserEvent.objects.filter(what=AccountEventKind.INVITED).select_related("user").order_by("-id")
    recent = [event for event in events if event.at.date() >= since]
    watching: dict[str, set[str]] = {}
    for user in User.objects.open().filter(role__in=CUSTODIANS) if recent else ():
        watching.setdefault(user.partner_id, set()).add(user.email)
    own = {(m.partner_id, m.email) for m in User.objects.filter(email__in={e.by for e in recent})}
    found = []
    for event in recent:
        user, partner = event.user, event.user.partner_id
        signs = user.role in SIGNERS
        told = signs or bool(event.asked_by) or (partner, event.by) not in own
        recipients = frozenset({user.email} | (watching.get(partner, set()) if told else set()))
        found.append(LinkGiven(event.pk, user.email, partner, signs, event, recipients))
    return found


BARS = BarEvent._meta.db_table  # a new row is a debarment, or its end


@cached_per_request
def bars() -> tuple[Debarment, ...]:
    """Every bar that was recorded, the ended ones too, oldest first."""
    events = list(BarEvent.objects.order_by("id"))
    ended = {e.ends_id: e.finding for e in events if e.ends_id is not None}
    return tuple(
        Debarment(e.pk, e.party_id, e.agency_id, e.finding, e.found_on, e.until, ended.get(e.pk, ""))
        for e in events
        if e.ends_id is None
    )

"""The register of partners and their users."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models

from throughway.core.prose import day
from throughway.core.refusals import Refused
from throughway.partners.actor import Actor, Role
from throughway.partners.kinds import KIND_LABELS, LegalStatus, PartnerFacts, PartnerKind
from throughway.partners.legal_status.status_change import StatusChange, StatusEventKind, after
from throughway.partners.members import ACCOUNT_EVENT_LABELS, AccountEventKind, on_and_by
from throughway.partners.signatories.signatory import LONGEST as LONGEST_WORDS
from throughway.partners.signatories.signatory import AuthorityKind, SignatoryEventKind
from throughway.partners.site_assignment import SiteKind
from throughway.partners.systems.system import (
    EVENT_LABELS,
    MAX_NAME,
    MAX_NOTE,
    ORIGIN_LABELS,
    REFRESH_LABELS,
    REGIME_LABELS,
    Holding,
    Refresh,
    Regime,
    SystemStatement,
)
from throughway.partners.tokens.token import LONGEST_NAME, TokenScope

BAD_ID = "%(value)r cannot be a partner's id: use small letters, digits and hyphens."
RESERVED = frozenset({"new", "people"})  # addresses of the register's pages


def check_no_address(id: str) -> None:
    if id in RESERVED:
        raise ValidationError(f"{id} is an address of the site; choose another id.", code="bad_id")


def check_statuses(stated: Iterable[str]) -> None:
    unknown = sorted(set(stated) - set(LegalStatus))
    if unknown:
        raise ValidationError(
            f"{', '.join(unknown)} is not a legal status; choose from {', '.join(LegalStatus)}.",
            code="unknown_status",
        )


class Partner(models.Model):
    id = models.SlugField(
        "Short name",
        primary_key=True,
        max_length=100,
        help_text="For files and commands: small letters, digits and hyphens, as oak-schools. It cannot be changed.",
        validators=[
            RegexValidator(r"^[a-z0-9][a-z0-9_-]{0,99}\Z", BAD_ID, code="bad_id"),
            check_no_address,
        ],
        error_messages={
            "invalid": BAD_ID,
            "unique": "A partner with this id is already there; nothing was changed.",
        },
    )
    name = models.CharField(
        "Name", max_length=200, error_messages={"blank": "A partner needs a name (--name)."}
    )
    kind = models.CharField(
        "Kind",
        max_length=20,
        choices=KIND_LABELS.items(),
        error_messages={
            "invalid_choice": f"%(value)r is not a kind of partner; choose {', '.join(PartnerKind)}."
        },
    )
    stated = models.JSONField(default=list, blank=True, validators=[check_statuses])
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.CharField(max_length=254)

    def __str__(self) -> str:
        return self.name

    def facts(self, changes: Iterable[tuple[Iterable[str], Iterable[str]]] = ()) -> PartnerFacts:
        """`changes`: of its legal statuses since it was registered, oldest first, each as what it added and what it removed."""
        stated = after(map(LegalStatus, self.stated), changes)
        return PartnerFacts(self.id, self.name, PartnerKind(self.kind), stated)


class PartnerStatusEvent(models.Model):
    """One event in the history of a partner's legal statuses since it was registered; never changed. `settles`: the request to which a second
    person agreed, or which was declined."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="status_events")
    what = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in StatusEventKind])
    adds = models.JSONField(default=list)
    removes = models.JSONField(default=list)
    reason = models.TextField()
    settles = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="settled_by")
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    asked_by = models.CharField(max_length=254, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.partner_id} {self.what} {self.at:%Y-%m-%d}"

    def change(self) -> StatusChange:
        adds, removes = (frozenset(map(LegalStatus, each)) for each in (self.adds, self.removes))
        return StatusChange(self.partner_id, adds, removes, self.reason, self.at, self.by, self.asked_by)


class UserQuerySet(models.QuerySet["User"]):
    def open(self, on: date | None = None) -> "UserQuerySet":
        """The accounts that are not closed and whose last day has not passed."""
        lasting = models.Q(last_day=None) | models.Q(last_day__gte=on or date.today())
        return self.filter(lasting, is_active=True)


class User(AbstractBaseUser):
    """One who signs in; acts for exactly one partner in one role. `is_active`: not closed by hand; whether the account is open today
    is `is_open`."""

    email = models.EmailField(
        "E-mail address",
        unique=True,
        help_text="What the user types to sign in. The site sends no mail to it.",
        error_messages={
            "blank": "Type an e-mail address.",
            "invalid": "That is not an e-mail address; write it as name@example.org.",
            "unique": "A user with that e-mail address is already there; nothing was changed.",
        },
    )
    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, related_name="users", verbose_name="Acts for"
    )
    role = models.CharField("Role", max_length=30, choices=[(role, role.label) for role in Role])
    is_active = models.BooleanField(default=True)
    last_day = models.DateField(
        "Last day",
        null=True,
        blank=True,
        help_text="For somebody who works here for a season: after this day the account is closed. Leave it empty if there is none.",
    )
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.CharField(max_length=254)

    USERNAME_FIELD = "email"
    objects = BaseUserManager.from_queryset(UserQuerySet)()

    def actor(self) -> Actor:
        return Actor(self.email, self.partner_id, self.role)

    @property
    def duty(self) -> str:
        return Role(self.role).duty

    @property
    def is_open(self) -> bool:
        return self.is_active and not self.has_lapsed

    @property
    def has_lapsed(self) -> bool:
        return self.last_day is not None and self.last_day < date.today()

    @property
    def state(self) -> tuple[str, str]:
        """Kind and label of the tag."""
        if not self.is_active:
            return "past", "closed"
        if self.last_day is not None and self.last_day < date.today():
            return "past", f"ended on {day(self.last_day)}"
        if self.partner_id in settings.COMMUNITY.settings.sign_on:
            return "ok", "signs in at its organization"
        if not self.has_usable_password():
            return "wait", "has not chosen a passphrase"
        return "ok", "can sign in"


class UserEvent(models.Model):
    """One event in the history of an account; never changed."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="events")
    what = models.CharField(max_length=20, choices=ACCOUNT_EVENT_LABELS.items())
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    asked_by = models.CharField(max_length=254, blank=True, default="")  # of a link that two people gave
    last_day = models.DateField(null=True, blank=True)  # that was set; None where it was taken away

    @property
    def words(self) -> str:
        """Given a link on 3 May 2026 by officer@oak.example, as steward@oak.example asked"""
        what = self.get_what_display()
        if self.what == AccountEventKind.LAST_DAY:
            what = f"Last day set to {day(self.last_day)}," if self.last_day else "Last day taken away,"
        return f"{what} {on_and_by(self.at, self.by, self.asked_by)}"


class SignatoryEvent(models.Model):
    """One event in the register of who signs for a partner; never changed. The last one of an account counts. `name`, `office`,
    `authority`, `kind`: as asked for and registered."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="signatory_events")
    what = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in SignatoryEventKind])
    name = models.CharField(max_length=LONGEST_WORDS, blank=True)
    office = models.CharField(max_length=LONGEST_WORDS, blank=True)
    authority = models.CharField(max_length=LONGEST_WORDS, blank=True)
    kind = models.CharField(
        max_length=20, blank=True, choices=[(kind.value, kind.value) for kind in AuthorityKind]
    )
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    asked_by = models.CharField(max_length=254, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.what} {self.at:%Y-%m-%d}"


class AccessToken(models.Model):
    """A token by which a program acts for a user. Only a keyed hash of its secret is stored; it is valid for the partner and
    the role that the user had when it was made. `made_by`: its user, or the operator of the folder. `ended`: when it was taken
    back."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    handle = models.CharField(unique=True, max_length=12)
    digest = models.CharField(max_length=64)
    name = models.CharField(
        "What uses it",
        max_length=LONGEST_NAME,
        help_text="Such as: nightly attendance sheet. One token for each program, so that you can end one alone.",
    )
    scope = models.CharField(max_length=10, choices=[(s, s) for s in TokenScope])
    partner = models.CharField(max_length=100)
    role = models.CharField(max_length=30)
    made = models.DateTimeField()
    made_by = models.CharField(max_length=254)
    until = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    used = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"tw_{self.handle}"

    def holds(self, now: datetime) -> bool:
        return self.ended is None and self.made <= now < self.until

    def state(self, now: datetime) -> tuple[str, str]:
        """The kind of tag, and its words."""
        if self.ended is not None:
            return "past", "ended"
        if now >= self.until:
            return "past", "ran out"
        return ("warn", "runs out soon") if self.until - now < timedelta(days=14) else ("ok", "holds")


class CaseloadEvent(models.Model):
    """One version of an assignment of a student to a user; never changed. A new version with a last day ends it. The student is
    the record's number; partners' own keys rest in the vault."""

    email = models.CharField(max_length=254)
    partner = models.CharField(max_length=100)  # whose record it is
    record = models.BigIntegerField()
    first = models.DateField()
    last = models.DateField(null=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=254)

    class Meta:
        indexes = [models.Index(fields=["email", "id"], name="caseload_of_user")]

    def __str__(self) -> str:
        return f"{self.email} from {self.first}"


class SiteAssignmentEvent(models.Model):
    """One version of a user's responsibility for a school or program of the user's partner; never changed. A new version with a last
    day ends it."""

    email = models.CharField(max_length=254)
    partner = models.CharField(max_length=100)  # of the user, whose school or program it is
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in SiteKind])
    site = models.CharField(max_length=300)  # the id by which the partner's enrollments name it
    first = models.DateField()
    last = models.DateField(null=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=254)

    class Meta:
        indexes = [models.Index(fields=["email", "id"], name="sites_of_user")]

    def __str__(self) -> str:
        return f"{self.email} from {self.first}"


class DataSystem(models.Model):
    """One data system of a partner in its current statement; earlier ones are in its events."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="systems")
    name = models.CharField(
        "Name", max_length=MAX_NAME, help_text="As its users call it, such as Student information system."
    )
    owner = models.CharField(
        "Owner",
        max_length=MAX_NAME,
        blank=True,
        help_text="The office that answers for it. An office, not a person.",
    )
    steward = models.CharField(
        "Steward",
        max_length=MAX_NAME,
        blank=True,
        help_text="The office that looks after its data day by day.",
    )
    regime = models.CharField("Under which law", max_length=20, choices=REGIME_LABELS.items())
    refresh = models.CharField("Brought up to date", max_length=20, choices=REFRESH_LABELS.items())
    note = models.TextField(
        "Note",
        blank=True,
        validators=[MaxLengthValidator(MAX_NOTE)],
        help_text="What somebody should know who wants data from it.",
    )
    holdings = models.JSONField(default=list)  # [["table.column", first day or null, last day or null], ...]
    origin = models.CharField(max_length=10, choices=ORIGIN_LABELS.items())
    retired = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "name"],
                name="system_of_one_name",
                violation_error_code="exists",
                violation_error_message="That partner has a data system of this name already, in use or retired; change that one, or "
                "choose another name.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def statement(self) -> SystemStatement:
        held = tuple(Holding(element, _day(first), _day(last)) for element, first, last in self.holdings)
        return SystemStatement(
            self.name, self.owner, self.steward, Regime(self.regime), Refresh(self.refresh), self.note, held
        )


class DataSystemEvent(models.Model):
    """One event in a system's history, with the statement that applies from then on; never changed."""

    system = models.ForeignKey(DataSystem, on_delete=models.PROTECT, related_name="events")
    what = models.CharField(max_length=20, choices=EVENT_LABELS.items())
    said = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.CharField(max_length=254)


class BarEvent(models.Model):
    """One finding of the Department that debars a party from an agency's records; or the end of an earlier one (`ends`, with
    the reason in `finding`). Never changed."""

    party = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="barred_from")
    agency = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="bars")
    finding = models.TextField()
    found_on = models.DateField()
    until = models.DateField()
    ends = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="ended_by")
    at = models.DateTimeField()
    by = models.CharField(max_length=254)

    def __str__(self) -> str:
        return f"{self.party_id} from {self.agency_id} until {self.until}"


class AskedWork(models.Model):
    """Work that somebody asked for on the site, and what came of it: `waiting`, `done`, or `refused`; `message` and `found` say it.

    `kind`, `about`: of one kind about one thing, one goes on at a time. `task`: the task of the background process; `starts`: how often it
    began, more than once where the process was killed.
    """

    kind = models.CharField(max_length=30)
    about = models.CharField(max_length=100, blank=True)
    given = models.JSONField(default=dict)
    state = models.CharField(max_length=10)
    message = models.TextField(blank=True)
    found = models.JSONField(default=dict)
    task = models.CharField(max_length=36, blank=True)
    starts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    by = models.CharField(max_length=254)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about"], condition=models.Q(state="waiting"), name="one_work_at_a_time"
            )
        ]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def check_valid(row: models.Model, codes: Mapping[str, str] = {}) -> None:
    """Refused with the first thing that the fields or constraints of the row's model forbid. `codes`: the refusal's code for a code
    of Django's."""
    try:
        row.full_clean()
    except ValidationError as found:
        first = next(error for errors in found.error_dict.values() for error in errors)
        raise Refused(first.messages[0], code=codes.get(first.code or "", first.code or "invalid")) from None

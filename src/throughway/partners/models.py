"""The register of partners and their users."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from throughway.partners.actor import Actor, Role
from throughway.partners.kinds import LegalStatus, PartnerFacts, PartnerKind
from throughway.partners.members import AccountEventKind
from throughway.partners.systems.system import Origin, Refresh, Regime, SystemEventKind
from throughway.partners.tokens.token import LONGEST_NAME, TokenScope


class Partner(models.Model):
    id = models.SlugField(primary_key=True, max_length=100)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=[(k, k) for k in PartnerKind])
    stated = models.JSONField(default=list)
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.CharField(max_length=254)

    def facts(self) -> PartnerFacts:
        return PartnerFacts(
            self.id, self.name, PartnerKind(self.kind), frozenset(map(LegalStatus, self.stated))
        )


class User(AbstractBaseUser):
    """One who signs in; acts for exactly one partner in one role."""

    email = models.EmailField(unique=True)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="users")
    role = models.CharField(max_length=30, choices=[(r, r) for r in Role])
    is_active = models.BooleanField(default=True)
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.CharField(max_length=254)

    USERNAME_FIELD = "email"
    objects = BaseUserManager()

    def actor(self) -> Actor:
        return Actor(self.email, self.partner_id, self.role)


class UserEvent(models.Model):
    """One event in the history of an account; never changed."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="events")
    what = models.CharField(max_length=20, choices=[(c, c) for c in AccountEventKind])
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    asked_by = models.CharField(max_length=254, blank=True, default="")  # of a link that two people gave


class AccessToken(models.Model):
    """A token by which a program acts for a user. Only a keyed hash of its secret is stored; it is valid for the partner and
    the role that the user had when it was made."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    handle = models.CharField(unique=True, max_length=12)
    digest = models.CharField(max_length=64)
    name = models.CharField(max_length=LONGEST_NAME)
    scope = models.CharField(max_length=10, choices=[(s, s) for s in TokenScope])
    partner = models.CharField(max_length=100)
    role = models.CharField(max_length=30)
    made = models.DateTimeField()
    made_by = models.CharField(max_length=254)
    until = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    used = models.DateTimeField(null=True)


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


class DataSystem(models.Model):
    """One data system of a partner in its current statement; earlier ones are in its events."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="systems")
    name = models.CharField(max_length=200)
    owner = models.CharField(max_length=200, blank=True)
    steward = models.CharField(max_length=200, blank=True)
    regime = models.CharField(max_length=20, choices=[(r, r) for r in Regime])
    refresh = models.CharField(max_length=20, choices=[(r, r) for r in Refresh])
    note = models.TextField(blank=True)
    holdings = models.JSONField(default=list)  # [["table.column", first day or null, last day or null], ...]
    origin = models.CharField(max_length=10, choices=[(o, o) for o in Origin])
    retired = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "name"], name="system_of_one_name")]

    def __str__(self) -> str:
        return self.name


class DataSystemEvent(models.Model):
    """One event in a system's history, with the statement that applies from then on; never changed."""

    system = models.ForeignKey(DataSystem, on_delete=models.PROTECT, related_name="events")
    what = models.CharField(max_length=20, choices=[(c, c) for c in SystemEventKind])
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

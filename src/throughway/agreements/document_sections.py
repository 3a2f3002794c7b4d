"""The sections of an agreement document, each validated; field names are those that people write."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from throughway.agreements.enums import (
    AccessForm,
    AuthorCapacity,
    Basis,
    Election,
    PartyRole,
    PopulationDay,
    PublicationRule,
    PurposeKind,
    Reach,
    ReleaseApproval,
)
from throughway.agreements.transforms import Transform
from throughway.partners import PartnerKind, Role

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LONGEST = 20_000  # characters of one text


class DocumentSection(BaseModel):
    """Frozen; unknown fields are refused by name."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        coerce_numbers_to_str=True,
        str_strip_whitespace=True,
    )


def one_or_many(value: object) -> object:
    """A single text or section where a list is expected counts as a list of one."""
    return [value] if isinstance(value, str | Mapping | BaseModel) else value


def a_day(value: object) -> object:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and DAY.fullmatch(value.strip()):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            raise ValueError("is not a calendar day: write it as 2026-07-01") from None
    raise ValueError("must be a day, written as 2026-07-01")


def a_number(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("must be a whole number")
    return value


def a_transform(text: str) -> str:
    return str(Transform.parse(text))


Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(one_or_many)]
Day = Annotated[date, BeforeValidator(a_day)]
Positive = Annotated[int, BeforeValidator(a_number), Field(ge=1, le=1_000_000)]
Natural = Annotated[int, BeforeValidator(a_number), Field(ge=0, le=1_000_000)]
Days = Annotated[int, BeforeValidator(a_number), Field(ge=0, le=36_525)]
Details = Mapping[str, object]


class Joinder(DocumentSection):
    """Kinds of partner that may join later by signing the same text; none: closed."""

    open_to: Annotated[tuple[PartnerKind, ...], BeforeValidator(one_or_many)] = ()


class SigningOffice(DocumentSection):
    """The office that signs, and its authority to bind the partner."""

    title: Text
    authority: Text


class Contacts(DocumentSection):
    """Offices, not names."""

    notices: Text | None = None
    data: Text | None = None
    security: Text | None = None


class Party(DocumentSection):
    partner: Text
    roles: Annotated[tuple[PartyRole, ...], BeforeValidator(one_or_many)] = ()
    signatory: SigningOffice | None = None
    contacts: Contacts | None = None


class Purpose(DocumentSection):
    """Why records may be read: whose, by whom, on which basis. `None` means absent: see `AgreementDocument`. `training`: courses that its
    readers must hold besides those of `terms.training`. `joins`: purposes whose random codes are the same (`purpose_codes.py`)."""

    id: Text
    kind: PurposeKind
    serves: Texts | None = None
    from_: Texts | None = Field(default=None, alias="from")
    recipients: Texts | None = None
    roles: Annotated[tuple[Role, ...], BeforeValidator(one_or_many)] = ()
    reach: Reach = Reach.ALL
    interest: Text
    basis: Basis
    basis_details: Details = Field(default_factory=dict)
    form: AccessForm
    training: Texts = ()
    joins: Texts = ()

    @property
    def states_reach(self) -> bool:
        """Whether the document states the reach explicitly."""
        return "reach" in self.model_fields_set


class Custody(DocumentSection):
    """The basis on which the steward houses the records of `from_` (None: every discloser)."""

    from_: Texts | None = Field(default=None, alias="from")
    basis: Basis
    basis_details: Details = Field(default_factory=dict)


class ScheduleLine(DocumentSection):
    """One element, or all of a table's (`table.*`), that records of `from_` show under `purposes`."""

    element: Text
    from_: Texts | None = Field(default=None, alias="from")
    purposes: Texts
    necessity: Annotated[str, StringConstraints(max_length=LONGEST)] = ""
    transform: Annotated[str, AfterValidator(a_transform)] = "none"

    @property
    def table(self) -> str:
        return self.element.partition(".")[0]

    @property
    def is_wildcard(self) -> bool:
        return self.element.endswith(".*")


class WritePermission(DocumentSection):
    """Who may type rows of a typed table under which purposes, in which capacity. `by`: whose people (None: every recipient of the
    purpose); `roles`: in which roles (empty: those of the purpose); `for_`: the district, for school officials. They read what
    their own partner typed; anybody else reads by the schedule. A receiver answers what was sent to it."""

    table: Text
    purposes: Texts
    by: Texts | None = None
    roles: Annotated[tuple[Role, ...], BeforeValidator(one_or_many)] = ()
    capacity: AuthorCapacity = AuthorCapacity.OWN_PROGRAM
    for_: Text | None = Field(default=None, alias="for")
    necessity: Annotated[str, StringConstraints(max_length=LONGEST)] = ""


class PopulationEntry(DocumentSection):
    """Students of `from_` (None: every discloser) with a row in the table `on` that satisfies `where`."""

    from_: Texts | None = Field(default=None, alias="from")
    where: Text
    on: Text
    when: PopulationDay = PopulationDay.FACT


class RecordPeriod(DocumentSection):
    """The days of facts in scope, both ends included; None: no limit."""

    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None


class Onward(DocumentSection):
    """Who may receive the records next (34 CFR 99.32(b))."""

    party: Text
    interest: Text
    basis: Text


class Service(DocumentSection):
    """What a partner promises to provide."""

    partner: Text
    program: Text
    schools: Texts = ()
    seats: Natural | None = None
    hours_per_week: Annotated[float, BeforeValidator(a_number), Field(ge=0, le=168)] | None = None


class DestructionTerms(DocumentSection):
    within_days: Days
    method: Text
    election: Election = Election.DESTROY


class Subprocessor(DocumentSection):
    name: Text
    service: Text


class Delivery(DocumentSection):
    """Which files are delivered, and how often."""

    from_: Text = Field(alias="from")
    what: Text
    every: Text
    format: Text


class AgreementTerms(DocumentSection):
    """`expires` is the last day; counts of fewer than `minimum_cell` persons are withheld in publications. `ended_by`: parties each of which
    may end it for all, where there are three or more."""

    effective: Day
    expires: Day
    minimum_cell: Positive
    training: Texts
    destruction: DestructionTerms
    renewal_notice_days: Days | None = None
    exit_notice_days: Days | None = None
    ended_by: Texts = ()
    breach_notice_hours: Natural | None = None
    storage_country: Text | None = None
    subprocessors: tuple[Subprocessor, ...] = ()
    delivery: tuple[Delivery, ...] = ()
    publication_rule: PublicationRule | None = None
    publication_review_days: Days | None = None
    release_approval: ReleaseApproval | None = None
    prohibited: Texts = ()


class Irb(DocumentSection):
    """The review board's number, and the day on which its approval ends."""

    number: Text
    expires: Text


class Project(DocumentSection):
    """What one use license is for."""

    method: Text
    irb: Irb | None = None
    linked_data: Texts = ()


class Clauses(DocumentSection):
    """The words that people sign; an absent clause is empty."""

    use_only_for_purpose: str = ""
    no_redisclosure: str = ""
    no_identification: str = ""
    destroy_when_no_longer_needed: str = ""
    protect_from_further_disclosure: str = ""
    reasonable_methods: str = ""
    breach_notice: str = ""
    right_to_audit: str = ""
    no_reidentification: str = ""
    termination: str = ""
    substance_use_notice: str = ""  # the notice of 42 CFR 2.32

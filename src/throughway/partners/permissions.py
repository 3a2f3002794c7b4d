"""Who may keep the registers of partners and users."""

from collections.abc import Collection

from throughway.core.refusals import Refused
from throughway.partners.actor import CUSTODIANS, OFFICERS, Actor, Role
from throughway.partners.kinds import PartnerKind

# Who may be registered to sign for their partner; where it registered nobody, a leader signs. One person alone cannot create such an account:
# see `check_may_agree_to_link`.
SIGNERS = frozenset({Role.LEADER, Role.PRIVACY_OFFICER})


def check_can_keep_registers(actor: Actor) -> None:
    """The operator of the folder, data stewards and privacy officers."""
    if not actor.is_operator and actor.role not in OFFICERS:
        raise Refused(
            "Only the operator of the folder, a data steward or a privacy officer can change the registers; ask one of them.",
            code="not_allowed",
        )


def may_add_kind(actor: Actor, own: PartnerKind | None, kind: str) -> bool:
    """Whether the actor may add a partner of that kind. A backbone's people manage everyone's accounts and read every agreement, so
    only the operator adds one."""
    return kind != PartnerKind.BACKBONE or actor.is_operator or own == PartnerKind.BACKBONE


def check_may_add_kind(actor: Actor, own: PartnerKind | None, kind: str) -> None:
    if not may_add_kind(actor, own, kind):
        raise Refused(
            "A backbone keeps everybody's accounts, so only the operator of the folder or a keeper of the backbone can add one; ask "
            "one of them, or choose another kind.",
            code="not_allowed",
        )


def may_keep_people(actor: Actor, own: PartnerKind | None, partner: str) -> bool:
    """Whether the actor may open and close accounts of that partner; `own` is the kind of the actor's partner. The operator and
    the backbone's keepers, who run the site, keep all accounts; other keepers keep those of their own partner, because whoever
    gives out a link could sign in as its receiver.
    """
    if actor.is_operator:
        return True
    return actor.role in OFFICERS and (own == PartnerKind.BACKBONE or actor.partner == partner)


def sees_people(actor: Actor, own: PartnerKind | None, partner: str) -> bool:
    """Whether the actor may see a partner's users: its own people, and those who manage its accounts."""
    return actor.partner == partner or may_keep_people(actor, own, partner)


def check_can_keep_of(actor: Actor, own: PartnerKind | None, partner: str) -> None:
    """Consents, assignments and courses are recorded by the keepers of the partner whose student or worker it is, those of the
    backbone, and the operator; otherwise one partner could open another's students to itself."""
    check_can_keep_registers(actor)
    if not may_keep_people(actor, own, partner):
        raise Refused(
            f"You can change only the registers of your own partner, and this concerns {partner}; ask that partner's data steward or "
            "privacy officer.",
            code="not_allowed",
        )


def check_can_keep_people(actor: Actor, own: PartnerKind | None, partner: str) -> None:
    check_can_keep_registers(actor)
    if not may_keep_people(actor, own, partner):
        raise Refused(
            "You can change only the accounts of your own partner; ask that partner's data steward or privacy officer.",
            code="not_allowed",
        )


def may_open_alone(actor: Actor, partner: str, role: str) -> bool:
    """Whether the actor alone may open an account of that partner and role, whose keeper the actor is. Whoever has the link could sign in
    as its holder, so it is handed over by the holder's own partner; and of those who may sign, not by one person."""
    return actor.is_operator or (actor.partner == partner and role not in SIGNERS)


def agreeing_roles(role: str) -> frozenset[Role]:
    """Of an account's own partner, who may be the second person for a link to an account of that role."""
    return SIGNERS if role in SIGNERS else CUSTODIANS


def may_agree_to_link(actor: Actor, partner: str, people: Collection[str]) -> bool:
    """Whether the actor is the second person for a link to an account of that partner: one of `people` (`selectors.second_people`)."""
    return actor.partner == partner and actor.email in people


def check_may_agree_to_link(actor: Actor, partner: str, people: Collection[str]) -> None:
    if not may_agree_to_link(actor, partner, people):
        raise Refused(
            "This link needs a second person of the account's own partner, who neither asked for it nor holds the account, and for an "
            "account that may sign may sign too.",
            code="not_allowed",
        )


def may_keep_signatories(actor: Actor, partner: str) -> bool:
    """Whether the actor may ask that somebody sign for that partner, or take them off the register: the operator, and the partner's own
    leader, data steward and privacy officer. The backbone keeps nobody else's."""
    return actor.is_operator or (actor.partner == partner and actor.role in CUSTODIANS)


def check_can_keep_signatories(actor: Actor, partner: str) -> None:
    if not may_keep_signatories(actor, partner):
        raise Refused(
            "Who signs for a partner is registered by its own leader, data steward or privacy officer, or by the operator of the folder; "
            "ask one of them.",
            code="not_allowed",
        )


def check_may_agree_to_signatory(actor: Actor, partner: str, people: Collection[str]) -> None:
    """The second person, as for a link to an account that may sign."""
    if not may_agree_to_link(actor, partner, people):
        raise Refused(
            "This needs a second person of the partner, in a role that may sign, who neither asked for it nor is the one who would sign.",
            code="not_allowed",
        )


def may_change_statuses(actor: Actor, partner: str) -> bool:
    """Whether the actor may change that partner's legal statuses, or ask for it: the operator, and the partner's own leader, data steward and
    privacy officer, who know under which laws it works."""
    return actor.is_operator or (actor.partner == partner and actor.role in CUSTODIANS)


def check_can_change_statuses(actor: Actor, partner: str) -> None:
    if not may_change_statuses(actor, partner):
        raise Refused(
            f"The legal statuses of {partner} are changed by its own leader, data steward or privacy officer, or by the operator of the "
            "folder; ask one of them.",
            code="not_allowed",
        )


def check_is_second_person(actor: Actor, partner: str, people: Collection[str]) -> None:
    """One of those who answer for the partner (`selectors.who_answers`), apart from who asked."""
    if not may_agree_to_link(actor, partner, people):
        raise Refused(
            "This needs a second person of the partner, a leader, data steward or privacy officer who did not ask for it.",
            code="not_allowed",
        )


def may_keep_systems(actor: Actor, own: PartnerKind | None, partner: str) -> bool:
    """Data systems are kept by the data steward, privacy officer and leader of the partner or of the backbone, and by the
    operator. `own`: the kind of the actor's partner."""
    if actor.is_operator:
        return True
    return actor.role in CUSTODIANS and (own == PartnerKind.BACKBONE or actor.partner == partner)


def check_can_keep_systems(actor: Actor, own: PartnerKind | None, partner: str) -> None:
    if not may_keep_systems(actor, own, partner):
        raise Refused(
            f"Only a data steward, privacy officer or leader of {partner} or of the backbone can enter its data systems; ask "
            "one of them.",
            code="not_allowed",
        )

"""Who the parties are (D5), that each is named only where its role allows it (D6), and that no barred party takes part (X5)."""

from collections.abc import Iterator

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import Basis, PartyRole, Tier
from throughway.agreements.legal_review.context import BasisInUse, ReviewContext, custody_path, uses
from throughway.agreements.legal_review.findings import ReviewFinding, blocking, warning
from throughway.core.refusals import did_you_mean
from throughway.partners.debarment import Debarment


def known_parties(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Each party is in the register, is listed once, has a role and says who signs."""
    if not document.parties:
        yield blocking("D5", "parties", "No partner is named; list those who agree, each with its roles.")
    earlier: set[str] = set()
    for position, party in enumerate(document.parties):
        path = f"parties[{position}]"
        if party.partner not in context.partners:
            cure = did_you_mean(
                party.partner, context.partners, "add it with `throughway partner add`, or correct its id."
            )
            yield blocking("D5", f"{path}.partner",
                           f"{party.partner} is not in the register of partners; {cure}")  # fmt: skip
        if party.partner in earlier:
            yield blocking("D5", f"{path}.partner",
                           f"{party.partner} is listed twice among the parties; combine its roles in one "
                           f"entry.")  # fmt: skip
        earlier.add(party.partner)
        if not party.roles and document.tier is not Tier.MOU:
            yield warning("D5", f"{path}.roles",
                          f"{party.partner} has no role; say whether it is discloser, recipient or steward.")  # fmt: skip
        if party.signatory is None:
            yield warning("D5", f"{path}.signatory",
                          f"No signatory is named for {party.partner}; give the office's title and its "
                          f"authority.")  # fmt: skip


def roles_filled(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Where records are shared, there is a discloser and a recipient."""
    if (document.tier is Tier.MOU and not document.purposes) or not document.parties:
        return
    if not document.parties_with(PartyRole.DISCLOSER):
        yield blocking("D6", "parties", "No party is a discloser; say whose records are shared.")
    if not (document.parties_with(PartyRole.RECIPIENT) or document.parties_with(PartyRole.STEWARD)):
        yield blocking("D6", "parties", "No party is a recipient or steward; say who receives the records.")


def directions(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """`from` names disclosers, `recipients` names recipients or stewards, in every section."""
    for position, purpose in enumerate(document.purposes):
        yield from _only(document, f"purposes[{position}].from", purpose.from_, PartyRole.DISCLOSER)
        yield from _only(document, f"purposes[{position}].recipients", purpose.recipients,
                         PartyRole.RECIPIENT, PartyRole.STEWARD)  # fmt: skip
    for position, line in enumerate(document.schedule):
        yield from _only(document, f"schedule[{position}].from", line.from_, PartyRole.DISCLOSER)
    for position, entry in enumerate(document.population):
        yield from _only(document, f"population[{position}].from", entry.from_, PartyRole.DISCLOSER)
    for position, custody in enumerate(document.custody):
        path = f"{custody_path(document, position)}.from"
        yield from _only(document, path, custody.from_, PartyRole.DISCLOSER)


def mentioned_parties(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Services and deliveries are by parties; further recipients need a legal basis."""
    named = [(f"services[{i}].partner", service.partner) for i, service in enumerate(document.services)]
    named += [
        (f"terms.delivery[{i}].from", delivery.from_) for i, delivery in enumerate(document.terms.delivery)
    ]
    named += [(f"terms.ended_by[{i}]", partner) for i, partner in enumerate(document.terms.ended_by)]
    for path, partner in named:
        if partner not in document.partners:
            yield blocking("D6", path,
                           f"{partner} is not a party to this agreement; "
                           + did_you_mean(partner, document.partners, "name one of its parties."))  # fmt: skip
    for position, onward in enumerate(document.onward):
        if onward.basis not in set(Basis):
            yield warning("L4", f"onward[{position}].basis",
                          f"{onward.party} may receive records next on an unknown basis; write one of "
                          f"{', '.join(Basis)}.")  # fmt: skip


def _only(
    document: AgreementDocument, path: str, names: tuple[str, ...] | None, *roles: PartyRole
) -> Iterator[ReviewFinding]:
    if names is None:
        return
    if not names:
        yield blocking("D6", path, f"{path} is an empty list; name partners, or leave the field out for all.")
    for name in names:
        if name not in document.partners:
            cure = did_you_mean(name, document.partners, "add it to parties, or correct the name.")
            yield blocking("D6", path, f"{name} is not a party to this agreement; {cure}")
        elif not any(name in document.parties_with(role) for role in roles):
            wanted = " or ".join(roles)
            yield blocking("D6", path,
                           f"{name} is named in {path} but does not have the role {wanted} in parties; give "
                           f"it that role there.")  # fmt: skip


def no_barred_party(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """X5: after a finding of the Department, the agency that disclosed the records gives that party none for five years.

    The bar covers education records only; it includes stewards, which have access too.
    """
    for use in uses(document):
        if use.basis is Basis.PARTNER_RECORDS:
            continue
        for bar in context.bars:
            if _meets(bar, use) and _in_term(bar, document):
                place = f"{use.path}.recipients" if use.purpose else use.path
                yield blocking("X5", place, f"{bar.sentence} Leave {bar.party} out, or begin after the bar.")


def _meets(bar: Debarment, use: BasisInUse) -> bool:
    return bar.agency in use.disclosers and bar.party in use.recipients


def _in_term(bar: Debarment, document: AgreementDocument) -> bool:
    terms = document.terms
    return not bar.ended and bar.found_on <= terms.expires and terms.effective <= bar.until

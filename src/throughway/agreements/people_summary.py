"""What an agreement's page says of its people: parties, approvals, signatures, certificates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from throughway.agreements.labels import day, roles_in_words
from throughway.agreements.signatures import OPERATORS_WORD, given_of, on_operators_word
from throughway.agreements.states import OPEN, OVER, AgreementAct, LifecycleEvent
from throughway.agreements.status import AgreementStatus
from throughway.agreements.status_summary import CAPACITY_WORDS
from throughway.core.prose import capital


@dataclass(frozen=True)
class PartyStatusRow:
    """One partner, what is said of it, and the tag at its end (`kind` as in `progress.Tag`). `notes`: what else must be read
    beside it, a sentence each; `paper`: the fingerprint of a signed paper."""

    name: str
    words: str
    kind: str
    tag: str
    notes: tuple[str, ...] = ()
    paper: str = ""


def parties(found: AgreementStatus, names: Mapping[str, str]) -> list[PartyStatusRow]:
    """Those who are or were parties, where the text alone does not say it: who joined, leaves, left or abstains."""
    joined = {one.partner for one in found.joined}
    leaving, left = dict(found.leaving), dict(found.left)
    said = []
    for partner in dict.fromkeys((*found.signed_text.partners, *joined)):
        roles = {role for p in found.document.parties if p.partner == partner for role in p.roles}
        tag = ("ok", "party")
        if partner in left:
            tag = ("past", f"left on {day(left[partner])}")
        elif partner in leaving:
            tag = ("warn", f"leaves on {day(leaving[partner])}")
        elif partner in found.abstaining:
            tag = ("wait", "abstains: its records stay out")
        elif partner in joined:
            tag = ("ok", "joined")
        said.append(PartyStatusRow(names.get(partner, partner), roles_in_words(roles) if roles else "", *tag))
    changed = bool(joined or leaving or left or found.abstaining)
    return said if changed else []


def approvals(
    found: AgreementStatus, done: Sequence[LifecycleEvent], names: Mapping[str, str]
) -> list[PartyStatusRow]:
    """Each approval that was given since the text was settled, and each that is still asked for."""
    deeds = {
        (d.partner, d.details.get("capacity")): d
        for d in done
        if d.act is AgreementAct.APPROVE and d.version == found.version
    }
    given = [(need, deeds.get((need.partner, need.capacity.value))) for need in found.approved]
    said = [
        (need, "ok", day(deed.day) if deed else "approved", _vouched(deed) if deed else ())
        for need, deed in given
    ]
    asked = [(need, "wait", "asked", ()) for need in found.missing]
    return [
        PartyStatusRow(
            names.get(need.partner, need.partner), CAPACITY_WORDS[need.capacity], kind, words, notes
        )
        for need, kind, words, notes in (*said, *asked)
    ]


def _vouched(deed: LifecycleEvent) -> tuple[str, ...]:
    """That nobody but the operator of the folder vouches for the act, where it is so."""
    return (f"{capital(OPERATORS_WORD)}.",) if on_operators_word(deed.details, deed.by) else ()


def signatures(
    found: AgreementStatus, done: Sequence[LifecycleEvent], names: Mapping[str, str]
) -> list[PartyStatusRow]:
    """Each party with the office that signed exactly this text for it, the day, and how the signer was known."""
    signed = {given.partner: given for given in given_of(done, found.version)}
    said = []
    for partner in found.document.partners:
        name = names.get(partner, partner)
        if given := signed.get(partner):
            notes = tuple(f"{capital(phrase)}." for phrase in given.known)
            said.append(PartyStatusRow(name, given.title, "ok", given.day, notes, given.paper))
        elif partner in found.waits_for:
            said.append(PartyStatusRow(name, "", "wait", "not signed"))
        else:
            said.append(PartyStatusRow(name, "", "past", "need not sign"))
    return said


def certificates(
    found: AgreementStatus, done: Sequence[LifecycleEvent], names: Mapping[str, str]
) -> list[PartyStatusRow]:
    """Once it has ended: who has certified what became of the records, who has still to, and what is stored here."""
    if found.state in OPEN or (found.state not in OVER and not found.certified):
        return []
    deeds = {d.partner: d for d in done if d.act is AgreementAct.CERTIFY}
    said = [
        PartyStatusRow(names.get(p, p), "", "ok", day(deeds[p].day), _vouched(deeds[p]))
        for p in found.certified
    ]
    said += [
        PartyStatusRow(names.get(p, p), "", "wait", "asked") for p in found.uncertified if found.state in OVER
    ]
    if not (found.certified or found.uncertified):
        return []
    here = [day(d.day) for d in done if d.act is AgreementAct.DESTROY]
    stored = ("ok", here[0]) if here else ("wait", "not yet")
    return [*said, PartyStatusRow("What is stored here", "", *stored)]

"""What an order is about, and what it would do to the store now. It writes only the files with remaining rows, into a staging folder."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from throughway.agreements.effective_grants import grants_of_text
from throughway.agreements.selectors import agreement_lifecycles, kept_by, lifecycle_of
from throughway.agreements.status import AgreementLifecycle, AgreementStatus
from throughway.consent.selectors.decisions import Lapsed, consents, lapsed_custody
from throughway.core.personal_data import (
    HIDDEN_REASON,
    Subject,
    learners_who_wait,
    reasons_to_wait,
    typed_about,
)
from throughway.core.refusals import Refused
from throughway.destruction.actions.load_plan import plan_of_undoing
from throughway.destruction.actions.rewriting import DestructionPlan
from throughway.destruction.actions.store_plan import plan_of_records, plan_of_terms, tables_of
from throughway.destruction.models import DONE, PART, Destruction, subject_text
from throughway.destruction.retention import either, needs_on_any_day
from throughway.destruction.selectors import holds
from throughway.destruction.terms import (
    RemainingAgreements,
    RetentionTerms,
    in_part,
    of_agreement,
    of_consent,
    of_partner,
    remaining_agreements,
)
from throughway.destruction.undoing import Undoing
from throughway.intake.contract import TableNeed
from throughway.intake.load_history import Batch
from throughway.intake.selectors import batch_of, batches
from throughway.partners import Actor
from throughway.store.actions.links import links_of
from throughway.store.selectors import Snapshot, current_community, snapshot
from throughway.store.vault import Vault
from throughway.vocabulary import TABLES

RECORD_KEYS = "record_key"


def subject_of(stored: Snapshot, kind: str, id: str, by: Actor) -> Subject:
    """The subject of an order: whose records it affects; of a person those that the actor's partner keeps. Refused where it
    keeps none."""
    if kind in ("agreement", PART):
        return subject_of_agreement(lifecycle_of(id))
    if kind == "partner":
        return Subject(kind, id, frozenset({id}))
    if kind == "consent":
        ended = lapsed(id)
        if ended is None:
            raise unknown_consent()
        return Subject(kind, id, frozenset({ended.partner}), frozenset({ended.record}))
    if kind == "load":
        return subject_of_undoing(id, undoing_of(stored, known_load(id)))
    records = records_in(stored, int(id), kept_by(by.partner or ""))
    if (
        not records
        and (by.partner or "") == Vault(current_community()).keyring.buried().persons.get(id, ("", None))[1]
    ):
        return Subject(kind, id, frozenset(), frozenset())  # an older copy: restored data are destroyed again
    if not records:
        raise Refused(
            f"{by.partner} keeps no record of a person with that id; copy the id from a query.",
            code="unknown_person",
        )
    return Subject(kind, id, frozenset(records), frozenset().union(*records.values()))


def subject_of_agreement(life: AgreementLifecycle) -> Subject:
    """The subject of an agreement's destruction; which learners it affects is looked up on demand."""
    id = life.current.document.id
    return Subject(
        "agreement",
        id,
        frozenset(p for text in life.texts for p in text.ever_parties),
        takes=lambda partner, learners: _takes(id, partner, learners),
    )


def subject_of_undoing(load: str, found: Undoing) -> Subject:
    """The subject of taking a load back, with those that rest on it."""
    return Subject(
        "load",
        load,
        frozenset({found.partner}),
        found.students,
        agreements=frozenset(agreement for each in found.loads for agreement, _ in each.agreements),
        left_alone=found.alone,
    )


def known_load(id: str) -> Batch:
    """Refused where there is no such load."""
    found = batch_of(id)
    if found is None:
        raise unknown_load()
    return found


def unknown_load() -> Refused:
    return Refused(
        "No load of that id is there for you; the page Loads names each, and `load --json` its batch.",
        code="unknown_batch",
    )


def undoing_of(stored: Snapshot, load: Batch) -> Undoing:
    """What taking the load back would do now, in counts; without a load where nothing of it is in the store. Writes nothing."""
    found = plan_of_load(stored, load, None).undoing
    assert found is not None
    return found


def plan_of_load(stored: Snapshot, load: Batch, folder: Path | None) -> DestructionPlan:
    """Takes the load back with those that rest on it. Where nothing of it is in the store, it plans nothing."""
    needs = _needs_of_keepers(load.partner)
    return plan_of_undoing(stored, load, batches([load.partner]), needs, folder=folder, on=date.today())


def _needs_of_keepers(partner: str) -> dict[str, TableNeed]:
    """By table, what the agreements need by which data of the partner may stay: in force, on hold, or ended and not yet destroyed."""
    remaining = _remaining(agreement_lifecycles(date.today()))
    stay, over = needs_on_any_day(remaining.standing, partner), needs_on_any_day(remaining.ended, partner)
    found = {table: either(stay.get(table), over.get(table)) for table in {*stay, *over}}
    return {table: need for table, need in sorted(found.items()) if need is not None}


def _takes(id: str, partner: str, learners: frozenset[int]) -> bool:
    """Whether a row, a value or a family's decision of these learners would be destroyed with the agreement."""
    if any(c.agreement == id for c in consents(partner=partner, records=learners)):
        return True
    if typed_about(id, partner, learners):
        return True
    with snapshot() as stored:
        terms = _terms(stored, "agreement", id)
        rules = {
            table: replace(rule, of=learners)
            for table, rule in terms.rules.get(partner, {}).items()
            if TABLES[table].of_person
        }
        own = replace(
            terms, rules={partner: rules}, keepers={partner: terms.keepers.get(partner, frozenset())}
        )
        plan = plan_of_terms(stored, own, agreement=None, folder=None, on=date.today())
    return bool(plan.rows or plan.values)


def plan_of(
    stored: Snapshot,
    kind: str,
    id: str,
    partners: frozenset[str] | set[str],
    folder: Path | None,
    spared: Mapping[str, frozenset[int]],
) -> tuple[DestructionPlan, RetentionTerms | None]:
    """The plan and its retention terms; a person's records are destroyed whatever the terms. `folder`: for the remaining rows'
    files; None for a preview. `spared`: by partner, the learners whose rows a part of an agreement's destruction leaves."""
    today = date.today()
    if kind == "person":
        records = records_in(stored, int(id), partners)
        return plan_of_records(stored, records, folder=folder, on=today), None
    if kind == "load":
        return plan_of_load(stored, known_load(id), folder), None
    terms = _terms(stored, kind, id)
    if kind == PART:
        terms = in_part(terms, id, spared)
    plan = plan_of_terms(
        stored, terms, agreement=id if kind == "agreement" else None, folder=folder, on=today
    )
    return plan, terms


def spared_of(kind: str, id: str) -> dict[str, frozenset[int]]:
    """By partner, the learners whose rows a part of an agreement's destruction leaves; none for every other order. Refused where all
    must wait by now."""
    if kind != PART:
        return {}
    found = learners_who_wait(reasons_to_wait(subject_of_agreement(lifecycle_of(id))))
    if found is None:
        raise must_wait(kind, id, [HIDDEN_REASON])
    return found


MUST_WAIT = "waits"  # the code of the refusal


def must_wait(kind: str, id: str, reasons: Sequence[str]) -> Refused:
    return Refused(
        f"The destruction of {subject_text(kind, id)} must wait. {' '.join(reasons)}",
        code=MUST_WAIT,
        citations=["34 CFR 99.10(e)"],
    )


def _remaining(every: Sequence[AgreementLifecycle], destroying: Collection[str] = ()) -> RemainingAgreements:
    destroyed = {d.subject for d in Destruction.objects.filter(kind="agreement", step=DONE)}
    destroyed |= set(Vault(current_community()).keyring.buried().agreements)
    standings = _standings(every)
    return remaining_agreements(
        standings,
        destroying=destroying,
        held={h.subject for h in holds(on=date.today()) if h.kind == "agreement"},
        destroyed=destroyed,
        began={life.current.document.id for life in every if life.activated},
    )


def _standings(every: Sequence[AgreementLifecycle]) -> list[AgreementStatus]:
    return [life.current for life in every] + [life.pending for life in every if life.pending]


def _terms(stored: Snapshot, kind: str, id: str) -> RetentionTerms:
    every = agreement_lifecycles(date.today())
    remaining = _remaining(every, {id} if kind in ("agreement", PART) else ())
    if kind == "partner":
        return of_partner(id, remaining, tables_of(stored, id))
    if kind == "consent":
        ended = lapsed(id)
        if ended is None:
            raise unknown_consent()
        return of_consent(
            ended.partner, ended.record, remaining, _loads_of(ended.agreement).get(ended.partner, {})
        )
    life = next(found for found in every if found.current.document.id == id)
    own = [grant for text in _texts_in_effect(life) for grant in grants_of_text(text, _standings(every))]
    parties = {p for text in life.texts for p in text.ever_parties}
    return of_agreement(own, remaining, partners=parties, batches=_loads_of(id))


def _loads_of(agreement: str) -> dict[str, dict[str, list[str]]]:
    """By partner, the loads that came in under the agreement, each with its tables."""
    brought: dict[str, dict[str, list[str]]] = {}
    for batch in batches(None):
        if agreement in {id for id, _ in batch.agreements}:
            brought.setdefault(batch.partner, {})[batch.id] = list(batch.counts)
    return brought


def lapsed(id: str) -> Lapsed | None:
    """The rows that an ended consent housed, by the id of the decision that ended it."""
    return next((each for each in lapsed_custody(date.today()) if each.id == id.strip().upper()), None)


def unknown_consent() -> Refused:
    return Refused(
        "The consent with that id is in force or covers no stored row, so nothing can be removed; see `throughway steps`.",
        code="unknown_consent",
    )


def _texts_in_effect(life: AgreementLifecycle) -> list[AgreementStatus]:
    """Every text that was in effect: as signed, and as changed by parties that joined."""
    held = [text for text in life.texts if text.version in life.activated]
    return held + [
        replace(text, document=text.text) for text in held if text.text and text.text != text.document
    ]


def records_of(person: int, partners: Collection[str] | None = None) -> dict[str, frozenset[int]]:
    """By partner, the numbers of the person's records; of these partners alone, where they are named."""
    with snapshot() as stored:
        return records_in(stored, person, partners)


def records_in(
    stored: Snapshot, person: int, partners: Collection[str] | None = None
) -> dict[str, frozenset[int]]:
    if not 0 < person < 2**63:
        return {}
    numbers = links_of(stored).records_of((person,))
    found: dict[str, set[int]] = {}
    for file, held in stored.holding(RECORD_KEYS):
        if partners is None or file.partner in partners:
            among = np.intersect1d(numbers, held).tolist()
            if among:
                found.setdefault(file.partner, set()).update(among)
    return {partner: frozenset(held) for partner, held in sorted(found.items())}

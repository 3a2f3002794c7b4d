"""Certificates: written and signed when a destruction ends, as JSON and as a paper; and applied to an older copy of the data."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db.models import Count, Max, TextField
from django.db.models.functions import Cast

from throughway.core.personal_data import Subject, copies
from throughway.core.refusals import Refused
from throughway.destruction.actions.hand_over import folder_of
from throughway.destruction.actions.rewriting import DestructionPlan, union
from throughway.destruction.actions.verification import Scan
from throughway.destruction.certificate import (
    BACKUPS,
    FORMAT,
    METHOD,
    METHOD_OF_A_PART,
    Certificate,
    Horizon,
    blocks_of,
    message,
    signed,
    title_of,
)
from throughway.destruction.models import DONE, PART, Destruction, HandOver
from throughway.destruction.terms import RetentionTerms
from throughway.ledger.models import LedgerEntry
from throughway.ledger.sealing import heads
from throughway.ledger.signed_heads import make_signing_key, signing_key
from throughway.ledger.signing_keys import trusted_keys
from throughway.paper import typeset
from throughway.partners import Actor
from throughway.store import durable_files
from throughway.store.models import LIVE, StoredFile
from throughway.store.schemas import HISTORY
from throughway.store.selectors import current_community, path_of
from throughway.store.vault import Vault


def certificate_of(order: Destruction) -> Certificate:
    """The certificate of a finished order."""
    return Certificate(
        order.id, str(folder_of(order.id) / "certificate.json"), order.certificate["certificate"]
    )


def certify(order: Destruction, looked: Scan, horizons: Sequence[Horizon]) -> None:
    """Signs and writes the certificate, and ends the order."""
    now = datetime.now(UTC)
    body = _body(order, looked, horizons, now)
    keys = current_community().keys
    document = signed(body, signing_key(keys) or make_signing_key(keys))
    folder = folder_of(order.id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for unfinished in folder.glob("*.part"):
        durable_files.shred(unfinished)
    durable_files.write(
        folder / "certificate.json", json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"
    )
    paper = typeset(
        title=title_of(body), blocks=blocks_of(body), subject=f"Certificate {order.id}", made_on=now.date(),
        fingerprint=_fingerprint(body),
    )  # fmt: skip
    durable_files.write(folder / "certificate.pdf", paper)
    order.work.pop("sought", None)
    order.certificate, order.finished_at, order.step = document, now, DONE
    order.save(update_fields=["certificate", "finished_at", "step", "work"])


def _fingerprint(body: dict[str, Any]) -> str:
    from hashlib import sha256

    return sha256(message(body)).hexdigest()


def _body(order: Destruction, looked: Scan, horizons: Sequence[Horizon], now: datetime) -> dict[str, Any]:
    work = order.work
    kept = list(work["kept"])
    left = "A file that people put into the folder. The platform does not change it; whoever put it there must remove it."
    kept += [_kept(path, left) for path in looked.elsewhere]
    hand_overs = list(HandOver.objects.filter(destruction=order).order_by("partner"))
    kept += [
        _kept(
            f"The ledger entries for {h.partner}, sealed",
            f"Kept until {h.partner} has collected it, at most until {h.until} (34 CFR 99.32(a)); then it and its key are destroyed.",
        )
        for h in hand_overs
        if h.collected_at is None
    ]
    head = heads().last()
    return {
        "throughway": FORMAT,
        "id": order.id,
        "community": current_community().settings.community.name,
        "kind": order.kind,
        "subject": order.subject,
        "ordered": {
            "by": order.by, "partner": order.partner, "role": order.role, "at": order.at.isoformat(), "why": order.why,
            "asked_by": order.asked_by,
        },
        "finished": now.isoformat(),
        "method": list(METHOD_OF_A_PART if order.kind == PART else METHOD),
        "destroyed": {
            "rows": work["rows"],
            "values": work["values"],
            "files": len(work["files"]),
            "keys": work.get("keys", 0),
            "registers": work.get("registers", {}),
            "learners": work.get("learners", {}),
            "tables": work["tables"],
            "listed": work["files"],
        },
        "kept": kept,
        "holders": holders(order) if order.kind == "agreement" else [],
        "copies": work.get("copies", []),
        "horizons": [asdict(h) for h in (*BACKUPS, *horizons)],
        "scan": asdict(looked),
        "handed_over": [
            {"partner": h.partner, "entries": h.entries, "sha256": h.sha256, "until": h.until.isoformat()}
            for h in hand_overs
        ],
        "ledger": {"size": head.size, "root": head.root, "at": head.at} if head else None,
    }  # fmt: skip


def holders(order: Destruction) -> list[dict[str, Any]]:
    """Who was shown data under the agreement, according to the ledger."""
    named = LedgerEntry.objects.filter(outcome="released").annotate(under=Cast("agreements", TextField()))
    counted = (
        named.filter(under__contains=f'"{order.subject}"')
        .exclude(actor_partner="")
        .values("actor_partner")
        .annotate(n=Count("*"), last=Max("at"))
        .order_by("actor_partner")
    )
    return [
        {"partner": row["actor_partner"], "disclosures": row["n"], "last": row["last"].date().isoformat()}
        for row in counted
    ]


def copies_outside(
    order: Destruction, plan: DestructionPlan, partners: frozenset[str]
) -> list[dict[str, str]]:
    """The copies outside the platform, for their holders to destroy; of a part none, since the rest follows."""
    if order.kind == PART:
        return []
    numbers = union(plan.gone.values()) if order.kind == "person" else None
    found = copies(Subject(order.kind, order.subject, partners, numbers))
    return [
        {
            "id": c.id,
            "partner": c.partner,
            "what": c.what,
            "made": c.made.isoformat(),
            "until": c.until.isoformat(),
        }
        for c in found
    ]


def destroyed_tables(plan: DestructionPlan) -> list[dict[str, Any]]:
    """By partner and table, where anything was destroyed."""
    return [
        {
            "partner": partner,
            "table": table.replace(HISTORY, " (superseded)"),
            "rows": change.rows,
            "destroyed": change.lost,
            "values": change.emptied,
        }
        for (partner, table), change in sorted(plan.tables.items())
        if change.lost or change.emptied
    ]


def retained_data(
    order: Destruction, plan: DestructionPlan, terms: RetentionTerms | None
) -> list[dict[str, str]]:
    """What stays in the tables concerned, and which agreements keep it; by table, never by student."""
    found = []
    for (partner, table), change in sorted(plan.tables.items()):
        left = change.rows - change.lost
        keepers = plan.keepers.get((partner, table.removesuffix(HISTORY)), frozenset())
        if not left or not partner or terms is None:
            continue
        if terms.under:
            why = REST_FOLLOWS
        elif keepers:
            why = f"Authorized by {_listed(keepers)}: in effect, signed, or ended and not yet destroyed."
        elif table in ("record_key", "consent_signer"):
            stay = terms.keepers.get(partner, frozenset())
            why = f"Learners about whom {_listed(stay)} keeps data, or a family's decision under it."
        elif table not in ("pseudonym", "value_code", "person_link", "person_known"):
            under = "by that consent" if order.kind == "consent" else f"under {order.subject}"
            why = f"None of these rows came in {under}."
        else:
            continue
        found.append(_kept(f"{left:,} rows of {table.replace(HISTORY, ' (superseded)')} of {partner}", why))
    if plan.undoing is not None:
        found += [_kept(what, why) for what, why in plan.undoing.outcomes()]
    if order.kind == "person":
        returns = "Its next file will bring the student back unless the partner removes the student from it."
        found.append(_kept("The partner's own system", returns))
    outlives = (
        "It is kept longer than the data (34 CFR 99.32(a)(2)). It holds random numbers, and the list that linked a number to a student"
        " is destroyed."
    )
    return [*found, _kept("The ledger of disclosures", outlives)]


REST_FOLLOWS = "Authorized by another agreement, of no student, or of a student whose records must be kept for now: the rest of the destruction follows."


def _kept(what: str, why: str) -> dict[str, str]:
    return {"what": what, "why": why}


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "no agreement"


def apply_certificate(*, document: Mapping[str, Any], by: Actor) -> str:
    """Destroys the bytes and keys of the listed files in an older copy of the data, and records the certificate in `keys/`;
    returns its id. `check` names it until that destruction is ordered again. Refused where it is not signed with this
    community's key."""
    body = _verified_body(document)
    keyring = Vault(current_community()).keyring
    ids = [file["id"] for file in body["destroyed"]["listed"]]
    agreement = body["subject"] if body["kind"] == "agreement" else None
    person = (body["subject"], body["ordered"]["partner"]) if body["kind"] == "person" else None
    keyring.bury(body["id"], agreement=agreement, files=ids, on=body["ordered"]["at"][:10], person=person)
    for row in StoredFile.objects.filter(state=LIVE).defer("records"):
        if row.id in ids:
            keyring.destroy(row.id)
            durable_files.shred(path_of(current_community(), row))
            durable_files.fsync_path(path_of(current_community(), row).parent)
    if agreement:
        keyring.destroy_agreement(agreement)
    return str(body["id"])


def _verified_body(document: Mapping[str, Any]) -> Mapping[str, Any]:
    refused = Refused(
        "That file is not a certificate of destruction of this community, or was changed; give the signed certificate.json.",
        code="bad_certificate",
    )
    try:
        body: Mapping[str, Any] = document["certificate"]
        if document["key"] not in trusted_keys(current_community().keys) or body["throughway"] != FORMAT:
            raise refused
        signature = bytes.fromhex(document["signature"])
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(document["key"])).verify(signature, message(body))
    except (KeyError, TypeError, ValueError, InvalidSignature):
        raise refused from None
    return body

"""Says whether the ledger holds, hands out its newest head, and proves to somebody outside that an entry is in it or that it only grew."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from throughway.core.refusals import Refused
from throughway.ledger import recording
from throughway.ledger.leaf import content_sql
from throughway.ledger.merkle_tree import consistency_proof, inclusion_proof, root_of
from throughway.ledger.models import LedgerLeaf
from throughway.ledger.selectors import entry as seen_entry
from throughway.ledger.selectors import sight
from throughway.ledger.signed_heads import SignedHead
from throughway.partners.actor import Actor


def newest_head(by: Actor) -> Mapping[str, Any]:
    """The signed head, for a partner to keep."""
    recording.seal(by=by)
    return recording.head()


def verified(kept: Mapping[str, Any] | None, by: Actor) -> tuple[dict[str, Any], str]:
    """The verdict, and a sentence on what is wrong. A ledger that does not hold is not sealed: that would bury the trace.

    An entry whose moment is in doubt is found wanting too, although its seal holds; `notes` say why."""
    if recording.verify(kept).ok:
        recording.seal(by=by)
    verdict = recording.verify(kept)
    doubtful, notes = recording.doubtful_moments() if verdict.ok else ("", [])
    document = {
        "entries": verdict.entries,
        "sealed": verdict.sealed,
        "ok": verdict.ok and not doubtful,
        "first_bad": verdict.first_bad or doubtful or None,
        "notes": notes,
    }
    return document, verdict.problem or ("Its moment is in doubt" if doubtful else "")


def prove_entry(id: str, *, by: Actor, kept: Mapping[str, object] | None = None) -> dict[str, Any]:
    """An entry that this reader may see, with the newest signed head and the path of hashes between the two (RFC 6962,
    2.1.1). Refused as unknown when there is none, or the reader may not see it. With a head that was kept also `growth`, the
    hashes that tie the newest head to it, without which the entry could be in another ledger that the same key signed;
    refused then as `prove_growth`.

    `lines` are the entry's own words, of which its leaf is the hash; they hold the digest of the students, not the students,
    and the address of whoever asked, which pages tell its own partner and the steward alone: without it nothing is proved.
    """
    old = SignedHead.read(kept) if kept is not None else None
    if seen_entry(sight(by), id) is None:
        raise Refused("The ledger has no entry of that id that you may see.", code="unknown_entry")
    recording.seal(by=by)
    head = recording.head()
    leaves = _leaves(int(str(head["size"])))
    position = LedgerLeaf.objects.filter(entry=id).values_list("position", flat=True).first()
    if position is None or position >= len(leaves):
        raise Refused(
            "That entry could not be sealed, so there is nothing to prove; `throughway ledger verify` says what is wrong with it.",
            code="not_sealed",
        )
    return {
        "lines": _lines(id),
        "position": position,
        "path": [step.hex() for step in inclusion_proof(leaves, position)],
        **({"kept": old.to_json(), "growth": _since(old, head, leaves)} if old else {}),
        "head": head,
    }


def prove_growth(kept: Mapping[str, object], *, by: Actor) -> dict[str, Any]:
    """The newest signed head, and the hashes that show that its ledger begins with the whole of the kept head's (RFC 6962,
    2.1.2). Refused when `kept` is no head, or the ledger is shorter."""
    old = SignedHead.read(kept)
    recording.seal(by=by)
    head = recording.head()
    path = _since(old, head, _leaves(int(str(head["size"]))))
    return {"kept": old.to_json(), "path": path, "head": head}


def _since(old: SignedHead, head: Mapping[str, object], leaves: list[bytes]) -> list[str]:
    """The hashes from one head to a later one, whose leaves these are."""
    if not 0 < old.size <= len(leaves):
        raise Refused(
            f"The ledger holds {len(leaves)} sealed entries, and the head speaks of {old.size}: its end was cut off, or it is "
            "the head of another ledger.",
            code="cut_off",
        )
    if old.key != head["key"]:
        raise Refused(
            "That head was signed with another key than the one that this community seals with; it is the head of another "
            "community, or the key was exchanged.",
            code="other_ledger",
        )
    if root_of(leaves[: old.size]).hex() != old.root:
        raise Refused(
            f"The first {old.size} entries are not those that the head sealed: the ledger was changed since, and there is "
            "nothing to prove.",
            code="other_ledger",
        )
    return [step.hex() for step in consistency_proof(leaves, old.size)]


def _leaves(size: int) -> list[bytes]:
    hashes = LedgerLeaf.objects.filter(position__lt=size).order_by("position").values_list("hash", flat=True)
    return [bytes.fromhex(leaf) for leaf in hashes.iterator()]


def _lines(id: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {content_sql(connection.vendor, 'e')} FROM gate_ledgerentry e WHERE e.id = %s", [id]
        )
        return bytes(cursor.fetchone()[0]).decode()

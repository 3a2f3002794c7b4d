"""Checks what a Throughway ledger proved, with nothing of Throughway: python check_ledger.py PROOF.json KEPT_HEAD.json|KEY

PROOF.json is what `throughway ledger prove` wrote: of an entry, of growth since a head that you kept, or of both. Give the
head that you kept yourself, so that nobody can have exchanged the key or the ledger. KEY is the community's key alone, 64
hexadecimal digits as you were given them: then whoever holds that key could still have exchanged the ledger. Without either
anybody could have signed the proof, so nothing is said to hold. Needs: pip install cryptography
"""

import json
import sys
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def signed(head: dict) -> bool:
    """The head is signed with the key that it names."""
    said = json.dumps({n: head[n] for n in ("at", "root", "size")}, separators=(",", ":"), sort_keys=True)
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head["key"]))
        key.verify(bytes.fromhex(head["signature"]), said.encode())
    except Exception:
        return False
    return True


def leads(known: str, size: int, head: dict, changes: list[dict]) -> bool:
    """The key that is known, which signed a head over so many entries, is that of the other head or handed over to it: each key signed the
    next one and the number of entries until then, after which it signs no more."""
    for change in changes:
        if change["old"] != known or known == head["key"]:
            continue
        said = {name: change[name] for name in ("at", "new", "size")}
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(known))
            key.verify(
                bytes.fromhex(change["signature"]),
                json.dumps(said, separators=(",", ":"), sort_keys=True).encode(),
            )
        except Exception:
            return False
        if not size <= change["size"] <= head["size"]:
            return False
        known, size = change["new"], change["size"]
    return known == head["key"]


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def included(lines: str, position: int, path: list[bytes], size: int) -> bytes:
    """The root that follows from the entry's lines and the path (RFC 9162, 2.1.3.2)."""
    found, here, last = sha256(b"\x00" + lines.encode()).digest(), position, size - 1
    for sibling in path:
        if here & 1 or here == last:
            found = node(sibling, found)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            found = node(found, sibling)
        here, last = here >> 1, last >> 1
    return found


def grown(old_root: bytes, old_size: int, path: list[bytes], size: int) -> tuple[bytes, bytes]:
    """The old and the new root that follow from the path (RFC 9162, 2.1.4.2)."""
    if old_size == size:
        return old_root, old_root
    path = path if old_size & (old_size - 1) else [old_root, *path]
    here, last = old_size - 1, size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if here & 1 or here == last:
            old, new = node(sibling, old), node(sibling, new)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            new = node(new, sibling)
        here, last = here >> 1, last >> 1
    return old, new


def fault(proof: dict, own: dict | str | None) -> str:
    """What does not hold, in a sentence; empty when everything does. `own`: the head that was kept, or a key."""
    known, own = (own, None) if isinstance(own, str) else (own and own["key"], own)
    head, path = proof["head"], [bytes.fromhex(step) for step in proof["path"]]
    kept = own or proof.get("kept")
    for one in filter(None, (head, kept)):
        if not signed(one):
            return f"The signature of the head over {one['size']} entries is not valid."
    named = ([(known, 0)] if known else []) + ([(kept["key"], kept["size"])] if kept else [])
    if not all(leads(key, size, head, proof.get("keys", [])) for key, size in named):
        return "The head of the proof was signed with another key than the one that you know."
    root = bytes.fromhex(head["root"])
    if "lines" in proof and included(proof["lines"], proof["position"], path, head["size"]) != root:
        return "The entry is not in the ledger of that head."
    unnamed = (
        f"It is signed by a key you have not named, {head['key']}: give the head that you kept, or the key."
    )
    if not kept and "lines" in proof:
        return "" if known else unnamed
    if "lines" in proof and "growth" not in proof and kept["size"] != head["size"]:
        return "Nothing ties this entry to the head that you kept; have it proved with `ledger prove ENTRY --head YOUR_HEAD`."
    old_root = bytes.fromhex(kept["root"])
    steps = [bytes.fromhex(step) for step in proof.get("growth", [])] if "lines" in proof else path
    holds = grown(old_root, kept["size"], steps, head["size"]) == (old_root, root)
    if not holds:
        return "The ledger does not begin with what the kept head sealed."
    return "" if known else unnamed


def given(name: str) -> dict | str:
    """The document in a file, or the key that was typed; ends with a sentence where it is neither."""
    if len(name) == 64 and set(name.lower()) <= set("0123456789abcdef"):
        return name.lower()
    try:
        with open(name, encoding="utf-8") as file:
            return json.load(file)
    except OSError:
        sys.exit(
            f"There is no file {name} that can be read, and a key has 64 hexadecimal digits; correct it."
        )
    except ValueError:
        sys.exit(f"{name} is cut short or something else; take your copy of the file.")


if __name__ == "__main__":
    proof, *own = [given(name) for name in sys.argv[1:]] or [None]
    try:
        found = fault(proof, own[0] if own else None)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        found = "A file is missing, cut short or something else; give a proof, and the head that you kept or the key."
    if found:
        sys.exit(found)
    sys.stdout.write("\n".join(["It holds.", *proof.get("lines", "").split("\n"), ""]))

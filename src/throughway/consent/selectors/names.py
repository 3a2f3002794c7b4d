"""What those who sign and ask are called, from the vault."""

from collections.abc import Mapping, Sequence

from throughway.store.selectors import snapshot

SIGNERS = "consent_signer"


def signers(partner: str) -> Mapping[tuple[int, int], str]:
    """The name of each (record, holder) who signed or asked, from the vault."""
    with snapshot() as stored:
        rows = stored.sealed(SIGNERS, partner)
    columns: Sequence[list[object]] = [rows[name].to_pylist() for name in ("record", "holder", "signer")]
    return {(int(str(r)), int(str(h))): str(name) for r, h, name in zip(*columns, strict=True)}


def same(name: str) -> str:
    """What two spellings share that are taken for one name: neither case nor blanks tell people apart."""
    return " ".join(name.casefold().split())

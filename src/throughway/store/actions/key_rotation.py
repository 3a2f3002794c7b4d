"""Replaces the agreements' keys, under which the data keys of vault files are wrapped."""

from collections.abc import Mapping

from throughway.store import process_locks
from throughway.store.actions.landing import ChangeAuthor
from throughway.store.selectors import current_community
from throughway.store.vault import Vault

PATIENCE = 120.0  # seconds to wait for loads and for a destruction in progress
BUSY = "A load, a backup or a destruction is running; replace the keys when it has ended."


def rotate_agreement_keys(*, by: ChangeAuthor) -> Mapping[str, int]:
    """Gives every agreement a new key; returns how many data keys each wraps. The files stay as they are, under the same data keys.

    Refused (busy) while loads or a destruction continue, since they write wraps too.
    """
    community = current_community()
    keyring = Vault(community).keyring
    with (
        process_locks.alone(community.data / "destruction.turn", patience=PATIENCE, busy=BUSY),
        process_locks.alone(community.landing, patience=PATIENCE, busy=BUSY),
    ):
        return {agreement: keyring.rotate(agreement) for agreement in keyring.agreements()}

"""Free text that people type about a learner, sealed under a data key that one agreement houses.

    nonce, 12 bytes | AES-256-GCM(text); the place of the text (its table, row and version) is authenticated with it

One data key for each learner and agreement, wrapped under the agreement's key in `keys/` (`keyring`). Destroying an agreement, or
what is kept of one learner, destroys the key, and with it the text in the database and in every copy of it.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from throughway.core.refusals import Refused
from throughway.store.community import Community
from throughway.store.keyring import KEY_BYTES, Keyring

NONCE_BYTES = 12


@contextmanager
def new_key(community: Community, agreement: str) -> Iterator[str]:
    """Makes a data key under the agreement's key, for the block that records its id; destroyed again where the block fails.
    Refused (destroyed) where the agreement's data was destroyed."""
    id, keyring = uuid4().hex, Keyring(community.keys)
    keyring.wrap_text_key(agreement, id, AESGCM.generate_key(8 * KEY_BYTES))
    try:
        yield id
    except BaseException:
        keyring.destroy_text_key(agreement, id)
        raise


def destroy_key(community: Community, agreement: str, id: str) -> bool:
    """Destroys a data key; returns whether it was there."""
    return Keyring(community.keys).destroy_text_key(agreement, id)


class TextSealer:
    """Seals and opens texts of one process step; remembers the data keys that it unwrapped."""

    def __init__(self, community: Community) -> None:
        self._keyring = Keyring(community.keys)
        self._ciphers: dict[tuple[str, str], AESGCM] = {}

    def seal(self, text: str, *, agreement: str, key: str, place: str) -> bytes:
        return self.seal_bytes(text.encode(), agreement=agreement, key=key, place=place)

    def seal_bytes(self, content: bytes, *, agreement: str, key: str, place: str) -> bytes:
        """The same for a file, such as the picture of a signed paper."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher(agreement, key).encrypt(nonce, content, place.encode())

    def open(self, sealed: bytes, *, agreement: str, key: str, place: str) -> str:
        """The text. Refused (vault) where its key was destroyed, or it was changed."""
        return self.open_bytes(sealed, agreement=agreement, key=key, place=place).decode()

    def open_bytes(self, sealed: bytes, *, agreement: str, key: str, place: str) -> bytes:
        """The file, refused as a text is."""
        try:
            plain = self._cipher(agreement, key).decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode()
            )
        except InvalidTag:
            raise Refused(
                "A typed text was changed since it was sealed; restore the database from a backup.",
                code="vault",
            ) from None
        return plain

    def _cipher(self, agreement: str, key: str) -> AESGCM:
        if (agreement, key) not in self._ciphers:
            data_key = self._keyring.text_key(agreement, key)
            if data_key is None:
                raise Refused(
                    f"No key opens what was typed under {agreement}: its keys were destroyed, or keys/ is not the one that"
                    " belongs to data/. Order the destruction again, or restore keys/.",
                    code="vault",
                )
            self._ciphers[agreement, key] = AESGCM(data_key)
        return self._ciphers[agreement, key]

"""How passphrases are hashed: as Django does, and never in a transaction, since a hash takes a third of a second on purpose."""

from typing import Any

from django.contrib.auth.hashers import BasePasswordHasher, PBKDF2PasswordHasher

from throughway.core.long_work import check_no_transaction


class OutsideTransactions(BasePasswordHasher):
    """For a hasher: refuses to begin in a transaction, also where a passphrase is only compared."""

    def encode(self, *args: Any, **kwargs: Any) -> str:
        check_no_transaction("the hash of a passphrase")
        return str(super().encode(*args, **kwargs))


class PassphraseHasher(OutsideTransactions, PBKDF2PasswordHasher):
    """Under the same name as Django's, so that it opens what that one hashed."""

"""A hasher for the suite: quick, because the real one is slow on purpose, and refused in a transaction like the real one."""

from django.contrib.auth.hashers import MD5PasswordHasher

from throughway.site.passphrase_hasher import OutsideTransactions


class QuickHasher(OutsideTransactions, MD5PasswordHasher):
    pass

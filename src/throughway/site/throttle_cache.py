"""The cache in which the server's processes count tries together."""

from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, IntegrityError, connections, router, transaction


class ThrottleCache(DatabaseCache):
    """Django's cache in the database, except that a write that failed is an error.

    Django answers a failed write, such as on a full disk, like a key that is there already. Whoever counts tries with it would then say
    that there were too many.
    """

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT) -> bool:
        alias = router.db_for_write(self.cache_model_class)
        failed: list[DatabaseError] = []

        def remember(execute: Callable[..., Any], *statement: Any) -> Any:
            try:
                return execute(*statement)
            except DatabaseError as error:
                if not isinstance(error, IntegrityError):  # another process added the key a moment ago
                    failed.append(error)
                raise

        # The outer transaction commits here, outside of what Django catches.
        with transaction.atomic(using=alias), connections[alias].execute_wrapper(remember):
            done = bool(super()._base_set(mode, key, value, timeout))  # type: ignore[misc]
            if failed:
                raise failed[0]
        return done

"""Vault files that this process has opened lately, kept in memory so that a second question is quick.

An opened file is given out only while some agreement's wrap of it still lies in `keys/`.
"""

from collections import OrderedDict
from threading import Lock

import pyarrow as pa

from throughway.store.vault import Vault

KEEP_BYTES = 512 * 1024 * 1024


class OpenedFileCache:
    """A bounded set of opened files, the least lately used leaving first. Safe for threads."""

    def __init__(self, keep_bytes: int = KEEP_BYTES) -> None:
        self._keep_bytes = keep_bytes
        self._tables: OrderedDict[str, pa.Table] = OrderedDict()
        self._lock = Lock()

    def get(self, vault: Vault, file: str) -> pa.Table:
        """The table of that file; Refused (vault) when no key opens it any more."""
        with self._lock:
            kept = self._tables.get(file)
            if kept is not None and vault.opens(file):
                self._tables.move_to_end(file)
                return kept
            self._tables.pop(file, None)
        table = vault.open(vault.path(file))
        with self._lock:
            self._tables[file] = table
            while sum(t.nbytes for t in self._tables.values()) > self._keep_bytes and len(self._tables) > 1:
                self._tables.popitem(last=False)
        return table

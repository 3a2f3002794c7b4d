"""A statement that PostgreSQL keeps prepared, sent past the cursors: a cursor takes longer over an entry than the server does.

Worth it only for what is written all the time; an answer with rows is refused.
"""

from collections.abc import Sequence
from weakref import WeakSet

from psycopg import Connection, DataError, OperationalError, errors
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

TEXT, BINARY = 0, 1  # how a parameter comes (PQexecPrepared)


class Prepared:
    """`sql` with numbered parameters ($1): so many texts, which the server reads as what their places take, then one of bytes."""

    def __init__(self, name: str, sql: str, texts: int) -> None:
        self._name, self._sql = name.encode(), sql.encode()
        self._formats = [TEXT] * texts + [BINARY]
        self._known_to = WeakSet[Connection]()

    def execute(self, connection: Connection, texts: Sequence[str], data: bytes) -> None:
        """Within the connection's transaction, which begins here if none has; psycopg's errors, as from its cursors."""
        server = connection.pgconn
        if connection not in self._known_to:
            _check(connection, server.prepare(self._name, self._sql))
            self._known_to.add(connection)
        if not connection.autocommit and server.transaction_status == TransactionStatus.IDLE:
            _check(connection, server.exec_(b"BEGIN"))
        # All encoded at once; a text with a zero byte, at which the server would end it, makes one too many.
        parameters = "\0".join(texts).encode().split(b"\0")
        if len(parameters) != len(texts):
            raise DataError("A text of PostgreSQL cannot hold a zero byte.")
        _check(connection, server.exec_prepared(self._name, [*parameters, data], self._formats))


def _check(connection: Connection, result: PGresult) -> None:
    if result.status == ExecStatus.COMMAND_OK:
        return
    if connection.pgconn.status == ConnStatus.BAD:
        raise OperationalError(result.get_error_message())
    raise errors.error_from_result(result)

"""What a database refuses, in words that say who must do what: no rights, no server, a damaged file.

Recognizes the errors of SQLite and of PostgreSQL by what their drivers attach to them, so that no driver is imported here.
"""

from collections.abc import Iterator

from throughway.core.refusals import Refused

DENIED = frozenset({"42501", "3F000"})  # insufficient_privilege; no schema that the role may use
GONE = ("08", "57P")  # connection exceptions; a server that stops or does not accept connections yet
ROLES = 'docs/operations.md, "Two roles"'


def permission_denied(sentence: str) -> Refused:
    return Refused(sentence, code="permission_denied")


def damaged() -> Refused:
    return Refused(
        "The operational database cannot be read completely: its file is damaged or was cut short. Stop "
        "here, and restore the newest backup of data/ as docs/operations.md says.",
        code="database_damaged",
    )


def refusal_of(error: BaseException, role: str) -> Refused | None:
    """The refusal for an error of the database that the operator can cure; None for every other error.

    `role`: the role under which the program is connected. PostgreSQL's own words are repeated where it refuses a connection or a right:
    they name roles and tables, never a value.
    """
    for each in _causes(error):
        state = getattr(each, "sqlstate", None) or ""
        words = str(each)
        if state in DENIED:
            return permission_denied(
                f"The database refuses the role {role} ({_primary(each)}): permission denied. Run `throughway check` with the same "
                f"address; it names the line that the owner of the tables must run ({ROLES})."
            )
        if "permission denied for database" in words:
            return permission_denied(
                f"The database refuses the role {role}: permission denied to connect. As the owner of the database, run: GRANT CONNECT "
                f'ON DATABASE {words.partition("permission denied for database ")[2].splitlines()[0]} TO "{role}";'
            )
        if state.startswith(GONE) or (_is_driver_of_a_server(each) and not state and _is_connecting(words)):
            return _unreachable(words)
        if any(word in words for word in ("malformed", "not a database")) and hasattr(
            each, "sqlite_errorname"
        ):
            return damaged()
        if getattr(each, "sqlite_errorname", "") == "SQLITE_BUSY":
            return Refused(
                "Another process is writing to the operational database and did not end in time; nothing was changed. Try again in a minute.",
                code="busy",
            )
        if getattr(each, "sqlite_errorname", "") == "SQLITE_CANTOPEN":
            return Refused(
                "data/throughway.sqlite3, the operational database, is missing or cannot be opened; bring it back, or mend the rights "
                "of the folder data.",
                code="database",
            )
    return None


def _unreachable(words: str) -> Refused:
    answer = words.partition("FATAL:")[2].strip().partition("\n")[0]
    said = f" (the server answers: {answer})" if answer else ""
    return Refused(
        f"The operational database cannot be reached{said}; check THROUGHWAY_DATABASE_URL and that the server runs.",
        code="database",
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _is_driver_of_a_server(error: BaseException) -> bool:
    return (
        type(error).__module__.partition(".")[0] == "psycopg" and type(error).__name__ == "OperationalError"
    )


def _is_connecting(words: str) -> bool:
    return any(
        each in words
        for each in ("connection failed", "connection is bad", "failed to resolve", "connection timeout", "closed the connection",
                     "consuming input failed", "connection is lost", "connection is closed", "timeout expired")
    )  # fmt: skip


def _primary(error: BaseException) -> str:
    """PostgreSQL's sentence without its context, such as `permission denied for table partners_partner`."""
    said = getattr(getattr(error, "diag", None), "message_primary", None)
    return str(said or "permission denied")

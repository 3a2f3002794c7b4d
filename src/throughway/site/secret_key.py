"""The key that signs cookies and encrypts the secrets of authenticators."""

import os
import secrets

from throughway.core.refusals import Refused
from throughway.store.community import Community

SECRET = "site.secret"


def secret_key(community: Community) -> str:
    """The key that signs cookies: from the environment, otherwise from the folder, otherwise one for this process only."""
    from_environment = os.environ.get("THROUGHWAY_SECRET_KEY")
    if from_environment:
        return from_environment
    try:
        return (community.keys / SECRET).read_text(encoding="ascii").strip()
    except OSError:
        return secrets.token_urlsafe(48)


def keep_secret_key(community: Community) -> None:
    """Makes the folder's key where there is none, so that restarts and worker processes share one."""
    path = community.keys / SECRET
    if path.exists():
        return
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        return
    except OSError as error:
        raise Refused(
            f"The key that signs cookies cannot be kept in {community.keys} ({error.strerror}); mend that folder.",
            code="not_writable",
        ) from error

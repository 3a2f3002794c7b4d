"""A file that this user may not use: recognizes the error, and says whose it is and what to do."""

import os
import pwd
from pathlib import Path

from throughway.core.refusals import Refused


def refusal_of(error: BaseException | None, community: Path | None) -> Refused | None:
    """The refusal for an error of missing rights in the file system; None for every other. `community`: its folder, if it is known."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, PermissionError) and error.filename is not None:
            path = Path(os.fsdecode(error.filename))
            inside = community is not None and path.resolve().is_relative_to(community)
            shown = str(path.resolve().relative_to(community.parent)) if community and inside else str(path)
            return Refused(may_not_use(shown, path, community if inside else None), code="permission_denied")
        error = error.__cause__ or error.__context__
    return None


def may_not_use(shown: str, path: Path, community: Path | None) -> str:
    """One sentence. `path`: what may not be used, `shown` so; `community`: the folder in which it lies, None where it lies elsewhere."""
    me = _name(os.geteuid())
    try:
        owner = f", which belongs to {_name(path.stat().st_uid)}"
    except OSError:
        owner = ""
    if community is None:
        return f"The user {me} may not use {shown}{owner} (permission denied); name another place, or give that user the right to it."
    return (
        f"The user {me} may not use {shown}{owner} (permission denied). The whole folder belongs to the user who runs the site: as root, "
        f"run chown --recursive USER:USER {community} with that user's name (throughway on a server), and run commands as that user "
        "(throughway-admin)."
    )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)

"""Files of rules that come with the program and that a community may replace with its own in its folder."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from throughway.core.refusals import Refused
from throughway.core.yaml_text import UnreadableText, values_of


def packaged_text(name: str) -> str:
    """The file of that name that comes with the program."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def own_text(path: Path) -> str | None:
    """The community's own file; None where it has none. Refused (settings) where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        kind = path.suffix.removeprefix(".").upper()
        raise Refused(
            f"{path.name} in the community's folder cannot be read; save it as {kind} in UTF-8.",
            code="settings",
        ) from None


def yaml_of(text: str, name: str) -> Any:
    """What the text says as YAML; Refused (settings) where it is none. `name`: of its file."""
    try:
        return values_of(text)
    except UnreadableText as fault:
        raise Refused(f"{name} is not YAML: {fault}", code="settings") from None


def wrong_in(name: str, what: str) -> Refused:
    """The refusal (settings) of the community's file of that name. `what`: the rest of the sentence, with or without its end."""
    end = "?" if what.endswith("?") else "."
    return Refused(f"{name} in the community's folder {what.rstrip('.?')}{end}", code="settings")

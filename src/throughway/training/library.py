"""Where courses lie: those that ship, and the community's own, which replace a shipped one of the same name."""

import re
from collections.abc import Mapping
from pathlib import Path

from throughway.core.refusals import Refused
from throughway.training.course import Course, read_course

SHIPPED = Path(__file__).parent / "courses"
FOLDER = "courses"  # in the community's folder
LANGUAGES = ("en", "es")
NAME = re.compile(r"([A-Za-z0-9][A-Za-z0-9 ._-]{0,99})\.(en|es)\.md")

Library = Mapping[str, Mapping[str, Course]]  # by the course's id, by language


def courses(community: Path) -> Library:
    """Every course in every language that it has. `community`: the community's folder.

    Refused (bad_course) when a file cannot be read.
    """
    found: dict[str, dict[str, Course]] = {}
    for id, versions in _files(SHIPPED).items():
        found[id] = _read(id, versions)
    for id, versions in _files(community / FOLDER).items():
        found[id] = _read(id, versions)
    return dict(sorted(found.items()))


def in_language(versions: Mapping[str, Course], language: str) -> Course:
    """The course in that language, or else in the first that it has."""
    return versions.get(language[:2]) or next(versions[each] for each in LANGUAGES if each in versions)


def _files(folder: Path) -> dict[str, dict[str, Path]]:
    found: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.glob("*.md")):
        name = NAME.fullmatch(path.name)
        if name is None:
            raise Refused(
                f"{path.name} in the folder {FOLDER} is no name of a course: write it as the agreements do, and its language, as in"
                " ferpa-basics.en.md or ferpa-basics.es.md.",
                code="bad_course",
            )
        found.setdefault(name[1], {})[name[2]] = path
    return found


def _read(id: str, versions: Mapping[str, Path]) -> dict[str, Course]:
    return {language: read_course(id, language, _text(path)) for language, path in versions.items()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Refused(
            f"The course {path.name} cannot be read: it is not text in UTF-8; save it so.", code="bad_course"
        ) from None

"""The folder that holds everything of one community."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from throughway.core.refusals import Refused

SETTINGS = "throughway.toml"


@dataclass(frozen=True)
class Community:
    """Where a community keeps its agreements, crosswalks, feeds, data and keys."""

    root: Path

    @classmethod
    def locate(cls, named: str | os.PathLike[str] | None = None) -> "Community":
        """The folder that was named, else `$THROUGHWAY_COMMUNITY`, else the current folder."""
        return cls(Path(named or os.environ.get("THROUGHWAY_COMMUNITY") or ".").resolve())

    @property
    def agreements(self) -> Path:
        return self.root / "agreements"

    @property
    def rules(self) -> Path:
        """Files with rules of the State or the community, which every review obeys; need not be there."""
        return self.root / "rules"

    @property
    def proficiency(self) -> Path:
        """The table of which results of which test reach its standard; need not be there."""
        return self.root / "proficiency.csv"

    @property
    def crosswalks(self) -> Path:
        return self.root / "crosswalks"

    @property
    def feeds(self) -> Path:
        return self.root / "feeds"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def database(self) -> Path:
        return self.data / "throughway.sqlite3"

    @property
    def store(self) -> Path:
        return self.data / "store"

    @property
    def vault(self) -> Path:
        return self.data / "vault"

    @property
    def staging(self) -> Path:
        """Folders of unfinished work, on the store's own filesystem."""
        return self.store / "staging"

    @property
    def leases(self) -> Path:
        """One file for each open snapshot."""
        return self.store / "leases"

    @property
    def landing(self) -> Path:
        """The file on which landings and sweeps take turns."""
        return self.store / "landing.lock"

    @property
    def identity(self) -> Path:
        """The file that names the database that is the manifest of this store."""
        return self.store / "store.id"

    @property
    def quarantine(self) -> Path:
        return self.data / "quarantine"

    @property
    def reports(self) -> Path:
        return self.data / "reports"

    @property
    def exists(self) -> bool:
        return (self.root / SETTINGS).is_file()

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """The settings in `throughway.toml`; secrets come from the environment and are never in it."""
        if not self.exists:
            return {}
        try:
            return tomllib.loads((self.root / SETTINGS).read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Refused(
                f"{SETTINGS} is not readable TOML ({error}); mend that line.", code="settings"
            ) from error

    @cached_property
    def time_zone(self) -> ZoneInfo:
        """Where the community's days begin and end: `time_zone` of [community], such as "America/Chicago"; else UTC."""
        name = self.settings.get("community", {}).get("time_zone", "UTC")
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, TypeError, OSError) as error:
            raise Refused(
                f'time_zone under [community] in {SETTINGS} is no zone of the IANA list; write one such as "America/Chicago".',
                code="settings",
            ) from error

    def day_of(self, moment: datetime) -> date:
        """The community's day in which a moment lies."""
        return moment.astimezone(self.time_zone).date()

    def today(self) -> date:
        return self.day_of(datetime.now(UTC))

    def make(self, *, name: str, more: str = "") -> None:
        """Makes the empty folder, with more lines of settings (TOML); Refused when a community is already there."""
        if self.exists:
            raise Refused(f"{self.root} already holds a community; choose another folder.", code="exists")
        self.make_folders()
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        (self.root / SETTINGS).write_text(f'[community]\nname = "{quoted}"\n{more}', encoding="utf-8")

    def make_folders(self) -> None:
        """Makes the folders that are not there."""
        for folder in (self.agreements, self.crosswalks):
            folder.mkdir(parents=True, exist_ok=True)
        # Closed to all but their owner, so that no file within needs to be: engines write with the modes of the process.
        for folder in (self.feeds, self.data, self.store, self.vault, self.keys):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)

"""The folder that holds everything of one community."""

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from throughway.core.refusals import Refused
from throughway.store.settings_file import SETTINGS, SettingsFile, parse

SEALED = ".sealed"  # the ending of a file in the vault


@dataclass(frozen=True)
class Community:
    """Where a community keeps its agreements, crosswalks, feeds, data and keys."""

    root: Path

    @classmethod
    def locate(cls, named: str | os.PathLike[str] | None = None) -> "Community":
        """The folder given, otherwise `$THROUGHWAY_COMMUNITY`, otherwise the current folder."""
        return cls(Path(named or os.environ.get("THROUGHWAY_COMMUNITY") or ".").resolve())

    @property
    def agreements(self) -> Path:
        return self.root / "agreements"

    @property
    def rules(self) -> Path:
        """Files with rules of the State or the community, which every review applies; may be absent."""
        return self.root / "rules"

    @property
    def proficiency(self) -> Path:
        """The table of assessment results that meet a standard; may be absent."""
        return self.root / "proficiency.csv"

    @property
    def needs(self) -> Path:
        """The community's rules of need, by which supports are matched with a student; may be absent."""
        return self.root / "needs.yaml"

    @property
    def overlaps(self) -> Path:
        """The community's rules of overlap: which programs give the same kind of support; may be absent."""
        return self.root / "overlaps.yaml"

    @property
    def trends(self) -> Path:
        """Targets and other choices for the reports on trends; may be absent."""
        return self.root / "trends.yaml"

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
    def database_url(self) -> str | None:
        """The address of a PostgreSQL server, from the environment, otherwise from the settings; None for the SQLite file."""
        return os.environ.get("THROUGHWAY_DATABASE_URL") or self.settings.database.url

    @property
    def store(self) -> Path:
        return self.data / "store"

    @property
    def vault(self) -> Path:
        return self.data / "vault"

    @property
    def staging(self) -> Path:
        """Folders for unfinished work, on the store's own filesystem."""
        return self.store / "staging"

    @property
    def leases(self) -> Path:
        """One file for each open snapshot."""
        return self.store / "leases"

    @property
    def landing(self) -> Path:
        """The lock file for landings and sweeps."""
        return self.store / "landing.lock"

    @property
    def identity(self) -> Path:
        """The file with the name of the database that is the manifest of this store."""
        return self.store / "store.id"

    @property
    def store_name(self) -> str | None:
        """The name that the store shares with the database of its manifest; None before the first landing."""
        try:
            return self.identity.read_text()
        except FileNotFoundError:
            return None

    @property
    def has_landed(self) -> bool:
        """Whether the store holds a file."""
        return any(self.store.glob("*.parquet")) or any(self.vault.glob(f"*{SEALED}"))

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
    def settings(self) -> SettingsFile:
        """The settings in `throughway.toml`, checked; secrets are only in the environment."""
        if not self.exists:
            return SettingsFile()
        try:
            text = (self.root / SETTINGS).read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise Refused(f"{SETTINGS} is not written in UTF-8; save it so.", code="settings") from error
        return parse(text)

    @property
    def time_zone(self) -> ZoneInfo:
        """The time zone of the community's days."""
        return self.settings.community.time_zone

    def day_of(self, moment: datetime) -> date:
        """The date of a moment in the community's time zone."""
        return moment.astimezone(self.time_zone).date()

    def today(self) -> date:
        return self.day_of(datetime.now(UTC))

    def make(self, *, name: str, more: str = "") -> None:
        """Creates an empty community in the folder, with additional settings (TOML); Refused when there is one already."""
        self.check_new()
        self.make_folders()
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        (self.root / SETTINGS).write_text(f'[community]\nname = "{quoted}"\n{more}', encoding="utf-8")

    def check_new(self) -> None:
        """Refused where the folder holds a community already, or the database of one."""
        if self.exists or self.database.exists():
            raise Refused(f"{self.root} already holds a community; choose another folder.", code="exists")

    def make_folders(self) -> None:
        """Creates missing folders."""
        for folder in (self.agreements, self.crosswalks):
            folder.mkdir(parents=True, exist_ok=True)
        # Accessible only to their owner, so that files within need not be: engines write with the process's default modes.
        for folder in (self.feeds, self.data, self.store, self.vault, self.keys):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)

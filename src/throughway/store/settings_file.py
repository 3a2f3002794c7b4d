"""`throughway.toml`, the settings of a community: every section and key with its kind, default and meaning.

A key that is not here, or a value of another kind, is refused with the nearest that is. Only `[measures]` is described elsewhere, in
`measures/policy.py`, by the same kinds. Secrets are never in the file: `ENVIRONMENT` lists the variables that hold them.

`python -m throughway.store.settings_reference` prints the page of the manual, `docs/settings.md`.
"""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from throughway.core.refusals import Refused, did_you_mean

SETTINGS = "throughway.toml"
LONGEST = 36_500  # days that a completed course can count
UTC_ZONE = ZoneInfo("UTC")
LOOPBACK = ("127.0.0.1", "::1", "localhost")

# The variables of the environment, because they are secret or temporary.
ENVIRONMENT: Mapping[str, str] = {
    "THROUGHWAY_COMMUNITY": "the folder, where `--community` is not given",
    "THROUGHWAY_DATABASE_URL": "the database, with its password",
    "THROUGHWAY_SECRET_KEY": "the key of cookies and second factors, instead of `keys/site.secret`",
    "THROUGHWAY_MAIL_PASSWORD": "the passphrase of the mail server",
    "THROUGHWAY_SIGN_ON_SECRET_PARTNER": "the site's secret at the [provider](sign-on.md) of a partner; in place of PARTNER its id in capital letters, with `_` for `-`",
    "THROUGHWAY_PASSWORD": "a first passphrase, for `user add`",
    "THROUGHWAY_DEBUG": "`1`: a command that fails shows the details, which can contain values of records",
}


@dataclass(frozen=True)
class ValueKind:
    """What values a setting takes. `words` end the sentence "… must be". `read` returns the value to use, or raises ValueError."""

    words: str
    read: Callable[[Any], Any]


@dataclass(frozen=True)
class Setting:
    """One key of a section. `meaning` and `left_out` (what holds without it) are Markdown, for the manual."""

    kind: ValueKind
    meaning: str = ""
    left_out: str = ""


def wrong(section: str, key: str, words: str) -> Refused:
    return Refused(f"{key} in [{section}] of {SETTINGS} {words}", code="settings")


def read_section(section: str, given: Any, known: Mapping[str, Setting]) -> dict[str, Any]:
    """The values of one section. Refused (settings) for a key that is not known, or a value of another kind."""
    if not isinstance(given, Mapping):
        raise Refused(
            f"{section} in {SETTINGS} must be a section: write [{section}] on a line of its own, and its settings "
            "on the lines below it.",
            code="settings",
        )
    values = {}
    for key, value in given.items():
        if key not in known:
            cure = did_you_mean(key, known, f"choose from {', '.join(sorted(known))}.")
            raise wrong(section, key, f"is not a setting; {cure}")
        kind = known[key].kind
        try:
            values[key] = kind.read(value)
        except ValueError:
            raise wrong(section, key, f"must be {kind.words}.") from None
    return values


def _check(holds: bool) -> None:
    if not holds:
        raise ValueError


def _exactly(wanted: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        _check(type(value) is wanted)
        return value

    return read


def _number(value: Any) -> float:
    _check(type(value) in (int, float))
    return float(value)


def _texts(value: Any) -> tuple[str, ...]:
    _check(isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value))
    return tuple(value)


YES_OR_NO = ValueKind("true or false, without quotation marks", _exactly(bool))
WHOLE = ValueKind("a whole number", _exactly(int))
NUMBER = ValueKind("a number", _number)
TEXTS = ValueKind('a list of texts, such as ["F", "NC"]', _texts)


def matching(words: str, accepts: Callable[[str], bool]) -> ValueKind:
    def read(value: Any) -> str:
        _check(isinstance(value, str) and accepts(value))
        return str(value)

    return ValueKind(words, read)


def one_of(*choices: str) -> ValueKind:
    quoted = [f'"{choice}"' for choice in choices]
    return matching(f"{', '.join(quoted[:-1])} or {quoted[-1]}", lambda text: text in choices)


def between(lowest: int, highest: int, what: str) -> ValueKind:
    def read(value: Any) -> int:
        _check(type(value) is int and lowest <= value <= highest)
        return int(value)

    return ValueKind(f"{what} from {lowest} to {highest}, without quotation marks", read)


TEXT = matching("a text in quotation marks", lambda text: bool(text.strip()))
_HOST = re.compile(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\]", re.IGNORECASE)


def is_web_address(text: str, *, secure: bool = False) -> bool:
    """Whether a text is the address of a site: `https://`, or `http://` unless `secure`, a host, perhaps a port and a path."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    schemes = ("https",) if secure else ("https", "http")
    return (
        parts.scheme in schemes
        and bool(_HOST.fullmatch(parts.netloc.rpartition(":")[0] if parts.port else parts.netloc))
        and not (parts.query or parts.fragment or parts.username)
    )


def _hosts(value: Any) -> tuple[str, ...]:
    _check(all(_HOST.fullmatch(name) for name in _texts(value)) if value != [] else True)
    return tuple(value)


def _zone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (KeyError, TypeError, OSError) as error:
        raise ValueError from error


def _moment(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise ValueError
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _url_without_password(value: Any) -> str:
    _check(isinstance(value, str) and value.startswith(("postgresql://", "postgres://")))
    if urlsplit(value).password:
        raise Refused(
            f"{SETTINGS} holds the database's password; take it out and set THROUGHWAY_DATABASE_URL instead.",
            code="settings",
        )
    return str(value)


DAYS = between(1, LONGEST, "a number of days")


def _days_of_courses(value: Any) -> dict[str, int]:
    known = {course: Setting(DAYS) for course in value} if isinstance(value, dict) else {}
    return read_section("training.courses", value, known)


HOSTS = ValueKind('a list of names without https:// and without a path, such as ["data.example.org"]', _hosts)
ISSUER = matching(
    'an address that begins with https://, such as "https://accounts.example.org"',
    lambda text: is_web_address(text, secure=urlsplit(text).hostname not in LOOPBACK),
)
ADDRESS = matching('an address such as "https://data.example.org"', is_web_address)
ZONE = ValueKind('a zone of the IANA list, such as "America/Chicago"', _zone)
MOMENT = ValueKind("a time without quotation marks, such as 2026-11-25T12:00:00Z", _moment)
DATABASE = ValueKind(
    'the address of a PostgreSQL server, such as "postgresql://db.example.org/town"', _url_without_password
)
COURSES = ValueKind(
    "a section of its own, [training.courses], with a number of days for each course", _days_of_courses
)


def setting(default: Any, kind: ValueKind, meaning: str, left_out: str, *, key: str = "") -> Any:
    """A field of a section. `key`: its name in the file, where that is not the field's."""
    return field(default=default, metadata={"setting": Setting(kind, meaning, left_out), "key": key})


@dataclass(frozen=True)
class CommunitySettings:
    name: str = setting("", TEXT, "the community's name, on every page", "none")
    time_zone: ZoneInfo = setting(  # noqa: RUF009
        UTC_ZONE, ZONE,
        'where the days of a review begin and end, such as `"America/Chicago"` (the IANA list)', "UTC",
    )  # fmt: skip


@dataclass(frozen=True)
class SiteSettings:
    hosts: tuple[str, ...] = setting(
        (), HOSTS, "names under which the site may be asked for", "this machine alone"
    )
    address: str = setting(
        "", ADDRESS, "where a mail and a sign-in link point to, such as `https://data.example.org`",
        "the first of `hosts`, with https",
    )  # fmt: skip
    register: bool = setting(
        True, YES_OR_NO, "`false`: no [public register](screens/register.md) of agreements", "`true`"
    )
    directory: bool = setting(
        True, YES_OR_NO, "`false`: no [public directory](screens/directory.md) of supports", "`true`"
    )
    https: bool = setting(False, YES_OR_NO, "`true`: browsers reach it over https", "`false`")
    second_factor: str = setting(
        "optional", one_of("optional", "required"),
        '`"required"`: nothing opens before an authenticator app is set up', '`"optional"`: each user decides',
    )  # fmt: skip

    @property
    def home(self) -> str:
        """The site's own address without a slash at its end; empty where the settings name none."""
        names = [name for name in self.hosts if not name.startswith(".")]
        return (self.address or (f"https://{names[0]}" if names else "")).rstrip("/")

    @property
    def requires_second_factor(self) -> bool:
        return self.second_factor == "required"


@dataclass(frozen=True)
class MailSettings:
    host: str = setting("", TEXT, "the server that takes [mail](operations.md#mail)", "needed")
    sender: str = setting("", TEXT, "the address that mail comes from", "needed", key="from")
    port: int | None = setting(None, between(1, 65_535, "a number"), "its port", "587; with `tls` 465")
    security: str = setting(
        "starttls", one_of("starttls", "tls", "none"),
        "how the connection is encrypted; with `none` no passphrase is sent but to this machine", '`"starttls"`',
    )  # fmt: skip
    user: str = setting("", TEXT, "who signs in there, with `$THROUGHWAY_MAIL_PASSWORD`", "nobody does")

    def check(self, home: str) -> None:
        """Refused where no mail could be sent with these settings. `home`: the site's own address."""
        if not self.host or not self.sender:
            raise _no_mail("needs host, the server that takes mail, and from, the address that it comes from")
        if self.user and self.security == "none" and self.host not in LOOPBACK:
            raise _no_mail('would send its password unencrypted; write security = "starttls" or "tls"')
        if not home:
            raise _no_mail(
                "needs the site's own address to point to: write address in [site], such as https://data.example.org"
            )


def _no_mail(what: str) -> Refused:
    return Refused(f"[mail] in {SETTINGS} {what}.", code="settings")


@dataclass(frozen=True)
class AgreementSettings:
    process: str = setting(
        "short", one_of("short", "full"),
        '`"full"`: every agreement is [reviewed, negotiated and approved](life.md) before anyone signs', '`"short"`',
    )  # fmt: skip
    days_to_answer: int = setting(
        14, between(1, 365, "a number of days"), "within how many days an approval or a signature is expected", "14"
    )  # fmt: skip


@dataclass(frozen=True)
class TrainingSettings:
    days: int = setting(365, DAYS, "for how many days a completed course counts", "365")
    courses: Mapping[str, int] = field(
        default_factory=dict,
        metadata={
            "setting": Setting(
                COURSES, "the same for single courses, in `[training.courses]`, such as `ferpa-basics = 730`", "as `days`"
            )
        },
    )  # fmt: skip

    def days_of(self, course: str) -> int:
        return self.courses.get(course, self.days)


@dataclass(frozen=True)
class ClockSettings:
    ledger_wrong_until: datetime | None = setting(  # noqa: RUF009
        None, MOMENT, "until when [the times in the ledger](ledger.md) are known to be wrong", "none is"
    )


@dataclass(frozen=True)
class DatabaseSettings:
    url: str = setting("", DATABASE, "a PostgreSQL server, without its password", "SQLite in `data/`")


@dataclass(frozen=True)
class SignOnSettings:
    """The OpenID provider with which one partner's people sign in."""

    partner: str
    issuer: str = setting("", ISSUER, "the issuer of the partner's [OpenID provider](sign-on.md)", "needed")
    client_id: str = setting("", TEXT, "the site's client id there", "needed")
    name: str = setting("", TEXT, "what the sign-in page calls it; everybody can read it", "the partner's id")

    @property
    def secret_variable(self) -> str:
        partner = re.sub(r"[^A-Z0-9]", "_", self.partner.upper())
        return "THROUGHWAY_SIGN_ON_SECRET_PARTNER".replace("PARTNER", partner)

    @property
    def secret(self) -> str:
        return os.environ.get(self.secret_variable, "")


@dataclass(frozen=True)
class SmallestEffectSettings:
    """The smallest effect that matters for one outcome of studies, by a decision of the council."""

    value: float = setting(
        0.0,
        NUMBER,
        "the smallest effect that matters for this outcome of [studies](which-help-works.md)",
        "needed",
    )
    scale: str = setting(
        "sd",
        one_of("sd", "raw"),
        '`"sd"`: in standard deviations; `"raw"`: in the outcome\'s own unit',
        '`"sd"`',
    )
    decision: int = setting(
        0, WHOLE, "the number, in the decision log, by which the council set it", "needed"
    )
    reason: str = setting("", TEXT, "why, in a sentence", "needed")


@dataclass(frozen=True)
class SettingsFile:
    """The whole file. `mail`: None in a community that sends none. `measures`: as it stands in the file. `sign_on`: by partner."""

    community: CommunitySettings = CommunitySettings()
    site: SiteSettings = SiteSettings()
    mail: MailSettings | None = None
    agreements: AgreementSettings = AgreementSettings()
    training: TrainingSettings = TrainingSettings()
    measures: Mapping[str, Any] = field(default_factory=dict)
    sign_on: Mapping[str, SignOnSettings] = field(default_factory=dict)
    smallest_effects: Mapping[str, SmallestEffectSettings] = field(default_factory=dict)  # by outcome
    clock: ClockSettings = ClockSettings()
    database: DatabaseSettings = DatabaseSettings()


SECTIONS: Mapping[str, type] = {
    "community": CommunitySettings,
    "site": SiteSettings,
    "mail": MailSettings,
    "agreements": AgreementSettings,
    "training": TrainingSettings,
    "clock": ClockSettings,
    "database": DatabaseSettings,
}


def keys_of(section: type) -> dict[str, tuple[str, Setting]]:
    """The keys of a section as they stand in the file, each with its field and description."""
    return {
        f.metadata.get("key") or f.name: (f.name, f.metadata["setting"])
        for f in fields(section)
        if "setting" in f.metadata
    }


def parse(text: str) -> SettingsFile:
    """The settings in the file's text. Refused (settings) with the first thing that is wrong in it."""
    try:
        return from_document(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise Refused(
            f"{SETTINGS} is not readable TOML ({error}); correct that line.", code="settings"
        ) from error


def from_document(document: Mapping[str, Any]) -> SettingsFile:
    values: dict[str, Any] = {}
    for name, given in document.items():
        if name == "measures":
            values[name] = {**given} if isinstance(given, dict) else read_section(name, given, {})
        elif name == "sign_on":
            values[name] = _sign_on(given)
        elif name == "smallest_effects":
            values[name] = _smallest_effects(given)
        elif name in SECTIONS:
            values[name] = SECTIONS[name](**_fields(name, SECTIONS[name], given))
        else:
            raise _unknown(name, given)
    settings = SettingsFile(**values)
    if settings.mail is not None:
        settings.mail.check(settings.site.home)
    return settings


def _fields(name: str, section: type, given: Any) -> dict[str, Any]:
    keys = keys_of(section)
    read = read_section(name, given, {key: known for key, (_, known) in keys.items()})
    return {keys[key][0]: value for key, value in read.items()}


def _sign_on(given: Any) -> dict[str, SignOnSettings]:
    if not isinstance(given, dict) or not all(isinstance(each, dict) for each in given.values()):
        raise Refused(
            f"sign_on in {SETTINGS} must be a section for each partner, such as [sign_on.oak-schools].",
            code="settings",
        )
    found = {
        partner: SignOnSettings(partner, **_fields(f"sign_on.{partner}", SignOnSettings, each))
        for partner, each in given.items()
    }
    for each in found.values():
        if not each.issuer or not each.client_id:
            raise Refused(
                f"[sign_on.{each.partner}] in {SETTINGS} needs issuer and client_id.", code="settings"
            )
    return found


def _smallest_effects(given: Any) -> dict[str, SmallestEffectSettings]:
    if not isinstance(given, dict) or not all(isinstance(each, dict) for each in given.values()):
        raise Refused(
            f"smallest_effects in {SETTINGS} must be a section for each outcome, such as [smallest_effects.reading].",
            code="settings",
        )
    found = {
        outcome: SmallestEffectSettings(
            **_fields(f"smallest_effects.{outcome}", SmallestEffectSettings, each)
        )
        for outcome, each in given.items()
    }
    for outcome, each in found.items():
        if each.value <= 0 or each.decision < 1 or not each.reason:
            raise Refused(
                f"[smallest_effects.{outcome}] in {SETTINGS} needs a value above zero, decision (its number in the decision log) and reason.",
                code="settings",
            )
    return found


def _unknown(name: str, given: Any) -> Refused:
    known = [*SECTIONS, "measures", "sign_on", "smallest_effects"]
    if isinstance(given, dict):
        cure = did_you_mean(name, known, f"choose from {', '.join(sorted(known))}.")
        return Refused(f"[{name}] is not a section of {SETTINGS}; {cure}", code="settings")
    homes = [section for section, kind in SECTIONS.items() if name in keys_of(kind)]
    cure = f"write it below [{homes[0]}]" if homes else "put it below its section, or take it out"
    return Refused(f"{name} in {SETTINGS} stands outside of every section; {cure}.", code="settings")

"""The settings file: every key is known with its kind; whatever else stands in it is refused with the nearest."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughway.core.refusals import Refused
from throughway.store.settings_file import (
    ENVIRONMENT,
    SECTIONS,
    SettingsFile,
    from_document,
    is_web_address,
    keys_of,
    parse,
)

ROOT = Path(__file__).resolve().parents[2]
MAIL = '[mail]\nhost = "m.example"\nfrom = "a@b.example"\n'

WHOLE = """
[community]
name = "Riverbend"
time_zone = "America/Chicago"
[site]
hosts = ["data.example.org", ".schools.example.org", "10.0.0.7", "[::1]"]
address = "https://data.example.org:8443/"
register = false
directory = false
https = true
second_factor = "required"
[mail]
host = "mail.example.org"
from = "throughway@example.org"
port = 465
security = "tls"
user = "throughway"
[agreements]
process = "full"
days_to_answer = 3
[training]
days = 30
[training.courses]
secrets = 10
[measures]
living_wage = 9800
[clock]
ledger_wrong_until = 2026-11-25T12:00:00Z
[database]
url = "postgresql://town_app@localhost/town"
"""


def test_every_setting_is_read() -> None:
    found = parse(WHOLE)
    assert (found.community.name, found.community.time_zone) == ("Riverbend", ZoneInfo("America/Chicago"))
    assert found.site.hosts == ("data.example.org", ".schools.example.org", "10.0.0.7", "[::1]")
    assert (found.site.register, found.site.https, found.site.requires_second_factor) == (False, True, True)
    assert found.site.home == "https://data.example.org:8443"
    assert found.mail is not None
    assert (found.mail.host, found.mail.sender, found.mail.port) == (
        "mail.example.org", "throughway@example.org", 465,
    )  # fmt: skip
    assert (found.agreements.process, found.agreements.days_to_answer) == ("full", 3)
    assert (found.training.days_of("ferpa-basics"), found.training.days_of("secrets")) == (30, 10)
    assert found.measures == {"living_wage": 9800}
    assert found.clock.ledger_wrong_until == datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert found.database.url.endswith("/town")
    document = tomllib.loads(WHOLE)
    left = {
        (section, key)
        for section, kind in SECTIONS.items()
        for key in keys_of(kind)
        if key not in document[section]
    }
    assert not left, "each setting stands in this example"


def test_an_empty_file_leaves_everything_out() -> None:
    found = parse("")
    assert found == SettingsFile()
    assert (found.site.home, found.mail, found.agreements.process) == ("", None, "short")
    assert parse('[site]\nhosts = [".example.org", "a.example.org"]').site.home == "https://a.example.org"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[site]\nhttps = "true"', "https in [site] of throughway.toml must be true or false, without quotation marks."),
        ("[site]\nhttps = 1", "https in [site] of throughway.toml must be true or false"),
        ('[site]\nregister = "no"', "register in [site] of throughway.toml must be true or false"),
        ('[site]\nhosts = "data.example.org"', "hosts in [site] of throughway.toml must be a list of names"),
        ('[site]\nhosts = ["https://data.example.org"]', "without https://"),
        ('[site]\nhosts = ["*"]', "hosts in [site]"),
        ('[site]\nsecond_factor = "Required"', 'second_factor in [site] of throughway.toml must be "optional" or "required".'),
        ("[site]\nsecond_factor = true", 'must be "optional" or "required"'),
        ('[site]\naddress = "data.example.org"', "address in [site] of throughway.toml must be an address such as"),
        ("[site]\nhttp = true", "http in [site] of throughway.toml is not a setting; did you mean https?"),
        ("[site]\nzebra = 1", "choose from address, directory, hosts, https, register, second_factor."),
        ("[sites]\nhttps = true", "[sites] is not a section of throughway.toml; did you mean site?"),
        ("[smallest_effects]\nreading = 0.1", "must be a section for each outcome"),
        ("[smallest_effects.reading]\nvalue = 0.1", "needs a value above zero, decision (its number in the decision log) and reason"),
        ('[smallest_effects.reading]\nvalue = 0.1\nscale = "points"', 'must be "sd" or "raw"'),
        ("[zebra]\na = 1", "choose from agreements, clock, community, database, mail, measures, sign_on, site, smallest_effects, training."),
        ("https = true", "https in throughway.toml stands outside of every section; write it below [site]."),
        ('site = "data.example.org"', "site in throughway.toml must be a section: write [site] on a line of its own"),
        ("measures = 3", "measures in throughway.toml must be a section"),
        ("[community]\nname = 3", "name in [community] of throughway.toml must be a text"),
        ('[community]\ntime_zone = "Riverbend"', "time_zone in [community] of throughway.toml must be a zone of the IANA list"),
        ('[community]\ntime_zone = "../../etc/passwd"', "IANA"),
        ('[community]\ntime_zone = ["UTC"]', "IANA"),
        ('[agreements]\nprocess = "long"', 'process in [agreements] of throughway.toml must be "short" or "full".'),
        ("[agreements]\ndays_to_answer = 366", "a number of days from 1 to 365"),
        ("[training]\ndays = true", "days in [training] of throughway.toml must be a number of days from 1 to 36500"),
        ('[training]\ndays = "many"', "days in [training]"),
        ("[training.courses]\nsecrets = 0", "secrets in [training.courses] of throughway.toml must be a number of days"),
        ("[training]\ncourses = 3", "[training.courses]"),
        ('[clock]\nledger_wrong_until = "2026-11-25"', "must be a time without quotation marks"),
        ('[database]\nurl = "mysql://h/town"', "must be the address of a PostgreSQL server"),
        ('[database]\nurl = "postgresql://a:geheim@h/town"', "holds the database's password; take it out"),
        ('[mail]\nfrom = "a@b.example"', "needs host"),
        ('[mail]\nhost = "m.example"', "and from"),
        (MAIL + 'security = "ssl3"', '"starttls", "tls" or "none"'),
        (MAIL + 'security = "none"\nuser = "u"', "unencrypted"),
        (MAIL + "port = 0", "a number from 1 to 65535"),
        (MAIL + "port = true", "a number from 1 to 65535"),
        (MAIL, "own address"),
        ("[site\n", "not readable TOML"),
    ],
)  # fmt: skip
def test_what_is_no_setting_is_refused(text: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(text)
    assert said in refused.value.message
    assert refused.value.code == "settings"
    for value in ("geheim", "zebra@", "Required"):
        assert value not in refused.value.message  # the value is never repeated


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


@given(st.sampled_from([(s, k) for s, kind in SECTIONS.items() for k in keys_of(kind)]), ANY)
def test_any_value_is_read_as_its_type_or_refused(setting: tuple[str, str], value: object) -> None:
    section, key = setting
    try:
        found = getattr(from_document({section: {key: value}}), section)
    except Refused:
        return
    read = getattr(found, keys_of(SECTIONS[section])[key][0])
    if isinstance(value, bool):
        assert read is value
        assert key in ("https", "register", "directory")
    elif isinstance(value, (int, str)):
        assert read == value or (key == "time_zone" and str(read) == value)


@pytest.mark.parametrize(
    ("address", "stands"),
    [
        ("https://data.example.org", True),
        ("http://127.0.0.1:8000", True),
        ("https://[::1]:8000/", True),
        ("https://example.org/town/", True),
        ("https://", False),
        ("ftp://example.org", False),
        ("javascript:alert(1)", False),
        ("https://user@example.org", False),
        ("https://example.org/?a=b", False),
        ("https://example.org:port", False),
    ],
)
def test_what_is_the_address_of_a_site(address: str, stands: bool) -> None:
    assert is_web_address(address) is stands
    assert is_web_address(address, secure=True) is (stands and address.startswith("https"))


def test_every_variable_of_the_environment_is_listed() -> None:
    read = {
        name
        for path in (ROOT / "src").rglob("*.py")
        for name in re.findall(r"THROUGHWAY_[A-Z_]+\b", path.read_text(encoding="utf-8"))
    }
    assert read - {"THROUGHWAY_DEVELOPING"} == set(ENVIRONMENT)

"""How the community sends its mail: the `[mail]` table of `throughway.toml`, and the site's own address."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from throughway.core.refusals import Refused

PASSWORD = "THROUGHWAY_MAIL_PASSWORD"  # in the environment; never in a file
PORTS = {"starttls": 587, "tls": 465, "none": 25}
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class MailServer:
    """The server that takes mail, whom it is from, and the addresses that it points to: of the open steps, and of the home."""

    host: str
    port: int
    security: str
    user: str
    password: str
    sender: str
    home: str

    @property
    def page(self) -> str:
        return f"{self.home}open-steps/"


def post(settings: Mapping[str, Any]) -> MailServer | None:
    """What the settings say; None where the community sends no mail. Refused when they say it wrongly."""
    mail, site = settings.get("mail"), settings.get("site")
    if mail is None:
        return None
    if not isinstance(mail, dict) or not mail.get("host") or not mail.get("from"):
        raise _wrong("needs host, the server that takes mail, and from, the address that it comes from")
    security = str(mail.get("security", "starttls"))
    if security not in PORTS:
        raise _wrong("has a security that is none of starttls, tls and none")
    host, user = str(mail["host"]), str(mail.get("user", ""))
    if user and security == "none" and host not in LOOPBACK:
        raise _wrong('would send its password unsealed; write security = "starttls" or "tls"')
    port = mail.get("port", PORTS[security])
    if isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65_536:
        raise _wrong("has a port that is no number from 1 to 65535")
    home = _address(site if isinstance(site, dict) else {})
    return MailServer(host, port, security, user, os.environ.get(PASSWORD, ""), str(mail["from"]), home)


def _address(site: Mapping[str, Any]) -> str:
    hosts = site.get("hosts")
    named = site.get("address") or (f"https://{hosts[0]}" if isinstance(hosts, list) and hosts else "")
    if not named:
        raise _wrong(
            "needs the site's own address to point to: write address in [site], such as https://data.example.org"
        )
    return f"{str(named).rstrip('/')}/"


def _wrong(what: str) -> Refused:
    return Refused(f"[mail] in throughway.toml {what}.", code="settings")

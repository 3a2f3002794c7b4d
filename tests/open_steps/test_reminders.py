"""Reminders through a real mail server on this machine."""

import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.site.test_in_front import certificate, free
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor, PartnerKind, Role
from throughway.partners.actions import add_partner, add_user, invite
from throughway.partners.open_step import OpenStep
from throughway.partners.selectors import actor
from throughway.site.open_steps import actions, selectors
from throughway.site.open_steps.models import Reminder
from throughway.store import Community

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 1)


@dataclass
class Mailbox:
    """What the server took; refuses every mail after the first `most`."""

    taken: list[Envelope] = field(default_factory=list)
    most: int = 100
    lock: threading.Lock = field(default_factory=threading.Lock)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        with self.lock:
            if len(self.taken) >= self.most:
                return "451 Try again later"
            self.taken.append(envelope)
        return "250 OK"


@pytest.fixture
def mailbox(community: Community) -> Iterator[Mailbox]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    _write(
        community,
        f'\n[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nfrom = "throughway@town.example"\n',
    )
    yield box
    server.stop()


def _write(community: Community, more: str) -> None:
    path: Path = community.root / "throughway.toml"
    path.write_text(f'{path.read_text()}\n[site]\naddress = "https://data.example.org"\n{more}')
    community.__dict__.pop("settings", None)


@dataclass
class Encrypted(Mailbox):
    """A mailbox that notes which passphrases it was given, and whether each mail came over TLS."""

    passphrases: list[str] = field(default_factory=list)
    by_tls: list[bool] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.by_tls.append(server.transport.get_extra_info("ssl_object") is not None)
        return await super().handle_DATA(server, session, envelope)

    def authenticate(self, *given: object) -> AuthResult:
        login = given[-1]
        assert isinstance(login, LoginPassword)
        self.passphrases.append(login.password.decode())
        return AuthResult(success=True)


@pytest.fixture
def encrypted(
    request: pytest.FixtureRequest, community: Community, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Encrypted]:
    """A server by TLS. The parameter: what the settings ask for, what the server offers, and to which name its certificate belongs; whose
    issuer this machine trusts, unless it is "untrusted"."""
    asked, offered, name = request.param
    pem, secret = certificate(tmp_path, "localhost" if name == "untrusted" else name)
    if name != "untrusted":
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    monkeypatch.setenv("THROUGHWAY_MAIL_PASSWORD", "seven lamps")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem, secret)
    box, port = Encrypted(), free()
    server = Controller(
        box, hostname="127.0.0.1", port=port, authenticator=box.authenticate, auth_require_tls=offered == "starttls",
        ssl_context=tls if offered == "tls" else None, tls_context=tls if offered == "starttls" else None,
    )  # fmt: skip
    server.start()
    _write(
        community,
        f'\n[mail]\nhost = "localhost"\nport = {port}\nsecurity = "{asked}"\nuser = "throughway"\nfrom = "throughway@town.example"\n',
    )
    yield box
    server.stop()


@pytest.fixture
def people() -> None:
    add_partner(id="district", name="District", kind=PartnerKind.LEA, by=OPERATOR)
    for name, role in (
        ("leader", Role.LEADER),
        ("officer", Role.PRIVACY_OFFICER),
        ("worker", Role.CASE_WORKER),
    ):
        add_user(email=f"{name}@district.example", partner="district", role=role, by=OPERATOR)


@pytest.fixture
def one_step(monkeypatch: pytest.MonkeyPatch, people: None) -> None:
    step = OpenStep(
        "sign", "Sign the casework agreement", "district", frozenset({Role.LEADER, Role.PRIVACY_OFFICER}), TODAY,
        TODAY + timedelta(14), "agreements:one", ("casework",), "casework",
    )  # fmt: skip
    monkeypatch.setattr(selectors, "SOURCES", (lambda on: [step],))


def test_signers_are_reminded_once_without_contents(mailbox: Mailbox, one_step: None) -> None:
    assert actions.remind(on=TODAY, by=OPERATOR) == actions.Reminded(2, 2)
    assert actions.remind(on=TODAY, by=OPERATOR) == actions.Reminded(0, 0)
    assert sorted(e.rcpt_tos[0] for e in mailbox.taken) == [
        "leader@district.example",
        "officer@district.example",
    ]
    for envelope in mailbox.taken:
        whole = message_from_bytes(envelope.content, policy=default)
        body = whole.get_body()
        assert body is not None
        text = f"{whole['subject']} {body.get_content()}"
        assert "https://data.example.org/open-steps/" in text
        assert "casework" not in text.lower()
        assert "District" not in text


def test_a_press_sends_one_mail_more(
    mailbox: Mailbox, one_step: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_partner(id="hub", name="Hub", kind=PartnerKind.BACKBONE, by=OPERATOR)
    add_user(email="desk@hub.example", partner="hub", role=Role.DATA_STEWARD, by=OPERATOR)
    late = TODAY + timedelta(days=16)
    assert actions.remind(on=late, by=OPERATOR).sent == 2
    [step] = selectors.open_steps(late)
    actions.nudge(step=selectors.key(step), by=actor("desk@hub.example"), on=late)
    assert actions.remind(on=late, by=OPERATOR).sent == 2
    assert actions.remind(on=late, by=OPERATOR).sent == 0
    # Where no mail could be sent for a week, a press of then is not told any more.
    Reminder.objects.filter(stage__startswith="nudged").delete()
    Reminder.objects.create(
        email="officer@district.example", step=selectors.key(step), stage="late 1", at=datetime.now(UTC)
    )
    Reminder.objects.create(
        email="leader@district.example", step=selectors.key(step), stage="late 1", at=datetime.now(UTC)
    )
    assert actions.remind(on=late + timedelta(days=7), by=OPERATOR).sent == 0


def test_link_for_a_signer_notifies_holder_and_partner(mailbox: Mailbox, people: None) -> None:
    invite(email="leader@district.example", by=OPERATOR)
    assert actions.remind(on=date.today(), by=OPERATOR) == actions.Reminded(2, 2)
    assert actions.remind(on=date.today(), by=OPERATOR) == actions.Reminded(0, 0)
    found = {}
    for envelope in mailbox.taken:
        body = message_from_bytes(envelope.content, policy=default).get_body()
        assert body is not None
        found[envelope.rcpt_tos[0]] = body.get_content()
    assert "link was given for your account" in found["leader@district.example"]
    assert "one that may sign agreements for it" in found["officer@district.example"]
    for text in found.values():
        assert "@" not in text
        assert "https://data.example.org/" in text


@pytest.mark.parametrize(
    ("by", "others"),
    [("officer@district.example", set()), ("", {"officer@district.example", "leader@district.example"})],
)
def test_link_for_another_account_notifies_its_holder(
    mailbox: Mailbox, people: None, by: str, others: set[str]
) -> None:
    """And its partner, where somebody else gave it."""
    invite(email="worker@district.example", by=actor(by) if by else OPERATOR)
    actions.remind(on=date.today(), by=OPERATOR)
    assert {e.rcpt_tos[0] for e in mailbox.taken} == {"worker@district.example", *others}


def test_undelivered_mail_is_sent_by_the_next_run(mailbox: Mailbox, one_step: None) -> None:
    mailbox.most = 1
    first = actions.remind(on=TODAY, by=OPERATOR)
    assert (first.due, first.sent) == (2, 1)
    assert first.failed
    mailbox.most = 100
    assert actions.remind(on=TODAY, by=OPERATOR) == actions.Reminded(1, 1)
    assert len({e.rcpt_tos[0] for e in mailbox.taken}) == 2


@pytest.mark.parametrize(
    "encrypted", [("starttls", "starttls", "localhost"), ("tls", "tls", "localhost")], indirect=True
)
def test_mail_and_passphrase_go_by_tls(encrypted: Encrypted, one_step: None) -> None:
    assert actions.remind(on=TODAY, by=OPERATOR) == actions.Reminded(2, 2)
    assert (len(encrypted.taken), encrypted.by_tls) == (2, [True, True])
    assert encrypted.passphrases == ["seven lamps"]  # one connection for both


@pytest.mark.parametrize(
    ("encrypted", "failed"),
    [
        (("starttls", "starttls", "untrusted"), "SSLCertVerificationError"),
        (("tls", "tls", "untrusted"), "SSLCertVerificationError"),
        (("starttls", "starttls", "mail.other.example"), "SSLCertVerificationError"),
        (("tls", "tls", "mail.other.example"), "SSLCertVerificationError"),
        (("starttls", "none", "localhost"), "SMTPNotSupportedError"),
    ],
    indirect=["encrypted"],
)
def test_without_trusted_tls_nothing_is_sent(encrypted: Encrypted, failed: str, one_step: None) -> None:
    assert actions.remind(on=TODAY, by=OPERATOR) == actions.Reminded(2, 0, failed)
    assert (encrypted.taken, encrypted.passphrases) == ([], [])
    assert not Reminder.objects.exists()  # so that the next run sends it


def test_two_runs_at_once_send_one_mail(
    mailbox: Mailbox, one_step: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one had looked before the first had written."""
    before = actions.reminders_sent()
    actions.remind(on=TODAY, by=OPERATOR)
    monkeypatch.setattr(actions, "reminders_sent", lambda: before)
    assert actions.remind(on=TODAY, by=OPERATOR) == actions.Reminded(2, 0)
    assert len(mailbox.taken) == 2
    assert Reminder.objects.count() == 2


def test_a_community_without_a_mail_server_says_so(community: Community, one_step: None) -> None:
    with pytest.raises(Refused, match="sends no mail"):
        actions.remind(on=TODAY, by=OPERATOR)


def test_only_the_operator_sends(mailbox: Mailbox, one_step: None) -> None:
    with pytest.raises(Refused, match="operator"):
        actions.remind(on=TODAY, by=Actor("leader@district.example", "district", Role.LEADER))

"""Who may act on what belongs to a partner: every such act, by the partner itself, another partner, a backbone to which no agreement hands it
over, the backbone that an agreement in effect makes steward, and the operator; and on the site with the passphrase."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client

from tests.families.conftest import consents
from tests.families.test_registers import chosen, line
from tests.gate import making
from tests.kept import kept
from tests.site.people import PASSPHRASE, client_of, signed_in
from throughway.consent.actions import withdraw
from throughway.consent.models import ConsentEvent
from throughway.core.refusals import Refused
from throughway.gate.actions.caseloads import add_caseload, end_caseload
from throughway.partners import OPERATOR, Actor
from throughway.partners.actions import add_partner, add_user, bar, end_bar, reopen_user
from throughway.partners.assigning import assign, assign_sites
from throughway.partners.caseload import Assigned
from throughway.partners.leaving.actions import close_user, set_last_day
from throughway.partners.models import User
from throughway.partners.selectors import actor
from throughway.partners.site_assignment import Site, SiteAssignment, SiteKind
from throughway.partners.systems.actions import add_system, change_system, restore_system, retire_system
from throughway.partners.systems.system import Holding, Refresh, Regime, SystemStatement
from throughway.supports.actions import (
    add_support,
    change_support,
    close_support,
    confirm_support,
    reopen_support,
)
from throughway.supports.entry import SupportStatement
from throughway.training.actions import record

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date.today()
SAID = SupportStatement(name="Reading club", category="other")
SYSTEM = SystemStatement(
    "Student system",
    "Records office",
    "Data office",
    Regime.FERPA,
    Refresh.DAILY,
    "",
    (Holding("attendance_day.attendance_status"),),
)
WHO = {
    "own": "officer@north.example",
    "other": "officer@harbor.example",
    "backbone": "officer@spine.example",
    "steward": "officer@hub.example",
    "operator": "",
}
MAY = ("own", "steward", "operator")


@pytest.fixture(autouse=True)
@kept
def town(community: object) -> None:
    making.register()
    add_partner(id="spine", name="Spine", kind="backbone", by=OPERATOR)
    add_user(email="officer@spine.example", partner="spine", role="privacy_officer", by=OPERATOR)
    add_user(email="worker@north.example", partner="north", role="case_worker", by=OPERATOR)
    making.in_effect(making.sharing())
    making.people()
    for email in WHO.values():
        if user := User.objects.filter(email=email).first():
            user.set_password(PASSPHRASE)  # asked for once more
            user.last_login = datetime.now(UTC)
            user.save()


def by(who: str) -> Actor:
    return actor(WHO[who]) if WHO[who] else OPERATOR


def consent_of_north(tmp_path: Path) -> str:
    chosen()
    consents(tmp_path, line())
    return ConsentEvent.objects.get().code


def support() -> int:
    return add_support(partner="north", said=SAID, by=by("own")).number


def system() -> int:
    return add_system(partner="north", statement=SYSTEM, by=by("own")).pk


def closed(number: int) -> int:
    close_support(number=number, by=by("own"))
    return number


def retired(number: int) -> int:
    retire_system(partner="north", number=number, by=by("own"))
    return number


def left(email: str = "worker@north.example") -> str:
    close_user(email=email, by=by("own"))
    return email


def assigned() -> None:
    assign(assigned=[Assigned("worker@north.example", "north", 11, TODAY - timedelta(3))], by=by("own"))


def caseload(folder: Path) -> Path:
    path = folder / "caseload.csv"
    path.write_text(
        f"email,partner,record_key,from,to\nworker@harbor.example,north,n-11,{TODAY},\n", encoding="utf-8"
    )
    return path


def barred() -> int:
    return bar(party="harbor", agency="north", finding="2026-7", found_on=TODAY, by=by("own")).number


Prepared = Callable[[Path], object]
# What is done, after what was prepared, to what belongs to north.
ACTS: Mapping[str, tuple[Prepared, Callable[..., object]]] = {
    "close a program": (lambda _: support(), lambda n, b: close_support(number=n, by=b)),
    "open a program": (lambda _: closed(support()), lambda n, b: reopen_support(number=n, by=b)),
    "confirm a program": (lambda _: support(), lambda n, b: confirm_support(number=n, by=b)),
    "change a program": (lambda _: support(), lambda n, b: change_support(number=n, said=replace(SAID, description="Moved."), by=b)),
    "add a program": (lambda _: None, lambda _, b: add_support(partner="north", said=SAID, by=b)),
    "add a system": (lambda _: None, lambda _, b: add_system(partner="north", statement=SYSTEM, by=b)),
    "change a system": (lambda _: system(), lambda n, b: change_system(partner="north", number=n, statement=SYSTEM, by=b)),
    "retire a system": (lambda _: system(), lambda n, b: retire_system(partner="north", number=n, by=b)),
    "use a system again": (lambda _: retired(system()), lambda n, b: restore_system(partner="north", number=n, by=b)),
    "withdraw a consent": (consent_of_north, lambda id, b: withdraw(id=id, by=b)),
    "assign a student": (caseload, lambda path, b: add_caseload(path=path, by=b)),
    "end an assignment": (
        lambda _: assigned(),
        lambda _, b: end_caseload(email="worker@north.example", partner="north", record_key="n-11", last=TODAY, by=b),
    ),
    "assign a school": (
        lambda _: None,
        lambda _, b: assign_sites(
            assigned=[SiteAssignment("worker@north.example", "north", Site(SiteKind.SCHOOL, "north/1"), TODAY)], by=b
        ),
    ),
    "record a course": (lambda _: None, lambda _, b: record(email="worker@north.example", course="ferpa-basics", on=TODAY, by=b)),
    "open an account again": (lambda _: left(), lambda email, b: reopen_user(email=email, by=b)),
    "set a last day": (lambda _: "worker@north.example", lambda email, b: set_last_day(email=email, last_day=TODAY, by=b)),
    "bar a party": (lambda _: None, lambda _, b: bar(party="harbor", agency="north", finding="7", found_on=TODAY, by=b)),
    "end a bar": (lambda _: barred(), lambda n, b: end_bar(number=n, why="Withdrawn", by=b)),
}  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
def test_who_acts_on_what_belongs_to_a_partner(act: str, tmp_path: Path) -> None:
    before, do = ACTS[act]
    prepared = before(tmp_path)
    for who in ("other", "backbone"):
        with pytest.raises(Refused) as refused:
            do(prepared, by(who))
        assert refused.value.code == {"backbone": "ask_partner"}.get(who, "not_allowed"), who
    for who in MAY:
        with transaction.atomic():
            do(prepared, by(who))
            transaction.set_rollback(True)


def test_closing_an_account_is_open_to_the_backbone_for_it_only_closes() -> None:
    close_user(email="worker@north.example", by=by("backbone"))
    with pytest.raises(Refused):
        close_user(email="officer@north.example", by=by("other"))


def test_where_nobody_of_the_partner_ever_came_the_backbone_keeps_its_directory(tmp_path: Path) -> None:
    """A small partner without accounts; what concerns its students asks for an agreement all the same."""
    User.objects.filter(partner="north").update(last_login=None, password="!")
    close_support(number=support(), by=by("backbone"))
    with pytest.raises(Refused):
        withdraw(id=consent_of_north(tmp_path), by=by("backbone"))


def test_when_the_partner_suspends_the_agreement_so_does_what_it_hands_over() -> None:
    from throughway.agreements.actions import suspend

    number = support()
    suspend(id="sharing-2026", by=by("own"), reason="Audit")
    with pytest.raises(Refused) as refused:
        close_support(number=number, by=by("steward"))
    assert refused.value.code == "ask_partner"


POSTS: Mapping[str, tuple[Prepared, Callable[[object], str]]] = {
    "close a program": (lambda _: support(), lambda n: f"/supports/{n}/close/"),
    "retire a system": (lambda _: system(), lambda n: f"/partners/north/systems/{n}/retire/"),
    "withdraw a consent": (consent_of_north, lambda id: f"/requests/consents/{id}/withdraw/"),
}


@pytest.mark.parametrize("act", POSTS)
def test_anothers_object_asks_for_the_passphrase(act: str, tmp_path: Path) -> None:
    prepare, address = POSTS[act]
    path = address(prepare(tmp_path))

    def leads_to(client: Client) -> str:
        return client.post(path).headers.get("Location", "")

    assert leads_to(client_of(WHO["steward"])).startswith("/account/confirm/")
    assert not leads_to(signed_in(by("steward"))).startswith("/account/confirm/")


@pytest.mark.parametrize("act", POSTS)
def test_ones_own_does_not(act: str, tmp_path: Path) -> None:
    prepare, address = POSTS[act]
    where = client_of(WHO["own"]).post(address(prepare(tmp_path))).headers["Location"]
    assert not where.startswith("/account/confirm/")

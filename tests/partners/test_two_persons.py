"""Nobody becomes somebody who may sign for a partner alone: every way that was thought of, tried in the browser."""

import json
import re
from collections.abc import Callable

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.agreements.documents import STUDY, changed, text_of
from tests.site.people import PASSPHRASE, add, client_of, program, settle, signed_in
from throughway.agreements import actions as agreements
from throughway.agreements.actions.signing import known_by
from throughway.agreements.selectors import one, past_acts
from throughway.agreements.signatures import ON_SITE, how_known, how_known_openly
from throughway.agreements.status_text import signatures
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.actions import (
    add_partner,
    add_user,
    agree_to_link,
    ask_for_link,
    invite,
    reopen_user,
)
from throughway.partners.leaving.actions import close_user
from throughway.partners.members import AccountEventKind
from throughway.partners.models import User, UserEvent
from throughway.partners.selectors import (
    actor,
    changes,
    link_asked,
    members,
    opened,
    opens_first,
    partner_names,
    second_people,
)
from throughway.store import Community

pytestmark = pytest.mark.django_db
NEW = "a heron of somebody else's"
LEADER, STEWARD, OFFICER = "leader@oak.example", "data_steward@oak.example", "privacy_officer@oak.example"
BACKBONE = "steward@spine.example"
LINK = re.compile(r"http://testserver(/sign-in/new/[^\s<]+)")


@pytest.fixture
def people(community: Community) -> dict[Role, Actor]:
    return settle()


def number(email: str) -> int:
    return next(member.pk for member in members() if member.email == email)


def as_(email: str) -> Client:
    return signed_in(actor(email))


def person(email: str, do: str = "") -> str:
    return f"/partners/people/{number(email)}/{do}"


def opens(link: str) -> bool:
    """Whether a stranger who holds the link chooses a passphrase with it."""
    client = Client()
    where = client.get(link, follow=True)
    form = {"new_password1": NEW, "new_password2": NEW}
    client.post(where.redirect_chain[-1][0] if where.redirect_chain else link, form)
    return can_sign_in(LEADER, NEW)


def can_sign_in(email: str, passphrase: str) -> bool:
    client = Client()
    client.post("/sign-in/", {"login": email, "password": passphrase})
    return "_auth_user_id" in client.session


def draft() -> str:
    """An agreement of Oak Schools and Bank Tutors, to be signed."""
    text = changed(STUDY, ("id", "oak-study"))
    said = json.loads(text_of(text).replace("riverbend-schools", "oak").replace("reading-lab", "bank"))
    return str(agreements.add(text=json.dumps(said), by=OPERATOR).document.id)


ASKED, NOBODY = "A second person has until", "That partner has nobody else who may agree"


@pytest.mark.parametrize(("who", "said"), [(STEWARD, ASKED), (BACKBONE, ASKED), (OFFICER, NOBODY)])
def test_link_for_a_signer_needs_a_second_person(people: dict[Role, Actor], who: str, said: str) -> None:
    """The end to end of it: before, this link opened the superintendent's account and signed."""
    client = as_(who)
    answer = client.post(person(LEADER, "link/"), follow=True)
    assert not LINK.search(answer.content.decode())
    assert said in answer.content.decode()
    assert can_sign_in(LEADER, PASSPHRASE)  # nothing of the account has ended
    assert client.post(person(LEADER, "agree/"), {"agree": "1"}).status_code == 404
    with pytest.raises(Refused) as refused:
        invite(email=LEADER, by=actor(who))
    assert refused.value.code == "second_person"


def test_signature_names_both_who_gave_the_link(
    people: dict[Role, Actor],
) -> None:
    as_(STEWARD).post(person(LEADER, "link/"))
    second = as_(OFFICER)
    assert person(LEADER, "agree/") in second.get("/open-steps/").content.decode()
    page = second.get(person(LEADER, "agree/")).content.decode()
    assert f"{STEWARD} asks for a sign-in link for {LEADER}" in page
    answer = second.post(person(LEADER, "agree/"), {"agree": "1"})
    assert answer.headers["Cache-Control"] == "no-store"
    [link] = LINK.findall(answer.content.decode())
    assert not can_sign_in(LEADER, PASSPHRASE)
    assert opens(link)
    assert link_asked(number(LEADER)) is None
    id = draft()
    client = as_(LEADER)
    version = client.get(f"/agreements/{id}/sign/").context["version"]
    client.post(
        f"/agreements/{id}/sign/",
        {"version": version, "title": "Superintendent", "authority": "Policy", "signer": "Dana Diaz"},
    )
    assert one(id).signed_by == ("oak",)
    (line,) = [line for line in signatures(one(id), past_acts(id), {}) if line.name == "oak"]
    assert f"by {OFFICER}, as {STEWARD} asked" in " ".join(line.notes)
    assert "Account added on" in " ".join(line.notes)
    assert f"by {OFFICER}, as {STEWARD} asked" in as_(OFFICER).get(f"/agreements/{id}/").content.decode()
    # The holder and the partner are told.
    assert f"as {STEWARD} asked" in client.get("/account/").content.decode()
    for told in (LEADER, OFFICER, STEWARD):
        assert f"as {STEWARD} asked" in as_(told).get("/").content.decode()
    assert "Given a link" not in as_("officer@bank.example").get("/").content.decode()


def test_who_may_be_the_second_person(
    people: dict[Role, Actor],
) -> None:
    add("deputy", "oak", Role.LEADER)
    ask_for_link(email=LEADER, by=actor(OFFICER))
    for other in (OFFICER, LEADER, STEWARD, BACKBONE, "officer@bank.example", "evaluator@oak.example"):
        assert as_(other).get(person(LEADER, "agree/")).status_code == 404
        assert as_(other).post(person(LEADER, "agree/"), {"agree": "1"}).status_code == 404
        with pytest.raises(Refused):
            agree_to_link(number=number(LEADER), by=actor(other))
    assert "agree/" not in as_(OFFICER).get("/open-steps/").content.decode()
    assert as_("deputy@oak.example").get(person(LEADER, "agree/")).status_code == 200
    as_("deputy@oak.example").post(person(LEADER, "agree/"), {"decline": "1"})
    assert link_asked(number(LEADER)) is None
    assert can_sign_in(LEADER, PASSPHRASE)


def test_second_person_reauthenticates(people: dict[Role, Actor]) -> None:
    ask_for_link(email=LEADER, by=actor(STEWARD))
    client = client_of(OFFICER)
    asked = client.post(person(LEADER, "agree/"), {"agree": "1"})
    assert asked.headers["Location"].startswith("/account/confirm/")
    assert link_asked(number(LEADER)) is not None


def test_own_second_account_is_no_second_person(people: dict[Role, Actor]) -> None:
    """Who opens an account alone stands behind it: a privacy officer's own data steward does not ask for the officer."""
    officer = as_(OFFICER)
    officer.post(
        "/partners/people/new/", {"email": "puppet@oak.example", "partner": "oak", "role": "data_steward"}
    )
    officer.post(person("puppet@oak.example", "link/"))
    puppet = as_("puppet@oak.example")
    puppet.post(
        "/partners/people/new/", {"email": "second@oak.example", "partner": "oak", "role": "data_steward"}
    )
    puppet.post(person("second@oak.example", "link/"))
    for by in ("puppet@oak.example", "second@oak.example"):
        assert second_people(number(LEADER), by) == set()
        page = as_(by).post(person(LEADER, "link/")).content.decode()
        assert "ask the operator of the folder" in page
        assert link_asked(number(LEADER)) is None


def test_new_signer_account_needs_two_people(people: dict[Role, Actor]) -> None:
    client = as_(BACKBONE)
    for partner, role in (("oak", "leader"), ("bank", "privacy_officer")):
        email = f"new-{role}@{partner}.example"
        client.post("/partners/people/new/", {"email": email, "partner": partner, "role": role})
        answer = client.post(person(email, "link/"), follow=True)
        assert not LINK.search(answer.content.decode())
        assert not User.objects.get(email=email).has_usable_password()


def test_the_first_who_signs_is_opened_by_the_steward_whom_the_operator_named(
    people: dict[Role, Actor],
) -> None:
    """Once, for a partner of whom nobody signed in yet; each signature says that one person opened the account."""
    client, new = as_(BACKBONE), ("first@spine.example", "second@spine.example")
    for email in new:
        client.post("/partners/people/new/", {"email": email, "partner": "spine", "role": "leader"})
    link = LINK.search(client.post(person(new[0], "link/")).content.decode())
    assert link
    browser = Client()
    form = browser.get(link.group(1), follow=True).redirect_chain[-1][0]
    assert browser.post(form, {"new_password1": NEW, "new_password2": NEW}).headers["Location"] == "/"
    assert "_auth_user_id" in browser.session
    how = opened(new[0])
    assert how is not None
    assert how.by == {BACKBONE}
    # From now on two are needed, and whom the steward opened alone is not the steward's second person.
    for email in new:
        assert not LINK.search(client.post(person(email, "link/"), follow=True).content.decode())
        assert link_asked(number(email)) is None


LEAD = "lead@elm.example"


def others_link() -> None:
    invite(email=LEAD, by=OPERATOR)


def other_account() -> None:
    add_user(email="second@elm.example", partner="elm", role="privacy_officer", by=actor(BACKBONE))
    invite(email="second@elm.example", by=actor(BACKBONE))
    close_user(email="second@elm.example", by=actor(BACKBONE))  # it can be opened again


def signed_by_command() -> None:
    text = changed(STUDY, ("id", "elm-study"))
    said = json.loads(text_of(text).replace("riverbend-schools", "elm").replace("reading-lab", "bank"))
    agreements.add(text=json.dumps(said), by=OPERATOR)
    agreements.sign(id="elm-study", by=actor(LEAD), title="Superintendent", authority="Policy")


def opened_for_another() -> None:
    """The operator gives a link to a steward whom somebody else added."""
    User.objects.filter(email=BACKBONE).update(added_by="officer@spine.example")
    invite(email=BACKBONE, by=OPERATOR)


@pytest.mark.parametrize("before", [others_link, other_account, signed_by_command, opened_for_another])
def test_only_the_first_link_of_a_partner_that_signed_nothing(
    people: dict[Role, Actor], before: Callable[[], None]
) -> None:
    add_partner(id="elm", name="Elm", kind="lea", signer=LEAD, by=OPERATOR)
    assert opens_first(number(LEAD), actor(BACKBONE))
    before()
    page = as_(BACKBONE).post(person(LEAD, "link/"), follow=True).content.decode()
    assert not LINK.search(page)
    assert "Give the first link" not in page
    with pytest.raises(Refused) as refused:
        invite(email=LEAD, by=actor(BACKBONE))
    assert refused.value.code == "second_person"


def test_who_gave_a_link_is_never_changed(people: dict[Role, Actor]) -> None:
    invite(email=LEADER, by=OPERATOR)
    events = UserEvent.objects.filter(what=AccountEventKind.INVITED)
    for change in (lambda: events.update(by=STEWARD), lambda: events.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_first_link_is_given_anew_until_it_is_used(people: dict[Role, Actor]) -> None:
    add_partner(id="elm", name="Elm", kind="lea", signer=LEAD, by=OPERATOR)
    lost, link = (invite(email=LEAD, by=actor(BACKBONE)) for _ in range(2))
    assert lost.token != link.token


def test_papers_say_without_a_name_that_one_person_opened_the_account(people: dict[Role, Actor]) -> None:
    add_partner(id="elm", name="Elm", kind="lea", signer=LEAD, by=OPERATOR)
    invite(email=LEAD, by=actor(BACKBONE))
    details = known_by(actor(LEAD), ON_SITE)
    assert BACKBONE in " ".join(how_known(details, LEAD))
    assert how_known_openly(details, LEAD) == (ON_SITE, "account opened by one person alone")


@pytest.mark.parametrize("who", ["helper@spine.example", "officer@spine.example", STEWARD])
def test_nobody_else_opens_the_first(people: dict[Role, Actor], who: str) -> None:
    """Not a steward whom another steward opened, not who may sign, not a steward of another partner."""
    by = actor(BACKBONE)
    if who.startswith("helper"):
        add_user(email=who, partner="spine", role="data_steward", by=by)
        invite(email=who, by=by)
    elif who.startswith("officer"):
        add_user(email=who, partner="spine", role="privacy_officer", password=PASSPHRASE, by=OPERATOR)
    add_partner(id="elm", name="Elm", kind="lea", signer="lead@elm.example", by=OPERATOR)
    with pytest.raises(Refused):
        invite(email="lead@elm.example", by=actor(who))
    assert as_(who).get("/partners/people/first/").headers["Location"] == "/partners/new/"


ROWS = {"own_signer": "lead@spine.example", "name_1": "Elm Schools", "kind_1": "lea", "signer_1": "lead@elm.example", "name_2": "Fern Club",
        "kind_2": "cbo", "signer_2": "lead@fern.example", "kind_3": "cbo"}  # fmt: skip


def test_who_shares_and_who_signs_are_added_at_once_with_their_links(people: dict[Role, Actor]) -> None:
    page = as_(BACKBONE).post("/partners/people/first/", ROWS).content.decode()
    assert len(set(LINK.findall(page))) == 3
    assert partner_names().keys() >= {"elm-schools", "fern-club"}
    assert actor("lead@fern.example").role == Role.LEADER
    assert "Write the agreement" in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"signer_2": ""}, "Type the address of its leader."),
        ({"name_2": ""}, "Type the organization’s name."),
        ({"signer_2": "lead@elm.example"}, "already there"),
        ({"name_2": "Elm Schools"}, "Elm Schools: "),
    ],
)
def test_a_wrong_row_adds_nobody(people: dict[Role, Actor], wrong: dict[str, str], said: str) -> None:
    before = partner_names().keys()
    answer = as_(BACKBONE).post("/partners/people/first/", ROWS | wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert partner_names().keys() == before
    assert not User.objects.filter(email="lead@elm.example").exists()


def test_signer_account_is_added_without_a_passphrase(people: dict[Role, Actor]) -> None:
    with pytest.raises(Refused) as refused:
        add_user(email="x@oak.example", partner="oak", role="leader", password=NEW, by=actor(BACKBONE))
    assert refused.value.code == "second_person"
    assert not User.objects.filter(email="x@oak.example").exists()


def test_reopening_an_account_gives_no_access(people: dict[Role, Actor]) -> None:
    steward = as_(STEWARD)
    steward.post(person(LEADER, "link/"))
    close_user(email=LEADER, by=OPERATOR)
    assert link_asked(number(LEADER)) is None  # what was asked for is over
    assert as_(OFFICER).post(person(LEADER, "agree/"), {"agree": "1"}).status_code == 404
    steward.post(person(LEADER, "open/"))
    assert can_sign_in(LEADER, PASSPHRASE)
    assert not can_sign_in(LEADER, NEW)


NO_SUCH = ("account_email", "account_reset_password", "account_signup", "account_set_password", "password_reset",
           "mfa_reauthenticate_webauthn", "socialaccount_connections")  # fmt: skip


@pytest.mark.parametrize("name", NO_SUCH)
def test_no_address_changes_an_e_mail_or_resets_a_passphrase(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize("field", ["email", "role", "partner", "password", "is_active"])
def test_no_form_changes_what_an_account_is(people: dict[Role, Actor], field: str) -> None:
    """Posting an address, a role or a partner to any page about an account leaves it as it is."""
    add("worker", "oak", Role.CASE_WORKER)
    before = list(User.objects.order_by("pk").values_list("pk", "email", "role", "partner", "password"))
    said = {"email": LEADER, "role": "leader", "partner": "bank", "password": NEW, "is_active": "on"}
    worker, steward = as_("worker@oak.example"), as_(STEWARD)
    for client, address in (
        (steward, person("worker@oak.example")), (steward, "/partners/people/"), (steward, person(LEADER)),
        (worker, "/account/"), (worker, "/account/passphrase/"),
    ):  # fmt: skip
        client.post(address, {field: said[field]})
    assert (
        list(User.objects.order_by("pk").values_list("pk", "email", "role", "partner", "password")) == before
    )


def test_an_address_in_other_letters_is_the_same_account(people: dict[Role, Actor]) -> None:
    with pytest.raises(Refused) as refused:
        add_user(email="LEADER@oak.example", partner="oak", role="case_worker", by=actor(STEWARD))
    assert refused.value.code == "exists"


def test_nobody_takes_off_the_second_factor_of_another(people: dict[Role, Actor]) -> None:
    for who in (STEWARD, OFFICER, BACKBONE):
        client = as_(who)
        for address in ("/account/second-factor/remove/", "/account/codes/new/"):
            client.post(address, {"user": number(LEADER), "email": LEADER})
    assert [change.what for change in changes(number(LEADER))] == [AccountEventKind.ADDED]


def test_a_token_of_one_who_may_sign_signs_nothing(people: dict[Role, Actor]) -> None:
    id = draft()
    token = program(people[Role.LEADER])
    for address in (f"/agreements/{id}/sign/", f"/api/agreements/{id}/sign", f"/api/agreements/{id}"):
        answer = token.post(address, {"title": "x", "authority": "x", "version": one(id).version})
        assert answer.status_code in (302, 401, 404, 405)
    assert one(id).signed_by == ()


def test_backbone_officer_signs_for_the_backbone_only(people: dict[Role, Actor]) -> None:
    id = draft()
    add("officer", "spine", Role.PRIVACY_OFFICER)
    client = as_("officer@spine.example")
    assert client.get(f"/agreements/{id}/sign/").status_code == 404
    assert client.post(f"/agreements/{id}/sign/", {"version": one(id).version}).status_code == 404


def test_operators_link_is_named_beside_the_signature(people: dict[Role, Actor]) -> None:
    """A partner of one person: nobody else of it may agree, so the operator gives the link."""
    only = add("only", "bank", Role.LEADER)
    close_user(email="officer@bank.example", by=OPERATOR)
    page = as_(BACKBONE).get(person(only.email)).content.decode()
    assert "Bank Tutors has no second person" in page
    invite(email=only.email, by=OPERATOR)
    id = draft()
    agreements.sign(
        id=id, by=only, how="signed in to the site, passphrase or second factor entered once more"
    )
    (line,) = [line for line in signatures(one(id), past_acts(id), {}) if line.name == "bank"]
    assert "link given on" in line.notes[-1]
    assert "by the operator of the folder" in line.notes[-1]


@pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.DATA_STEWARD, Role.EVALUATOR, Role.PROGRAM_MANAGER])
def test_accounts_that_may_not_sign_get_a_link_as_before(people: dict[Role, Actor], role: Role) -> None:
    email = add("new", "oak", role).email
    assert LINK.search(as_(STEWARD).post(person(email, "link/")).content.decode())
    reopen_user(email=email, by=actor(STEWARD))

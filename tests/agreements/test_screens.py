"""The screens of agreements: who sees what, who may do what, and what a page says."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.agreements.documents import ABSENT, CASEWORK, MOU, PARTNERS, STUDY, changed, text_of
from tests.site.people import signed_in
from throughway.agreements import actions, selectors
from throughway.agreements import selectors as agreement_selectors
from throughway.agreements.forms import CertifyForm, PaperForm
from throughway.agreements.models import AgreementEvent, AgreementVersion
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.actions import add_partner, add_user
from throughway.partners.models import User
from throughway.store import Community

pytestmark = pytest.mark.django_db

TODAY = date(2026, 9, 1)
MOST_QUERIES = 15
TITLE = STUDY["title"]
OFFICE = {"title": "Director", "authority": "Bylaws", "signer": "Ada Reyes"}
SignIn = Callable[[str], Client]


class Clock(date):
    @classmethod
    def today(cls) -> date:
        return TODAY


def actor(partner: str, role: Role) -> Actor:
    return Actor(f"{role}@{partner}.example", partner, role)


def act(id: str, *partners: str, activate: bool = True) -> None:
    for partner in partners:
        actions.sign(id=id, by=actor(partner, Role.LEADER))
    if activate:
        actions.activate(id=id, by=actor(partners[0], Role.PRIVACY_OFFICER))


@pytest.fixture(autouse=True)
def house(community: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement_selectors, "date", Clock)
    for facts in PARTNERS.values():
        add_partner(id=facts.id, name=facts.name, kind=facts.kind, legal=facts.stated, by=OPERATOR)


@pytest.fixture
def study() -> str:
    """In effect between the schools and the reading lab, under nothing."""
    actions.add(text=text_of(STUDY), by=OPERATOR)
    act("reading-study", "riverbend-schools", "reading-lab")
    return "reading-study"


@pytest.fixture
def casework() -> str:
    """A draft between the schools, Bright Futures and the backbone, which stands under a memorandum in effect."""
    actions.add(text=text_of(MOU), by=OPERATOR)
    act("riverbend-mou-2025", "riverbend-schools", "bright-futures", "riverbend-backbone", "reading-lab")
    actions.add(text=text_of(CASEWORK), by=OPERATOR)
    return "riverbend-casework-2026"


@pytest.fixture
def sign_in() -> SignIn:
    """Signs in whom an address `role@partner.example` names."""

    def sign_in(email: str) -> Client:
        role, _, partner = email.removesuffix(".example").partition("@")
        if not User.objects.filter(email=email).exists():
            add_user(email=email, partner=partner, role=role, by=OPERATOR)
        return signed_in(User.objects.get(email=email).actor())

    return sign_in


def url(name: str, *args: str) -> str:
    return reverse(f"agreements:{name}", args=args)


# ---- who sees what ----

SEEN = [  # partner, whether it sees the study, the casework agreement
    ("riverbend-schools", True, True),
    ("reading-lab", True, False),
    ("bright-futures", False, True),
    ("riverbend-backbone", True, True),  # the backbone sees all, a party or not
    ("river-college", False, False),
]


@pytest.mark.parametrize(("partner", "of_study", "of_casework"), SEEN)
@pytest.mark.parametrize("role", [Role.LEADER, Role.CASE_WORKER])
def test_a_party_and_the_backbone_see_an_agreement_and_nobody_else(
    partner: str, of_study: bool, of_casework: bool, role: Role, study: str, casework: str, sign_in: SignIn
) -> None:
    client = sign_in(f"{role}@{partner}.example")
    listed = client.get(url("list")).content.decode()
    for id, title, sees in ((study, TITLE, of_study), (casework, CASEWORK["title"], of_casework)):
        assert (title in listed) is sees
        for name in ("one", "sql"):
            assert client.get(url(name, id)).status_code == (200 if sees else 404)


def test_a_hidden_agreement_looks_like_a_missing_one(study: str, sign_in: SignIn) -> None:
    client = sign_in("leader@river-college.example")
    forbidden, absent = client.get(url("one", study)), client.get(url("one", "no-such-agreement"))
    assert forbidden.status_code == absent.status_code == 404
    assert TITLE not in forbidden.content.decode()


def test_a_stranger_is_sent_to_sign_in(study: str) -> None:
    for address in (
        url("list"),
        url("one", study),
        url("sql", study),
        url("review"),
        url("act", study, "suspend"),
    ):
        answer = Client().get(address)
        assert answer.status_code == 302
        assert "next=" in answer["Location"]


def test_without_agreements_the_list_says_how_to_begin(sign_in: SignIn) -> None:
    page = sign_in("leader@river-college.example").get(url("list")).content.decode()
    assert "No agreement is in force yet." in page
    assert "Start with who shares what with whom." in page
    assert "/drafts/new/" in page


# ---- who may do what ----

ACTS = ["sign", "activate", "resume", "suspend", "terminate"]
OF_A_DRAFT = {
    ("riverbend-schools", Role.LEADER): {"sign"},
    ("riverbend-schools", Role.PRIVACY_OFFICER): {"terminate"},  # it signs where registered
    ("riverbend-schools", Role.DATA_STEWARD): {"terminate"},
    ("riverbend-schools", Role.CASE_WORKER): set(),
    ("riverbend-schools", Role.EVALUATOR): set(),
    ("bright-futures", Role.LEADER): {"sign"},
    ("riverbend-backbone", Role.DATA_STEWARD): {"terminate"},
    ("reading-lab", Role.PRIVACY_OFFICER): set(),  # no party
}
IN_EFFECT = {
    ("riverbend-schools", Role.LEADER): {"suspend"},
    ("riverbend-schools", Role.PRIVACY_OFFICER): {"suspend", "terminate"},
    ("riverbend-schools", Role.PROGRAM_MANAGER): set(),
    ("reading-lab", Role.LEADER): set(),  # gives nothing
    ("reading-lab", Role.DATA_STEWARD): {"terminate"},
    ("riverbend-backbone", Role.PRIVACY_OFFICER): set(),  # sees it, is no party
}


def _acts_open(client: Client, id: str) -> set[str]:
    return {name for name in ACTS if client.get(url("act", id, name)).status_code == 200}


@pytest.mark.parametrize(("who", "may"), OF_A_DRAFT.items())
def test_what_may_be_done_with_a_draft(
    who: tuple[str, Role], may: set[str], casework: str, sign_in: SignIn
) -> None:
    client = sign_in(f"{who[1]}@{who[0]}.example")
    assert _acts_open(client, casework) == may
    page = client.get(url("one", casework)).content.decode()
    assert {name for name in ACTS if url("act", casework, name) in page} == may


@pytest.mark.parametrize(("who", "may"), IN_EFFECT.items())
def test_what_may_be_done_with_an_agreement_in_effect(
    who: tuple[str, Role], may: set[str], study: str, sign_in: SignIn
) -> None:
    client = sign_in(f"{who[1]}@{who[0]}.example")
    assert _acts_open(client, study) == may
    refused = [name for name in ACTS if name not in may]
    before = AgreementEvent.objects.count()
    assert [client.post(url("act", study, name)).status_code for name in refused] == [404] * len(refused)
    assert AgreementEvent.objects.count() == before


def test_from_draft_to_effect_on_the_pages(casework: str, sign_in: SignIn) -> None:
    for partner in ("riverbend-schools", "bright-futures", "riverbend-backbone"):
        client = sign_in(f"leader@{partner}.example")
        asked = client.get(url("act", casework, "sign"))
        version = asked.context["version"]
        assert version in asked.content.decode()
        done = client.post(url("act", casework, "sign"), {"version": version, **OFFICE}, follow=True)
        assert f"Signed for {PARTNERS[partner].name}." in done.content.decode()
    steward = sign_in("data_steward@riverbend-backbone.example")
    assert "Put it into effect" in steward.get(url("one", casework)).content.decode()
    done = steward.post(url("act", casework, "activate"), {"version": version}, follow=True)
    assert "It is in effect now." in done.content.decode()
    assert selectors.one(casework, TODAY).in_effect
    school = sign_in("leader@riverbend-schools.example")
    school.post(url("act", casework, "suspend"), {"reason": "A lost laptop"})
    page = sign_in("case_worker@bright-futures.example").get(url("one", casework)).content.decode()
    assert "Suspended by Riverbend Schools" in page
    assert "A lost laptop" in page
    school.post(url("act", casework, "resume"))
    keeper = sign_in("data_steward@bright-futures.example")
    # One of three parties does not end it.
    assert keeper.post(url("act", casework, "terminate"), {"reason": "Over"}).status_code == 404
    page = keeper.get(url("one", casework)).content.decode()
    assert "End it" not in page
    assert "Leave it" in page


@pytest.mark.parametrize("grave", ["suspend", "terminate"])
def test_what_closes_an_agreement_asks_why(grave: str, study: str, sign_in: SignIn) -> None:
    client = sign_in("privacy_officer@riverbend-schools.example")
    answer = client.post(url("act", study, grave), {"reason": "  "})
    assert "Say why" in answer.content.decode()
    assert (
        "You are asked for your passphrase once more, unless you gave it a moment ago."
        in answer.content.decode()
    )
    assert selectors.one(study, TODAY).in_effect


def test_only_the_text_that_was_read_is_signed(casework: str, sign_in: SignIn) -> None:
    client = sign_in("leader@bright-futures.example")
    version = client.get(url("act", casework, "sign")).context["version"]
    actions.add(text=text_of(changed(CASEWORK, ("title", "Another title"))), by=OPERATOR)
    answer = client.post(url("act", casework, "sign"), {"version": version, **OFFICE})
    assert answer.status_code == 403
    assert "changed while you were reading it" in answer.content.decode()
    assert selectors.one(casework, TODAY).signed_by == ()
    assert (
        client.post(url("act", casework, "sign"), OFFICE).status_code == 403
    )  # without a version nothing is signed


def test_a_blocked_draft_teaches_and_cannot_be_signed(sign_in: SignIn) -> None:
    blocked = changed(STUDY, ("purposes.0.basis_details.duration", ABSENT))
    actions.add(text=text_of(blocked), by=OPERATOR)
    leader = sign_in("leader@riverbend-schools.example")
    listed = leader.get(url("list")).content.decode()
    assert "stopped at review" in listed
    assert "1 thing must be cured before anyone can sign." in listed
    page = leader.get(url("one", "reading-study")).content.decode()
    assert "how long the study lasts" in page
    assert "34 CFR 99.31(a)(6)(iii)(C)(1)" in page
    assert leader.get(url("act", "reading-study", "sign")).status_code == 404


# ---- what a page says ----


def test_an_agreements_page_shows_words_and_sql(study: str, sign_in: SignIn) -> None:
    page = sign_in("evaluator@reading-lab.example").get(url("one", study)).content.decode()
    assert "in effect" in page
    rows = re.sub(r"<[^>]+>", " ", page.partition('<ul class="tw-flows">')[2].partition("</ul>")[0])
    assert " ".join(rows.split()).startswith(
        "Riverbend Schools school district gives Test scores for research for a study on the school’s behalf to Reading Lab"
    )
    assert "Evaluators of Reading Lab, about any student in scope." in page
    assert "A study for or on behalf of the school (34 CFR 99.31(a)(6))." in page
    assert "SELECT" in page
    whole = sign_in("evaluator@reading-lab.example").get(url("sql", study)).content.decode()
    assert "FROM store.assessment_result" in whole


def test_partners_text_is_escaped(sign_in: SignIn) -> None:
    sharp = "<script>alert(1)</script>"
    text = changed(STUDY, ("title", sharp), ("purposes.0.interest", sharp), ("clauses.termination", sharp))
    actions.add(text=text_of(text), by=OPERATOR)
    client = sign_in("leader@riverbend-schools.example")
    for address in (url("list"), url("one", "reading-study"), url("act", "reading-study", "sign")):
        page = client.get(address).content.decode()
        assert sharp not in page
        assert "&lt;script&gt;" in page


def test_pages_make_few_queries(
    study: str, casework: str, sign_in: SignIn, django_assert_max_num_queries: Callable
) -> None:
    for number in range(12):
        draft = changed(STUDY, ("id", f"study-{number}"), ("purposes.0.id", f"study-{number}"),
                        ("schedule.0.purposes", [f"study-{number}"]))  # fmt: skip
        actions.add(text=text_of(draft), by=OPERATOR)
    client = sign_in("privacy_officer@riverbend-schools.example")
    for address in (
        url("list"), url("one", study), url("one", casework), url("sql", study), url("review"),
        url("act", casework, "terminate"), url("act", study, "suspend"),
    ):  # fmt: skip
        agreement_selectors._EVERY.clear()
        with django_assert_max_num_queries(MOST_QUERIES):
            assert client.get(address).status_code == 200
    leader = sign_in("leader@riverbend-schools.example")
    with django_assert_max_num_queries(MOST_QUERIES):
        assert leader.get(url("act", casework, "sign")).status_code == 200


# ---- the review of a draft ----


def test_a_pasted_draft_is_reviewed_and_not_kept(sign_in: SignIn) -> None:
    draft = text_of(changed(STUDY, ("terms.destruction", ABSENT)))
    page = sign_in("case_worker@riverbend-schools.example").post(url("review"), {"text": draft})
    assert "terms.destruction is missing" in page.content.decode()
    assert "must be cured" in page.content.decode()
    assert "Add this draft" not in page.content.decode()
    assert not AgreementVersion.objects.exists()


@pytest.mark.parametrize("draft", ["a: [", "- only\n- a list", "just words", "a: &x [*x]", "\x00"])
def test_a_draft_that_is_no_document_gets_a_sentence(draft: str, sign_in: SignIn) -> None:
    answer = sign_in("leader@riverbend-schools.example").post(url("review"), {"text": draft})
    assert answer.status_code == 200
    assert answer.context.get("unreadable") or answer.context["form"].errors or answer.context["blocking"]
    assert not AgreementVersion.objects.exists()


def test_a_draft_comes_as_a_file_too(sign_in: SignIn) -> None:
    client = sign_in("leader@riverbend-schools.example")
    file = SimpleUploadedFile("draft.yaml", text_of(STUDY).encode())
    assert "This draft can be signed" in client.post(url("review"), {"file": file}).content.decode()
    picture = SimpleUploadedFile("draft.png", b"\x89PNG\xff\xfe")
    assert "not a text in UTF-8" in client.post(url("review"), {"file": picture}).content.decode()
    nothing = client.post(url("review"), {"text": " "})
    assert "Paste a draft, or choose its file." in nothing.content.decode()
    empty = SimpleUploadedFile("draft.yaml", b"")
    assert "That file is empty" in client.post(url("review"), {"file": empty}).content.decode()


@pytest.mark.parametrize(
    ("role", "may"), [(Role.LEADER, True), (Role.DATA_STEWARD, True), (Role.EVALUATOR, False)]
)
def test_those_who_may_add_a_reviewed_draft(role: Role, may: bool, sign_in: SignIn) -> None:
    client = sign_in(f"{role}@riverbend-schools.example")
    reviewed = client.post(url("review"), {"text": text_of(STUDY)})
    assert ("Add this draft" in reviewed.content.decode()) is may
    added = client.post(url("review"), {"text": text_of(STUDY), "add": "1"})
    assert added.status_code == (302 if may else 404)
    assert AgreementVersion.objects.exists() is may


TOMORROW = (date.today() + timedelta(days=1)).isoformat()


@pytest.mark.parametrize("form", [PaperForm, CertifyForm])
@pytest.mark.parametrize(
    ("on", "errors"), [(TOMORROW, ["Choose today or an earlier day."]), (str(date.today()), [])]
)
def test_acts_are_not_dated_tomorrow(form: type[PaperForm | CertifyForm], on: str, errors: list[str]) -> None:
    assert form(date.today(), {"on": on}).errors.get("on", []) == errors


# ---- the whole life in the browser ----


def post(client: Client, id: str, name: str, **said: object) -> str:
    """Does an act on its page, and gives what the agreement's page says then."""
    asked = client.get(url("act", id, name))
    assert asked.status_code == 200, name
    done = client.post(url("act", id, name), {"version": asked.context["version"], **said}, follow=True)
    assert done.redirect_chain, done.content.decode()
    return done.content.decode()


def test_a_signature_asks_for_the_passphrase_once_more(casework: str, sign_in: SignIn) -> None:
    sign_in("leader@bright-futures.example")
    user = User.objects.get(email="leader@bright-futures.example")
    user.set_password("river stones and long grass")
    user.save()
    client = Client()
    client.force_login(user)
    version = client.get(url("act", casework, "sign")).context["version"]
    answer = client.post(url("act", casework, "sign"), {"version": version, **OFFICE})
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert selectors.one(casework).signed_by == ()


def test_the_office_and_authority_are_asked_and_kept(casework: str, sign_in: SignIn) -> None:
    client = sign_in("leader@bright-futures.example")
    form = client.get(url("act", casework, "sign")).context["form"]
    assert form.initial == {"title": "Executive director", "authority": "Bylaws 4.2"}
    page = post(client, casework, "sign", title="President", authority="Charter 7", signer="Ada Reyes")
    assert "Ada Reyes, as President (Charter 7); by role, not registered; signed in to the site" in page


def test_the_whole_life_in_the_browser(sign_in: SignIn) -> None:
    schools, lab = "riverbend-schools", "reading-lab"
    people = {
        (partner, role): sign_in(f"{role}@{partner}.example")
        for partner in (schools, lab)
        for role in (Role.LEADER, Role.PRIVACY_OFFICER, Role.DATA_STEWARD)
    }
    author, steward = people[schools, Role.PRIVACY_OFFICER], people[lab, Role.DATA_STEWARD]
    author.post(url("review"), {"text": text_of(STUDY), "add": "1"})
    id = "reading-study"
    assert "under review" in post(author, id, "submit")
    assert "in negotiation" in post(author, id, "offer")
    assert "must still approve" in post(author, id, "agree")
    assert author.get(url("act", id, "sign")).status_code == 404
    post(author, id, "approve", capacity="privacy_officer")
    objection = people[lab, Role.LEADER].post(url("act", id, "object"), {"reason": ""})
    assert "Say why, so that the others can answer it." in objection.content.decode()
    assert "“Too wide”" in post(people[lab, Role.LEADER], id, "object", reason="Too wide")
    post(author, id, "agree")
    for partner in (schools, lab):
        for role, capacity in ((Role.DATA_STEWARD, "steward"), (Role.PRIVACY_OFFICER, "privacy_officer")):
            page = post(people[partner, role], id, "approve", capacity=capacity)
    assert "approved, to be signed" in page
    for partner in (schools, lab):
        post(people[partner, Role.LEADER], id, "sign", **OFFICE)
    assert "It is in effect now." in post(steward, id, "activate")
    wrong = author.post(url("act", id, "renew"), {"until": "2099-06-30"})
    assert "later than the present last day" in wrong.content.decode()
    assert "A later text is being prepared" in post(author, id, "renew", until="2100-06-30")
    later = steward.get(url("later", id))
    assert (later.status_code, "the later text" in later.content.decode()) == (200, True)
    assert selectors.one(id).document.terms.expires == date(2099, 6, 30)
    for partner in (schools, lab):
        post(people[partner, Role.LEADER], id, "sign", **OFFICE)
    post(steward, id, "activate")
    assert selectors.one(id).document.terms.expires == date(2100, 6, 30)
    assert steward.get(url("later", id)).status_code == 404
    post(steward, id, "terminate", reason="The study is over")
    assert "Reading Lab must still certify" in post(steward, id, "wind_down")
    assert author.get(url("act", id, "certify")).status_code == 404  # it received nothing
    said = {"copies": "One extract", "method": "Purge", "on": TODAY.isoformat()}
    page = post(steward, id, "certify", **said)
    assert "Copies: One extract" in page
    assert "What is stored here must still be destroyed." in page
    assert steward.get(url("act", id, "close")).status_code == 404
    actions.destroyed(id=id, by=actor(lab, Role.DATA_STEWARD), certificate="c-1")
    assert "It is closed." in post(steward, id, "close")


def test_pages_of_a_pending_text_make_few_queries(
    study: str, sign_in: SignIn, django_assert_max_num_queries: Callable
) -> None:
    actions.renew(id=study, by=actor("reading-lab", Role.LEADER))
    client = sign_in("leader@riverbend-schools.example")
    for address in (url("list"), url("one", study), url("later", study), url("act", study, "sign")):
        agreement_selectors._EVERY.clear()
        with django_assert_max_num_queries(MOST_QUERIES):
            assert client.get(address).status_code == 200
    assert "A later text" in client.get(url("list")).content.decode()

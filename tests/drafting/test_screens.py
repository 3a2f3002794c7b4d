"""The screens of drafts: from a wish to an agreement without a line of YAML, and who meets what."""

import re
from collections.abc import Callable, Mapping
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.agreements.documents import STUDY, text_of
from tests.drafting.drafts import OTHER, SECOND, WRITER, actor, begun, line, settle
from tests.kept import kept
from tests.site.people import client_of
from throughway.agreements import actions as agreements
from throughway.agreements.document_yaml import as_yaml
from throughway.agreements.models import AgreementEvent
from throughway.agreements.selectors import one as agreement
from throughway.agreements.starter_texts import template
from throughway.negotiation.drafting import actions, selectors
from throughway.negotiation.drafting.draft import AgreementDraft, DraftSection
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.actions import add_user
from throughway.partners.models import User
from throughway.store import Community
from throughway.vocabulary import TABLES

pytestmark = pytest.mark.django_db

MOST_QUERIES = 15
SignIn = Callable[[Actor], Client]


@pytest.fixture(autouse=True)
@kept
def house(community: Community) -> None:
    settle()


@pytest.fixture
def sign_in() -> SignIn:
    def signed_in(who: Actor) -> Client:
        if not User.objects.filter(email=who.email).exists():
            add_user(email=who.email, partner=who.partner, role=who.role, by=OPERATOR)
        return client_of(who.email)

    return signed_in


def url(name: str, *args: object) -> str:
    return reverse(f"drafting:{name}", args=args)


def words(response: Any) -> str:
    """What a page says, without its marks."""
    text = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def newest(draft: AgreementDraft) -> AgreementDraft:
    return selectors.one(draft.number, WRITER)


def posted(client: Client, draft: AgreementDraft, section: str, values: Mapping[str, Any]) -> Any:
    data = {"revision": newest(draft).revision, **values}
    return client.post(url("section", draft.number, section), data)


# ---- from a wish to an agreement ----


def test_first_agreement_is_written_in_forms_only(sign_in: SignIn) -> None:
    client = sign_in(WRITER)
    assert template("consent").wish in words(client.get(url("new")))
    begin = {
        "title": "Supports in the middle grades", "id": "middle-grades", "part_school": ["riverbend-schools"],
        "part_program": ["bright-futures"], "part_keeper": "riverbend-backbone", "effective": "2026-07-01",
    }  # fmt: skip
    response = client.post(url("new") + "?template=consent", begin)
    (draft,) = selectors.drafts(WRITER)
    assert response.headers["Location"] == url("one", draft.number)
    page = words(client.get(url("one", draft.number)))
    assert "Riverbend Schools: name what gives the office its authority" in page

    offices = {
        f"party{n}-{field}": value
        for n in range(3)
        for field, value in (("title", "Director"), ("authority", "Bylaws"))
    }
    roles = {"party0-roles": ["discloser", "recipient"], "party1-roles": ["discloser", "recipient"], "party2-roles": ["recipient", "steward"]}  # fmt: skip
    assert posted(client, draft, "parties", {**offices, **roles}).status_code == 302
    terms = {
        "effective": "2026-07-01", "expires": "2028-06-30", "within_days": "60", "method": "NIST SP 800-88 purge", "election": "destroy",
        "minimum_cell": "10", "training": "ferpa-basics", "prohibited": ["sale"], "prohibited-more": "gossip",
    }  # fmt: skip
    assert posted(client, draft, "terms", terms).status_code == 302
    for n, purpose in enumerate(newest(draft).values["purposes"]):
        details = {"detail_regime": "Its own", "detail_authority": "Form 3", "detail_function": "Matching", "detail_direct_control": "yes",
                   "detail_annual_notice_criteria": "Notice 2026, section 3"}  # fmt: skip
        given = {name: purpose.get(name) or "" for name in ("id", "kind", "interest", "basis", "form")}
        data = {"revision": newest(draft).revision, **given, **details, "from": purpose["from"], "recipients": purpose["recipients"],
                "roles": purpose["roles"], "reach": purpose.get("reach") or "all", "serves": purpose.get("serves") or []}  # fmt: skip
        assert client.post(url("purpose", draft.number, n), data).status_code == 302
    for n, custody in enumerate(newest(draft).values["custody"]):
        data = {
            "revision": newest(draft).revision,
            "from": custody["from"],
            "basis": custody["basis"],
            **details,
        }
        assert client.post(url("custody", draft.number, n), data).status_code == 302
    assert "ready to be finished" in words(client.get(url("one", draft.number)))

    response = client.post(url("act", draft.number, "finish"))
    assert response.headers["Location"] == reverse("agreements:one", args=["middle-grades"])
    document = agreement("middle-grades").document
    assert document.terms.prohibited == ("sale", "gossip")
    assert document.purposes[2].basis_details["annual_notice_criteria"] == "Notice 2026, section 3"
    assert document.purposes[2].serves == ("casework",)


MATCHING = reverse("drafting:new") + "?template=matched-evaluation"
MATCHED = {
    "title": "Who comes", "id": "who-comes", "part_school": "riverbend-schools", "part_program": ["bright-futures"],
    "part_keeper": "riverbend-backbone", "effective": "2026-07-01", "expires": "2028-06-30", "answer_program_name": "The program",
    "answer_activity": "A comparison", "answer_notice": "Section 3", "answer_enrollment_form": "Part 3", "finish": "yes",
    **{f"authority_{partner}": "Bylaws" for partner in ("riverbend-schools", "bright-futures", "riverbend-backbone")},
}  # fmt: skip


@pytest.mark.parametrize("ticked", [True, False])
def test_who_finishes_a_text_may_decide_that_it_takes_effect(
    sign_in: SignIn, ticked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = actor("riverbend-backbone", Role.DATA_STEWARD)
    client = sign_in(desk)
    monkeypatch.setattr("throughway.negotiation.drafting.forms.FEW", 99)
    assert re.search(r'name="takes_effect"[^>]* checked', client.get(MATCHING).content.decode())
    given = MATCHED | ({"takes_effect": "on"} if ticked else {})
    assert client.post(MATCHING, given).headers["Location"] == reverse("agreements:one", args=["who-comes"])
    assert [e.by for e in AgreementEvent.objects.filter(what="decide")] == [desk.email] * ticked


def test_deciding_that_asks_for_the_passphrase_once_more(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = actor("riverbend-backbone", Role.DATA_STEWARD)
    sign_in(desk)
    user = User.objects.get(email=desk.email)
    user.set_password("river stones and long grass")
    user.save()
    client = Client()
    client.force_login(user)
    monkeypatch.setattr("throughway.negotiation.drafting.forms.FEW", 99)
    answer = client.post(MATCHING, MATCHED | {"takes_effect": "on"})
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert not AgreementEvent.objects.filter(what="decide").exists()
    assert not selectors.drafts(desk)
    done = client.post(answer.headers["Location"], {"password": "river stones and long grass"}, follow=True)
    assert "It takes effect by itself" in words(done)  # what was typed is not lost
    assert AgreementEvent.objects.get(what="decide").by == desk.email


def test_who_may_put_nothing_into_effect_is_not_asked(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = actor("riverbend-backbone", Role.LEADER)
    client = sign_in(lead)
    monkeypatch.setattr("throughway.negotiation.drafting.forms.FEW", 99)
    assert "takes_effect" not in client.get(MATCHING).content.decode()
    client.post(MATCHING, MATCHED | {"takes_effect": "on"})
    assert agreement("who-comes").document.id == "who-comes"
    assert not AgreementEvent.objects.filter(what="decide").exists()


@pytest.mark.parametrize(
    "section", ["name", "parties", "terms", "clauses", "services", "onward", "writes", "project"]
)
def test_resubmitted_form_changes_nothing(section: str, sign_in: SignIn) -> None:
    """Opening a section and saving it loses nothing of what stands there, also what no form asks for."""
    client = sign_in(WRITER)
    draft = begun(chosen="youth-collaborative", parties={"school": ["riverbend-schools"], "collaborative": ["bright-futures"], "keeper": ["riverbend-backbone"]},
                  answers={"program": "Chess", "seats": 12, "hours": "1.5"})  # fmt: skip
    terms = {**newest(draft).values["terms"], "delivery": [{"from": "bright-futures", "what": "attendance_day", "every": "week", "format": "csv"}],
             "subprocessors": [{"name": "Oak Hosting", "service": "runs the servers"}], "further": "kept"}  # fmt: skip
    draft = actions.change(
        number=draft.number, revision=1, section=DraftSection.TERMS, fields={"terms": terms}, by=WRITER
    )
    if section == "project":
        draft = actions.change(number=draft.number, revision=draft.revision, section=DraftSection.PROJECT,
                               fields={"project": {"method": "So", "irb": {"number": "7", "expires": "2027-01-01"}}}, by=WRITER)  # fmt: skip
    if section == "writes":
        entry = {"table": "contact_note", "purposes": ["casework"], "by": ["bright-futures"], "roles": ["case_worker"],
                 "capacity": "school_official", "for": "riverbend-schools", "necessity": "The team must know"}  # fmt: skip
        draft = actions.change(number=draft.number, revision=draft.revision, section=DraftSection.SCHEDULE,
                               fields={"writes": [entry]}, by=WRITER)  # fmt: skip
        assert "Notes about contacts, by" in words(client.get(url("one", draft.number) + "schedule/"))
    page = client.get(url("section", draft.number, section))
    forms = [page.context["form"]] if page.context.get("form") else page.context["forms"]
    forms = [*forms, *getattr(forms[0], "each", ())]
    data = {
        field.html_name: field.value()
        for form in forms
        for field in form
        if field.value() not in (None, "", [], False)
    }
    data = {name: field_text(value) for name, value in data.items()}
    assert posted(client, draft, section, data).status_code == 302
    assert newest(draft).values == draft.values


def field_text(value: Any) -> Any:
    return "\n".join(value) if isinstance(value, tuple) else value


def test_questions_of_a_right_are_shown_before_saving(sign_in: SignIn) -> None:
    client, draft = sign_in(WRITER), begun()
    response = client.post(
        url("purpose", draft.number, "new"), {"ask": "1", "basis": "study", "interest": "Learn what helps"}
    )
    page = words(response)
    assert "Which of the three lawful aims does it have?" in page
    assert "Learn what helps" in response.content.decode()
    assert "Choose one" not in page  # nothing is complained of yet
    assert newest(draft).values == draft.values


def test_purposes_of_other_agreements_stay_among_those_served(sign_in: SignIn) -> None:
    client, draft = sign_in(WRITER), begun()
    purposes = [dict(purpose) for purpose in draft.values["purposes"]]
    purposes[-1]["serves"] = ["casework", "elsewhere"]
    actions.change(number=draft.number, revision=1, section=DraftSection.PURPOSES, fields={"purposes": purposes}, by=WRITER)  # fmt: skip
    form = client.get(url("purpose", draft.number, len(purposes) - 1)).context["form"]
    assert {"casework", "elsewhere"} <= {id for id, _ in form.fields["serves"].choices}


def test_a_purpose_is_removed(sign_in: SignIn) -> None:
    client, draft = sign_in(WRITER), begun()
    client.post(url("purpose", draft.number, 1), {"remove": "1", "revision": draft.revision})
    assert len(newest(draft).values["purposes"]) == len(draft.values["purposes"]) - 1


def test_students_are_added_and_removed(sign_in: SignIn) -> None:
    client, draft = sign_in(WRITER), begun()
    posted(client, draft, "students", {"add": "1", "grades": ["06", "07"], "schools": "12\n13", "from": ["riverbend-schools"], "when": "reading"})  # fmt: skip
    posted(client, draft, "students", {"add": "1", "where": "program_identifier = 'chess'", "on": "program_participation", "when": "fact"})  # fmt: skip
    posted(client, draft, "students", {"days": "1", "from": "2022-07-01"})
    values = newest(draft).values
    assert values["population"] == [
        {"from": ["riverbend-schools"], "where": "entry_grade_level IN ('06', '07') AND organization_id IN ('12', '13')",
         "on": "school_enrollment", "when": "reading"},
        {"where": "program_identifier = 'chess'", "on": "program_participation"},
    ]  # fmt: skip
    assert values["records"] == {"from": "2022-07-01"}
    refused = posted(
        client,
        draft,
        "students",
        {"add": "1", "where": "lower(x) = 1", "on": "school_enrollment", "when": "fact"},
    )
    assert refused.status_code == 200
    posted(client, draft, "students", {"remove": "0"})
    assert [entry["on"] for entry in newest(draft).values["population"]] == ["program_participation"]


def test_template_clauses_are_restored(sign_in: SignIn) -> None:
    client, draft = sign_in(WRITER), begun()
    clauses = {**draft.values["clauses"], "termination": "On any day."}
    posted(client, draft, "clauses", clauses)
    assert newest(draft).values["clauses"]["termination"] == "On any day."
    page = posted(client, draft, "clauses", {**clauses, "restore": "termination"})
    assert template("consent").document["clauses"]["termination"] in unescape(page.content.decode())
    assert newest(draft).values["clauses"]["termination"] == "On any day."  # until it is saved


def test_pasted_text_replaces_all_or_is_refused(sign_in: SignIn) -> None:
    client, draft = sign_in(WRITER), begun()
    for text, said in [
        ("{", "not readable"),
        ("- a", "named fields"),
        ("terms: soon", "terms must be a section"),
        ("a: &a [*a]", "itself"),
        ("a: {<<: {b: c}}", "write them out"),
    ]:
        page = posted(client, draft, "text", {"text": text})
        assert said in words(page)
        assert text in unescape(page.content.decode())  # what was typed stays
    posted(client, draft, "text", {"text": as_yaml({**draft.values, "title": "Pasted"})})
    assert newest(draft).values == {**draft.values, "title": "Pasted"}


# ---- the schedule ----


def pick(client: Client, draft: AgreementDraft, table: str, **values: Any) -> Any:
    data = {"purposes": ["casework"], "transform": "none", "necessity": "It decides", **values}
    return client.post(url("schedule", draft.number) + f"?table={table}", data)


def test_elements_are_listed_with_their_reason(sign_in: SignIn) -> None:
    client, draft = sign_in(WRITER), begun()
    pick(
        client,
        draft,
        "person",
        chosen=["person.sex", "person.middle_name"],
        **{"from": ["riverbend-schools"]},
        transform="mask",
    )
    lines = [
        each
        for each in newest(draft).values["schedule"]
        if each["element"] in ("person.sex", "person.middle_name")
    ]
    assert lines == [
        {
            "element": path,
            "from": ["riverbend-schools"],
            "purposes": ["casework"],
            "necessity": "It decides",
            "transform": "mask",
        }
        for path in ("person.sex", "person.middle_name")
    ]


def test_a_whole_table_is_listed(sign_in: SignIn) -> None:
    client, draft = sign_in(WRITER), begun()
    pick(
        client,
        draft,
        "assessment_result",
        chosen=["assessment_result.*", "assessment_result.assessment_title"],
    )
    assert [
        each["element"]
        for each in newest(draft).values["schedule"]
        if each["element"].startswith("assessment")
    ] == ["assessment_result.*"]


REFUSED = [  # what is chosen → what is said
    ({"chosen": ["person.sex"], "necessity": ""}, "Say why"),
    ({"chosen": ["person.sex"], "purposes": []}, "Choose at least one"),
    ({"chosen": []}, "Choose at least one"),
    ({"chosen": ["person.sex"], "transform": "year"}, "does not work for sex"),
    ({"chosen": ["person.sex"], "transform": "band"}, "how wide"),
    ({"chosen": ["person.first_name"]}, "listed already"),
    ({"chosen": ["guardian.first_name"]}, "Choose from the list"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "said"), REFUSED)
def test_refused_lines_keep_what_was_typed(values: dict[str, Any], said: str, sign_in: SignIn) -> None:
    client, draft = sign_in(WRITER), begun()
    page = pick(client, draft, "person", **values)
    assert page.status_code == 200
    assert said in words(page)
    assert newest(draft).values == draft.values


def test_restricted_elements_are_listed_one_by_one(sign_in: SignIn) -> None:
    client, draft = sign_in(WRITER), begun()
    page = pick(
        client,
        draft,
        "person_status",
        chosen=["person_status.idea_indicator", "person_status.homelessness_status"],
    )
    assert "by itself: it is specially protected" in words(page)
    page = pick(
        client, draft, "person_status", chosen=["person_status.*", "person_status.homelessness_status"]
    )
    assert "by itself: it is specially protected" in words(page)
    assert "42 U.S.C. 11432" in words(page)  # which law, and why
    assert newest(draft).values == draft.values
    pick(client, draft, "person_status", chosen=["person_status.homelessness_status"])
    assert newest(draft).values["schedule"][-1]["element"] == "person_status.homelessness_status"


def test_a_line_is_changed_and_removed(sign_in: SignIn) -> None:
    client, draft = sign_in(WRITER), begun()
    position = next(
        n for n, each in enumerate(draft.values["schedule"]) if each["element"] == "course_grade.*"
    )
    data = {
        "seen": "course_grade.*",
        "purposes": ["casework"],
        "transform": "none",
        "necessity": "Another reason",
    }
    client.post(url("line", draft.number, position), data)
    assert newest(draft).values["schedule"][position] == {
        "element": "course_grade.*",
        "purposes": ["casework"],
        "necessity": "Another reason",
    }
    other = client.post(url("line", draft.number, position), {**data, "seen": "person.*"})
    assert (other.status_code, "this is now another line" in words(other)) == (403, True)
    table = url("schedule", draft.number) + "?table=course_grade"
    client.post(table, {"remove": f"{position}:person.*"})
    assert len(newest(draft).values["schedule"]) == len(draft.values["schedule"])
    client.post(table, {"remove": f"{position}:course_grade.*"})
    assert len(newest(draft).values["schedule"]) == len(draft.values["schedule"]) - 1


def test_requested_elements_that_nobody_holds_are_shown(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, draft = sign_in(WRITER), begun()
    assert "no data system in the register" in words(client.get(url("gaps", draft.number)))
    held = {
        "riverbend-schools": frozenset(
            {"attendance_day.attendance_event_date", "survey_response.response_value"}
        ),
        "bright-futures": frozenset[str](),
    }
    monkeypatch.setattr("throughway.negotiation.drafting.views.schedule.held", lambda: held)
    page = words(client.get(url("gaps", draft.number)))
    asked, _, unasked = page.partition("Held, but not requested")
    assert "Course grades : " in asked
    assert "attendance event date" not in asked
    assert "Survey answers : response value" in unasked
    table = words(client.get(url("schedule", draft.number) + "?table=attendance_day"))
    assert "held by Riverbend Schools" in table


# ---- two at once ----


def test_edit_conflict_shows_both_versions(sign_in: SignIn) -> None:
    first, second, draft = sign_in(WRITER), sign_in(SECOND), begun()
    seen = draft.revision
    data = {"title": "The first", "id": "oak-casework", "tier": "dsa"}
    posted(first, draft, "name", data)
    page = second.post(
        url("section", draft.number, "name"), {**data, "title": "The second", "revision": seen}
    )
    assert page.status_code == 409
    assert f"{WRITER.email} changed this section while you were writing" in words(page)
    assert "Title: now The first" in words(page)
    assert 'value="The second"' in page.content.decode()
    revision = re.search(r'name="revision" value="(\d+)"', page.content.decode())
    assert revision
    second.post(
        url("section", draft.number, "name"), {**data, "title": "The second", "revision": revision[1]}
    )
    assert newest(draft).title == "The second"
    assert "The first" in words(first.get(url("one", draft.number)))  # the history has it


# ---- who meets what ----

PAGES = ["schedule/", "schedule/?table=person", "schedule/gaps/", "purposes/"]
FORMS = ["name/", "parties/", "students/", "terms/", "clauses/", "services/", "onward/", "writes/", "text/", "purposes/0/", "purposes/new/",
         "custody/0/", "schedule/0/", "do/share/", "do/finish/", "do/discard/"]  # fmt: skip


@pytest.mark.parametrize("part", ["", *PAGES, *FORMS])
def test_pages_need_few_queries_and_hide_from_others(
    part: str, sign_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    draft = begun()
    own, other = sign_in(WRITER), sign_in(OTHER)
    address = url("one", draft.number) + part
    with django_assert_max_num_queries(MOST_QUERIES):
        assert own.get(address).status_code == 200
    unknown = other.get(address)
    assert unknown.status_code == other.get(address.replace(str(draft.number), "999")).status_code == 404
    assert draft.title not in words(unknown)
    actions.share(number=draft.number, by=WRITER)
    assert other.get(address).status_code == (403 if part in FORMS else 200)


@pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.PROGRAM_MANAGER, Role.EVALUATOR])
def test_other_roles_get_not_found(role: Role, sign_in: SignIn) -> None:
    draft, client = begun(), sign_in(actor("riverbend-schools", role))
    for address in (url("list"), url("new"), url("one", draft.number), url("from", "oak")):
        assert client.get(address).status_code == 404


def test_readers_of_a_shared_draft_get_no_forms(sign_in: SignIn) -> None:
    draft, other = begun(), sign_in(OTHER)
    assert draft.title not in words(other.get(url("list")))
    actions.share(number=draft.number, by=WRITER)
    assert f"Shown to you by others to answer or cure {draft.title}" in re.sub(
        r"\d+ ", "", words(other.get(url("list")))
    )
    for page in ["", *PAGES]:
        body = other.get(url("one", draft.number) + page).content.decode()
        assert "<form" not in body.partition("<main")[2].partition("</main>")[0]
    for page in ("schedule/?table=person", "name/", "do/discard/", "text/"):
        assert other.post(
            url("one", draft.number) + page, {"title": "Mine", "chosen": "person.*"}
        ).status_code in (200, 403)
    assert newest(draft).values == draft.values


@pytest.mark.parametrize(
    "address",
    [
        "nowhere/",
        "purposes/99/",
        "purposes/x/",
        "custody/99/",
        "schedule/99/",
        "schedule/?table=nowhere",
        "do/burn/",
        "do/unshare/",
    ],
)
def test_unknown_parts_of_a_draft_are_not_found(address: str, sign_in: SignIn) -> None:
    assert sign_in(WRITER).get(url("one", begun().number) + address).status_code == 404


def test_amendment_draft_is_opened_from_its_agreement(sign_in: SignIn) -> None:
    agreements.add(text=text_of(STUDY), by=OPERATOR)
    client = sign_in(WRITER)
    assert STUDY["title"] in words(client.get(url("from", "reading-study")))
    response = client.post(url("from", "reading-study"))
    (draft,) = selectors.drafts(WRITER)
    assert (response.headers["Location"], draft.amends) == (url("one", draft.number), "reading-study")
    assert "disabled" in client.get(url("section", draft.number, "name")).content.decode()
    assert sign_in(OTHER).get(url("from", "reading-study")).status_code == 404


def test_the_list_shows_what_to_do_first(
    sign_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = sign_in(WRITER)
    assert "Start with what you want to do." in words(client.get(url("list")))
    for n in range(5):
        begun(id=f"draft-{n}")
    with django_assert_max_num_queries(MOST_QUERIES):
        page = words(client.get(url("list")))
    assert "Five drafts of yours are open" in page
    assert "name what gives the office its authority" in page


def test_taken_id_is_an_error_at_its_field(sign_in: SignIn) -> None:
    agreements.add(text=text_of(STUDY), by=OPERATOR)
    data = {
        "title": "Mine",
        "id": "reading-study",
        "part_school": ["riverbend-schools"],
        "part_program": ["bright-futures"],
    }
    page = sign_in(WRITER).post(url("new") + "?template=consent", data)
    assert "with the id reading-study already exists" in words(page)
    assert selectors.drafts(WRITER) == []


def test_draft_with_two_hundred_elements(
    sign_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    paths = [e.path for table in TABLES.values() for e in table.elements.values() if e.name != "person_id"][
        :200
    ]
    draft = begun()
    lines = [line(path, purposes=["casework"], necessity="It decides") for path in paths]
    actions.change(
        number=draft.number, revision=1, section=DraftSection.SCHEDULE, fields={"schedule": lines}, by=WRITER
    )
    client = sign_in(WRITER)
    for page in ("", "schedule/", "schedule/gaps/", "purposes/"):
        with django_assert_max_num_queries(MOST_QUERIES):
            assert client.get(url("one", draft.number) + page).status_code == 200


def test_draft_under_a_hidden_agreement_reveals_nothing(sign_in: SignIn) -> None:
    agreements.add(text=text_of(STUDY), by=OPERATOR)
    seats = {"school": ["riverbend-schools"], "program": ["bright-futures"]}
    pages = []
    for under in ("reading-study", "no-such-agreement"):
        draft = begun(by=OTHER, parties=seats, id="mine")
        fields = {"throughway": "agreement/1", "id": "mine", "tier": "dul", "title": "Mine", "under": [under]}
        actions.change(number=draft.number, revision=1, section=DraftSection.NAME, fields=fields, by=OTHER)
        client = sign_in(OTHER)
        assert STUDY["title"] not in words(client.get(url("section", draft.number, "name")))
        page = words(client.get(url("one", draft.number))).replace(under, "…")
        pages.append(
            page.partition("What it says, and what is missing")[2].partition("All of it in plain words")[0]
        )
    assert pages[0] == pages[1]


def test_last_day_before_the_first_is_an_error(sign_in: SignIn) -> None:
    client, draft = sign_in(WRITER), begun()
    page = posted(
        client, draft, "terms", {"effective": "2026-07-01", "expires": "2026-06-30", "election": "destroy"}
    )
    assert "The last day is before the first day" in words(page)
    assert newest(draft).values == draft.values


@pytest.mark.parametrize(("who", "writes"), [(WRITER, True), (actor("riverbend-schools", Role.CASE_WORKER), False),
                                             (actor("riverbend-backbone"), False)])  # fmt: skip
def test_agreement_links_writers_to_its_draft(who: Actor, writes: bool, sign_in: SignIn) -> None:
    agreements.add(text=text_of(STUDY), by=OPERATOR)
    page = sign_in(who).get(reverse("agreements:one", args=["reading-study"])).content.decode()
    assert (url("from", "reading-study") in page) is writes

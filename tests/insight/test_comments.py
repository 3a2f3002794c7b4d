"""Comments of surveys: read through the gate and coded on the pages, counted by theme, gone with the record; never a word published."""

import html
import re
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.http import urlencode

from tests.gate import making
from tests.site.people import client_of
from throughway.agreements import actions as agreements
from throughway.consent import actions as consents
from throughway.consent.selectors.decisions import consents as decisions
from throughway.core.personal_data import Gone, forget
from throughway.core.refusals import Refused
from throughway.destruction.actions.orders import destroy
from throughway.gate.actions import enter
from throughway.insight.comments.actions import add_theme, save_codings
from throughway.insight.comments.counting import NONE_READ, READ_TABLE, THEME_TABLE
from throughway.insight.comments.selectors import AT_ONCE, CommentReader, codings
from throughway.insight.experiences.actions import experiences_draft
from throughway.insight.experiences.page import experience_page
from throughway.insight.models import CommentCoding, CommentTheme
from throughway.ledger.entry_search import contributing_records
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.partners import actions as partners
from throughway.store import Community

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date.today()
SAID = TODAY - timedelta(30)
CODER, OFFICER = "evaluator@hub.example", "officer@hub.example"
WROTE = range(100, 140)  # record numbers of north
CLIMATE, QUESTION = "Climate, fall", "C9"
SURVEYS = """
throughway: trends/1
surveys:
  - {survey: Climate, favorable: 4, partner: north, grades: ["07"], protected_topics: none}
  - {survey: Home, favorable: 4, partner: north, grades: ["07"], protected_topics: none}
"""
COLUMNS = ("survey_identifier", "survey_question_code", "survey_construct", "response_number", "response_comment", "response_date",
           "respondent_type", "ppra_protected_topic")  # fmt: skip
READ_ALONE = {"purpose": "reading", "survey": CLIMATE, "question": QUESTION}


def words(record: int) -> str:
    return f"SENTINEL-{record} the hall is loud"


def agreement(**reading: Any) -> dict[str, Any]:
    document = making.sharing()
    of_north = {"from": ["north"], "recipients": ["hub"]}
    document["purposes"].append(
        making.purpose("reading", "evaluation", reading.pop("form", "pseudonymous"), **of_north, **reading)
    )
    for linkage in (each for each in document["purposes"] if each["kind"] == "linkage"):
        linkage["serves"] = [*linkage["serves"], "reading"]
    document["schedule"] += [
        *(
            making.line(f"survey_response.{name}", "reading", "counting", **{"from": ["north"]})
            for name in COLUMNS
        ),
        making.line("school_enrollment.*", "counting", **{"from": ["north"]}),
    ]
    return document


def answer(record: int, comment: str | None = None, **more: Any) -> dict[str, Any]:
    first = {"person_record": record, "survey_identifier": CLIMATE, "survey_question_code": QUESTION, "response_date": SAID,
             "respondent_type": "student", "response_comment": comment}  # fmt: skip
    return {**first, **more}


def settle(community: Community, **reading: Any) -> None:
    """Forty students of grade 7 who were asked, answered and wrote; comments of others, of which none may be read."""
    making.register()
    making.in_effect(agreement(**reading))
    making.people()
    making.land(
        "record_key",
        "north",
        [{"kind": "person", "key": f"w-{r}", "record": r} for r in WROTE],
        "sharing-2026",
        year=2025,
    )
    making.land("school_enrollment", "north", [
        {"person_record": r, "record": r, "enrollment_entry_date": TODAY - timedelta(90), "entry_grade_level": "07", "organization_id": "north/1"}
        for r in WROTE
    ])  # fmt: skip
    given = [answer(r, words(r)) for r in WROTE]
    given += [
        answer(r, survey_question_code="C1", survey_construct="safety", response_number=4.0) for r in WROTE
    ]
    given += [
        answer(100, "SENTINEL-guardian", respondent_type="guardian"),
        answer(101, "SENTINEL-unknown", survey_identifier="Other, fall"),
        answer(102, "SENTINEL-home", survey_identifier="Home, fall"),
        answer(103, survey_identifier="Home, fall", survey_question_code="H2", ppra_protected_topic="income"),
    ]
    making.land("survey_response", "north", [{**row, "record": 10_000 + n} for n, row in enumerate(given)])
    community.trends.write_text(SURVEYS, encoding="utf-8")


@pytest.fixture
def coder(community: Community) -> Client:
    settle(community)
    return client_of(CODER)


def address(**more: str) -> str:
    return f"/experiences/comments/read/?{urlencode({**READ_ALONE, **more})}"


def page(client: Client, at: str) -> str:
    response = client.get(at)
    assert response.status_code == 200, response.status_code
    return html.unescape(response.content.decode())


def shown(text: str) -> list[tuple[str, str]]:
    """Each comment's name on the page, and its words."""
    return list(zip(re.findall(r'name="comment" value="(\w+)"', text), re.findall(r"<blockquote[^>]*><p>(.*?)</p>", text), strict=True))  # fmt: skip


def theme(name: str) -> CommentTheme:
    return add_theme(name=name, by=making.reader(CODER))


def code(share: Callable[[int], list[CommentTheme]], records: Any = WROTE) -> None:
    """Codes the comments of these records without the pages."""
    coded = {("north", r, CLIMATE, QUESTION, SAID): [each.pk for each in share(r)] for r in records}
    save_codings(coded=coded, agreements={"north": "sharing-2026"}, by=making.reader(CODER))


def test_a_coder_reads_and_codes(coder: Client) -> None:
    first = coder.post(
        "/experiences/comments/themes/", {"add": "yes", "name": "Noise  in the halls"}, follow=True
    )
    assert "“Noise in the halls” is added." in html.unescape(first.content.decode())
    found = page(coder, "/experiences/comments/")
    assert f"Question {QUESTION}, {CLIMATE}" in found
    assert "0 of 40 comments read" in found
    text = page(coder, address())
    comments = shown(text)
    assert len(comments) == AT_ONCE
    assert not re.search(r"n-\d|w-\d|First|Ada", text)
    ids = [id for id, _ in comments]
    noise = CommentTheme.objects.get()
    sent = {**READ_ALONE, "comment": ids, f"theme-{ids[0]}": str(noise.pk), f"theme-{ids[1]}": "none", f"theme-{ids[2]}": [str(noise.pk), "none"]}  # fmt: skip
    after = html.unescape(coder.post("/experiences/comments/read/", sent, follow=True).content.decode())
    assert "Saved what you said of 2 comments." in after
    assert "1 comment not saved. Choose themes, or that none fits, not both." in after
    assert "38 comments to read" in after
    assert {id for id, _ in shown(after)} & set(ids) == set(ids[2:])
    said = {row.record: [each.name for each in row.themes.all()] for row in CommentCoding.objects.all()}
    written = {words(record): themes for record, themes in said.items()}
    assert written == {comments[0][1]: ["Noise in the halls"], comments[1][1]: []}
    assert {row.agreement for row in CommentCoding.objects.all()} == {"sharing-2026"}
    again = shown(page(coder, address(read="on")))
    assert {text for _, text in again} == set(written)
    coder.post(
        "/experiences/comments/read/",
        {**READ_ALONE, "read": "on", "comment": ids[1], f"theme-{ids[1]}": str(noise.pk)},
    )
    assert [row.themes.count() for row in CommentCoding.objects.all()] == [1, 1]


def test_each_reading_is_in_the_ledger_and_names_the_writers_alone(coder: Client) -> None:
    before = set(LedgerEntry.objects.values_list("pk", flat=True))
    written = {said for _, said in shown(page(coder, address()))}
    new = LedgerEntry.objects.exclude(pk__in=before).order_by("at")
    assert [(each.outcome, each.purpose, each.rows) for each in new] == [
        ("released", "reading", 41),
        ("released", "reading", AT_ONCE),
    ]
    assert all("survey_response.response_comment" in each.elements for each in new)
    assert not any("SENTINEL" in str(each.question) for each in new)
    assert {words(record) for record in contributing_records([new[1].pk]).records.tolist()} == written


def test_what_the_survey_s_rules_do_not_let_be_counted_is_not_offered(coder: Client) -> None:
    found = page(coder, "/experiences/comments/")
    assert found.count("comments read") == 1
    for survey in ("Other, fall", "Home, fall"):
        assert coder.get(address(survey=survey)).status_code == 404
    reader = CommentReader(making.reader(CODER), "reading")
    assert {key[1] for key in reader.keys} == set(WROTE)
    assert not any("guardian" in said for each in reader.words(reader.keys)[0] for said in each.words)


def test_comments_are_read_only_where_the_community_says_that_no_question_is_on_a_protected_topic(
    coder: Client, community: Community
) -> None:
    """A comment on one question may tell of another, and questions that no consent covers are not seen at all."""
    community.trends.write_text(SURVEYS.replace(", protected_topics: none", ""), encoding="utf-8")
    found = page(coder, "/experiences/comments/")
    assert "comments read" not in found
    assert f"{CLIMATE}: trends.yaml does not say of this survey that no question touches a topic" in found
    assert coder.get(address()).status_code == 404


def test_a_child_in_danger_is_no_theme_and_leads_to_those_who_can_find_it(coder: Client) -> None:
    ids = [id for id, _ in shown(page(coder, address()))]
    noise = theme("Noise")
    before = set(LedgerEntry.objects.values_list("pk", flat=True))
    sent = {**READ_ALONE, "comment": ids, f"theme-{ids[0]}": str(noise.pk), "today": ids[1]}
    answer = coder.post("/experiences/comments/read/", sent)
    assert (
        CommentCoding.objects.count() == 1
    )  # what was chosen of another is not lost, and of this one nothing is kept
    text = page(coder, answer["Location"])
    [written] = re.findall(r"SENTINEL-(\d+)", text)
    assert "Call North now" in text
    assert "This page cannot tell who wrote it. North, which ran the survey, can." in text
    assert "officer@north.example" in text
    assert "evaluator@north.example" not in text
    assert "hub.example" not in re.sub(r"<header.*?</header>", "", text, flags=re.S)
    assert f"{SAID.day} {SAID:%B %Y}" in text
    assert CommentCoding.objects.count() == 1
    [entry] = re.findall(r"entry <code>(.*?)</code>", text)
    assert entry in {
        str(pk) for pk in LedgerEntry.objects.exclude(pk__in=before).values_list("pk", flat=True)
    }
    assert contributing_records([entry]).records.tolist() == [int(written)]


def test_the_pages_of_two_purposes_name_no_comment_alike(coder: Client) -> None:
    """Nor do they list the comments in one order: by either a comment of one would be known in the other."""
    again = agreement()
    again["id"] = "again-2026"
    again["purposes"] = [
        {
            **each,
            "id": each["id"].replace("reading", "hearing"),
            **({"serves": ["hearing"]} if each["kind"] == "linkage" else {}),
        }
        for each in again["purposes"]
        if each["id"] in ("reading", "matching")
    ]
    again["schedule"] = [making.line("person.*", "matching")] + [
        making.line(f"survey_response.{name}", "hearing", **{"from": ["north"]}) for name in COLUMNS
    ]
    making.in_effect(again)
    one, other = (CommentReader(making.reader(CODER), purpose) for purpose in ("reading", "hearing"))
    assert set(one.keys) == set(other.keys)
    assert one.keys != other.keys
    assert not {one.id_of(key) for key in one.keys} & {other.id_of(key) for key in other.keys}


def test_of_a_comment_that_is_not_shown_nobody_is_called(coder: Client) -> None:
    at = "/experiences/comments/today/"
    assert coder.get(f"{at}?{urlencode({**READ_ALONE, 'comment': 'x'})}").status_code == 404
    assert coder.get(at)["Location"] == "/experiences/comments/"
    assert client_of(OFFICER).get(at).status_code == 404


@pytest.mark.parametrize("email", ["evaluator@harbor.example", "evaluator@north.example"])
def test_others_see_no_comment(coder: Client, email: str) -> None:
    other = client_of(email)
    assert "No agreement in effect lets you read comments." in page(other, "/experiences/comments/")
    for at in (address(), "/experiences/comments/themes/"):
        assert other.get(at)["Location"] == "/experiences/comments/"
    other.post("/experiences/comments/themes/", {"add": "yes", "name": "Mine"})
    assert not CommentTheme.objects.exists()
    assert client_of(OFFICER).get("/experiences/comments/").status_code == 404


def test_after_the_agreement_s_end_nobody_reads_and_the_codings_go(coder: Client) -> None:
    code(lambda record: [])
    agreements.terminate(id="sharing-2026", by=making.reader("officer@north.example"))
    assert coder.get(address())["Location"] == "/experiences/comments/"
    assert "No agreement in effect lets you read comments." in page(coder, "/experiences/comments/")
    assert CommentCoding.objects.count() == len(WROTE)
    done = destroy(agreement="sharing-2026", by=making.reader("officer@north.example"))
    assert done
    assert not CommentCoding.objects.exists()


def test_a_coding_goes_with_the_record(coder: Client) -> None:
    code(lambda record: [])

    def gone(**more: Any) -> None:
        forget(
            Gone(**{"agreement": None, "records": {}, "batches": frozenset(), "empty": frozenset(), **more})
        )

    gone(records={"north": frozenset({100, 101}), "harbor": frozenset({102})})
    assert {row.record for row in CommentCoding.objects.all()} == set(WROTE) - {100, 101}
    gone(consents=frozenset({("sharing-2026", "north", 103), ("another", "north", 104)}))
    assert {row.record for row in CommentCoding.objects.all()} == set(WROTE) - {100, 101, 103}
    CommentCoding.objects.filter(record=104).update(agreement="another")
    gone(agreement="sharing-2026")
    assert {row.record for row in CommentCoding.objects.all()} == {104}
    gone(partner="north")
    assert not CommentCoding.objects.exists()


def test_after_a_consent_s_end_the_comment_is_not_read(community: Community, tmp_path: Path) -> None:
    settle(community, basis="consent", basis_details={}, form="identified")
    path = tmp_path / "consents.csv"
    head = "partner,record_key,agreement,purpose,decision,signer,relation,signed_on,method,language,notice_version,expires"
    lines = [
        f"north,w-{r},sharing-2026,reading,yes,Pat,mother,{TODAY - timedelta(9)},paper,en,v1,"
        for r in (100, 101)
    ]
    path.write_text("\n".join([head, *lines]))
    consents.add(path=path, by=OPERATOR)
    assert {text for _, text in shown(page(client_of(CODER), address()))} == {words(100), words(101)}
    mine = next(each.id for each in decisions() if each.record == 100)
    consents.withdraw(id=mine, by=OPERATOR)
    assert [text for _, text in shown(page(client_of(CODER), address()))] == [words(101)]


def figures(*, of: str) -> dict[tuple[str, ...], Any]:
    """The protected figures of one table, by the values that tell them apart."""
    access = enter(actor=making.reader(CODER), purpose="counting")
    joint, _ = experiences_draft(access).protected()
    return {
        (each.at["question"], *(each.at[name] for name in ("comments", "theme", "speaks of it") if name in each.at)): each.shown
        for table in joint.tables if table.title == of for each in table.cells
    }  # fmt: skip


def test_students_are_counted_by_theme_as_a_recount_says(coder: Client) -> None:
    noise, food = theme("Noise"), theme("Food")
    code(lambda record: [noise] * (record % 2 == 0) + [food] * (record % 15 == 0), WROTE[:28])
    expected = Counter(
        name for row in CommentCoding.objects.all() for name in row.themes.values_list("name", flat=True)
    )
    assert expected == {"Noise": 14, "Food": 2}
    assert figures(of=READ_TABLE) == {
        (QUESTION, "written"): 40,
        (QUESTION, "read"): 28,
        (QUESTION, "not read"): 12,
    }
    found = figures(of=THEME_TABLE)
    assert (found[QUESTION, "Noise", "yes"], found[QUESTION, "Noise", "no"]) == (14, 14)
    assert not isinstance(found[QUESTION, "Food", "yes"], int)


def test_the_page_has_the_themes_and_no_word(coder: Client) -> None:
    noise, food = theme("Noise"), theme("Food")
    code(lambda record: [noise] * (record % 2 == 0) + [food] * (record % 15 == 0), WROTE[:28])
    access = enter(actor=making.reader(CODER), purpose="counting")
    joint, body = experiences_draft(access).protected()
    told = experience_page(body.about, joint.tables, ())
    section = next(each for each in told.sections if each.id == "comments-1")
    assert (
        section.words[0]
        == "Of 40 students who wrote a comment, a person read those of 28. A student may speak of several themes."
    )
    assert next((row.name, row.cells) for row in section.rows) == ("Noise", (14,))
    assert "SENTINEL" not in str(told) + str(joint.tables)


def test_without_codings_the_report_says_so(coder: Client) -> None:
    access = enter(actor=making.reader(CODER), purpose="counting")
    _, body = experiences_draft(access).protected()
    assert any(why == NONE_READ for _, why in body.absent)


def test_who_is_no_longer_shown_is_no_longer_counted(coder: Client) -> None:
    """A coding whose comment the purpose does not show is not counted, whatever is stored."""
    code(lambda record: [], [*WROTE[:28], 4_711])
    assert len(codings()) == 29
    assert figures(of=READ_TABLE)[QUESTION, "read"] == 28


@pytest.mark.parametrize(("name", "why"), [("", "at most 60"), ("x" * 61, "at most 60"), ("@ms.rivera", "without digits"), ("noise", "of that name")])  # fmt: skip
def test_a_theme_has_a_name_that_may_be_published(coder: Client, name: str, why: str) -> None:
    theme("Noise")
    with pytest.raises(Refused, match=why):
        theme(name)


def test_a_theme_is_renamed_and_goes_only_while_no_comment_has_it(coder: Client) -> None:
    noise, food = theme("Noise"), theme("Food")
    code(lambda record: [noise], [100])
    at = "/experiences/comments/themes/"
    coder.post(at, {"rename": "yes", "theme": noise.pk, "name": "Loud halls"})
    stays = coder.post(at, {"delete": "yes", "theme": noise.pk}, follow=True).content.decode()
    coder.post(at, {"delete": "yes", "theme": food.pk})
    assert "Comments have this theme, so it stays" in stays
    assert [each.name for each in CommentTheme.objects.all()] == ["Loud halls"]


def test_a_data_steward_whom_no_purpose_names_reads_nothing(coder: Client) -> None:
    partners.add_user(email="steward@hub.example", partner="hub", role="data_steward", by=OPERATOR)
    assert "No agreement in effect lets you read comments." in page(
        client_of("steward@hub.example"), "/experiences/comments/"
    )

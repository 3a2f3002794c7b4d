"""The desk on the site: a question is asked through the gate, its answer recorded; questions are saved; attacks through the page."""

import html
import re
from datetime import date
from functools import partial
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.extracts import making as made
from tests.gate.attacks import ATTACKS
from throughway.agreements import actions as agreements
from throughway.core.refusals import Refused
from throughway.gate.actions import enter
from throughway.gate.comparison_warning import WARNING
from throughway.insight.desk import views
from throughway.insight.desk.actions import change_question, save_question
from throughway.insight.desk.plain_words import known_words
from throughway.insight.desk.saved_text import check_can_save
from throughway.insight.desk.schema import schema
from throughway.insight.models import SavedQuestion
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.partners import actions as partners
from throughway.partners.models import User
from throughway.partners.selectors import actor
from throughway.vocabulary import TABLES
from throughway.vocabulary.school_calendar import school_year_of, year_start

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
COLLEAGUE, ELSEWHERE = "second@hub.example", "evaluator@harbor.example"
BY_DAY = "SELECT attendance_event_date AS day, count(*) AS marks\nFROM attendance_day GROUP BY 1 ORDER BY 1"


def client(email: str = made.EVALUATOR, *, csrf: bool = False) -> Client:
    found = Client(enforce_csrf_checks=csrf)
    found.force_login(User.objects.get(email=email))
    return found


@pytest.fixture
def desk() -> Client:
    made.town("study-a")
    partners.add_user(email=COLLEAGUE, partner="hub", role="evaluator", by=OPERATOR)
    return client()


def asked(desk: Client, sql: str, purpose: str = "study-a", **more: str) -> tuple[int, str]:
    response = desk.post("/desk/", {"purpose": purpose, "sql": sql, "ask": "yes", **more})
    return response.status_code, response.content.decode()


def cells(page: str) -> list[list[str]]:
    """The rows of the answer's table, as text."""
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    return [
        [html.unescape(c) for c in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        for row in body.split("</tr>")[:-1]
    ]


def refusal(page: str) -> str:
    found = re.search(r'id="refused">(.*?)</p>', page, re.DOTALL)
    return html.unescape(found[1]) if found else ""


def saved(email: str = made.EVALUATOR, **changes: object) -> SavedQuestion:
    given = {"title": "Marks by day", "sql": BY_DAY, "purpose": "study-a", "shared": False, **changes}
    return save_question(**given, by=actor(email))  # type: ignore[arg-type]


def test_an_answer_is_the_gates_and_is_recorded(desk: Client) -> None:
    status, page = asked(desk, BY_DAY.replace("\n", "\r\n"))  # as a browser sends it
    there = enter(actor=actor(made.EVALUATOR), purpose="study-a").query(BY_DAY)
    assert (status, cells(page)) == (200, [[str(day), str(marks)] for day, marks in there.rows])
    assert sum(int(marks) for _, marks in cells(page)) == made.STUDENTS
    first, second = LedgerEntry.objects.filter(outcome="released").order_by("at")
    assert str(first.pk) in page
    assert (first.rows, first.question, first.elements) == (second.rows, second.question, second.elements)
    assert desk.get("/desk/")["Cache-Control"] == "no-store"


def test_the_schema_is_what_describe_says(desk: Client) -> None:
    access = enter(actor=actor(made.EVALUATOR), purpose="study-a")
    shown = schema(access.grants)
    assert {t.name: [c.name for c in t.columns] for t in shown} == {
        str(row[0]): [str(line[0]) for line in access.query(f"DESCRIBE {row[0]}").rows] for row in access.query("SHOW TABLES").rows
    }  # fmt: skip
    for table in shown:
        assert {*table.hidden, *(c.name for c in table.columns)} >= set(TABLES[table.name].elements)
    page = desk.get("/desk/?purpose=study-a").content.decode()
    assert page.count("data-column") == sum(len(t.columns) for t in shown)
    assert "data-name=\"'Female'\"" in page or "&#x27;Female&#x27;" in page
    found = desk.post(
        "/desk/", {"purpose": "study-a", "sql": "SELECT 1 + ", "find": "yes", "words": "unexcused"}
    ).content.decode()
    assert re.findall(r"<div data-column>\s*<dt><code data-name=\"(\w+)\"", found) == ["attendance_status"]
    assert "SELECT 1 + " in found


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT sex,\r\n  count(* FROM person", "cannot be parsed in line 2, at character 11"),
        ("SELECT 'abc FROM person", "a quote or a comment is not closed"),
        (
            "SELECT sexx FROM person",
            "a column that does not exist in line 1, at character 8; did you mean sex",
        ),
        (
            "SELECT sex\r\n FROM persn",
            "In line 2, at character 7, the SQL names a table that is not in the vocabulary; did you mean person",
        ),
        (
            "SELECT first_name FROM person",
            "identifies a person, so a pseudonymous purpose shows it only as a code",
        ),
        ("SELECT * FROM course_grade", "No agreement grants course_grade for this purpose"),
        ("", "Write exactly one query"),
        ("x" * 30_000, "too long or too deeply nested"),
    ],
)
def test_an_error_is_one_sentence_with_its_place(desk: Client, sql: str, said: str) -> None:
    status, page = asked(desk, sql)
    assert (status, said in refusal(page)) == (409, True), refusal(page)
    assert refusal(page).count(". ") == 0
    assert "<tbody>" not in page
    assert LedgerEntry.objects.get().outcome == "refused"


def test_a_bare_comparison_is_warned_of(desk: Client) -> None:
    compares = "SELECT person_id IN (SELECT person_id FROM service_received) AS served, count(*) FROM attendance_day GROUP BY 1"
    assert html.escape(WARNING) in asked(desk, compares)[1]
    assert html.escape(WARNING) not in asked(desk, BY_DAY)[1]


def test_under_an_aggregate_purpose_no_row_comes(desk: Client) -> None:
    """The text goes to the preview of figures, whose own rules hold; nothing is asked of the gate for rows."""
    sent = {"purpose": "counting", "sql": "SELECT attendance_event_date FROM attendance_day", "ask": "yes"}
    response = desk.post("/desk/", sent)
    assert (response.status_code, response["Location"]) == (307, "/figures/")
    answer = desk.post("/desk/", sent, follow=True)
    assert answer.status_code == 409
    assert "This cannot be published" in answer.content.decode()
    good = {**sent, "sql": "SELECT count(DISTINCT person_id) AS n FROM attendance_day"}
    preview = desk.post("/desk/", good, follow=True).content.decode()
    assert "Nothing has been published yet" in preview
    assert not re.search(rf"<td[^>]*>\s*{made.STUDENTS}\s*</td>", preview)


def test_long_answers_are_cut_and_huge_ones_refused(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "SHOWN", 7)
    monkeypatch.setattr(views, "MOST", made.STUDENTS)
    page = asked(desk, "SELECT person_id FROM attendance_day")[1]
    assert (len(cells(page)), "The answer has 40 rows" in page, "The first 7 are shown" in page) == (
        7,
        True,
        True,
    )
    many = "SELECT a.person_id FROM attendance_day a, attendance_day b, attendance_day c"
    for sql in (many, f"{many} LIMIT 999999999"):
        status, page = asked(desk, sql)
        assert (status, "more than 40 rows" in refusal(page)) == (409, True)
    assert asked(desk, f"{many} LIMIT 3")[0] == 200


# What a text can try that a page might answer otherwise than the gate. The other shapes are about what the engine does with hidden rows.
SHAPES = (
    "tables that are not granted", "statements that are no query", "files and other sources", "catalogs and metadata",
    "settings, chance and places", "names in other scripts and quotes", "relations of the gate's own", "other forms of FROM",
    "lateral joins and recursion", "names that shadow", "functions that save many values", "what is not SQL",
)  # fmt: skip


def test_attacks_say_the_same_through_the_page_and_tell_nothing(desk: Client) -> None:
    """Each of the gate's attacks is refused, or answered, as `query` does it; no page repeats a record's name."""
    names = {f"First{n}" for n in range(made.FIRST, made.FIRST + made.STUDENTS)}
    access = enter(actor=actor(made.EVALUATOR), purpose="study-a")
    wrong, tried = [], {name: sql for name, sql in ATTACKS.items() if name.startswith(SHAPES)}
    for name, sql in tried.items():
        status, page = asked(desk, sql)
        try:
            access.query(sql, most=views.MOST)
            same = status == 200
        except Refused as refused:
            same = (status, refusal(page)) == (409, refused.message)
        if not same or any(each in page for each in names) or "Traceback" in page:
            wrong.append((name, status, refusal(page)))
    assert wrong == []
    assert len(tried) >= 228


ODD = [
    "SELECT * FROM read_csv('/etc/passwd')", "ATTACH '/tmp/x.db'", "COPY person TO '/tmp/x'", "INSTALL httpfs", "PRAGMA version",
    "SELECT 1; SELECT 2", "SELECT * FROM main.person", "SELECT * FROM casework_contactnote", "SELECT * FROM insight_savedquestion",
    "SELECT \u202esex FROM person", "SELECT sex FROM\u00a0person", "SELECT ｓｅｘ FROM person", "\ufeffSELECT sex FROM person",
    "SELECT sex FROM person -- \u2028; DROP TABLE person", "<script>alert(1)</script>", "SELECT '\x00'",
]  # fmt: skip


@pytest.mark.parametrize("sql", ODD)
def test_odd_texts_are_answered_without_an_error_page(desk: Client, sql: str) -> None:
    status, page = asked(desk, sql)
    assert status in (200, 409, 422)
    assert "<script>alert" not in page
    assert "passwd" not in refusal(page)


def test_names_outside_the_vocabulary_and_outside_the_grant_reveal_nothing(desk: Client) -> None:
    """What the site's own database holds, and what no table is called, are refused in the same words."""
    said = {
        refusal(asked(desk, f"SELECT * FROM {name}")[1])
        for name in ("partners_user", "xyzzy_plugh", "insight_savedquestion")
    }
    assert len(said) == 1


def test_only_purposes_that_name_the_reader_are_asked(desk: Client) -> None:
    for purpose in ("matching", "nowhere", "", "own_records", "study-b"):
        status, page = asked(desk, BY_DAY, purpose)
        assert (status, "Choose a purpose from the list." in page) == (422, True)
    assert not LedgerEntry.objects.exists()
    for email in ("officer@hub.example", "worker@harbor.example"):
        assert client(email).get("/desk/").status_code == 404
        assert client(email).post("/desk/", {"purpose": "study-a", "sql": BY_DAY}).status_code == 404


def test_a_form_from_elsewhere_is_refused(desk: Client) -> None:
    row = saved()
    stranger = client(csrf=True)
    for address, press in (
        ("/desk/", "ask"),
        ("/desk/", "save"),
        (f"/desk/{row.pk}/", "delete"),
        (f"/desk/{row.pk}/", "change"),
    ):
        sent = {"purpose": "study-a", "sql": BY_DAY, "title": "x", press: "yes"}
        assert stranger.post(address, sent).status_code == 403
    assert SavedQuestion.objects.get().title == "Marks by day"
    assert not LedgerEntry.objects.exists()


def test_a_question_is_saved_changed_and_deleted(desk: Client) -> None:
    sent = {"purpose": "study-a", "sql": BY_DAY, "title": "Marks", "save": "yes"}
    assert "Give the question a title." in desk.post("/desk/", {**sent, "title": " "}).content.decode()
    answer = desk.post("/desk/", sent)
    row = SavedQuestion.objects.get()
    assert (answer["Location"], row.sql, row.by, row.shared) == (
        f"/desk/{row.pk}/",
        BY_DAY,
        made.EVALUATOR,
        False,
    )
    page = desk.get(f"/desk/{row.pk}/").content.decode()
    assert html.escape(BY_DAY) in page
    desk.post(f"/desk/{row.pk}/", {**sent, "title": "Marks by day", "shared": "on", "change": "yes"})
    assert [(r.title, r.shared) for r in SavedQuestion.objects.all()] == [("Marks by day", True)]
    assert "Marks by day" in asked(desk, BY_DAY, number=str(row.pk))[1]
    desk.post(f"/desk/{row.pk}/", {"delete": "yes"})
    assert not SavedQuestion.objects.exists()


def test_what_others_save_is_seen_only_where_it_is_shared_in_the_same_partner(desk: Client) -> None:
    own, shared = saved(), saved(title="For all of us", shared=True)
    colleague, elsewhere = client(COLLEAGUE), client(ELSEWHERE)
    assert colleague.get(f"/desk/{shared.pk}/").status_code == 200
    page = colleague.get("/desk/").content.decode()
    assert ("For all of us" in page, "Marks by day" in page, 'name="delete"' in page) == (True, False, False)
    change = {"purpose": "study-a", "sql": "SELECT 1", "title": "mine", "change": "yes"}
    unknown = colleague.get("/desk/987654/")
    for who, number in ((colleague, own.pk), (elsewhere, own.pk), (elsewhere, shared.pk)):
        assert who.get(f"/desk/{number}/").status_code == 404
        assert who.post(f"/desk/{number}/", {"delete": "yes"}).status_code == 404
        assert who.post(f"/desk/{number}/", change).status_code == 404
        # By number in the form that asks: the title of another's question does not come back.
        assert "Marks by day" not in asked(who, BY_DAY, number=str(own.pk))[1]
    assert unknown.status_code == 404
    assert colleague.post(f"/desk/{shared.pk}/", {"delete": "yes"}).status_code == 404
    assert colleague.post(f"/desk/{shared.pk}/", change).status_code == 422
    assert {r.title for r in SavedQuestion.objects.all()} == {"Marks by day", "For all of us"}


def test_a_saved_question_whose_agreement_ended_says_so(desk: Client) -> None:
    row = saved()
    agreements.terminate(id="study-a-study", by=actor("officer@hub.example"), reason="It is done.")
    page = desk.get(f"/desk/{row.pk}/").content.decode()
    assert "This question cannot be asked under its purpose today." in page
    assert "study-a" in page
    assert "Cannot be asked today" in page
    assert asked(desk, BY_DAY)[0] == 422
    assert not LedgerEntry.objects.filter(outcome="released").exists()


NAMES = [
    "SELECT count(*) FROM person WHERE first_name = 'Ada'",
    "SELECT sex FROM person WHERE person_id = 'ABCD'",
    "SELECT sex FROM person WHERE person_id IN ('ABCD', 'EFGH')",
    "SELECT CASE WHEN last_or_surname LIKE 'Lo%' THEN 1 END FROM person",
    "WITH p AS (SELECT person_id AS who, sex FROM person), q AS (SELECT who AS x, sex FROM p) SELECT sex FROM q WHERE x = 'ABCD'",
    "SELECT sex FROM person WHERE birthdate = DATE '2012-03-04'",
    "SELECT sex FROM person -- Ada Lopez",
    "/* Ada */ SELECT sex FROM person",
    "SELECT sex FROM person WHERE lower(first_name) || '' IN ('ada')",
    "SELECT sex FROM person WHERE contains(first_name, 'Ada')",
    "SELECT strpos(first_name, 'Ada') AS found FROM person",
    "SELECT NULLIF(first_name, 'Ada') FROM person",
    "SELECT NULLIF(person_id, 7) FROM person",
    "SELECT CASE first_name WHEN 'Ada' THEN 1 END FROM person",
    "SELECT sex FROM person WHERE first_name = (SELECT 'Ada')",
    "SELECT sex FROM person WHERE 'Ada' IN (SELECT first_name FROM person)",
    "SELECT sex FROM person JOIN (SELECT 'Ada' AS who) AS p ON p.who = first_name",
    "SELECT sex FROM person JOIN (SELECT 'Ada' AS first_name) AS p USING (first_name)",
    "SELECT first_name FROM person INTERSECT SELECT 'Ada'",
    "SELECT who FROM (SELECT first_name FROM person) AS p(who) WHERE who = 'Ada'",
    "WITH p(who) AS (SELECT first_name FROM person) SELECT who FROM p WHERE who = 'Ada'",
    "SELECT max(person_id) FROM person HAVING max(person_id) = 7",
    "SELECT count(first_name = 'Ada') FROM person",
    "SELECT sex FROM person WHERE sex = 'Female' OR NOT (first_name <> 'Ada')",
]  # fmt: skip
WORDS = [
    "SELECT sex AS ada_lopez FROM person",
    'SELECT sex AS "Ada Lopez" FROM person',
    "SELECT first_name AS lopez FROM person",
    "SELECT 'Lopez' AS last FROM person",
    "SELECT sex FROM person WHERE 'Lopez, Ada' = sex",
    "WITH lopez AS (SELECT sex FROM person) SELECT sex FROM lopez",
    "SELECT lopez.sex FROM person AS lopez",
    "SELECT sex FROM person WHERE sex IN ('Female', 'José')",
    "SELECT sex FROM person WHERE sex = 'lo\u200bpez'",
    "SELECT sex FROM person WHERE sex = 'ｌｏｐｅｚ'",
    "SELECT sex FROM person WHERE sex <> '10045231'",
    "SELECT 10045231 AS number FROM person",
    "SELECT sex FROM person WHERE sex <> '555-12-3456'",
    "SELECT sex FROM person ORDER BY sex = 'Lopez'",
    "SELECT count(*) FILTER (WHERE sex = 'Lopez') FROM person",
    "SELECT row_number() OVER lopez FROM person WINDOW lopez AS (ORDER BY sex)",
]  # fmt: skip
TITLES = [
    "Absences of Ada Lopez",
    "LOPEZ",
    "ada.lopez@oak.example",
    "Student 10045231",
    "Born 2012-03-04",
    "What of José?",
    "lo\u200bpez",
]
PLAIN_TITLES = [
    "Marks by day",
    "For all of us",
    "Grade 9 in 2025-26",
    "Absences at Harbor, by week",
    "Who came back?",
]
NAMES_NOBODY = [
    BY_DAY,
    "SELECT sex, count(DISTINCT person_id) FROM person WHERE year(birthdate) >= 2010 GROUP BY sex",
    "SELECT a.person_id FROM attendance_day a JOIN person p ON a.person_id = p.person_id WHERE sex = 'Female' LIMIT 20",
    "SELECT '--' AS dashes FROM person",
    "SELECT count(DISTINCT CASE WHEN sex = 'Female' THEN person_id END) FROM person",
    "SELECT person_id IN (SELECT person_id FROM service_received WHERE service_quantity > 3) AS served, count(*) FROM person GROUP BY 1",
    "SELECT sex FROM person GROUP BY sex HAVING count(DISTINCT person_id) >= 10",
    "SELECT 100 * count(DISTINCT person_id) / 7 FROM person",
    "SELECT first_name || ' ' || last_or_surname, substr(first_name, 1, 1) FROM person LIMIT 20",
    "SELECT a.person_id FROM attendance_day a JOIN person p ON a.person_id = p.person_id AND p.sex = 'Female'",
    "SELECT date_diff('year', birthdate, DATE '2026-01-01') AS age FROM person",
]


@pytest.mark.parametrize("sql", NAMES)
def test_what_tells_who_a_student_is_is_not_saved(sql: str) -> None:
    with pytest.raises(Refused, match="saved"):
        check_can_save(sql, today=date.today())


@pytest.mark.parametrize("sql", WORDS)
def test_a_word_that_is_not_plain_is_not_saved_and_not_repeated(sql: str) -> None:
    with pytest.raises(Refused, match="in line 1, at character") as refused:
        check_can_save(sql, today=date.today())
    assert not any(part in refused.value.message.casefold() for part in ("lopez", "ada", "jos", "100", "555"))


@pytest.mark.parametrize("title", TITLES)
def test_a_title_that_is_not_plain_is_refused_on_saving_and_on_changing(desk: Client, title: str) -> None:
    row = saved()
    sent = {"purpose": "study-a", "sql": BY_DAY, "title": title}
    for address, press in (("/desk/", "save"), (f"/desk/{row.pk}/", "change")):
        answer = desk.post(address, {**sent, press: "yes"})
        assert (answer.status_code, any(each in answer.content.decode() for each in ("The title may hold only words", "The title holds no full day"))) == (422, True)  # fmt: skip
    assert [each.title for each in SavedQuestion.objects.all()] == ["Marks by day"]


def test_what_may_be_saved_depends_on_no_record(desk: Client) -> None:
    """Saving is no way to ask who is here: of all that is stored, a refusal has read the register of partners alone."""
    for given in ({"title": "Of Zyxwvut"}, {"sql": "SELECT 'Zyxwvut' AS last FROM person"}):
        with CaptureQueriesContext(connection) as queries, pytest.raises(Refused):
            saved(**given)
        read = {table for each in queries for table in re.findall(r'FROM "(\w+)"', each["sql"])}
        assert read <= {"partners_partner", "partners_partnerstatusevent", "partners_user"}
    assert not SavedQuestion.objects.exists()


@pytest.mark.parametrize("title", PLAIN_TITLES)
def test_plain_titles_are_saved(desk: Client, title: str) -> None:
    assert saved(title=title).title == title


def test_names_of_partners_stand_in_the_text_too(desk: Client) -> None:
    sql = "SELECT sex AS harbor FROM person"
    assert saved(sql=sql).sql == sql


def test_no_common_name_is_a_plain_word() -> None:
    """A first name and a surname that many bear; those that are words of the calendar and of SQL cannot be told from them."""
    first = "Ada Aaliyah David Emma Fatima Grace Hope James Jordan José Juan Liam Luis Maria Mary Noah Olivia Rose Sophia Wei"
    last = "Brown Chen Garcia Green Hall Hill Johnson Jones King Lee Lopez Miller Nguyen Patel Rivera Smith Taylor Washington"
    assert {word.casefold() for word in f"{first} {last}".split()} & known_words() == set()


def test_what_was_saved_before_is_rewritten_in_plain_words(desk: Client) -> None:
    """The texts of an earlier version, as its migration leaves them; a second time changes nothing."""
    old = saved()
    sql = "SELECT sex AS ada_lopez, 'Lopez' AS last -- Ada\nFROM person WHERE sex <> '10045231' AND sex <> 'Female'"
    SavedQuestion.objects.filter(pk=old.pk).update(title="Absences of Ada Lopez at Harbor", sql=sql)
    migration = import_module("throughway.insight.migrations.0005_saved_questions_in_plain_words")
    for _ in range(2):
        migration.rewrite(apps, None)
        row = SavedQuestion.objects.get()
        assert row.title == "Absences of word word at Harbor"
        assert row.sql == (
            "SELECT sex AS word_word, 'word' AS last -- word\nFROM person WHERE sex <> '0' AND sex <> 'Female'"
        )


BORN = date.today().replace(year=date.today().year - 12, day=3)
BEGAN = year_start(school_year_of(date.today()) - 1)  # of the last school year


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT sex FROM person WHERE birthdate >= DATE '{}'", "SELECT '{}' AS last FROM person", "SELECT sex AS \"{}\" FROM person",
        "SELECT sex FROM person WHERE sex <> '{}'", "SELECT sex FROM attendance_day WHERE attendance_event_date >= '{}'",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "number",
    [f"{BORN}", f"{BORN:%m/%d/%Y}", f"{BORN.month}/{BORN.day}/{BORN:%y}", f"{BORN:%B} {BORN.day}, {BORN.year}", "555 123 4567", "(555) 123-4567"],
)  # fmt: skip
def test_no_birth_day_and_no_telephone_number_is_saved(desk: Client, sql: str, number: str) -> None:
    row = saved()
    for given in ({"sql": sql.format(number)}, {"title": f"Since {number}"}):
        for act in (
            saved,
            partial(
                change_question, number=row.pk, purpose="study-a", shared=False, by=actor(made.EVALUATOR)
            ),
        ):
            with pytest.raises(Refused) as refused:
                act(**{"title": "Marks by day", "sql": BY_DAY} | given)
            assert "write an age, a year or a school year instead" in refused.value.message
            assert number not in refused.value.message
    assert [(each.title, each.sql) for each in SavedQuestion.objects.all()] == [("Marks by day", BY_DAY)]


def test_days_of_this_and_the_last_school_year_are_saved(desk: Client) -> None:
    sql = f"SELECT attendance_status FROM attendance_day WHERE attendance_event_date >= DATE '{BEGAN}'"
    assert saved(sql=sql).sql == sql


def test_a_birth_day_that_was_saved_before_is_rewritten(desk: Client) -> None:
    """The texts of an earlier version, as its migration leaves them; a second time changes nothing."""
    old = saved()
    sql = f"SELECT sex AS t_555_123_4567 FROM person WHERE sex <> '{BORN}' AND '{BEGAN}' < '{BORN:%m/%d/%Y}'"
    SavedQuestion.objects.filter(pk=old.pk).update(title=f"Born {BORN.month}/{BORN.day}/{BORN:%y}", sql=sql)
    migration = import_module("throughway.insight.migrations.0006_saved_questions_without_birth_days")
    for _ in range(2):
        migration.rewrite(apps, None)
        row = SavedQuestion.objects.get()
        assert row.title == "Born 0"
        assert row.sql == f"SELECT sex AS t_0 FROM person WHERE sex <> '0' AND '{BEGAN}' < '0'"


@pytest.mark.parametrize("sql", NAMES_NOBODY)
def test_other_questions_are_saved(sql: str) -> None:
    check_can_save(sql, today=date.today())


def test_the_extract_is_the_licenses_own(desk: Client) -> None:
    page = asked(desk, BY_DAY)[1]
    assert "/extracts/study-a/?purpose=study-a" in page
    assert desk.get("/extracts/study-a/?purpose=study-a").status_code == 200
    assert "/extracts/" not in asked(desk, "SELECT count(*) FROM attendance_day", "planning")[1]


def test_the_page_opens_for_whom_no_agreement_names(desk: Client) -> None:
    agreements.terminate(id="sharing-2026", by=actor("officer@hub.example"), reason="It is done.")
    page = client(ELSEWHERE).get("/desk/").content.decode()
    assert "No agreement in effect names you for a purpose." in page
    assert date.today() <= date(2099, 6, 30)

"""A reader of two purposes tries to join them by what students wrote: by SQL, by extracts, through the API and on the comments page."""

import html
import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.test import Client

from tests.gate import making
from tests.gate.test_free_text import READ, READ_OR_REFUSED, REASON
from tests.gate.test_purpose_codes import EVALUATOR, Joins, amend
from tests.gate.test_purpose_codes import study as coded
from tests.kept import kept
from tests.site.people import client_of, program
from throughway.core.refusals import Refused
from throughway.extracts.actions import extract
from throughway.gate.actions import enter
from throughway.ledger.models import LedgerEntry
from throughway.partners.selectors import actor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
DAYS = "attendance_day"
TWO = ("counting-days", "hearing-them")
JOINED = {"hearing-them": ["counting-days"]}
WHY = f"{DAYS}.{REASON} is withheld under counting-days"


def study(listing: Sequence[str] = TWO, joins: Joins = {}, **changes: Any) -> dict[str, Any]:  # noqa: B006
    """Two purposes under codes; those of `listing` show why somebody was absent."""
    schedule = [
        *(making.line(f"{DAYS}.{name}", *TWO) for name in ("attendance_event_date", "attendance_status")),
        making.line("person.birthdate", *TWO, transform="year"),
        *([making.line(f"{DAYS}.{REASON}", *listing)] if listing else []),
    ]
    return coded(changes.pop("id", "study"), TWO, joins, schedule=schedule, **changes)


@pytest.fixture
@kept
def town() -> None:
    making.register()
    making.in_effect(making.sharing())
    making.people()
    # Each of the three wrote something of their own.
    making.land(DAYS, "north", [
        {"person_record": r, "record": 50 + r, "attendance_event_date": making.DAY + timedelta(1), "attendance_status": "Present", REASON: f"words {r}"}
        for r in (11, 12, 13)
    ])  # fmt: skip


def answered(purpose: str, sql: str) -> str:
    """All that comes back, a refusal too."""
    try:
        answer = enter(actor=making.reader(EVALUATOR), purpose=purpose).query(sql)
    except Refused as refused:
        return refused.message
    return repr(answer.rows)


def words_by_code(purpose: str) -> dict[str, str]:
    rows = enter(actor=making.reader(EVALUATOR), purpose=purpose).query(
        f"SELECT person_id, {REASON} FROM {DAYS} WHERE {REASON} LIKE 'words%'"
    )
    return {str(words): str(code) for code, words in rows.rows}


def test_nobody_joins_two_purposes_by_sql(town: None) -> None:
    making.in_effect(study())
    for purpose in TWO:
        wrong = [
            sql
            for sql in (*READ, *READ_OR_REFUSED)
            if "'secret'" not in sql and "secret" in answered(purpose, sql)
        ]
        assert wrong == []
        # Nor by a condition, an order or a count on the words.
        for asked in (
            f"SELECT person_id FROM {DAYS} WHERE {REASON} = 'words 11'",
            f"SELECT count({REASON}) FROM {DAYS}",
            f"SELECT person_id, length({REASON}) FROM {DAYS}",
            f"SELECT person_id FROM {DAYS} ORDER BY {REASON}",
            f"SELECT a.person_id FROM {DAYS} a JOIN {DAYS} b ON a.{REASON} = b.{REASON}",
            f"SELECT person_id FROM {DAYS} GROUP BY person_id, {REASON}",
        ):
            assert f"{DAYS}.{REASON} is withheld under {purpose}" in answered(purpose, asked), asked
        # The rest of the table is there.
        assert len(enter(actor=making.reader(EVALUATOR), purpose=purpose).query(f"SELECT * FROM {DAYS}").rows) == 6  # fmt: skip


@pytest.mark.parametrize(("listing", "joins"), [(TWO, JOINED), (TWO[:1], {})])
def test_what_the_agreement_grants_is_shown(town: None, listing: Sequence[str], joins: Joins) -> None:
    """The same attack works where the agreement joins the two; where one purpose alone lists the words, it reads them."""
    making.in_effect(study(listing, joins))
    found = [words_by_code(purpose) for purpose in listing]
    assert all(each.keys() == {"words 11", "words 12", "words 13"} for each in found)
    assert all(each == found[0] for each in found)


def test_the_refusal_says_why_and_what_to_do_and_is_recorded(town: None) -> None:
    making.in_effect(study())
    with pytest.raises(Refused) as refused:
        enter(actor=making.reader(EVALUATOR), purpose=TWO[0]).query(f"SELECT {REASON} FROM {DAYS}")
    assert refused.value.code == "not_granted"
    assert refused.value.message == (
        f"{WHY}: the same words under hearing-them of study would show which codes are one student, and the agreement does not join these "
        "purposes. Its parties can list the words under one purpose alone, join the purposes (joins), or name other recipients."
    )  # fmt: skip
    assert LedgerEntry.objects.order_by("-at").first().outcome == "refused"
    described = enter(actor=making.reader(EVALUATOR), purpose=TWO[0]).query(f"DESCRIBE {DAYS}")
    assert REASON not in [row[0] for row in described.rows]
    assert described.notes == [refused.value.message]


def test_words_of_a_partner_that_gives_them_under_one_purpose_stay(town: None) -> None:
    """The column is there, empty for the other partner's rows, and a note says why."""
    document = study(TWO)
    document["purposes"] = [
        *({**each, "from": ["north", "harbor"]} if each["id"] == TWO[0] else each for each in document["purposes"])
    ]  # fmt: skip
    making.land(DAYS, "harbor", [{"person_record": 22, "record": 90, "attendance_event_date": making.DAY, REASON: "words of harbor"}])  # fmt: skip
    making.in_effect(document)
    answer = enter(actor=making.reader(EVALUATOR), purpose=TWO[0]).query(f"SELECT {REASON} FROM {DAYS}")
    assert sorted(map(str, (row[0] for row in answer.rows))) == ["None"] * 6 + ["words of harbor"]
    assert [note for note in answer.notes if note.startswith(WHY)]


def test_a_past_day_shows_no_words_that_today_withholds(town: None) -> None:
    """Nor does today show what is joined only now, on a day on which it was not."""
    yesterday = date.today() - timedelta(days=1)
    making.in_effect(study(TWO[:1]))
    sql = f"SELECT {REASON} FROM {DAYS}"
    assert len(enter(actor=making.reader(EVALUATOR), purpose=TWO[0], on=yesterday).query(sql).rows) == 6
    amend(study())
    with pytest.raises(Refused, match=WHY):
        enter(actor=making.reader(EVALUATOR), purpose=TWO[0], on=yesterday).query(sql)
    amend(study(joins=JOINED))
    assert len(enter(actor=making.reader(EVALUATOR), purpose=TWO[0]).query(sql).rows) == 6


@pytest.mark.parametrize(("joins", "shown"), [({}, False), (JOINED, True)])
@pytest.mark.parametrize("apart", [False, True])
def test_nobody_joins_two_purposes_by_extracts(town: None, tmp_path: Path, joins: Joins, shown: bool, apart: bool) -> None:  # fmt: skip
    """Of one license, or of two under one agreement, one for each purpose."""
    making.in_effect(study(joins=joins))
    license = study(joins=joins, id="license", tier="dul", under=["study"])
    for id in TWO if apart else ["license"]:
        of_one = [each for each in license["purposes"] if each["id"] == id or each["id"] not in TWO]
        one = {"purposes": [{**each, "joins": []} for each in of_one]} if apart else {}
        schedule = (
            [{**each, "purposes": [id]} for each in license["schedule"]] if apart else license["schedule"]
        )
        making.in_effect({**license, "id": id, **one, "schedule": schedule})
    for purpose in TWO:
        taken = extract(agreement=purpose if apart else "license", purpose=purpose, out=tmp_path / purpose, by=making.reader(EVALUATOR))  # fmt: skip
        rows = pq.read_table(taken.folder / "data" / f"{DAYS}.parquet")
        assert (REASON in rows.column_names) is shown
        written = b"".join(path.read_bytes() for path in taken.folder.rglob("*.csv"))
        assert (b"words 11" in written) is shown
        assert any("is withheld under" in each for each in taken.warnings) is not shown


def test_nobody_joins_two_purposes_through_the_api(town: None) -> None:
    making.in_effect(study())
    client: Client = program(actor(EVALUATOR))
    for purpose in TWO:
        for sql in (f"SELECT person_id, {REASON} FROM {DAYS}", f"SELECT * FROM {DAYS}"):
            body = json.dumps({"purpose": purpose, "sql": sql})
            said = client.post("/api/query", body, content_type="application/json")
            assert said.status_code == (403 if REASON in sql else 200)
            assert "words 11" not in said.content.decode()


@pytest.mark.parametrize("listing", [TWO, TWO[1:]])
def test_the_comments_page_offers_only_comments_that_are_shown(town: None, listing: Sequence[str]) -> None:
    names = ("survey_identifier", "survey_question_code", "response_date", "respondent_type")
    schedule = [
        *(making.line(f"survey_response.{name}", *TWO) for name in names),
        making.line("survey_response.response_comment", *listing),
    ]
    making.in_effect({**study(), "schedule": schedule})
    page = html.unescape(client_of(EVALUATOR).get("/experiences/comments/").content.decode())
    withheld = "survey_response.response_comment is withheld under counting-days"
    assert (withheld in page) is (listing == TWO)
    assert ("No agreement in effect lets you read comments." in page) is (listing == TWO)

"""Needs of a student that people note: beside those from records, used by matching where the reader may read them, and closed."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.casework.test_contact_notes import COLLEAGUE, colleague
from tests.casework.test_supports import directory
from tests.casework.test_tasks import WRITES, kept, opened
from tests.casework.town import PERSON, TODAY, WORKER, page, signed_in
from tests.gate import making
from throughway.casework.models import StudentNeed
from throughway.casework.needs.actions import save_need, set_need_state
from throughway.casework.needs.need import (
    NEVER,
    NeedSource,
    NeedState,
    check_change,
    for_matching,
    kinds,
    needs_of,
)
from throughway.casework.typed_entries.actions import new_entry_id
from throughway.core.refusals import Refused
from throughway.gate.actions import enter
from throughway.partners import OPERATOR
from throughway.partners import actions as partners


def need(kind: str = "tutoring", text: str = "Pat asks for <i>help</i>", *, by: str = WORKER, id: str = "", based_on: int = 0,
         source: NeedSource = NeedSource.FAMILY, since: date = TODAY) -> str:  # fmt: skip
    id = id or new_entry_id()
    save_need(person=PERSON, purpose="casework", need=id, based_on=based_on, kind=kind, since=since, source=source, text=text,
              by=making.reader(by))  # fmt: skip
    return id


def form(**values: object) -> dict[str, object]:
    return {"entry": new_entry_id(), "based_on": "0", "kind": "tutoring", "source": "family", "since": str(TODAY), "text": "asked"} | values  # fmt: skip


def rows(by: str = WORKER) -> list[tuple[object, ...]]:
    asked = "SELECT program_subtype, need_state, need_text, version FROM need ORDER BY entry_id, version"
    return enter(actor=making.reader(by), purpose="casework").query(asked).rows


@pytest.mark.django_db(transaction=True)
@kept
def test_a_need_is_noted_matched_and_met(tmp_path: Path) -> None:
    opened(tmp_path)
    directory()
    client = signed_in()
    assert "Little Readers" in page(client, f"/students/{PERSON}/supports/")[1]
    assert client.post(f"/students/{PERSON}/needs/", form(kind="mentoring")).status_code == 302
    row = StudentNeed.objects.get()
    assert (row.partner, row.record, row.kind, row.state) == ("harbor", 21, "mentoring", "open")
    assert b"asked" not in bytes(row.text)
    text = page(client, f"/students/{PERSON}/")[1]
    assert "The family said so" in text
    # Chess Club is of that kind, and says so.
    text = page(client, f"/students/{PERSON}/supports/")[1]
    assert "Mentoring of students, noted since" in text
    close = {"entry": row.entry_id, "based_on": "1", "state": "met"}
    assert client.post(f"/students/{PERSON}/needs/{row.entry_id}/close/", close).status_code == 302
    assert [state for _, state, _, _ in rows()] == ["open", "met"]
    assert "noted since" not in page(client, f"/students/{PERSON}/supports/")[1]
    assert "1 closed need" in page(client, f"/students/{PERSON}/")[1]
    again = {"entry": row.entry_id, "based_on": "2", "state": "open"}
    assert client.post(f"/students/{PERSON}/needs/{row.entry_id}/close/", again).status_code == 302
    assert "noted since" in page(client, f"/students/{PERSON}/supports/")[1]


@pytest.mark.django_db(transaction=True)
@kept
def test_who_may_not_open_the_student_sees_no_need(tmp_path: Path) -> None:
    """A colleague without the student sees neither the need nor the matches."""
    opened(tmp_path)
    directory()
    need("mentoring")
    partners.add_user(email=COLLEAGUE, partner="harbor", role="case_worker", by=OPERATOR)
    assert rows(COLLEAGUE) == []
    assert signed_in(COLLEAGUE).get(f"/students/{PERSON}/supports/").status_code == 404
    with pytest.raises(Refused) as raised:
        need(by=COLLEAGUE)
    assert raised.value.code == "unknown_student"


@pytest.mark.django_db(transaction=True)
@kept
def test_two_who_save_the_same_need_keep_both_texts(tmp_path: Path) -> None:
    opened(tmp_path, [w for w in WRITES if w["table"] == "need"])
    colleague()
    id = need(text="first")
    need(text="second", by=COLLEAGUE, id=id, based_on=1)
    answer = signed_in().post(f"/students/{PERSON}/needs/{id}/", form(entry=id, based_on="1", text="third"))
    shown = answer.content.decode()
    assert answer.status_code == 422
    for words in ("Somebody saved this need while you were writing", "third", "second"):
        assert words in shown
    close = {"entry": id, "based_on": "1", "state": "wrong"}
    answer = signed_in().post(f"/students/{PERSON}/needs/{id}/close/", close)
    assert (answer.status_code, "second" in answer.content.decode()) == (422, True)
    assert [text for _, _, text, _ in rows()] == ["first", "second"]


@pytest.mark.django_db(transaction=True)
@kept
def test_food_is_noted_only_as_the_family_said_it(tmp_path: Path) -> None:
    opened(tmp_path)
    answer = signed_in().post(
        f"/students/{PERSON}/needs/", form(kind="food", source="school", text="kept text")
    )
    assert answer.status_code == 422
    assert "only if the family or the student said so" in answer.content.decode()
    assert "kept text" in answer.content.decode()
    assert signed_in().post(f"/students/{PERSON}/needs/", form(kind="mental_health")).status_code == 422
    assert not StudentNeed.objects.exists()
    need("food", source=NeedSource.STUDENT)
    set_need_state(person=PERSON, purpose="casework", need=StudentNeed.objects.get().entry_id, based_on=1,
                   state=NeedState.NO_LONGER, by=making.reader(WORKER))  # fmt: skip
    assert [state for _, state, _, _ in rows()] == ["open", "no_longer"]


SAYS: dict[str, object] = {"program_subtype": "tutoring", "need_since": TODAY, "need_source": "school", "need_state": "open", "need_text": ""}  # fmt: skip


def test_kinds_that_may_be_noted() -> None:
    """Every kind and source: mental health never, food and housing only of the family."""
    for kind in (*kinds(), *NEVER, "no_kind"):
        for source in NeedSource:
            says = SAYS | {"program_subtype": kind, "need_source": str(source)}
            refused = kind in ("mental_health", "other", "no_kind") or (
                kind in ("food", "housing") and source not in ("family", "student")
            )
            if refused:
                with pytest.raises(Refused):
                    check_change(None, says, TODAY)
            else:
                check_change(None, says, TODAY)


@pytest.mark.parametrize("before", [None, *NeedState])
@pytest.mark.parametrize("after", list(NeedState))
def test_which_state_follows_which(before: NeedState | None, after: NeedState) -> None:
    opens = after == "open"
    allowed = opens or before == "open"
    old, new = SAYS | {"need_state": str(before)} if before else None, SAYS | {"need_state": str(after)}
    if allowed:
        check_change(old, new, TODAY)
    else:
        with pytest.raises(Refused):
            check_change(old, new, TODAY)


@pytest.mark.parametrize(
    "wrong", [{"need_text": "x" * 1_001}, {"need_since": TODAY + timedelta(days=1)}, {"need_since": None}]
)
def test_what_a_need_may_not_say(wrong: dict[str, object]) -> None:
    with pytest.raises(Refused):
        check_change(None, SAYS | wrong, TODAY)


def test_only_open_needs_whose_kind_is_shown_are_matched_once() -> None:
    def row(id: str, **more: object) -> dict[str, object]:
        return {**SAYS, "entry_id": id, "version": 1, "author_partner": "harbor", **more}

    given = [
        row("a"), row("b"), row("c", program_subtype="stem", need_state="met"), row("d", program_subtype=None),
        row("e", program_subtype="arts"), row("e", program_subtype="arts", version=2, need_state="wrong"),
    ]  # fmt: skip
    found = for_matching(needs_of(given, names={}, reader="harbor"))
    assert [each.answered_by for each in found] == [("tutoring",)]

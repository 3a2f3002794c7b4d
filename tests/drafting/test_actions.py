"""What is done to a draft: who may, two at once, what its history keeps, and what becomes of it when it is finished."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import DatabaseError, connection

from tests.agreements.documents import CASEWORK, MOU, STUDY, text_of
from tests.drafting.drafts import ANSWERS, OTHER, SECOND, WRITER, actor, begun, line, settle, signed_parties
from tests.kept import kept
from throughway.agreements import actions as agreements
from throughway.agreements.document import read_document, version_of
from throughway.agreements.document_yaml import as_yaml
from throughway.agreements.legal_review.findings import Severity
from throughway.agreements.selectors import lifecycle_of, one, pending_amendment
from throughway.core.refusals import Refused
from throughway.negotiation.drafting import actions, selectors
from throughway.negotiation.drafting.draft import (
    AgreementDraft,
    DraftAct,
    DraftSection,
    DraftState,
    EditConflict,
    fields_of,
)
from throughway.negotiation.drafting.models import DraftEvent
from throughway.partners import OPERATOR, Actor, Role
from throughway.store import Community

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
@kept
def house(community: Community) -> None:
    settle()


def retitled(
    draft: AgreementDraft, title: str, by: Actor = WRITER, revision: int | None = None
) -> AgreementDraft:
    fields = {**fields_of(draft.values, DraftSection.NAME), "title": title}
    return actions.change(
        number=draft.number,
        revision=revision or draft.revision,
        section=DraftSection.NAME,
        fields=fields,
        by=by,
    )


# ---- who may ----

WHO = [  # partner, role, may write, may read, may read once it is shared
    ("riverbend-schools", Role.LEADER, True, True, True),
    ("riverbend-schools", Role.PRIVACY_OFFICER, True, True, True),
    ("riverbend-schools", Role.DATA_STEWARD, True, True, True),
    ("riverbend-schools", Role.CASE_WORKER, False, False, False),
    ("riverbend-schools", Role.EVALUATOR, False, False, False),
    ("bright-futures", Role.LEADER, False, False, True),
    ("bright-futures", Role.CASE_WORKER, False, False, False),
    ("riverbend-backbone", Role.DATA_STEWARD, False, False, True),
    ("river-college", Role.LEADER, False, False, False),  # no party
]


def may(act: Callable[[], object]) -> bool:
    try:
        act()
    except Refused as refused:
        if refused.code not in ("not_allowed", "unknown_draft"):
            raise
        return False
    return True


@pytest.mark.parametrize(("partner", "role", "writes", "reads", "reads_shared"), WHO)
def test_who_may_write_and_read(
    partner: str, role: Role, writes: bool, reads: bool, reads_shared: bool
) -> None:
    draft, who = begun(), actor(partner, role)

    assert may(lambda: selectors.one(draft.number, who)) is reads
    assert (draft.number in [d.number for d in selectors.drafts(who)]) is reads
    assert may(lambda: actions.add_lines(number=draft.number, lines=[], by=who)) is writes
    assert may(lambda: retitled(draft, f"By {role}", by=who)) is writes
    actions.share(number=draft.number, by=WRITER)
    assert may(lambda: selectors.one(draft.number, who)) is reads_shared
    assert may(lambda: actions.discard(number=draft.number, by=who)) is writes


def test_the_operator_writes_no_draft() -> None:
    with pytest.raises(Refused, match="Only a leader, privacy officer or data steward"):
        begun(by=OPERATOR)


def test_unshared_draft_is_read_by_its_own_partner_only() -> None:
    draft = actions.share(number=begun().number, by=WRITER)
    assert selectors.one(draft.number, OTHER)
    actions.unshare(number=draft.number, by=WRITER)
    with pytest.raises(Refused):
        selectors.one(draft.number, OTHER)


# ---- two at once ----


def test_edits_of_different_sections_are_both_kept() -> None:
    draft = begun()
    retitled(draft, "One writes the title")
    terms = {**draft.values["terms"], "minimum_cell": 20}
    after = actions.change(
        number=draft.number,
        revision=draft.revision,
        section=DraftSection.TERMS,
        fields={"terms": terms},
        by=SECOND,
    )
    assert (after.values["title"], after.values["terms"]["minimum_cell"]) == ("One writes the title", 20)


def test_edit_conflict_in_a_section_writes_nothing() -> None:
    draft = begun()
    first = retitled(draft, "The first")
    with pytest.raises(EditConflict) as clash:
        retitled(draft, "The second", by=SECOND, revision=draft.revision)
    assert clash.value.revision == first.revision
    assert [(d.by, d.after["title"]) for d in clash.value.since] == [(WRITER.email, "The first")]
    assert selectors.one(draft.number, WRITER).values["title"] == "The first"
    # Having seen it, the second may say its own words after all; the first's stay in the history.
    assert retitled(first, "The second", by=SECOND).values["title"] == "The second"
    assert "The first" in [d.after.get("title") for d in selectors.history(draft.number)]


def test_pasted_text_conflicts_with_any_edit() -> None:
    draft = begun()
    retitled(draft, "Another title")
    with pytest.raises(EditConflict):
        actions.change(
            number=draft.number,
            revision=draft.revision,
            section=DraftSection.TEXT,
            fields=draft.values,
            by=SECOND,
        )
    newest = selectors.one(draft.number, WRITER)
    actions.change(
        number=draft.number,
        revision=newest.revision,
        section=DraftSection.TEXT,
        fields=draft.values,
        by=SECOND,
    )
    with pytest.raises(EditConflict):  # and any section with a whole text
        retitled(newest, "Too late")


def test_two_writers_can_add_lines() -> None:
    draft = begun()
    for who, element in ((WRITER, "person.sex"), (SECOND, "person.middle_name")):
        actions.add_lines(
            number=draft.number, lines=[line(element, purposes=["casework"], necessity="Why")], by=who
        )
    listed = [each["element"] for each in selectors.one(draft.number, WRITER).values["schedule"]]
    assert {"person.sex", "person.middle_name"} <= set(listed)


def test_changed_line_is_not_overwritten_unseen() -> None:
    draft = begun()
    old = draft.values["schedule"][0]
    actions.replace_line(number=draft.number, old=old, new={**old, "necessity": "One"}, by=WRITER)
    with pytest.raises(Refused, match="Someone changed that line"):
        actions.replace_line(number=draft.number, old=old, new={**old, "necessity": "Two"}, by=SECOND)
    actions.remove_lines(number=draft.number, lines=[old], by=SECOND)  # what is gone is gone
    assert selectors.one(draft.number, WRITER).values["schedule"][0]["necessity"] == "One"


def test_saving_the_same_values_changes_nothing() -> None:
    draft = begun()
    after = actions.change(
        number=draft.number,
        revision=draft.revision,
        section=DraftSection.TERMS,
        fields={"terms": draft.values["terms"]},
        by=WRITER,
    )
    assert after.revision == draft.revision


# ---- history ----


def test_history_records_each_change_and_its_writer() -> None:
    draft = begun()
    retitled(draft, "Another title", by=SECOND)
    actions.share(number=draft.number, by=WRITER)
    actions.discard(number=draft.number, by=SECOND)
    done = selectors.history(draft.number)
    assert [(d.revision, d.act, d.by) for d in done] == [
        (4, DraftAct.DISCARDED, SECOND.email),
        (3, DraftAct.SHARED, WRITER.email),
        (2, DraftAct.CHANGED, SECOND.email),
        (1, DraftAct.BEGUN, WRITER.email),
    ]
    assert (done[2].before["title"], done[2].after["title"]) == (draft.title, "Another title")


@pytest.mark.parametrize(
    "statement", ["UPDATE drafting_draftevent SET what = 'x'", "DELETE FROM drafting_draftevent"]
)
def test_history_is_append_only_in_the_database(statement: str) -> None:
    begun()
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_discarded_draft_cannot_be_changed() -> None:
    draft = actions.discard(number=begun().number, by=WRITER)
    assert draft.state is DraftState.DISCARDED
    for act in (
        lambda: retitled(draft, "Too late"),
        lambda: actions.share(number=draft.number, by=WRITER),
        lambda: actions.finish(number=draft.number, by=WRITER),
    ):
        with pytest.raises(Refused, match="cannot be changed anymore"):
            act()
    assert DraftEvent.objects.filter(draft_id=draft.number).count() == 2


# ---- finishing ----


def whole() -> AgreementDraft:
    draft = begun()
    fields = {"parties": signed_parties(draft)}
    return actions.change(
        number=draft.number, revision=draft.revision, section=DraftSection.PARTIES, fields=fields, by=WRITER
    )


def test_complete_draft_becomes_an_agreement() -> None:
    draft = whole()
    assert [f for f in selectors.reviewed(draft.values) if f.severity is not Severity.ADVICE] == []
    standing = actions.finish(number=draft.number, by=WRITER)
    document, _ = read_document(as_yaml(draft.values))
    assert document is not None
    assert standing.version == one("oak-casework").version == version_of(document)
    assert selectors.one(draft.number, WRITER).state is DraftState.FINISHED


def test_incomplete_draft_is_not_finished() -> None:
    draft = begun()
    with pytest.raises(Refused, match="cannot be added"):
        actions.finish(number=draft.number, by=WRITER)
    assert selectors.one(draft.number, WRITER).is_open


def test_draft_does_not_change_an_agreement_of_the_same_id() -> None:
    first, second = whole(), begun()
    actions.change(
        number=second.number,
        revision=second.revision,
        section=DraftSection.PARTIES,
        fields={"parties": signed_parties(second)},
        by=WRITER,
    )
    actions.finish(number=first.number, by=WRITER)
    with pytest.raises(Refused, match="already"):
        actions.finish(number=second.number, by=WRITER)
    with pytest.raises(Refused, match="already"):
        begun()


def in_effect() -> str:
    agreements.add(text=text_of(STUDY), by=OPERATOR)
    for partner in ("riverbend-schools", "reading-lab"):
        agreements.sign(id="reading-study", by=actor(partner, Role.LEADER))
    agreements.activate(id="reading-study", by=WRITER)
    return "reading-study"


def test_agreement_in_effect_opens_as_an_amendment_draft() -> None:
    id = in_effect()
    before = one(id)
    draft = actions.open_agreement(id=id, by=WRITER)
    assert version_of(read_document(as_yaml(draft.values))[0]) == before.version  # type: ignore[arg-type]
    terms = {**draft.values["terms"], "minimum_cell": 12}
    actions.change(
        number=draft.number,
        revision=draft.revision,
        section=DraftSection.TERMS,
        fields={"terms": terms},
        by=WRITER,
    )
    actions.finish(number=draft.number, by=WRITER)
    later = pending_amendment(id)
    assert (one(id).version, one(id).in_effect) == (before.version, True)
    assert later is not None
    assert later.document.terms.minimum_cell == 12


def test_amendment_keeps_its_id_and_base_version() -> None:
    id = in_effect()
    one_draft, other = actions.open_agreement(id=id, by=WRITER), actions.open_agreement(id=id, by=WRITER)
    renamed = actions.change(
        number=other.number,
        revision=other.revision,
        section=DraftSection.NAME,
        fields={**fields_of(other.values, DraftSection.NAME), "id": "another"},
        by=WRITER,
    )
    with pytest.raises(Refused, match="keeps the id"):
        actions.finish(number=renamed.number, by=WRITER)
    retitled(one_draft, "Amended")
    actions.finish(number=one_draft.number, by=WRITER)
    with pytest.raises(Refused, match="changed since this draft was opened"):
        actions.finish(number=other.number, by=WRITER)
    assert lifecycle_of(id).prepared.document.title == "Amended"


def test_draft_changes_a_text_that_is_still_open() -> None:
    agreements.add(text=text_of(MOU), by=OPERATOR)
    agreements.add(text=text_of(CASEWORK), by=OPERATOR)
    draft = actions.open_agreement(id="riverbend-casework-2026", by=WRITER)
    retitled(draft, "Another title")
    actions.finish(number=draft.number, by=WRITER)
    assert one("riverbend-casework-2026").document.title == "Another title"


def test_others_agreements_cannot_be_opened() -> None:
    in_effect()
    for id, who in (("reading-study", OTHER), ("nowhere", WRITER)):
        with pytest.raises(Refused) as refused:
            actions.open_agreement(id=id, by=who)
        assert refused.value.code == "unknown_agreement"


# ---- reading ----


def test_review_does_not_reveal_hidden_agreements() -> None:
    draft = begun()
    actions.change(
        number=draft.number,
        revision=draft.revision,
        section=DraftSection.NAME,
        fields={**fields_of(draft.values, DraftSection.NAME), "under": ["riverbend-mou-2025"]},
        by=WRITER,
    )
    agreements.add(text=text_of(MOU), by=OPERATOR)
    values = selectors.one(draft.number, WRITER).values
    blind = selectors.reviewed(values, sees=lambda document: False)
    assert any(f.id == "G14" and f.blocks for f in blind)
    assert not any(f.id == "G14" and f.blocks for f in selectors.reviewed(values))


def test_open_draft_is_an_open_step_of_its_partner() -> None:
    draft = begun()
    (step,) = selectors.open_steps(date(2026, 9, 1))
    assert (step.kind, step.waits_for, step.href_args) == ("draft", "riverbend-schools", (str(draft.number),))
    actions.discard(number=draft.number, by=WRITER)
    assert selectors.open_steps(date(2026, 9, 1)) == []


def test_license_starts_from_its_wider_agreement() -> None:
    agreements.add(text=text_of(STUDY), by=OPERATOR)
    draft = begun(
        chosen="dul",
        parties={"giver": ["riverbend-schools"], "reader": ["reading-lab"]},
        under=one("reading-study").document,
        answers=ANSWERS,
    )
    assert [p["id"] for p in draft.values["purposes"]] == ["study-reading"]

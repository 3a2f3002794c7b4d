"""What pages of agreements show, from the document alone: words, clauses, directions, drawing, order."""

from datetime import date

import pytest

from tests.agreements.documents import (
    ABSENT,
    BASES,
    CASEWORK,
    MOU,
    PARTNERS,
    STUDY,
    changed,
    context,
    document_of,
    status_on,
)
from throughway.agreements.agreement_list import agreement_rows
from throughway.agreements.agreement_text import condition_words, sections
from throughway.agreements.available_acts import acts
from throughway.agreements.clause_text import clauses
from throughway.agreements.data_flows import directions, flows, party_of
from throughway.agreements.document import version_of
from throughway.agreements.grant_sql import show, show_by_purpose
from throughway.agreements.labels import kind_of_data
from throughway.agreements.legal_review.review import review
from throughway.agreements.states import AgreementAct, LifecycleEvent
from throughway.agreements.status import AgreementStatus
from throughway.agreements.status_text import steps, tag, waiting_on
from throughway.agreements.transforms import Transform
from throughway.partners import Actor

NAMES = {id: facts.name for id, facts in PARTNERS.items()}
PARTIES = ("riverbend-schools", "reading-lab")
TODAY = date(2026, 9, 1)


def stands(
    *events: tuple[AgreementAct, str | None], values: dict = STUDY, on: date = TODAY
) -> AgreementStatus:
    document = document_of(values)
    version = version_of(document)
    return status_on(
        document, version, [LifecycleEvent(act, on, version, partner) for act, partner in events], on
    )


SIGNED = ((AgreementAct.SIGN, PARTIES[0]), (AgreementAct.SIGN, PARTIES[1]))
ACTIVE = (*SIGNED, (AgreementAct.ACTIVATE, PARTIES[0]))


@pytest.mark.parametrize("values", BASES.values(), ids=BASES)
def test_every_finding_stands_at_one_clause(values: dict) -> None:
    document = document_of(values)
    broken = changed(values, ("terms.training", []), ("clauses.termination", ""))
    found = review(document_of(broken), context())
    told = clauses(document, NAMES, {}, found)
    placed = [finding for passage in told for finding in passage.findings]
    assert sorted(map(str, placed)) == sorted(map(str, found))
    assert [passage.number for passage in told] == [*range(1, len(told) + 1)]


def test_a_finding_is_placed_at_its_clause() -> None:
    values = changed(CASEWORK, ("purposes.0.roles", []), ("clauses.no_redisclosure", ABSENT))
    document = document_of(values)
    told = clauses(document, NAMES, {}, review(document, context()))
    by_title = {passage.title: {f.element for f in passage.findings} for passage in told}
    assert "purposes[0].roles" in by_title["Working with a student"]
    assert "clauses.no_redisclosure" in by_title["The words that people sign"]
    assert not by_title["The end"]


def test_the_sql_of_the_clauses_is_that_of_the_whole() -> None:
    found, above = stands(values=CASEWORK), [stands(values=MOU)]
    parts = show_by_purpose(found, above, TODAY)
    assert set(parts) == {"casework", "match-records"}
    assert show(found, above, TODAY).endswith("\n\n".join(parts.values()))  # before them: what its sets mean
    told = clauses(found.document, NAMES, parts)
    shown = [passage for passage in told if passage.sql]
    assert len(shown) == 2
    for passage, whole in zip(shown, parts.values(), strict=True):  # its beginning, and how much follows
        assert whole.startswith(passage.sql)
        assert whole.count("\n") == passage.sql.count("\n") + passage.more_lines


def test_words_name_no_partner_by_its_id() -> None:
    document = document_of(CASEWORK)
    said = " ".join(
        " ".join((p.text, *p.items, *(word for fact in p.facts for word in fact)))
        + " ".join(word for line in p.schedule for word in (line.words, line.reason, *line.givers))
        for section in sections(document, NAMES)
        for p in section.paragraphs
    ) + str(flows(document, NAMES))
    assert not [id for id in document.partners if id in said]


def test_a_line_that_names_no_table_is_read_and_gives_nothing() -> None:
    values = changed(STUDY, ("schedule.0.element", "shoes.*"))
    document = document_of(values)
    assert [flow.what for flow in flows(document, NAMES)] == [()]
    assert directions(document, NAMES)
    assert any(
        line.line.table == "shoes"
        for s in sections(document, NAMES)
        for p in s.paragraphs
        for line in p.schedule
    )


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("entry_grade_level IN ('06', '07', '08')", "entry grade level is 06, 07 or 08"),
        ("sex in ('Female')", "sex is Female"),
        ("a = 1 AND b IN ('x')", "a = 1 AND b IN ('x')"),
    ],
)
def test_conditions_in_words(where: str, words: str) -> None:
    assert condition_words(where) == words


NONE = Transform("none")


@pytest.mark.parametrize(
    ("table", "columns", "words"),
    [
        ("person", {"person_id": NONE}, ""),
        ("person", {"birthdate": Transform("year")}, "birth date (the year only)"),
        ("person", {"first_name": NONE, "last_or_surname": Transform("mask")}, "first name and last name (first letter only)"),
        ("person", {"first_name": Transform("suppress")}, ""),
    ],
)  # fmt: skip
def test_kinds_of_data_in_words(table: str, columns: dict[str, Transform], words: str) -> None:
    assert kind_of_data(table, columns) == words


def test_equal_flows_are_merged() -> None:
    twice = changed(STUDY, ("purposes.1", {**STUDY["purposes"][0], "id": "again", "kind": "operations"}),
                    ("schedule.0.purposes", ["study-reading", "again"]))  # fmt: skip
    drawn = directions(document_of(twice), NAMES)
    assert len(flows(document_of(twice), NAMES)) == 2
    assert [(f.givers, f.takers, f.purpose) for f in drawn] == [
        (("Riverbend Schools",), ("Reading Lab",), "for research and to run services")
    ]


def test_reading_own_records_is_no_flow() -> None:
    own = changed(CASEWORK, ("purposes.1.recipients", ["bright-futures"]))
    givers = [flow.givers for flow in directions(document_of(own), NAMES) if not flow.only_to_match]
    assert givers == [("Riverbend Schools",)]


def test_a_party_of_a_flow_is_described() -> None:
    kinds = {"Riverbend Schools": "school district", "Oak Schools": "school district"}
    both = party_of(("Riverbend Schools", "Oak Schools"), kinds, {"Riverbend Backbone"})
    assert (both.notes, both.keeps_data) == (("school district",), False)
    assert party_of(("Riverbend Backbone",), {}, {"Riverbend Backbone"}).notes == ("keeps the data",)


# ---- where it stands ----

STANDINGS = [  # what was done, things to cure, tag, what holds it
    ((), 0, "draft", "Riverbend Schools and Reading Lab must still sign."),
    ((), 2, "stopped at review", "2 things must be cured before anyone can sign."),
    (SIGNED[:1], 0, "waits for signatures", "Reading Lab must still sign."),
    (SIGNED, 0, "signed, not yet in effect",
     "Every party has signed. A data steward or privacy officer of a party puts it into effect."),
    (ACTIVE, 0, "in effect", ""),
    ((*ACTIVE, (AgreementAct.SUSPEND, PARTIES[0])), 0, "suspended", "Suspended by Riverbend Schools; "
        "nothing is shared under it."),
    ((*ACTIVE, (AgreementAct.TERMINATE, PARTIES[0])), 0, "ended", ""),
]  # fmt: skip


@pytest.mark.parametrize(("done", "blocking", "words", "held"), STANDINGS)
def test_where_it_stands_in_words(done: tuple, blocking: int, words: str, held: str) -> None:
    found = stands(*done)
    assert tag(found, blocking, (), TODAY).words == words
    assert waiting_on(found, blocking, (), NAMES, TODAY) == held


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2099, 3, 31), "in effect"),
        (date(2099, 4, 1), "It ends in 90 days."),
        (date(2099, 6, 30), "Today is its last day."),
        (date(2099, 7, 1), "expired"),
    ],
)
def test_a_near_end_is_shown(day: date, words: str) -> None:
    found = stands(*ACTIVE, on=day)
    assert words in (tag(found, 0, (), day).words, waiting_on(found, 0, (), NAMES, day))


def test_an_agreement_under_one_that_is_not_in_effect_is_held() -> None:
    found = stands(*ACTIVE)
    assert tag(found, 0, ("its memorandum expired",), TODAY).kind == "stop"
    assert "above it" in waiting_on(found, 0, ("its memorandum expired",), NAMES, TODAY)


def deeds(found: AgreementStatus, *done: tuple[AgreementAct, str | None]) -> list[LifecycleEvent]:
    return [
        LifecycleEvent(act, TODAY, found.version, partner, {}, "leader", "x@y.example")
        for act, partner in done
    ]


@pytest.mark.parametrize(
    ("done", "blocking", "states"),
    [
        ((), 1, "done now next next next next"),
        ((), 0, "done done now next next next"),
        (SIGNED, 0, "done done done now next next"),
        (ACTIVE, 0, "done done done done next next"),
        ((*ACTIVE, (AgreementAct.SUSPEND, PARTIES[0])), 0, "done done done now next next"),
        ((*ACTIVE, (AgreementAct.TERMINATE, PARTIES[0])), 0, "done done done done done now"),
        (((AgreementAct.SIGN, PARTIES[0]), (AgreementAct.TERMINATE, PARTIES[0])), 0, "done done done"),
    ],
)
def test_the_steps_of_its_life(done: tuple, blocking: int, states: str) -> None:
    found = stands(*done)
    said = steps(found, deeds(found, (AgreementAct.ADD, None), *done), blocking, NAMES)
    assert " ".join(step.state for step in said) == states


def test_list_order_by_urgency() -> None:
    def named(
        id: str, *done: tuple[AgreementAct, str | None], expires: str = "2099-06-30"
    ) -> AgreementStatus:
        return stands(*done, values=changed(STUDY, ("id", id), ("terms.expires", expires)))

    found = [
        named("over", *ACTIVE, (AgreementAct.TERMINATE, PARTIES[0])),
        named("quiet", *ACTIVE),
        named("soon", *ACTIVE, expires="2026-10-01"),
        named("others", (AgreementAct.SIGN, PARTIES[0])),
        named("stopped", *ACTIVE, (AgreementAct.SUSPEND, PARTIES[1])),
        named("mine", (AgreementAct.SIGN, PARTIES[1])),
    ]
    reader = Actor("l@x.example", PARTIES[0], "leader")
    told = agreement_rows(reader, found, {}, PARTNERS, TODAY)
    assert [line.id for line in told] == ["mine", "stopped", "others", "soon", "quiet", "over"]
    assert [line.waits_for_reader for line in told] == [True] + [False] * 5


def test_nobody_signs_what_is_blocked() -> None:
    reader = Actor("l@x.example", PARTIES[0], "leader")
    assert acts(reader, stands(), 0, TODAY) == (AgreementAct.SIGN, AgreementAct.SUBMIT)
    assert acts(reader, stands(), 1, TODAY) == (AgreementAct.SUBMIT,)

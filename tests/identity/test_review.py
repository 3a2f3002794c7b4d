"""Pairs of records that people read: through the gate, entry by entry, and what their verdicts lead to."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner
from django.db import IntegrityError, transaction

from tests.gate import making
from tests.kept import kept
from tests.site.people import client_of
from throughway.cli import main
from throughway.core.personal_data import Gone
from throughway.core.refusals import Refused
from throughway.gate.actions import land_person_links
from throughway.identity.actions.asked_linkage import LINKAGE, begin_after_pairs
from throughway.identity.actions.linking import link
from throughway.identity.actions.person_history import forget
from throughway.identity.actions.review_pairs import keep_doubts
from throughway.identity.actions.reviewing import decide, show, show_several, take_back
from throughway.identity.linkage.comparisons import BIRTH, COMPARISONS, FIRST, column
from throughway.identity.linkage.evidence_text import Evidence
from throughway.identity.linkage.resolution import Scored
from throughway.identity.models import IdentityEvent, IdentityRun, Label, QualityDraw, ReviewPair, SampledPair
from throughway.identity.review import selectors
from throughway.identity.review.quality_estimate import Estimate, Interval, compare_with_truth
from throughway.identity.review.sampling import measured
from throughway.identity.review.undecided import UndecidedPairs
from throughway.identity.review.verdicts import PairState, PairVerdict
from throughway.identity.selectors import labels, rulings
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.partners import actions as partners
from throughway.partners.actor import Actor
from throughway.partners.asked_work.actions import carry_out
from throughway.partners.leaving.actions import close_user
from throughway.partners.models import AskedWork
from throughway.partners.selectors import actor
from throughway.store import Community
from throughway.training import actions as training

DESK, SECOND, THIRD = "desk@hub.example", "second@hub.example", "third@hub.example"
STRANGER = "desk@harbor.example"
LINKS = {11: 2**41 + 1, 12: 2**41 + 2, 13: 2**41 + 3, 21: 2**41 + 4, 22: 2**41 + 5}
PARTNERS = dict.fromkeys((11, 12, 13), "north") | dict.fromkeys((21, 22), "harbor")
RUN = {"records": 5, "persons": 5, "new_persons": 5, "merged": 0, "split": 0, "for_review": 2, "seconds": 1.0}
S, D, C = PairVerdict.SAME, PairVerdict.DIFFERENT, PairVerdict.CANNOT_TELL


def compared(chances: Mapping[tuple[int, int], float]) -> Scored:
    """Pairs with their posteriors; all with the same first name and another birth date."""
    rungs = np.full((len(chances), len(COMPARISONS)), -1, np.int8)
    rungs[:, column(FIRST)], rungs[:, column(BIRTH)] = FIRST.level("same"), BIRTH.level("different")
    one, other = (np.array([pair[side] for pair in chances], np.int64) for side in (0, 1))
    posterior = np.array(list(chances.values()))
    return Scored(one, other, np.log2(posterior / (1 - posterior)), posterior, rungs)


@transaction.atomic
def run(chances: Mapping[tuple[int, int], float], doubted: list[tuple[int, int]], **more: object) -> None:
    made = IdentityRun.objects.create(at=datetime(2026, 9, 2, tzinfo=UTC), by="operator", full=True, **RUN)
    keep_doubts(compared(chances), doubted, more.pop("links", LINKS), PARTNERS, made, **more)  # type: ignore[arg-type]


@pytest.fixture
@kept
def town(transactional_db: None, community: object) -> None:
    settle_town()


def settle_town(*training: str) -> None:
    making.register()
    for email, partner in ((DESK, "hub"), (SECOND, "hub"), (THIRD, "hub"), (STRANGER, "harbor")):
        partners.add_user(email=email, partner=partner, role="data_steward", by=OPERATOR)
    document = making.sharing()
    document["terms"]["training"] = list(training)
    for purpose in document["purposes"]:
        if purpose["kind"] == "linkage":
            purpose["roles"] = ["data_steward"]
    document["schedule"].append(making.line("person_race.race", "matching"))
    making.in_effect(document)
    making.people()
    races = [{"person_record": number, "race": "Asian"} for number in (11, 12)]
    making.land("person_race", "north", races, "sharing-2026")
    land_person_links(links=pa.table({"record": list(LINKS), "person": list(LINKS.values())}), by=OPERATOR)
    run({(11, 21): 0.6, (12, 22): 0.9, (13, 22): 0.001}, [(21, 11), (12, 22)])


def pair_of(one: int, other: int) -> ReviewPair:
    return ReviewPair.objects.get(one=one, other=other)


def says(email: str, pair: ReviewPair, verdict: PairVerdict) -> PairState:
    by = actor(email)
    return decide(pair=pair.pk, verdict=verdict, disclosure=show(pair=pair.pk, by=by).disclosure, by=by)


def test_a_pair_is_shown_and_decided_with_one_command(town: None, community: Community) -> None:
    """Without a verdict the command shows the two records, by one entry of the ledger, and asks; a program names both."""
    of = ["--as", DESK, "--community", str(community.root)]
    pair = str(pair_of(11, 21).pk)
    before = LedgerEntry.objects.count()
    told = CliRunner().invoke(main, ["link", "review", "decide", pair, *of], input="maybe\ndifferent\n")
    assert told.exit_code == 0, told.output
    assert LedgerEntry.objects.count() == before + 1
    label = Label.objects.get()
    assert (label.pair_id, label.verdict, label.by) == (int(pair), "different", DESK)
    shown = show(pair=int(pair), by=actor(SECOND))
    assert all(line.one in told.output and line.other in told.output for line in shown.lines)
    for words in (["--json"], ["same"]):
        wrong = CliRunner().invoke(main, ["link", "review", "decide", pair, *words, *of])
        assert wrong.exit_code == 2
        assert "--disclosure" in wrong.output
    assert Label.objects.count() == 1


def test_without_a_pair_the_command_asks_for_each(town: None, community: Community) -> None:
    """One entry of the ledger for each pair; who stops in between keeps the answers so far, and the rest waits."""
    words = ["link", "review", "decide", "--as", DESK, "--community", str(community.root)]
    stopped = CliRunner().invoke(main, words, input="cannot_tell\n")
    assert stopped.exit_code == 1
    assert [label.verdict for label in Label.objects.all()] == ["cannot_tell"]
    told = CliRunner().invoke(main, words, input="different\n")
    assert told.exit_code == 0, told.output
    assert told.output.count("One person?") == 1
    assert sorted(Label.objects.values_list("verdict", flat=True)) == ["cannot_tell", "different"]
    assert Label.objects.values("disclosure").distinct().count() == 2
    again = CliRunner().invoke(main, words)
    assert (again.exit_code, again.output) == (0, "No pair waits for you.\n")
    assert CliRunner().invoke(main, [*words, "--json"]).exit_code == 2


def test_a_run_keeps_what_it_doubts_and_draws_a_sample(town: None) -> None:
    pair = pair_of(11, 21)
    assert (pair.queued, pair.state, pair.hanging, pair.joined) == (True, PairState.UNREAD, 2, False)
    assert pair.rungs == {"first": "same", "birth": "different"}
    assert not pair_of(13, 22).queued  # drawn, and not doubted
    assert SampledPair.objects.count() == 3
    assert QualityDraw.objects.get().left_out == 0
    run({(11, 21): 0.95, (12, 22): 0.9}, [(12, 22)])
    assert (pair_of(11, 21).queued, pair_of(11, 21).posterior) == (False, 0.95)  # no longer doubtful
    assert QualityDraw.objects.count() == 1  # one sample after another


def test_incremental_run_leaves_unlikely_pairs_unchanged(town: None) -> None:
    run({(12, 22): 0.8, (11, 21): 0.7}, [(12, 22), (11, 21)], is_full=False)
    assert (pair_of(12, 22).posterior, pair_of(12, 22).queued) == (0.8, True)
    assert (pair_of(11, 21).posterior, pair_of(11, 21).queued) == (0.7, True)
    assert (pair_of(13, 22).posterior, pair_of(13, 22).queued) == (0.001, False)
    assert IdentityRun.objects.latest("id").for_review == 2
    assert QualityDraw.objects.count() == 1


def test_pair_leaves_queue_with_its_record_or_its_doubt(town: None) -> None:
    run({(11, 21): 0.6}, [(11, 21)], is_full=False)  # the other is too faint now to be remembered
    assert (pair_of(12, 22).queued, pair_of(11, 21).queued) == (False, True)
    run({}, [], links={n: p for n, p in LINKS.items() if n != 21}, is_full=False)
    assert not pair_of(11, 21).queued
    assert IdentityRun.objects.latest("id").for_review == 0


def test_a_record_that_cannot_be_seen_leaves_the_queue(town: None) -> None:
    run({(12, 22): 0.9}, [(12, 22)], links={n: p for n, p in LINKS.items() if n != 21})
    assert not pair_of(11, 21).queued
    assert [pair.one for pair in selectors.waiting(actor(DESK))] == [12]


def test_school_and_grade_are_shown_where_granted(town: None) -> None:
    """What other purposes let linkage compare is told to no reader of a purpose that does not show it."""
    pair = pair_of(11, 21)
    ReviewPair.objects.filter(pk=pair.pk).update(rungs={**pair.rungs, "school": "same", "class": "another"})
    stays = [
        {
            "person_record": 11,
            "organization_id": "north/255100041",
            "school_year": "2024",
            "entry_grade_level": "05",
        }
    ]
    making.land("school_enrollment", "north", stays, year=2024)
    found = show(pair=pair.pk, by=actor(DESK))
    assert found.evidence == Evidence(("the same first name",), ("different birth dates",))
    assert not {"School", "Grade"} & {line.name for line in found.lines}
    document = making.sharing() | {"id": "grades-2026"}
    document["schedule"] = [
        making.line("person.*", "matching"),
        *(
            making.line(f"school_enrollment.{name}", "matching")
            for name in ("school_year", "entry_grade_level")
        ),
    ]
    document["purposes"] = [
        p | {"roles": ["data_steward"], "serves": []} for p in document["purposes"] if p["kind"] == "linkage"
    ]
    making.in_effect(document)
    found = show(pair=pair.pk, by=actor(DESK))
    told = found.evidence.speaks_against
    assert "another grade, two years apart or more" in told
    assert "the same school in the same year" not in found.evidence.speaks_for
    assert [(line.one, line.other) for line in found.lines if line.name in ("School", "Grade")] == [
        ("05 in 2023-24", "")
    ]


def test_each_showing_is_one_entry_of_the_two_records(town: None) -> None:
    before = LedgerEntry.objects.count()
    found = show(pair=pair_of(11, 21).pk, by=actor(DESK))
    assert [(line.name, line.one, line.other) for line in found.lines][:2] == [
        ("First name", "Ada", "Ada"), ("Surname", "One", ""),
    ]  # fmt: skip
    assert found.evidence.speaks_against == ("different birth dates",)
    entry = LedgerEntry.objects.order_by("at").last()
    assert entry is not None
    assert (LedgerEntry.objects.count() - before, entry.id, entry.students_count) == (1, found.disclosure, 2)
    assert (entry.actor_email, entry.purpose) == (DESK, "matching")
    several = show_several(pairs=[pair_of(12, 22).pk, pair_of(11, 21).pk], by=actor(DESK))
    assert [each.pair.one for each in several] == [12, 11]
    assert LedgerEntry.objects.count() - before == 2


@pytest.mark.parametrize("email", [STRANGER, "officer@hub.example", "evaluator@hub.example"])
def test_other_roles_cannot_review(town: None, email: str) -> None:
    pair, released = pair_of(11, 21).pk, LedgerEntry.objects.filter(outcome="released")
    before = released.count()
    with pytest.raises(Refused, match="no pair"):
        show(pair=pair, by=actor(email))
    assert selectors.waiting(actor(email)) == []
    client = client_of(email)
    addresses = ("/persons/review/", f"/persons/review/{pair}/", "/persons/quality/")
    assert {client.get(address).status_code for address in addresses} == {404}
    assert client.post(f"/persons/review/{pair}/", {"verdict": "same"}).status_code == 404
    assert client.post("/persons/review/back/").status_code == 404
    assert Label.objects.count() == 0
    assert released.count() == before


def test_the_operator_and_unknown_pairs_are_turned_away(town: None) -> None:
    for by, pair in ((OPERATOR, pair_of(11, 21).pk), (actor(DESK), 10**6)):
        with pytest.raises(Refused, match="no pair"):
            show(pair=pair, by=by)
    assert client_of(DESK).get("/persons/review/1000000/").status_code == 404


def test_verdict_needs_a_disclosure(town: None) -> None:
    pair, entry = pair_of(12, 22).pk, show(pair=pair_of(12, 22).pk, by=actor(SECOND)).disclosure
    for disclosure in ("", "nothing", entry):  # the entry is another reader's
        with pytest.raises(Refused, match="Open the two records"):
            decide(pair=pair, verdict=S, disclosure=disclosure, by=actor(DESK))


def test_a_verdict_needs_the_entry_of_its_own_pair(town: None) -> None:
    another = show(pair=pair_of(12, 22).pk, by=actor(DESK)).disclosure
    with pytest.raises(Refused, match="Open the two records"):
        decide(pair=pair_of(11, 21).pk, verdict=S, disclosure=another, by=actor(DESK))
    both = show_several(pairs=[pair_of(12, 22).pk, pair_of(11, 21).pk], by=actor(DESK))
    decide(pair=pair_of(11, 21).pk, verdict=S, disclosure=both[0].disclosure, by=actor(DESK))


def test_a_hard_pair_is_read_by_two_and_a_third_decides(town: None) -> None:
    pair = pair_of(11, 21)
    assert says(DESK, pair, S) is PairState.SECOND
    with pytest.raises(Refused, match="take your answer back"):
        says(DESK, pair, D)
    assert pair.pk not in [p.id for p in selectors.waiting(actor(DESK))]
    assert labels() == []
    assert says(SECOND, pair, D) is PairState.THIRD
    assert says(THIRD, pair, D) is PairState.SETTLED
    assert labels() == []  # what measures linkage does not teach it
    SampledPair.objects.filter(pair=pair).delete()
    assert labels() == [(11, 21, False)]
    assert rulings() == ([], [{11: 0, 21: 1}])
    assert list(Label.objects.order_by("id").values_list("by", "blind")) == [
        (DESK, True), (SECOND, True), (THIRD, False),
    ]  # fmt: skip
    with pytest.raises(Refused, match="settled"):
        decide(
            pair=pair.pk, verdict=S, by=(by := a_fourth()), disclosure=show(pair=pair.pk, by=by).disclosure
        )


def a_fourth() -> Actor:
    partners.add_user(email="fourth@hub.example", partner="hub", role="data_steward", by=OPERATOR)
    return actor("fourth@hub.example")


def test_the_only_reader_decides_alone_and_the_page_says_so(town: None) -> None:
    page = client_of(DESK).get("/persons/review/").content.decode()
    assert "you decide alone" not in page
    assert says(DESK, pair_of(12, 22), S) is PairState.SECOND
    for email in (SECOND, THIRD):
        close_user(email=email, by=OPERATOR)
    assert "you decide alone" in client_of(DESK).get("/persons/review/").content.decode()
    assert says(DESK, pair_of(11, 21), S) is PairState.SETTLED
    partners.add_user(email="fourth@hub.example", partner="hub", role="data_steward", by=OPERATOR)
    assert "you decide alone" not in client_of(DESK).get("/persons/review/").content.decode()
    take_back(by=actor(DESK))
    assert says(DESK, pair_of(11, 21), S) is PairState.SECOND


def test_verdict_taken_back_is_no_ruling(town: None) -> None:
    SampledPair.objects.update(twice=False)
    pair = pair_of(12, 22)
    assert says(SECOND, pair, S) is PairState.SECOND  # nobody joins alone what linkage left apart
    assert says(DESK, pair, S) is PairState.SETTLED
    assert rulings() == ([[12, 22]], [])
    assert take_back(by=actor(DESK)) == pair.pk
    assert (rulings(), labels()) == (([], []), [])
    take_back(by=actor(SECOND))
    found = pair_of(12, 22)
    assert (found.state, found.verdict, found.settled_at, found.settled_by) == (
        PairState.UNREAD,
        "",
        None,
        "",
    )
    with pytest.raises(Refused, match="no verdict of yours"):
        take_back(by=actor(DESK))
    assert says(DESK, pair, D) is PairState.SETTLED  # and may be said anew
    said = list(Label.objects.order_by("id").values_list("verdict", flat=True))
    assert said == ["same", "same", "taken_back", "taken_back", "different"]


def test_a_second_click_takes_nothing_more_back(town: None, monkeypatch: pytest.MonkeyPatch) -> None:
    SampledPair.objects.update(twice=False)
    says(SECOND, pair_of(12, 22), S)
    seen_by_both = selectors.last_label(actor(SECOND))
    take_back(by=actor(SECOND))
    monkeypatch.setattr("throughway.identity.actions.reviewing.last_label", lambda by: seen_by_both)
    with pytest.raises(Refused, match="no verdict of yours"):
        take_back(by=actor(SECOND))


@pytest.mark.parametrize("seed", range(3))
def test_any_sequence_of_rulings_stays_consistent(town: None, seed: int) -> None:
    """The same rulings as if what was taken back had never been said."""
    SampledPair.objects.all().delete()
    random = np.random.default_rng(seed)
    standing: list[tuple[str, int, PairVerdict]] = []
    for _ in range(14):
        email = str(random.choice([DESK, SECOND, THIRD]))
        mine = [at for at, (who, _, _) in enumerate(standing) if who == email]
        if mine and random.random() < 0.4:
            take_back(by=actor(email))
            standing.pop(mine[-1])
            continue
        pair, verdict = (
            pair_of(*((11, 21), (12, 22))[int(random.integers(2))]),
            PairVerdict(random.choice([S, D, C])),
        )
        try:
            says(email, pair, verdict)
        except Refused:
            continue
        standing.append((email, pair.pk, verdict))
    found = (rulings(), sorted(labels()), [(p.state, p.verdict) for p in ReviewPair.objects.order_by("id")])
    while Label.objects.filter(selectors.LIVE).exists():
        for email in (DESK, SECOND, THIRD):
            if selectors.last_label(actor(email)):
                take_back(by=actor(email))
    assert rulings() == ([], [])
    for email, number, verdict in standing:
        says(email, ReviewPair.objects.get(pk=number), verdict)
    again = (rulings(), sorted(labels()), [(p.state, p.verdict) for p in ReviewPair.objects.order_by("id")])
    assert again == found


def test_verdicts_are_only_ever_added(town: None) -> None:
    says(DESK, pair_of(11, 21), S)
    for change in (lambda rows: rows.update(verdict="different"), lambda rows: rows.update(by=SECOND)):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change(Label.objects.all())


def test_destruction_removes_verdicts_on_the_record(town: None) -> None:
    says(DESK, pair_of(11, 21), S)
    take_back(by=actor(DESK))
    says(DESK, pair_of(12, 22), S)
    told = forget(Gone(None, {"harbor": frozenset({21})}, frozenset(), frozenset()))
    assert told["pairs under review"] == 1
    assert {(p.one, p.other) for p in ReviewPair.objects.all()} == {(12, 22), (13, 22)}
    assert {label.pair.one for label in Label.objects.select_related("pair")} == {12}
    assert SampledPair.objects.count() == 2


def test_next_run_follows_settled_pairs(town: None) -> None:
    SampledPair.objects.update(twice=False)
    link(full=True, by=OPERATOR)  # finds 11 and 21 to be one by itself
    assert IdentityEvent.objects.get(kind="merged").reason == "linkage"
    run({(12, 22): 0.8, (11, 21): 0.9}, [(12, 22), (11, 21)], links=now())
    says(SECOND, pair_of(12, 22), S)
    says(DESK, pair_of(12, 22), S)
    says(DESK, pair_of(11, 21), D)
    assert says(SECOND, pair_of(11, 21), D) is PairState.SETTLED
    link(full=True, by=OPERATOR)
    links = now()
    assert links[12] == links[22]
    assert links[11] != links[21]
    by_review = IdentityEvent.objects.filter(reason="review").values_list("kind", "by")
    assert sorted(by_review) == [("merged", DESK), ("split", SECOND)]


def now() -> dict[int, int]:
    from throughway.gate.actions import person_links

    table = person_links()
    return dict(zip(table["record"].to_pylist(), table["person"].to_pylist(), strict=True))


def test_pages_without_a_purpose_show_no_name(town: None, django_assert_max_num_queries) -> None:
    client, pair = client_of(DESK), pair_of(11, 21).pk
    for address in ("/persons/review/", f"/persons/review/{pair}/", "/persons/quality/"):
        client.get(address)
        with django_assert_max_num_queries(15):
            page = client.get(address)
        text = page.content.decode()
        assert page["Cache-Control"] == "no-store"
        assert ("Ada" in text) == (address == f"/persons/review/{pair}/")
        assert not re.search(r"<title>[^<]*(Ada|One|Two)", text)
        assert not re.search(r'(href|action)="[^"]*(Ada|n-11)', text)


def test_verdict_leads_to_next_pair_and_can_be_taken_back(town: None) -> None:
    client = client_of(DESK)
    first, second = (pair.id for pair in selectors.waiting(actor(DESK)))
    page = client.get(f"/persons/review/{first}/").content.decode()
    entry = re.search(r'name="entry" value="([^"]+)"', page)
    assert entry
    assert f'href="/persons/review/{second}/"' in page  # skip
    said = client.post(f"/persons/review/{first}/", {"verdict": "same", "entry": entry[1]})
    assert (said.status_code, said["Location"]) == (302, f"/persons/review/{second}/")
    assert "Noted: the same person." in client.get(said["Location"]).content.decode()
    back = client.post("/persons/review/back/")
    assert back["Location"] == f"/persons/review/{first}/"
    assert Label.objects.filter(selectors.LIVE).count() == 0
    assert (
        client.post(f"/persons/review/{first}/", {"verdict": "perhaps", "entry": entry[1]}).status_code == 404
    )


def test_second_reader_does_not_see_the_first_verdict(town: None) -> None:
    pair = pair_of(11, 21)
    plain = client_of(SECOND).get(f"/persons/review/{pair.pk}/").content.decode()
    says(DESK, pair, S)
    second = client_of(SECOND).get(f"/persons/review/{pair.pk}/").content.decode()

    def body(text: str) -> str:
        return re.sub(r"[0-9a-f-]{36}|entry [0-9a-f]{8}|csrfmiddlewaretoken\S* value=\S+", "", text)

    assert body(second) == body(plain)
    says(SECOND, pair, D)
    assert "Yours decides" in client_of(THIRD).get(f"/persons/review/{pair.pk}/").content.decode()


def test_quality_needs_enough_labels_and_groups_a_request(town: None) -> None:
    draw = QualityDraw.objects.get()
    client = client_of(DESK)
    assert "is not known yet" in client.get("/persons/quality/").content.decode()
    settled(draw)
    text = client.get("/persons/quality/").content.decode()
    assert "no reviewed join is wrong" in text
    assert "went to two readers" not in text
    before = LedgerEntry.objects.count()
    groups = client.post("/persons/quality/").content.decode()
    assert LedgerEntry.objects.count() == before + 1
    assert "One surname" in groups
    assert "withheld" in groups
    assert "Not shown: language" in groups
    assert re.search(r"<th scope=\"row\">Asian</th>\s*<td class=\"is-number\">40<", groups)
    assert "Ada" not in groups


def test_first_verdict_counts_while_a_second_is_awaited(town: None) -> None:
    """Whoever parts what linkage joined is asked after; what linkage got wrong is not left out meanwhile."""
    draw = QualityDraw.objects.get()
    settled(draw)
    wrong = ReviewPair.objects.get(one=11, other=101)
    ReviewPair.objects.filter(pk=wrong.pk).update(
        state=PairState.SECOND, verdict="", settled_at=None, settled_by=""
    )
    for verdict, email in ((D, DESK), (S, SECOND)):
        Label.objects.create(
            pair=wrong, verdict=verdict, by=email, at=datetime(2026, 9, 3, tzinfo=UTC), purpose="p", disclosure="d", blind=True
        )  # fmt: skip
    sample = selectors.sample()
    assert sample is not None
    assert {each.same for each in sample.drawn if each.pair == wrong.pk} == {False}
    assert measured(sample.strata, sample.drawn, 0).found.precision.value == pytest.approx(29 / 30)


def settled(draw: QualityDraw) -> None:
    """Forty more pairs of the sample, all read: thirty that linkage joined, ten that it left apart."""
    one = IdentityRun.objects.first()
    draw.pairs.all().delete()
    draw.strata = [
        {"joined": True, "low": 0.99, "pairs": 900, "drawn": 30},
        {"joined": False, "low": 0.01, "pairs": 40, "drawn": 10},
    ]
    draw.save()
    for at in range(40):
        pair = ReviewPair.objects.create(
            one=11 if at else 12, other=100 + at, one_partner="north", other_partner="harbor", weight=1.0, posterior=0.99,
            rungs={}, pattern="-", joined=at < 30, hanging=2, teaches=0.1, queued=False, state=PairState.SETTLED,
            verdict=S if at < 30 else D, settled_at=datetime(2026, 9, 3, tzinfo=UTC), settled_by=DESK, run=one,
        )  # fmt: skip
        SampledPair.objects.create(draw=draw, pair=pair, stratum=at // 30, joined=at < 30, twice=False)


def test_truth_is_shown_beside_the_estimate(town: None, community: Community) -> None:
    client = client_of(DESK)
    assert "The truth in this community" not in client.get("/persons/quality/").content.decode()
    known = community.root / "truth" / "persons.csv"
    known.parent.mkdir()
    known.write_text("partner,record_key,person\nnorth,n-11,a\nharbor,h-21,a\nnorth,n-12,b\nharbor,h-22,c\n")
    assert "The truth in this community" in client.get("/persons/quality/").content.decode()
    assert client_of(STRANGER).get("/persons/quality/").status_code == 404


def test_estimate_says_whether_its_interval_holds_the_truth() -> None:
    found = Estimate(Interval(0.98, 0.95, 0.99), None, 100)
    right, joined = compare_with_truth({"precision": 0.999, "recall": 0.9}, found)
    assert (right.true, right.holds) == ("99.9\u00a0%", False)
    assert (joined.estimated, joined.holds) == (None, False)
    assert compare_with_truth({"precision": 0.96, "recall": 0.9}, found)[0].holds


def test_undecided_pairs_are_counted_as_the_rows_say_and_until_they_are_applied(town: None) -> None:
    SampledPair.objects.update(twice=False)
    waiting = ReviewPair.objects.filter(queued=True).exclude(state=PairState.SETTLED)
    found = selectors.undecided()
    assert (found.apart, found.joined) == tuple(
        sum(pair.joined is joined for pair in waiting) for joined in (False, True)
    )
    assert found.waiting == 2
    assert found.sentence.startswith(
        "2 pairs of records wait for a person to decide; until then each counts as two students."
    )
    assert selectors.undecided(["north"]).sentence == ""
    for email in (DESK, SECOND):
        says(email, pair_of(12, 22), S)
        says(email, pair_of(11, 21), D)
    found = selectors.undecided({"north", "harbor"})
    assert (found.waiting, found.decided) == (0, 1)  # to be left apart is how linkage left them
    assert found.sentence.startswith("1 decision on pairs counts once records are compared again.")
    assert "Compare the records again" in client_of(DESK).get("/persons/review/").content.decode()
    run({(12, 22): 0.9, (11, 21): 0.6}, [], links=LINKS | {22: LINKS[12]})
    IdentityRun.objects.update(at=datetime.now(UTC))
    assert selectors.undecided().sentence == ""


@pytest.mark.parametrize(
    ("pairs", "how"),
    [
        (
            UndecidedPairs(1),
            "1 pair of records waits for a person to decide; until then it counts as two students.",
        ),
        (UndecidedPairs(0, 2), "each counts as one student."),
        (
            UndecidedPairs(2, 1, 1),
            "2 of them count as two students each, 1 as one, and 1 decision on pairs counts once",
        ),
    ],
)
def test_a_sentence_says_how_undecided_pairs_count(pairs: UndecidedPairs, how: str) -> None:
    assert how in pairs.sentence


def test_who_lacks_the_course_is_led_to_it_and_back(transactional_db: None, community: object) -> None:
    settle_town("ferpa-basics")
    client = client_of(DESK)
    page = client.get("/persons/review/").content.decode()
    course = re.search(r'href="(/training/[^"]+[?]then=pairs)"', page)
    assert course
    assert "Look at the first pair" not in page
    assert client.get(f"/persons/review/{pair_of(11, 21).pk}/").status_code == 403
    questions = client.get(course[1])
    assert "then=pairs" in questions.content.decode()
    read = questions.context["course"]
    right = {f"q{n}": str(question.right) for n, question in enumerate(read.questions)} | {
        "version": read.version
    }
    passed = client.post(course[1], right)
    assert (passed.status_code, passed.headers["Location"]) == (302, "/persons/review/?then=start")
    assert "Look at the first pair" in client.get("/persons/review/").content.decode()


def test_from_getting_started_straight_to_course_pair_and_comparison(
    transactional_db: None, community: object
) -> None:
    """No page between that confirms nothing; after the last pair the folder compares again by itself, and the page says so."""
    settle_town("ferpa-basics")
    close_user(email=SECOND, by=OPERATOR)
    close_user(email=THIRD, by=OPERATOR)
    client, start = client_of(DESK), "/persons/review/?then=start"
    assert client.get(start)["Location"] == "/training/ferpa-basics/?then=pairs"
    assert LedgerEntry.objects.filter(actor_email=DESK).count() == 0
    training.record(email=DESK, course="ferpa-basics", on=date.today(), by=OPERATOR)
    address = client.get(start)["Location"]
    for verdict, leads in (("same", r"/persons/review/\d+/"), ("same", "/persons/review/")):
        assert not AskedWork.objects.exists()
        entry = re.search(r'name="entry" value="([^"]+)"', client.get(address).content.decode())
        assert entry
        address = client.post(address, {"verdict": verdict, "entry": entry[1]})["Location"]
        assert re.fullmatch(leads, address)
    asked = AskedWork.objects.get()
    page = client.get(address).content.decode()
    assert "Begun by itself after the last pair was decided by desk@hub.example" in page
    assert "Compare the records again" not in page
    known = set(LedgerEntry.objects.values_list("pk", flat=True))
    carry_out(LINKAGE, asked.pk)
    assert {e.actor_email for e in LedgerEntry.objects.exclude(pk__in=known)} == {"operator"}
    assert (now()[11] == now()[21], now()[12] == now()[22]) == (True, True)
    assert 'href="/start/?next"' in client.get(address).content.decode()


def test_nothing_is_compared_again_where_the_decisions_change_nothing(town: None) -> None:
    SampledPair.objects.update(twice=False)
    says(SECOND, pair_of(11, 21), D)
    begin_after_pairs(actor(DESK))
    assert not AskedWork.objects.exists()

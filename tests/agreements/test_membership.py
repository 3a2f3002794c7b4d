"""Who is a party of a text on a day, and which text holds: each rule by itself, over acts that are written down here."""

from datetime import date

import pytest

from tests.agreements.documents import STUDY, changed, document_of
from throughway.agreements.effective_document import Joined, TextVersion, ever_joined, membership, signed
from throughway.agreements.states import AgreementAct, AgreementState, LifecycleEvent
from throughway.agreements.status import AgreementLifecycle, AgreementStatus, lifecycle_on

TEXT = document_of(STUDY)
SCHOOLS, LAB, NEW = "riverbend-schools", "reading-lab", "river-college"
AGAIN = 99  # the place of a text that was written after all of the acts


def day(n: int) -> date:
    return date(2026, 1, n)


def join(n: int, partner: str | None = NEW) -> LifecycleEvent:
    said = {"model": SCHOOLS, "title": "Dean", "authority": "Bylaws"}
    return LifecycleEvent(AgreementAct.JOIN, day(n), "v1", partner, said)


def leave(n: int, out: int, partner: str | None = LAB) -> LifecycleEvent:
    return LifecycleEvent(AgreementAct.LEAVE, day(n), "v1", partner, {"out": day(out).isoformat()})


def abstain(n: int, partner: str = LAB) -> LifecycleEvent:
    return LifecycleEvent(AgreementAct.ABSTAIN, day(n), "v1", None, {"partner": partner})


def sign(version: str, partner: str = LAB, act: AgreementAct = AgreementAct.SIGN) -> LifecycleEvent:
    return LifecycleEvent(act, day(1), version, partner)


IN_PLACE = Joined(NEW, SCHOOLS, "Dean", "Bylaws")


@pytest.mark.parametrize(
    ("acts", "texted", "on", "joined", "left", "leaving", "abstaining"),
    [
        ([], 0, 9, [], [], [], []),
        # Who joins is a party from that very day, unless the text names it.
        ([join(5)], 0, 4, [], [], [], []),
        ([join(5)], 0, 5, [IN_PLACE], [], [], []),
        ([join(5, LAB)], 0, 9, [], [], [], []),
        ([join(5, None)], 0, 9, [], [], [], []),
        # Who leaves is a party until the day that was told.
        ([leave(5, 8)], 0, 4, [], [], [], []),
        ([leave(5, 8)], 0, 7, [], [], [(LAB, day(8))], []),
        ([leave(5, 8)], 0, 8, [], [(LAB, day(8))], [], []),
        ([leave(5, 8, None)], 0, 8, [], [], [], []),
        ([join(2), leave(5, 8, NEW)], 0, 7, [IN_PLACE], [], [(NEW, day(8))], []),
        ([join(2), leave(5, 8, NEW)], 0, 8, [], [(NEW, day(8))], [], []),
        ([join(2), leave(5, 8, NEW), join(9)], 0, 9, [IN_PLACE], [], [], []),
        # A text that was written after, and names it, has it as a party again.
        ([leave(5, 8)], AGAIN, 9, [], [], [], []),
        ([join(2), leave(5, 8, NEW)], AGAIN, 9, [], [(NEW, day(8))], [], []),
        # Who abstains does so until it signs a text that was written after.
        ([abstain(5)], 0, 4, [], [], [], []),
        ([abstain(5)], 0, 5, [], [], [], [LAB]),
        ([abstain(5)], AGAIN, 5, [], [], [], [LAB]),
        ([abstain(5), sign("v1")], AGAIN, 5, [], [], [], []),
        ([abstain(5), sign("v0")], AGAIN, 5, [], [], [], [LAB]),
        ([abstain(5), sign("v1", SCHOOLS)], AGAIN, 5, [], [], [], [LAB]),
        ([sign("v1"), abstain(5)], 0, 5, [], [], [], [LAB]),
    ],
)  # fmt: skip
def test_who_is_a_party_on_a_day(
    acts: list[LifecycleEvent],
    texted: int,
    on: int,
    joined: list[Joined],
    left: list[tuple[str, date]],
    leaving: list[tuple[str, date]],
    abstaining: list[str],
) -> None:
    found = membership(TextVersion("v1", TEXT, 0, texted, AGAIN), acts, day(on))
    assert [*found.joined] == joined
    assert [*found.left] == left
    assert [*found.leaving] == leaving
    assert [*found.abstaining] == abstaining


@pytest.mark.parametrize("place", [0, 1])
def test_a_text_is_later_than_earlier_events_only(place: int) -> None:
    texted = LifecycleEvent(AgreementAct.AMEND, day(5), "v1", SCHOOLS)
    acts = [leave(5, 8), texted] if place else [texted, leave(5, 8)]
    found = membership(TextVersion("v1", TEXT, 0, acts.index(texted), AGAIN), acts, day(9))
    assert bool(found.left) is not bool(place)


def test_who_signed_a_text() -> None:
    for act, counts in ((AgreementAct.SIGN, True), (AgreementAct.JOIN, True), (AgreementAct.APPROVE, False)):
        acts = [sign("v1", LAB, act)]
        assert signed("v1", LAB, acts) is counts
        assert not signed("v0", LAB, acts)
        assert not signed("v1", SCHOOLS, acts)


def test_who_ever_joined() -> None:
    acts = [join(2), leave(5, 8, NEW), join(6, None), sign("v1")]
    assert ever_joined(acts) == (Joined(NEW, SCHOOLS),)


# ---- texts beside each other

LATER = document_of(changed(STUDY, ("title", "A later text")))
LATEST = document_of(changed(STUDY, ("terms.effective", "2026-01-20")))
FIRST = [
    LifecycleEvent(AgreementAct.ADD, day(1), "v1", SCHOOLS),
    *(LifecycleEvent(AgreementAct.SIGN, day(1), "v1", partner) for partner in (SCHOOLS, LAB)),
]
ACTIVE = [*FIRST, LifecycleEvent(AgreementAct.ACTIVATE, day(2), "v1", SCHOOLS)]


def amended(version: str, activated: int | None = None) -> list[LifecycleEvent]:
    acts = [
        LifecycleEvent(AgreementAct.AMEND, day(3), version, SCHOOLS),
        *(LifecycleEvent(AgreementAct.SIGN, day(3), version, p) for p in (SCHOOLS, LAB)),
    ]
    return acts + (
        [LifecycleEvent(AgreementAct.ACTIVATE, day(activated), version, SCHOOLS)] if activated else []
    )


def lived(acts: list[LifecycleEvent], on: int) -> AgreementLifecycle:
    return lifecycle_on({"v1": TEXT, "v2": LATER, "v3": LATEST}, ["v1", "v2", "v3"], acts, day(on))


@pytest.mark.parametrize(
    ("acts", "on", "states", "current", "pending"),
    [
        (FIRST, 9, [AgreementState.SIGNED], "v1", None),
        (ACTIVE, 9, [AgreementState.ACTIVE], "v1", None),
        ([*FIRST, *amended("v2")], 9, [AgreementState.SIGNED, AgreementState.SIGNED], "v2", None),
        ([*ACTIVE, *amended("v2")], 9, [AgreementState.ACTIVE, AgreementState.SIGNED], "v1", "v2"),
        ([*ACTIVE, *amended("v2", 5)], 4, [AgreementState.ACTIVE, AgreementState.ACTIVE], "v1", None),
        ([*ACTIVE, *amended("v2", 5)], 5, [AgreementState.AMENDED, AgreementState.ACTIVE], "v2", None),
        (
            [*ACTIVE, *amended("v3", 5)],
            9,
            [AgreementState.ACTIVE, AgreementState.NOT_YET_EFFECTIVE],
            "v1",
            None,
        ),
        ([*ACTIVE, *amended("v3", 5)], 20, [AgreementState.AMENDED, AgreementState.ACTIVE], "v3", None),
        (
            [*ACTIVE, *amended("v2"), LifecycleEvent(AgreementAct.TERMINATE, day(6), "v1", LAB)],
            9,
            [AgreementState.TERMINATED, AgreementState.TERMINATED],
            "v1",
            None,
        ),
    ],
)
def test_which_text_holds(
    acts: list[LifecycleEvent], on: int, states: list[AgreementState], current: str, pending: str | None
) -> None:
    found = lived(acts, on)
    assert [s.state for s in found.texts] == states
    assert found.current.version == current
    assert (found.pending.version if found.pending else None) == pending
    assert found.prepared.version == (pending or current)
    assert found.activated == tuple(e.version for e in acts if e.act is AgreementAct.ACTIVATE)
    assert tuple(s.version for s in found.texts if s.activated) == found.activated


def test_a_suspension_counts_from_its_day() -> None:
    acts = [
        *ACTIVE,
        *(
            LifecycleEvent(AgreementAct.SUSPEND, day(n), "v1", p)
            for n, p in ((5, None), (6, LAB), (7, SCHOOLS))
        ),
    ]
    assert [lived(acts, n).current.suspended_by for n in (5, 6, 7)] == [(), (LAB,), (LAB, SCHOOLS)]
    acts.append(LifecycleEvent(AgreementAct.RESUME, day(8), "v1", LAB))
    assert lived(acts, 8).current.suspended_by == (SCHOOLS,)


def test_ever_parties_and_identity_of_a_status() -> None:
    found = {
        n: lived([*ACTIVE, join(5), leave(6, 8), abstain(9, SCHOOLS)], n).current for n in (4, 5, 6, 8, 9)
    }
    assert found[4].ever_parties == (SCHOOLS, LAB)
    assert found[8].ever_parties == (SCHOOLS, LAB, NEW)
    assert found[8].document.partners == (SCHOOLS, NEW)
    assert found[8].signed_text is TEXT
    assert AgreementStatus(TEXT, "v1", AgreementState.DRAFT, "").signed_text is TEXT
    assert found[5].identity[-1] == found[6].identity[-1]  # who has only said that it leaves is a party
    assert len({found[n].identity[-1] for n in (4, 5, 8, 9)}) == 4

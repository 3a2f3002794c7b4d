import pytest

from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor, LegalStatus, Role
from throughway.partners.actions import add_partner, add_user
from throughway.partners.selectors import actor, known, partners

pytestmark = pytest.mark.django_db


def test_kind_implies_legal_statuses() -> None:
    add_partner(id="oak-schools", name="Oak Schools", kind="lea", by=OPERATOR)
    add_partner(id="clinic", name="Clinic", kind="agency", legal=["hipaa"], by=OPERATOR)
    assert known("oak-schools").legal == {LegalStatus.ED_FUNDED, LegalStatus.LEA}
    assert known("clinic").legal == {LegalStatus.HIPAA}
    assert list(partners()) == ["clinic", "oak-schools"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": "Oak Schools"}, "bad_id"),
        ({"name": "  "}, "missing_name"),
        ({"kind": "school"}, "unknown_kind"),
        ({"legal": ["magic"]}, "unknown_status"),
        ({"id": "there"}, "exists"),
        ({"id": "people"}, "bad_id"),
    ],
)
def test_a_wrong_partner_is_refused(change: dict[str, object], code: str) -> None:
    add_partner(id="there", name="There", kind="cbo", by=OPERATOR)
    right: dict[str, object] = {"id": "newcomer", "name": "Newcomer", "kind": "cbo", "by": OPERATOR}
    with pytest.raises(Refused) as refused:
        add_partner(**(right | change))  # type: ignore[arg-type]
    assert refused.value.code == code
    assert list(partners()) == ["there"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"email": "nobody"}, "bad_email"),
        ({"partner": "nowhere"}, "unknown_partner"),
        ({"role": "king"}, "unknown_role"),
        ({"email": "ANN@oak.example"}, "exists"),
    ],
)
def test_a_wrong_user_is_refused(change: dict[str, str], code: str) -> None:
    add_partner(id="oak", name="Oak", kind="lea", by=OPERATOR)
    add_user(email="ann@oak.example", partner="oak", role="data_steward", by=OPERATOR)
    right: dict[str, object] = {"email": "bo@oak.example", "partner": "oak", "role": "leader", "by": OPERATOR}
    with pytest.raises(Refused) as refused:
        add_user(**(right | change))  # type: ignore[arg-type]
    assert refused.value.code == code


def test_unknown_user_is_refused_without_repeating_the_address() -> None:
    with pytest.raises(Refused) as refused:
        actor("ghost@nowhere.example")
    assert "ghost" not in refused.value.message


@pytest.mark.parametrize("role", Role)
def test_only_stewards_and_privacy_officers_keep_registers(role: Role) -> None:
    add_partner(id="oak", name="Oak", kind="lea", by=OPERATOR)
    by = Actor("ann@oak.example", "oak", role)
    writes = (
        lambda: add_partner(id="elm", name="Elm", kind="lea", by=by),
        lambda: add_user(email="bo@oak.example", partner="oak", role="leader", by=by),
    )
    if role in (Role.DATA_STEWARD, Role.PRIVACY_OFFICER):
        assert [write() for write in writes]
        return
    for write in writes:
        with pytest.raises(Refused) as refused:
            write()
        assert refused.value.code == "not_allowed"
    assert list(partners()) == ["oak"]


@pytest.mark.parametrize("role", [Role.DATA_STEWARD, Role.PRIVACY_OFFICER])
def test_a_backbone_is_added_by_a_backbone_or_the_operator(role: Role) -> None:
    """Its people keep everybody's accounts and read every agreement, so no other partner makes one."""
    add_partner(id="oak", name="Oak", kind="lea", by=OPERATOR)
    add_partner(id="spine", name="Spine", kind="backbone", by=OPERATOR)
    with pytest.raises(Refused) as refused:
        add_partner(id="mine", name="Mine", kind="backbone", by=Actor("ann@oak.example", "oak", role))
    assert refused.value.code == "not_allowed"
    assert list(partners()) == ["oak", "spine"]
    by = Actor("bo@spine.example", "spine", role)
    assert add_partner(id="second", name="Second", kind="backbone", by=by).kind == "backbone"
    assert add_partner(id="elm", name="Elm", kind="lea", by=Actor("ann@oak.example", "oak", role))

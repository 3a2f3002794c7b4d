"""What an entry keeps of a question: nothing that could be found by trying, and enough to show that it was this one."""

import hmac
import stat
from hashlib import sha256
from pathlib import Path

import pytest

from tests.gate import making
from throughway.core.refusals import Refused
from throughway.gate.actions import GovernedAccess, enter
from throughway.gate.actions.integrity_check import check
from throughway.ledger.hmac_digests import QUESTION_KEY, question_digest
from throughway.ledger.models import LedgerEntry
from throughway.store import Community

SQL = "SELECT count(*) AS n FROM person WHERE first_name = 'Ada'"


def test_the_digest_needs_the_key_and_each_community_has_its_own(community: Community) -> None:
    said = question_digest(SQL, community.keys)
    key = community.keys / QUESTION_KEY
    assert said == hmac.new(key.read_bytes(), SQL.encode(), "sha256").hexdigest()
    assert said == question_digest(SQL, community.keys)
    assert said != sha256(SQL.encode()).hexdigest()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.unlink()
    assert said != question_digest(SQL, community.keys)


DAMAGED = [b"", b"0" * 31, b"0" * 33]


@pytest.mark.parametrize("damaged", DAMAGED)
def test_a_damaged_key_is_told_and_not_made_anew(community: Community, damaged: bytes) -> None:
    (community.keys / QUESTION_KEY).write_bytes(damaged)
    with pytest.raises(Refused, match="damaged"):
        question_digest(SQL, community.keys)
    assert (community.keys / QUESTION_KEY).read_bytes() == damaged


@pytest.mark.django_db(transaction=True)
def test_entry_holds_no_query_text_and_no_bare_hash(community: Community) -> None:
    making.register()
    making.in_effect(making.sharing())
    making.people()
    access = enter(actor=making.reader("evaluator@hub.example"), purpose="planning")
    access.query(SQL)
    with pytest.raises(Refused):
        access.query(SQL + " GROUP BY no_such_column")
    released, refused = LedgerEntry.objects.order_by("at")
    assert released.question == question_digest(SQL, community.keys)
    assert refused.question
    for entry in (released, refused):
        said = " ".join(str(value) for value in vars(entry).values())
        assert "Ada" not in said
        assert sha256(SQL.encode()).hexdigest() not in said


@pytest.fixture
def access(community: Community) -> GovernedAccess:
    making.register()
    making.in_effect(making.sharing())
    making.people()
    return enter(actor=making.reader("evaluator@hub.example"), purpose="planning")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("damaged", [*DAMAGED, None])
def test_query_without_digest_is_refused_and_recorded(
    community: Community, access: GovernedAccess, damaged: bytes | None
) -> None:
    key = community.keys / QUESTION_KEY
    key.mkdir() if damaged is None else key.write_bytes(damaged)  # None: there is something that is no file
    with pytest.raises(
        Refused, match=r"^keys/ledger-questions\.key (is damaged|cannot be read), so [^.]*\.$"
    ) as refused:
        access.query(SQL)
    [entry] = LedgerEntry.objects.all()
    assert (refused.value.code, entry.outcome, entry.rows, entry.question) == (
        "key_damaged",
        "refused",
        None,
        "",
    )
    assert [reason["citation"] for reason in entry.reasons] == ["34 CFR 99.32(a)"]
    assert check() == [refused.value.message] == [entry.reasons[0]["sentence"]]
    key.rmdir() if damaged is None else key.unlink()
    assert check() == []


@pytest.mark.django_db(transaction=True)
def test_a_lost_key_is_told_and_not_made_anew(
    community: Community, access: GovernedAccess, tmp_path: Path
) -> None:
    access.query(SQL)
    key = community.keys / QUESTION_KEY
    key.rename(tmp_path / "away")
    with pytest.raises(
        Refused, match=r"^keys/ledger-questions\.key is missing, so no query can be answered; restore it"
    ) as refused:
        access.query(SQL)
    assert LedgerEntry.objects.order_by("at").last().reasons[0]["sentence"] == refused.value.message  # type: ignore[union-attr]
    assert check() == [refused.value.message]
    assert not key.exists()
    (tmp_path / "away").rename(key)
    access.query(SQL)
    assert check() == []


@pytest.mark.django_db(transaction=True)
def test_refusal_entry_says_why_its_digest_is_missing(community: Community, access: GovernedAccess) -> None:
    (community.keys / QUESTION_KEY).write_bytes(b"short")
    with pytest.raises(Refused, match="a column that does not exist"):
        access.query("SELECT no_such_column FROM person")
    [entry] = LedgerEntry.objects.all()
    assert ["damaged" in reason["sentence"] for reason in entry.reasons] == [False, True]
    assert entry.question == ""


@pytest.mark.django_db
def test_a_damaged_key_of_the_seals_is_one_problem_among_others(community: Community) -> None:
    (community.keys / "ledger-signing.key").write_bytes(b"short")
    (community.keys / QUESTION_KEY).write_bytes(b"short")
    assert [problem.split()[0] for problem in check()] == [
        "keys/ledger-signing.key",
        "keys/ledger-questions.key",
    ]

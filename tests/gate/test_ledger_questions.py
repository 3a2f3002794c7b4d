"""What an entry keeps of a question: nothing that could be found by trying, and enough to show that it was this one."""

import hmac
import stat
from hashlib import sha256

import pytest

from tests.gate import making
from throughway.gate.actions import enter
from throughway.gate.models import LedgerEntry
from throughway.gate.questions import KEY_FILE, question_digest
from throughway.refusals import Refused
from throughway.store import Community

SQL = "SELECT count(*) AS n FROM person WHERE first_name = 'Ada'"


def test_the_digest_needs_the_key_and_each_community_has_its_own(community: Community) -> None:
    said = question_digest(SQL, community.keys)
    key = community.keys / KEY_FILE
    assert said == hmac.new(key.read_bytes(), SQL.encode(), "sha256").hexdigest()
    assert said == question_digest(SQL, community.keys)
    assert said != sha256(SQL.encode()).hexdigest()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.unlink()
    assert said != question_digest(SQL, community.keys)


@pytest.mark.parametrize("damaged", [b"", b"0" * 31, b"0" * 33])
def test_a_damaged_key_is_told_and_not_made_anew(community: Community, damaged: bytes) -> None:
    (community.keys / KEY_FILE).write_bytes(damaged)
    with pytest.raises(Refused, match="damaged"):
        question_digest(SQL, community.keys)
    assert (community.keys / KEY_FILE).read_bytes() == damaged


@pytest.mark.django_db(transaction=True)
def test_an_entry_holds_neither_the_question_nor_a_bare_hash_of_it(community: Community) -> None:
    making.register()
    making.in_effect(making.sharing())
    making.people()
    door = enter(actor=making.reader("evaluator@hub.example"), purpose="planning")
    door.query(SQL)
    with pytest.raises(Refused):
        door.query(SQL + " GROUP BY no_such_column")
    released, refused = LedgerEntry.objects.order_by("at")
    assert released.question == question_digest(SQL, community.keys)
    assert refused.question
    for entry in (released, refused):
        said = " ".join(str(value) for value in vars(entry).values())
        assert "Ada" not in said
        assert sha256(SQL.encode()).hexdigest() not in said

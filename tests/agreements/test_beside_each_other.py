"""Two real processes act on one agreement at the same moment, on SQLite and on PostgreSQL: one clear outcome each."""

import json
from collections.abc import Iterator
from itertools import count

import pytest

from tests.agreements.documents import STUDY, changed, text_of
from tests.town import Fresh, Town

ROUNDS = 4
NUMBERS = count()

# Does what it is told, one line at a time, and answers with the state, or with the code of the refusal.
WORKER = """
import json, sys
from throughway.agreements import actions; from throughway.agreements import selectors as reading
from throughway.agreements.models import AgreementEvent, AgreementVersion
from throughway.partners import OPERATOR, Actor
from throughway.partners.actions import add_partner
from throughway.core.refusals import Refused

def who(role, partner):
    return Actor(f"{role}@{partner}.example", partner, role)

def settled(id, text):
    actions.add(text=text, by=OPERATOR)
    actions.sign(id=id, by=who("leader", "riverbend-schools"))
    actions.sign(id=id, by=who("leader", "reading-lab"))

print("ready", flush=True)
for line in sys.stdin:
    try:
        said = eval(json.loads(line))
        answer = str(getattr(said, "state", said))
    except Refused as refused:
        answer = "refused " + refused.code
    except Exception as error:
        answer = f"failed {type(error).__name__} {error}"
    print(json.dumps(answer), flush=True)
"""


class Pair:
    """Two processes of one community."""

    def __init__(self, town: Town) -> None:
        self.both = [town.python(WORKER) for _ in range(2)]
        for process in self.both:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"

    def at_once(self, *asked: str) -> list[str]:
        """Each process does one; gives both answers, in the order of the asking."""
        for process, code in zip(self.both, asked, strict=False):
            assert process.stdin
            process.stdin.write(json.dumps(code) + "\n")
        for process, _ in zip(self.both, asked, strict=False):
            assert process.stdin
            process.stdin.flush()
        answers = []
        for process, _ in zip(self.both, asked, strict=False):
            assert process.stdout
            answers.append(json.loads(process.stdout.readline()))
        return answers

    def one(self, code: str) -> str:
        return self.at_once(code)[0]

    def end(self) -> None:
        for process in self.both:
            process.communicate()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, fresh_database: Fresh) -> Iterator[Pair]:
    with fresh_database() as database:
        town = Town(tmp_path_factory.mktemp("beside") / "town", database)
        town.found()
        pair = Pair(town)
        for id, kind in (("riverbend-schools", "lea"), ("reading-lab", "agency")):
            pair.one(f"add_partner(id={id!r}, name={id!r}, kind={kind!r}, legal=(), by=OPERATOR)")
        yield pair
        pair.end()


def text(id: str, title: str = "A study") -> str:
    return text_of(
        changed(STUDY, ("id", id), ("title", title), ("purposes.0.id", id), ("schedule.0.purposes", [id]))
    )


def sign(id: str, partner: str, role: str = "leader", version: str = "None") -> str:
    return f"actions.sign(id={id!r}, by=who({role!r}, {partner!r}), version={version})"


def events(pair: Pair, id: str, what: str) -> str:
    return pair.one(f"AgreementEvent.objects.filter(agreement={id!r}, what={what!r}).count()")


@pytest.fixture(params=range(ROUNDS))
def id(request: pytest.FixtureRequest) -> str:
    return f"study-{next(NUMBERS)}"


def test_two_parties_sign_at_once(pair: Pair, id: str) -> None:
    pair.one(f"actions.add(text={text(id)!r}, by=OPERATOR)")
    answers = pair.at_once(sign(id, "riverbend-schools"), sign(id, "reading-lab"))
    assert sorted(answers) == ["partly_signed", "signed"]
    assert events(pair, id, "sign") == "2"


def test_two_of_one_party_sign_at_once(pair: Pair, id: str) -> None:
    pair.one(f"actions.add(text={text(id)!r}, by=OPERATOR)")
    answers = pair.at_once(sign(id, "reading-lab"), sign(id, "reading-lab"))
    assert sorted(answers) == ["partly_signed", "refused already_signed"]
    assert events(pair, id, "sign") == "1"


def test_the_text_changes_while_another_signs(pair: Pair, id: str) -> None:
    pair.one(f"actions.add(text={text(id)!r}, by=OPERATOR)")
    version = pair.one(f"reading.one({id!r}).version")
    add = f"actions.add(text={text(id, 'Changed')!r}, by=OPERATOR)"
    signed, added = pair.at_once(sign(id, "reading-lab", version=repr(version)), add)
    assert (signed, added) in {("partly_signed", "draft"), ("refused changed", "draft")}
    assert pair.one(f"reading.one({id!r}).signed_by") == "()"  # the changed text has no signature


def test_two_amend_at_once(pair: Pair, id: str) -> None:
    pair.one(f"settled({id!r}, {text(id)!r})")
    pair.one(f"actions.activate(id={id!r}, by=who('data_steward', 'reading-lab'))")
    answers = pair.at_once(
        *(f"actions.amend(id={id!r}, text={text(id, title)!r}, by=OPERATOR)" for title in ("One", "Other"))
    )
    assert sorted(answers) == ["draft", "refused already_amending"]
    assert pair.one(f"len(reading.lifecycle_of({id!r}).texts)") == "2"


def test_one_amends_while_another_ends_it(pair: Pair, id: str) -> None:
    pair.one(f"settled({id!r}, {text(id)!r})")
    pair.one(f"actions.activate(id={id!r}, by=who('data_steward', 'reading-lab'))")
    amended, ended = pair.at_once(
        f"actions.amend(id={id!r}, text={text(id, 'Changed')!r}, by=OPERATOR)",
        f"actions.terminate(id={id!r}, by=who('data_steward', 'riverbend-schools'))",
    )
    assert ended == "terminated"
    assert amended in {"draft", "refused is_terminated"}
    assert pair.one(f"reading.pending_amendment({id!r})") == "None"


def test_one_puts_it_into_effect_while_another_ends_it(pair: Pair, id: str) -> None:
    pair.one(f"settled({id!r}, {text(id)!r})")
    begun, ended = pair.at_once(
        f"actions.activate(id={id!r}, by=who('data_steward', 'reading-lab'))",
        f"actions.terminate(id={id!r}, by=who('data_steward', 'riverbend-schools'))",
    )
    assert ended == "terminated"
    assert begun in {"active", "terminated", "refused is_terminated"}
    assert pair.one(f"reading.one({id!r})") == "terminated"


def test_activation_while_the_text_changes(pair: Pair, id: str) -> None:
    pair.one(f"settled({id!r}, {text(id)!r})")
    begun, added = pair.at_once(
        f"actions.activate(id={id!r}, by=who('data_steward', 'reading-lab'))",
        f"actions.add(text={text(id, 'Changed')!r}, by=OPERATOR)",
    )
    assert (begun, added) in {("active", "refused amend"), ("refused is_draft", "draft")}
    assert pair.one(f"reading.one({id!r})") == ("active" if begun == "active" else "draft")


def test_two_add_the_first_text_at_once(pair: Pair, id: str) -> None:
    answers = pair.at_once(
        *(f"actions.add(text={text(id, title)!r}, by=OPERATOR)" for title in ("One", "Other"))
    )
    assert set(answers) <= {"draft", "refused changed"}
    assert "draft" in answers
    assert pair.one(f"AgreementVersion.objects.filter(agreement={id!r}).count()") == str(
        answers.count("draft")
    )

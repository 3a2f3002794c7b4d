"""Open steps are kept while nothing changes, and asked anew once anything did, in any room."""

import json
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.drafting.drafts import WRITER, begun
from tests.gate.making import sharing
from tests.governance import world
from throughway.agreements import actions as agreements
from throughway.governance.actions import motions
from throughway.negotiation.drafting import actions as drafting
from throughway.partners import OPERATOR
from throughway.site.open_steps.selectors import open_steps

pytestmark = pytest.mark.django_db


def kinds() -> list[str]:
    return sorted(step.kind for step in open_steps(date.today()))


@pytest.fixture
def town(community: object) -> None:
    world.register()


def test_open_steps_change_at_once_after_each_act(town: None) -> None:
    assert kinds() == []
    draft = begun()
    assert kinds() == ["draft"]
    drafting.discard(number=draft.number, by=WRITER)
    assert kinds() == []
    world.found()
    assert kinds() == []
    world.memorandum()
    assert "sign" in kinds()
    assert "vote" not in kinds()
    motions.move(body=world.BODY, kind="other", title="Meet each month", by=world.who(world.BACKBONE))
    assert "vote" in kinds()


def test_open_steps_are_one_query_while_nothing_changes(town: None) -> None:
    agreements.add(text=json.dumps(sharing()), by=OPERATOR)
    open_steps(date.today())
    with CaptureQueriesContext(connection) as asked:
        open_steps(date.today())
    assert len(asked) == 1

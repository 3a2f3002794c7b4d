import pytest

from tests.site.people import settle
from throughway.partners import Actor, Role
from throughway.store import Community


@pytest.fixture
def people(db: None, community: Community) -> dict[Role, Actor]:
    return settle()

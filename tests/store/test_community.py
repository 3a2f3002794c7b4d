import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from throughway.core.refusals import Refused
from throughway.store import Community
from throughway.store.settings_file import CommunitySettings, SettingsFile


@pytest.fixture
def open_to_all() -> Iterator[None]:
    """A process whose new files anybody may read, as most systems have it."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_only_the_owner_reads_feeds_and_data(tmp_path: Path, open_to_all: None) -> None:
    (tmp_path / "feeds").mkdir(mode=0o755)  # also a folder that was there before
    community = Community(tmp_path)
    community.make(name="Testville")
    for folder in (community.feeds, community.data, community.store, community.vault, community.keys):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder


def test_a_community_is_made_once(tmp_path: Path) -> None:
    Community(tmp_path).make(name='The "Ville"')
    assert Community(tmp_path).settings == SettingsFile(CommunitySettings('The "Ville"'))
    with pytest.raises(Refused) as refused:
        Community(tmp_path).make(name="Another")
    assert refused.value.code == "exists"
    assert Community(tmp_path).settings.community.name == 'The "Ville"'

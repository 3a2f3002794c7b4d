"""What an archive of before a destruction brings back after it (archived.py), and what no archive may bring in."""

import io
import tarfile
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.town import town_of
from throughway.core.refusals import Refused
from throughway.store import Community, archives


@pytest.mark.django_db(transaction=True)
def test_what_was_destroyed_stays_destroyed(community: Community) -> None:
    told = town_of(community).module("tests.destruction.archived")
    assert (told["twice"], told["inside"], told["as"]) == ("exists", "inside", "not_allowed")
    # Last year's data with today's keys: nothing that was destroyed is even unpacked, and `check` says which destruction it was.
    assert told["mixed"]["one_backup"] is False
    assert told["mixed"]["opened"] == told["mixed"]["sealed"] == 0
    assert told["mixed"]["sentinels"] == []
    assert len(told["mixed"]["problems"]) == 1
    assert "An older copy of the data was restored" in told["mixed"]["problems"][0]
    assert told["mixed again"] == []
    # The same of one person's destruction: ordered again, the copy's own bytes go.
    for name in ("of one", "of one heeding"):
        assert "An older copy of the data was restored" in told[name]["problems"][0]
        assert told[f"{name} again"] == []
    # Both of last year: nothing in them knows; all of it opens.
    assert told["old"]["problems"] == []
    assert told["old"]["opened"] == told["old"]["sealed"] > 0
    # Told by the certificate, they give it up.
    assert told["heeding"]["opened"] == told["heeding"]["sealed"] == 0
    assert "An older copy of the data was restored" in told["heeding"]["problems"][0]
    assert told["heeding again"] == []
    assert (told["exists"], told["swapped"], told["cut"]) == ("exists", "not_a_backup", "damaged")
    assert told["forged"] == "bad_certificate"
    assert told["left"] is False


def unpack(folder: Path, root: Path) -> None:
    with archives.bring_back(folder / "data.tgz", folder / "keys.tgz", root):
        pass


@pytest.mark.parametrize("name", ["../out", "/tmp/out", "data/../../out"])
def test_an_archive_that_reaches_out_is_refused(tmp_path: Path, name: str) -> None:
    mark = archives.ArchiveHeader(archives.FORMAT, "data", "1", "2026-01-01", "c", "sqlite")
    source = tmp_path / "file"
    source.write_text("x")
    archives.pack(tmp_path / "data.tgz", mark, [(name, source)])
    keys = archives.ArchiveHeader(**{**asdict(mark), "part": "keys"})
    archives.pack(tmp_path / "keys.tgz", keys, [("keys/k", source)])
    with pytest.raises(Refused, match="contains something that a backup never contains"):
        unpack(tmp_path, tmp_path / "in" / "town")
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "in").exists()


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    mark = archives.ArchiveHeader(archives.FORMAT, "data", "1", "2026-01-01", "c", "sqlite")
    archives.pack(tmp_path / "keys.tgz", archives.ArchiveHeader(**{**asdict(mark), "part": "keys"}), [])
    archives.pack(tmp_path / "plain.tgz", mark, [])
    with tarfile.open(tmp_path / "plain.tgz") as plain, tarfile.open(tmp_path / "data.tgz", "w:gz") as tar:
        for each in plain:
            tar.addfile(each, plain.extractfile(each))
        link = tarfile.TarInfo("data/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link, io.BytesIO())
    with pytest.raises(Refused, match="contains something that a backup never contains"):
        unpack(tmp_path, tmp_path / "town")


def test_archives_of_two_communities_are_refused(tmp_path: Path) -> None:
    mark = archives.ArchiveHeader(archives.FORMAT, "data", "1", "2026-01-01", "c", "sqlite")
    archives.pack(tmp_path / "data.tgz", mark, [])
    archives.pack(
        tmp_path / "keys.tgz",
        archives.ArchiveHeader(**{**asdict(mark), "part": "keys", "community": "d"}),
        [],
    )
    assert (tmp_path / "data.tgz").stat().st_mode & 0o777 == 0o600
    with pytest.raises(Refused, match="different communities"):
        unpack(tmp_path, tmp_path / "town")

"""A file that is being sent lies on the disk without a name, so that a process that is killed leaves nothing of it."""

import tempfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

CONTENT = b"Student ID,Name\n" + b"1,Zelmira\n" * 400_000


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_large_file_has_no_name_and_is_read_as_it_was_sent(place: Path) -> None:
    assert len(CONTENT) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("students.csv", CONTENT)})
    file = request.FILES["file"]
    assert list(place.iterdir()) == []
    for _ in range(2):  # it is looked at, and then stored
        assert (file.name, file.size, b"".join(file.chunks())) == ("students.csv", len(CONTENT), CONTENT)
    request.close()  # as Django does when the response is sent

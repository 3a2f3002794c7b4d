"""Every write to uploads: storing and loading one. An interrupted load is repeated and finds the rows already stored unchanged."""

import logging
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from throughway.core import private_folder
from throughway.core.disk_full import full, is_full
from throughway.core.long_work import check_no_transaction
from throughway.core.personal_data import Gone
from throughway.core.refusals import Refused
from throughway.intake import actions as loads
from throughway.intake.formats import START, check_kind, check_zip
from throughway.intake.models import LANDED, OPEN, IntakeBatch, Upload, UploadState
from throughway.intake.permissions import check_can_load
from throughway.intake.safe_names import KeptNames, file_name
from throughway.intake.selectors import documents_in_effect
from throughway.partners import Actor
from throughway.partners.selectors import actor, known
from throughway.store import durable_files, process_locks
from throughway.store.selectors import current_community

log = logging.getLogger(__name__)

LEFT = 6 * 3600  # seconds after which no upload can still be in transfer
DESTROYED = (
    "The records of this partner were destroyed, and no agreement that is signed or in effect lets them be "
    "loaded again."
)
UNNAMED = "a file whose rows were destroyed"
LOCK = ".lock"  # in the folder of an upload; no upload has this name


def keep(
    *,
    chunks: Iterable[bytes],
    name: str,
    size: int,
    partner: str,
    format: str,
    crosswalk: str = "",
    school_year: int | None = None,
    right: str = "",
    by: Actor,
) -> Upload:
    """Stores a file for a worker to load. Refused, with nothing stored, when the actor may not load it or it is not of the stated format.

    `crosswalk`: the name of a file in the community's `crosswalks/`; "" for none.
    """
    from throughway.intake.tasks import load_upload

    known(partner)
    check_can_load(by, partner, documents_in_effect())
    if crosswalk and crosswalk not in crosswalks():
        raise Refused("That crosswalk no longer exists; choose one from the list.", code="crosswalk")
    remove_unfinished()
    pieces = iter(chunks)
    first = next(pieces, b"")
    check_kind(name, format, size, first[:START])
    upload = Upload(
        id=uuid4().hex, partner=partner, format=format, crosswalk=crosswalk, school_year=school_year,
        name=file_name(name, f"upload {Upload.objects.count() + 1}"), at=timezone.now(), by=by.email, state=UploadState.WAITING,
        right=right,
    )  # fmt: skip
    try:
        _write(upload, first, pieces)
        with transaction.atomic():
            upload.save(force_insert=True)
            load_upload.enqueue(upload.id)
    except BaseException:
        remove(upload.id)
        raise
    return upload


def load(*, id: str) -> None:
    """Loads an upload with its sender's present rights; does nothing if it is finished or another process is loading it."""
    check_no_transaction("a load")
    with _turn(id) as granted:
        upload = Upload.objects.filter(id=id, state__in=OPEN).first()
        if not granted or upload is None:
            return
        Upload.objects.filter(id=id).update(state=UploadState.LOADING)
        try:
            loaded = loads.load(
                path=_file(upload),
                partner=upload.partner,
                format=upload.format,
                crosswalk=current_community().crosswalks / upload.crosswalk if upload.crosswalk else None,
                school_year=upload.school_year,
                by=actor(upload.by),
                called=upload.name,
                right=upload.right,
            )
        except Refused as refused:
            _finish(id, UploadState.REFUSED, refusal=KeptNames().sentence(refused, _file(upload)))
        except Exception as error:  # its message may hold a value of the file, so only its class is logged
            log.error("An upload could not be loaded: %s", type(error).__name__)
            if is_full(error):
                _finish(id, UploadState.REFUSED, refusal=full().message)
            else:
                _finish(id, UploadState.BROKEN)
        else:
            state = UploadState.REFUSED if loaded.nothing else UploadState.DONE
            refusal = loaded.nothing.message if loaded.nothing else ""
            if not loaded.nothing:
                LANDED.send_robust(upload)
            _finish(id, state, batch=loaded.batch, refusal=refusal)


def remove(id: str) -> None:
    """Removes the file of an upload, whatever its state."""
    shutil.rmtree(_folder(id), ignore_errors=True)


def remove_unfinished() -> None:
    """Removes what killed processes left behind, with rows as they came: files that were unpacked or staged, and folders without an open
    upload."""
    process_locks.clear(current_community().staging)
    private_folder.remove_abandoned()
    before = time.time() - LEFT
    found = [
        path for path in (current_community().data / "uploads").glob("*/") if path.stat().st_mtime < before
    ]
    names = [path.name for path in found]
    open_ = Upload.objects.filter(id__in=names, state__in=OPEN)
    for name in set(names) - set(open_.values_list("id", flat=True)):
        remove(name)


def forget(gone: Gone) -> Mapping[str, int]:
    """Removes the waiting files of partners whose records may no longer be stored; and, for loads whose rows are destroyed, the
    list of problems and the name of the file."""
    waiting = Upload.objects.filter(partner__in=sorted(gone.empty))
    uploads = 0
    for upload in waiting.filter(state__in=OPEN):
        _finish(upload.id, UploadState.REFUSED, refusal=DESTROYED)
        uploads += 1
    waiting.exclude(name="").update(name=UNNAMED)
    lists = 0
    for batch in IntakeBatch.objects.filter(partner__in=sorted({*gone.records, *gone.empty})):
        if batch.id in gone.batches:
            lists += durable_files.shred(current_community().quarantine / f"{batch.id}.csv")
            IntakeBatch.objects.filter(id=batch.id).update(source=UNNAMED, accepted="")
    return {"files on their way in": uploads, "lists of what could not be read": lists}


def crosswalks() -> list[str]:
    """The community's crosswalks, by the names of their files."""
    return sorted(path.name for path in current_community().crosswalks.glob("*.yaml"))


def _finish(id: str, state: UploadState, *, batch: str = "", refusal: str = "") -> None:
    remove(id)
    Upload.objects.filter(id=id).update(state=state, batch=batch, refusal=refusal)
    Upload.objects.filter(id=id, state=UploadState.REFUSED).update(right="")  # nothing was accepted


def _write(upload: Upload, first: bytes, rest: Iterator[bytes]) -> None:
    folder = _folder(upload.id)
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700)
    path = _file(upload)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(first)
            for piece in rest:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        if not is_full(error):
            raise
        raise Refused(
            "The file could not be saved because the disk is full; nothing was stored. Ask the operator of "
            "the site to free some space.",
            code="no_room",
        ) from error
    check_zip(path)


def _folder(id: str) -> Path:
    return current_community().data / "uploads" / id


def _file(upload: Upload) -> Path:
    return _folder(upload.id) / upload.name


@contextmanager
def _turn(id: str) -> Iterator[bool]:
    """Locks the upload for this process; the lock ends with the process. False if it is finished or locked elsewhere."""
    folder = _folder(id)
    if not folder.is_dir():
        yield True
        return
    with process_locks.turn(folder / LOCK, alone=True, patience=0.0) as granted:
        yield granted

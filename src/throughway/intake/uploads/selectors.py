"""What screens ask about uploads."""

from collections.abc import Collection

from throughway.intake.models import Upload
from throughway.intake.uploads.states import OPEN, UploadState, UploadStatus


def one(id: str) -> UploadStatus | None:
    upload = Upload.objects.filter(id=id).first()
    return _kept(upload) if upload is not None else None


def under_way(partners: Collection[str] | None) -> list[UploadStatus]:
    """Uploads that are not finished, newest first. `partners`: of these alone; None: of all."""
    found = Upload.objects.filter(state__in=[state.value for state in OPEN]).order_by("-at", "id")
    if partners is not None:
        found = found.filter(partner__in=list(partners))
    return [_kept(upload) for upload in found[:20]]


def _kept(upload: Upload) -> UploadStatus:
    return UploadStatus(
        upload.id, upload.partner, upload.format, upload.name, upload.by, upload.at,
        UploadState(upload.state), upload.batch, upload.refusal,
    )  # fmt: skip

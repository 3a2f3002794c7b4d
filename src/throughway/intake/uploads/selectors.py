"""What screens ask about uploads."""

from collections.abc import Collection

from throughway.intake.models import Upload
from throughway.intake.uploads.states import OPEN, Kept, State


def one(id: str) -> Kept | None:
    upload = Upload.objects.filter(id=id).first()
    return _kept(upload) if upload is not None else None


def under_way(partners: Collection[str] | None) -> list[Kept]:
    """Uploads that are not finished, newest first. `partners`: of these alone; None: of all."""
    found = Upload.objects.filter(state__in=[state.value for state in OPEN]).order_by("-at", "id")
    if partners is not None:
        found = found.filter(partner__in=list(partners))
    return [_kept(upload) for upload in found[:20]]


def _kept(upload: Upload) -> Kept:
    return Kept(
        upload.id, upload.partner, upload.format, upload.name, upload.by, upload.at,
        State(upload.state), upload.batch, upload.refusal,
    )  # fmt: skip

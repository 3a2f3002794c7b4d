"""Keeps the pictures of signed consent forms, each sealed under a data key of its own, and destroys them."""

import io
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from PIL import Image, ImageOps, UnidentifiedImageError

from throughway.agreements.signatures import check_paper
from throughway.consent.models import SignedConsentForm
from throughway.consent.sent_form import SentForm
from throughway.core.personal_data import Gone
from throughway.core.refusals import Refused
from throughway.partners.actor import Actor
from throughway.store.sealed_text import TextSealer, destroy_key, new_key
from throughway.store.selectors import current_community

PDF, PICTURE = "application/pdf", "image/jpeg"
LARGEST = 10_000_000  # bytes of a file
PIXELS = 50_000_000  # of a picture; telephones take 12 to 48 million
EDGE = 2_200  # pixels of the longer edge that is kept: 200 to an inch of a letter page
FORGOTTEN_AT_ONCE = 500  # databases bound the parameters of a statement
NOT_A_PAPER = "That file is neither a photo (JPEG or PNG) nor a whole PDF; take a photo of the paper, or scan it as PDF."


@dataclass(frozen=True)
class OpenedPaper:
    """A paper as it was kept: its media type, its bytes, and the signer as the sender read the name."""

    kind: str
    content: bytes
    signer: str


def kept_form_of(content: bytes) -> tuple[str, bytes]:
    """Media type and bytes under which a file is kept. A photo is drawn anew, so that neither the place where it was taken nor anything
    else that was hidden in the file is kept. Refused where it is neither a photo nor a PDF, or is too large."""
    if len(content) > LARGEST:
        raise Refused(
            f"The file is larger than {LARGEST // 1_000_000} MB; take the photo again at a smaller size.",
            code="too_large",
        )
    if content.startswith(b"%PDF-"):
        check_paper(content)
        return PDF, content
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as opened:
            if opened.width * opened.height > PIXELS:
                raise Refused(
                    "The photo has too many pixels; take it again at a smaller size.", code="too_large"
                )
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise Refused(NOT_A_PAPER, code="not_a_paper") from None
    upright.thumbnail((EDGE, EDGE))
    drawn = io.BytesIO()
    Image.frombytes("RGB", upright.size, upright.tobytes()).save(drawn, "JPEG", quality=80)
    return PICTURE, drawn.getvalue()


def keep(*, form: SentForm, attempt: int, kind: str, content: bytes, signer: str, by: Actor) -> None:
    """Seals a paper, as the last step of the caller's transaction: where it fails, its key is destroyed again."""
    community = current_community()
    with new_key(community, form.agreement) as key:
        paper = SignedConsentForm(
            code=form.code, attempt=attempt, agreement=form.agreement, record=form.record, key=key, kind=kind,
            at=datetime.now(UTC), by=by.email,
        )  # fmt: skip
        sealer = TextSealer(community)
        of = {"agreement": form.agreement, "key": key}
        paper.signer = sealer.seal(signer, place=paper.place_of("signer"), **of)
        paper.content = sealer.seal_bytes(content, place=paper.place_of("content"), **of)
        paper.save(force_insert=True)


def opened(*, code: str, attempt: int) -> OpenedPaper | None:
    """The paper of a form; None where it is destroyed. For an officer of the discloser, after an entry in the ledger."""
    paper = SignedConsentForm.objects.filter(code=code, attempt=attempt).first()
    if paper is None:
        return None
    sealer, of = TextSealer(current_community()), {"agreement": paper.agreement, "key": paper.key}
    return OpenedPaper(
        paper.kind,
        sealer.open_bytes(bytes(paper.content), place=paper.place_of("content"), **of),
        sealer.open(bytes(paper.signer), place=paper.place_of("signer"), **of),
    )


def settle(*, code: str, attempt: int, record: int) -> None:
    """Ties a confirmed paper to the discloser's own record, with which it is destroyed from now on."""
    SignedConsentForm.objects.filter(code=code, attempt=attempt).update(record=record)


def discard(*, code: str) -> None:
    """Destroys the papers of a form that led to no consent."""
    _forget(code=code)


def forget_papers(gone: Gone) -> int:
    """Deletes the papers that go, with their keys."""
    count = 0 if gone.agreement is None else _forget(agreement=gone.agreement)
    numbers = sorted(gone.numbers)
    for at in range(0, len(numbers), FORGOTTEN_AT_ONCE):
        count += _forget(record__in=numbers[at : at + FORGOTTEN_AT_ONCE])
    return count


def _forget(**which: str | Collection[int]) -> int:
    found = SignedConsentForm.objects.filter(**which)
    for agreement, key in found.values_list("agreement", "key"):
        destroy_key(current_community(), agreement, key)
    return found.delete()[0]

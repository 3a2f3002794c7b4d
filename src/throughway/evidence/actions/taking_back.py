"""Takes a study back while nothing of its outcomes was read, so that a corrected text needs no decision of the council.

A run writes that it reads outcomes before it reads the first. Whoever takes back a study before then has learned nothing of an outcome
from it: no effect, no word, and not that there would be none. So taking back is no way to try one specification after the other: of those
that read outcomes there is one.
"""

from datetime import UTC, datetime

from django.db import transaction

from throughway.core.refusals import Refused
from throughway.evidence.models import RegisteredStudy, StudyReading, StudyTakenBack
from throughway.evidence.permissions import check_can_take_back
from throughway.evidence.selectors import KnownStudy, study
from throughway.partners import Actor

LONGEST = 500  # characters of a reason


@transaction.atomic
def take_back(*, id: str, reason: str, by: Actor) -> KnownStudy:
    """Refused for anybody but who may register studies for the partner that registered this one, without a reason, and once a run has
    begun to read its outcomes."""
    found = study(id)
    check_can_take_back(by, found.partner)
    why = reason.strip()
    if not why:
        raise Refused("Say why the study is taken back.", code="missing")
    if len(why) > LONGEST:
        raise Refused(f"Shorten the reason to {LONGEST} characters.", code="too_long")
    row = RegisteredStudy.objects.select_for_update().get(pk=found.id)
    check_stands(study(row.pk))
    if row.readings.exists() or row.findings.exists():
        raise Refused(
            f"Study {row.pk} cannot be taken back, because its outcomes have been read; a corrected text needs a decision of the community’s council.",
            code="read",
        )
    StudyTakenBack.objects.create(
        study=row, reason=why, at=datetime.now(UTC), by=by.email, partner=by.partner or ""
    )
    return study(row.pk)


@transaction.atomic
def begin_reading(*, id: str, by: Actor) -> None:
    """Records that a run reads the outcomes of a study from now on. Refused where it was taken back meanwhile."""
    row = RegisteredStudy.objects.select_for_update().get(pk=id)
    check_stands(study(row.pk))
    StudyReading.objects.create(study=row, at=datetime.now(UTC), by=by.email)


def check_stands(found: KnownStudy) -> None:
    """Refused where the study was taken back."""
    if found.taken_back is not None:
        raise Refused(
            f"Study {found.id} was taken back on {found.taken_back.on}; register the corrected text.",
            code="taken_back",
        )

"""The texts that agreements had, and what they compile to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from throughway.agreements.document import AgreementDocument
from throughway.agreements.grant_sql import show_by_purpose
from throughway.agreements.models import AgreementVersion, SignedPaper
from throughway.agreements.selectors.status import agreement_statuses, parsed
from throughway.agreements.status import AgreementStatus
from throughway.core.cache import Cache


@dataclass(frozen=True)
class KeptText:
    """One text of an agreement, as it was added. `number` counts from 1."""

    number: int
    version: str
    text: str
    day: date
    by: str

    @property
    def document(self) -> AgreementDocument:
        return parsed(self.text)


def kept_texts(id: str) -> list[KeptText]:
    """Every text that an agreement ever had, oldest first."""
    return [
        KeptText(text.number, text.version, text.text, text.added_at.date(), text.added_by)
        for text in AgreementVersion.objects.filter(agreement=id).order_by("number")
    ]


def source_of(found: AgreementStatus) -> str:
    """The words of a text, as they were added."""
    texts = AgreementVersion.objects.filter(agreement=found.document.id, version=found.version)
    return texts.order_by("number").values_list("text", flat=True).last() or ""


def text_day(found: AgreementStatus) -> date:
    """The day on which a text was first added, as this machine counts days."""
    texts = AgreementVersion.objects.filter(agreement=found.document.id, version=found.version)
    added = texts.order_by("number").values_list("added_at", flat=True).first()
    return added.astimezone().date() if added else date.min


def signed_paper(sha256: str) -> bytes | None:
    """The content of a signed paper; None where none has that fingerprint."""
    content = SignedPaper.objects.filter(pk=sha256).values_list("content", flat=True).first()
    return None if content is None else bytes(content)


def wider(narrow: AgreementStatus, on: date) -> list[AgreementStatus]:
    """The agreements above this one, its own `under` first, then theirs; those that do not exist are left out."""
    known = {found.document.id: found for found in agreement_statuses(on)}
    above: dict[str, AgreementStatus] = {}
    asked = list(narrow.document.under)
    while asked:
        id = asked.pop(0)
        if id in known and id not in above and id != narrow.document.id:
            above[id] = known[id]
            asked.extend(known[id].document.under)
    return list(above.values())


def sql_of(found: AgreementStatus, on: date) -> Mapping[str, str]:
    """By purpose id, the SQL that the agreement compiles to on that day; kept, since a large one takes a second."""
    above = wider(found, on)
    key = (on, *(s.identity for s in (found, *above)))
    return _SQL.of(key, lambda: show_by_purpose(found, above, on))


_SQL = Cache[Mapping[str, str]](64)  # agreements

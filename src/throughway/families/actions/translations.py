"""A discloser approves the words of its consent forms in the language that families read (34 CFR 99.30(b))."""

from collections.abc import Mapping
from datetime import date

from throughway.agreements.document import AgreementDocument, version_of
from throughway.agreements.selectors import agreement_statuses
from throughway.agreements.states import OVER
from throughway.consent.actions import new_code, record
from throughway.consent.consent_file import CONSENT, choosable
from throughway.consent.form_translation import (
    CITATION,
    LONGEST,
    TRANSLATED,
    FormTranslation,
    form_parts,
)
from throughway.consent.rights_events import RightsSubject
from throughway.consent.selectors.rights import translations_of
from throughway.core.refusals import Refused
from throughway.families.actions.requesters import check_may
from throughway.partners.actor import Actor


def translated_document(agreement: str, language: str, by: Actor) -> AgreementDocument:
    """The text whose words the actor's partner may approve for families; refused as unknown where it asks no family about this partner's
    records, or there are no forms in that language."""
    partner = check_may(by)
    known = {s.document.id: s for s in agreement_statuses(date.today())}.get(agreement)
    if (
        known is None
        or known.state in OVER
        or language not in TRANSLATED
        or not choosable(known.document, partner, CONSENT)
    ):
        raise Refused(
            "No agreement of that name asks families about your records, or no form is printed in that language; see What families decided.",
            code="unknown_agreement",
        )
    return known.document


def approve_words(
    *, agreement: str, language: str, words: Mapping[str, str], version: str, by: Actor
) -> FormTranslation:
    """Keeps the words for forms that are made from now on; `words`: by the id of each part (`form_parts`). Refused where one is missing, is
    too long, or repeats the English of a purpose; and where the text is no longer the one (`version`) that was read."""
    document = translated_document(agreement, language, by)
    partner = check_may(by)
    if version != version_of(document):
        raise Refused(
            "The agreement was changed since you opened the page; open it again and compare your words with the new text.",
            code="changed",
        )
    parts = form_parts(document, partner, choosable(document, partner, CONSENT))
    written = {part: " ".join(words.get(part, "").split()) for part in parts}
    for part, signed in parts.items():
        if not written[part] or len(written[part]) > LONGEST:
            raise Refused(
                f"Write {TRANSLATED[language]} words of {LONGEST} characters at most for “{signed[:80]}”; a form without them is not printed.",
                code="incomplete",
                citations=[CITATION],
            )
        if part.startswith("purpose_") and written[part].rstrip(".").casefold() == signed.casefold():
            raise Refused(
                f"“{signed[:80]}” is the English text itself; write what it says in {TRANSLATED[language]}.",
                code="not_translated",
                citations=[CITATION],
            )
    code = new_code()
    record(
        about=RightsSubject.WORDS, step=language, partner=partner, code=code, other=agreement, by=by,
        facts={"version": version}, words=written,
    )  # fmt: skip
    return next(iter(translations_of(partner, code=code)))

"""What a later text would show by consents that families gave for less.

A consent names the records, the purpose and the party (34 CFR 99.30(b)), and is kept for a purpose of an agreement. A later
text that shows more under that purpose, or shows it to another party, would use the consents given before for what nobody
was asked.
"""

from collections.abc import Sequence

from throughway.agreements.diff.access_impact import AccessConditions, element_accesses
from throughway.agreements.document import AgreementDocument
from throughway.agreements.effective_grants import FORMS
from throughway.agreements.enums import Basis

By = tuple[str, str, str, str]  # purpose, discloser, recipient, element


def beyond_consent(earlier: Sequence[AgreementDocument], later: AgreementDocument) -> list[By]:
    """What some earlier text did not show to that recipient by consent, or showed less of, in order; a discloser that gives
    nothing by consent yet has no consents to be used."""
    now, found = _by_consent(later), set[By]()
    for text in earlier:
        before = _by_consent(text)
        asked = {(purpose, discloser) for purpose, discloser, _, _ in before}
        found |= {
            by for by, how in now.items()
            if by[:2] in asked and (by not in before or _is_more(how, before[by]))
        }  # fmt: skip
    return sorted(found)


def _by_consent(document: AgreementDocument) -> dict[By, AccessConditions]:
    """The most open way in which each is shown, of what rests on consent."""
    consented = {
        (entry.id, discloser)
        for entry in document.purposes if entry.basis is Basis.CONSENT
        for discloser in document.disclosers(entry)
    }  # fmt: skip
    found: dict[By, AccessConditions] = {}
    alone = document.model_copy(update={"under": ()})  # what the tiers above narrow was not asked for either
    for sight, how in element_accesses(alone).items():
        by = (sight.purpose, sight.discloser, sight.recipient, sight.element)
        if by[:2] in consented and (by not in found or _is_more(how, found[by])):
            found[by] = how
    return found


def _is_more(now: AccessConditions, was: AccessConditions) -> bool:
    return (
        FORMS.index(now.form) < FORMS.index(was.form) or now.transform.coarseness < was.transform.coarseness
    )

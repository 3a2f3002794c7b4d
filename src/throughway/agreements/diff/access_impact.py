"""The access that opens and closes when one text replaces another, from the grants compiled from each.

A small edit can open much: another reach, one more party, a line with a wildcard. So the comparison is of access, not of words: each
element of each discloser, for each role of each recipient, under each purpose.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from throughway.agreements.data_flows import known_lines
from throughway.agreements.document import AgreementDocument, version_of
from throughway.agreements.effective_grants import FORMS, REACHES, grants_of_text
from throughway.agreements.enums import AccessForm, Basis, Reach
from throughway.agreements.grant import Grant, accompanying
from throughway.agreements.labels import (
    FORM_WORDS,
    REACH_WORDS,
    element_words,
    listed,
    people,
    table_words,
    transform_words,
)
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.agreements.transforms import Transform
from throughway.core.prose import capital

NEWLY, NO_LONGER, OTHERWISE = "newly shown", "no longer shown", "shown otherwise"


@dataclass(frozen=True, order=True)
class ElementAccess:
    """Who sees what: one element (`table.column`) of one discloser, for one role of one recipient, under one purpose."""

    discloser: str
    element: str
    recipient: str
    role: str
    purpose: str


@dataclass(frozen=True)
class AccessConditions:
    """The conditions of the access: form, transform, and `scope`: students and days."""

    transform: Transform
    reach: Reach
    form: AccessForm
    scope: tuple[object, ...]


@dataclass(frozen=True)
class AccessImpact:
    """Changes of access that are alike: whose records, for whom, under which purpose, which elements, and the change in words."""

    kind: str  # NEWLY, NO_LONGER or OTHERWISE
    disclosers: tuple[str, ...]
    recipients: tuple[str, ...]
    roles: tuple[str, ...]
    elements: tuple[str, ...]
    purpose: str
    change: str = ""

    @property
    def opens(self) -> bool:
        return self.kind == NEWLY

    def sentence(self, names: Mapping[str, str], purpose: str) -> str:
        """`purpose`: the purpose in words, such as "for casework"."""
        who = f"{listed(map(people, self.roles))} of {listed(names.get(p, p) for p in self.recipients)}"
        whose = listed(names.get(p, p) for p in self.disclosers)
        who = capital(who)
        verb = {NEWLY: "newly see", NO_LONGER: "no longer see", OTHERWISE: "see otherwise"}[self.kind]
        change = f": {self.change}" if self.change else ""
        return f"{who} {verb} {elements_words(self.elements)} of {whose}, {purpose}{change}."


def element_accesses(
    document: AgreementDocument, wider: Sequence[AgreementStatus] = ()
) -> dict[ElementAccess, AccessConditions]:
    """Everything that the text would show, in effect or not, narrowed by the tiers above it. Of two grants of the same access the more
    open one counts."""
    found: dict[ElementAccess, AccessConditions] = {}
    draft = AgreementStatus(known_lines(document), version_of(document), AgreementState.DRAFT, "")
    above = [replace(one, document=known_lines(one.document)) for one in wider]
    for grant in grants_of_text(draft, above):
        for sight, how in _of(grant):
            known = found.get(sight)
            found[sight] = how if known is None else min(known, how, key=_openness)
    return found


def _of(grant: Grant) -> Iterable[tuple[ElementAccess, AccessConditions]]:
    scope = (grant.population, grant.records)
    with_table = accompanying(grant.table).keys()
    for column, transform in grant.columns.items():
        if column not in with_table and transform.name != "suppress":
            how = AccessConditions(transform, grant.reach, grant.form, scope)
            for recipient in grant.recipients:
                for role in grant.roles:
                    element = f"{grant.table}.{column}"
                    yield ElementAccess(grant.discloser, element, recipient, str(role), grant.purpose), how


def _openness(how: AccessConditions) -> tuple[object, ...]:
    return (FORMS.index(how.form), REACHES.index(how.reach), how.transform.coarseness)


def access_impacts(
    old: AgreementDocument, new: AgreementDocument, wider: Sequence[AgreementStatus] = ()
) -> tuple[AccessImpact, ...]:
    """New access first, then changed access, then access that ends."""
    before, after = element_accesses(old, wider), element_accesses(new, wider)
    newly = dict.fromkeys(after.keys() - before.keys(), "")
    gone = dict.fromkeys(before.keys() - after.keys(), "")
    otherwise = {
        sight: change
        for sight in before.keys() & after.keys()
        if (change := _change(before[sight], after[sight]))
    }
    return (*_gathered(NEWLY, newly), *_gathered(OTHERWISE, otherwise), *_gathered(NO_LONGER, gone))


def _change(was: AccessConditions, now: AccessConditions) -> str:
    """The differences in the conditions, in words; empty when there are none."""
    changes = []
    if was.transform != now.transform:
        changes.append(f"{_shown(now.transform)}, before {_shown(was.transform)}")
    if was.reach != now.reach:
        changes.append(f"{REACH_WORDS[now.reach]}, before {REACH_WORDS[was.reach]}")
    if was.form != now.form:
        changes.append(f"{_form(now.form)}, before {_form(was.form)}")
    if was.scope != now.scope:
        changes.append("about other students or days than before")
    return "; ".join(changes)


def _shown(transform: Transform) -> str:
    return transform_words(transform) or "as it is"


def _form(form: AccessForm) -> str:
    words = FORM_WORDS[form].rstrip(".")
    return words[:1].lower() + words[1:]


def _gathered(kind: str, found: Mapping[ElementAccess, str]) -> list[AccessImpact]:
    """Merges equal changes: by elements, then by roles, recipients and disclosers."""
    rows: list[tuple[Any, ...]] = [
        ((one.discloser,), (one.recipient,), (one.role,), (one.element,), one.purpose, found[one])
        for one in sorted(found)
    ]
    for field in (3, 2, 1, 0):
        groups: dict[tuple[Any, ...], list[str]] = {}
        for row in rows:
            groups.setdefault((*row[:field], *row[field + 1 :]), []).extend(row[field])
        rows = [(*rest[:field], tuple(values), *rest[field:]) for rest, values in groups.items()]
    return [AccessImpact(kind, *row) for row in rows]


def elements_words(elements: Sequence[str]) -> str:
    """Up to six elements by name, more by their tables."""
    if len(elements) <= 6:
        return listed(element_words(element.partition(".")[2]) for element in elements)
    tables: dict[str, int] = {}
    for element in elements:
        tables[element.partition(".")[0]] = tables.get(element.partition(".")[0], 0) + 1
    return listed(f"{table_words(table)} ({count})" for table, count in tables.items())


By = tuple[str, str, str, str]  # purpose, discloser, recipient, element


def beyond_consent(earlier: Sequence[AgreementDocument], later: AgreementDocument) -> list[By]:
    """Access by consent that some earlier text did not give to that recipient, or gave in a more restricted form, in order. A
    discloser that gave nothing by consent has no consents yet."""
    now, found = _by_consent(later), set[By]()
    for text in earlier:
        before = _by_consent(text)
        with_consents = {(purpose, discloser) for purpose, discloser, _, _ in before}
        found |= {
            by for by, how in now.items()
            if by[:2] in with_consents and (by not in before or _is_more(how, before[by]))
        }  # fmt: skip
    return sorted(found)


def _by_consent(document: AgreementDocument) -> dict[By, AccessConditions]:
    """For each element that depends on consent, the most open form in which it is shown."""
    consented = {
        (entry.id, discloser)
        for entry in document.purposes if entry.basis is Basis.CONSENT
        for discloser in document.disclosers(entry)
    }  # fmt: skip
    found: dict[By, AccessConditions] = {}
    # Families were not asked for what the tiers above exclude.
    alone = document.model_copy(update={"under": ()})
    for sight, how in element_accesses(alone).items():
        by = (sight.purpose, sight.discloser, sight.recipient, sight.element)
        if by[:2] in consented and (by not in found or _is_more(how, found[by])):
            found[by] = how
    return found


def _is_more(now: AccessConditions, was: AccessConditions) -> bool:
    return (
        FORMS.index(now.form) < FORMS.index(was.form) or now.transform.coarseness < was.transform.coarseness
    )

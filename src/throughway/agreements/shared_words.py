"""Free text that two purposes under codes would both show: neither shows it, unless the agreement joins the two (docs/decisions/0067).

What a student wrote is the same under every code, so whoever reads it under two purposes has joined them, though their codes are kept
apart. Two purposes meet where both list the same free text of the same partner's records, some partner receives under both, and their
codes differ. The document does not say which of the two was meant to show the words, so both withhold them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from types import MappingProxyType

from throughway.agreements.enums import AccessForm
from throughway.agreements.grant import Grant, WithheldText
from throughway.agreements.purpose_codes import OF
from throughway.core.prose import listed
from throughway.vocabulary import TABLES, Element

# A text of a table that rests in the vault whole, where the vocabulary does not mark free text. The others identify, so that no purpose
# under codes shows them.
IN_THE_VAULT = frozenset({"guardian.person_relationship_to_learner_contact_restrictions_description"})
UNREADABLE = frozenset({"pseudonym", "suppress"})  # a code of its own in each purpose, or nothing

Place = tuple[str, str, str, str]  # purpose, discloser, table, element


def is_words(element: Element) -> bool:
    """Whether the element is what somebody wrote about, or as, a student."""
    return TABLES[element.table].of_person and (element.free_text or element.path in IN_THE_VAULT)


def shows_words(grant: Grant) -> bool:
    """Whether the grant shows free text beside a code."""
    return any(_words(grant))


def withhold(grants: Sequence[Grant], above: Iterable[Grant] = ()) -> tuple[Grant, ...]:
    """All grants of a document without the free text that would join two of its purposes. `above`: the grants of the agreements above
    it, which were judged like this: what they withhold, none below them shows."""
    found = _meeting(grants)
    for grant in above:
        for text in grant.withheld:
            found[grant.purpose, grant.discloser, grant.table, text.element].update(text.by)
    return tuple(_without(grant, found) for grant in grants)


def told(grant: Grant, text: WithheldText) -> str:
    """Why a reader is not shown the words, and what the parties can do."""
    others = listed(
        f"{purpose} of {agreement}" for agreement, _, purpose in (by.partition(OF) for by in text.by)
    )
    return (
        f"{grant.table}.{text.element} is withheld under {grant.purpose}: the same words under {others} would show which codes are one "
        "student, and the agreement does not join these purposes. Its parties can list the words under one purpose alone, join the "
        "purposes (joins), or name other recipients."
    )  # fmt: skip


def _meeting(grants: Sequence[Grant]) -> defaultdict[Place, set[str]]:
    """For each place where words would be shown, the purposes that they would be joined with, as `agreement/purpose`."""
    recipients = defaultdict[str, set[str]](set)
    showing = defaultdict[tuple[str, str, str], dict[str, Grant]](dict)
    for grant in grants:
        if grant.form is AccessForm.PSEUDONYMOUS:
            recipients[grant.purpose].update(grant.recipients)
            for name in _words(grant):
                showing[grant.discloser, grant.table, name][grant.purpose] = grant
    found = defaultdict[Place, set[str]](set)
    for where, by_purpose in showing.items():
        for one, other in combinations(by_purpose.values(), 2):
            if one.codes != other.codes and recipients[one.purpose] & recipients[other.purpose]:
                found[one.purpose, *where].add(f"{other.agreement}{OF}{other.purpose}")
                found[other.purpose, *where].add(f"{one.agreement}{OF}{one.purpose}")
    return found


def _words(grant: Grant) -> Iterator[str]:
    if grant.form is AccessForm.PSEUDONYMOUS:
        elements = TABLES[grant.table].elements
        for name, transform in grant.columns.items():
            if name in elements and is_words(elements[name]) and transform.name not in UNREADABLE:
                yield name


def _without(grant: Grant, found: Mapping[Place, set[str]]) -> Grant:
    taken = {
        name: WithheldText(name, grant.columns[name], tuple(sorted(by)))
        for name in _words(grant)
        if (by := found.get((grant.purpose, grant.discloser, grant.table, name)))
    }
    if not taken:
        return grant
    kept = {name: transform for name, transform in grant.columns.items() if name not in taken}
    return replace(grant, columns=MappingProxyType(kept), withheld=tuple(taken.values()))

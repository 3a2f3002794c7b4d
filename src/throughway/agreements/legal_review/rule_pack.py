"""The file format for rules of a State or a community, and its reader.

A file with unknown content is refused as a whole, in a sentence with the place: a misspelled rule would otherwise never apply.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from throughway.agreements.document_sections import Clauses, Day, DocumentSection, Text, Texts, one_or_many
from throughway.agreements.enums import AccessForm, Basis, Election, PurposeKind, Reach, Severity, Tier
from throughway.agreements.legal_review.rules import RULES
from throughway.core.model_faults import in_words, path_of
from throughway.core.refusals import Refused, nearest
from throughway.core.yaml_text import UnreadableText, text_in, values_of
from throughway.partners import LegalStatus, PartnerFacts, PartnerKind
from throughway.vocabulary import RESTRICTING_TAGS, TABLES, covered

SHIPPED = "throughway.agreements.legal_review.state_rules"

# Numbers of a document that a rule may bound, with their units.
NUMBERS: Mapping[str, str] = {
    "terms.minimum_cell": "persons",
    "terms.destruction.within_days": "days",
    "terms.renewal_notice_days": "days",
    "terms.exit_notice_days": "days",
    "terms.breach_notice_hours": "hours",
    "terms.publication_review_days": "days",
    "term_days": "days from the first to the last",
}
# Places that a rule may require.
PLACES = (
    *(name for name in NUMBERS if name not in ("terms.minimum_cell", "terms.destruction.within_days", "term_days")),
    "terms.storage_country", "terms.subprocessors", "terms.delivery", "terms.training", "terms.prohibited",
    "terms.publication_rule", "terms.release_approval",
    "contacts.notices", "contacts.data", "contacts.security", "population", "records.from", "precedence", "project",
    "project.irb",
)  # fmt: skip
STANDINGS = frozenset({*map(str, PartnerKind), *map(str, LegalStatus)})


def _nearest(word: str, known: Iterable[str]) -> str:
    near = nearest(word, known, 1)
    return f"; the nearest is {near[0]}" if near else ""


def _listed(words: Iterable[str], known: Iterable[str], what: str) -> None:
    unknown = [word for word in words if word not in set(known)]
    if unknown:
        raise ValueError(f"names {unknown[0]}, which is not a {what}{_nearest(unknown[0], known)}")


class RuleCondition(DocumentSection):
    """The purposes (and custody) that a rule applies to: those that meet every condition; an empty condition is met by all."""

    tiers: Annotated[tuple[Tier, ...], BeforeValidator(one_or_many)] = ()
    bases: Annotated[tuple[Basis, ...], BeforeValidator(one_or_many)] = ()
    kinds: Annotated[tuple[PurposeKind, ...], BeforeValidator(one_or_many)] = ()
    forms: Annotated[tuple[AccessForm, ...], BeforeValidator(one_or_many)] = ()
    disclosers: Texts = ()  # kinds or legal statuses of partners
    recipients: Texts = ()

    @field_validator("disclosers", "recipients")
    @classmethod
    def _standings(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        _listed(value, STANDINGS, "kind or legal status of a partner")
        return value


class Forbid(DocumentSection):
    """Elements that may not be shown, by name, by table or by the law that protects them."""

    elements: Texts = ()
    tables: Texts = ()
    tags: Texts = ()

    @model_validator(mode="after")
    def _known(self) -> "Forbid":
        for path in self.elements:
            try:
                covered(path)
            except KeyError:
                paths = [element.path for table in TABLES.values() for element in table.elements.values()]
                near = _nearest(path, paths)
                raise ValueError(f"names {path}, which is not an element of the vocabulary{near}") from None
        _listed(self.tables, TABLES, "table of the vocabulary")
        _listed(self.tags, RESTRICTING_TAGS, "tag of the vocabulary")
        if not (self.elements or self.tables or self.tags):
            raise ValueError("forbids nothing: name elements, tables or tags")
        return self


class InspectionTerm(DocumentSection):
    """Within how long a family that asks sees the record: in days, or in days from Monday to Friday. Never more than the 45 days of 34 CFR
    99.10(b). Holidays are not left out, so the term ends no later than the law's."""

    days: Annotated[int, Field(ge=1, le=45)] | None = None
    business_days: Annotated[int, Field(ge=1, le=31)] | None = None

    @model_validator(mode="after")
    def _one(self) -> "InspectionTerm":
        if (self.days is None) == (self.business_days is None):
            raise ValueError("says days or business_days, one of the two")
        return self

    def last_day(self, received: date) -> date:
        if self.days is not None:
            return received + timedelta(days=self.days)
        last: date = np.busday_offset(received, self.business_days or 0, roll="backward").astype(date)
        return last

    @property
    def words(self) -> str:
        return f"{self.days} days" if self.days is not None else f"{self.business_days} business days"


Numbers = Annotated[Mapping[str, Annotated[int, Field(ge=0, le=1_000_000)]], Field(min_length=1)]


class PackRule(DocumentSection):
    """One rule. Exactly one of the fields after `when` is its requirement."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.()_-]{1,59}$")]
    title: Text
    citation: Text
    text_date: Day | None = None
    quote: Text | None = None
    severity: Severity = Severity.WARNING
    counsel: bool = False  # counsel has not confirmed it yet
    cure: Text
    cannot: Text | None = None
    when: RuleCondition = RuleCondition()

    clauses: Texts = ()  # that must be written
    filled: Texts = ()  # places that must be filled
    at_least: Numbers | None = None
    at_most: Numbers | None = None
    forbid: Forbid | None = None
    country: Texts = ()  # storage_country is one of these
    prohibited: Texts = ()  # uses that terms.prohibited must exclude
    training: Texts = ()  # courses that terms.training must name
    forms: Annotated[tuple[AccessForm, ...], BeforeValidator(one_or_many)] = ()  # the only ones allowed
    reach: Annotated[tuple[Reach, ...], BeforeValidator(one_or_many)] = ()
    bases: Annotated[tuple[Basis, ...], BeforeValidator(one_or_many)] = ()
    election: Annotated[tuple[Election, ...], BeforeValidator(one_or_many)] = ()
    joinder: Literal["closed"] | None = None
    onward: Literal["none"] | None = None
    inspect_within: InspectionTerm | None = None  # asked of the answer to a family, not of a document

    @model_validator(mode="after")
    def _one_demand(self) -> "PackRule":
        demands = [name for name in DEMANDS if getattr(self, name)]
        if len(demands) != 1:
            raise ValueError(
                f"must ask for exactly one thing ({', '.join(DEMANDS)}); it asks for {len(demands)}"
            )
        _listed(self.clauses, Clauses.model_fields, "clause of an agreement")
        _listed(self.filled, PLACES, f"place that a rule may ask for ({', '.join(PLACES)})")
        for numbers in (self.at_least, self.at_most):
            _listed(numbers or (), NUMBERS, f"number of an agreement ({', '.join(NUMBERS)})")
        if self.inspect_within and self.when.model_fields_set - {"disclosers"}:
            raise ValueError(
                "has inspect_within, which is about a partner's records: its `when` may name disclosers alone"
            )
        if self.id in RULES:
            raise ValueError(
                f"has the id {self.id}, which a built-in rule of law already has; choose another"
            )
        return self


DEMANDS = (
    "clauses", "filled", "at_least", "at_most", "forbid", "country", "prohibited", "training", "forms", "reach", "bases",
    "election", "joinder", "onward", "inspect_within",
)  # fmt: skip


class Pack(DocumentSection):
    """The rules of one State or community."""

    throughway: Literal["rules/1"]
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
    title: Text
    about: Text | None = None
    rules: Annotated[tuple[PackRule, ...], Field(min_length=1)]


def inspection_terms(packs: Iterable[Pack], keeper: PartnerFacts | None) -> list[PackRule]:
    """The rules on within how long this partner shows a family its record."""
    standing = {keeper.kind.value, *(s.value for s in keeper.legal)} if keeper else set()
    return [
        rule
        for pack in packs
        for rule in pack.rules
        if rule.inspect_within and (not rule.when.disclosers or standing & set(rule.when.disclosers))
    ]


def read_pack(text: str, name: str) -> Pack:
    """The pack in a text; Refused, with the place and the reason, when it is invalid. `name`: the file's name in messages."""
    try:
        values = values_of(text)
    except UnreadableText as error:
        raise _refused(name, str(error)) from None
    if not isinstance(values, dict):
        raise _refused(name, "It must have the fields throughway, id, title and rules.")
    try:
        pack = Pack.model_validate(values)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise _refused(name, _sentence(fault, values)) from None
    ids = [rule.id for rule in pack.rules]
    twice = next((id for id in ids if ids.count(id) > 1), None)
    if twice:
        raise _refused(name, f"The id {twice} is used twice; give one of the rules another id.")
    return pack


def _sentence(fault: Mapping[str, Any], values: object) -> str:
    path = path_of(fault["loc"], values)
    if fault["type"] == "extra_forbidden":
        return f"{path} is not a field of a rule; see `throughway agreement rules --help`."
    return f"{path or 'It'} {in_words(fault, values)}."


def _refused(name: str, what: str) -> Refused:
    return Refused(
        f"The rules in {name} cannot be used: {what} No agreement can be reviewed until it is corrected.",
        code="bad_rules",
    )


def packs_in(folder: Path) -> tuple[Pack, ...]:
    """The packs in a community's folder, by file name; Refused when one cannot be read or two share an id."""
    found: list[Pack] = []
    for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
        pack = _kept(path, path.stat().st_mtime_ns, path.stat().st_size)
        ids = {rule.id for other in found for rule in other.rules}
        twice = next((rule.id for rule in pack.rules if rule.id in ids), None)
        if twice:
            raise _refused(
                path.name, f"The id {twice} is also used in another file; give one of the rules another id."
            )
        found.append(pack)
    return tuple(found)


@lru_cache(maxsize=64)
def _kept(path: Path, changed: int, size: int) -> Pack:
    """Cached while the file is unchanged."""
    try:
        return read_pack(text_in(path), path.name)
    except (OSError, UnreadableText):
        raise _refused(path.name, "It is not a readable UTF-8 text.") from None


def shipped() -> Mapping[str, str]:
    """The texts of the packs that come with the platform, by id."""
    return {
        entry.name.removesuffix(".yaml"): entry.read_text(encoding="utf-8")
        for entry in sorted(files(SHIPPED).iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".yaml")
    }

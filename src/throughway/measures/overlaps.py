"""Rules of overlap: which programs give the same kind of support, and which are meant to be used together. The community edits them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from typing import Any

from throughway.core.refusals import did_you_mean
from throughway.measures.needs import CATEGORIES
from throughway.measures.rules_file import own_text, packaged_text, wrong_in, yaml_of
from throughway.store.community import Community
from throughway.vocabulary import CODE_SETS

FILE = "overlaps.yaml"
VERSION = "overlaps/1"
_wrong = partial(wrong_in, FILE)
MOST_DAYS = 366


@dataclass(frozen=True)
class SameKind:
    """Codes of `program_subtype` that count as one kind of support. `words`: what it is called."""

    id: str
    words: str
    of: tuple[str, ...]


@dataclass(frozen=True)
class Complement:
    """Two kinds of support, or two programs, that are meant to be used together, and why."""

    one: str
    other: str
    why: str

    def joins(self, one: Sequence[str], other: Sequence[str]) -> bool:
        """Whether it names both. Each by the names that fit: its code and its program's id."""
        return (self.one in one and self.other in other) or (self.one in other and self.other in one)


@dataclass(frozen=True)
class OverlapRules:
    """`at_least_days`: an overlap of fewer days in a school year is not counted."""

    kinds: tuple[SameKind, ...]
    complements: tuple[Complement, ...]
    at_least_days: int

    def kind_of(self, code: str) -> SameKind:
        """The kind of a code; a code that no rule names is a kind of its own."""
        own = SameKind(code, CODE_SETS[CATEGORIES].get(code, code).lower(), (code,))
        return next((kind for kind in self.kinds if code in kind.of), own)

    @property
    def digest(self) -> str:
        """Equal for two sets of rules if and only if they count the same."""
        said = [(sorted(kind.of)) for kind in self.kinds]
        complements = [(each.one, each.other) for each in self.complements]
        return sha256(repr((sorted(said), sorted(complements), self.at_least_days)).encode()).hexdigest()[:16]


@cache
def shipped() -> OverlapRules:
    """The rules that come with the program."""
    return parsed(packaged_text(FILE))


def rules_of(community: Community) -> OverlapRules:
    """The community's own rules, otherwise those that come with the program. Refused (settings) with what is wrong in its file."""
    own = own_text(community.overlaps)
    return shipped() if own is None else parsed(own)


def parsed(source: str) -> OverlapRules:
    """The rules in a file. Refused (settings) with one sentence that says where it is wrong."""
    values = yaml_of(source, FILE)
    if not isinstance(values, dict) or values.get("throughway") != VERSION:
        raise _wrong(f"begins with `throughway: {VERSION}`, then at_least_days, kinds and complements")
    days = values.get("at_least_days")
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= MOST_DAYS:
        raise _wrong(f"needs at_least_days, a number from 1 to {MOST_DAYS}")
    kinds = tuple(_kind(each, f"kind {n}") for n, each in enumerate(_listed(values, "kinds"), 1))
    complements = tuple(
        _complement(each, f"complement {n}") for n, each in enumerate(_listed(values, "complements"), 1)
    )
    named = [code for kind in kinds for code in kind.of]
    if len({kind.id for kind in kinds}) != len(kinds) or len(set(named)) != len(named):
        raise _wrong("names an id or a code in two kinds; each belongs to one")
    return OverlapRules(kinds, complements, days)


def _listed(values: dict[str, Any], name: str) -> list[Any]:
    found = values.get(name, [])
    if not isinstance(found, list):
        raise _wrong(f"has {name} that are no list")
    return found


def _kind(values: Any, where: str) -> SameKind:
    if not isinstance(values, dict) or not {"id", "words", "of"} <= values.keys():
        raise _wrong(f"has a {where} without id, words and of")
    codes = values["of"]
    if not isinstance(codes, list) or not codes:
        raise _wrong(f"has a {where} whose of is no list of codes")
    for code in codes:
        if code not in CODE_SETS[CATEGORIES]:
            raise _wrong(
                f"has a {where} of an unknown code; {did_you_mean(str(code), CODE_SETS[CATEGORIES], 'see the vocabulary')}"
            )
    return SameKind(str(values["id"]), str(values["words"]), tuple(codes))


def _complement(values: Any, where: str) -> Complement:
    between = values.get("between") if isinstance(values, dict) else None
    if not isinstance(between, list) or len(between) != 2 or not str(values.get("why") or "").strip():
        raise _wrong(f"has a {where} without between, two codes or programs, and why")
    for each in between:
        if "/" not in str(each) and each not in CODE_SETS[CATEGORIES]:
            raise _wrong(
                f"has a {where} of an unknown code; {did_you_mean(str(each), CODE_SETS[CATEGORIES], 'write a program as partner/program')}"
            )
    return Complement(str(between[0]), str(between[1]), str(values["why"]).strip())

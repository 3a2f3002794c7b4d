"""Places and values of a document in words, and a sentence for each change, for readers such as superintendents."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from throughway.agreements.diff.compare import ADDED, REMOVED, Difference
from throughway.agreements.document_fields import FieldKind, field_at
from throughway.agreements.document_paths import ListEntry, NoSuchPath, Path, Values, at, is_list, pattern
from throughway.agreements.enums import (
    AccessForm,
    AuthorCapacity,
    Basis,
    Election,
    PartyRole,
    PopulationDay,
    PublicationRule,
    PurposeKind,
    Reach,
    ReleaseApproval,
    Tier,
)
from throughway.agreements.labels import (
    APPROVAL_WORDS,
    CAPACITY_WORDS,
    ENDING_WORDS,
    FORM_WORDS,
    KIND_WORDS,
    POPULATION_DAY_WORDS,
    PUBLICATION_RULE_WORDS,
    PURPOSES,
    REACH_WORDS,
    ROLE_WORDS,
    TIER_WORDS,
    course_words,
    day,
    element_words,
    listed,
    people,
    right_words,
    table_words,
    transform_words,
)
from throughway.agreements.transforms import Transform
from throughway.core.prose import capital
from throughway.partners import PartnerKind

Names = Mapping[str, str]
LISTS = {
    "parties": "the parties",
    "purposes": "the purposes",
    "custody": "the rights of the steward",
    "schedule": "the schedule",
    "writes": "what people may type",
    "population": "the students in scope",
    "onward": "who may receive it next",
    "services": "the services",
    "terms.subprocessors": "those bound by the same terms",
    "terms.delivery": "the deliveries",
}


class Wording:
    """Puts paths and values of one text into words; `names`: partners by id."""

    def __init__(self, values: Values, names: Names) -> None:
        self.values, self.names = values, names

    def label(self, path: Path) -> str:
        """What a place is called: "Birth date, for casework: how it is shown"."""
        if isinstance(path[-1], ListEntry):
            return capital(self.subject(path))
        if is_list(path):
            return capital(LISTS[pattern(path)])
        entries = [n for n, step in enumerate(path) if isinstance(step, ListEntry)]
        name = field_at(path).label
        return f"{capital(self.subject(path[: entries[0] + 1]))}: {name}" if entries else name

    def subject(self, path: Path) -> str:
        """The name of what an entry describes."""
        try:
            entry = at(self.values, path)
        except NoSuchPath:
            entry = None
        if entry:
            return self.entry_words(path, entry)
        last = path[-1]
        return listed(last.parts) if isinstance(last, ListEntry) else str(last)

    def entry_words(self, path: Path, entry: Values) -> str:
        return self._entries()[pattern(path[:-1])](entry)

    def _entries(self) -> Mapping[str, Callable[[Values], str]]:
        return {
            "parties": lambda e: self.partner(e["partner"]),
            "purposes": lambda e: self.purpose_entry(e),
            "custody": lambda e: f"keeping {self.whose(e, 'the records')}",
            "schedule": lambda e: f"{line_words(e)}, {self.purposes(e['purposes'])}",
            "writes": lambda e: (
                f"typing {table_words(e['table'])}, {self.purposes(e['purposes'])}{self.typists(e)}"
            ),
            "population": lambda e: f"students by {table_words(e['on'])}{self.of(e)}",
            "onward": lambda e: e["party"],
            "services": lambda e: f"{e['program']} by {self.partner(e['partner'])}",
            "terms.subprocessors": lambda e: e["name"],
            "terms.delivery": lambda e: f"{e['what']} from {self.partner(e['from'])}",
        }

    def value(self, path: Path, value: Any) -> str:
        """The value at a place, in words."""
        if value is None:
            return self.absent(path)
        if isinstance(path[-1], ListEntry) or isinstance(value, dict):
            return self.section(path, value)
        if is_list(path):
            return listed(map(str, value))
        return self._said(field_at(path).kind, value)

    def section(self, path: Path, value: Values) -> str:
        """Every field of an entry or section, in words."""
        parts = [
            f"{_name(field_at((*path, name)).label)}: {self.value((*path, name), one)}"
            for name, one in value.items()
            if one is not None
        ]
        return "; ".join(parts) or "nothing stated"

    def absent(self, path: Path) -> str:
        return {
            "schedule[].transform": "as it is",
            "schedule[].from": "of every partner that gives records",
            "purposes[].from": "every partner that gives records",
            "purposes[].recipients": "every partner that receives records",
            "purposes[].serves": "under every purpose of this agreement",
            "purposes[].joins": "its codes are its own",
            "purposes[].reach": REACH_WORDS[Reach.ALL],
            "purposes[].training": "what the rules ask of every reader",
            "joinder.open_to": "nobody",
            "terms.destruction.election": ENDING_WORDS[Election.DESTROY],
            "terms.publication_rule": "by the smallest count alone",
            "terms.release_approval": "the publisher alone",
            "terms.ended_by": "no party alone, where there are three or more",
            "writes[].by": "everyone who reads for the purpose",
            "writes[].roles": "the roles that read",
            "writes[].capacity": CAPACITY_WORDS[AuthorCapacity.OWN_PROGRAM],
            "population[].when": POPULATION_DAY_WORDS[PopulationDay.FACT],
            "population[].from": "every partner that gives records",
        }.get(pattern(path), "not stated")

    def _said(self, kind: FieldKind, value: Any) -> str:
        if kind in SAID:
            return SAID[kind](value)
        if kind in (FieldKind.PARTNER, FieldKind.PARTY):
            return self.partner(value)
        if kind in (FieldKind.READERS, FieldKind.GIVERS, FieldKind.PARTIES):
            return listed(map(self.partner, value)) or "nobody"
        if kind is FieldKind.PURPOSES:
            return self.purposes(value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, list):
            return listed(str(one).replace("_", " ") for one in value) or "none"
        return self.names.get(str(value), str(value))

    def partner(self, id: str) -> str:
        return self.names.get(id, id)

    def purposes(self, ids: Iterable[str]) -> str:
        return listed(dict.fromkeys(map(self.purpose, ids)))

    def purpose(self, id: str) -> str:
        """ "for casework"; by its own name where the text has several purposes of the kind."""
        kinds = {entry["id"]: entry["kind"] for entry in self.values.get("purposes", ())}
        alike = [other for other, kind in kinds.items() if kind == kinds.get(id)]
        return (
            PURPOSES[PurposeKind(kinds[id])]
            if len(alike) == 1
            else f"for {id.replace('-', ' ').replace('_', ' ')}"
        )

    def purpose_entry(self, entry: Values) -> str:
        """One entry of a purpose, with the disclosers where the purpose has several entries."""
        alone = sum(other["id"] == entry["id"] for other in self.values.get("purposes", ())) < 2
        return self.purpose(entry["id"]) + ("" if alone else f" {self.whose(entry, 'from').strip()}")

    def of(self, entry: Values) -> str:
        return f" of {listed(map(self.partner, entry['from']))}" if entry.get("from") else ""

    def typists(self, entry: Values) -> str:
        return f", by {listed(map(self.partner, entry['by']))}" if entry.get("by") else ""

    def whose(self, entry: Values, what: str) -> str:
        names = listed(map(self.partner, entry["from"])) if entry.get("from") else "every partner"
        return f"{what} {names}" if what == "from" else f"{what} of {names}"


def sentence(found: Difference, before: Wording, after: Wording) -> str:
    """The change as one sentence."""
    path = found.path
    if is_list(path):
        return f"{capital(LISTS[pattern(path)])}: the same entries are in another order."
    if isinstance(path[-1], ListEntry):
        return _entry(found, before if found.kind == REMOVED else after)
    special = SENTENCES.get(pattern(path))
    return special(found, before, after) if special else _field(found, before, after)


def _field(found: Difference, before: Wording, after: Wording) -> str:
    label = before.label(found.path)
    kind = field_at(found.path).kind
    if isinstance(found.before, list) or isinstance(found.after, list):
        return _more_or_less(label, found, before, after)
    if kind is FieldKind.WORDS or len(str(found.before)) + len(str(found.after)) > 240:
        if found.kind == ADDED:
            return f"{label}: newly stated."
        return f"{label}: no longer stated." if found.kind == REMOVED else f"{label}: reworded."
    now = _stop(after.value(found.path, found.after))
    return f"{label}: now {now}; before {_stop(before.value(found.path, found.before))}."


def _more_or_less(label: str, found: Difference, before: Wording, after: Wording) -> str:
    was, now = (value if isinstance(value, list) else [] for value in (found.before, found.after))
    absent = found.before is None or found.after is None
    if absent and pattern(found.path).endswith((".from", ".recipients", ".serves")):
        return f"{label}: now {after.value(found.path, found.after)}; before {before.value(found.path, found.before)}."
    gained, lost = [one for one in now if one not in was], [one for one in was if one not in now]
    parts = [f"newly {after.value(found.path, gained)}"] if gained else []
    parts += [f"no longer {before.value(found.path, lost)}"] if lost else []
    return f"{label}: {'; '.join(parts)}." if parts else f"{label}: the same in another order."


def _entry(found: Difference, text: Wording) -> str:
    entry: Values = found.after if found.kind == ADDED else found.before
    new = found.kind == ADDED
    root = pattern(found.path[:-1])
    if root == "schedule":
        whose = text.of(entry)
        how = _shown(entry.get("transform"))
        what = f"{text.purposes(entry['purposes'])}: {line_words(entry)}{whose}"
        shown = (
            f", shown {how}"
            if how not in ("as it is", "withheld")
            else ", withheld"
            if how == "withheld"
            else ""
        )
        return f"Newly listed {what}{shown}." if new else f"No longer listed {what}."
    if root == "parties":
        name = text.partner(entry["partner"])
        does = listed(ROLE_WORDS[PartyRole(role)] for role in entry.get("roles", ()))
        return (
            f"{name} becomes a party{f': it {does}' if does else ''}."
            if new
            else f"{name} is no longer a party."
        )
    if root == "purposes":
        return f"{'A new purpose' if new else 'No longer a purpose'}, {text.purpose_entry(entry)}: {_stop(entry['interest'])}."
    if root == "onward":
        return f"{entry['party']} may {'now' if new else 'no longer'} receive it next, to {_stop(entry['interest'])}."
    if root == "writes":
        who = listed(map(text.partner, entry.get("by") or ())) or "Everyone who reads for the purpose"
        what = f"{table_words(entry['table'])}, {text.purposes(entry['purposes'])}"
        return f"{who} {'may now' if new else 'may no longer'} type {what}."
    if root == "services":
        verb = "now promises" if new else "no longer promises"
        return f"{text.partner(entry['partner'])} {verb} {entry['program']}."
    what = capital(text.entry_words(found.path, entry))
    return f"{what}: {'newly stated' if new else 'no longer stated'} ({text.section(found.path, entry)})."


def _transform(found: Difference, before: Wording, after: Wording) -> str:
    line = at(before.values, found.path[:-1])
    now, was = _how_shown(found.after), _how_shown(found.before)
    all_of = "everything in " if str(line["element"]).endswith(".*") else ""
    return f"{capital(all_of + line_words(line))} is now {now}, {before.purposes(line['purposes'])}; before {was}."


def _roles(found: Difference, before: Wording, after: Wording) -> str:
    was, now = found.before or [], found.after or []
    gained, lost = [r for r in now if r not in was], [r for r in was if r not in now]
    what = capital(before.subject(found.path[:-1]))
    parts = [f"{listed(map(people, gained))} may now read too"] if gained else []
    parts += [f"{listed(map(people, lost))} may no longer read"] if lost else []
    return f"{what}: {' and '.join(parts)}." if parts else f"{what}: the same roles in another order."


def _moves(what: str) -> Callable[[Difference, Wording, Wording], str]:
    return lambda found, before, after: (
        f"{what} moves from {before.value(found.path, found.before)} to {after.value(found.path, found.after)}."
    )


SENTENCES: Mapping[str, Callable[[Difference, Wording, Wording], str]] = {
    "schedule[].transform": _transform,
    "purposes[].roles": _roles,
    "terms.expires": _moves("The last day"),
    "terms.effective": _moves("The first day"),
}


def line_words(line: Values) -> str:
    """What a line of the schedule shows: "birth date", "attendance by day"."""
    table, _, name = str(line["element"]).partition(".")
    return table_words(table) if name in ("*", "") else element_words(name)


def _shown(transform: str | None) -> str:
    found = Transform.parse(transform or "none")
    words = transform_words(found)
    if found.name in ("year", "mask"):
        return f"as {words}" if found.name == "year" else "as its first letter only"
    return words or "as it is"


def _how_shown(transform: str | None) -> str:
    shown = _shown(transform)
    return shown if shown == "withheld" else f"shown {shown}"


def _days(value: Any) -> str:
    return day(date.fromisoformat(str(value)))


SAID: Mapping[FieldKind, Callable[[Any], str]] = {
    FieldKind.DAY: _days,
    FieldKind.ROLES: lambda roles: listed(map(people, roles)) or "nobody",
    FieldKind.PARTY_ROLES: lambda roles: listed(ROLE_WORDS[PartyRole(role)] for role in roles) or "agrees",
    FieldKind.PARTNER_KINDS: lambda kinds: (
        listed(KIND_WORDS[PartnerKind(kind)] for kind in kinds) or "nobody"
    ),
    FieldKind.COURSES: lambda courses: listed(map(course_words, courses)) or "none",
    FieldKind.ELEMENT: lambda element: line_words({"element": element}),
    FieldKind.TABLE: table_words,
    FieldKind.TYPED_TABLE: table_words,
    FieldKind.CAPACITY: lambda capacity: CAPACITY_WORDS[AuthorCapacity(capacity)],
    FieldKind.TRANSFORM: _shown,
    FieldKind.REACH: lambda reach: REACH_WORDS[Reach(reach)],
    FieldKind.FORM: lambda form: _stop(FORM_WORDS[AccessForm(form)]),
    FieldKind.BASIS: lambda basis: right_words(Basis(basis)),
    FieldKind.PURPOSE_KIND: lambda kind: PURPOSES[PurposeKind(kind)],
    FieldKind.TIER: lambda tier: TIER_WORDS[Tier(tier)],
    FieldKind.WHEN: lambda when: POPULATION_DAY_WORDS[PopulationDay(when)],
    FieldKind.ELECTION: lambda election: ENDING_WORDS[Election(election)],
    FieldKind.PUBLICATION_RULE: lambda rule: PUBLICATION_RULE_WORDS[PublicationRule(rule)],
    FieldKind.RELEASE_APPROVAL: lambda approval: APPROVAL_WORDS[ReleaseApproval(approval)],
}


def _name(label: str) -> str:
    return label[:1].lower() + label[1:]


def _stop(text: str) -> str:
    return text.rstrip(".")


__all__: Sequence[str] = ["Wording", "line_words", "sentence"]

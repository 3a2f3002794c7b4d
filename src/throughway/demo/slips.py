"""How names and birth dates are really written down: nicknames, typing errors, one surname of two, old names, gaps."""

from dataclasses import dataclass

import numpy as np

from throughway.demo.chances import Days, Ints, Text
from throughway.demo.population import SimulatedPopulation

SHORT = {
    " Street": " St",
    " Road": " Rd",
    " Lane": " Ln",
    " Court": " Ct",
    " Avenue": " Ave",
    " Drive": " Dr",
}
KEYS = np.array(list("abcdefghijklmnoprstuvwz"))


@dataclass(frozen=True)
class Habits:
    """How careful one partner is: the share of records with each slip."""

    nickname: float
    typing: float
    surname_styles: tuple[float, float, float, float]  # "A B", "A-B", "A", "B A"
    birthdate: float
    old_name: float = (
        0.5  # of those renamed, or moved, since they came: still under the old name, or at the old address
    )
    missing: float = 0.03  # addresses and telephones not asked for
    short: float = 0.1  # streets written `St` or `Rd`


@dataclass(frozen=True)
class PartnerSpellings:
    """A partner's own way of writing some students. Any but the first two may be empty."""

    first: Text
    last: Text
    birthdate: Text  # ISO
    street: Text
    zip_code: Text
    phone: Text


def write_down(
    people: SimulatedPopulation,
    who: Ints,
    habits: Habits,
    rng: np.random.Generator,
    since: Days | None = None,
) -> PartnerSpellings:
    """`since`: the day on which the partner first wrote each of them down."""
    n = len(who)
    known_as = people.nickname[who]
    first = np.where((rng.random(n) < habits.nickname) & (known_as != ""), known_as, people.first[who])
    style = rng.choice(4, n, p=habits.surname_styles)
    last = surnames(people.surname[who], people.second_surname[who], style)
    renamed = people.new_surname[who] != ""
    if since is not None:
        renamed &= (people.renamed_on[who] <= since) | (rng.random(n) >= habits.old_name)
    last = np.where(renamed, people.new_surname[who], last)
    birthdate = _days(people.birthdate[who], habits.birthdate, rng)
    first, last = mistyped(first, habits.typing, rng), mistyped(last, habits.typing, rng)
    gone = ~np.isnat(people.moved_on[who])
    if since is not None:
        gone &= (people.moved_on[who] <= since) | (rng.random(n) >= habits.old_name)
    street = np.where(gone, people.new_street[who], people.street[who])
    street = np.where(rng.random(n) < habits.short, _shortened(street), street)
    asked, reachable = rng.random(n) >= habits.missing, rng.random(n) >= habits.missing
    return PartnerSpellings(
        first=first,
        last=last,
        birthdate=birthdate,
        street=np.where(asked, street, ""),
        zip_code=np.where(asked, np.where(gone, people.new_zip_code[who], people.zip_code[who]), ""),
        phone=np.where(reachable, people.phone[who], ""),
    )


def _shortened(streets: Text) -> Text:
    for long, short in SHORT.items() if len(streets) else ():
        streets = np.char.replace(streets, long, short)
    return streets


def surnames(first: Text, second: Text, style: Ints) -> Text:
    """Two surnames written in one of four ways; who has one keeps it."""
    gap, hyphen = np.char.add(first, " "), np.char.add(first, "-")
    return np.where(
        second == "",
        first,
        np.select(
            [style == 0, style == 1, style == 2],
            [np.char.add(gap, second), np.char.add(hyphen, second), first],
            np.char.add(np.char.add(second, " "), first),
        ),
    )


def mistyped(names: Text, share: float, rng: np.random.Generator) -> Text:
    """Two letters swapped, one dropped, or one hit beside."""
    rows = np.flatnonzero(rng.random(len(names)) < share)
    kinds, places, keys = rng.integers(3, size=len(rows)), rng.random(len(rows)), rng.choice(KEYS, len(rows))
    result = names.copy()
    for i, kind, place, key in zip(rows, kinds, places, keys, strict=True):
        name = str(names[i])
        at = 1 + int(place * max(1, len(name) - 2))
        if kind == 0:
            pair = name[at : at + 1] + name[at - 1]
            pair = pair.capitalize() if at == 1 and name[0].isupper() else pair  # who types holds shift first
            name = name[: at - 1] + pair + name[at + 1 :]
        elif kind == 1:
            name = name[:at] + name[at + 1 :]
        else:
            name = name[:at] + key + name[at + 1 :]
        result[i] = name
    return result


def _days(birthdate: Days, share: float, rng: np.random.Generator) -> Text:
    """ISO days; a few with day and month swapped, the year off by one, or missing."""
    days = birthdate.astype("datetime64[D]").astype("U10")
    rows = np.flatnonzero(rng.random(len(days)) < share)
    kinds, signs = rng.integers(3, size=len(rows)), rng.choice([-1, 1], len(rows))
    for i, kind, sign in zip(rows, kinds, signs, strict=True):
        y, m, d = str(days[i]).split("-")
        if kind == 0 and int(d) <= 12:
            days[i] = f"{y}-{d}-{m}"
        elif kind == 1 and not (m == "02" and d == "29"):
            days[i] = f"{int(y) + sign}-{m}-{d}"
        else:
            days[i] = ""
    return days

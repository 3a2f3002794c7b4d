"""What became of a person, said in a sentence."""

from collections.abc import Mapping, Sequence

from throughway.identity.person_ids import PersonEventKind

TITLES: Mapping[str, str] = {
    PersonEventKind.MERGED: "Found to be one person",
    PersonEventKind.SPLIT: "Found to be several persons",
    PersonEventKind.LEFT: "A record left",
    PersonEventKind.RETURNED: "A record came back",
    PersonEventKind.UNDONE: "An earlier decision was undone",
}


def sentence(
    kind: str, person: int, before: Mapping[int, Sequence[int]], after: Mapping[int, Sequence[int]]
) -> str:
    """From this person's side: what its records were before, and what they are since."""
    was, now = len(before.get(person, ())), len(after.get(person, ()))
    if kind == PersonEventKind.MERGED:
        others = [p for p in before if p != person]
        return (
            f"Its {_records(was)} and those of {_persons(len(others))} are one person, with {_records(now)}."
            if person in after
            else "Its records went to another person, who was known longer or by more records."
        )
    if kind == PersonEventKind.SPLIT:
        moved = sum(len(records) for p, records in after.items() if p != person)
        return (
            f"{_records(now)} stayed; {_records(moved)} became {_persons(len(after) - 1)} more."
            if person in before
            else f"{_records(now)} of another person became this one."
        )
    if kind == PersonEventKind.LEFT:
        return f"{_records(was)} can no longer be seen by linkage."
    if kind == PersonEventKind.RETURNED:
        return f"{_records(now)} can be seen by linkage again."
    return f"Its records are as they were before: {_records(now)}."


def _records(n: int) -> str:
    return f"{n:,} record{'' if n == 1 else 's'}"


def _persons(n: int) -> str:
    return "one other person" if n == 1 else f"{n:,} other persons"

"""Verifies the certificate of a release. Python's standard library is all it needs:

    python verify_release.py release-YP2225TR.json [MORE.json ...]

A release shows some figures and withholds others. Its certificate holds tables of whole numbers that fill every withheld figure in. This
program checks that each table obeys everything the release shows, and that each withheld figure differs between two of them by at least
the protection. Then nobody who reads the release, however they compute, can place a withheld figure closer. It prints one sentence for
each problem. Exit code: 0 all holds, 1 a problem, 2 wrong usage.

What it checks, in the order of the code:

1. The document: every figure is a count, a range, a rate, a code, or withheld; the same figure is shown the same everywhere.
2. No count below the minimum is shown.
3. The certificate is of this very document (SHA-256), and lists exactly the figures that are not shown as a count.
4. Each table holds whole numbers of zero or more, within printed ranges. In it, every total is the sum of its parts, every relation that
   the release states holds, and every printed rate fits its counts.
5. The rule: figures are withheld only for the sake of one below the minimum. So in each group of withheld figures that sums connect,
   each table has a figure below the minimum. A release that was checked beside earlier ones may withhold more for their sake.
6. The protection: each withheld figure differs by the minimum or more between two tables in which no withheld figure of its group is 1;
   or else by one more, because a person who is alone in a figure can subtract themselves. A figure that no sum binds is known to be below
   the minimum, as the rule says: it is 0 in one table and one below the minimum in another.
7. Public sizes: a reader may know how large each group is from elsewhere, also where the release withholds it. So where a group of
   withheld figures has such sizes, check 6 must hold for all other figures among the tables that agree with the first one in the sizes.
   A figure need not differ by more than the smallest known size that contains it, nor where one sum shows that it is no small one.

A figure that is shown as a range of a count, such as 10–29, is withheld within its range, and checked like one.

It cannot tell whether the figures are true, nor whether the file is the one that was published: compare the printed SHA-256 with the
registry of releases. Several releases that one certificate speaks of are checked together: give all of their files.
"""

# ruff: noqa: T201
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

Document = dict[str, Any]
Place = frozenset[tuple[str, str]]
Figure = tuple[str, str, Place]  # release, statistic, place: {("school", "Oak"), ("outcome", "lost")}
Table = dict[Figure, int]

FORMAT = 1
COUNTED = ("students", "sum")  # statistics whose totals are the sums of their parts
COVERED = (
    "id",
    "title",
    "minimum_cell",
    "tables",
    "relations",
    "rates",
    "public_sizes",
    "beside",
    "rule",
)  # by the SHA-256
BESIDE_A_SINGLE = 1
LARGEST = 10**12  # more persons than there are
SHOWN = re.compile(r"(?:(?P<sign>[≤≥<>])\s?)?(?P<low>\d+)(?:[–-](?P<high>\d+))?(?P<percent>%?)")


# ---- 1. What the files say


def digest(document: Document) -> str:
    """The SHA-256 of what a release says, in hexadecimal."""
    covered = {name: document[name] for name in COVERED if name in document}
    written = json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def place(at: dict[str, str]) -> Place:
    return frozenset(at.items())


def named(figure: Figure) -> str:
    release, statistic, where = figure
    inside = ", ".join(f"{dimension}: {value}" for dimension, value in sorted(where)) or "all"
    return f"{inside} ({statistic}, release {release})"


def figures_of(document: Document, problems: list[str]) -> dict[Figure, Any]:
    """Every figure of a release with what is shown of it, None where it is withheld; and whether it is part of the certificate."""
    found: dict[Figure, Any] = {}
    for table in document["tables"]:
        for cell in table["cells"]:
            figure = (document["id"], cell["statistic"], place(cell["at"]))
            shown = cell["shown"]
            if not set(cell["at"]) <= set(table["by"]):
                problems.append(f"{named(figure)} has a dimension that its table does not name.")
            if cell["withheld"] is not (shown is None):
                problems.append(f"{named(figure)} is marked as withheld and shown, or as neither.")
            if table.get("rule"):  # no counts to be added up
                continue
            if figure in found and found[figure] != shown:
                problems.append(f"{named(figure)} is shown in two ways: {found[figure]} and {shown}.")
            found.setdefault(figure, shown)
    return found


def count_between(shown: Any) -> tuple[int, int]:
    """The smallest and the largest count that is printed so; ValueError where it is none."""
    if isinstance(shown, int) and not isinstance(shown, bool):
        return shown, shown
    found = SHOWN.fullmatch(shown) if isinstance(shown, str) else None
    if found is None or found["percent"]:
        raise ValueError
    low = int(found["low"])
    if found["high"]:
        return low, int(found["high"])
    return {"≥": (low, LARGEST), ">": (low + 1, LARGEST), "≤": (0, low), "<": (0, low - 1), None: (low, low)}[
        found["sign"]
    ]


def fits_rate(shown: Any, part: int, whole: int) -> bool:
    """Whether `part` of `whole` persons can be printed as this rate.

    A whole percent is rounded, but never to 0% or 100%, and the last one before a top code reaches up to it. `21–29%` is above 20% and
    below 30%; a step that begins with a multiple of five, such as `30–39%`, includes its lower end.
    """
    if not whole:
        return False
    rate = Fraction(100 * part, whole)
    if isinstance(shown, int) and not isinstance(shown, bool):
        low = shown - Fraction(1, 2) if shown > 1 else 0
        return low <= rate and (
            rate < shown + Fraction(1, 2) or shown >= 99 or (shown >= 97 and rate < shown + 1)
        )
    found = SHOWN.fullmatch(shown) if isinstance(shown, str) else None
    if found is None or not found["percent"]:
        raise ValueError
    low = int(found["low"])
    if found["high"]:
        return (low <= rate if low % 5 == 0 else low - 1 < rate) and rate < int(found["high"]) + 1
    return {"≥": rate >= low, ">": rate > low, "≤": rate <= low, "<": rate < low}[found["sign"]]


# ---- 2 to 4. What everybody knows: sums, relations, rates


def sums(figures: Iterable[Figure]) -> list[tuple[Figure, list[Figure]]]:
    """(total, parts) for every total within the tables: its parts have one dimension more."""
    parts: dict[tuple[Figure, str], list[Figure]] = {}
    for release, statistic, where in figures:
        for pair in where:
            total = (release, statistic, where - {pair})
            if total in figures:
                parts.setdefault((total, pair[0]), []).append((release, statistic, where))
    return [(total, listed) for (total, _), listed in parts.items()]


def relations(document: Document) -> Iterator[tuple[Figure, list[Figure], bool]]:
    """(total, parts, exact) for everything else that the release states."""
    for each in document.get("relations", ()):
        statistic = each.get("statistic", "students")
        total, *parts = ((document["id"], statistic, place(at)) for at in (each["total"], *each["parts"]))
        yield total, parts, each.get("exact", True)


def rates(
    document: Document, figures: dict[Figure, Any]
) -> Iterator[tuple[Figure, Any, list[Figure], list[Figure]]]:
    """(rate, what is shown of it, its numerator's figures, its denominator's figures)."""
    for each in document.get("rates", ()):
        rate = (document["id"], "rate", place(each["at"]))
        of, among = (
            [(document["id"], "students", place(at)) for at in each[name]] for name in ("of", "among")
        )
        yield rate, figures.get(rate), of, among


def connected(unknown: Iterable[Figure], links: Iterable[list[Figure]]) -> list[list[Figure]]:
    """The unknown figures in groups that sums, relations and rates connect."""
    group = {figure: [figure] for figure in unknown}
    for link in links:
        members = [group[figure] for figure in link if figure in group]
        for other in members[1:]:
            first = group[members[0][0]]
            other = group[other[0]]
            if other is not first:
                small, large = sorted((first, other), key=len)
                large.extend(small)
                group.update(dict.fromkeys(small, large))
    return list({id(each): each for each in group.values()}.values())


# ---- All of it


def verify(documents: Sequence[Document]) -> dict[str, Any]:
    """{"ok", "problems", "releases", "withheld", "tables", "minimum_cell", "own_rules"}; `problems`: sentences."""
    problems: list[str] = []
    result: dict[str, Any] = {
        "ok": False, "problems": problems, "withheld": 0, "tables": 0, "minimum_cell": 0, "own_rules": [],
        "releases": [{"id": document.get("id"), "sha256": digest(document)} for document in documents],
    }  # fmt: skip
    try:
        _verify(documents, result, problems)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        problems.append(f"The file is no release with a certificate ({type(error).__name__}: {error}).")
    result["ok"] = not problems
    return result


def _verify(documents: Sequence[Document], result: dict[str, Any], problems: list[str]) -> None:
    minimum = result["minimum_cell"] = max(document["minimum_cell"] for document in documents)
    figures = {}
    for document in documents:
        figures.update(figures_of(document, problems))
    between = {}
    for figure, shown in figures.items():
        if figure[1] in COUNTED:
            try:
                between[figure] = (0, LARGEST) if shown is None else count_between(shown)
            except ValueError:
                problems.append(f"{named(figure)} shows {shown!r}, which is no count.")
                return
            if between[figure][1] < minimum:
                problems.append(f"{named(figure)} shows {shown}, which is below the minimum of {minimum}.")
    certificate = _certificate(documents, problems)
    if certificate is None:
        return
    result["own_rules"] = certificate["own_rules"]
    listed = [(each["release"], each["statistic"], place(each["at"])) for each in certificate["figures"]]
    unknown = [figure for figure, (low, high) in between.items() if low != high]
    result["withheld"], result["tables"] = len(unknown), len(certificate["tables"])
    problems += [
        f"{named(figure)} is not in the certificate." for figure in unknown if figure not in set(listed)
    ]
    problems += [
        f"{named(figure)} is in the certificate, but it is shown."
        for figure in listed
        if figure not in set(unknown)
    ]
    problems += [
        f"The certificate says that it does not hold for {each}." for each in certificate["not_certified"]
    ]
    if len(set(listed)) < len(listed):
        problems.append("The certificate lists a figure twice.")
    if problems:
        return
    tables = [
        _filled(number, values, listed, between, problems)
        for number, values in enumerate(certificate["tables"], 1)
    ]
    if problems:
        return
    if not tables:  # nothing is withheld: what is shown must add up
        tables = [{figure: low for figure, (low, _) in between.items()}]
    stated, links = _check_tables(documents, figures, between, tables, problems)
    bound = {figure for sum_ in stated for figure in sum_}
    ruled = not any(document.get("beside") for document in documents)
    sizes = {(each["id"], "students", place(at)) for each in documents for at in each.get("public_sizes", ())}
    if not sizes <= set(between):
        problems.append("The release names a size of a group that it does not have.")
        return
    place_of = {figure: n for n, figure in enumerate(listed)}
    for group in connected(unknown, links):
        group.sort(key=place_of.__getitem__)
        _check_rule(group, tables, minimum, problems, ruled=ruled)
        _check_spread(
            group, bound, tables, dict.fromkeys(group, minimum + BESIDE_A_SINGLE), minimum, problems
        )
        hidden = sizes.intersection(group)
        if hidden:
            known = {
                figure: tables[0][figure] for figure in sizes if figure in hidden or figure not in place_of
            }
            needed = _needed_beside_sizes(group, known, stated, between, minimum)
            agreeing = [table for table in tables if all(table[figure] == known[figure] for figure in hidden)]
            _check_spread(group, bound, agreeing, needed, minimum, problems)


def _certificate(documents: Sequence[Document], problems: list[str]) -> dict[str, Any] | None:
    """The certificate that speaks of all these releases, and of no other."""
    ids = {document["id"] for document in documents}
    carried = [document["certificate"] for document in documents if document.get("certificate")]
    if not carried:
        problems.append(f"Release {', '.join(sorted(ids))} has no certificate; older releases have none.")
        return None
    found = max(carried, key=lambda each: len(each["releases"]))
    if found["format"] != FORMAT:
        problems.append(f"The certificate has format {found['format']}; this program reads format {FORMAT}.")
        return None
    written = {each["id"]: each["sha256"] for each in found["releases"]}
    missing, more = sorted(set(written) - ids), sorted(ids - set(written))
    if missing:
        problems.append(f"The certificate also speaks of release {', '.join(missing)}; give that file too.")
    if more:
        problems.append(f"The certificate does not speak of release {', '.join(more)}.")
    for document in documents:
        if written.get(document["id"], "") not in ("", digest(document)):
            problems.append(
                f"Release {document['id']} is not the one that was certified: something in it was changed."
            )
    return None if missing or more else found


def _filled(
    number: int,
    values: list[int],
    listed: list[Figure],
    between: dict[Figure, tuple[int, int]],
    problems: list[str],
) -> Table:
    """One table of the certificate: the printed counts, with its own values for all other figures."""
    table = {figure: low for figure, (low, high) in between.items() if low == high}
    if len(values) != len(listed):
        problems.append(f"Table {number} has {len(values)} values for {len(listed)} figures.")
        return table
    for figure, value in zip(listed, values, strict=True):
        low, high = between[figure]
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            problems.append(f"Table {number} has {value!r} for {named(figure)}, which is not possible.")
        table[figure] = value
    return table


def _check_tables(
    documents: Sequence[Document],
    figures: dict[Figure, Any],
    between: dict[Figure, tuple[int, int]],
    tables: list[Table],
    problems: list[str],
) -> tuple[list[list[Figure]], list[list[Figure]]]:
    """Checks every sum, relation and rate in every table; gives each exact sum, its total first, and the figures that each connects."""
    stated = [(total, parts, True) for total, parts in sums(between)]
    printed: list[tuple[Figure, Any, list[Figure], list[Figure]]] = []
    for document in documents:
        stated += relations(document)
        printed += rates(document, figures)
    for total, parts, exact in stated:
        for number, table in enumerate(tables, 1):
            whole, together = table[total], sum(table[part] for part in parts)
            if whole != together if exact else whole < together:
                problems.append(f"{named(total)} is {whole}, but its parts make {together} (table {number}).")
                break
    for rate, shown, of, among in printed:
        for number, table in enumerate(tables, 1):
            part, whole = sum(table[figure] for figure in of), sum(table[figure] for figure in among)
            if shown is not None and not fits_rate(shown, part, whole):
                problems.append(
                    f"{named(rate)} shows {shown}, but {part} of {whole} is another rate (table {number})."
                )
                break
    links = [[total, *parts] for total, parts, _ in stated]
    links += [among for _, shown, _, among in printed if shown is not None]
    return [[total, *parts] for total, parts, exact in stated if exact], links


def _check_rule(
    withheld: list[Figure], tables: list[Table], minimum: int, problems: list[str], *, ruled: bool
) -> None:
    """Checks that each table has a small figure in one group of withheld figures that sums connect."""
    for number, table in enumerate(tables, 1):
        if ruled and min(table[figure] for figure in withheld) >= minimum:
            problems.append(
                f"Table {number} has no figure below {minimum} in the group of {named(withheld[0])}."
            )


def _check_spread(
    withheld: list[Figure], bound: set[Figure], tables: list[Table], needed: dict[Figure, int], minimum: int, problems: list[str],
) -> None:  # fmt: skip
    """Checks the protection in one group of withheld figures: by how much each must differ between these tables."""
    rows = [[table[figure] for figure in withheld] for table in tables]
    without_one = [row for row in rows if 1 not in row]
    for column, figure in enumerate(withheld):
        least, spread = needed[figure], _spread(rows, column)
        if spread >= least or _spread(without_one, column) >= min(least, minimum):
            continue
        if figure not in bound and {0, minimum - 1} <= {row[column] for row in rows}:
            continue
        problems.append(
            f"{named(figure)} differs by only {spread} between the tables, so it can be placed too closely."
        )


def _needed_beside_sizes(
    withheld: list[Figure], known: dict[Figure, int], stated: list[list[Figure]], between: dict[Figure, tuple[int, int]], minimum: int,
) -> dict[Figure, int]:  # fmt: skip
    """By how much each withheld figure must differ before a reader who knows these sizes."""

    def ends(figure: Figure) -> tuple[int, int]:
        """The smallest and largest value: no figure is larger than a group that contains it."""
        if figure in known:
            return known[figure], known[figure]
        release, statistic, where = figure
        groups = (frozenset(some) for length in range(len(where) + 1) for some in combinations(where, length))
        low, high = between[figure]
        return low, min(
            [high, *(known[group] for at in groups if (group := (release, statistic, at)) in known)]
        )

    needed = {figure: min(minimum + BESIDE_A_SINGLE, ends(figure)[1]) for figure in withheld}
    for total, *parts in stated:
        if not needed.keys().isdisjoint([total, *parts]):
            least, most = sum(ends(part)[0] for part in parts), sum(ends(part)[1] for part in parts)
            for part in parts:
                if part in needed and ends(total)[0] - most + ends(part)[1] >= minimum:
                    needed[part] = 0
            if total in needed and least >= minimum:
                needed[total] = 0
    return needed | dict.fromkeys(known.keys() & needed.keys(), 0)


def _spread(rows: list[list[int]], column: int) -> int:
    values = [row[column] for row in rows]
    return max(values) - min(values) if values else 0


def main(arguments: list[str]) -> int:
    if not arguments or any(each.startswith("-") for each in arguments):
        print("usage: python verify_release.py RELEASE.json [MORE.json ...]", file=sys.stderr)
        return 2
    documents = []
    for path in arguments:
        try:
            with open(path, encoding="utf-8") as file:
                documents.append(json.load(file))
        except (OSError, ValueError) as error:
            print(f"{path} cannot be read as JSON ({error}).")
            return 1
    if not all(isinstance(document, dict) for document in documents):
        print("A file is no release: it must be one JSON object.")
        return 1
    found = verify(documents)
    for each in found["releases"]:
        print(f"Release {each['id']}, SHA-256 {each['sha256']}")
    for sentence in found["problems"]:
        print(sentence)
    if found["ok"]:
        print(sentence_of(found))
    for each in found["own_rules"]:
        print(f"Not part of the certificate: {each['what']}. {each['rule']}")
    return 0 if found["ok"] else 1


def sentence_of(found: dict[str, Any]) -> str:
    """What a certificate that holds says, in a sentence."""
    if not found["withheld"]:
        return "Nothing is withheld, and the figures add up."
    return (
        f"Verified: {found['tables']} tables obey everything that is published, and leave open, by the protection of "
        f"{found['minimum_cell']}, each of the {found['withheld']:,} figures that are withheld or shown as a range."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

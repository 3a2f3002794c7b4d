"""A certificate is made from what is published alone, holds for every withheld figure, and is verified by one file that stands alone."""

import copy
import json
import random
import re
import subprocess
import sys
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.publication.attacker import ranges
from tests.publication.making import OUTCOMES, communities, table
from throughway.core.refusals import Refused
from throughway.publication import ProtectedTable, RawCell, RawTable, Relation, verify_release
from throughway.publication.certificate import certificate_of
from throughway.publication.certified_tables import certified_tables, withheld_too
from throughway.publication.protection import protect
from throughway.publication.published_system import Contradiction, groups, named, published_system
from throughway.publication.release_document import (
    digest,
    public_sizes_to_json,
    rates_to_json,
    relations_to_json,
)
from throughway.publication.shown_figures import rate_rows
from throughway.publication.tables import place


def document(tables, minimum=10, relations=(), raw=(), **more):
    """A release of protected tables, as everybody reads it, with its certificate."""
    found = {
        "id": "A2", "title": "Test", "minimum_cell": minimum, "tables": [t.to_json() for t in tables],
        "relations": relations_to_json(relations), "rates": rates_to_json(raw), "public_sizes": public_sizes_to_json(raw), **more,
    }  # fmt: skip
    return found | {"certificate": certificate_of([found])}


def released(raw, minimum=10, relations=()):
    tables = certified_tables(
        protect(raw, minimum_cell=minimum, relations=relations), minimum_cell=minimum,
        relations=relations_to_json(relations), rates=rates_to_json(raw), public_sizes=public_sizes_to_json(raw),
    )  # fmt: skip
    return document(tables, minimum, relations, raw)


def printed(minimum=10, *, relations=(), rates=(), by=("outcome",), **shown):
    """A release of one table as printed, without its certificate: `all=40, lost=None`."""
    cells = [
        {"at": {} if name == "all" else {"outcome": name}, "statistic": "students", "shown": value, "withheld": value is None}
        for name, value in shown.items()
    ]  # fmt: skip
    return {"id": "A2", "title": "Test", "minimum_cell": minimum, "relations": list(relations), "rates": list(rates),
            "tables": [{"title": "t", "by": list(by), "cells": cells}]}  # fmt: skip


def problems(*documents):
    return verify_release.verify(documents)["problems"]


def withheld(document):
    """The cells that are withheld, or counts that are shown as a range."""
    cells = [c for t in document["tables"] for c in t["cells"]]
    return [
        c for c in cells if c["withheld"] or (c["statistic"] == "students" and isinstance(c["shown"], str))
    ]


# ---- what is certified


@settings(max_examples=40, deadline=None)
@given(communities(), st.sampled_from([5, 10, 16]))
def test_every_protected_release_has_a_certificate_that_holds(raw, minimum):
    found = released(raw, minimum)
    assert found["certificate"]["not_certified"] == []
    assert problems(found) == []
    assert len(found["certificate"]["figures"]) == len({frozenset(c["at"].items()) for c in withheld(found)})


@settings(max_examples=25, deadline=None)
@given(communities())
def test_a_certificate_never_claims_more_than_an_attacker_can_exclude(raw):
    """Every value in a table is one that the linear programme of the attacker allows too."""
    found = released(raw)
    allowed = ranges(found["tables"])
    for column, figure in enumerate(found["certificate"]["figures"]):
        low, high = allowed[frozenset(figure["at"].items())]
        for values in found["certificate"]["tables"]:
            assert low - 1e-6 <= values[column] <= high + 1e-6


def one_table(first, second, groups=("a", "b", "c")):
    """Outcome by group; `first`, `second`: counts of the two outcomes by group."""
    people = [
        {"outcome": outcome, "group": group}
        for outcome, counts in (("lost", first), ("reached", second))
        for group, count in zip(groups, counts, strict=True)
        for _ in range(count)
    ]
    return [table(people, ("outcome", "group"), {"outcome": ("lost", "reached"), "group": groups})]


def test_two_true_tables_with_the_same_published_figures_have_the_same_certificate():
    """Byte for byte: nothing of the true table can be in it."""
    first = [
        RawTable(
            "t",
            ("outcome",),
            tuple(RawCell({"outcome": n} if n else {}, count=c) for n, c in (("", 40), ("a", 5), ("b", 35))),
        )
    ]
    other = [
        RawTable(
            "t",
            ("outcome",),
            tuple(RawCell({"outcome": n} if n else {}, count=c) for n, c in (("", 40), ("a", 38), ("b", 2))),
        )
    ]
    assert json.dumps(released(first)) == json.dumps(released(other))


def test_seeded_true_tables_with_the_same_published_figures_have_the_same_certificate():
    chance, by_published, pairs = random.Random(17), {}, 0
    for _ in range(200):
        first, second = ([chance.choice((0, 2, 3, 4, 9, 12)) for _ in range(2)] for _ in range(2))
        raw = one_table(first, second, ("a", "b"))
        shown = protect(raw, minimum_cell=5)
        by_published.setdefault(json.dumps([t.to_json() for t in shown]), {})[(*first, *second)] = shown
    for same in by_published.values():
        if len(same) > 1 and any(
            c.shown is not None for shown in same.values() for t in shown for c in t.cells
        ):
            certificates = {json.dumps(document(shown, 5)["certificate"]) for shown in same.values()}
            assert len(certificates) == 1
            pairs += len(same) - 1
    assert pairs > 5, pairs


def obeying(document, most):
    """Every table that obeys the document, by trying all: dicts of place → count. Sums, counts and the rule; one group alone."""
    cells = {frozenset(c["at"].items()): c["shown"] for t in document["tables"] for c in t["cells"]}
    inner = [at for at in cells if len(at) == max(map(len, cells))]
    dimensions = {d for at in cells for d, _ in at}
    for values in product(*(range(most + 1) if cells[at] is None else (cells[at],) for at in inner)):
        tried = dict(zip(inner, values, strict=True))
        for size in range(len(dimensions) - 1, -1, -1):
            for at in (a for a in cells if len(a) == size):
                tried[at] = sum(tried[i] for i in inner if at <= i)
        if all(shown in (None, tried[at]) for at, shown in cells.items()):
            yield tried


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=4, max_size=4), st.integers(2, 3), st.data())
def test_what_cannot_be_certified_is_what_no_two_tables_leave_open(counts, minimum, data):
    """Against the slow and obvious reference: all tables of a 2 x 2 table whose total is shown, whatever is withheld in it."""
    ((raw,),) = [one_table(counts[:2], counts[2:], ("a", "b"))]
    names = [c.at for c in raw.cells if c.at]
    hidden = data.draw(st.lists(st.sampled_from(names), unique_by=lambda at: str(at)))
    cells = [
        {
            "at": dict(c.at),
            "statistic": "students",
            "shown": None if c.at in hidden else c.count,
            "withheld": c.at in hidden,
        }
        for c in raw.cells
    ]
    release = {
        "id": "A2",
        "title": "t",
        "minimum_cell": minimum,
        "tables": [{"title": "t", "by": list(raw.by), "cells": cells}],
    }
    system = published_system([release])
    every = list(obeying(release, sum(counts)))
    expected = set()
    for group in groups(system):
        places = [system.figures[i][2] for i in group]
        ruled = [t for t in every if any(t[at] < minimum for at in places)]
        without_one = [t for t in ruled if all(t[at] != 1 for at in places)]
        for at in places:
            wide = [spread(ruled, at) >= minimum + 1, spread(without_one, at) >= minimum]
            if not any(wide):
                expected.add(named(("A2", "students", at)))
    assert set(certificate_of([release])["not_certified"]) == expected


def spread(tables, at):
    values = [t[at] for t in tables]
    return max(values) - min(values) if values else -1


def test_a_figure_that_follows_from_others_is_not_certified():
    assert certificate_of([printed(all=40, reached=35, lost=None)])["not_certified"] == ["outcome: lost"]


def test_two_that_are_known_together_are_not_certified():
    assert len(certificate_of([printed(all=107, a=None, b=None, c=60, d=40)])["not_certified"]) == 2


def test_the_rule_itself_is_known():
    """Of 25 students, both parts withheld: one of them is below 10. 0 and 25 is possible, 12 and 13 is not."""
    found = printed(all=25, a=None, b=None)
    made = certificate_of([found])
    assert all(min(values) < 10 for values in made["tables"])
    made["tables"] += [[12, 13]]
    assert problems(found | {"certificate": made}) == [
        "Table 3 has no figure below 10 in the group of outcome: a (students, release A2)."
    ]


def test_a_release_beside_earlier_ones_may_withhold_more_for_their_sake():
    """A reader knows 21 to 60 here; the rule would ask for one below 10."""
    relations = [
        {"total": {"outcome": name}, "parts": [{"outcome": "floor"}], "exact": False} for name in ("a", "b")
    ]
    found = printed(all=81, a=None, b=None, relations=relations)
    found["tables"].append({"title": "floor", "by": ["outcome"], "cells": [
        {"at": {"outcome": "floor"}, "statistic": "students", "shown": 21, "withheld": False}]})  # fmt: skip
    found["tables"][0]["cells"].pop(0)
    assert certificate_of([found])["not_certified"] == ["outcome: a", "outcome: b"]
    beside = found | {"beside": ["Z9"]}
    beside["certificate"] = certificate_of([beside])
    assert beside["certificate"]["not_certified"] == []
    assert problems(beside) == []


def test_beside_a_single_the_ranges_are_one_wider():
    """Two parts of 10 are 0 and 10 at most: enough for a minimum of 10 without a 1 among them."""
    found = printed(all=10, a=None, b=None)
    found["certificate"] = certificate_of([found])
    assert problems(found) == []
    assert all(1 not in values for values in found["certificate"]["tables"] if set(values) != {0, 10})
    found["certificate"]["tables"] = [[0, 10], [9, 1], [10, 0]]
    assert problems(found) == []
    found["certificate"]["tables"] = [[1, 9], [9, 1], [10, 0]]
    assert len(problems(found)) == 2


def test_more_is_withheld_where_a_reader_could_use_the_rule():
    """62 of the 64 girls are lost. Were it 64, one of the other 17 would be lost, and beside a single the range would have to be 17: so a
    reader excludes 64, and 48 to 63 is too narrow for a minimum of 16."""
    raw = one_table((62, 0, 3), (2, 11, 3))
    cells = [replace(c, shown=None if len(c.at) == 2 or c.at.get("group") in ("b", "c") else c.shown)
             for c in protect(raw, minimum_cell=1)[0].cells]  # fmt: skip
    (before,) = [ProtectedTable("t", raw[0].by, tuple(cells))]
    assert document([before], 16)["certificate"]["not_certified"]
    (after,) = certified_tables([before], minimum_cell=16)
    assert {frozenset(c.at.items()) for c in before.cells if c.withheld} < {
        frozenset(c.at.items()) for c in after.cells if c.withheld
    }
    assert problems(document([after], 16)) == []


def test_a_rate_is_withheld_with_its_counts():
    found = with_rate("≤20%", all=100, lost=None, reached=None)
    tables = [ProtectedTable.from_json(t) for t in found["tables"]]
    after = certified_tables(tables, minimum_cell=10, rates=[RATE])
    assert [c["shown"] for t in document(after, rates=[RATE])["tables"] for c in t["cells"]] == [
        100,
        None,
        None,
        None,
    ]


def test_a_rate_goes_with_each_count_that_it_is_made_of():
    tables = [ProtectedTable.from_json(t) for t in with_rate(25, all=40, lost=10, reached=30)["tables"]]
    after = withheld_too(tables, {("", "students", frozenset({("outcome", "reached")}))}, [RATE])
    assert [c.shown for t in after for c in t.cells] == [40, 10, None, None]


def test_the_sizes_beside_a_size_that_an_earlier_release_withholds_go_with_it():
    """Of 369 students 10 are learners and 132 have a low income. Without the 369, whoever knows the rule takes the learners, printed beside
    359 others, for fewer than 10."""
    sizes = {(): 369, ("learner", "yes"): 10, ("learner", "no"): 359, ("income", "low"): 132, ("income", "other"): 237}  # fmt: skip
    cells = tuple(RawCell(dict([at]) if at else {}, count=count, public=True) for at, count in sizes.items())
    raw = [RawTable(kind, (kind,), tuple(c for c in cells if not c.at or kind in c.at)) for kind in ("learner", "income")]  # fmt: skip
    known = public_sizes_to_json(raw)
    before = protect(raw, minimum_cell=10, withheld={place({})})
    assert any(not cell.withheld for table in before for cell in table.cells)
    after = certified_tables(before, minimum_cell=10, public_sizes=known, beside_others=True)
    assert all(cell.withheld for table in after for cell in table.cells)
    assert problems(document(after, raw=raw, beside=["A1"])) == []


def test_tables_for_which_nothing_is_left_to_withhold_are_refused(monkeypatch):
    monkeypatch.setattr("throughway.publication.certified_tables.MOST_TIMES", 0)
    with pytest.raises(Refused, match="cannot be protected"):
        certified_tables(protect(linked(), minimum_cell=10), minimum_cell=10)


def test_a_spread_of_the_minimum_is_too_little_where_a_table_has_a_single():
    found = printed(all=11, a=None, b=None)
    found["certificate"] = certificate_of([found])
    assert problems(found) == []
    found["certificate"]["tables"] = [[0, 11], [10, 1]]
    assert len(problems(found)) == 2


# ---- ranges and rates


def test_a_printed_range_is_an_inequality_and_protected_like_a_withheld_figure():
    found = printed(all=60, a="5–26", b=None, c=None)
    found["certificate"] = certificate_of([found])
    assert problems(found) == []
    assert all(5 <= values[0] <= 26 for values in found["certificate"]["tables"])
    found["certificate"]["tables"].append([27, 0, 33])
    assert "not possible" in problems(found)[0]
    assert certificate_of([printed(all=60, a="5–10", b=None, c=None)])["not_certified"] == ["outcome: a"]
    assert certificate_of([printed(all=60, a="0–19", b=None, c=51)])["not_certified"]


def test_a_figure_that_no_sum_binds_is_known_to_be_below_the_minimum_and_no_more():
    found = printed(a=None, b=30)
    found["certificate"] = certificate_of([found])
    assert problems(found) == []
    assert {values[0] for values in found["certificate"]["tables"]} >= {0, 9}
    found["certificate"]["tables"] = [[0], [8]]
    assert len(problems(found)) == 1


RATE = {
    "at": {"share": "lost"},
    "of": [{"outcome": "lost"}],
    "among": [{"outcome": "lost"}, {"outcome": "reached"}],
}


def with_rate(shown, **counts):
    found = printed(rates=[RATE], **counts)
    cell = {"at": {"share": "lost"}, "statistic": "rate", "shown": shown, "withheld": shown is None}
    found["tables"].append({"title": "share", "by": ["share"], "cells": [cell]})
    return found


@pytest.mark.parametrize(
    ("shown", "low", "high"),
    [
        ("≥80%", 32, 40),
        ("≤20%", 0, 8),
        ("21–29%", 9, 11),
        ("30–39%", 12, 15),
        (25, 10, 10),
        (99, 40, 40),
        (1, 0, 0),
        ("6–9%", 3, 3),
    ],
)
def test_a_printed_rate_is_an_inequality(shown, low, high):
    """Of 40 students."""
    found = with_rate(shown, all=40, lost=None, reached=None)
    made = certificate_of([found])
    if high - low >= 10:
        assert not made["not_certified"]
    else:
        assert made["not_certified"] == ["outcome: lost", "outcome: reached"]
    for n in range(41):
        assert verify_release.fits_rate(shown, n, 40) == (low <= n <= high)
        fits = all(lo <= a * n + b * 40 <= hi for a, b, lo, hi in rate_rows(shown))
        assert fits == (low <= n <= high)


def test_a_rate_that_leaves_its_counts_open_is_certified():
    found = with_rate("≤20%", all=100, lost=None, reached=None, unseen=None)
    found["certificate"] = certificate_of([found])
    assert problems(found) == []
    assert all(5 * lost <= lost + reached for lost, reached, _ in found["certificate"]["tables"])
    found["certificate"]["tables"].append([31, 60, 9])
    (problem,) = problems(found)
    assert problem.startswith("share: lost (rate, release A2) shows ≤20%, but 31 of 91 is another rate")


def test_relations_bind_the_tables():
    steps = RawTable("steps", ("step", "outcome"), (
        RawCell({"step": "1"}, count=60), RawCell({"step": "1", "outcome": "reached"}, count=55),
        RawCell({"step": "1", "outcome": "lost"}, count=5), RawCell({"step": "2"}, count=55),
        RawCell({"step": "2", "outcome": "reached"}, count=30), RawCell({"step": "2", "outcome": "lost"}, count=25),
    ))  # fmt: skip
    same = Relation({"step": "1", "outcome": "reached"}, [{"step": "2"}])
    assert problems(released([steps], relations=[same])) == []
    apart = document(protect([steps], minimum_cell=10), relations=[same])
    assert apart["certificate"]["not_certified"]


def test_tables_with_a_rule_of_their_own_are_named():
    found = printed(all=40, reached=35, lost=None)
    found["tables"][0]["rule"] = "Each mean is of ten students or more."
    found["certificate"] = certificate_of([found])
    assert problems(found) == []
    assert found["certificate"]["own_rules"] == [
        {"what": "t", "rule": "Each mean is of ten students or more."}
    ]
    means = printed(all=None)
    means["tables"][0]["cells"][0]["statistic"] = "mean"
    assert [each["what"] for each in certificate_of([means])["own_rules"]] == ["mean"]


@pytest.mark.parametrize(
    "shown", [{"all": 40, "reached": 35, "lost": 6}, {"all": 30, "reached": 35, "lost": None}]
)
def test_figures_that_contradict_each_other_have_no_certificate(shown):
    release = printed(**shown)
    try:
        release["certificate"] = certificate_of([release])
    except Contradiction:
        release["certificate"] = certificate_of([printed(all=40)])
    assert problems(release)


# ---- the verification notices


def linked(seed=3):
    """A release of two linked tables with something withheld."""
    chance = random.Random(seed)
    values = {"outcome": OUTCOMES, "school": ("North", "South", "West"), "sex": ("Female", "Male")}
    people = [
        {"outcome": chance.choices(OUTCOMES, (3, 1, 9))[0], "school": chance.choices(values["school"], (9, 4, 1))[0],
         "sex": chance.choice(values["sex"])}
        for _ in range(160)
    ]  # fmt: skip
    return [table(people, ("outcome", d), values) for d in ("school", "sex")]


@pytest.fixture(scope="module")
def release():
    found = released(linked())
    assert len(withheld(found)) > 4
    return found


def resealed(found):
    """The document as a forger would hand it on: with its own SHA-256."""
    found["certificate"]["releases"] = [{"id": found["id"], "sha256": digest(found)}]
    return found


def test_every_altered_figure_is_noticed(release):
    for t, shown_table in enumerate(release["tables"]):
        for c, cell in enumerate(shown_table["cells"]):
            if not isinstance(cell["shown"], int):
                continue
            for change in (-1, 1, 10):
                altered = copy.deepcopy(release)
                altered["tables"][t]["cells"][c]["shown"] += change
                assert problems(altered)
                assert problems(resealed(altered)), cell


def test_a_withheld_figure_that_is_dropped_or_shown_is_noticed(release):
    figures = release["certificate"]["figures"]
    truth = {c.place: c.count for t in linked() for c in t.cells}
    for number, figure in enumerate(figures):
        dropped = copy.deepcopy(release)
        dropped["certificate"]["figures"].pop(number)
        for values in dropped["certificate"]["tables"]:
            values.pop(number)
        assert problems(resealed(dropped))
        shown = copy.deepcopy(release)
        for cell in (c for t in shown["tables"] for c in t["cells"] if c["at"] == figure["at"]):
            cell.update(shown=truth[frozenset(figure["at"].items())], withheld=False)
        assert problems(resealed(shown))


def test_a_forged_table_is_noticed(release):
    for t, values in enumerate(release["certificate"]["tables"]):
        for c in range(len(values)):
            for change in (-1, 1, 10, -1000):
                forged = copy.deepcopy(release)
                forged["certificate"]["tables"][t][c] += change
                assert problems(forged)


def test_tables_that_leave_a_figure_narrow_are_noticed(release):
    for count in range(len(release["certificate"]["tables"])):
        fewer = copy.deepcopy(release)
        fewer["certificate"]["tables"] = fewer["certificate"]["tables"][:count]
        assert problems(fewer)


@pytest.mark.parametrize("value", [None, "7", 7.5, True, -1])
def test_what_is_no_whole_number_of_students_is_noticed(release, value):
    forged = copy.deepcopy(release)
    forged["certificate"]["tables"][0][0] = value
    assert problems(forged)


@pytest.mark.parametrize(
    "broken", [{}, {"tables": 3}, {"certificate": {"format": 9, "releases": []}}, {"minimum_cell": "ten"}]
)
def test_what_is_no_release_is_a_sentence(release, broken):
    assert all(each.endswith(".") for each in problems({**release, **broken} if broken else {}))
    assert problems({**release, **broken} if broken else {})


def test_another_title_or_minimum_is_not_what_was_certified(release):
    changed = "Release A2 is not the one that was certified: something in it was changed."
    assert problems(release | {"title": "Another"}) == [changed]
    assert problems(release | {"minimum_cell": 9}) == [changed]
    assert problems(release | {"beside": ["Z9"]}) == [changed]


def test_a_release_without_a_certificate_says_so(release):
    older = {name: value for name, value in release.items() if name != "certificate"}
    assert problems(older) == ["Release A2 has no certificate; older releases have none."]


def test_a_certificate_of_several_releases_asks_for_all_of_them(release):
    other = printed(all=50, a=None, b=None) | {"id": "B3"}
    first = {name: value for name, value in release.items() if name != "certificate"}
    made = certificate_of([first, other])
    assert problems(first, other | {"certificate": made}) == []
    assert problems(other | {"certificate": made}) == [
        "The certificate also speaks of release A2; give that file too."
    ]
    assert (
        "does not speak of release C4"
        in problems(first, other | {"certificate": made}, printed(all=20) | {"id": "C4"})[0]
    )


# ---- one complementary figure that is printed


def test_a_complementary_figure_that_is_printed_is_noticed():
    """Whenever an attacker can use it: in each of fifty cases the certificate cannot be made, and the old one does not hold."""
    usable = certified_anyway = unnoticed = seed = 0
    while usable < 50 and seed < 20:
        chance = random.Random(seed)
        raw = linked(seed)
        seed += 1
        chance.shuffle(raw)
        release = released(raw)
        truth = {c.place: c.count for t in raw for c in t.cells}
        secondary = [at for at in {frozenset(c["at"].items()) for c in withheld(release)} if truth[at] >= 10]
        for at in sorted(secondary, key=sorted):
            changed = copy.deepcopy(release)
            for cell in (c for t in changed["tables"] for c in t["cells"] if c["at"] == dict(at)):
                cell.update(shown=truth[at], withheld=False)
            if any(high - low < 10 - 1e-6 for low, high in ranges(changed["tables"]).values()):
                usable += 1
                certified_anyway += not certificate_of([changed])["not_certified"]
                unnoticed += not problems(resealed(changed))
    assert usable >= 50
    assert certified_anyway == unnoticed == 0


# ---- the file alone


def run(*paths):
    command = [sys.executable, "-I", "-S", verify_release.__file__, *map(str, paths)]
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", env={"PYTHONIOENCODING": "utf-8"}
    )
    return done.returncode, done.stdout + done.stderr


def test_a_stranger_runs_the_one_file_on_the_release(release, tmp_path):
    path = tmp_path / "release.json"
    path.write_text(json.dumps(release), encoding="utf-8")
    code, said = run(path)
    assert (code, said.splitlines()[0]) == (0, f"Release A2, SHA-256 {digest(release)}")
    assert "\nVerified: " in said
    forged = copy.deepcopy(release)
    forged["certificate"]["tables"][0][0] += 1
    path.write_text(json.dumps(forged), encoding="utf-8")
    code, said = run(path)
    assert code == 1
    assert "but its parts make" in said


def test_the_manual_quotes_what_the_program_says(release, tmp_path):
    """Its example is of one release, and each line of it is one that the program can print."""
    text = (Path(__file__).parents[2] / "docs" / "protection.md").read_text(encoding="utf-8")
    example = text[text.index("## Verify a release yourself") :]
    (first,) = re.findall(r"python verify_release.py release-(\w+).json", example)
    assert set(re.findall(r"[Rr]elease ([A-Z0-9]{8})\b", example)) == {first}
    (said,) = re.findall(r"Verified: .*", example)
    tables, minimum, withheld = map(int, re.findall(r"\d+", said.replace(",", "")))
    counted_up = {"tables": tables, "minimum_cell": minimum, "withheld": withheld}
    assert said == verify_release.sentence_of(counted_up)
    spoiled = copy.deepcopy(release)
    for values in spoiled["certificate"]["tables"]:
        values[:] = spoiled["certificate"]["tables"][0]
    (found, *_) = [each for each in problems(spoiled) if "differs by only" in each]
    (quoted,) = [line for line in example.splitlines() if "differs by only" in line]
    assert found.partition(" differs by only ")[2][1:] == quoted.partition(" differs by only ")[2][1:]


def test_wrong_usage_and_an_unreadable_file(tmp_path):
    assert run()[0] == 2
    (tmp_path / "x.json").write_text("[1", encoding="utf-8")
    assert run(tmp_path / "x.json")[0] == 1
    (tmp_path / "x.json").write_text("[1]", encoding="utf-8")
    assert run(tmp_path / "x.json")[0] == 1
    assert run(tmp_path / "none.json")[0] == 1


def test_the_digest_is_the_same_on_both_sides(release):
    assert digest(release) == verify_release.digest(release)
    assert digest(release | {"state": "public"}) == digest(release)
    assert digest(release | {"title": "Other"}) != digest(release)


def test_figures_of_all_sizes_are_combined():
    """Every subset of a small table, withheld: the certificate says the same as the verification."""
    raw = one_table((3, 12, 14), (20, 11, 30))[0]
    inner = [dict(c.at) for c in raw.cells if len(c.at) == 2]
    for size in range(1, 5):
        for hidden in combinations(inner, size):
            cells = [{"at": dict(c.at), "statistic": "students", "shown": None if dict(c.at) in hidden else c.count,
                      "withheld": dict(c.at) in hidden} for c in raw.cells]  # fmt: skip
            release = {
                "id": "A2",
                "title": "t",
                "minimum_cell": 3,
                "tables": [{"title": "t", "by": list(raw.by), "cells": cells}],
            }
            release["certificate"] = certificate_of([release])
            assert bool(problems(release)) == bool(release["certificate"]["not_certified"])

"""Tables of made-up students for the tests of protection."""

from itertools import combinations, product

from hypothesis import strategies as st

from throughway.publication import RawCell, RawTable

OUTCOMES = ("lost", "not seen", "reached")


def table(people, by, values):
    """All counts by these dimensions, with every total."""
    cells = []
    for size in range(len(by) + 1):
        for dimensions in combinations(by, size):
            for chosen in product(*(values[d] for d in dimensions)):
                at = dict(zip(dimensions, chosen, strict=True))
                cells.append(RawCell(at, count=sum(all(p[d] == v for d, v in at.items()) for p in people)))
    return RawTable(" by ".join(by), tuple(by), tuple(cells))


@st.composite
def communities(draw):
    """Linked tables: outcome by each of several groupings of the same students."""
    values = {"outcome": OUTCOMES}
    for dimension in draw(
        st.lists(st.sampled_from(["sex", "race", "school"]), min_size=1, max_size=3, unique=True)
    ):
        values[dimension] = tuple(f"{dimension} {n}" for n in range(draw(st.integers(2, 4))))
    weights = {
        d: draw(st.lists(st.integers(1, 30), min_size=len(v), max_size=len(v))) for d, v in values.items()
    }
    chance = draw(st.randoms(use_true_random=False))
    people = [
        {d: chance.choices(v, weights[d])[0] for d, v in values.items()}
        for _ in range(draw(st.integers(0, 250)))
    ]
    groupings = [d for d in values if d != "outcome"]
    return [table(people, ("outcome", d), values) for d in groupings]

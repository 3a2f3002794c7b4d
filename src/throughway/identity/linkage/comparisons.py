"""How two student records are compared, the weight of each level of agreement, and which agreements never join two records alone.

Each comparison has levels, tried from the top; the first whose condition holds counts. `m` is the share of true pairs on that level, `u`
the share of chance pairs (Fellegi and Sunter 1969); a pair with an unknown value counts neither way. A small community starts with these shares; `match_weights` learns them if there are enough records.

Household evidence counts once: surname and home (an address, a telephone, a guardian) are one joint comparison, so that a brother is not
counted twice.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rungs = npt.NDArray[
    np.int8
]  # one row for each pair, one column for each comparison: the level, 0 for the lowest, -1 unknown
Truths = npt.NDArray[np.bool_]

# Expressions that several conditions use by name: their definition, and SQL that `comparison_levels` computes once for a pair. That SQL
# skips the costly edit distance where it cannot be small: words at most two edits apart differ in few letters.
SHARED_HOME, FIRST_EDITS = "one_home", "first_edits"
FAR = 99  # edits, in place of any number that exceeds every condition's limit
EXPRESSIONS: Mapping[str, tuple[str, str]] = {
    SHARED_HOME: (
        "(list_has_any(streets_l, streets_r) or list_has_any(phones_l, phones_r) or list_has_any(guardians_l, guardians_r)"
        " or (street_l <> street_r and damerau_levenshtein(street_l, street_r) <= 2 and least(len(street_l), len(street_r)) > 7))",
        """case
    when list_has_any(streets_l, streets_r) or list_has_any(phones_l, phones_r) or list_has_any(guardians_l, guardians_r) then true
    when street_l is null or street_r is null then null
    when street_l <> street_r and abs(strlen(street_l) - strlen(street_r)) <= 2 and least(len(street_l), len(street_r)) > 7
        and bit_count(xor(street_letters_l, street_letters_r)) <= 4 then damerau_levenshtein(street_l, street_r) <= 2
    else false end""",
    ),
    FIRST_EDITS: (
        "damerau_levenshtein(first_l, first_r)",
        f"""case
    when first_l is null or first_r is null then null
    when abs(strlen(first_l) - strlen(first_r)) <= 2 and bit_count(xor(first_letters_l, first_letters_r)) <= 4
    then damerau_levenshtein(first_l, first_r) else {FAR} end""",
    ),
}
# Different guardians do not mean different homes: one program records the mother, and another the father.
HOME_KNOWN = "((len(streets_l) > 0 and len(streets_r) > 0) or (len(phones_l) > 0 and len(phones_r) > 0))"
SWAPPED_NAMES = "(first_l = spelled_r and spelled_l = first_r)"
SAME_SURNAME = "(surname_l = surname_r or spelled_l = spelled_r)"
PARTLY_SURNAME = "list_has_any(surnames_l, surnames_r)"
CLOSE_SURNAME = (
    "(jaro_winkler_similarity(spelled_l, spelled_r) >= 0.9"
    " or jaro_winkler_similarity(head_l, head_r) >= 0.92"
    " or sounded_l = sounded_r"
    " or case when 4 * abs(len(spelled_l) - len(spelled_r)) <= least(len(spelled_l), len(spelled_r))"
    " then 4 * damerau_levenshtein(spelled_l, spelled_r) <= least(len(spelled_l), len(spelled_r)) else false end)"
)
# One name contains the other and begins like it: "María José" and "María", but not "María Luisa".
PART_OF_NAME = (
    "(firsts_l[1] = firsts_r[1] and (list_has_all(firsts_l, firsts_r) or list_has_all(firsts_r, firsts_l)))"
)
CLOSE_FIRST = "jaro_winkler_similarity(first_l, first_r) >= 0.92"
ONE_LETTER = "(least(len(first_l), len(first_r)) > 3 and first_edits = 1)"
# "Hnak" is Hank, and Hank is Henry.
SHORT_MISSPELLED = (
    "(len(list_filter(shorts_r, short -> case when left(short, 1) = left(first_l, 1)"
    " then damerau_levenshtein(first_l, short) = 1 else false end)) > 0"
    " or len(list_filter(shorts_l, short -> case when left(short, 1) = left(first_r, 1)"
    " then damerau_levenshtein(first_r, short) = 1 else false end)) > 0)"
)
# Three middle names in four begin with one of these letters, so sharing another one says more.
USUAL_INITIALS = "'a', 'c', 'd', 'e', 'j', 'l', 'm', 'r', 's'"
SAME_MIDDLE_NAME = "(middle_l = middle_r and len(middle_l) > 1)"
INITIAL = "(starts_with(middle_l, middle_r) or starts_with(middle_r, middle_l))"
SAME_CLASS = "list_has_any(classes_l, classes_r)"
OF_ONE_AGE = f"(coalesce(year_l = year_r, false) or {SAME_CLASS})"
SAME_SCHOOL = "list_has_any(schools_l, schools_r)"
SCHOOLS_COMPARABLE = "list_has_any(schooled_l, schooled_r)"
# Two first names at one address have the birth date in one source: twins, or one's date was entered for the other.
BORN_ALIKE = "(born_alike_l or born_alike_r)"
SAME_PARTS = "((year_l = year_r)::int + (month_l = month_r)::int + (day_l = day_r)::int)"


@dataclass(frozen=True)
class ComparisonLevel:
    name: str
    condition: str  # SQL over the columns of `standardization`, left ending in _l and right in _r
    m: float
    u: float


@dataclass(frozen=True)
class Comparison:
    """`unknown`: SQL of "cannot be compared". `learned`: whether m and u are learned from the records."""

    name: str
    unknown: str
    levels: tuple[ComparisonLevel, ...]
    learned: bool = True

    def level(self, name: str) -> int:
        """The number of a level, as in Splink's `gamma_<comparison>`: the lowest is 0."""
        names = [level.name for level in self.levels]
        return len(names) - 1 - names.index(name)


FIRST = Comparison(
    "first",
    "first_l is null or first_r is null",
    (
        ComparisonLevel("same", "first_l = first_r or given_l = given_r", 0.80, 0.004),
        ComparisonLevel("swapped", SWAPPED_NAMES, 0.005, 0.00002),
        ComparisonLevel("formal", f"list_has_any(forms_l, forms_r) or {PART_OF_NAME}", 0.08, 0.003),
        ComparisonLevel(
            "misspelled",
            f"({CLOSE_FIRST} or {ONE_LETTER} or {SHORT_MISSPELLED} or sound_l = sound_r) and not (usual_l and usual_r)",
            0.05,
            0.003,
        ),
        ComparisonLevel("close", CLOSE_FIRST, 0.01, 0.003),
        ComparisonLevel(
            "middle", "list_contains(givens_l, first_r) or list_contains(givens_r, first_l)", 0.02, 0.004
        ),
        ComparisonLevel(
            "alike",
            "not (usual_l and usual_r)"
            " and (first_edits <= 1 or jaro_winkler_similarity(first_l, first_r) >= 0.85"
            " or (least(len(first_l), len(first_r)) > 4 and first_edits <= 2))",
            0.015,
            0.015,
        ),
        ComparisonLevel(
            "another of one home",
            f"birthdate_l = birthdate_r and {BORN_ALIKE} and not coalesce({SAME_MIDDLE_NAME}, false)",
            0.001,
            0.00001,
        ),
        ComparisonLevel("another name", "usual_l and usual_r", 0.01, 0.75),
        ComparisonLevel("different", "else", 0.01, 0.22),
    ),
)

FAMILY = Comparison(
    "family",
    # With a missing street the similarity of streets is unknown, and the home is not shared.
    f"(surname_l is null or surname_r is null or {SWAPPED_NAMES}) and not coalesce({SHARED_HOME}, false)",
    (
        ComparisonLevel("same, one home", f"{SAME_SURNAME} and {SHARED_HOME}", 0.387, 0.00013),
        ComparisonLevel(
            "partly, one home", f"({PARTLY_SURNAME} or {CLOSE_SURNAME}) and {SHARED_HOME}", 0.05, 0.00003
        ),
        ComparisonLevel("other, one home", SHARED_HOME, 0.0135, 0.00006),
        ComparisonLevel("same", f"{SAME_SURNAME} and not {HOME_KNOWN}", 0.344, 0.0024),
        ComparisonLevel("partly", f"{PARTLY_SURNAME} and not {HOME_KNOWN}", 0.028, 0.003),
        ComparisonLevel("close", f"{CLOSE_SURNAME} and not {HOME_KNOWN}", 0.02, 0.003),
        ComparisonLevel("other", f"not {HOME_KNOWN}", 0.012, 0.39),
        ComparisonLevel("same, moved", SAME_SURNAME, 0.120, 0.0036),
        ComparisonLevel("partly, moved", PARTLY_SURNAME, 0.012, 0.0045),
        ComparisonLevel("close, moved", CLOSE_SURNAME, 0.0075, 0.0045),
        ComparisonLevel("other, moved", "else", 0.006, 0.587),
    ),
)

BIRTH = Comparison(
    "birth",
    "birthdate_l is null or birthdate_r is null",
    (
        ComparisonLevel("same", "birthdate_l = birthdate_r", 0.945, 0.0003),
        ComparisonLevel("day and month swapped", "birthdate_l = swapped_r", 0.008, 0.0002),
        ComparisonLevel(
            "one digit", f"{SAME_PARTS} = 2 and damerau_levenshtein(digits_l, digits_r) <= 1", 0.028, 0.004
        ),
        ComparisonLevel("one part", f"{SAME_PARTS} = 2", 0.013, 0.009),
        ComparisonLevel("two digits", "damerau_levenshtein(digits_l, digits_r) <= 2", 0.003, 0.0165),
        ComparisonLevel("of a housemate", BORN_ALIKE, 0.004, 0.02),
        ComparisonLevel("different", "else", 0.003, 0.95),
    ),
)

SEX = Comparison(
    "sex",
    "sex_l is null or sex_r is null",
    (ComparisonLevel("same", "sex_l = sex_r", 0.985, 0.5), ComparisonLevel("different", "else", 0.015, 0.5)),
)

MIDDLE = Comparison(
    "middle",
    "middle_l is null or middle_r is null",
    (
        ComparisonLevel("same", SAME_MIDDLE_NAME, 0.75, 0.02),
        ComparisonLevel(
            "rare initial", f"{INITIAL} and left(middle_l, 1) not in ({USUAL_INITIALS})", 0.06, 0.01
        ),
        ComparisonLevel("initial", INITIAL, 0.14, 0.07),
        ComparisonLevel("different", "else", 0.05, 0.90),
    ),
)

EMAIL = Comparison(
    "email",
    "len(emails_l) = 0 or len(emails_r) = 0",
    (
        ComparisonLevel("same", "list_has_any(emails_l, emails_r)", 0.6, 0.0005),
        ComparisonLevel("different", "else", 0.4, 0.9995),
    ),
    learned=False,
)

# Statewide numbers identify one person; a district's or program's numbers may equal another's by chance.
IDENTIFIER = Comparison(
    "identifier",
    "not list_has_any(wide_l, wide_r) and not list_has_any(local_l, local_r)"
    " and not list_has_any(wide_systems_l, wide_systems_r)",
    (
        ComparisonLevel("same, statewide", "list_has_any(wide_l, wide_r)", 0.88, 0.00001),
        ComparisonLevel("same, local", "list_has_any(local_l, local_r)", 0.09, 0.0001),
        ComparisonLevel("different, statewide", "else", 0.03, 0.99989),
    ),
    learned=False,
)

# Students of one age go to the same few schools, so schools are compared only among them, and their weight is learned among them. In
# one home the school is not evidence: a brother goes there too, and the home already counts.
SCHOOL = Comparison(
    "school",
    f"not {OF_ONE_AGE} or coalesce({SHARED_HOME}, false) or not ({SAME_SCHOOL} or {SCHOOLS_COMPARABLE})",
    (ComparisonLevel("same", SAME_SCHOOL, 0.8, 0.2), ComparisonLevel("another", "else", 0.2, 0.8)),
)

# Students born in one year are mostly in one class, so with equal years of birth the class adds nothing. It is compared if a year is
# unknown or the years differ: it replaces the birth date, or distinguishes a typing error from another child. In one home it counts only
# if the first names are equal: twins are in one class, and may be named Jayden and Kayden.
CLASS = Comparison(
    "class",
    "coalesce(year_l = year_r, false) or len(classes_l) = 0 or len(classes_r) = 0"
    f" or ({SAME_CLASS} and coalesce({SHARED_HOME}, false) and not coalesce(first_l = first_r or list_has_any(forms_l, forms_r), false))",
    (
        ComparisonLevel("same", SAME_CLASS, 0.92, 0.08),
        ComparisonLevel("next", "list_has_any(next_classes_l, classes_r)", 0.05, 0.15),
        ComparisonLevel("another", "else", 0.03, 0.77),
    ),
)

COMPARISONS = (FIRST, FAMILY, BIRTH, SEX, MIDDLE, EMAIL, IDENTIFIER, SCHOOL, CLASS)

SAME_FIRST = ("same", "swapped", "formal", "misspelled", "middle")
SAME_MIDDLE = ("same", "rare initial", "initial")
SAME_FAMILY = ("same, one home", "partly, one home", "same", "partly", "same, moved", "partly, moved")


def with_definitions(condition: str) -> str:
    """The condition with the definitions of EXPRESSIONS in place of their names."""
    return re.sub(rf"\b({'|'.join(EXPRESSIONS)})\b", lambda found: EXPRESSIONS[found[1]][0], condition)


def column(comparison: Comparison) -> int:
    """The column of the comparison in Rungs."""
    return COMPARISONS.index(comparison)


def at_home(rungs: Rungs) -> Truths:
    """For each pair: whether they share an address (or nearly), a telephone or a guardian."""
    return on(rungs, FAMILY, "same, one home", "partly, one home", "other, one home")


def on(rungs: Rungs, comparison: Comparison, *names: str) -> Truths:
    """For each pair: whether it is on one of the named levels of the comparison."""
    wanted = [comparison.level(name) for name in names]
    return np.isin(rungs[:, column(comparison)], wanted)


def never_alone(rungs: Rungs) -> Truths:
    """For each pair: whether it is never joined without a reader, whatever its weight (decision 0005).

    Household and birth date alone never join two records: the first names must agree too (`_names_agree`), or an identifier, or, where a
    first name is missing or garbled, birth date, surname and middle name together, since twins seldom share a middle name. And an identifier
    alone does not join two records whose first names and birth dates both differ: numbers are mistyped, and reused.
    """
    vouched = on(rungs, IDENTIFIER, "same, statewide", "same, local")
    garbled = on(rungs, FIRST, "alike", "different", "another name") | (rungs[:, column(FIRST)] < 0)
    middle, sex = on(rungs, MIDDLE, *SAME_MIDDLE), on(rungs, SEX, "same")
    born = on(rungs, BIRTH, "same", "day and month swapped", "one digit")
    kin = ~on(rungs, FAMILY, "other", "other, moved")
    agree = middle.astype(int) + born + at_home(rungs)
    nearly = on(rungs, FIRST, "alike") & (agree + sex >= 2)
    in_spite = kin & ~on(rungs, SEX, "different") & ((garbled & (agree >= 2) & middle) | nearly)
    in_spite |= kin & on(rungs, FIRST, "alike") & born & middle  # a garbled name, and a wrong sex
    unnamed = (rungs[:, column(FIRST)] < 0) & (middle | sex & ~on(rungs, MIDDLE, "different"))
    in_spite |= unnamed
    refuted = on(rungs, FIRST, "different", "another name") & on(rungs, BIRTH, "of a housemate", "different")
    return (~_names_agree(rungs) & ~in_spite & ~vouched) | (vouched & refuted)


def _names_agree(rungs: Rungs) -> Truths:
    """Two common names that are nearly equal (Sofia, Sophia) agree only with one birth date and known, equal sexes: twins are named Daniel
    and Daniela. A misspelled name agrees in spite of different sexes only with the same middle name."""
    born = on(rungs, BIRTH, "same", "day and month swapped")
    close = on(rungs, FIRST, "close") & born & on(rungs, SEX, "same")
    odd = on(rungs, FIRST, "misspelled") & on(rungs, SEX, "different") & ~on(rungs, MIDDLE, *SAME_MIDDLE)
    return (on(rungs, FIRST, *SAME_FIRST) & ~odd) | close


def strong(rungs: Rungs) -> Truths:
    """For each pair: whether the evidence is enough to say that one source has the same person twice."""
    born = on(rungs, BIRTH, "same") & on(rungs, FAMILY, *SAME_FAMILY) & ~on(rungs, MIDDLE, "different")
    named = on(rungs, FIRST, "same", "formal", "misspelled") & ~on(rungs, SEX, "different")
    numbered = on(rungs, IDENTIFIER, "same, statewide", "same, local")
    return named & (born | numbered) & ~on(rungs, IDENTIFIER, "different, statewide")


def surely_twice(rungs: Rungs) -> Truths:
    """For each pair: whether in one source it is surely one person twice. Twins are not, however many a source has: their first names differ."""
    return strong(rungs) & on(rungs, FIRST, "same") & ~never_alone(rungs)


def twin_like(rungs: Rungs) -> Truths:
    """For each pair: whether one source's twins, or a brother and a sister, may look so: first names that are nearly equal, where no whole
    middle name, e-mail address or identifier tells that it is one person with a slip of the pen."""
    told = on(rungs, MIDDLE, "same") | on(rungs, EMAIL, "same")
    return (
        on(rungs, FIRST, "misspelled", "close")
        & ~told
        & ~on(rungs, IDENTIFIER, "same, statewide", "same, local")
    )


def level_names(rungs: Sequence[int]) -> dict[str, str]:
    """The names of one pair's levels by comparison, without those that cannot be compared."""
    return {
        c.name: c.levels[len(c.levels) - 1 - rung].name
        for c, rung in zip(COMPARISONS, rungs, strict=True)
        if rung >= 0
    }

"""Made-up records of a whole state's learners, as many as are wanted: persons in households, in several sources, with gaps and errors.

Names are as common as in the United States (Zipf and Mandelbrot's law, its head fitted to the Census of 2010: the commonest surname
has 0.8 %, the hundredth 0.1 %), since common names are what makes blocking dear.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

SOURCES, SHARES = ("north", "south", "college", "club"), (0.4, 0.3, 0.2, 0.1)
PERSONS = 0.75  # for each record
ONSETS = ("bal", "cor", "dran", "fel", "gar", "hol", "jun", "kel", "lor", "mar", "nev", "pel", "quin", "ros", "sal", "tor", "ul", "val", "wen", "zam")  # fmt: skip
MIDDLES = ("", "a", "be", "chi", "do", "en", "fi", "ga", "lo", "mi", "na", "ri", "su", "ta", "vo")
ENDS = ("ado", "ander", "bury", "dale", "ero", "ford", "ingo", "ister", "land", "mora", "nez", "quez", "stone", "tano", "uela", "vane", "wick")  # fmt: skip
DAYS = 5_500  # of births: fifteen years of age groups

Text = npt.NDArray[np.str_]


def people(records: int, seed: int = 3) -> tuple[dict[str, pa.Table], npt.NDArray[np.int64]]:
    """The tables as the gate shows them to linkage, records numbered from 1 in a random order, and the person of each."""
    random = np.random.default_rng(seed)
    persons = int(records * PERSONS)
    homes = int(persons / 1.8) + 1
    given, surnames = _firsts(), _surnames(random)
    home = np.sort(random.integers(0, homes, persons))
    of = np.concatenate([np.arange(persons), random.integers(0, persons, records - persons)])
    of = of[random.permutation(records)]

    def missing(share: float) -> npt.NDArray[np.bool_]:
        return random.random(records) < share

    first = _misspelled(given[_commonly(random, len(given), 25, persons)][of], missing(0.02))
    surname = _misspelled(surnames[_commonly(random, len(surnames), 15, homes)][home][of], missing(0.015))
    middle = given[_commonly(random, len(given), 8, persons)][of]
    middle = np.where(missing(0.2), middle.astype("U1"), middle)
    born = (np.datetime64("2005-01-01") + random.integers(0, DAYS, persons))[of]
    born = born + np.where(missing(0.01), random.integers(-20, 21, records), 0)
    live = np.where(missing(0.12), random.integers(0, homes, records), home[of])  # the others have not moved
    street = np.char.add(
        (live % 9_973 + 1).astype("U6"), np.char.add(" ", surnames[live // 9_973 % len(surnames)])
    )
    phone = np.char.add("555", (2_000_000 + 7 * live).astype(str))
    email = np.char.add(np.char.add(given[of % len(given)], of.astype(str)), "@mail.example")
    number = np.arange(1, records + 1)
    partner = np.array(SOURCES)[random.choice(len(SOURCES), records, p=SHARES)]
    who = {"person_record": number, "partner": partner}
    person = pa.table(who | {
        "first_name": first, "middle_name": _but(middle, missing(0.3)), "last_or_surname": surname,
        "birthdate": _but(born.astype(str), missing(0.02)), "sex": np.where(of * 7 % 11 < 6, "Male", "Female"),
    })  # fmt: skip
    contact = pa.table(who | {
        "address_street_number_and_name": _but(np.char.add(street, " Street"), missing(0.1)),
        "telephone_number": _but(phone, missing(0.3)), "electronic_mail_address": _but(email, missing(0.7)),
    })  # fmt: skip
    return {"person": person, "person_contact": contact}, of


def _firsts() -> Text:
    from throughway.identity.linkage.word_lists import formal_names

    known = sorted({formal for _, formal in formal_names()})
    return np.random.default_rng(1).permutation(np.array(known))


def _surnames(random: np.random.Generator) -> Text:
    made = [a + b + c + d for a in ONSETS for b in MIDDLES for c in MIDDLES for d in ENDS]
    return random.permutation(np.array(sorted(set(made))))


def _commonly(random: np.random.Generator, names: int, head: int, wanted: int) -> npt.NDArray[np.int64]:
    """Numbers of names, the r-th as often as 1 / (r + head)."""
    often = 1.0 / (np.arange(names) + head)
    drawn: npt.NDArray[np.int64] = np.searchsorted(np.cumsum(often / often.sum()), random.random(wanted))
    return np.minimum(drawn, names - 1)


def _misspelled(names: Text, where: npt.NDArray[np.bool_]) -> Text:
    """Two letters of the names swapped."""
    wrong = [name[:1] + name[2:3] + name[1:2] + name[3:] for name in names[where].tolist()]
    names = names.copy()
    names[where] = wrong
    return names


def _but(values: Text, where: npt.NDArray[np.bool_]) -> Any:
    return pa.array(values, mask=where)

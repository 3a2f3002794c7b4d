"""What a file of keys reveals without the secret: measured on the partner's own records, with an attack on them.

This attacker knows more than a real one would: how often each first name and each bigram occurs in these records. It aligns bits
with bigrams by their frequencies and guesses the name that fits best (frequency alignment, after Christen, Vidanage, Ranbaduge and Schnell
2018). The same attack is tried on plain filters of first names, to show that it works on unprotected data.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from throughway.identity.pprl.encoding import BITS, SALTS, Keys, two_letters

MOST = 5_000  # records that are attacked
NAMES = 50  # first names among which the attacker guesses
FEWEST = 200  # records; with fewer the attack is not tried, since frequencies say nothing
SIGHTED = 256  # bits whose correlations are computed
HOLDER = (
    "Anyone who has the secret and this file can find out who is in it: guess a name and a birth date, make the key, and check whether "
    "it is there. Every partner that shares the secret could do this. So give the secret only to partners, never to the steward, and "
    "the file only to the steward, never to another partner."
)


@dataclass(frozen=True)
class Leaks:
    """Shares of records, 0 to 1, unless noted. `together`: the mean correlation of bits as a multiple of what chance gives (1 is chance).
    `guessed`: first names that the attack gets right; `by_chance`: right when always guessing the most frequent name; `unprotected`: right
    on plain filters."""

    records: int
    unique: float
    most_alike: int
    bits_set: float
    rarest_bit: float
    commonest_bit: float
    together: float
    attacked: int
    guessed: float
    by_chance: float
    unprotected: float

    def words(self) -> list[str]:
        """The figures in sentences, for the person who decides whether the file may be sent."""
        return [
            f"{self.records:,} records. Keys are pseudonyms, not anonymous data: protect this file as you protect the records.",
            f"Somebody who has the file but not the secret can see how many records there are, which of them are similar (as those of "
            f"brothers and twins are), and which are also in another file made with the same secret. {self._alone()}",
            self._attack(),
            f"{self.bits_set:.0%} of a key's bits are set; the rarest bit is set in {self.rarest_bit:.0%} of the records, the most common in "
            f"{self.commonest_bit:.0%}. Bits occur together {self.together:.1f} times as often as by chance: 1 reveals nothing, and the "
            "higher it is, the more another attack can use.",
            HOLDER,
        ]

    def _alone(self) -> str:
        if self.most_alike <= 1:
            return "No two records have the same key."
        return (
            f"{1 - self.unique:.1%} of the records share their key with another, and at most {self.most_alike:,} have one key: a key "
            "that many share can be guessed by counting."
        )

    def _attack(self) -> str:
        if not self.attacked:
            return f"No attack was tried: there are fewer than {FEWEST} records, or they have no first names."
        error = 2 * (self.guessed * (1 - self.guessed) / self.attacked) ** 0.5
        verdict = (
            "So it found no more names than luck would."
            if self.guessed - error <= self.by_chance
            else "So it found names: do not send this file before somebody who knows such attacks has checked it."
        )
        return (
            f"An attack without the secret, which knows exactly how often each first name occurs here, got {self.guessed:.1%} of "
            f"{self.attacked:,} first names right. Always guessing the most common one gets {self.by_chance:.1%}; the same attack on "
            f"unprotected filters gets {self.unprotected:.1%}. {verdict} This is one attack; a better one may exist."
        )


def leaks(keys: Keys, firsts: Sequence[str | None], *, seed: int = 7) -> Leaks:
    """Measures the keys of records whose folded first names are `firsts`."""
    _, held = np.unique([hash(row.tobytes()) for row in keys], return_counts=True)
    random = np.random.default_rng(seed)
    some = np.sort(random.permutation(len(keys))[:MOST])
    bits = np.unpackbits(keys[some], axis=1)
    named = [firsts[at] for at in some.tolist()]
    shares = bits.mean(axis=0) if len(bits) else np.zeros(BITS * len(SALTS))
    common = Counter(name for name in named if name).most_common(NAMES)
    usual = {name for name, _ in common} if len(some) >= FEWEST else set()
    target = np.array([name in usual for name in named], bool)
    truth = [name for name in named if name in usual]
    return Leaks(
        records=len(keys),
        unique=float((held == 1).sum()) / max(len(keys), 1),
        most_alike=int(held.max(initial=0)),
        bits_set=float(shares.mean()),
        rarest_bit=float(shares.min()),
        commonest_bit=float(shares.max()),
        together=_together(bits, random),
        attacked=len(truth),
        guessed=_attack(bits[target], truth),
        by_chance=common[0][1] / len(truth) if truth else 0.0,
        unprotected=_attack(_plain(truth), truth),
    )


def _together(bits: npt.NDArray[np.uint8], random: np.random.Generator) -> float:
    """The mean absolute correlation of two bits, over that of independent bits of as many records."""
    drawn = bits[:, random.permutation(bits.shape[1])[:SIGHTED]].astype(float)
    moving = drawn[:, drawn.std(axis=0) > 0] if len(drawn) else drawn
    if len(moving) < 10 or moving.shape[1] < 2:
        return 1.0
    of_two = np.abs(np.corrcoef(moving, rowvar=False)[np.triu_indices(moving.shape[1], k=1)])
    return float(of_two.mean() / np.sqrt(2 / (np.pi * len(moving))))


def _attack(bits: npt.NDArray[np.uint8], truth: Sequence[str]) -> float:
    """The share of first names guessed right. Each bigram is aligned with the bits whose frequency is nearest to its own, and the name whose
    bits are set most beyond the average is guessed."""
    if not truth:
        return 0.0
    bigrams = [set(two_letters(name)) for name in truth]
    often = Counter(two for each in bigrams for two in each)
    grams = sorted(often)
    share = np.array([often[two] for two in grams]) / len(truth)
    frequency = bits.mean(axis=0)
    likely = np.exp(-(((share[:, None] - frequency[None, :]) / 0.01) ** 2))
    likely /= np.maximum(likely.sum(axis=1, keepdims=True), 1e-9)
    evidence = (bits - frequency) @ likely.T  # record × pair of letters
    names = sorted(set(truth))
    spelled = np.array([[two in set(two_letters(name)) for two in grams] for name in names], float)
    fit = evidence @ (spelled / spelled.sum(axis=1, keepdims=True)).T
    fit = fit - fit.mean(axis=0)
    guessed = np.argmax(fit, axis=1)
    right = [names[at] == name for at, name in zip(guessed.tolist(), truth, strict=True)]
    return float(np.mean(right))


def _plain(names: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Filters of the first name alone with one key, unsalted and without noise, for comparison."""
    random = np.random.default_rng(3)
    where = {two: random.integers(0, BITS, 10) for name in sorted(set(names)) for two in two_letters(name)}
    made = np.zeros((len(names), BITS), np.uint8)
    for row, name in enumerate(names):
        for two in two_letters(name):
            made[row, where[two]] = 1
    return made

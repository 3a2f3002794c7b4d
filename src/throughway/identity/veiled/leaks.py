"""What a file of keys tells somebody who has no secret, measured on the partner's own records, and an attack tried on them.

The attacker here is given more than a real one has: how often each first name and each pair of letters occurs in these very
records. It lines bits up with pairs of letters by how often both occur, and guesses the name that fits best (frequency
alignment, after Christen, Vidanage, Ranbaduge and Schnell 2018). The same attack is tried on plain filters of first
names, so that one sees that it works where nothing hinders it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from throughway.identity.veiled.encoding import BITS, SALTS, Keys, two_letters

MOST = 5_000  # records that are attacked
NAMES = 50  # first names among which the attacker guesses
FEWEST = 200  # records; of fewer, frequencies say nothing and the attack is not tried
SIGHTED = 256  # bits held against one another
HOLDER = (
    "Whoever holds the secret and this file can find out everything: guess a name and a birth date, make its key, and see "
    "whether it is there. Give the secret to partners alone, never to the steward, and the file to the steward alone."
)


@dataclass(frozen=True)
class Leaks:
    """Shares are of records, 0 to 1, unless they say otherwise. `together`: how much bits occur together beyond what chance
    gives, as a ratio of their mean correlation (1 is chance). `guessed`: first names that the attack gets right;
    `by_chance`: those right when the most frequent name is always guessed; `unprotected`: right on plain filters."""

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
        """The same for somebody who decides whether the file may go out."""
        alone = (
            "No two records have the same key."
            if self.most_alike <= 1
            else f"{1 - self.unique:.1%} of the records share their key with another; at most {self.most_alike:,} have one key."
        )
        attack = (
            f"An attack by how often names occur, without the secret, got {self.guessed:.1%} of {self.attacked:,} first names "
            f"right; always saying the most frequent one gets {self.by_chance:.1%}, and plain filters would give away "
            f"{self.unprotected:.1%}."
            if self.attacked
            else f"Of fewer than {FEWEST} records, or of records without first names, no attack was tried."
        )
        return [
            f"{self.records:,} records. {alone}",
            f"A bit is set in {self.bits_set:.0%} of the keys; the rarest in {self.rarest_bit:.0%}, the commonest in "
            f"{self.commonest_bit:.0%}. Bits occur together {self.together:.1f} times as much as chance would have it.",
            attack,
            "What it shows to anybody: how many records there are, which are alike, and which are the same in two files made "
            "with one secret.",
            HOLDER,
        ]


def leaks(keys: Keys, firsts: Sequence[str | None], *, seed: int = 7) -> Leaks:
    """Measures the keys of records whose folded first names are `firsts`."""
    held = Counter(row.tobytes() for row in keys)
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
        unique=sum(n for n in held.values() if n == 1) / max(len(keys), 1),
        most_alike=max(held.values(), default=0),
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
    """Mean correlation of two bits without its sign, over what independent bits of as many records would show."""
    drawn = bits[:, random.permutation(bits.shape[1])[:SIGHTED]].astype(float)
    moving = drawn[:, drawn.std(axis=0) > 0] if len(drawn) else drawn
    if len(moving) < 10 or moving.shape[1] < 2:
        return 1.0
    of_two = np.abs(np.corrcoef(moving, rowvar=False)[np.triu_indices(moving.shape[1], k=1)])
    return float(of_two.mean() / np.sqrt(2 / (np.pi * len(moving))))


def _attack(bits: npt.NDArray[np.uint8], truth: Sequence[str]) -> float:
    """The share of first names that are guessed right. Each pair of letters is lined up with the bits whose frequency is nearest
    to its own, and the name whose bits are set most beyond what is usual is guessed."""
    if not truth:
        return 0.0
    letters = [set(two_letters(name)) for name in truth]
    often = Counter(two for said in letters for two in said)
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
    """Filters of the first name alone under one key, unsalted and without noise: what is not done here."""
    random = np.random.default_rng(3)
    where = {two: random.integers(0, BITS, 10) for name in sorted(set(names)) for two in two_letters(name)}
    made = np.zeros((len(names), BITS), np.uint8)
    for row, name in enumerate(names):
        for two in two_letters(name):
            made[row, where[two]] = 1
    return made

"""Whether two names that people typed are one person's, without looking at letter case, accents, punctuation and the order of the words."""

import unicodedata

# Letters that have no accent to take off, but are often typed as others.
LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"})
APOSTROPHES = str.maketrans("", "", "'’ʼ`´")
NO_BREAK = "\u00a0"
LONG = 5  # letters of a word in which one mistake may be


def name_words(name: str) -> list[str]:
    """The words of a name in small letters, without accents and punctuation: `O’Brien-Núñez` is `obrien`, `nunez`."""
    plain = unicodedata.normalize("NFKD", name.translate(APOSTROPHES).casefold()).translate(LETTERS)
    letters = (
        "" if unicodedata.combining(c) else c if unicodedata.category(c)[0] in "LMN" else " " for c in plain
    )
    return "".join(letters).split()


def comparable_name(name: str) -> str:
    """Equal for two names that count as one: `Guillermo Bosqué` and `Bosque, Guillermo`."""
    return " ".join(sorted(name_words(name))) or " ".join(name.casefold().split())


def bound_name(first: str, family: str) -> str:
    """Both in one line, with no-break spaces within each: who reads it sees an ordinary name, and `unbound_name` tells the two apart."""
    return " ".join(NO_BREAK.join(part.split()) for part in (first, family) if part.strip())


def unbound_name(name: str) -> tuple[str, str] | None:
    """First and family name of a line that `bound_name` made; None where nothing says where the family name begins."""
    parts = name.strip(" ").split(" ")
    if NO_BREAK not in name or len(parts) != 2:
        return None
    first, family = (" ".join(part.split()) for part in parts)
    return first, family


def are_near(one: str, other: str) -> bool:
    """Whether two names may be of one person although they are not equal: each word of the shorter is found in the longer, whole, as an
    initial or with one mistake (`G. Bosque`, `Guillermo Antonio Bosque`, `Gilermo Bosque`), and one of them at least is found whole or
    with one mistake. A given name alone is near."""
    fewer, more = sorted((name_words(one), name_words(other)), key=len)
    left, whole = list(more), False
    for word in sorted(fewer, key=len, reverse=True):
        found = next((each for each in left if word == each), None)
        found = found or next((each for each in left if _one_mistake(word, each)), None)
        whole = whole or found is not None
        found = found or next((each for each in left if _is_initial(word, each)), None)
        if found is None:
            return False
        left.remove(found)
    return whole


def _is_initial(one: str, other: str) -> bool:
    return one[0] == other[0] and 1 in (len(one), len(other))


def _one_mistake(one: str, other: str) -> bool:
    """One letter more, less or another, or two in each other's place, in a word that is not short."""
    shorter, longer = sorted((one, other), key=len)
    if len(longer) < LONG or len(longer) - len(shorter) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    if len(shorter) < len(longer):
        return shorter[at:] == longer[at + 1 :]
    swapped = longer[:at] + longer[at : at + 2][::-1] + longer[at + 2 :]
    return shorter[at + 1 :] == longer[at + 1 :] or shorter == swapped

"""Whose records a file has, as far as its name says: a word of one partner's name alone, or an earlier file of that name."""

import re
from collections import Counter
from collections.abc import Mapping

# Words of partners' names that files of any partner may have.
COMMON = frozenset({
    "academy", "and", "center", "centre", "charter", "city", "college", "community", "council", "county", "data", "department",
    "district", "education", "for", "learning", "member", "members", "network", "of", "partners", "program", "programs", "public",
    "records", "school", "schools", "service", "services", "student", "students", "the", "unified", "university", "youth",
})  # fmt: skip


def kept_name(name: str) -> str:
    """The part of a file's name that stays from month to month: without folder, ending and digits."""
    stem = re.split(r"[/\\]", name)[-1].rpartition(".")[0] or name
    return " ".join(re.findall(r"[^\W\d_]+", stem.lower()))


def named_in(
    name: str, partners: Mapping[str, str], earlier: Mapping[str, frozenset[str]]
) -> tuple[str, str]:
    """The partner of that file among `partners` (names by id), and by what it is recognized; both empty where nothing or more than one
    is. `earlier`: the `kept_name` of files that came, each with the partners that sent it."""
    kept = kept_name(name)
    came = earlier.get(kept, frozenset()) & partners.keys()
    if len(came) == 1:
        return next(iter(came)), "an earlier file of it had the same name"
    words = {id: _words(f"{id} {called}") for id, called in partners.items()}
    shared = {word for word, times in Counter(w for of in words.values() for w in of).items() if times > 1}
    in_name = set(kept.split()) - shared - COMMON
    found = {id: hit for id, of in words.items() if (hit := sorted(of & in_name))}
    if len(found) != 1:
        return "", ""
    id, hit = next(iter(found.items()))
    return id, f"the file’s name has “{hit[0]}”"


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"[^\W\d_]+", text.lower()) if len(word) > 2}

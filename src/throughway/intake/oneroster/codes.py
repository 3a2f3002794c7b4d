"""Words of OneRoster to codes of the vocabulary, and the problem where there is none."""

from collections.abc import Callable, Mapping

from throughway.intake.code_mapping import coder, unmatched
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.oneroster.layout import document
from throughway.intake.staging import Problem
from throughway.vocabulary import TABLES

SHOWN = 100_000  # problems listed one by one; further ones would say nothing new


class Codes:
    """Fills a coded element and its source; a word that no map has is listed, and its element cannot be read."""

    def __init__(self, crosswalk: Crosswalk | None) -> None:
        self._crosswalk = crosswalk
        self._coders: dict[tuple[str, str], Callable[[str], str | None]] = {}
        self.problems: list[Problem] = []

    def fill(
        self,
        values: dict[str, str | None],
        table: str,
        element: str,
        word: str,
        *,
        file: str,
        row: int,
        column: str,
    ) -> None:
        """Puts the code and its source into a row's values; nothing where the word is blank."""
        word = word.strip()
        if not word:
            return
        values[f"{element}_source"] = word
        code = self._coder(table, element)(word)
        if code is None or code:
            values[element] = code
        if code is None and len(self.problems) < SHOWN:
            found = TABLES[table].elements[element]
            self.problems.append(Problem(file, row, column, *unmatched(found), "cell", found.path))

    def _coder(self, table: str, element: str) -> Callable[[str], str | None]:
        """A crosswalk's map first, then OneRoster's words, then the vocabulary's own."""
        found = self._coders.get((table, element))
        if found is None:
            described = TABLES[table].elements[element]
            given = self._crosswalk.code_map(table, element) if self._crosswalk else None
            own: Mapping[str, str] = (
                document()["codes"].get(described.ceds_option_set, {}) if given is None else {}
            )
            general = coder(described, self._crosswalk)
            found = self._coders[table, element] = lambda word: own[word] if word in own else general(word)
        return found

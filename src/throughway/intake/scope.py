"""Which rows of a file are in scope: those that population and records of some purpose ask for."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from datetime import date

from sqlglot import exp

from throughway.agreements.community_grants import Grant
from throughway.agreements.enums import Reach
from throughway.agreements.row_filter import SAYING, row_predicate
from throughway.agreements.transforms import Transform
from throughway.intake.coarsening import blurred_sql
from throughway.intake.contract import TableNeed, stored_as

Relation = Callable[[str, str], exp.Table]


class NeedScope:
    """The rows that a need takes in, in SQL over a relation called `r`.

    Equal conditions are judged once; each is a column `s0`, `s1`, ... of the judged rows. `known`: conditions that are written
    already, of the same relation and day; those that are new are added. `possible`: the rows that it could take in, were their
    empty cells filled.
    """

    def __init__(
        self,
        need: TableNeed,
        *,
        relation: Relation,
        on: date,
        known: dict[Hashable, str] | None = None,
        possible: bool = False,
    ) -> None:
        known = {} if known is None else known
        conditions: dict[str, int] = {}
        self._of_judge: list[int | None] = []  # the condition of each judge; None: every row
        for judge in need.judges:
            sql = "TRUE" if judge.grant is None else _condition(judge.grant, relation, on, known, possible)
            self._of_judge.append(None if sql == "TRUE" else conditions.setdefault(sql, len(conditions)))
        self._conditions = tuple(conditions)
        self._need = need

    @property
    def everything(self) -> bool:
        """Every row is in scope, whatever it holds."""
        return None in self._of_judge

    @property
    def judged(self) -> str:
        """Columns to add to the rows that are judged."""
        return "".join(f", ({sql}) AS s{n}" for n, sql in enumerate(self._conditions))

    @property
    def condition(self) -> str:
        """The condition under which a row called `r` is in scope, of rows that are not judged yet."""
        if self.everything:
            return "TRUE"
        return "(" + " OR ".join(f"coalesce({sql}, false)" for sql in self._conditions) + ")"

    @property
    def kept(self) -> str:
        """The condition under which a judged row is in scope."""
        return self._any(range(len(self._need.judges)))

    def stored(self, name: str, value: str, kind: str) -> str:
        """The value of an element as it is stored in a judged row: where nobody needs it, nothing; blurred where all do."""
        asked = self._need.columns[name]
        plain = [judge for judge, transform in asked.items() if stored_as([transform]).name == "none"]
        blurring: Mapping[int, Transform] = {j: t for j, t in asked.items() if j not in plain}
        cases = []
        if plain:
            cases.append((self._any(plain), value))
        if blurring:
            cases.append((self._any(blurring), blurred_sql(value, kind, stored_as(blurring.values()))))
        if cases[0][0] in ("TRUE", self.kept):
            return cases[0][1]
        return "CASE " + " ".join(f"WHEN {condition} THEN {stored}" for condition, stored in cases) + " END"

    def _any(self, judges: "range | list[int] | Mapping[int, Transform]") -> str:
        conditions = [self._of_judge[judge] for judge in judges]
        if None in conditions:
            return "TRUE"
        return (
            "("
            + " OR ".join(f"coalesce(s{n}, false)" for n in sorted({c for c in conditions if c is not None}))
            + ")"
        )


def _condition(grant: Grant, relation: Relation, on: date, known: dict[Hashable, str], possible: bool) -> str:
    """The grant's condition; of grants that differ in nothing that a condition says it is written once."""
    says = frozenset(grant.columns) if grant.table in SAYING else None
    same = (grant.discloser, grant.table, grant.population, grant.records, grant.choices, says)
    if same not in known:
        anybody = replace(grant, reach=Reach.ALL)  # whom a reader reaches is asked when one reads
        predicate: exp.Expression = row_predicate(
            anybody, row="r", relation=relation, on=on, possible=possible
        )
        known[same] = str(predicate.sql(dialect="duckdb"))
    return known[same]

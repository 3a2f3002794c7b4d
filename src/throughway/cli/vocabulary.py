"""`vocabulary`: the tables, elements and codes of the shared vocabulary."""

from collections.abc import Sequence
from typing import Any

import click

from throughway.cli.command import CommandResult, Settings, columns, command
from throughway.vocabulary import TABLES, Element, Table, code_set, codes_of
from throughway.vocabulary.reference import CodeSet, code_sets, columns_of, look_up, type_words


@command(None, "vocabulary", opens=False)
@click.argument("name", metavar="[TABLE|CODESET]", required=False)
def vocabulary(settings: Settings, name: str | None) -> CommandResult:
    """List the tables and code sets; the elements of one table; the codes of one set, or of one element (table.column)."""
    if name is None:
        return _everything()
    found = look_up(name)
    if isinstance(found, Table):
        return _table(found)
    return _code_set(found) if isinstance(found, CodeSet) else _element(found)


def _everything() -> CommandResult:
    tables = [{"name": t.name, "grain": t.grain, "elements": len(t.elements)} for t in TABLES.values()]
    sets = [
        {"name": each.name, "elements": list(each.elements), "codes": len(each.codes)}
        for each in code_sets().values()
    ]
    listed = columns([[t.name, t.grain] for t in TABLES.values()], ["table", "a row is"])
    coded = columns(
        [[s.name, f"{len(s.codes):,}", s.words] for s in code_sets().values()], ["code set", "codes", "of"]
    )
    return CommandResult({"tables": tables, "code_sets": sets}, f"{listed}\n\n{coded}")


def _table(table: Table) -> CommandResult:
    elements = columns_of(table)
    rows = [[e.name, type_words(e), code_set(e), e.description] for e in elements]
    text = f"{table.name}: {table.grain}\n\n{columns(rows, ['element', 'type', 'code set', 'what it is'])}"
    document = {"name": table.name, "grain": table.grain, "elements": [_facts(e) for e in elements]}
    return CommandResult({"table": document}, text)


def _element(found: Element) -> CommandResult:
    document: dict[str, Any] = {"element": {"table": found.table, **_facts(found)}}
    text = f"{found.path}: {found.description} ({type_words(found)})"
    codes = codes_of(found)
    if codes:
        document["code_set"] = _codes(code_sets()[code_set(found)])
        text += f"\n\n{_listed(list(codes.items()))}"
    return CommandResult(document, text)


def _code_set(found: CodeSet) -> CommandResult:
    of = f": {', '.join(found.elements)}" if found.elements else ""
    return CommandResult({"code_set": _codes(found)}, f"{found.name}{of}\n\n{_listed(found.codes)}")


def _facts(found: Element) -> dict[str, Any]:
    return {
        "name": found.name,
        "type": found.type,
        "code_set": code_set(found) or None,
        "description": found.description,
        "ceds": found.ceds_global_id or None,
        "ndpa_category": found.ndpa_category or None,
        "law_tags": sorted(found.law_tags),
        "named_one_by_one": found.restricted,
        "derived_from": found.derived_from or None,
    }


def _codes(found: CodeSet) -> dict[str, Any]:
    codes = [{"code": code, "label": label} for code, label in found.codes]
    return {"name": found.name, "elements": list(found.elements), "codes": codes}


def _listed(codes: Sequence[tuple[str, str]]) -> str:
    return columns([list(each) for each in codes], ["code", "label"])

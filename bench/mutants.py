"""One change each to the code that decides who sees what, and which statements a test goes through.

A mutant is the code with a condition turned round, a part of an AND left out, a narrowing step or a join left out, a transform
replaced by none. `watch` has every statement of that code say that it runs.
"""

import ast
import builtins
import importlib
import inspect
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import CodeType

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "throughway"
MODULES = (
    "agreements/effective_grants.py", "agreements/grant.py", "agreements/row_filter.py", "agreements/grant_sql.py",
    "agreements/transform_sql.py", "agreements/family_choice.py", "agreements/effective_document.py",
    "agreements/status.py", "agreements/directory_notice.py", "consent/consent_state.py", "consent/right_holders.py", "training/validity.py", "partners/debarment.py",
    "gate/decision.py", "gate/compiler.py", "gate/row_scope.py", "gate/person_filters.py", "store/record_numbers.py", "store/links.py",
    "gate/governed_relations.py", "gate/leak_prevention/row_order.py", "gate/leak_prevention/early_evaluation.py",
    "gate/actions/governed_access.py", "gate/actions/governed_writing.py", "gate/actions/decided_access.py",
    "gate/actions/query_execution.py", "gate/actions/decisions.py", "gate/actions/current_row_scope.py", "gate/actions/random_codes.py",
    "store/actions/links.py", "gate/actions/student_record.py",
)  # fmt: skip
# What only prints for a reader of the agreement; its words have tests of their own.
PRINTING = frozenset(
    {"show", "whole", "show_by_purpose", "symbolic", "_headings", "by_table", "_unknown_column"}
)
TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
NAMES = {
    "max": "min", "min": "max", "any": "all", "all": "any", "LTE": "GTE", "GTE": "LTE", "EQ": "NEQ", "and_": "or_",
    "or_": "and_", "true": "false", "false": "true", "intersect": "union", "both": "less", "less": "both", "every": "any_of",
    "any_of": "every",
}  # fmt: skip
TEXTS = {"semi": "left", "anti": "left", "left": "inner"}  # a join that lets more rows through, or fewer
STEPS = frozenset({"where", "join", "intersection", "add", "together"})  # `x.step(…)` becomes x
KEPT_FIRST = frozenset(
    {"coarser", "transform_sql", "both_windows", "both", "less", "semi_joins", "narrowed", "by_notice"}
)


@dataclass(frozen=True)
class Mutant:
    module: str
    line: int
    statement: int  # the line on which the statement begins that holds the change
    function: tuple[str, ...]
    what: str
    code: CodeType

    @property
    def place(self) -> "Statement":
        return f"{self.module}:{self.statement}"

    @property
    def name(self) -> str:
        """Tells it apart wherever its line has moved to."""
        return f"{self.module}, {'.'.join(self.function)}: {self.what}"

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.what}"


def all_mutants() -> list[Mutant]:
    """Those of all modules; of two that would read the same in one function the later says that it is the second."""
    found: list[Mutant] = []
    often: Counter[str] = Counter()
    for mutant in (m for path in MODULES for m in mutants(path)):
        often[mutant.name] += 1
        times = often[mutant.name]
        found.append(replace(mutant, what=f"{mutant.what} (no. {times})") if times > 1 else mutant)
    return found


def mutants(path: str) -> Iterator[Mutant]:
    """Each with one change; the tree is put right again after each."""
    tree = ast.parse((SOURCE / path).read_text(), path)
    starts = sorted({node.lineno for node in ast.walk(tree) if isinstance(node, ast.stmt)})
    for function, holder, field, place, node in _places(tree):
        for what, other in _ways(node):
            if isinstance(holder, ast.If | ast.IfExp) and field == "test" and _opposite(node):
                continue  # the same as turning the whole condition round
            _put(holder, field, place, other)
            code = compile(ast.fix_missing_locations(tree), str(SOURCE / path), "exec")
            line = node.target.lineno if isinstance(node, ast.comprehension) else getattr(node, "lineno", 0)
            yield Mutant(path, line, starts[bisect_right(starts, line) - 1], function, what, code)
            _put(holder, field, place, node)


def _opposite(node: ast.AST) -> bool:
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Not)
    return isinstance(node, ast.Compare) and not isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE)


def _put(holder: ast.AST, field: str, place: int | None, node: ast.AST | Sequence[ast.AST]) -> None:
    if place is None:
        setattr(holder, field, node)
    else:
        getattr(holder, field)[place] = node


def _places(
    node: ast.AST, within: tuple[str, ...] = (), done: bool = False
) -> Iterator[tuple[tuple[str, ...], ast.AST, str, int | None, ast.AST]]:
    """Where code stands, with the function or method that holds it: no annotation, no type that is only asked for, nothing that only prints."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "defaults", "kw_defaults"):
            continue  # what a parameter is by default is no part of the code that is put in
        if isinstance(node, ast.keyword) and node.arg in ("copy", "strict", "assume_unique"):
            continue  # how it is worked out; what is held against each other is of one length
        for place, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _is_printing(child):
                continue
            if (
                isinstance(node, ast.Call)
                and _called(node) in ("isinstance", "TypeVar")
                and field == "args"
                and place
            ):
                continue
            named = not done and isinstance(child, ast.FunctionDef | ast.ClassDef)
            inner = (*within, child.name) if named else within  # type: ignore[attr-defined]
            in_function = done or isinstance(child, ast.FunctionDef)
            # Outside of functions stand tables of names; what they say is held by what uses them.
            if done:
                yield within, node, field, place, child
            yield from _places(child, inner, in_function)


def _is_printing(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in PRINTING


def _called(node: ast.Call) -> str:
    function = node.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _not(node: ast.expr) -> ast.expr:
    return ast.UnaryOp(op=ast.Not(), operand=node)


def _ways(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    said = ast.unparse(node).splitlines()[0][:90] if isinstance(node, ast.expr | ast.stmt) else ""
    match node:
        case ast.If():
            yield (
                f"turned round: if {ast.unparse(node.test)}",
                ast.If(_not(node.test), node.body, node.orelse),
            )
        case ast.IfExp():
            yield f"turned round: {said}", ast.IfExp(_not(node.test), node.body, node.orelse)
        case ast.comprehension():
            for n, test in enumerate(node.ifs):
                rest = [each for m, each in enumerate(node.ifs) if m != n]
                other = ast.comprehension(node.target, node.iter, rest, node.is_async)
                yield f"left out: if {ast.unparse(test)}", other
        case ast.BoolOp():
            for n, part in enumerate(node.values):
                rest = [each for m, each in enumerate(node.values) if m != n]
                yield (
                    f"left out: {ast.unparse(part)[:90]}",
                    rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest),
                )
        case ast.Compare():
            for n, op in enumerate(node.ops):
                ops = [*node.ops[:n], TURNED[type(op)](), *node.ops[n + 1 :]]
                yield f"turned: {said}", ast.Compare(node.left, ops, node.comparators)
        case ast.UnaryOp(op=ast.Not()):
            yield f"not left out: {said}", node.operand
        case ast.BinOp(op=ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.Add()):
            yield f"only the left: {said}", node.left
            if isinstance(node.op, ast.BitOr | ast.Add):
                yield f"only the right: {said}", node.right
        case ast.Call():
            yield from _calls(node, said)
        case ast.List() | ast.Tuple() if isinstance(node.ctx, ast.Load):
            for n, part in enumerate(node.elts):
                if isinstance(part, ast.Starred):
                    rest = [each for m, each in enumerate(node.elts) if m != n]
                    yield f"left out: {ast.unparse(part)}", type(node)(rest, node.ctx)
        case ast.AugAssign() | ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()) | ast.Raise():
            yield f"left out: {said}", ast.Pass()
        case ast.Constant(value=str(text)) if text.lower() in TEXTS:
            join = TEXTS[text.lower()]
            yield f"{text} join becomes {join}", ast.Constant(join.upper() if text.isupper() else join)
        case ast.Constant(value=bool(yes)):
            yield f"{yes} becomes {not yes}", ast.Constant(not yes)
        case _:
            return


def _calls(node: ast.Call, said: str) -> Iterator[tuple[str, ast.AST]]:
    name, function = _called(node), node.func
    if name in NAMES:
        held = function.value if isinstance(function, ast.Attribute) else None
        other = ast.Attribute(held, NAMES[name], ast.Load()) if held else ast.Name(NAMES[name], ast.Load())
        yield f"{name} becomes {NAMES[name]}: {said}", ast.Call(other, node.args, node.keywords)
    if isinstance(function, ast.Attribute) and name in STEPS:
        yield f"left out: .{name}(…) in {said}", function.value
    if name == "Not" and node.keywords:
        yield f"NOT left out: {said}", node.keywords[0].value
    if name in KEPT_FIRST and node.args:
        yield f"{name} left out: {said}", node.args[0]
    if name in ("replace", "where", "and_", "or_", "row_predicate"):
        for n, keyword in enumerate(node.keywords):
            if keyword.arg not in (None, "row", "relation", "on", "copy"):
                rest = [each for m, each in enumerate(node.keywords) if m != n]
                yield f"left out: {ast.unparse(keyword)[:90]}", ast.Call(function, node.args, rest)
        for n, part in enumerate(node.args):
            if len(node.args) > 1 and name != "replace":
                rest_ = [each for m, each in enumerate(node.args) if m != n]
                yield f"left out: {ast.unparse(part)[:90]}", ast.Call(function, rest_, node.keywords)


def put_in(mutant: Mutant) -> None:
    """Gives the function that holds the change its changed code, wherever it was imported to."""
    module = importlib.import_module("throughway." + mutant.module.removesuffix(".py").replace("/", "."))
    holder: object = module
    codes = [c for c in mutant.code.co_consts if isinstance(c, CodeType)]
    for name in mutant.function:
        holder = inspect.getattr_static(holder, name)
        code = next(c for c in codes if c.co_name == name)
        codes = [c for c in code.co_consts if isinstance(c, CodeType)]
    if isinstance(holder, property):
        holder = holder.fget
    elif isinstance(holder, cached_property):
        holder = holder.func
    elif isinstance(holder, staticmethod | classmethod):
        holder = holder.__func__
    inspect.unwrap(holder).__code__ = code  # type: ignore[arg-type]


# ---- which statements run

SAYS = "__statement_runs__"
Statement = str  # `gate/compiler.py:120`, where it begins


def watch(chosen: Sequence[Mutant]) -> set[Statement]:
    """Has every statement of the functions that hold these mutants say that it runs; gives the set that fills."""
    seen: set[Statement] = set()
    setattr(builtins, SAYS, seen.add)
    for path in {mutant.module for mutant in chosen}:
        tree = _Saying(path).visit(ast.parse((SOURCE / path).read_text(), path))
        code = compile(ast.fix_missing_locations(tree), str(SOURCE / path), "exec")
        for function in {m.function for m in chosen if m.module == path}:
            put_in(Mutant(path, 0, 0, function, "", code))
    return seen


class _Saying(ast.NodeTransformer):
    def __init__(self, path: str) -> None:
        self._path = path

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        for holder in [node, *ast.walk(node)]:
            for name in ("body", "orelse", "finalbody"):
                held = getattr(holder, name, None)
                if isinstance(held, list) and held and isinstance(held[0], ast.stmt):
                    setattr(holder, name, [each for stmt in held for each in self._said(stmt)])
        return node

    def _said(self, statement: ast.stmt) -> Iterator[ast.stmt]:
        if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            where = ast.Constant(f"{self._path}:{statement.lineno}")
            call = ast.Call(ast.Name(SAYS, ast.Load()), [where], [])
            yield ast.copy_location(ast.Expr(call), statement)
        yield statement

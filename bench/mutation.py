"""Whether the tests notice when a clause of a grant is flipped: `python -m bench.mutation [PATH …]`.

Each mutant is the code with one change: a condition turned round, a part of an AND left out, a narrowing step or a join left
out, a transform replaced by none. The tests run against it in a process of their own, forked from this one, which has
everything imported; nothing is written. Prints each mutant that no test notices, then the share that was
noticed. Paths narrow the modules, as `gate/decision.py`; `gate/decision.py:120` is one line. `--every=5` takes
each fifth mutant, `--list` prints them, `-v` says of each whether it was noticed. JOBS is how many run beside each other.
"""

import ast
import importlib
import inspect
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import NoReturn

import pytest
from hypothesis import Phase, settings

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "throughway"
MODULES = (
    "agreements/grants.py", "agreements/grant.py", "agreements/tiers.py", "agreements/rows.py", "agreements/sql.py",
    "agreements/values.py", "agreements/choices.py", "agreements/effective.py", "agreements/membership.py",
    "agreements/standing.py", "gate/decision.py", "gate/compile.py", "gate/people.py", "gate/persons.py", "gate/serving.py",
    "gate/sets.py", "gate/own.py",
)  # fmt: skip
# What only prints for a reader of the agreement; its words have tests of their own.
PRINTING = frozenset(
    {"show", "whole", "show_by_purpose", "symbolic", "_headings", "by_table", "_written", "_unknown_column"}
)
# The quickest first, those that go through the whole door last.
TESTS = (
    "tests/agreements/test_membership.py", "tests/agreements/test_lifecycle.py",
    "tests/gate/test_decision.py", "tests/gate/test_people.py", "tests/gate/test_persons.py", "tests/gate/test_two_shapes.py",
    "tests/agreements/test_rows.py", "tests/agreements/test_sql.py",
    "tests/agreements/test_grants.py", "tests/agreements/test_three_tiers.py", "tests/agreements/test_transforms.py",
    "tests/agreements/test_effective.py", "tests/agreements/test_life.py",
    "tests/gate/test_governed_rows.py", "tests/gate/test_attacks.py", "tests/gate/test_door.py", "tests/gate/test_whom.py",
    "tests/gate/test_whole_record.py", "tests/gate/test_members.py",
)  # fmt: skip
LONGEST = 400  # seconds; a mutant that never ends is noticed
AT_ONCE = int(os.environ.get("JOBS", "2"))

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
    function: tuple[str, ...]
    what: str
    code: CodeType

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.what}"


def mutants(path: str) -> Iterator[Mutant]:
    """Each with one change; the tree is put right again after each."""
    tree = ast.parse((SOURCE / path).read_text(), path)
    for function, holder, field, place, node in _places(tree):
        for what, other in _ways(node):
            if isinstance(holder, ast.If | ast.IfExp) and field == "test" and _opposite(node):
                continue  # the same as turning the whole condition round
            _put(holder, field, place, other)
            code = compile(ast.fix_missing_locations(tree), str(SOURCE / path), "exec")
            line = node.target.lineno if isinstance(node, ast.comprehension) else getattr(node, "lineno", 0)
            yield Mutant(path, line, function, what, code)
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
        if isinstance(node, ast.keyword) and node.arg in ("copy", "strict"):
            continue  # whether a tree is copied changes no query; what is held against each other is of one length
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
        case ast.Constant(value=str(text)) if text in TEXTS:
            yield f"{text} join becomes {TEXTS[text]}", ast.Constant(TEXTS[text])
        case ast.Constant(value=bool(yes)):
            yield f"{yes} becomes {not yes}", ast.Constant(not yes)
        case _:
            return


def _calls(node: ast.Call, said: str) -> Iterator[tuple[str, ast.AST]]:
    name, function = _called(node), node.func
    if name in NAMES:
        other = (
            ast.Name(NAMES[name], ast.Load())
            if isinstance(function, ast.Name)
            else ast.Attribute(function.value, NAMES[name], ast.Load())
        )  # type: ignore[attr-defined]
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


def _put_in(mutant: Mutant) -> None:
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
    elif isinstance(holder, staticmethod | classmethod):
        holder = holder.__func__
    inspect.unwrap(holder).__code__ = code  # type: ignore[attr-defined, arg-type]


@dataclass
class Running:
    mutant: Mutant | None
    until: float


class Mutation:
    """As a plugin of pytest: once all tests are collected, runs them over each mutant, in a process of its own."""

    def __init__(self, chosen: Sequence[Mutant], *, all_said: bool) -> None:
        self._chosen, self._all_said = chosen, all_said

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        order = {str(ROOT / path): place for place, path in enumerate(TESTS)}
        session.items.sort(key=lambda item: order[str(item.path)])
        if next(self._judged(session, [None]))[1]:
            print(
                "The tests fail over the code as it is; so nothing can be told of mutants. Run them by themselves."
            )
            return True
        many = 0
        for mutant, noticed in self._judged(session, self._chosen):
            many += noticed
            if not noticed or self._all_said:
                print("noticed " if noticed else "SURVIVES", mutant, flush=True)
        print(f"{many} of {len(self._chosen)} mutants noticed: {many / len(self._chosen):.1%}")
        return True

    def _judged(
        self, session: pytest.Session, chosen: Iterable[Mutant | None]
    ) -> Iterator[tuple[Mutant | None, bool]]:
        """Each mutant, and whether a test noticed it."""
        waiting, running = list(reversed(list(chosen))), dict[int, Running]()
        while waiting or running:
            while waiting and len(running) < AT_ONCE:
                mutant = waiting.pop()
                child = os.fork()
                if child == 0:
                    _become(mutant, session)
                running[child] = Running(mutant, time.monotonic() + LONGEST)
            for child, of_one in list(running.items()):
                done, status = os.waitpid(child, os.WNOHANG)
                if done:
                    del running[child]
                    yield of_one.mutant, os.waitstatus_to_exitcode(status) != 0
                elif time.monotonic() > of_one.until:
                    os.kill(child, signal.SIGKILL)
            time.sleep(0.01)


def _become(mutant: Mutant | None, session: pytest.Session) -> NoReturn:
    """In the child: the tests over the changed code, until one fails."""
    failed = True
    try:
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        if mutant is not None:
            _put_in(mutant)
        items = session.items
        for item, after in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if session.testsfailed:
                break
        failed = bool(session.testsfailed)
    finally:
        os._exit(failed)


def main(arguments: Sequence[str]) -> int:
    wanted = [a for a in arguments if not a.startswith("-")]
    every = int(next((a.removeprefix("--every=") for a in arguments if a.startswith("--every=")), "1"))
    os.chdir(ROOT)
    found = [m for path in MODULES for m in mutants(path)]
    chosen = [m for m in found if not wanted or any(f"{m.module}:{m.line}:".startswith(w) for w in wanted)]
    chosen = chosen[::every]
    if "--list" in arguments:
        print(*chosen, f"{len(chosen)} mutants", sep="\n")
        return 0
    # One failing example is enough, and the same examples for every mutant.
    settings.register_profile(
        "mutation", phases=(Phase.explicit, Phase.generate), derandomize=True, database=None
    )
    settings.load_profile("mutation")
    options = ["-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "--assert=plain"]
    return int(pytest.main([*options, *TESTS], plugins=[Mutation(chosen, all_said="-v" in arguments)]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Which functions of the program a piece of its code can reach, read from the source.

Follows names through imports, and attributes through the types that annotations give: of arguments, of what functions return or yield, of
fields. A function that is only named counts as called, since it may be handed over to be called. What is named within `on_commit`, or
queued as a task, runs later, outside the transaction, and is not followed.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

SRC = Path(__file__).parents[1] / "src"
HANDED_OVER = {
    "within",
    "choose",
}  # arguments that are called in the transaction of the function that takes them
LATER = {"on_commit", "enqueue"}
CALLABLE = ast.FunctionDef | ast.Lambda


@dataclass
class Module:
    name: str
    names: dict[str, str] = field(default_factory=dict)  # name in the module → full name
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)  # full name → its definition
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)


@dataclass(frozen=True)
class Region:
    """Code that runs in a transaction. `where`: module, function and line."""

    where: str
    module: str
    owner: str
    nodes: tuple[ast.AST, ...]


def _is_atomic(node: ast.expr) -> bool:
    return any(isinstance(each, ast.Attribute) and each.attr == "atomic" for each in ast.walk(node))


def is_task(definition: ast.FunctionDef) -> bool:
    return any(
        isinstance(each, ast.Name) and each.id == "task"
        for d in definition.decorator_list
        for each in ast.walk(d)
    )


class Program:
    """The modules below `src/throughway`."""

    def __init__(self, sources: Iterable[tuple[str, str]]) -> None:
        self.modules: dict[str, Module] = {}
        self.functions: dict[str, ast.FunctionDef] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        self.module_of: dict[str, str] = {}
        for name, text in sources:
            self._read(name, ast.parse(text))
        self._calls: dict[str, set[str]] = {}

    def _read(self, name: str, tree: ast.Module) -> None:
        module = self.modules[name] = Module(name)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                module.names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
            elif isinstance(node, ast.Import):
                module.names |= {a.asname or a.name: a.name for a in node.names if a.asname}
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                full = module.names[node.name] = f"{name}.{node.name}"
                self.module_of[full] = name
                if isinstance(node, ast.FunctionDef):
                    self.functions[full] = node
                    continue
                self.classes[full] = node
                for each in node.body:
                    if isinstance(each, ast.FunctionDef):
                        self.functions[f"{full}.{each.name}"] = each
                        self.module_of[f"{full}.{each.name}"] = name

    # ---- names

    def full(self, name: str) -> str:
        """The place of the definition, through what packages export again."""
        for _ in range(5):
            if name in self.functions or name in self.classes:
                return name
            package, _, last = name.rpartition(".")
            exported = self.modules[package].names.get(last) if package in self.modules else None
            if exported is None or exported == name:
                return name
            name = exported
        return name

    def _class(self, annotation: ast.expr | None, module: str) -> str | None:
        """The class of the program that an annotation names, also within Iterator[…], a union or a text."""
        for node in ast.walk(annotation) if annotation else ():
            found = ""
            if isinstance(node, ast.Name):
                found = self.modules[module].names.get(node.id, "")
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found = self.modules[module].names.get(node.value, "")
            if self.full(found) in self.classes:
                return self.full(found)
        return None

    def _method(self, of: str | None, name: str) -> str | None:
        """The method of a class or of one that it inherits from; the field's or property's class is found by `_type`."""
        if not of:
            return None
        if f"{of}.{name}" in self.functions:
            return f"{of}.{name}"
        for base in self.classes[of].bases:
            found = self._method(self._class(base, self.module_of[of]), name)
            if found:
                return found
        return None

    def _field(self, of: str, name: str) -> str | None:
        for node in ast.walk(self.classes[of]):
            if isinstance(node, ast.AnnAssign):
                target = node.target
                named = (
                    target.id
                    if isinstance(target, ast.Name)
                    else target.attr
                    if isinstance(target, ast.Attribute)
                    else ""
                )
                if named == name:
                    return self._class(node.annotation, self.module_of[of])
        return None

    def _type(self, node: ast.expr, module: str, known: dict[str, str]) -> str | None:
        if isinstance(node, ast.Name):
            return known.get(node.id)
        if isinstance(node, ast.Call):
            called = self._named(node.func, module, known)
            if called in self.classes:
                return called
            if called in self.functions:
                return self._class(self.functions[called].returns, self.module_of[called])
        if isinstance(node, ast.Attribute):
            of = self._type(node.value, module, known)
            if not of:
                return None
            method = self._method(of, node.attr)
            if method:
                return self._class(self.functions[method].returns, self.module_of[method])
            return self._field(of, node.attr)
        return None

    def _named(self, node: ast.expr, module: str, known: dict[str, str]) -> str | None:
        """The function or class that an expression names."""
        if isinstance(node, ast.Name):
            if node.id in known:
                return None  # a variable
            found = self.full(self.modules[module].names.get(node.id, f"{module}.{node.id}"))
            return found if found in self.functions or found in self.classes else None
        if isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id in self.modules[module].names:
                found = self.full(f"{self.modules[module].names[node.value.id]}.{node.attr}")
                if found in self.functions or found in self.classes:
                    return found
            return self._method(self._type(node.value, module, known), node.attr)
        return None

    # ---- reaching

    def _types_in(self, definition: CALLABLE, module: str, owner: str) -> dict[str, str]:
        """The classes of arguments and local names, empty where they are not known."""
        known: dict[str, str] = {
            node.id: ""
            for node in ast.walk(definition)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        if owner in self.classes:
            known["self"] = owner
        for node in ast.walk(definition):
            if isinstance(node, ast.arg) and (of := self._class(node.annotation, module)):
                known[node.arg] = of
        for node in ast.walk(definition):
            if (
                isinstance(node, ast.Assign)
                and len(node.targets) == 1
                and isinstance(node.targets[0], ast.Name)
                and (of := self._type(node.value, module, known))
            ):
                known[node.targets[0].id] = of
            if (
                isinstance(node, ast.withitem)
                and isinstance(node.optional_vars, ast.Name)
                and (of := self._type(node.context_expr, module, known))
            ):
                known[node.optional_vars.id] = of
        return known

    def named_in(self, nodes: Iterable[ast.AST], module: str, known: dict[str, str]) -> set[str]:
        found: set[str] = set()
        waiting = list(nodes)
        while waiting:
            node = waiting.pop()
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in LATER
            ):
                continue
            if isinstance(node, ast.Name | ast.Attribute) and (name := self._named(node, module, known)):
                found.add(name)
            waiting += ast.iter_child_nodes(node)
        return found

    def calls(self, name: str) -> set[str]:
        if name not in self._calls:
            self._calls[name] = self._called_by(name)
        return self._calls[name]

    def _called_by(self, name: str) -> set[str]:
        definition, module = self.functions[name], self.module_of[name]
        owner = name.rpartition(".")[0]
        return self.named_in(definition.body, module, self._types_in(definition, module, owner))

    def reached(self, names: Iterable[str]) -> dict[str, str]:
        """Everything that can be called from these, each with who calls it."""
        found: dict[str, str] = {}
        waiting = [(name, "") for name in names]
        while waiting:
            name, by = waiting.pop()
            if name in self.classes:
                name = self._method(name, "__init__") or name
            if name in found:
                continue
            found[name] = by
            if name in self.functions and not is_task(self.functions[name]):
                waiting += [(each, name) for each in self.calls(name)]
        return found

    def path(self, reached: dict[str, str], to: str) -> str:
        steps = [to]
        while reached[steps[-1]]:
            steps.append(reached[steps[-1]])
        return " ← ".join(steps)

    def regions(self) -> Iterator[Region]:
        """All code in transactions: functions under the decorator, blocks under `with`, and functions that are handed over."""
        for name, definition in self.functions.items():
            module, owner = self.module_of[name], name.rpartition(".")[0]
            inner = {each.name: each for each in ast.walk(definition) if isinstance(each, ast.FunctionDef)}
            if any(map(_is_atomic, definition.decorator_list)):
                yield Region(name, module, owner, tuple(definition.body))
                continue
            for node in ast.walk(definition):
                if isinstance(node, ast.With) and any(_is_atomic(i.context_expr) for i in node.items):
                    yield Region(f"{name}:{node.lineno}", module, owner, tuple(node.body))
                if not isinstance(node, ast.Call):
                    continue
                for each in node.keywords:
                    if each.arg in HANDED_OVER:
                        given = each.value
                        if isinstance(given, ast.Name) and given.id in inner:
                            yield Region(f"{name}:{node.lineno}", module, owner, tuple(inner[given.id].body))
                        else:
                            yield Region(f"{name}:{node.lineno}", module, owner, (given,))

    def called_in(self, region: Region) -> set[str]:
        name = region.where.partition(":")[0]
        known = self._types_in(self.functions[name], region.module, region.owner)
        inner = {
            each.name: each for each in ast.walk(self.functions[name]) if isinstance(each, ast.FunctionDef)
        }
        found = self.named_in(region.nodes, region.module, known)
        # Functions defined beside the block, which it calls.
        mentioned = {n.id for node in region.nodes for n in ast.walk(node) if isinstance(n, ast.Name)}
        for each in mentioned & inner.keys():
            found |= self.named_in(inner[each].body, region.module, known)
        return found


@cache
def program() -> Program:
    return Program(
        (".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__"), path.read_text())
        for path in sorted((SRC / "throughway").rglob("*.py"))
        if "migrations" not in path.parts
    )

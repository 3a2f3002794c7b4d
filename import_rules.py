"""Two rules of the house that import-linter's stock contracts cannot say in one line."""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class PureModules(Contract):
    """Only the edge modules of a room may import Django, or each other's edge modules."""

    edges = fields.SetField(subfield=fields.StringField())
    outside = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        broken = [
            (importer, imported)
            for importer in sorted(graph.modules)
            if importer.startswith("throughway.") and not self.is_edge(importer)
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if self.is_edge(imported) or imported.split(".")[0] in self.outside
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["broken"]:
            output.print_error(f"{importer} is pure and must not import {imported}")

    def is_edge(self, module: str) -> bool:
        return module.startswith("throughway.") and not self.edges.isdisjoint(module.split("."))


class OpensTheStore(Contract):
    """Student data is reached through few doors: only the rooms named may import a module of the store."""

    rooms = fields.SetField(subfield=fields.StringField())
    open_to_all = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        broken = [
            (importer, imported)
            for importer in sorted(graph.modules)
            if importer.startswith("throughway.") and importer.split(".")[1] not in self.rooms
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if imported.startswith("throughway.store") and imported not in self.open_to_all
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["broken"]:
            output.print_error(f"{importer} must ask the gate: it may not import {imported}")

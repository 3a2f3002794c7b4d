"""The command line: names, exit codes and JSON keys are a contract that other programs rely on."""

from throughway.cli.root import main

__all__ = ["main"]

"""`python -m throughway`, the same as the command."""

from throughway.cli import main

main(prog_name="throughway")

"""`python -m throughway`, the same as the command."""

from throughway.cli import main
from throughway.cli.process_exit import leaving
from throughway.cli.standard_output import keep_standard_output


def run() -> None:
    keep_standard_output()
    leaving(lambda: main(prog_name="throughway"))


if __name__ == "__main__":
    run()

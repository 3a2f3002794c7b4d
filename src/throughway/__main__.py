"""`python -m throughway`, the same as the command."""

from throughway.cli import main
from throughway.cli.process_exit import leaving


def run() -> None:
    leaving(lambda: main(prog_name="throughway"))


if __name__ == "__main__":
    run()

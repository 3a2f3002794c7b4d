"""Answers commands on the community of $THROUGHWAY_COMMUNITY, one after the other in one process:
python -m tests.compatibility.answers '[["check"], ["ledger", "verify"]]'"""

import json
import sys
from collections.abc import Sequence
from typing import Any

from click.testing import CliRunner

from throughway.cli.root import main


def answers(commands: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """Of each command its exit code and its document."""
    found = []
    for words in commands:
        result = CliRunner().invoke(main, [*words, "--json"])
        found.append({"exit": result.exit_code, "document": json.loads(result.stdout)})
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(answers(json.loads(sys.argv[1]))))

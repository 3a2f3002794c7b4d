"""Answers commands on the community of $THROUGHWAY_COMMUNITY, one after the other in one process:
python -m tests.compatibility.answers '[["check"], ["ledger", "verify"], ["GET", "/loads/", "EMAIL"]]'

`GET` asks for a page of the site, as the user of that address; a command comes before it."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from click.testing import CliRunner

from throughway.cli.root import main


def answers(commands: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """Of each command its exit code and its document; of a page its status and its HTML."""
    return [page(*words[1:]) if words[0] == "GET" else command(words) for words in commands]


def command(words: Sequence[str]) -> dict[str, Any]:
    result = CliRunner().invoke(main, [*words, "--json"])
    return {"exit": result.exit_code, "document": json.loads(result.stdout)}


def page(path: str, email: str) -> dict[str, Any]:
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    client.force_login(get_user_model().objects.get(email=email))
    response = client.get(path)
    return {"exit": response.status_code, "document": response.content.decode(errors="replace")}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(answers(json.loads(sys.argv[1]))))

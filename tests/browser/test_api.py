"""A token by keyboard, and the manual's lines for programs, at Riverbend as a newcomer gets it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.accessible import judged, too_wide
from tests.browser.conftest import PHONE, SignedIn, Site, environment
from tests.browser.test_keyboard import reached

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
REFUSED = {"employment": "not_granted", "/students/1?": "not_found", "curl -s $SITE/api/": "no_token"}


def lines() -> list[str]:
    """The lines of the page that are typed, those that go on joined."""
    text = PAGE.read_text(encoding="utf-8").replace("\\\n      ", "")
    return re.findall(r"^    (\S.*)$", text, re.MULTILINE)


def test_the_lines_of_the_manual_do_what_it_says(site: Site, tmp_path: Path) -> None:
    typed = lines()
    assert len([line for line in typed if line.startswith("curl")]) >= 14
    (tmp_path / "riverbend").symlink_to(site.folder)
    around = environment() | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    script = ["set -euo pipefail"]
    for number, line in enumerate(typed):
        line = line.replace("http://127.0.0.1:8000", site.address.rstrip("/"))
        is_asked = line.startswith("curl") and " > " not in line
        script.append(f"{line} > said-{number}.json" if is_asked else line)
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=tmp_path,
        env=around,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    for number, line in enumerate(typed):
        said = tmp_path / f"said-{number}.json"
        if said.exists():
            told = json.loads(said.read_text(encoding="utf-8"))
            expected = next((code for words, code in REFUSED.items() if words in line or line == words), None)
            assert told.get("error", {}).get("code") == expected, (line, told)
    assert json.loads((tmp_path / "head.json").read_text(encoding="utf-8"))["size"] > 0


def test_a_token_is_made_and_ended_by_keyboard(signed_in: SignedIn, site: Site) -> None:
    page = signed_in("leader", width=PHONE)
    page.goto(site.at("/account/"))
    reached(page, "Show tokens")
    page.get_by_label("What uses it").focus()
    page.keyboard.type("a sheet of the board")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")  # from 90 days to 30
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    if "/account/confirm/" in page.url:  # who signed in a while ago is asked once more
        page.locator("input[name=password]").focus()
        page.keyboard.type(site.known("leader")[1])
        with page.expect_navigation():
            page.keyboard.press("Enter")
    token = page.locator("#token").inner_text()
    assert re.fullmatch(r"tw_[0-9a-f]{12}_\S{43}", token)
    assert judged(page) == too_wide(page) == []

    def asks() -> int:
        return page.request.get(site.at("/api/"), headers={"Authorization": f"Bearer {token}"}).status

    assert asks() == 200
    reached(page, "I have saved it")
    main = page.locator("main").inner_text()
    assert "One program can read in your name" in main
    assert judged(page) == too_wide(page) == []
    assert token not in page.content()
    reached(page, "End it: a sheet of the board")
    assert "No program can read in your name" in page.locator("main").inner_text()
    assert asks() == 401
    assert page.evaluate("localStorage.length") == 0


@pytest.mark.parametrize("address", ["/tokens/"])
def test_the_page_of_tokens_is_whole_without_javascript(
    signed_in: SignedIn, site: Site, address: str
) -> None:
    page = signed_in("privacy_officer", script=False)
    page.goto(site.at(address))
    assert page.get_by_role("button", name="Make it").is_visible()

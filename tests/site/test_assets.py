"""The browser's files: whole, ours to ship, and gathered once."""

import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from throughway.site.static_files import collect

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "src" / "throughway" / "site" / "static" / "vendor"


def test_every_file_that_a_stylesheet_names_is_there() -> None:
    for sheet in (ROOT / "src" / "throughway").rglob("static/**/*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert "sourceMappingURL" not in text
        for named in re.findall(r"""url\(["']?([^"')]+)""", text):
            if not named.startswith("data:"):
                assert (sheet.parent / named.split("?")[0].split("#")[0]).is_file(), f"{sheet.name}: {named}"


def test_no_script_follows_a_source_map() -> None:
    for script in VENDOR.rglob("*.js"):
        assert "sourceMappingURL" not in script.read_text(encoding="utf-8")


def test_each_vendored_thing_is_named_with_its_licence() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    shipped = {path.name for path in VENDOR.iterdir()}
    assert {name for name in shipped if not name.startswith("LICENSE")} == {
        "uswds",
        "htmx.min.js",
        "charts.js",
    }
    for name in shipped | {"axe.min.js", "LICENSE-axe-core.txt"}:
        assert name in notice


def test_sources_are_pinned_without_addresses() -> None:
    assert not re.search(r"https?://", (ROOT / "package-lock.json").read_text(encoding="utf-8"))
    assert not re.search(r"[\^~>]\d", (ROOT / "package.json").read_text(encoding="utf-8"))


def test_no_vendored_file_was_changed_by_hand() -> None:
    lines = (ROOT / "vendor_assets.sha256").read_text(encoding="ascii").splitlines()
    sums = {path: digest for digest, _, path in (line.partition("  ") for line in lines)}
    folders = [VENDOR, ROOT / "src/throughway/paper/fonts", ROOT / "tests" / "browser" / "vendor"]
    shipped = {str(p.relative_to(ROOT)): p for folder in folders for p in folder.rglob("*") if p.is_file()}
    assert {name: sha256(path.read_bytes()).hexdigest() for name, path in shipped.items()} == sums


def test_the_copy_is_what_the_packages_hold() -> None:
    if not (ROOT / "node_modules" / ".bin" / "esbuild").exists():
        pytest.skip("the npm packages are not here; npm ci --ignore-scripts brings them")
    check = [sys.executable, "vendor_assets.py", "--check"]
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_files_are_gathered_once_with_lasting_names(tmp_path: Path) -> None:
    folder = tmp_path / "static"
    assert collect(folder)
    kept = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert any(re.fullmatch(r"site/page\.[0-9a-f]{12}\.css", name) for name in kept)
    assert any(re.fullmatch(r"site/page\.[0-9a-f]{12}\.css\.gz", name) for name in kept)
    assert not collect(folder)
    (folder / "made-of").write_text("another version", encoding="ascii")
    assert collect(folder)

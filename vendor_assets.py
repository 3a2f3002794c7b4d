"""Copies the browser files and the fonts of papers that we ship out of their npm packages, and bundles the charts.

Run after `npm ci --ignore-scripts` or `npm install --ignore-scripts`. The result is committed, so neither a user nor a
server ever needs node; `--check` fails when the committed copy differs.

Of USWDS only what its stylesheet names is copied. Source-map comments are cut, because the manifest static storage
follows them to files that are not there.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

NPM = Path("node_modules")
VENDOR = Path("src/throughway/site/static/vendor")
FONTS = Path("src/throughway/paper/fonts")
FOR_TESTS = Path("tests/browser/vendor")
SUMS = Path("vendor_assets.sha256")
USWDS = NPM / "@uswds/uswds"
STYLESHEET = USWDS / "dist/css/uswds.min.css"
DEJAVU = NPM / "dejavu-fonts-ttf"

SOURCE_MAP = re.compile(rb"(/\*#|//#) sourceMappingURL=[^\n*]*(\*/)?")
LOCAL_URL = re.compile(r"""url\(["']?\.\./([^"')#?]+)""")
# A photograph for a banner that we never show.
UNUSED = rb"url(../img/hero.jpg)"
PACKAGE = re.compile(r"node_modules/((?:@[^/]+/)?[^/]+)/")


def named_by_stylesheet() -> set[str]:
    """Fonts and icons, by their paths inside USWDS's `dist`."""
    css = STYLESHEET.read_bytes().replace(UNUSED, b"none").decode()
    return set(LOCAL_URL.findall(css))


def copied() -> Mapping[Path, Path]:
    """Each file to ship, and where it comes from."""
    return {
        VENDOR / "uswds/css/uswds.min.css": STYLESHEET,
        VENDOR / "uswds/LICENSE.md": USWDS / "LICENSE.md",
        VENDOR / "htmx.min.js": NPM / "htmx.org/dist/htmx.min.js",
        FOR_TESTS / "axe.min.js": NPM / "axe-core/axe.min.js",
        FOR_TESTS / "LICENSE-axe-core.txt": NPM / "axe-core/LICENSE",
        FONTS / "PublicSans-Regular.ttf": USWDS / "dist/fonts/public-sans/PublicSans-Regular.ttf",
        FONTS / "PublicSans-Bold.ttf": USWDS / "dist/fonts/public-sans/PublicSans-Bold.ttf",
        FONTS / "LICENSE-public-sans.md": USWDS / "LICENSE.md",
        FONTS / "DejaVuSans.ttf": DEJAVU / "ttf/DejaVuSans.ttf",
        FONTS / "LICENSE-dejavu.txt": DEJAVU / "LICENSE",
        **{VENDOR / "uswds" / path: USWDS / "dist" / path for path in named_by_stylesheet()},
    }


def shipped_bytes(source: Path) -> bytes:
    """The file itself, without its source-map comment."""
    data = source.read_bytes()
    if source == STYLESHEET:
        data = data.replace(UNUSED, b"none")
    return SOURCE_MAP.sub(b"", data) if source.suffix in {".css", ".js"} else data


def charts() -> tuple[bytes, list[str]]:
    """Vega-Lite with its interpreter in one module, and the packages that went into it."""
    with tempfile.TemporaryDirectory() as folder:
        bundle, made_of = Path(folder, "charts.js"), Path(folder, "made-of.json")
        command = [
            NPM / ".bin/esbuild",
            "charts.mjs",
            "--bundle",
            "--minify",
            "--format=esm",
            "--legal-comments=none",
        ]
        subprocess.run(
            [*command, f"--outfile={bundle}", f"--metafile={made_of}", "--log-level=error"], check=True
        )
        inputs = json.loads(made_of.read_text(encoding="utf-8"))["inputs"]
        packages = sorted({found[1] for path in inputs if (found := PACKAGE.search(path))})
        return bundle.read_bytes(), packages


def licence(package: str) -> str:
    """The package's own licence text; the name of its licence where it ships no text."""
    files = sorted(path for path in (NPM / package).iterdir() if path.name.upper().startswith("LICENSE"))
    named = str(json.loads((NPM / package / "package.json").read_text(encoding="utf-8"))["license"])
    text = files[0].read_text(encoding="utf-8").strip() if files else named
    return f"{package} ({named})\n{'=' * (len(package) + len(named) + 3)}\n\n{text}\n"


def main(check: bool) -> None:
    shipped = {to: shipped_bytes(of) for to, of in copied().items()}
    shipped[VENDOR / "charts.js"], bundled = charts()
    shipped[VENDOR / "LICENSES-charts.txt"] = "\n\n".join(map(licence, bundled)).encode()
    shipped[VENDOR / "LICENSE-htmx.txt"] = licence("htmx.org").encode()
    kept = {path for folder in (VENDOR, FONTS, FOR_TESTS) for path in folder.rglob("*") if path.is_file()}
    strays = kept - shipped.keys()
    changed = [path for path, data in shipped.items() if path not in kept or path.read_bytes() != data]

    if check:
        wrong = sorted(strays.union(changed))
        sys.exit("\n".join(["Vendored files differ:", *map(str, wrong)]) if wrong else 0)
    for path in strays:
        path.unlink()
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(shipped[path])
    # So that a copy that was changed by hand is found on a machine without the packages.
    lines = [f"{sha256(data).hexdigest()}  {path}" for path, data in sorted(shipped.items())]
    SUMS.write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main(check="--check" in sys.argv[1:])

"""Copy the compiled browser files we ship out of their npm packages.

Run after `npm ci --ignore-scripts`. The result is committed, so neither a user nor a
server ever needs node; `--check` fails when the committed copy differs.

Only what the stylesheet names is copied: 57 files and 2.1 MB, not the 18 MB published.
Source-map comments are cut, because the manifest static storage follows them to files
that are not there and `collectstatic` then fails.
"""

import re
import sys
from pathlib import Path

NPM = Path("node_modules")
VENDOR = Path("src/throughway/site/static/vendor")

# Where each single file comes from, and what we call it.
FILES = {
    "@uswds/uswds/dist/css/uswds.min.css": "uswds/css/uswds.min.css",
    "@uswds/uswds/dist/js/uswds.min.js": "uswds/js/uswds.min.js",
    "@uswds/uswds/dist/js/uswds-init.min.js": "uswds/js/uswds-init.min.js",
    "@uswds/uswds/dist/img/sprite.svg": "uswds/img/sprite.svg",
    "@uswds/uswds/dist/img/usa-icons/close.svg": "uswds/img/usa-icons/close.svg",
    "@uswds/uswds/LICENSE.md": "uswds/LICENSE.md",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
}
STYLESHEET = "@uswds/uswds/dist/css/uswds.min.css"

SOURCE_MAP = re.compile(rb"(/\*#|//#) sourceMappingURL=[^\n*]*(\*/)?")
LOCAL_URL = re.compile(r"""url\(["']?\.\./([^"')#?]+)""")


def wanted_files():
    """Map each file to copy to its name under the vendor folder."""
    css = (NPM / STYLESHEET).read_text()
    dist = STYLESHEET.removesuffix("css/uswds.min.css")
    fonts_and_images = {dist + path: f"uswds/{path}" for path in LOCAL_URL.findall(css)}
    return FILES | fonts_and_images


def shipped_bytes(source):
    """Give the bytes to ship: the file itself, without its source-map comment."""
    data = source.read_bytes()
    return SOURCE_MAP.sub(b"", data) if source.suffix in {".css", ".js"} else data


def main(check):
    shipped = {VENDOR / to: shipped_bytes(NPM / of) for of, to in wanted_files().items()}
    kept = {path for path in VENDOR.rglob("*") if path.is_file()}
    # charts.js is bundled by its own step (see web.md), so it is not ours to remove.
    strays = kept - shipped.keys() - {VENDOR / "charts.js"}
    changed = [p for p, data in shipped.items() if p not in kept or p.read_bytes() != data]

    if check:
        wrong = sorted(strays.union(changed))
        sys.exit("\n".join(["Vendored files differ:", *map(str, wrong)]) if wrong else 0)
    for path in strays:
        path.unlink()
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(shipped[path])


if __name__ == "__main__":
    main(check="--check" in sys.argv[1:])

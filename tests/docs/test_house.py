"""docs/house.md follows from docs/house.csv, which is not far from what a new count gives."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench import house
from bench.trace import CallTrace, imports

RENEW = "docs/house.csv is out of date; run: make house"


@pytest.fixture(scope="module")
def recount() -> house.Figures:
    return house.counted(house.SOURCE)


def test_the_page_is_made_of_the_csv() -> None:
    assert house.PAGE.read_text(encoding="utf-8") == house.page(*house.read(house.FIGURES)), RENEW


def test_the_page_names_the_rooms_there_are(recount: house.Figures) -> None:
    stated = house.read(house.FIGURES)[1].keys() - {(house.LINES, house.SCREENS)}
    rooms = (house.LINES, house.STATEMENTS)
    assert {key for key in stated if key[0] in rooms} == {key for key in recount if key[0] in rooms}, RENEW


@pytest.mark.parametrize("kind", [house.LINES, house.STATEMENTS])
def test_the_page_is_within_two_percent_of_the_source(kind: str, recount: house.Figures) -> None:
    stated = house.read(house.FIGURES)[1][kind, house.PYTHON]
    assert recount[kind, house.PYTHON] == pytest.approx(stated, rel=0.02), RENEW


def test_class_names_are_unique(recount: house.Figures) -> None:
    stated = house.read(house.FIGURES)[1]
    new = sorted(
        name
        for (kind, name), modules in recount.items()
        if kind == house.CLASSES and modules > stated.get((kind, name), 1)
    )
    assert not new, f"another module has a class of this name already, so take another: {', '.join(new)}"


def test_lines_statements_and_class_names_are_counted_by_room(tmp_path: Path) -> None:
    files = {
        "top.py": '"""One."""\n\n# a comment\n',
        "gate/door.py": "class Door:\n    class Meta:\n        pass\n\nclass Row: ...\n",
        "gate/inner/rows.py": "class Row(\n    object\n): ...\n",
        "intake/csv_rows.py": "def row():\n    class Door: ...\n\nclass Meta: ...\n",
        "intake/migrations/0001_initial.py": "class Row: ...\n",
    }
    write(tmp_path, files)
    figures = house.counted(tmp_path)
    assert {of: n for (kind, of), n in figures.items() if kind == house.LINES} == {
        house.BESIDE: 3, "gate": 8, "intake": 4, house.MIGRATIONS: 1, house.PYTHON: 16
    }  # fmt: skip
    assert {of: n for (kind, of), n in figures.items() if kind == house.STATEMENTS} == {
        house.BESIDE: 1, "gate": 7, "intake": 5, house.MIGRATIONS: 2, house.PYTHON: 15
    }  # fmt: skip
    assert {of: n for (kind, of), n in figures.items() if kind == house.CLASSES} == {"Row": 2}
    assert figures[house.MODULE, "gate/inner/rows.py"] == 3
    assert (house.MODULE, "intake/migrations/0001_initial.py") not in figures


def test_vendored_files_are_not_counted(tmp_path: Path) -> None:
    files = {
        "site/static/site/page.css": "a\nb\n",
        "site/static/vendor/all.js": "a\nb\n",
        "site/templates/site/page.html": "a\n",
        "site/templates/site/mail.txt": "a\n",
        "vocabulary/tables.csv": "a\n",
    }
    write(tmp_path, files)
    assert house.screens(tmp_path) == {(house.LINES, house.SCREENS): 4}


def test_figures_are_read_as_they_were_written(tmp_path: Path) -> None:
    before, now = {("lines", "old"): 1, ("lines", "a, b"): 2}, {("lines", "a, b"): 3, ("lines", "new"): 0}
    house.write(tmp_path / "house.csv", before, now)
    assert house.read(tmp_path / "house.csv") == (before, now)


def test_trace_leaves_out_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        tmp_path,
        {
            "traced_one.py": "import traced_two\n\ndef at_import(): ...\n\nat_import()\n\n"
            "class Door:\n    def open(self):\n        traced_two.enter()\n        return (lambda: [n for n in (1, 2)])()\n",
            "traced_two.py": "def at_import(): ...\n\nat_import()\n\ndef enter(): raise KeyError\n",
        },
    )
    monkeypatch.syspath_prepend(tmp_path)
    trace = CallTrace(tmp_path, [imports()])
    before = sys.getprofile()
    sys.setprofile(trace)
    try:
        import traced_one  # type: ignore[import-not-found]

        with pytest.raises(KeyError):
            traced_one.Door().open()
        traced_one.at_import()
    finally:
        sys.setprofile(before)
        for name in ("traced_one", "traced_two"):
            sys.modules.pop(name, None)
    assert trace.called == {"traced_one.py": {"Door.open", "at_import"}, "traced_two.py": {"enter"}}


def test_command_is_traced_from_its_entry_point() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench.trace", "vocabulary", "person"], cwd=house.ROOT, capture_output=True, text=True, check=True
    )  # fmt: skip
    assert '"__main__.py": [\n    "run"\n  ]' in ran.stdout
    assert "person" in ran.stderr


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")

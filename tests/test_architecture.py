"""Dependencies point one way, heavy libraries stay in their place, modules stay short."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "dedupe"
MODULE_LINES, FUNCTION_LINES = 350, 50

ALLOWED: dict[str, set[str]] = {
    "model": set(),
    "model_compare": {"model"},
    "errors": set(),
    "moments": set(),
    "json_form": {"model"},
    "config": {"errors"},
    "text": set(),
    "lexicon": set(),
    "kernels": set(),
    "language": {"kernels"},
    "read": {"moments", "model", "errors", "config", "lexicon"},
    "sketch": {"text", "kernels", "config", "language"},
    "candidates": {"kernels"},
    "outlets": {"kernels"},
    "background": {"kernels", "sketch"},
    "score": {"model", "kernels", "config", "sketch", "text", "outlets", "background"},
    "story": {"moments", "model", "kernels", "config", "score"},
    "group": {"model", "kernels"},
    "collect": {"moments", "model", "config", "read", "sketch"},
    "copies": {"config", "sketch", "candidates", "score", "group", "collect"},
    "pipeline": {
        "model", "config", "read", "text", "kernels", "sketch", "candidates", "score", "story",
        "group", "outlets", "collect", "copies",
    },
    "assemble": {"moments", "model", "config", "score", "story"},
    "explain": {"moments", "model", "config", "text", "sketch", "score", "story", "assemble"},
    "evaluate": {
        "model", "errors", "config", "read", "text", "kernels", "sketch", "candidates", "score",
        "story", "assemble", "explain", "pipeline",
    },
    "calibrate": {"errors", "group", "story", "evaluate"},
    "compare": {
        "model", "model_compare", "errors", "config", "text", "lexicon", "language", "score",
        "sketch",
    },
    "api": {
        "model", "model_compare", "errors", "config", "read", "pipeline", "assemble", "explain",
        "compare",
    },
    "report": {"moments", "json_form", "model", "model_compare", "errors", "compare"},
    "index": {
        "model", "errors", "config", "moments", "kernels", "language", "sketch", "background",
        "score", "story", "group",
    },
    "hooks": {"model", "errors", "json_form", "read", "index"},
    "cli": {"*"},
    "__init__": {"*"},
    "__main__": {"cli"},
}  # fmt: skip
"""What a module, or a package and all in it, may import of ours while it runs."""

ALONE = {
    "datasketch": {"sketch"},
    "sklearn": {"score", "compare"},
    "rich": {"report"},
    "click": {"cli"},
    "numba": {"kernels"},
    "pyarrow": {"read", "sketch", "background", "collect"},
}
"""Libraries, and the only modules that may import them."""

HEAVY = {
    "numba", "sklearn", "datasketch", "pyarrow", "scipy", "numpy", "rich", "wordfreq", "orjson",
    "trafilatura", "feedparser", "charset_normalizer",
}  # fmt: skip
SURFACES = {"cli", "__main__", "report", "hooks"}
"""Nothing below may so much as name their types."""


@dataclass(frozen=True)
class Import:
    """One import statement: who imports what, and whether only for its types."""

    importer: str
    imported: str
    line: int
    typing_only: bool

    @property
    def place(self) -> str:
        return f"dedupe/{self.importer}:{self.line} imports {self.imported}"


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def part_of(path: Path) -> str:
    """The first name below the package: ``read`` for ``dedupe/read/jsonl.py``."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> list[Import]:
    name = named(path)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for statement in block.body
        for node in ast.walk(statement)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno}: imports are absolute here"
            module = node.module or ""
            # `from dedupe import read` names a module too.
            names = [f"dedupe.{a.name}" for a in node.names] if module == "dedupe" else [module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found += [Import(name, n, node.lineno, id(node) in typing_only) for n in names]
    return found


def ours(imported: str) -> str | None:
    parts = imported.split(".")
    return parts[1] if parts[0] == "dedupe" and len(parts) > 1 else None


@pytest.mark.parametrize("path", sources(), ids=named)
def test_modules_import_only_what_lies_below_them(path: Path) -> None:
    part = part_of(path)
    assert part in ALLOWED, f"dedupe/{part} has no row in the table of the design"
    allowed = ALLOWED[part] | {part}
    wrong = [
        found.place
        for found in imports_of(path)
        if not found.typing_only and (target := ours(found.imported))
        and target not in allowed and "*" not in allowed
    ]  # fmt: skip
    assert wrong == []


@pytest.mark.parametrize(
    "path",
    [path for path in sources() if part_of(path) not in SURFACES | {"__init__"}],
    ids=named,
)
def test_not_even_a_type_is_taken_from_the_surfaces(path: Path) -> None:
    assert [i.place for i in imports_of(path) if ours(i.imported) in SURFACES] == []


@pytest.mark.parametrize(("library", "parts"), ALONE.items(), ids=ALONE)
def test_a_library_is_imported_in_its_place_alone(library: str, parts: set[str]) -> None:
    users = {
        part_of(path): found.place
        for path in sources()
        for found in imports_of(path)
        if found.imported.split(".")[0] == library and not found.typing_only
    }
    assert {part: place for part, place in users.items() if part not in parts} == {}
    assert users, f"nothing imports {library}: the row is out of date"


def test_the_table_has_no_circles() -> None:
    order: list[str] = []
    left = {part: {p for p in below if p != "*"} for part, below in ALLOWED.items()}
    while left:
        ready = [part for part, below in left.items() if below <= set(order)]
        assert ready, f"a circle among {sorted(left)}"
        order += ready
        left = {part: below for part, below in left.items() if part not in ready}


@pytest.mark.parametrize("path", sources(), ids=named)
def test_a_module_is_read_in_one_sitting(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= MODULE_LINES


@pytest.mark.parametrize("path", sources(), ids=named)
def test_a_function_fits_on_one_screen(path: Path) -> None:
    long = [
        f"{node.name} at line {node.lineno}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and part_of(path) != "kernels"  # a compiled loop is one function
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    ]
    assert long == []


@pytest.mark.parametrize("path", sources(), ids=named)
def test_the_library_neither_prints_nor_asserts(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prints = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    asserts = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    assert (prints, asserts) == ([], [])


def loaded_by(code: str) -> set[str]:
    """Top-level modules in memory once the code has run in a fresh interpreter."""
    script = f"{code}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(ran.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "code",
    [
        "import dedupe.cli",
        "from dedupe.cli import cli; cli.main(['--help'], standalone_mode=False)",
        "from dedupe.cli import cli; cli.main(['--version'], standalone_mode=False)",
        "from dedupe.cli import cli; cli.main(['group', '--help'], standalone_mode=False)",
        "from dedupe.cli import cli; cli.main(['report', '--help'], standalone_mode=False)",
        "import dedupe.model, dedupe.errors, dedupe.config",
    ],
)
def test_help_imports_nothing_heavy(code: str) -> None:
    assert loaded_by(code) & HEAVY == set()


def test_a_fresh_interpreter_loads_what_it_is_asked_for() -> None:
    assert loaded_by("import numpy") >= {"numpy"}


def test_reading_imports_no_numerics() -> None:
    code = "import dedupe.read; list(dedupe.read.read([__import__('os').devnull], format='jsonl'))"
    assert loaded_by(code) & {"numba", "sklearn", "datasketch", "scipy", "rich"} == set()

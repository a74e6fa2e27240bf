"""Dependencies point one way, heavy libraries stay in their place, modules stay short."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "dedupe"
FIXTURES = str(PACKAGE.parent / "fixtures" / "articles")
MODULE_LINES, FUNCTION_LINES = 350, 50

ALLOWED: dict[str, set[str]] = {
    "model": set(),
    "model_compare": {"model"},
    "tabular": {"model"},
    "errors": set(),
    "caches": set(),
    "moments": set(),
    "identity": set(),
    "clean": set(),
    "placed": set(),
    "json_form": {"model", "clean"},
    "config": {"errors"},
    "spelling": set(),
    "text": {"caches", "spelling", "model"},
    "lexicon": set(),
    "kernels": set(),
    "tokens": {"text", "spelling", "kernels"},
    "language": {"tokens", "kernels"},
    "read": {"caches", "clean", "identity", "moments", "model", "errors", "config", "lexicon", "text", "kernels", "tokens"},
    "write": {"errors", "json_form", "model", "moments", "read"},
    "lines": {"kernels", "tokens"},
    "sketch": {"tokens", "kernels", "config", "errors", "language", "lines"},
    "room": {"errors"},
    "joining": {"kernels", "lines", "room", "sketch"},
    "buckets": {"kernels"},
    "candidates": {"buckets", "kernels", "weigh"},
    "furniture": {"kernels"},
    "sharing": {"kernels", "weigh"},
    "usual": {"sketch"},
    "weigh": {"kernels", "sketch", "furniture", "usual"},
    "weighing": {"config", "furniture", "kernels", "room", "sketch", "usual", "weigh"},
    "recurring": {"config", "kernels", "lines", "sketch", "furniture", "usual"},
    "score": {"model", "kernels", "config", "sketch", "weigh"},
    "gaps": {"moments", "kernels"},
    "known": set(),
    "evidence": {"gaps", "kernels", "known", "sharing"},
    "story": {"kernels", "evidence", "known"},
    "group": {"kernels", "moments"},
    "digests": {"group", "kernels", "term_corpus", "weigh"},
    "term_corpus": {"candidates", "evidence", "kernels", "score", "sharing", "sketch", "weigh"},
    "collect": {"language", "lines", "moments", "config", "joining", "read", "room", "sketch"},
    "novelty": {"config", "model", "kernels", "sketch", "score"},
    "marks": {"lexicon", "novelty"},
    "corpus": {"buckets", "candidates", "config", "kernels", "novelty", "score", "sketch"},
    "copies": {"config", "corpus", "novelty", "group", "kernels"},
    "analysis": {"moments", "model", "config", "sketch", "weigh", "novelty", "score", "evidence", "story", "group", "collect", "text"},
    "stories": {"candidates", "collect", "config", "copies", "corpus", "digests", "evidence", "gaps", "group", "kernels", "room", "story", "term_corpus"},
    "pipeline": {"analysis", "collect", "config", "copies", "corpus", "group", "moments", "recurring", "room", "sketch", "stories", "story", "tabular", "term_corpus", "weigh", "weighing"},
    "scored": {"collect", "config", "evidence", "room", "score", "stories", "story", "tabular", "term_corpus", "text", "weigh"},
    "copy_tables": {"buckets", "candidates", "config", "corpus", "novelty", "score", "sketch", "sketch_form"},
    "line_tables": {"config", "copy_tables", "recurring", "sketch", "sketch_form", "usual"},
    "term_scale": {"errors", "kernels", "sketch", "weigh", "weighing"},
    "story_tables": {"copy_tables", "errors", "furniture", "kernels", "line_tables", "novelty", "score", "sharing", "sketch", "sketch_form", "term_corpus", "term_scale", "weigh", "weighing"},
    "sketch_form": {"collect", "config", "errors", "lines", "moments", "sketch"},
    "sketches": {"analysis", "collect", "config", "errors", "joining", "pipeline", "read", "room", "sketch", "sketch_form", "story", "tabular"},
    "assemble": {"moments", "model", "group", "novelty", "score", "analysis"},
    "explain": {"moments", "gaps", "model", "text", "sketch", "weigh", "score", "evidence", "story", "analysis"},
    "evaluate": {"model", "errors", "config", "read", "sketch", "explain", "analysis", "comparison", "evidence"},
    "calibrate": {"errors", "config", "group", "evidence", "story", "evaluate", "analysis"},
    "comparison": {
        "model", "model_compare", "errors", "config", "caches", "spelling", "moments", "text", "lexicon", "sketch",
        "usual",
        "analysis",
    },
    "outlets": {"model", "moments"},
    "pages": {"model", "model_compare", "analysis", "comparison", "explain", "group"},
    "api": {
        "model", "model_compare", "config", "read", "collect", "pipeline", "assemble", "explain",
        "comparison", "scored", "sketches", "story", "text", "tabular",
    },
    "views": {"model", "errors", "read"},
    "spark": {
        "analysis", "assemble", "buckets", "candidates", "collect", "config", "copy_tables", "errors",
        "furniture", "group", "kernels", "language", "line_tables", "lines", "model", "moments", "novelty",
        "pipeline", "read", "recurring", "room", "score", "sharing", "sketch", "sketch_form", "sketches",
        "story", "story_tables", "term_corpus", "term_scale", "tokens", "usual", "views", "weigh",
    },
    "report": {
        "clean", "moments", "json_form", "model", "model_compare", "errors", "comparison", "evaluate", "outlets",
    },
    "index": {"clean", "identity", "known", "read", "sharing", "tabular", "placed", "json_form", "model", "errors", "config", "moments", "kernels", "text", "tokens", "language", "sketch", "weigh", "score", "novelty", "marks", "gaps", "evidence", "story", "group", "furniture", "lines", "recurring", "digests"},
    "hooks": {"placed", "identity", "clean", "config", "model", "errors", "json_form", "read", "index", "text", "tabular"},
    "server": {
        "api", "clean", "comparison", "config", "errors", "hooks", "index", "json_form", "model", "moments",
        "pages", "pipeline", "read", "report",
    },
    "cli": {"*"},
    "__init__": {"*"},
    "__main__": {"cli"},
}  # fmt: skip
"""What a module, or a package and all in it, may import of ours, were it only a type."""

ALONE = {
    "datasketch": {"sketch"},
    "sklearn": {"calibrate"},
    "rich": {"report"},
    "click": {"cli"},
    "fsspec": {"read"},
    "pyarrow": {
        "read",
        "write",
        "tokens",
        "sketch",
        "usual",
        "collect",
        "room",
        "copy_tables",
        "line_tables",
        "story_tables",
        "sketch_form",
        "views",
        "spark",
    },
    "starlette": {"server", "cli"},
    "uvicorn": {"server", "cli"},
    "prometheus_client": {"server", "cli"},
    "opentelemetry": {"server"},
    "psycopg": {"index"},
    "pyspark": {"spark"},
    "pysail": {"spark"},
}
"""Libraries, and the only modules that may import them."""

HEAVY = {
    "sklearn", "datasketch", "pyarrow", "scipy", "numpy", "rich", "orjson",
    "trafilatura", "feedparser", "charset_normalizer", "ssl", "fsspec",
}  # fmt: skip
SURFACES = {"cli", "__main__", "report", "hooks", "server"}
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


def is_module(name: str) -> bool:
    path = PACKAGE.parent.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


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
            inner = [f"{module}.{a.name}" for a in node.names]
            names = [name if is_module(name) else module for name in inner]
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
        if (target := ours(found.imported))
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
    assert circle({part: {p for p in below if p != "*"} for part, below in ALLOWED.items()}) == []


def test_no_modules_import_each_other_in_a_circle_were_it_only_for_types() -> None:
    modules = {path.relative_to(PACKAGE.parent).with_suffix("").parts: path for path in sources()}
    names = {".".join(parts).removesuffix(".__init__"): path for parts, path in modules.items()}
    graph = {
        name: {i.imported for i in imports_of(path) if i.imported in names and i.imported != name}
        for name, path in names.items()
        if name != "dedupe"  # it names all that is public, and nothing imports it
    }
    assert circle(graph) == []


def circle(graph: dict[str, set[str]]) -> list[str]:
    """The members of circles, and what rests on them; nothing where there are none."""
    left = dict(graph)
    while ready := [part for part, below in left.items() if not below & left.keys()]:
        for part in ready:
            del left[part]
    return sorted(left)


@pytest.mark.parametrize("path", sources(), ids=named)
def test_a_module_is_read_in_one_sitting(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= MODULE_LINES


@pytest.mark.parametrize("path", sources(), ids=named)
def test_a_function_fits_on_one_screen(path: Path) -> None:
    long = [
        f"{node.name} at line {node.lineno}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
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


def loaded_by(code: str, *, whole: bool = False) -> set[str]:
    """Top-level modules, or all, in memory once the code has run in a fresh interpreter."""
    names = "sys.modules" if whole else "{name.split('.')[0] for name in sys.modules}"
    script = f"{code}\nimport sys\nprint()\nprint(*{names})"
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
    assert loaded_by(code) & {"sklearn", "datasketch", "scipy", "rich"} == set()


UNCALLED = (
    "sklearn", "datasketch", "scipy",  # what only a fit, and who hands signatures over, needs
    "numpy.testing", "numpy.random", "numpy.f2py", "unittest",
    "asyncio", "trafilatura", "feedparser", "charset_normalizer",
    "pyspark", "pysail", "grpc", "dedupe.spark", "psycopg",
    "http.client", "ssl", "fsspec",  # nothing is asked of the net that no address is named for
)  # fmt: skip
"""What no start of a command may wait for."""
SHORT = [
    ["report", FIXTURES],
    ["group", FIXTURES],
    ["compare", *map(str, sorted(Path(FIXTURES).glob("*.txt")))],
]


def imported_by(command: list[str], folder: Path) -> set[str]:
    words = [word.format(tmp=folder) for word in command]
    code = f"from dedupe.cli import cli; cli.main({words!r}, standalone_mode=False)"
    return loaded_by(code, whole=True)


@pytest.mark.parametrize(
    "command",
    [
        *SHORT,
        ["report", FIXTURES, "--facts", "--top", "1"],
        ["report", FIXTURES, "--html", "{tmp}/page.html"],
        ["evaluate", str(Path(FIXTURES).parent / "gold.jsonl"), FIXTURES],
        ["filter", "--index", "{tmp}/news.index", str(Path(FIXTURES) / "news.jsonl")],
        ["index", "create", "{tmp}/news.index"],
    ],
    ids=lambda command: " ".join(word for word in command if "/" not in word),
)
def test_a_command_imports_nothing_that_it_has_no_use_for(command, tmp_path) -> None:
    loaded = imported_by(command, tmp_path)
    found = {name for name in loaded for no in UNCALLED if f"{name}.".startswith(f"{no}.")}
    assert found == set()


@pytest.mark.parametrize("command", SHORT, ids=lambda command: command[0])
def test_a_short_run_does_without_what_is_slow_to_import(command, tmp_path) -> None:
    slow = {"numpy.ma", "zipfile", "pyarrow.compute", "jinja2", "dedupe.report.html"}
    assert imported_by(command, tmp_path) & slow == set()


@pytest.mark.parametrize("command", SHORT, ids=lambda command: command[0])
def test_pandas_is_left_alone_where_it_is_installed(command, tmp_path) -> None:
    (tmp_path / "pandas.py").write_text("raise SystemExit('pandas was imported')", "utf-8")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        f"from dedupe.cli import cli; cli.main({command!r}, standalone_mode=False)"
    )
    assert "pandas" not in loaded_by(code)


FINDING = {"around.py", "find.py", "own.py", "tallies.py", "texts.py"}
"""The stage that reads for the judge: what is near, how common terms are, and what that changes."""
LOOKING_AFTER = {
    "__init__.py", "admission.py", "changes.py", "contents.py", "index.py", "naming.py", "soundness.py", "store.py",
    "target.py", "upkeep.py",
}  # fmt: skip
"""Admission itself, and what is no part of judging: upkeep, and what is shown of an index."""


def test_between_admission_and_the_store_only_the_finding_stage_reads() -> None:
    readers = {
        path.name
        for path in sorted((PACKAGE / "index").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        for given in (*node.args.args, *node.args.kwonlyargs)
        if given.annotation is not None
        and {"Reader", "Writer", "Store"} & set(ast.unparse(given.annotation).split(" | "))
    }
    assert readers - LOOKING_AFTER == FINDING


@pytest.mark.parametrize("module", ["judge", "judgement", "placing", "versions", "hand", "answers"])
def test_the_judge_of_an_index_neither_reads_nor_waits_nor_asks_the_time(module: str) -> None:
    imported = {
        i.imported for i in imports_of(PACKAGE / "index" / f"{module}.py") if not i.typing_only
    }
    assert not {name for name in imported if name.split(".")[0] in {"time", "threading", "sqlite3"}}
    assert not {name for name in imported if name.startswith("dedupe.index.sqlite")}


def test_what_is_no_public_name_is_no_trap() -> None:
    def said(code: str) -> str:
        ran = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        return ran.stderr.splitlines()[-1]

    assert said("from dedupe import compare").startswith("ImportError: cannot import name")
    assert said("import dedupe; dedupe.compare").endswith("; there is compare_articles")


def test_no_public_name_of_a_class_or_function_means_two_things() -> None:
    homes: dict[str, set[str]] = {}
    for path in sources():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name[0] != "_":
                homes.setdefault(node.name, set()).add(named(path))
    twice = {name for name, places in homes.items() if len(places) > 1}
    assert twice - {"command"} == set()

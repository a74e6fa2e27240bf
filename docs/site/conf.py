"""How Sphinx builds the site, and the manual page, of the documents that are here.

The pages are the Markdown files of the repository, as they stand. What the site has besides, the
reference of the package and of its commands, is made from the code. The sections of
``docs/README.md`` are those of the navigation.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))  # the package as it is here, not as it is installed
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
FILES = re.compile(rf"\]\({re.escape(PROJECT['urls']['Homepage'])}/(?:blob|raw)/main/([^)#]+)")
"""An address of a file, as the README has them: on a package registry nothing else leads there."""
NAMED = re.compile(r"\[[\w./-]+\.md\]\(")
"""A link that is called by its file: on the site by the title that it leads to."""
GENERATED = {"Reference": ["docs/site/api", "docs/site/dedupe"]}
"""Pages of a section that only the site has."""

project = "dedupe"
release = version = PROJECT["version"]
author = "the authors of dedupe"
copyright = author  # noqa: A001 - Sphinx's name
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_click"]
include_patterns = ["*.md", "docs/**", "fixtures/README.md"]
exclude_patterns = [".*", "build", "dist", "wheelhouse", "docs/site/conf.py"]
root_doc = "docs/README"
nitpicky = False  # types in signatures are named as the code names them, also those of NumPy
suppress_warnings = ["toc.not_included"]  # decisions: the front page lists them

myst_heading_anchors = 4  # anchors as GitHub makes them
smartquotes = False  # two hyphens begin an option
highlight_language = "none"
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True, "undoc-members": True, "show-inheritance": True}
python_maximum_signature_line_length = 70
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = "dedupe"
html_extra_path = ["index.html"]
html_copy_source = False
html_show_copyright = False
html_show_search_summary = False  # it would fetch pages, which a browser forbids of files
html_theme_options = {"top_of_page_buttons": []}

man_pages = [("docs/site/dedupe", "dedupe", "finds copies and reports of one story", "", 1)]


def section_trees(page: str) -> str:
    """A toctree for each section of the page of documents: what its table links to, in order."""
    trees = []
    for section in page.split("\n## ")[1:]:
        heading, _, table = section.partition("\n")
        rows = re.findall(r"^\| \[[^\]]*\]\(([^)]+)\.md\)", table, re.MULTILINE)
        pages = [os.path.normpath(f"docs/{row}") for row in rows] + GENERATED.get(heading, [])
        if heading != "Decisions":
            listed = "\n".join(f"/{name}" for name in pages)
            trees.append(f"```{{toctree}}\n:hidden:\n:caption: {heading}\n\n{listed}\n```\n")
    return "\n".join(["", *trees])


def members() -> str:
    """Directives for all that is public, and for the values that it is made of."""
    import dedupe
    from dedupe import model, model_compare

    functions = [f"dedupe.{name}" for name in dedupe.__all__ if name.islower()]
    kinds = [f"dedupe.{name}" for name in dedupe.__all__ if not name.islower()]
    parts = [
        f"{module.__name__}.{name}"
        for module in (model, model_compare)
        for name, kind in vars(module).items()
        if isinstance(kind, type) and kind.__module__ == module.__name__
        if not name.startswith("_") and name not in dedupe.__all__
    ]
    return "\n".join(
        "\n".join([title, "-" * len(title), "", *(f".. {kind}:: {name}" for name in names), ""])
        for title, kind, names in (
            ("Functions", "autofunction", functions),
            ("Classes", "autoclass", kinds),
            ("What these are made of", "autoclass", parts),
        )
    )


def commands() -> str:
    """Directives for all commands, in the order of ``dedupe --help``."""
    from dedupe.cli import COMMANDS

    return "\n".join(
        f".. click:: dedupe.cli.{name}:command\n   :prog: dedupe {name}\n   :nested: full\n"
        for name in COMMANDS
    )


def take_in(app: Sphinx, docname: str, source: list[str]) -> None:
    """Leads addresses of pages and pictures to those of the site; adds what the code tells."""

    def own(match: re.Match[str]) -> str:
        path = match[1]
        if path.removesuffix(".md") in app.env.found_docs or path.endswith(".svg"):
            return f"]({os.path.relpath(path, Path(docname).parent)}"
        return match[0]

    page = NAMED.sub("[](", FILES.sub(own, source[0]))
    page = page.replace(".. made of the package\n", members())
    page = page.replace(".. made of the commands\n", commands())
    source[0] = page + section_trees(page) if docname == root_doc else page


def setup(app: Sphinx) -> None:
    """Registers what is done with each page as it is read."""
    app.connect("source-read", take_in)

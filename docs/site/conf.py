"""How Sphinx builds the site, and the manual page, of the documents that are here.

The pages are the Markdown files of the repository, as they stand. What the site has besides, the
reference of the package and of its commands, is made from the code. The sections of
``docs/README.md`` are those of the navigation.
"""

from __future__ import annotations

import posixpath
import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))  # the package as it is here, not as it is installed
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
FILES = re.compile(rf"\]\({re.escape(PROJECT['urls']['Homepage'])}/(?:blob|raw)/main/([^)#]+)")
"""An address of a file, as the README has them: on a package registry nothing else leads there."""
NAMED = re.compile(r"\[[\w./-]+\.md\]\(")
"""A link that is called by its file: on the site by the title that it leads to."""
GENERATED = {"Reference": ["/docs/site/api", "/docs/site/dedupe"]}
"""Pages of a section that only the site has."""

project = "dedupe"
release = version = today = PROJECT["version"]  # no date: a page depends on its sources alone
copyright = ""  # noqa: A001 - Sphinx's name
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_click"]
include_patterns = ["*.md", "docs/**", "fixtures/README.md"]
exclude_patterns = [".*", "build", "dist", "wheelhouse"]
root_doc = "docs/README"
suppress_warnings = ["toc.not_included"]  # decisions are listed on the front page alone

highlight_language = "none"
smartquotes = False  # two hyphens begin an option
myst_heading_anchors = 4  # by the names that GitHub gives them
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True  # as they are written
autodoc_typehints_format = "short"
autodoc_default_options = {
    "members": True,
    "undoc-members": True,
    "inherited-members": "object,tuple,BaseException",  # what these have is told by Python
}
python_maximum_signature_line_length = 70
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = "dedupe"
html_extra_path = ["index.html"]
html_copy_source = False
html_show_copyright = False
html_show_search_summary = False  # it would fetch pages, which browsers forbid among files
html_theme_options = {"top_of_page_buttons": []}
toc_object_entries = False  # a section names each object, and members would be hundreds

man_pages = [
    ("docs/site/dedupe", "dedupe", "find copies and independent reports among news", "", 1)
]


def section_trees(page: str) -> str:
    """A toctree for each section of the page of documents: what its table links to, in order.

    A page is called by its title, unless the link calls it by another name than its file's.
    """
    trees = []
    for section in page.split("\n## ")[1:]:
        heading, _, table = section.partition("\n")
        rows = re.findall(r"^\| \[(.*?)\]\((.*?)\.md\)", table, re.MULTILINE)
        pages = [(called, f"/{posixpath.normpath(f'docs/{page}')}") for called, page in rows]
        lines = [page if called.endswith(".md") else f"{called} <{page}>" for called, page in pages]
        lines += GENERATED.get(heading, [])
        if heading != "Decisions":
            options = f":hidden:\n:titlesonly:\n:caption: {heading}\n"
            trees.append("\n".join(["```{toctree}", options, *lines, "```", ""]))
    return "\n".join(["", *trees])


def members() -> str:
    """Directives for all that is public, and for the values that it is made of."""
    import dedupe
    from dedupe import model, model_compare

    names = [f"dedupe.{name}" for name in dedupe.__all__]
    parts = [
        f"{module.__name__}.{name}"
        for module in (model, model_compare)
        for name, kind in vars(module).items()
        if isinstance(kind, type) and kind.__module__ == module.__name__
        if not name.startswith("_") and name not in dedupe.__all__
    ]
    return "\n".join(
        [
            *titled("Functions", "autofunction", [name for name in names if name.islower()]),
            *titled("Classes", "autoclass", [name for name in names if not name.islower()]),
            *titled("What these are made of", "autoclass", parts),
        ]
    )


def titled(title: str, directive: str, names: list[str]) -> list[str]:
    """Lines of a section, with a section in it for each name."""
    lines = [title, "-" * len(title), ""]
    for name in names:
        called = name.rpartition(".")[2]
        lines += [called, "~" * len(called), "", f".. {directive}:: {name}", ""]
    return lines


def commands() -> str:
    """Directives for all commands, in the order of ``dedupe --help``."""
    import click

    from dedupe.cli import COMMANDS, cli

    lines = []
    for name in COMMANDS:
        lines += [f".. click:: dedupe.cli.{name}:command", f"   :prog: dedupe {name}"]
        lines += ["   :nested: full"]
        command = cli.get_command(click.Context(cli), name)
        if isinstance(command, click.Group):
            lines += [f"   :commands: {','.join(command.commands)}"]
        lines += [""]
    return "\n".join(lines)


def name_in_full(app: Sphinx, doctree: nodes.document) -> None:
    """Calls a command of a command by both names, as in the address of its section."""
    for section in doctree.findall(nodes.section):
        title, name = section.next_node(nodes.title), section["ids"][0].replace("-", " ")
        if app.env.docname == "docs/site/dedupe" and name.endswith(f" {title.astext()}"):
            title[:] = [nodes.Text(name)]


def keep_schemes(app: Sphinx, context: object, lines: list[str]) -> None:
    """Keeps names of schemes in a help, such as ``https://``, from becoming addresses."""
    del app, context
    lines[:] = [re.sub(r"\b(https?)://(?!\w)", r"\1\\://", line) for line in lines]


def take_in(app: Sphinx, docname: str, source: list[str]) -> None:
    """Leads addresses of pages and pictures to those of the site; adds what the code tells."""

    def own(match: re.Match[str]) -> str:
        path = match[1]
        if path.removesuffix(".md") in app.env.found_docs or path.endswith(".svg"):
            return f"]({posixpath.relpath(path, posixpath.dirname(docname) or '.')}"
        return match[0]

    page = NAMED.sub("[](", FILES.sub(own, source[0]))
    page = page.replace(".. made of the package\n", members())
    page = page.replace(".. made of the commands\n", commands())
    source[0] = page + section_trees(source[0]) if docname == root_doc else page


def setup(app: Sphinx) -> None:
    """Registers what is done with each page as it is read."""
    app.connect("source-read", take_in)
    app.connect("doctree-read", name_in_full, priority=100)  # before titles are gathered
    app.connect("sphinx-click-process-description", keep_schemes)

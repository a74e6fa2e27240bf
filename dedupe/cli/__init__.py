"""The command line: glue between the stages, and the one place where errors become exit codes.

0 done; 1 duplicates were found, where ``--exit-code`` asks for it; 2 usage or bad input;
130 interrupted. Data goes to standard output, messages and progress to standard error.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from difflib import get_close_matches
from importlib import import_module
from typing import Any, NoReturn

import click

from dedupe.cli.streams import say, show_usage_error
from dedupe.errors import DedupeError

COMMANDS = {
    "group": "Write the story and the group of copies of every article, as JSON Lines.",
    "report": "Show the stories: what is copied, what is reported independently, since when.",
    "outlets": "Show who is first, who copies whom and after how long, who covers what.",
    "keep": "Write the sources without their copies, as they stand there.",
    "compare": "Show where two reports agree and where they differ.",
    "evaluate": "Score the grouping against labels of your own.",
    "calibrate": "Fit the story score to labels of your own.",
    "filter": "Pass on what is new of a stream of articles, judged by an index.",
    "watch": "Watch feeds and folders: admit to an index what comes, and tell what it is.",
    "serve": "Serve an index over HTTP, for programs on many machines.",
    "index": "Look after the index that the filter asks: sizes, expiry, backups.",
}
INTERRUPTED = 130
COLLECT_AFTER = 200_000
"""New objects after which garbage is looked for: more than all imports make."""


class ReaderGoneError(Exception):
    """Who read the output has seen enough. Of a BrokenPipeError Click would make a failure."""


class InOrder(click.Group):
    """Lists its commands in the order of a user's first steps, and knows the one that was meant."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        """Names of all commands, as they were added."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the words begin with. Raises click.UsageError for none of these."""
        name, known = args[0], self.list_commands(ctx)
        if name not in known and not name.startswith("-") and not ctx.resilient_parsing:
            near = " or ".join(map(repr, get_close_matches(name.lower(), known)))
            ctx.fail(f"No such command {name!r}." + (f" Did you mean {near}?" if near else ""))
        return super().resolve_command(ctx, args)


class Commands(InOrder):
    """The commands, each imported only when it is called: ``--help`` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        """Names of all commands, in the order of a user's first steps."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command itself."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"dedupe.cli.{cmd_name}").command
        return found

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        """Reads the words, and writes the help; see invoke."""
        try:
            return super().make_context(*args, **more)
        except BrokenPipeError as error:
            raise ReaderGoneError from error

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command. A broken pipe raises an error that Click leaves alone."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderGoneError from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Their one-line descriptions, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=Commands,
    context_settings={
        "auto_envvar_prefix": "DEDUPE",
        "help_option_names": ["-h", "--help"],
        "show_default": True,
    },
    epilog="Documentation: https://github.com/story-dedupe/story-dedupe/blob/main/docs/README.md",
)
@click.version_option(package_name="story-dedupe", prog_name="dedupe")
def cli() -> None:
    """Find copies, edited copies, excerpts and independent reports of one story."""


def _start_lightly() -> None:
    """Leaves out what a short process would spend half of its time on."""
    # OpenBLAS starts a thread a processor as soon as NumPy is imported. No large matrix is
    # multiplied here, and a sum must not depend on how many threads took part in it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(COLLECT_AFTER)
    atexit.register(gc.freeze)  # what is left at the end goes with the process, unsearched


def _open_streams() -> None:
    """Opens what the caller has closed, so that no file of ours is taken for a standard stream."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))


def _close_output() -> None:
    """Has Python write no more to standard output as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(args: list[str] | None = None) -> Any:
    """Run the command line; returns through SystemExit with the exit code."""
    _start_lightly()
    _open_streams()
    try:
        code = cli.main(args, prog_name="dedupe", standalone_mode=False) or 0
        sys.stdout.flush()
        sys.exit(code)
    except click.ClickException as error:
        show_usage_error(error)
        sys.exit(error.exit_code)
    except DedupeError as error:
        _fail(str(error), code=error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        say("interrupted")
        # Worker threads may be inside a kernel: nothing is left to save, so don't wait for them.
        sys.stderr.flush()
        os._exit(INTERRUPTED)
    except (ReaderGoneError, BrokenPipeError):
        _close_output()  # a normal end; Python must not flush into the pipe again on exit
        sys.exit(0)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        try:
            sys.stdout.flush()
        except OSError:  # the disk is full, and would be once more at the end
            _close_output()
        _fail(f"{where}{error.strerror or error}")
    except MemoryError:
        _fail("out of memory: give fewer articles at a time")
    except Exception as error:
        if os.environ.get("DEDUPE_TRACEBACK"):
            raise
        _fail(*_own_mistake(error))


def _own_mistake(error: Exception) -> tuple[str, ...]:
    """What to say of an error that nobody foresaw, by line."""
    if isinstance(error, ImportError) and (error.name or "").startswith("dedupe.kernels"):
        told = (
            "its compiled kernels are missing, or are those of another version: install the "
            "package again, in a clone of it by make demo or python tools/build_kernels.py"
        )
        return (told,)
    return (
        f"a mistake of its own, please report it: {type(error).__name__}: {error}",
        "with DEDUPE_TRACEBACK=1 set it shows where",
    )


def _fail(*message: str, code: int = DedupeError.exit_code) -> NoReturn:
    say(*message)
    sys.exit(code)

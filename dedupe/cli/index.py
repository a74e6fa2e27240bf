"""``dedupe index``: make an index, look into it, keep it small, carry it elsewhere."""

from __future__ import annotations

import click

from dedupe.cli.index_contents import show, stats, stories, verify
from dedupe.cli.index_exchange import export, import_, rebuild
from dedupe.cli.index_upkeep import compact, create, different, expire, remove


class InOrder(click.Group):
    """Lists its subcommands in the order of a user's first steps."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        """Names of all subcommands, as they were added."""
        return list(self.commands)


@click.group("index", cls=InOrder)
def command() -> None:
    """Look after an index, as dedupe filter fills it.

    FILE is where the index lies. All but create and import want one that is there.
    """


for subcommand in (
    create,
    stats,
    stories,
    show,
    verify,
    remove,
    expire,
    compact,
    different,
    export,
    import_,
    rebuild,
):
    command.add_command(subcommand)

"""`tfmodels recipes`: the configurations included in the package."""

from pipelines.cli import subcommands
from pipelines.runs import recipe_files

_COLUMNS = ("task", "data", "score", "time")


def recipes(arguments: list[str]) -> None:
    """List the recipes: configurations with known scores, for `tfmodels fit TASK --config NAME`."""
    subcommands.parser("recipes", recipes).parse_args(arguments)

    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    table = Table(Column("recipe", no_wrap=True), Column("task", no_wrap=True), *_COLUMNS[1:])
    for name in recipe_files.names():
        header = recipe_files.read(name).get("recipe", {})
        table.add_row(*(Text(str(cell)) for cell in (name, *(header.get(column, "") for column in _COLUMNS))))
    Console().print(table)

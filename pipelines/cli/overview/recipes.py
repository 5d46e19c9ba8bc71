"""`tfmodels recipes`: the configurations included in the package."""

from pipelines.cli import subcommands
from pipelines.progress.consoles import console
from pipelines.runs import recipe_files

_COLUMNS = ("task", "data", "score", "time")


def recipes(arguments: list[str]) -> None:
    """List the recipes: configurations with known scores, for `tfmodels fit TASK --config NAME`."""
    subcommands.parser("recipes", recipes).parse_args(arguments)

    from pipelines.runs.reports import terminal

    rows = []
    for name in recipe_files.names():
        header = recipe_files.read(name).get("recipe", {})
        rows.append([name, *(str(header.get(column, "")) for column in _COLUMNS)])
    terminal.show_table(console(), "", ["recipe", *_COLUMNS], rows)

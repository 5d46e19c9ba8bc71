"""`python -m tfmodels`: the `tfmodels` command."""

import sys

from tfmodels import own_pipelines


def main() -> int:
    """Runs the command, also where another `pipelines` lies in the working directory or on the path.

    Returns:
        The exit status.
    """
    sys.path.insert(0, str(own_pipelines.ROOT))  # for good: child processes take over the path
    own_pipelines.import_pipelines()

    from pipelines.cli.main import main as command

    return command()


if __name__ == "__main__":
    sys.exit(main())

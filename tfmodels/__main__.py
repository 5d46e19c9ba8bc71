"""`python -m tfmodels`: the `tfmodels` command."""

import os
import sys

from tfmodels import own_pipelines

_STOPPED = (130, 143)  # interrupted, terminated


def main() -> int:
    """Runs the command, also where another `pipelines` lies in the working directory or on the path.

    Returns:
        The exit status.
    """
    sys.path.insert(0, str(own_pipelines.ROOT))  # for good: child processes take over the path
    own_pipelines.import_pipelines()

    from pipelines.cli.main import main as command

    status = command()
    if status in _STOPPED:  # Python would wait for threads, such as one in which a model never answers
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(status)
    return status


if __name__ == "__main__":
    sys.exit(main())

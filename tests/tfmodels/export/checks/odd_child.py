"""Stands in for the child process of `isolated_findings`: the real one, but for what it runs."""

import os
import sys
import time
from pathlib import Path

from tfmodels.export.checks import run_child
from tfmodels.export.checks.finding import Finding


def run(version):
    """Does what the name of the version says."""
    (version / f"pid-{os.getpid()}").mkdir()
    match version.name:
        case "aborts":
            os.abort()
        case "exits":
            os._exit(3)
        case "hangs":
            time.sleep(600)
        case "eats":
            eaten = []
            while True:
                eaten.append(bytearray(2**24))
        case "writes":
            (version / "written").write_text("written")
        case "raises":
            raise KeyError("\udcff")
        case "environment":
            return [Finding("finite", "", name, value, "") for name, value in os.environ.items()]
        case "prints":
            os.write(1, b"printed" * 100_000)
            print("printed")
    return [Finding("finite", "serving_default", "output 'y'", f"{number}, \udcff", "clip it") for number in range(999)]


if __name__ == "__main__":
    run_child.run, run_child._MEMORY = run, 2**28
    run_child._confine = lambda version: None  # what it does is seen in files
    run_child.main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

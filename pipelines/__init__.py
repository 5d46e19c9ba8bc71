"""The tasks, and the `tfmodels` command that runs them.

A task is a module that defines `Config`, a frozen dataclass, and plain functions that take it: `prepare`, `datasets`,
`model`, `fit`, `evaluate`, `endpoints`, `requests`, `answers`, `explain`. It reads top to bottom as a Keras script.
`tfmodels fit TASK` finds the module, fills its `Config` from the command line and trains into a run, a folder under
`runs/`; all others read from that folder which task made it. A module of your own works like those here, if its name
is typed: `--task my_task.py`, `pipelines.load("my_run", task="my_task.py")`. No file has code imported but that of this
package.

The same from Python:

    ```python
    import pipelines
    from pipelines import runs
    from pipelines.translation import task as translation

    config = translation.Config()
    run = runs.create("translation", config)
    translation.prepare(config, run)
    translation.fit(config, run)

    pipelines.load("translation").predict(["Good morning!"])  # the run, or an export of it
    ```
"""

from typing import TYPE_CHECKING

from tfmodels.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from pipelines.runs.explanation import Explanation as Explanation
    from pipelines.runs.predictor import Predictor as Predictor
    from pipelines.runs.predictor import load as load
    from pipelines.runs.report import Report as Report
    from pipelines.runs.run_folders import Run as Run
    from pipelines.runs.servable import Servable as Servable

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_exports(__name__, __file__)

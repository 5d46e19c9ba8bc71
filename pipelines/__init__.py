"""The tasks, and the `tfmodels` command that runs them.

A task is a module that defines `Config`, a frozen dataclass, and plain functions that take it: `prepare`, `datasets`,
`model`, `fit`, `evaluate`, `endpoints`, `requests`, `answers`, `explain`. It reads top to bottom as a Keras script.
`tfmodels fit TASK` finds the module, fills its `Config` from the command line and trains into a run, a folder under
`runs/`; every other verb reads from that folder which task made it. A module of your own is as good as those here.

The same from Python:

    ```python
    import pipelines
    from pipelines import runs, translation

    config = translation.Config()
    run = runs.create("pipelines.translation", config)
    translation.prepare(config, run)
    translation.fit(config, run)

    pipelines.load("translation").predict(["Good morning!"])  # the run, or an export of it
    ```
"""

from tfmodels.lazy_exports import lazy_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {"Explanation": "explanation", "Predictor": "predictor", "Run": "runs", "Served": "served", "load": "predictor"},
)

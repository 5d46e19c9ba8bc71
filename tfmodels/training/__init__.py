"""Training: options, strategy, train step, optimizer, schedules, batches, checkpoints."""

from tfmodels.lazy_exports import lazy_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "AdamW": "optimizers",
        "BatchMeasurement": "batch_budget",
        "BatchTrial": "batch_budget",
        "Checkpoints": "checkpoints",
        "InverseSquareRoot": "schedules",
        "LearningRateRange": "learning_rate_range",
        "Objective": "objective",
        "Options": "options",
        "Series": "series_rows",
        "SeriesRows": "series_rows",
        "TokenBatches": "token_batches",
        "TokenRows": "token_rows",
        "Trainer": "trainer",
        "WindowBatches": "window_batches",
        "Windows": "windows",
        "copy_weights": "start_from",
        "dtype_policy": "precision",
        "find_learning_rate": "learning_rate_range",
        "fit": "fitting",
        "generated_dataset": "generated_batches",
        "is_started": "checkpoints",
        "measure_batches": "batch_measurement",
        "replicas": "strategy",
        "restore_best": "checkpoints",
        "run_in_child": "child_process",
        "scope": "strategy",
        "smoothed_cross_entropy": "losses",
        "try_batch_budgets": "batch_budget",
        "validate": "fitting",
        "weights_by_name": "start_from",
    },
)

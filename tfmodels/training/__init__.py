"""Training: options, strategy, train step, optimizer, schedules, batches, checkpoints."""

from tfmodels.lazy_exports import lazy_exports

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "AdamW": "optimizers",
        "Checkpoints": "checkpoints",
        "InverseSquareRoot": "schedules",
        "Options": "options",
        "TokenBatches": "token_batches",
        "TokenRows": "token_rows",
        "Trainer": "trainer",
        "copy_weights": "start_from",
        "dtype_policy": "precision",
        "fit": "fitting",
        "is_started": "checkpoints",
        "replicas": "strategy",
        "restore_best": "checkpoints",
        "scope": "strategy",
        "smoothed_cross_entropy": "losses",
        "validate": "fitting",
        "weights_by_name": "start_from",
    },
)

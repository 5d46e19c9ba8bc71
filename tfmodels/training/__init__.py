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
        "dtype_policy": "precision",
        "fit": "fitting",
        "replicas": "strategy",
        "restore_best": "checkpoints",
        "scope": "strategy",
        "smoothed_cross_entropy": "losses",
        "validate": "fitting",
    },
)

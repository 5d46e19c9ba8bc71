"""How to train: the options that every task shares."""

from dataclasses import dataclass

_CHOICES = {
    "optimizer": ("adamw", "adam", "rmsprop", "adagrad", "sgd"),
    "schedule": ("constant", "inverse_sqrt", "cosine", "plateau"),
    "precision": ("float32", "bfloat16", "float16"),
}

_TRANSFORMERS = ("transformer",)
_RECURRENT = ("lstm", "attention-lstm", "hierarchical")


@dataclass(frozen=True)
class Options:
    """Options of the training.

    Attributes:
        epochs: Passes over the training data; ignored when `steps` is not 0. On the command line and in a file epochs
            without steps set `steps` to 0.
        steps: Number of updates; 0 takes `epochs`. Rounded up to whole intervals.
        interval: Steps between two validations and checkpoints; 0 takes one epoch, at most 500 steps.
        batch_tokens: Most tokens of a batch, padding included, on the longer of its two sides. Of series: steps, on the
            longer of history and horizon.
        accumulate: Batches whose gradients make one update: as large a batch as `batch_tokens` allows, so many times.
        optimizer: `adamw`, `adam`, `rmsprop`, `adagrad` or `sgd`.
        learning_rate: Highest learning rate, reached at the end of the warm-up.
        schedule: After the warm-up: `constant`, `inverse_sqrt`, `cosine` (to nearly zero at the last step) or
            `plateau` (reduced when the validation loss is no longer better).
        warmup_steps: Steps of linear increase from zero.
        plateau_patience: Validations without a better one before `plateau` reduces the rate.
        plateau_factor: What it multiplies the rate with.
        weight_decay: Decoupled weight decay, of matrices only: biases and norms are left out. Not with `adam`.
        beta_2: Decay of the second moment of `adamw` and `adam`.
        momentum: Of `sgd` and `rmsprop`.
        clip_norm: Highest global norm of the gradient; 0 does not clip.
        clip_value: Highest absolute value of an element of the gradient, cut before its norm is; 0 does not clip.
        label_smoothing: Share of the target distribution spread over the whole vocabulary.
        ema_decay: Decay of the moving average of the weights, which is what is validated, kept as best and exported;
            0 uses the weights themselves.
        average_checkpoints: At the end try the mean of the weights after so many last intervals, and keep it where its
            validation is the best; 0 does not.
        patience: Stop after so many validations without a better one; 0 never stops early.
        seed: Of the weights, the order of the data and the dropout.
        replicas: Devices to train on; 0 takes all. More than the machine has splits its CPU.
        precision: `float32`, `bfloat16` or `float16` (with loss scaling); refused where it would be wrong or slower.
        recompute: Keep only the input of each layer of a Transformer for the backward pass, which computes the rest
            again: less memory for more time, the same weights.
        xla: Let XLA compile the loops of LSTMs and of their gradients: about a fifth less time, but some seconds for
            each new shape of a batch. It pays for series, which are of one shape, and in long trainings on texts.
    """

    epochs: int = 30
    steps: int = 0
    interval: int = 0
    batch_tokens: int = 4096
    accumulate: int = 1
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    schedule: str = "inverse_sqrt"
    warmup_steps: int = 1000
    plateau_patience: int = 2
    plateau_factor: float = 0.5
    weight_decay: float = 0.0
    beta_2: float = 0.98
    momentum: float = 0.9
    clip_norm: float = 1.0
    clip_value: float = 0.0
    label_smoothing: float = 0.1
    ema_decay: float = 0.999
    average_checkpoints: int = 0
    patience: int = 0
    seed: int = 1
    replicas: int = 0
    precision: str = "float32"
    recompute: bool = False
    xla: bool = False

    def __post_init__(self) -> None:
        """Refuses values that would only fail, or silently do nothing, hours later."""
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            _expect(name, value, value in choices, f"one of {', '.join(choices)}")
        for name in (
            *("steps", "interval", "warmup_steps", "weight_decay", "clip_norm", "clip_value"),
            *("average_checkpoints", "patience", "seed", "replicas"),
        ):
            _expect(name, getattr(self, name), getattr(self, name) >= 0, "at least 0")
        for name in ("epochs", "batch_tokens", "accumulate", "learning_rate", "plateau_patience", "plateau_factor"):
            _expect(name, getattr(self, name), getattr(self, name) > 0, "more than 0")
        for name in ("label_smoothing", "ema_decay", "beta_2", "momentum", "plateau_factor"):
            _expect(name, getattr(self, name), 0 <= getattr(self, name) < 1, "in [0, 1)")
        if self.optimizer == "adam":
            _expect("weight_decay", self.weight_decay, self.weight_decay == 0, "0 with adam; adamw decays")

    def check_family(self, model: str) -> None:
        """Refuses what a family of models cannot do; a task's `Config` calls it when it is made.

        Args:
            model: The family.

        Raises:
            ValueError: If activations are to be recomputed and it is no `transformer`, or loops compiled that it lacks.
        """
        for mode, able in {"recompute": _TRANSFORMERS, "xla": _RECURRENT}.items():
            if getattr(self, mode) and model not in able:
                raise ValueError(
                    f"Expected training.{mode} with model={' or '.join(able)} only. "
                    f"Received: {mode}=True, model={model}"
                )


def _expect(name: str, value: object, holds: bool, expected: str) -> None:
    if not holds:
        raise ValueError(f"Expected training.{name} to be {expected}. Received: {name}={value}")

"""How to train: the options that every task shares."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """Options of the training.

    Attributes:
        epochs: Passes over the training data; ignored when `steps` is given.
        steps: Number of updates; 0 takes `epochs`. Rounded up to whole intervals.
        interval: Steps between two validations and checkpoints; 0 takes one epoch, at most 500 steps.
        batch_tokens: Most tokens of a batch, padding included, on the longer of its two sides.
        learning_rate: Highest learning rate, reached at the end of the warm-up.
        schedule: Decay after the warm-up, `inverse_sqrt` or `cosine` (to nearly zero at the last step).
        warmup_steps: Steps of linear increase from zero.
        weight_decay: Decoupled weight decay, of matrices only: biases and norms are left out.
        beta_2: Decay of the second moment of AdamW.
        clip_norm: Highest global norm of the gradient; 0 does not clip.
        label_smoothing: Share of the target distribution spread over the whole vocabulary.
        ema_decay: Decay of the moving average of the weights, which is what is validated, kept as best and exported;
            0 uses the weights themselves.
        patience: Stop after so many validations without a better one; 0 never stops early.
        seed: Of the weights, the order of the data and the dropout.
        replicas: Devices to train on; 0 takes all. More than the machine has splits its CPU.
        precision: `float32`, `bfloat16` or `float16` (with loss scaling); refused where it would be wrong or slower.
    """

    epochs: int = 30
    steps: int = 0
    interval: int = 0
    batch_tokens: int = 4096
    learning_rate: float = 1e-3
    schedule: str = "inverse_sqrt"
    warmup_steps: int = 1000
    weight_decay: float = 0.0
    beta_2: float = 0.98
    clip_norm: float = 1.0
    label_smoothing: float = 0.1
    ema_decay: float = 0.999
    patience: int = 0
    seed: int = 1
    replicas: int = 0
    precision: str = "float32"

    def __post_init__(self) -> None:
        """Refuses values that would only fail, or silently do nothing, hours later."""
        _expect("schedule", self.schedule, self.schedule in ("inverse_sqrt", "cosine"), "inverse_sqrt or cosine")
        _expect(
            "precision",
            self.precision,
            self.precision in ("float32", "bfloat16", "float16"),
            "float32, bfloat16 or float16",
        )
        for name in ("steps", "interval", "warmup_steps", "weight_decay", "clip_norm", "patience", "seed", "replicas"):
            _expect(name, getattr(self, name), getattr(self, name) >= 0, "at least 0")
        for name in ("epochs", "batch_tokens", "learning_rate"):
            _expect(name, getattr(self, name), getattr(self, name) > 0, "more than 0")
        for name in ("label_smoothing", "ema_decay", "beta_2"):
            _expect(name, getattr(self, name), 0 <= getattr(self, name) < 1, "in [0, 1)")


def _expect(name: str, value: object, holds: bool, expected: str) -> None:
    if not holds:
        raise ValueError(f"Expected training.{name} to be {expected}. Received: {name}={value}")

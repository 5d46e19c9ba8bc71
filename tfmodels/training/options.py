"""How to train: the options that every task shares."""

from dataclasses import dataclass
from typing import Literal

from tfmodels.checked_options import OptionError, check, option

# What a family's layers can do -> the families
_MODES = {
    "recompute": ("transformer",),
    "xla": ("lstm", "attention_lstm", "hierarchical"),
}


@dataclass(frozen=True)
class Options:
    """Options of the training.

    Attributes:
        epochs: Passes over the training data; ignored when `steps` is not 0. On the command line and in a file, giving
            `epochs` without `steps` sets `steps` to 0.
        steps: Number of updates, rounded up to a whole number of evaluations; 0 trains for `epochs`.
        interval: Steps between two evaluations. An evaluation measures the validation data and saves a checkpoint. 0 is
            one epoch, at most 500 steps.
        batch_tokens: Maximum number of tokens in a batch, padding included: of texts to classify their tokens, of pairs
            of texts the tokens of the longer of source and target, of series the steps of the longer of history and
            horizon.
        accumulate: Number of batches whose gradients are summed for one update. It multiplies the batch size without
            needing more memory.
        optimizer: `adamw`, `adam`, `rmsprop`, `adagrad` or `sgd`.
        learning_rate: Peak learning rate, reached at the end of the warm-up.
        schedule: Learning rate after the warm-up: `constant`, `inverse_sqrt`, `cosine` (to nearly zero at the last
            step) or `plateau` (reduced when the validation loss stops improving).
        warmup_steps: Steps of linear increase from zero.
        plateau_patience: Evaluations without improvement of the validation loss before `plateau` reduces the learning
            rate.
        plateau_factor: Factor by which the schedule `plateau` multiplies the learning rate.
        weight_decay: Decoupled weight decay, applied to matrices but not to biases and norms. Must be 0 with `adam`.
        beta_2: Decay of the second moment of `adamw` and `adam`.
        momentum: Momentum of `sgd` and `rmsprop`.
        clip_norm: Maximum global norm of the gradient; 0 does not clip.
        clip_value: Maximum absolute value of each element of the gradient, applied before `clip_norm`; 0 does not clip.
        label_smoothing: Share of the target distribution that is spread over the whole vocabulary or over all classes;
            forecasts of values do without it.
        r_drop: Weight of R-Drop: each row is predicted twice, with different dropout, and how far the two answers are
            apart is added to the loss. About twice the time and memory of a step. For texts, with some dropout; 1 to 5
            are common, 0 predicts once.
        ema_decay: Decay of the exponential moving average of the weights. The averaged weights are the ones that are
            evaluated, kept as best and exported. 0 uses the weights themselves.
        average_checkpoints: After training, average the weights of this many last evaluations and keep the average if
            its validation loss is the lowest; 0 does not.
        patience: Stop after this many evaluations without improvement of the validation loss; 0 never stops early.
        seed: Seed of the initial weights, the order of the data and the dropout.
        replicas: Devices to train on; 0 uses all GPUs, or the CPU if there is none. On a machine without GPUs a number
            above 1 splits the CPU.
        precision: `float32`, `bfloat16` or `float16` (with loss scaling). Refused on hardware that only emulates it.
        recompute: Keep only the input of each Transformer layer for the backward pass and compute the rest again: less
            memory, more time, the same weights. Only with `model=transformer`.
        xla: Compile the loops of LSTMs and of their gradients with XLA: about a fifth less time per step, but some
            seconds of compilation for each new batch shape. Worth it for series, whose batches all have one shape, and
            for long trainings on text. Only with models made of LSTMs.
    """

    epochs: int = option(30, least=1)
    steps: int = option(0, least=0)
    interval: int = option(0, least=0)
    batch_tokens: int = option(4096, least=1)
    accumulate: int = option(1, least=1)
    optimizer: Literal["adamw", "adam", "rmsprop", "adagrad", "sgd"] = "adamw"
    learning_rate: float = option(1e-3, above=0)
    schedule: Literal["constant", "inverse_sqrt", "cosine", "plateau"] = "inverse_sqrt"
    warmup_steps: int = option(1000, least=0)
    plateau_patience: int = option(2, least=1)
    plateau_factor: float = option(0.5, above=0, below=1)
    weight_decay: float = option(0.0, least=0)
    beta_2: float = option(0.98, least=0, below=1)
    momentum: float = option(0.9, least=0, below=1)
    clip_norm: float = option(1.0, least=0)
    clip_value: float = option(0.0, least=0)
    label_smoothing: float = option(0.1, least=0, below=1)
    r_drop: float = option(0.0, least=0)
    ema_decay: float = option(0.999, least=0, below=1)
    average_checkpoints: int = option(0, least=0)
    patience: int = option(0, least=0)
    seed: int = option(1, least=0, below=2**32)
    replicas: int = option(0, least=0)
    precision: Literal["float32", "bfloat16", "float16"] = "float32"
    recompute: bool = False
    xla: bool = False

    def __post_init__(self) -> None:
        """Refuses values that would only fail, or have no effect, hours later."""
        check(self)
        if self.optimizer == "adam" and self.weight_decay != 0:
            raise OptionError(
                "weight_decay", "to be 0 with optimizer=adam (adamw decays the weights)", self.weight_decay
            )

    def check_model(self, model: str) -> None:
        """Refuses options that the layers of a model do not have; a task's `Config` calls it when it is made.

        Args:
            model: The family of models, such as `transformer`.

        Raises:
            OptionError: `recompute` with a model other than a Transformer, or `xla` with one that has no LSTM.

        Example:
            `Options(recompute=True).check_model("lstm")` raises
        """
        for mode, families in _MODES.items():
            if getattr(self, mode) and model not in families:
                able = ", ".join(families)
                raise OptionError(f"training.{mode}", f"to be left out with model={model} (it is for {able})", True)

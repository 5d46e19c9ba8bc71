import math
from dataclasses import FrozenInstanceError

import pytest

from tfmodels.training import Options


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("optimizer", "adan", "one of adamw, adam, rmsprop, adagrad, sgd"),
        ("schedule", "linear", "one of constant, inverse_sqrt, cosine, plateau"),
        ("precision", "float64", "one of float32, bfloat16, float16"),
        *((name, -1, "at least 0") for name in ("steps", "interval", "warmup_steps", "patience", "replicas", "seed")),
        *((name, -0.1, "at least 0") for name in ("weight_decay", "clip_norm", "clip_value", "average_checkpoints")),
        *((name, 0, "more than 0") for name in ("epochs", "batch_tokens", "learning_rate", "accumulate")),
        *((name, 0, "more than 0") for name in ("plateau_patience", "plateau_factor")),
        *(
            (name, value, r"in \[0, 1\)")
            for name in ("label_smoothing", "ema_decay", "beta_2", "momentum")
            for value in (-0.1, 1.0)
        ),
        ("learning_rate", math.nan, "more than 0"),
        ("clip_norm", math.nan, "at least 0"),
        ("ema_decay", math.nan, r"in \[0, 1\)"),
    ],
)
def test_refuses(name, value, expected):
    with pytest.raises(ValueError, match=rf"Expected training\.{name} to be {expected}\. Received: {name}={value}"):
        Options(**{name: value})


@pytest.mark.parametrize(
    "limits",
    [
        {"steps": 0, "interval": 0, "warmup_steps": 0, "patience": 0, "replicas": 0, "weight_decay": 0, "clip_norm": 0},
        {"epochs": 1, "batch_tokens": 1, "learning_rate": 1e-9, "label_smoothing": 0, "ema_decay": 0, "beta_2": 0},
    ],
)
def test_takes_the_limits(limits):
    options = Options(**limits)
    assert {name: getattr(options, name) for name in limits} == limits


def test_adam_does_not_decay_in_silence():
    with pytest.raises(ValueError, match=r"weight_decay to be 0 with adam; adamw decays\. Received: weight_decay=0\.1"):
        Options(optimizer="adam", weight_decay=0.1)


def test_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Options().epochs = 2


@pytest.mark.parametrize(("mode", "able", "unable"), [("recompute", "transformer", "lstm"), ("xla", "lstm", "linear")])
def test_a_mode_is_refused_where_the_family_lacks_it(mode, able, unable):
    Options(**{mode: True}).check_family(able)
    Options().check_family(unable)
    with pytest.raises(ValueError, match=rf"training\.{mode} with model={able}.*Received: {mode}=True, model={unable}"):
        Options(**{mode: True}).check_family(unable)

import math
import re
from dataclasses import FrozenInstanceError

import pytest

from tfmodels.checked_options import OptionError
from tfmodels.training import Options


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("optimizer", "adan", "one of adamw, adam, rmsprop, adagrad, sgd"),
        ("schedule", "linear", "one of constant, inverse_sqrt, cosine, plateau"),
        ("precision", "float64", "one of float32, bfloat16, float16"),
        *((name, -1, "at least 0") for name in ("steps", "interval", "warmup_steps", "patience", "replicas")),
        *((name, -0.1, "at least 0") for name in ("weight_decay", "clip_norm", "clip_value", "r_drop")),
        ("average_checkpoints", -1, "at least 0"),
        *(("seed", value, "at least 0 and below 4294967296") for value in (-1, 2**32)),
        *((name, 0, "at least 1") for name in ("epochs", "batch_tokens", "accumulate", "plateau_patience")),
        ("learning_rate", 0, "above 0"),
        *(("plateau_factor", value, "above 0 and below 1") for value in (0, 1.0)),
        *(
            (name, value, "at least 0 and below 1")
            for name in ("label_smoothing", "ema_decay", "beta_2", "momentum")
            for value in (-0.1, 1.0)
        ),
        ("learning_rate", math.nan, "finite and above 0"),
        ("learning_rate", math.inf, "finite and above 0"),
        ("clip_norm", math.nan, "finite and at least 0"),
        ("ema_decay", math.nan, "finite and at least 0 and below 1"),
        ("steps", 2.5, "a whole number"),
        ("xla", 1, "true or false"),
    ],
)
def test_refuses(name, value, expected):
    message = f"Expected {name} to be {expected}. Received: {name}={value!r}"
    with pytest.raises(OptionError, match=f"^{re.escape(message)}$"):
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
    with pytest.raises(ValueError, match=r"weight_decay to be 0 with .*adam.*Received: weight_decay=0\.1"):
        Options(optimizer="adam", weight_decay=0.1)


def test_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Options().epochs = 2


@pytest.mark.parametrize(
    ("mode", "able", "unable"),
    [("recompute", "transformer", "lstm"), ("xla", "lstm", "linear"), ("xla", "attention_lstm", "transformer")],
)
def test_a_mode_is_refused_where_the_model_lacks_it(mode, able, unable):
    Options(**{mode: True}).check_model(able)
    Options().check_model(unable)
    expected = rf"training\.{mode} to be left out with model={unable}.*{able}.*Received: training\.{mode}=True"
    with pytest.raises(OptionError, match=expected):
        Options(**{mode: True}).check_model(unable)

"""Options from Python are those of the command line, which a report names."""

import pickle
import threading
from copy import deepcopy

import numpy as np
import pandas as pd
import pytest

import tfmodels
from pipelines.classification import task as classification
from pipelines.forecasting import task as forecasting
from pipelines.runs import settings
from pipelines.runs.frames import python_options
from pipelines.translation import task as translation
from tfmodels import option_lists
from tfmodels.models.lstm_options import LSTMForecasterOptions
from tfmodels.training import Options


@pytest.mark.parametrize(
    ("task", "options"),
    [
        (forecasting, {"horizon": 24, "data": "my load.csv", "training": {"steps": 5}}),
        (classification, {"separator": "-", "wide": True, "text": "", "class_weights": "a=1.5"}),
        (translation, {"training": Options(steps=7, warmup_steps=3), "source": "fr"}),
        (forecasting, {"model": "lstm", "lstm": LSTMForecasterOptions(patch=1), "data": "a.csv"}),
        (forecasting, {"training.steps": 5, "missing": "?,-200", "decimal": ","}),
    ],
)
def test_keyword_arguments_are_options(task, options):
    words = python_options.arguments(task.Config, options)
    parser = settings.parser(task.Config, prog="test")
    found = settings.build(task.Config, settings.parse(parser, task.Config, words))
    for name, value in options.items():
        group, _, member = name.partition(".")
        given = getattr(getattr(found, group), member) if member else getattr(found, name)
        if isinstance(value, dict):
            assert {key: getattr(given, key) for key in value} == value
        else:
            assert given == value
    assert python_options.arguments(task.Config, {}) == []


@pytest.mark.parametrize(
    "names", [["shop"], ["shop", "a, b"], ("shop", "a, b"), np.array(["shop"]), pd.Series(["shop", "x"])]
)
def test_columns_may_be_a_list(names):
    (_, text) = python_options.arguments(forecasting.Config, {"series": names})
    assert option_lists.split(text) == list(names)


@pytest.mark.parametrize("name", [name for name in dir(tfmodels) if hasattr(getattr(tfmodels, name), "set_params")])
def test_what_is_loaded_is_not_pickled(name):
    model = getattr(tfmodels, name)(training={"steps": 5})
    model._predictor = threading.Lock()
    assert pickle.loads(pickle.dumps(model)).get_params() == deepcopy(model).get_params() == model.get_params()


def test_a_recipe_is_replaced_by_options():
    words = python_options.arguments(forecasting.Config, {"horizon": 12}, "i94_traffic")
    assert words == ["--config", "i94_traffic", "--horizon", "12"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tfmodels.Forecaster(horizn=6), r"options of Forecaster\. Received: horizn \(did you mean horizon\?\)"),
        (lambda: tfmodels.Classifier(training={"step": 1}), r"did you mean training\.steps"),
        (lambda: tfmodels.Translator(sorce="en"), "did you mean source"),
        (lambda: tfmodels.Forecaster(training=5), "options of training"),
    ],
)
def test_unknown_options_are_refused_with_the_nearest_name(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("or delete that run with --overwrite.", "or delete that run with overwrite=True."),
        ("such as --run load-2, or", 'such as run="load-2", or'),
        ("With --on_bad drop or --on_bad warn: it", 'With on_bad="drop" or on_bad="warn": it'),
        ("--decimal and --thousands; --time '' --missing=x", "decimal and thousands; time='' missing=\"x\""),
        ("none, runs/.frames/0a1b.parquet, row 3", "none, the frame, row 3"),
        ("Received: data='runs/.frames/0a1b.parquet'; there", "Received: data='the frame'; there"),
        ("data: runs/.frames/0a.parquet in the run, b now", "data: runs/.frames/0a.parquet in the run, b now"),
    ],
)
def test_messages_have_the_words_of_python(said, expected):
    assert python_options.in_python(said) == expected

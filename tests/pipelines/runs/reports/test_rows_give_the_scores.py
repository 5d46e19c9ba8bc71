"""What `tfmodels compare` resamples gives the scores that reports have, of every task."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.classification import classification_report, predictions
from pipelines.classification import row_metrics as of_classes
from pipelines.clinical.heads import class_report, number_report
from pipelines.clinical.reports import risk_report
from pipelines.forecasting import direction_scoring, window_scores
from pipelines.forecasting import row_metrics as of_windows
from pipelines.forecasting.window_forecasts import Forecasts
from pipelines.question_answering import scores as of_questions
from pipelines.sources.questions.question import Answer, Question
from pipelines.sources.text.pair import Pair
from pipelines.summarization import scores as of_summaries
from pipelines.translation import scores as of_translations
from tfmodels import metrics

SEED = st.integers(0, 10**6)
LEVELS = (0.1, 0.5, 0.9)


def agree(rows, scores):
    """The numbers of rows give each of the scores that is a number."""
    known = {name: score for name, score in scores.items() if score is not None and np.isfinite(score)}
    assert {name: rows[name].value for name in known} == pytest.approx(known, rel=1e-6, abs=1e-9)
    assert known


@given(SEED, st.booleans())
def test_of_classifiers(seed, several):
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.ones(4) / 2, 30).astype(np.float32)
    labels = random.integers(0, 2, (30, 4)) if several else random.integers(0, 4, 30)
    model = predictions.of_probabilities(labels, probabilities, 0.4)
    scores = {**classification_report._metrics(model, list("abcd")), "loss": model.calibration().nll}
    agree(of_classes.of(model, model), {**scores, "ece_uncalibrated": scores["ece"]})


@given(SEED)
def test_of_forecasts(seed):
    random = np.random.default_rng(seed)
    shape = (24, 3, 2)
    targets = np.where(random.random(shape) < 0.1, np.nan, np.round(random.normal(size=shape), 1))
    quantiles = np.sort(random.normal(size=[*shape, 3]), axis=-1)
    last = np.where(random.random((24, 1, 2)) < 0.1, np.nan, random.normal(size=(24, 1, 2)))
    found = Forecasts(
        np.repeat([0, 1, 2], 8), np.arange(72).reshape(24, 3), last, targets, 1 + random.random((24, 1, 2)),
        random.normal(size=shape), quantiles[..., 1], quantiles,
    )  # fmt: skip
    seasonal, naive = np.array([[1.0, 2.0], [0.0, np.nan], [0.5, 3.0]]), random.normal(size=shape)
    scores = window_scores.scores(found, LEVELS, seasonal, naive)
    assert of_windows.of_values(found, LEVELS, seasonal, naive).keys() == scores.keys()
    agree(of_windows.of_values(found, LEVELS, seasonal, naive), scores)
    found.mean[0], found.median[0] = np.nan, np.nan
    agree(of_windows.of_values(found, LEVELS, seasonal, naive), window_scores.scores(found, LEVELS, seasonal, naive))
    rise, up = targets - last, random.random(shape)
    losses = direction_scoring._losses(rise, up)
    scores = direction_scoring._scores(rise, np.where(np.isnan(rise), 0, up - 0.5))
    agree(of_windows.of_directions(rise, up, losses), scores | {"log_loss": direction_scoring._log_loss(rise, up)})


@given(SEED, st.floats(0.1, 0.9))
def test_of_clinical_series(seed, threshold):
    random = np.random.default_rng(seed)
    label, risks = random.integers(0, 2, 30), np.round(random.random(30), 2)
    agree(risk_report._row_metrics(label, risks, threshold), metrics.risk_scores(label, risks, threshold))
    classes, found = random.integers(0, 3, 30), random.dirichlet(np.ones(3), 30)
    agree(class_report._row_metrics(classes, found), class_report._metrics(classes, found, list("abc")))
    numbers, quantiles = random.normal(size=30), np.sort(random.normal(size=(30, 3)), axis=1)
    rows = number_report._row_metrics(numbers, number_report.Numbers(quantiles[:, 1], quantiles), LEVELS)
    scores = number_report._metrics(numbers, quantiles[:, 1])
    agree(rows, scores | {"pinball": metrics.pinball(numbers[:, None, None], quantiles[:, None, None], LEVELS)})


WORDS = st.lists(st.sampled_from(["a", "dog", "runs", "runs.", "Fast", "ü"]), max_size=6).map(" ".join)


@given(st.lists(st.tuples(WORDS, WORDS, WORDS, WORDS), min_size=1, max_size=5))
def test_of_texts(rows):
    pairs = [Pair(source, target, others=(other,)) for source, target, other, _ in rows]
    outputs = [output for *_, output in rows]
    for found in (of_translations.score(pairs, outputs), of_summaries.score(pairs, outputs)):
        agree(found.row_scores.metrics, found.metrics)
        assert list(found.row_scores.metrics) == list(found.metrics)
        assert found.row_scores.texts[0] == (rows[0][0], rows[0][1], rows[0][3])


@given(st.lists(st.tuples(WORDS, WORDS, st.booleans()), min_size=1, max_size=8))
def test_of_answers_to_questions(rows):
    questions = [Question("who", known, (Answer(known, 0),) if has and known else ()) for known, _, has in rows]
    found = of_questions.score(questions, [answer for _, answer, _ in rows])
    agree(found.row_metrics, found.metrics)
    assert found.row_metrics.keys() == found.metrics.keys()

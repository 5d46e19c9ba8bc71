"""Notes beside measurements, in both families."""

import numpy as np
import pytest

from tfmodels import explain
from tfmodels.models import LSTMEventClassifier, LSTMEventOptions, TransformerEventClassifier, TransformerEventOptions

EVENTS = {
    "time": np.array([[0.0, 2.0, 5.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]], np.float32),
    "variable": np.array([[1, 2, 1], [0, 0, 2], [0, 0, 0]], np.int32),
    "value": np.array([[1.0, np.nan, -2.0], [np.nan, np.nan, 3.0], [np.nan] * 3], np.float32),
    "now": np.array([6.0, 4.0, 3.0], np.float32),
}
NOTES = [[(1.0, [5, 4, 3]), (4.0, [7, 3])], [(2.0, [6, 3])], [(3.0, [4, 3])]]
CASES = {
    "lstm": (LSTMEventClassifier, LSTMEventOptions(d_model=8, note_layers=2)),
    "transformer": (
        TransformerEventClassifier,
        TransformerEventOptions(num_layers=1, d_model=8, num_heads=2, feed_forward_dim=8, note_layers=2),
    ),
}


@pytest.fixture(scope="module", params=CASES)
def model(request):
    family, options = CASES[request.param]
    made = family(2, 1, options, note_tokens=9)
    made.build()
    random = np.random.default_rng(0)
    for weight in made.trainable_weights:
        weight.assign(random.normal(0, 0.4, weight.shape))
    return made


def with_notes(notes, count=2, length=3, left=True):
    """The measurements with notes, padded to a number of notes and of tokens."""
    ids, time = np.zeros([len(notes), count, length], np.int32), np.zeros([len(notes), count], np.float32)
    for row, of in enumerate(notes):
        first = count - len(of) if left else 0
        for place, (hour, tokens) in enumerate(of, start=first):
            ids[row, place, : len(tokens)], time[row, place] = tokens, hour
    return EVENTS | {"note": ids, "note_time": time}


def test_padding_and_the_order_of_notes_change_nothing(model):
    expected = model(with_notes(NOTES)).numpy()
    np.testing.assert_allclose(model(with_notes(NOTES, 4, 5)), expected, atol=1e-5)
    turned = [of[::-1] for of in NOTES]
    np.testing.assert_allclose(model(with_notes(turned, 3, 4, left=False)), expected, atol=1e-5)
    for row in range(3):
        alone = {name: of[row : row + 1] for name, of in with_notes(NOTES, 2, 3).items()}
        np.testing.assert_allclose(model(alone), expected[row : row + 1], atol=1e-5)


def test_every_part_of_a_note_changes_the_answer_and_none_is_an_answer_too(model):
    expected = model(with_notes(NOTES)).numpy()
    for changed in ([(1.0, [5, 6, 3]), NOTES[0][1]], [(3.0, [5, 4, 3]), NOTES[0][1]], NOTES[0][:1], []):
        assert np.abs(model(with_notes([changed, *NOTES[1:]])) - expected)[0].max() > 1e-4
    none = model(with_notes([[], [], []])).numpy()
    assert np.isfinite(none).all() and (np.abs(none - expected) > 1e-4).all()  # of the last row notes are all there is
    np.testing.assert_allclose(model(with_notes([[], [], []], 1, 1)), none, atol=1e-5)


def test_contributions_of_notes_and_measurements_add_up_to_the_logit(model):
    inputs = with_notes(NOTES, 3)
    found = explain.event_contributions(model, inputs, steps=64)
    np.testing.assert_allclose(found.logit, model(inputs)[:, 0], atol=1e-5)
    whole = found.events.numpy().sum(axis=1) + found.notes.numpy().sum(axis=1)
    np.testing.assert_allclose(whole, found.logit - found.base, atol=0.06)  # kinks
    assert not found.notes.numpy()[:, 0].any() and (found.notes.numpy()[:, 2] != 0).all()
    np.testing.assert_allclose(found.note_attention.numpy().sum(axis=1), 1, atol=1e-5)


def test_the_last_note_is_the_moment_where_none_is_named(model):
    inputs = with_notes([[(1.0, [5, 3])], [(2.0, [6, 3])], [(3.0, [4, 3])]])
    inputs["now"] = np.array([5.0, 2.0, 3.0], np.float32)
    expected = model(inputs).numpy()
    del inputs["now"]
    np.testing.assert_allclose(model(inputs), expected, atol=1e-5)


def test_an_odd_width_and_missing_notes_are_refused(model):
    with pytest.raises(ValueError, match="d_model=7"):
        LSTMEventClassifier(2, 1, LSTMEventOptions(d_model=7), note_tokens=9)
    with pytest.raises(ValueError, match="'note', 'note_time'"):
        model(EVENTS)

import pytest
import tensorflow as tf

from tfmodels import export


def test_an_export_of_other_weights_is_refused(lexicon, lexicon_folder, lexicon_endpoint, lexicon_sample):
    samples = {"serving_default": lexicon_sample}
    before = lexicon.weights.numpy()
    with export.SessionRunner(lexicon_folder) as session:
        export.check_parity([lexicon_endpoint], samples, session)
        try:
            lexicon.weights[2].assign(7.0)
            difference = r"'serving_default'.*'weight'.*row=1, in memory=.*7\.0.*in session=.*2\.5"
            with pytest.raises(ValueError, match=difference):
                export.check_parity([lexicon_endpoint], samples, session)
        finally:
            lexicon.weights.assign(before)


def test_an_output_that_depends_on_padding_is_refused(save_text_function):
    def mean_piece_length(text):
        return {"mean": tf.reduce_mean(tf.cast(tf.strings.length(tf.strings.split(text).to_tensor()), tf.float32), 1)}

    with pytest.raises(ValueError, match=r"'mean', row=0, in a batch=.*1\.5.*alone=.*3\.0"):
        save_text_function(mean_piece_length)


@pytest.mark.parametrize(
    ("function", "texts", "complaint"),
    [
        (lambda text: {"y": tf.strings.substr(text, 0, 1)}, ["é", "a"], "valid UTF-8.*row=0"),
        (lambda text: {"y": tf.math.log(tf.cast(tf.strings.length(text), tf.float32))}, ["a", ""], "finite.*row=1"),
        (lambda text: {"y": tf.strings.to_number(text)}, ["1", "x"], "any request.*InvalidArgument"),
        (lambda text: {"y": tf.ensure_shape(text[:1], [None])}, ["a", "b"], "row=1|shape"),
        (lambda text: {"y": text}, ["a"], "at least two rows"),
    ],
    ids=["utf-8", "finite", "assertion", "rows", "single"],
)
def test_bad_outputs_are_refused(function, texts, complaint, save_text_function):
    with pytest.raises(ValueError, match=complaint):
        save_text_function(function, texts=texts)


def test_an_empty_batch_must_give_no_rows(save_text_function):
    def never_empty(text):
        first = tf.cond(tf.size(text) > 0, lambda: text, lambda: tf.constant(["nothing"]))
        return {"y": tf.ensure_shape(first, [None])}

    with pytest.raises(ValueError, match=r"without rows.*\(0,\).*\(1,\)"):
        save_text_function(never_empty)


def test_an_empty_batch_must_not_fail(save_text_function):
    def needs_a_first_row(text):
        return {"y": tf.strings.join([text, tf.strings.substr(text[0], 0, 0)])}

    with pytest.raises(ValueError, match=r"any request.*\[\]"):
        save_text_function(needs_a_first_row)

"""The class has the manners of scikit-learn; its trainings are those of the command. Nothing is trained here."""

import numpy as np
import pandas as pd
import pytest
from fine_texts import TEXTS
from sklearn.base import clone

import tfmodels
from pipelines import runs
from pipelines.runs.frames import python_runs


@pytest.mark.parametrize(
    "labels",
    [[0, 1], [False, True], ["dull", "fine"], [np.int8(3), np.int8(40)], [1.0, 2.5]],
    ids=str,
)
def test_labels_keep_their_type(trained, labels):
    given = [labels[text.startswith("f")] for text in TEXTS]
    classifier = tfmodels.Classifier(validation_share=0.2)
    assert classifier.fit(TEXTS, given) is classifier
    expected = labels[0].item() if isinstance(labels[0], np.generic) else labels[0]
    assert classifier.classes_.tolist() == [getattr(one, "item", lambda one=one: one)() for one in labels]
    for texts in (
        TEXTS,
        np.array(TEXTS),
        pd.Series(TEXTS, index=[1] * len(TEXTS)),
        pd.DataFrame({"text": TEXTS, "id": 1}),
    ):
        found = classifier.predict(texts)
        assert (
            isinstance(found, np.ndarray)
            and found.tolist()[1] == expected
            and type(found.tolist()[1]) is type(expected)
        )
    assert classifier.predict_proba(TEXTS[:2]).tolist() == pytest.approx(np.array([[0.1, 0.9], [1, 0]]))
    assert classifier.score(TEXTS, given) == 1 and classifier.score(TEXTS, given[1:] + given[:1]) == 0
    assert classifier.predict([]).shape == (0,) and classifier.predict_proba([]).shape == (0, 2)


def test_the_same_cell_again_opens_the_run_and_another_is_refused(trained):
    frame = pd.DataFrame({"review": TEXTS, "stars": [5, 1] * 12})

    def make(**options):
        return tfmodels.Classifier(run="reviews", text="review", **options)

    first = make().fit(frame, label="stars")
    again = make().fit(frame.copy(), label="stars")
    assert len(trained) == 1 and again.run_.path == first.run_.path and again.predict(["fine"]).tolist() == [5]
    with pytest.raises(
        ValueError, match=r'(?s)data: runs/\.frames/\w+\.parquet in.*run="reviews-2", or .*overwrite=True'
    ):
        make().fit(frame[:-2], label="stars")
    with pytest.raises(ValueError, match=r"(?s)wide: False in the run, True now.*overwrite=True"):
        make(wide=True).fit(frame, label="stars")
    make().fit(frame[:-2], label="stars", overwrite=True)
    assert len(trained) == 2


def test_options_that_change_no_training_hold_for_a_trained_run(trained):
    labels = [["a", "b"], ["a"]] * 12
    tfmodels.Classifier(separator="|").fit(TEXTS, labels)
    again = tfmodels.Classifier(separator="|", decision={"threshold": 0.7}).fit(TEXTS, labels)
    assert again.run_.config.decision.threshold == 0.7
    assert "--decision.threshold 0.7" in again.report.command and len(trained) == 2  # which reports anew


def test_the_command_of_a_report_repeats_it(trained):
    classifier = tfmodels.Classifier(run="reviews", training={"steps": 7}, wide=True).fit(TEXTS, ["a", "b"] * 12)
    (command,) = trained
    assert command == classifier.report.command
    assert command.startswith(
        "tfmodels fit classification --run reviews --training.steps 7 --wide true --data runs/.frames/"
    )
    config = python_runs._config("classification", command.split()[5:])
    assert config == classifier.run_.config
    assert runs.command_line() == "Python, interactively"


@pytest.mark.parametrize(
    ("fit", "message"),
    [
        (lambda one: one.fit(TEXTS, ["a"]), "as many values for 'label' as for 'text'. Received: 1 and 24"),
        (lambda one: one.fit("text", ["a"]), "a list, an array or a Series. Received: str"),
        (lambda one: one.fit(TEXTS), "a data frame, or the path"),
        (lambda one: one.fit(pd.DataFrame({"text": TEXTS})), "label='label', the frame"),
        (
            lambda one: one.fit([*TEXTS[:-1], None], ["a", "b"] * 12),
            'a text in each row.*the frame, row 24.*on_bad="drop"',
        ),
        (lambda one: one.fit(TEXTS, [*["a", "b"] * 11, None, "a"]), "one label in each row.*the frame, row 23"),
        (lambda one: one.fit(TEXTS, [1, "1"] * 12), "labels of one type. Received: 1 and '1'"),
        (lambda one: one.fit(TEXTS, [["a"]] * 24), "one label for each text, or the option separator"),
        (lambda one: one.fit(TEXTS, np.ones((24, 2))), "one label for each text, or the option separator"),
        (lambda one: one.fit("nowhere.csv"), "nowhere.csv"),
    ],
)
def test_wrong_data_is_refused_in_the_words_of_python(trained, fit, message):
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        fit(tfmodels.Classifier())
    assert not trained and runs.locate("classification") is None


def test_before_fit_and_after_load(trained):
    for call in ("predict", "predict_proba", "explain"):
        with pytest.raises(ValueError, match=r"a Classifier that is trained: call fit\(data\)"):
            getattr(tfmodels.Classifier(), call)(TEXTS)
    tfmodels.Classifier(run="reviews").fit(TEXTS, [1, 0] * 12)
    loaded = tfmodels.Classifier.load("reviews")
    assert loaded.predict(["fine"]).tolist() == ["1"] and len(trained) == 1
    assert loaded.score(["fine", "dull"], [1, 0]) == 1
    flags = tfmodels.Classifier(run="flags").fit(TEXTS, [True, False] * 12)
    assert flags.score(["fine", "dull"], [1, 0]) == 1 and flags.score(["fine", "dull"], np.array([1.0, 1.0])) == 0.5
    with pytest.raises(ValueError, match=r"a run of forecasting\. Received: reviews, which is of classification"):
        tfmodels.Forecaster.load("reviews")
    with pytest.raises(ValueError, match=r"several texts.*Received: 'fine'"):
        loaded.predict("fine")


def test_params_are_those_of_scikit_learn(trained):
    training = {"steps": 7}
    classifier = tfmodels.Classifier(run="a", training=training, wide=True)
    assert classifier.get_params()["training"] is training
    copy = clone(classifier.fit(TEXTS, [0, 1] * 12))
    assert copy.get_params() == classifier.get_params() and copy.run_ is None
    assert classifier.set_params(run="b") is classifier and classifier.run == "b" and classifier.run_ is None
    with pytest.raises(ValueError, match="did you mean wide"):
        classifier.set_params(wid=True)


def test_what_is_shown_in_a_notebook_is_escaped(trained):
    classifier = tfmodels.Classifier(run="<b>").fit(TEXTS, [0, 1] * 12)
    for shown in (classifier, classifier.report, classifier.plot(), python_runs.predictor_of(classifier.run_)):
        html = shown._repr_html_()
        assert "<script" not in html and "<b>" not in html
    assert "&lt;script&gt;" in classifier.report._repr_html_() and "accuracy" in classifier.report._repr_html_()
    assert "no baseline" in classifier._repr_html_()
    lines = repr(classifier.report).splitlines()
    assert lines == [
        "classification: Finder on the validation split",
        "  accuracy  1",
        "There is no baseline for comparison.",
    ]
    assert repr(tfmodels.Classifier()) == "Classifier(run='classification'), not trained"


def test_labels_of_several_are_a_matrix(trained):
    labels = [["a", "b"] if text.startswith("f") else ["a"] for text in TEXTS]
    classifier = tfmodels.Classifier(separator="|").fit(TEXTS, labels)
    assert classifier.classes_.tolist() == ["a", "b"]
    assert classifier.predict(["fine", "dull"]).tolist() == [[0, 1], [1, 0]]
    assert classifier.score(["fine", "dull"], [[0, 1], [1, 1]]) == 0.5

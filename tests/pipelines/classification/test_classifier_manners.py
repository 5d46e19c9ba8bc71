"""What Python users do with objects: copy them, hand them to scikit-learn, change directories, mistake arguments."""

import pickle
import shutil
import threading
from copy import deepcopy

import numpy as np
import pytest
from fine_texts import TEXTS
from sklearn.base import is_classifier
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import tfmodels
from pipelines.classification import task


def test_it_is_pickled_and_copied_without_what_it_loads_again(trained):
    classifier = tfmodels.Classifier(run="a").fit(TEXTS, [1, 0] * 12)
    assert classifier.predict(["fine"]).tolist() == [1]
    classifier._predictor.lock = threading.Lock()  # as unfit to be copied as a graph is
    for copy in (pickle.loads(pickle.dumps(classifier)), deepcopy(classifier)):
        assert copy.predict(["fine"]).tolist() == [1] and copy.get_params() == classifier.get_params()
    with pytest.raises(TypeError, match=r"which tfmodels\.load opens\. Received: a Predictor"):
        pickle.dumps(classifier._predictor)


def test_it_is_a_classifier_of_scikit_learn(trained):
    assert is_classifier(tfmodels.Classifier())
    lower = FunctionTransformer(lambda texts: [text.lower() for text in texts])
    pipeline = make_pipeline(lower, tfmodels.Classifier()).fit([text.upper() for text in TEXTS], [1, 0] * 12)
    assert pipeline.predict(["FINE", "DULL"]).tolist() == [1, 0] and pipeline.score(["FINE"], [1]) == 1
    found = cross_val_score(FixedRun(), np.array(TEXTS), np.array([1, 0] * 12), cv=2, error_score="raise")
    assert found.tolist() == [1, 1]


class FixedRun(tfmodels.Classifier):
    """Another name of the run for each fit."""

    def fit(self, data, labels):
        self.run = f"run-{data[0].partition(' ')[2]}"
        return super().fit(data, labels)


def test_the_working_directory_may_change(trained, tmp_path, monkeypatch):
    classifier = tfmodels.Classifier(run="a").fit(TEXTS, [1, 0] * 12)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert classifier.predict(["fine"]).tolist() == [1] and classifier.report.metrics == {"accuracy": 1}

    def evaluate(config, run, split):
        raise FileNotFoundError(f"Expected a file. Received: data={config.data!r}; there is no such file")

    monkeypatch.setattr(task, "evaluate", evaluate)
    with pytest.raises(FileNotFoundError, match=r"data='the frame'; there is no such file\. The run was trained in /"):
        classifier.evaluate()
    with pytest.raises(ValueError, match=r"the folder of the run, .*/runs/a, which was deleted or moved: call fit"):
        shutil.rmtree(classifier.run_.path)
        classifier.plot()


def test_a_run_that_another_object_replaced_is_not_taken_for_its_own(trained):
    first = tfmodels.Classifier(run="a").fit(TEXTS, ["good", "bad"] * 12)
    tfmodels.Classifier(run="a").fit(TEXTS, ["cat", "dog"] * 12, overwrite=True)
    for call in (first.evaluate, first.export, lambda: first.explain("fine")):
        with pytest.raises(ValueError, match=r"the run a as it was opened\. Received: one of other options or data"):
            call()
    assert len(trained) == 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda one: one.predict({"text": "fine"}), "several texts"),
        (lambda one: one.predict(np.array("fine")), "several texts"),
        (lambda one: one.predict_proba(None), "several texts"),
        (lambda one: one.score([], []), "texts and their labels"),
        (lambda one: one.score(["fine"], ["x"]), r"those of training, 0, 1\. Received: none of them, but 'x'"),
        (lambda one: tfmodels.Classifier.load("a").score(["fine"], [2.5]), "those of training, '0', '1'"),
        (lambda one: one.explain(None), "one text. Received: None of type NoneType"),
        (lambda one: one.explain(["fine"]), "one text"),
        (lambda one: one.evaluate(split="train"), "'validation' or 'test'. Received: split='train'"),
        (lambda one: one.export("serving"), "holds the server's files: choose another folder. Received: serving"),
        (lambda one: one.export(3), "path of a folder. Received: folder=3"),
        (lambda one: tfmodels.Classifier.load(None), "a run: its folder, or its name.*None of type NoneType"),
        *(
            (lambda one, run=run: tfmodels.Classifier(run=run).fit(TEXTS, [1, 0] * 12), "name of a folder under runs/")
            for run in (3, ["a"], "a\nb", "a\0b", "\x1b[31m", "x" * 300, "../a", ".frames", "")
        ),
    ],
)
def test_wrong_arguments_are_refused_in_one_sentence(trained, call, message):
    classifier = tfmodels.Classifier(run="a").fit(TEXTS, [1, 0] * 12)
    with pytest.raises(ValueError, match=rf"^Expected .*{message}"):
        call(classifier)
    assert len(trained) == 1

import contextlib
import csv
import io
import json
import random
import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from small_opinions import BAD, FAMILIES, GOOD, ROWS, SMALL, fit_with

import pipelines
from pipelines import runs
from pipelines.classification import data, network, task, text_classifier
from pipelines.classification.config import DecisionOptions
from pipelines.cli import main
from pipelines.text import vocabulary
from tfmodels import export
from tfmodels.layers import TemperatureScaling
from tfmodels.training.search import learning_rate_range

TEXTS = ["a fine film, not a dull one", "grey", "", "never seen 語", "word " * 40]
PICTURES = ("curves.png", "confusion.png", "calibration.png")

SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in FAMILIES if name != "transformer"]


@pytest.fixture(scope="module", params=["transformer", *SLOW])
def fitted(request, workplace, one_replica):
    """The run, and what training it printed. Once for each family, of the LSTM on two replicas."""
    with contextlib.nullcontext() if request.param == "lstm" else one_replica():
        status, printed = fit_with(request.param, *FAMILIES[request.param])
    assert status == 0, printed
    return runs.load(request.param), printed


@pytest.fixture(scope="module")
def run(fitted):
    return fitted[0]


@pytest.fixture
def one_run(run):
    """The run of one family, for what no family changes."""
    if run.name != "transformer":
        pytest.skip("tested with the Transformer")
    return run


@pytest.fixture(scope="module")
def exported(run):
    """The export's version folder, and what writing it printed."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert main.main(["export", run.name]) == 0
    return Path("saved_models") / run.name / "1", printed.getvalue()


def strict_json(path):
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def table(report, word):
    return next(table for table in report["tables"] if word in table["title"])


def test_fit_reports_on_the_validation_split(fitted):
    run, printed = fitted
    report = strict_json(run.path / "report.json")
    assert (report["task"], report["split"]) == ("classification", "validation")
    assert report["primary"] == {"metric": "accuracy", "higher_is_better": True}
    assert {"accuracy", "macro_f1", "ece", "ece_uncalibrated", "loss"} <= report["metrics"].keys()
    assert report["baselines"].keys() == {
        "majority class", "logistic regression on words and characters", "linear SVM on words and characters"
    }  # fmt: skip
    assert report["baselines"]["majority class"]["accuracy"] == 50
    assert {row[0] for row in table(report, "class")["rows"]} == {"bad", "good"}
    assert {example["kind"] for example in report["examples"]} == {"best", "median", "worst"}
    assert report["parameters"] > 0 and report["train_seconds"] > 0
    assert all((run.path / name).read_bytes().startswith(b"\x89PNG") for name in PICTURES)
    unknown = "tokens unknown to the vocabulary: "
    assert (unknown in printed) == any(unknown in note for note in report["notes"]) == (run.name != "lstm")
    assert "160 texts in" in printed and f"tfmodels export {run.name}" in printed


def test_the_word_that_tells_is_learnt(run):
    assert strict_json(run.path / "report.json")["metrics"]["accuracy"] > 70


def test_the_temperature_is_that_of_the_validation_split(one_run):
    classifier, rows = network.trained(one_run.config, one_run), data.read(one_run.config, one_run, "validation")
    again = TemperatureScaling()
    logits = text_classifier.logits_of(classifier, [row.text for row in rows])
    again.learn(logits, data.targets(rows, classifier.classes, multi_label=False))
    assert float(classifier.temperature.temperature) == pytest.approx(float(again.temperature), rel=1e-4) != 1


@pytest.mark.slow
def test_a_run_ended_before_its_temperature_says_so_and_the_same_command_finishes_it(one_run, capsys):
    report = strict_json(one_run.path / "report.json")
    files = [one_run.path / name for name in ("temperature.npy", "history.json")]
    before = [file.read_bytes() for file in files]
    files[0].unlink()
    assert main.main(["export", one_run.name]) == 2 and "temperature.npy, which the run has" in capsys.readouterr().err
    (one_run.assets / "digests.json").unlink()  # as of an earlier version
    assert main.main(["evaluate", one_run.name]) == 0 and "has no temperature.npy" in capsys.readouterr().err
    assert fit_with(one_run.name, *FAMILIES[one_run.name])[0] == 0
    assert (strict_json(one_run.path / "report.json"), [file.read_bytes() for file in files]) == (report, before)


@pytest.mark.slow
def test_a_use_of_the_test_split_is_logged(one_run):
    assert main.main(["evaluate", one_run.name, "--split", "test"]) == 0
    assert strict_json(one_run.path / "report.test.json")["split"] == "test"
    assert (one_run.path / "test_uses.log").read_text().count("--split test") == 1


def test_the_export_is_checked_and_tells_its_labels(exported, checks_in_this_process, capsys):
    version, printed = exported
    assert ", checked. Next:" in printed and "serving_default" in printed and "explain" in printed
    assert main.main(["check", str(version)]) == 0
    page = (version / "assets.extra/model_card.md").read_text()
    assert "Classifies texts: bad, good." in page
    assert strict_json(version / "assets.extra/tfmodels.json")["columns"] == ["text"]


def test_run_and_export_answer_alike_alone_and_in_a_batch(run, exported):
    in_run, in_export = pipelines.load(run.name), pipelines.load(f"saved_models/{run.name}")
    for endpoint in ("serving_default", "explain"):
        together = in_run.predict(TEXTS, endpoint)
        alone = [in_run.predict([text], endpoint)[0] for text in TEXTS]
        for one, *others in zip(together, alone, in_export.predict(TEXTS, endpoint), strict=True):
            for other in others:
                assert one.keys() == other.keys()
                for name, value in one.items():
                    if name in ("probability", "probabilities", "attention"):
                        np.testing.assert_allclose(value, other[name], rtol=1e-4, atol=1e-5)
                    else:
                        assert value == other[name]


def test_a_text_has_the_same_answers_in_both_forms_of_unicode(exported):
    texts = ["a fine café, not a dull one. ệ", "한국어 fine", "", "Ångström"]
    forms = [[unicodedata.normalize(form, text).encode() for text in texts] for form in ("NFC", "NFD")]
    assert forms[0] != forms[1]
    model = export.load(exported[0].parent)
    for endpoint in ("serving_default", "explain"):
        one, other = (model.call(endpoint, text=form) for form in forms)
        for name in one:
            if name not in ("start", "end"):
                assert one[name].tolist() == other[name].tolist(), name
    spelt = [
        [form[0][start:end] for start, end in zip(answer["start"][0], answer["end"][0], strict=True)]
        for form, answer in ((form, model.call("explain", text=form)) for form in forms)
    ]
    composed, decomposed = ([unicodedata.normalize("NFC", part.decode()) for part in parts] for parts in spelt)
    assert composed == decomposed


def test_odd_texts_have_the_answer_of_what_is_read_of_them(one_run, exported):
    model = pipelines.load(f"saved_models/{one_run.name}")
    odd = ["", " \t\n", "\u3000", "\x00", "fine\x00film", "fine " * 200_000, "x" * 1_000_000]
    like = ["", "", "", "", "fine film", "fine " * 20, "neverseen"]
    for one, other in zip(model.predict(odd), model.predict(like), strict=True):
        assert one["label"] == other["label"] and one["unknown"] == other["unknown"]
        np.testing.assert_allclose(one["probabilities"], other["probabilities"], rtol=1e-4)


def test_an_answer_is_the_most_probable_label(exported):
    answers = export.load(exported[0].parent).call("serving_default", text=[text.encode() for text in TEXTS])
    assert answers["labels"].tolist() == [[b"bad", b"good"]] * len(TEXTS)
    np.testing.assert_allclose(answers["probabilities"].sum(axis=1), 1, rtol=1e-5)
    best = answers["probabilities"].argmax(axis=1)
    assert answers["label"].tolist() == [[b"bad", b"good"][place] for place in best]
    np.testing.assert_allclose(answers["probability"], answers["probabilities"].max(axis=1))


def test_the_report_is_what_the_export_answers(run, exported):
    rows = list(csv.DictReader(Path("opinions/val.csv").read_text().splitlines()))
    answers = pipelines.load(exported[0]).predict([row["text"] for row in rows])
    right = np.array([answer["label"] == row["label"] for answer, row in zip(answers, rows, strict=True)])
    report = strict_json(run.path / "report.json")
    assert report["metrics"]["accuracy"] == pytest.approx(100 * right.mean())
    of_label = [
        answer["probabilities"][answer["labels"].index(row["label"])] for answer, row in zip(answers, rows, strict=True)
    ]
    assert report["metrics"]["loss"] == pytest.approx(-np.log(of_label).mean(), rel=1e-3)
    before = {name: (run.path / name).read_bytes() for name in PICTURES}
    assert main.main(["evaluate", f"saved_models/{run.name}"]) == 0
    assert {name: (run.path / name).read_bytes() for name in PICTURES} == before
    assert (run.path / f"calibration.{run.name}-1.png").is_file()
    again = strict_json(run.path / f"report.{run.name}-1.json")
    assert "loss_uncalibrated" not in again["metrics"]
    assert again["metrics"] == pytest.approx({name: report["metrics"][name] for name in again["metrics"]}, rel=1e-3)


def test_tokens_stand_where_they_say(run, exported):
    texts = ["a fine film, indeed", "", "語 fine", "\x00 a\x00fine  film", "word " * 40]
    answers = export.load(exported[0].parent).call("explain", text=[text.encode() for text in texts])
    width = run.config.max_length
    for name in ("tokens", "start", "end", "attention"):
        assert answers[name].shape == (len(texts), width)
    for row, text in enumerate(texts):
        length = answers["length"][row]
        assert (answers["length"][row] <= width) and not answers["start"][row, length:].any()
        assert not answers["attention"][row, length:].any() and not any(answers["tokens"][row, length:])
        assert (answers["start"][row] <= answers["end"][row]).all() and answers["end"][row].max() <= len(text.encode())
    spelt = [
        b"a fine film, indeed"[start:end] for start, end in zip(answers["start"][0], answers["end"][0], strict=True)
    ]
    assert b"fine" in b"".join(spelt)
    np.testing.assert_allclose(answers["attention"][0].sum(), 1, rtol=1e-3)
    empty = export.load(exported[0].parent).call("explain", text=np.array([], object))
    assert empty["tokens"].shape == (0, width)


def test_files_are_answered(one_run, exported, tmp_path, capsys):
    (tmp_path / "texts.csv").write_text('id,text\n1,"a fine film"\n2,\n')
    (tmp_path / "texts.txt").write_text("a fine film\n\n")
    exported = f"saved_models/{one_run.name}"
    asks = [
        (one_run.name, "texts.csv", "a.csv"),
        (exported, "texts.txt", "b.jsonl"),
        (one_run.name, "texts.txt", "c.txt"),
    ]
    for model, asked, answered in asks:
        assert (
            main.main(["predict", model, "--input", str(tmp_path / asked), "--output", str(tmp_path / answered)]) == 0
        )
    with (tmp_path / "a.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["id", "text", "label", "probability", "p(bad)", "p(good)", "unknown"]
    lines = [json.loads(line) for line in (tmp_path / "b.jsonl").read_text().splitlines()]
    assert [row["text"] for row in rows] == [line["text"] for line in lines] == ["a fine film", ""]
    labels = (tmp_path / "c.txt").read_text().splitlines()
    assert [row["label"] for row in rows] == [line["label"] for line in lines] == labels
    np.testing.assert_allclose([float(row["p(good)"]) for row in rows], [line["p(good)"] for line in lines], rtol=1e-4)
    capsys.readouterr()
    assert main.main(["predict", one_run.name, "a fine film"]) == 0
    assert labels[0] in capsys.readouterr().out


@pytest.mark.slow
def test_unknown_words_are_told(one_run, exported, tmp_path, capsys):
    texts = ["a fine film", "qwertz a fine uiop", "語", "", "fine " * 40 + "語 " * 40]
    shares = [0, 0.5, 1, 0, 0]  # of the fifteen tokens that are read
    for model in (one_run.name, f"saved_models/{one_run.name}"):
        assert [answer["unknown"] for answer in pipelines.load(model).predict(texts)] == shares
        assert main.main(["predict", model, "--", *texts]) == 0
        printed = capsys.readouterr()
        assert len(printed.out.splitlines()) == len(texts)
        assert "in 2 of 5 texts, the first of them text 2" in printed.err
        assert main.main(["predict", model, "--", texts[0]]) == 0
        assert "unknown" not in capsys.readouterr().err
    assert main.main(["explain", one_run.name, texts[1], "--output", str(tmp_path)]) == 0
    assert "50% of the tokens are unknown to the vocabulary: qwertz, uiop" in capsys.readouterr().err
    assert strict_json(tmp_path / "numbers.json")["unknown"] == {"share": 0.5, "tokens": ["qwertz", "uiop"]}


def test_explain_colours_the_words(run, tmp_path):
    text = "a fine film. We saw <b>it</b> & more"
    assert main.main(["explain", run.name, text, "--output", str(tmp_path)]) == 0
    numbers = strict_json(tmp_path / "numbers.json")
    assert numbers["text"] == text and numbers["label"] in ("good", "bad")
    assert {"attention", "integrated gradients"} <= numbers["scores"].keys()
    assert all(len(scores) == len(numbers["tokens"]) for scores in numbers["scores"].values())
    assert (tmp_path / "words.png").read_bytes().startswith(b"\x89PNG")
    page = (tmp_path / "words.html").read_text(encoding="utf-8")
    assert "<b>it" not in page and "&amp;" in page
    assert main.main(["explain", run.name, "", "--output", str(tmp_path)]) == 0


@pytest.mark.slow
def test_a_run_starts_from_the_weights_of_another(one_run, one_replica):
    tuned = f"tuned-{one_run.name}"
    options = ["--start_from", one_run.name, "--training.steps", "1", "--training.interval", "1"]
    with one_replica():
        status, printed = fit_with(tuned, *FAMILIES[one_run.name], *options)
    assert status == 0, printed
    copied = r":\n  pieces: [1-9]\d* kept, 0 new, 0 gone\n  variables: [1-9]\d* copied, 0 newly initialised"
    assert re.search(copied, printed)
    assert f"started from the weights of {one_run.name}" in strict_json(Path("runs") / tuned / "report.json")["notes"]


def test_letters_are_known_to_other_tokens_and_ngrams_are_not(one_run, tmp_path, capsys):
    for split in ("train", "val"):
        (tmp_path / f"{split}.csv").write_text(f"text,label\nfine finest {split},good\nfine rude {split},bad\n")
    config = replace(one_run.config, start_from=one_run.name, data=str(tmp_path))
    other = runs.create("classification", config, "other-tokens")
    task.prepare(config, other)
    started = task.model(config, other)
    started.build()
    network.initialise(config, other, started)
    assert "no row in common: ngrams/weight, spelling/spellings\n" in capsys.readouterr().out
    origin = network.trained(one_run.config, one_run).network
    assert np.any(origin.spelling.weight)
    np.testing.assert_array_equal(started.spelling.weight, origin.spelling.weight)
    fine = [vocabulary.read(run).vocabulary().index("fine") for run in (one_run, other)]
    np.testing.assert_array_equal(origin.spelling.spellings[fine[0]], started.spelling.spellings[fine[1]])
    assert np.any(started.spelling.spellings[fine[1]])


@pytest.mark.slow
def test_a_training_that_is_stopped_ends_as_one_that_is_not(one_run, one_replica, monkeypatch):
    from tfmodels.training.callbacks import saving

    def stopped(self, *arguments):
        original(self, *arguments)
        raise KeyboardInterrupt

    original = saving.Saving.on_epoch_end
    with one_replica():
        with monkeypatch.context() as patch:
            patch.setattr(saving.Saving, "on_epoch_end", stopped)
            assert fit_with("stopped", *FAMILIES["transformer"])[0] == 130
        assert fit_with("stopped", *FAMILIES["transformer"])[0] == 0
    one, other = (strict_json(run / "history.json") for run in (one_run.path, Path("runs/stopped")))
    assert len(one) == 2
    for row, again in zip(one, other, strict=True):
        assert row["val_loss"] == again["val_loss"] and row["train_loss"] == again["train_loss"]


@pytest.mark.slow
def test_texts_with_several_labels(workplace, one_replica, tmp_path):
    draw = random.Random(2)
    for split, count in ROWS.items():
        lines = []
        for number in range(count):
            words = draw.sample([*GOOD[:2], *BAD[:2]], draw.randint(0, 2))
            labels = [name for name, of in (("good", GOOD), ("bad", BAD)) if set(words) & set(of)]
            lines.append(json.dumps({"text": f"{split} {number} {' '.join(words)} thing", "label": labels}))
        (tmp_path / f"{split}.jsonl").write_text("\n".join(lines))
    options = [*SMALL, "--data", str(tmp_path), "--separator", "|", "--class_weights", "balanced"]
    with one_replica():
        status, printed = fit_with("several", *options, "--tokens", "characters", "--max_length", "40")
    assert status == 0, printed
    report = strict_json(Path("runs/several/report.json"))
    assert report["primary"]["metric"] == "micro_f1" and report["metrics"].keys() >= {"subset_accuracy", "macro_f1"}
    assert report["comparisons"].keys() == report["baselines"].keys()
    assert Path("runs/several/confusion.png").read_bytes().startswith(b"\x89PNG")
    run = runs.load("several")
    low = replace(run.config, decision=DecisionOptions(threshold=0.01))
    eager = network.trained(low, run)
    assert task.evaluate(low, run, "validation").baselines == report["baselines"]
    assert eager.answer(tf.constant(["a dull fine thing"]))["label"].numpy()[0] == b"bad|good"
    assert task.endpoints(low, run).card["decoding"] == {"threshold": 0.01}
    model = pipelines.load("several")
    for answer in model.predict(["a fine thing", "a dull fine thing", "thing"]):
        chosen = [label for label, value in zip(answer["labels"], answer["probabilities"], strict=True) if value >= 0.5]
        assert answer["label"] == "|".join(chosen)
        of_each = [max(value, 1 - value) for value in answer["probabilities"]]
        assert answer["probability"] == pytest.approx(np.prod(of_each), rel=1e-4)


def prepared(name, **changes):
    config = replace(task.Config(data="opinions"), **changes)
    run = runs.create("classification", config, name)
    task.prepare(config, run)
    return config, run


def test_class_weights_count_in_the_loss_of_training(one_run):
    config, run = prepared("heavy", class_weights="bad=50")
    objective = task.objective(config, run)
    targets, logits = tf.constant([0, 1]), tf.zeros([2, 2])  # bad, good
    expected = (1 - config.training.label_smoothing) * np.log(2) + config.training.label_smoothing * np.log(2)
    bad, good = objective.loss(targets, logits).numpy()
    assert bad / good == pytest.approx(50, rel=1e-5)
    np.testing.assert_allclose(objective.validation_loss(targets, logits), [expected] * 2, rtol=1e-5)
    bad, good = objective.divergence(targets, logits, tf.constant([[3.0, -1.0]] * 2)).numpy()
    assert bad / good == pytest.approx(50, rel=1e-5)


def test_a_learning_rate_is_searched(one_replica, monkeypatch):
    monkeypatch.setattr(learning_rate_range, "STEPS", 30)
    with one_replica():
        status, printed = fit_with("search", *SMALL, "--find_lr")
    assert status == 0, printed
    assert strict_json(Path("runs/search/find_lr.json"))["rates"]


def test_data_without_a_test_split(two_replicas, capsys, tmp_path):
    (tmp_path / "all.csv").write_bytes(Path("opinions/train.csv").read_bytes())
    config, run = prepared("no-test", data=str(tmp_path / "all.csv"), tokens="words")
    printed = capsys.readouterr().out
    assert "no test split" in printed and "10% of the different texts of each class" in printed
    assert task.datasets(config, run).keys() == {"train", "validation"}
    with pytest.raises(ValueError, match="Expected data with a test split"):
        data.read(config, run, "test")
    of_other = data.notes(config, replace(run, other="other.csv"), ["語 film", "語 語"])  # nothing of its own splits
    assert of_other == ["tokens unknown to the vocabulary: 75.0% in these texts"]

import re
from pathlib import Path

import pytest
import tensorflow as tf
from small_opinions import fit_with

from pipelines.classification import network, task
from pipelines.classification.config import DecisionOptions
from tfmodels.models import HierarchicalClassifier
from tfmodels.training.optimization import precision


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--data", "nowhere"], "file or folder of labelled text"),
        (["--text", "txt"], r"text='txt' \(did you mean text\?\), opinions/train\.csv"),
        (["--classes", "good,best"], r"or of the option classes.*'bad', opinions/train\.csv, line 3"),
        (["--class_weights", "god=3"], r"class_weights='god=3' \(did you mean good\?\)"),
        (["--class_weights", "good=no"], "weights above 0"),
        (["--encoding", "utf-9"], "encoding='utf-9'"),
        (["--transformer.d_model", "10"], "multiple of twice num_heads, 8"),
        (["--classes", "good,good"], "classes to be empty or distinct labels"),
        (["--classes", ","], "classes to be empty or distinct labels"),
        (["--class_weights", "good=nan"], "weights above 0"),
        (["--class_weights", "good=-1"], "weights above 0"),
        (["--data", ""], "Expected data to be a file"),
        (["--layout", "text_tab_label", "--label", "class"], r"columns with label=class \(--layout columns\)"),
        (["--model", "lstm", "--lstm.d_model", "7"], "d_model to be even"),
        (["--transformer.num_layers", "1", "--model", "lstm"], "transformer.num_layers"),
        (["--word_dropout", "1"], "word_dropout=1"),
        (["--ngrams", "-1"], "ngrams=-1"),
        (["--spelling", "true"], "ngrams=0"),
        (["--decision.threshold", "0"], "threshold=0"),
        (["--decision.threshold", "0.3"], "without separator"),
        (["--transformer.query_chunk", "-1"], "query_chunk=-1"),
        (["--transformer.query_chunk", "8", "--model", "lstm"], "transformer.query_chunk only with model=transformer"),
        (["--training.xla", "true", "--model", "lstm", "--lstm.layer_norm", "true"], "xla.*lstm.layer_norm"),
        (
            ["--training.r_drop", "1", "--lstm.dropout", "0", "--model", "lstm", "--lstm.weight_drop", "0.1"],
            "training.r_drop to be 0 without dropout, .*--lstm.dropout 0.2",
        ),
        (["--training.r_drop", "-1"], "r_drop=-1"),
        (["--resample_subwords", "true"], "resample_subwords to be false with tokens=words"),
        (
            ["--resample_subwords", "true", "--tokens", "subwords", "--model", "hierarchical"],
            "resample_subwords to be false with model=hierarchical",
        ),
        (["--validation_share", "0"], "validation_share=0"),
        (["--keep_tokens", "true"], "start_from to be the run whose tokens are kept"),
        (["--vectors", "nowhere.txt"], "nowhere.txt"),
        (["--tokens", "bytes"], "bytes"),
        (["--data", "tfds:no_such_reviews"], "TensorFlow Datasets"),
    ],
)
def test_a_mistake_is_told_in_one_line_and_leaves_nothing(options, message):
    status, printed = fit_with("mistake", *options)
    assert status == 2, printed
    assert re.search(message, printed), printed
    assert len([line for line in printed.splitlines() if line.startswith("tfmodels: error: ")]) == 1
    assert not Path("runs/mistake").exists()


def test_half_precision_is_refused_where_it_is_slower(monkeypatch):
    monkeypatch.setattr(precision, "_processor_flags", set)
    status, printed = fit_with("half", "--training.precision", "bfloat16")
    assert status == 2 and "bfloat16" in printed


def test_the_defaults_need_no_data():
    assert task.Config().data == "synthetic"
    assert tf.executing_eagerly()


def test_a_threshold_is_for_texts_with_several_labels():
    assert task.Config(separator="|", decision=DecisionOptions(threshold=0.3)).decision.threshold == 0.3
    with pytest.raises(ValueError, match=r"without separator\. Received: decision\.threshold=0\.3"):
        task.Config(decision=DecisionOptions(threshold=0.3))


def test_a_network_knows_nothing_of_how_its_texts_are_cut():
    made = network.make(task.Config(model="hierarchical"), 20, 2)
    again = HierarchicalClassifier.from_config(made.get_config())
    assert again.get_config() == made.get_config()
    assert "max_sentences" not in made.get_config()["options"]

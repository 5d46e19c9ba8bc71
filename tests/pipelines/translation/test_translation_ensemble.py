import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from command_line import command
from number_words import FIT, TRANSFORMER, write_numbers

from pipelines import runs, seq2seq
from pipelines.translation import task as translation
from tfmodels import export

pytestmark = pytest.mark.slow  # minutes: three trainings, and an export with the graphs of all three

TEXTS = ["seven", "one two three four", "", "never seen 語"]
TARGETS = ["7", "1234", "", "99"]
MEMBERS = {
    "first": TRANSFORMER,
    "second": [*TRANSFORMER, "--training.seed", "2"],
    "third": ["--model", "lstm", "--lstm.num_layers", "1", "--lstm.d_model", "16", "--lstm.num_heads", "2"],
}


@pytest.fixture(scope="module", autouse=True)
def workplace(tmp_path_factory):
    """The working directory; `numbers` holds numbers in words and in digits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])  # `main` sets it
        write_numbers(Path("numbers"))
        yield


@pytest.fixture(scope="module")
def members(workplace, one_replica):
    with one_replica():
        for name, options in MEMBERS.items():
            status, printed = command(*FIT, "--run", name, *options)
            assert status == 0, printed
    return [runs.load(name) for name in MEMBERS]


@pytest.fixture(scope="module")
def exported(members):
    status, printed = command("export", *MEMBERS, "--to", "saved_models/three")
    assert status == 0, printed
    return printed


def test_an_export_answers_as_the_ensemble_in_memory(members, exported):
    generator = seq2seq.load_ensemble(members)
    model = export.load("saved_models/three")
    names = ("serving_default", "with_options", "nbest", "attention", "sample", "score")
    assert set(model.endpoints) == set(names)
    for name, found in {
        "serving_default": generator.answer(tf.constant(TEXTS)),
        "nbest": generator.nbest(tf.constant(TEXTS)),
    }.items():
        served = model.call(name, text=TEXTS)
        assert served["text"].tolist() == found["text"].numpy().tolist()
        np.testing.assert_allclose(served["score"], found["score"], rtol=1e-4, atol=1e-4)
    for row, text in enumerate(TEXTS):
        alone, served = model.call("nbest", text=[text]), model.call("nbest", text=TEXTS)
        assert alone["text"][0].tolist() == served["text"][row].tolist()


def test_the_score_of_a_target_is_that_of_the_normalised_mean(members, exported):
    served = export.load("saved_models/three").call("score", text=TEXTS, target=TARGETS)["score"]
    own = [seq2seq.load_generator(run.config, run) for run in members]
    source, ids = own[0].subwords.ids(tf.constant(TEXTS), 20), own[0].subwords.ids(tf.constant(TARGETS), 12)
    shifted = tf.pad(ids, [[0, 0], [1, 0]], constant_values=2)[:, :-1]
    logs = [tf.nn.log_softmax(one.network({"source": source, "target": shifted})) for one in own]
    tokens = tf.gather(tf.nn.log_softmax(tf.add_n(logs) / 3), ids, batch_dims=2)
    np.testing.assert_allclose(served, tf.reduce_sum(tf.where(ids == 0, 0.0, tokens), axis=1), rtol=1e-4)


def test_an_ensemble_of_one_run_is_the_run(members):
    alone = seq2seq.load_generator(members[2].config, members[2])
    together = seq2seq.load_ensemble([members[2]])
    found, own = (one.nbest(tf.constant(TEXTS)) for one in (together, alone))
    assert found["text"].numpy().tolist() == own["text"].numpy().tolist()
    np.testing.assert_allclose(found["score"], own["score"], rtol=1e-5)
    found, own = (one.attention(tf.constant(TEXTS)) for one in (together, alone))
    np.testing.assert_allclose(found["attention"], own["attention"], atol=1e-5)


def test_the_export_says_what_it_is_made_of_and_is_scored(exported):
    card = json.loads(Path("saved_models/three/1/assets.extra/tfmodels.json").read_text())
    assert [member["name"] for member in card["members"]] == list(MEMBERS)
    assert any(limit.startswith("An ensemble: at each token the mean") for limit in card["limits"])
    status, printed = command("evaluate", "saved_models/three")
    assert status == 0, printed
    found = json.loads(Path("runs/first/report.three-1.json").read_text())
    table = next(one for one in found["tables"] if one["title"].startswith("beside"))
    assert table["columns"] == ["metric", "export", *MEMBERS]


def test_members_that_do_not_fit_are_refused_by_name(members):
    shorter = replace(members[1].config, max_target_length=10)
    with pytest.raises(ValueError, match=r"same max_target_length as .*first, 12\. Received: .*second, .*=10"):
        translation.ensemble([members[0], replace(members[1], config=shorter)])
    decoding = replace(members[1].config.decoding, beam_size=3)
    searched = replace(members[1], config=replace(members[1].config, decoding=decoding))
    with pytest.raises(ValueError, match=r"decoding\.beam_size=3\. --decoding\.beam_size sets it for all"):
        translation.ensemble([members[0], searched])
    german = replace(members[1], config=replace(members[1].config, target="de"))
    with pytest.raises(ValueError, match=r"same target as .*first, 'digits'"):
        translation.ensemble([members[0], german])

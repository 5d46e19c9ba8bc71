"""Unknown options: what their users mean is suggested, and nothing else."""

import re

import pytest

from pipelines.cli import main
from pipelines.runs import registry, settings
from pipelines.runs.suggestions import nearest, synonyms

TASKS = ("translation", "classification", "forecasting")


def options(task):
    defaults = settings.parser(registry.find(task).Config).get_defaults()
    return [name for name, _ in defaults.items() if name != "config"]


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        *((f"fit {task} --{name} 3", f"--{ours}") for task in TASKS for name, ours in (
            ("lr", "training.learning_rate"),
            ("batch-size", "training.batch_tokens"),
            ("batch_size", "training.batch_tokens"),
            ("per_device_train_batch_size", "training.batch_tokens"),
            ("max-tokens", "training.batch_tokens"),
            ("epochs", "training.epochs"),
            ("num_train_epochs", "training.epochs"),
            ("output-dir", "run"),
            ("save-dir", "run"),
            ("gpus", "training.replicas"),
            ("learning_rate", "training.learning_rate"),
            ("learning-rate", "training.learning_rate"),
            ("training.lr", "training.learning_rate"),
            ("Training.Steps", "training.steps"),
            ("update-freq", "training.accumulate"),
            ("gradient_accumulation_steps", "training.accumulate"),
            ("fp16", "training.precision"),
            ("jit_compile", "training.xla"),
            ("transformer.layers", "transformer.num_layers"),
            ("train-data", "data"),
        )),
        ("fit translation --beam 3", "--decoding.beam_size"),
        ("fit translation --max-length 3", "--max_source_length or --max_target_length"),
        ("fit translation --tgt de", "--target"),
        ("fit translation --model lstm --dropout 0.1", "--lstm.dropout"),
        ("fit translation --hidden_size 3 --model lstm", "--lstm.d_model"),
        ("fit classification --max-length 3", "--max_length"),
        ("fit classification --num_labels 3", "--classes"),
        ("fit forecasting --prediction-length 3", "--horizon"),
        ("fit forecasting --lookback 3", "--context"),
        ("fit forecasting --units 3 --model lstm", "--lstm.d_model"),
        ("train", "fit"),
        ("generate", "predict"),
        ("serve --port 3", "--rest_port"),
        ("score x --file y", "--input"),
        ("check x --jsn", "--json"),
        ("benchmark train --batch-size 3", "--batch_tokens"),
        ("benchmark decode x --batch-size 3", "--batches"),
    ],
)  # fmt: skip
def test_what_is_meant_is_suggested(words, meant, capsys):
    assert main.main(words.split()) == 2
    message = capsys.readouterr().err
    assert re.search(rf"(did you mean|is now) {re.escape(meant)}\b", message), message


@pytest.mark.parametrize("words", ["fit classification --beam 3", "benchmark serve x --batch-size 3"])
def test_similar_letters_of_another_meaning_are_not(words, capsys):
    assert main.main(words.split()) == 2
    assert "did you mean" not in capsys.readouterr().err


def test_few_options_are_listed_and_of_many_where_they_are(capsys):
    main.main(["check", "x", "--xyzzy"])
    assert "There are --help, --json" in capsys.readouterr().err
    main.main(["fit", "translation", "--xyzzy"])
    assert "`tfmodels fit translation --help` lists them" in capsys.readouterr().err


@pytest.mark.parametrize("task", TASKS)
def test_every_option_of_ours_is_found_in_other_spellings(task):
    known = options(task)
    for name in known:
        for spelling in {name.replace("_", "-"), name.upper(), name.replace("_", "")} - {name}:
            assert f"did you mean --{name}?" in nearest.suggestion(spelling, known, "--")


def test_another_name_is_of_no_option_that_it_is_not():
    names = {ours for one in synonyms._MEANT.values() for ours in one}
    known = {one for task in TASKS for one in options(task)}
    last = {one.rpartition(".")[-1] for one in known}
    of_subcommands = (
        "config run overwrite dry_run find_lr find_batch seeds to output input url timeout header ca_file help"
    )
    of_subcommands += " allow_code task rest_port grpc_port host batching write_config most_rows weights batch batches"
    assert names <= known | last | set(of_subcommands.split())

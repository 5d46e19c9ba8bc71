"""Every option of every task: a wrong value is refused at once, by name, and what is accepted trains."""

import json
import math
import random
import tarfile
import typing
from dataclasses import fields, is_dataclass, replace
from functools import partial
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from pipelines import runs
from pipelines.runs import registry, trainable
from tfmodels.checked_options import default_of, families

ARCHIVE = Path(__file__).parents[1] / "fixtures" / "format_1.tar.xz"  # small prepared data of each task
RUNS = {"translation": "translation", "classification": "sentiment", "forecasting": "forecasting"}
TASKS = [*RUNS, "question_answering"]
WHOLE = [-1, 0, 1, 2, 3, 4, 6, 8]
REAL = [-0.5, 0.0, 1e-3, 0.5, 1.0, 2.0, math.nan, math.inf]
# What the step below does not take from the config: how data is read and prepared, devices, and compilation by XLA.
OF_DATA = {
    *("vocabulary_size", "subword_samples", "subword_alpha", "max_source_length", "max_target_length", "examples"),
    "resample_subwords",
    *("max_length", "validation_share", "test_share", "layout", "tokens", "on_bad", "source", "target", "keep_tokens"),
    *("max_question_length", "max_context_length", "max_answer_length", "search", "unanswerable"),
    *("training.replicas", "training.xla", "training.precision"),
}
OPEN = {"context": 0, "horizon": 0, "center": "auto"}  # values that `prepare` replaces
MOST = {"num_layers": 2, "accumulate": 2, "max_sentences": 3}  # of what takes longer the more there is
# A family's default sizes are those of a real model: here it is smaller.
SMALL = {"num_layers": 1, "d_model": 8, "num_heads": 2, "feed_forward_dim": 8, "patch": 6, "stride": 3}
SMALL |= {"decoder": "steps", "decoder_units": 8}
OF_STEPS = ("decoder_units", "decoder_layers", "decoder_dropout", "seasonal_attention")


def values(hint):
    """Values of an option at and beyond its bounds, by its type; none where any text may be right."""
    if typing.get_origin(hint) is typing.Literal:
        return [*typing.get_args(hint), "nonsense"]
    return {int: WHOLE, float: REAL, float | None: [None, *REAL], bool: [False, True]}.get(hint, [])


def options(config_type, prefix=""):
    """Full name -> values."""
    hints = typing.get_type_hints(config_type)
    found = {}
    for field in fields(config_type):
        hint, name = hints[field.name], f"{prefix}{field.name}"
        found |= options(hint, f"{name}.") if is_dataclass(hint) else {name: values(hint)}
    return {name: choices for name, choices in found.items() if choices}


def changed(config, name, value):
    outer, dot, inner = name.partition(".")
    return replace(config, **{outer: changed(getattr(config, outer), inner, value) if dot else value})


def of_family(config, family):
    """The config with another model, small."""
    given = getattr(type(config)(), family, None)
    if given is None:
        return replace(config, model=family)
    small = replace(given, **{name: size for name, size in SMALL.items() if hasattr(given, name)})
    reset = {name: getattr(type(config)(), name) for name in families(type(config))}
    return replace(config, **reset | {"model": family, family: small})


@pytest.fixture(scope="module")
def prepared(two_replicas, tmp_path_factory):  # questions are prepared on what the process trains on
    """Runs whose data is prepared, by task."""
    folder = tmp_path_factory.mktemp("prepared")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    found = {task: runs.load(folder / "format_1" / "runs" / name) for task, name in RUNS.items()}
    learnt = found["forecasting"].assets / "inputs.json"  # of a time when the level was not learnt
    learnt.write_text(json.dumps(json.loads(learnt.read_text()) | {"level": [3.0], "spread": [2.0]}))
    return found | {"question_answering": prepared_questions(folder)}


def prepared_questions(folder):
    rows = [{"question": "Who sang?", "context": f"Anna {place} sang.", "answer": "Anna"} for place in range(20)]
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)))
    task = registry.find("question_answering")
    config = task.Config(data=str(folder / "questions.jsonl"), tokens="words")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        task.prepare(config, runs.create("question_answering", config, "reader"))
    return runs.load(folder / "runs" / "reader")


def refusal(config, changes):
    """Changes a config; the config, or the error if it is refused."""
    try:
        for name, value in changes.items():
            config = changed(config, name, value)
    except ValueError as error:
        return None, error
    return config, None


@pytest.mark.parametrize("task", TASKS)
def test_a_value_alone_is_taken_or_refused_by_its_name(task, prepared):
    config = prepared[task].config
    for family in typing.get_args(typing.get_type_hints(type(config))["model"]):
        mine = of_family(config, family)
        for name, choices in options(type(config)).items():
            for value in choices:
                _, error = refusal(mine, {name: value})
                assert error is None or name.rpartition(".")[2] in str(error), (family, name, value, error)
                if value in ("nonsense", -1, -0.5, math.inf) or value != value:
                    assert error is not None, (family, name, value)


@pytest.fixture(scope="module")
def step(prepared, one_replica):
    """Takes a step of training with a config's model, on prepared data."""
    import tensorflow as tf

    from tfmodels.training.fitting import build_trainer
    from tfmodels.training.optimization import schedules

    def take(task, config):
        run, module = prepared[task], registry.find(task)
        batches = module.datasets(config, run)["train"]
        objective = trainable.objective(module, config, run)
        rate = schedules.schedule(config.training, 10)
        data = batches.one_epoch()
        trainer = build_trainer(partial(module.model, config, run), data, config.training, rate, None, objective)
        logs = trainer.train_step(next(iter(data)))
        tf.debugging.assert_all_finite(logs["loss"], "the loss")

    with one_replica():
        yield take


def accepted(config, name):
    """The values of an option that are right alone, without those that only take longer."""
    most = MOST.get(name.rpartition(".")[2], math.inf)
    choices = [value for value in options(type(config))[name] if isinstance(value, str | None) or not value > most]
    choices = [value for value in choices if name not in OPEN or value != OPEN[name]]
    return [value for value in choices if refusal(config, {name: value})[1] is None]


def drawn(config, family, seed):
    """Values of all options of a family, of training and of the task itself."""
    generator = random.Random(seed)
    rooms = {family, "training", ""}
    names = [name for name in options(type(config)) if name not in OF_DATA and name.rpartition(".")[0] in rooms]
    changes = {name: generator.choice(accepted(config, name)) for name in names if name != "model"}
    if changes.get(f"{family}.decoder") == "direct":  # which takes no options of the other decoder
        own = default_of(type(config), family)
        changes |= {f"{family}.{name}": getattr(own, name) for name in OF_STEPS}
        changes[f"{family}.decoder"] = changes.pop(f"{family}.decoder")  # the last, when all of them are left out
    if changes.get("center") == "season":  # 0 takes the season of the data, which `prepare` compares with the context
        changes["season"] = changes["season"] or 1
    return changes


def marked(task, family):
    is_slow = family == "attention_lstm" or task == "question_answering" or (task, family) == ("translation", "lstm")
    return pytest.param(task, family, marks=pytest.mark.slow if is_slow else ())


FAMILIES = [marked(task, family) for task in TASKS for family in families(registry.find(task).Config)]


@hypothesis.settings(deadline=None, max_examples=2, derandomize=True, phases=[hypothesis.Phase.generate])
@hypothesis.given(seed=st.integers(1, 10**9))
@pytest.mark.parametrize(("task", "family"), FAMILIES)
def test_what_is_accepted_takes_a_step(task, family, prepared, step, seed):
    config = of_family(prepared[task].config, family)
    changes = drawn(config, family, seed)
    changed, error = refusal(config, changes)
    if error is None:
        step(task, changed)
    else:
        assert any(name.rpartition(".")[2] in str(error) for name in changes), error

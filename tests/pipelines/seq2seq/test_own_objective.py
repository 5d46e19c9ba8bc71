from types import SimpleNamespace

from pipelines import seq2seq
from pipelines.runs import fitting
from pipelines.seq2seq import training


def test_a_task_gives_its_objective_and_callbacks_to_the_training(monkeypatch):
    given, batches = [], {"train": SimpleNamespace(tokens_per_epoch=9, steps_per_epoch=3, waste=0.0)}
    monkeypatch.setattr(training, "datasets", lambda *_: batches)
    monkeypatch.setattr(fitting, "train", lambda *arguments: given.extend(arguments[-2:]))
    monkeypatch.setattr(fitting, "publish", lambda report, run: given.append(report))
    config = SimpleNamespace(training=None)
    seq2seq.fit(config, None, lambda *_: "report", objective="objective", callbacks=["callback"])
    assert given == ["objective", ["callback"], "report"]

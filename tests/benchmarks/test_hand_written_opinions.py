import pytest
from hand_written_opinions import judged

from pipelines import runs
from pipelines.classification import network
from pipelines.cli import main


@pytest.mark.slow
def test_the_model_of_the_first_command_knows_sentences_written_by_hand(tmp_path, monkeypatch, one_replica):
    monkeypatch.chdir(tmp_path)
    with one_replica():
        assert main.main(["fit", "classification"]) == 0
    run = runs.load("classification")
    found = judged(network.trained(run.config, run))
    assert sum(right for _, right, _ in found) >= 0.85 * len(found)
    assert sum(explained for _, _, explained in found) >= 0.7 * len(found)

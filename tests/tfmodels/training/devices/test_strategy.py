import subprocess
import sys

import pytest
import tensorflow as tf

from tfmodels.training import replicas, scope
from tfmodels.training.devices import strategy


def test_there_is_one_strategy(two_replicas):
    assert strategy.strategy(2) is two_replicas
    assert strategy.strategy() is two_replicas
    assert replicas() == replicas(2) == 2
    with scope():
        assert tf.distribute.get_strategy() is two_replicas


@pytest.mark.parametrize("other", [1, 3])
def test_another_number_of_replicas_needs_another_process(two_replicas, other):
    with pytest.raises(ValueError, match=rf"replicas to be 2 .*Received: replicas={other}; start a new process"):
        replicas(other)


def test_more_replicas_than_gpus_are_refused(monkeypatch):
    monkeypatch.setattr(strategy, "_strategy", None)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["GPU:0", "GPU:1"])
    with pytest.raises(ValueError, match=r"at most the 2 GPUs here\. Received: replicas=3"):
        replicas(3)


_CHILD = """
import tensorflow as tf
from tfmodels import training
tf.constant(0)
try:
    training.replicas(2)
except ValueError as error:
    print(error)
print(training.replicas())
"""


@pytest.mark.slow
def test_cpu_in_use_cannot_be_split_and_is_one_replica():
    result = subprocess.run([sys.executable, "-c", _CHILD], capture_output=True, text=True, check=True)
    refusal, count = result.stdout.splitlines()
    assert "before TensorFlow uses the CPU. Received: replicas=2; start a new process" in refusal
    assert count == "1"

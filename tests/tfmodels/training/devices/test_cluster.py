import json

import pytest

from tfmodels.training import Cluster, from_platform
from tfmodels.training.devices import cluster

WORKERS = ["a:1", "b:2", "c:3"]


def tf_config(jobs, **task):
    return {"TF_CONFIG": json.dumps({"cluster": jobs, "task": task})}


@pytest.mark.parametrize(
    ("jobs", "task", "expected"),
    [
        ({"worker": WORKERS}, {"type": "worker", "index": 1}, (WORKERS, 1)),
        ({"worker": WORKERS}, {"type": "worker", "index": "2"}, (WORKERS, 2)),
        ({"chief": ["z:9"], "worker": WORKERS}, {"type": "worker", "index": 0}, (["z:9", *WORKERS], 1)),
        ({"chief": ["z:9"], "worker": WORKERS}, {"type": "chief", "index": 0}, (["z:9", *WORKERS], 0)),
    ],
)
def test_clusters_of_tf_config(jobs, task, expected):
    found = from_platform(tf_config(jobs, **task))
    assert (list(found.workers), found.index) == expected
    assert found.is_chief == (found.index == 0)


@pytest.mark.parametrize(
    "environment", [{}, {"TF_CONFIG": ""}, {"TF_CONFIG": "{}"}, tf_config({"worker": ["a:1"]}, type="worker", index=0)]
)
def test_a_machine_alone_is_no_cluster(environment):
    assert from_platform(environment) is None


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        (tf_config({"worker": WORKERS, "ps": ["d:4"]}, type="worker", index=0), r"workers, and a chief.* with ps"),
        (tf_config({"worker": WORKERS}, type="evaluator", index=0), r"with evaluator"),
        (tf_config({"worker": WORKERS}, type="worker", index=3), r"from 0 to 2.*worker=3"),
        ({"TF_CONFIG": "[]"}, r"TF_CONFIG as \{.*Received: TF_CONFIG='\[\]'"),
        ({"TF_CONFIG": "{"}, r"Received: TF_CONFIG='\{'"),
        ({"TF_CONFIG": '{"cluster": {"worker": 3}}'}, r"Received: TF_CONFIG="),
    ],
)
def test_wrong_tf_config_is_refused(environment, message):
    with pytest.raises(ValueError, match=message):
        from_platform(environment)


@pytest.mark.parametrize("workers", [("a:1",), ("a:1", "a:1"), ("a", "b:2"), ("a:1", "b:2; rm"), ("a:1", "b:999999")])
def test_wrong_addresses_are_refused(workers):
    with pytest.raises(ValueError, match=r"two workers, each `host:port`.*Received: workers="):
        Cluster(workers, 0)


def test_training_alone_as_one_of_several_is_refused(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": {"worker": WORKERS}, "task": {"index": 1}}))
    with pytest.raises(ValueError, match="join it before it trains"):
        cluster.refuse_unjoined()
    monkeypatch.setattr(cluster, "_joined", Cluster(tuple(WORKERS), 1))
    cluster.refuse_unjoined()
    assert not cluster.is_chief()
    with pytest.raises(ValueError, match="in one cluster"):
        cluster.join(Cluster(tuple(WORKERS), 0))

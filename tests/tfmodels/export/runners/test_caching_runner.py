import pytest

from tfmodels import export
from tfmodels.export.runners.caching_runner import CachingRunner


def test_equal_requests_run_once(lexicon_folder, monkeypatch):
    with CachingRunner(lexicon_folder) as runner:
        first = runner.call("serving_default", text=["one", "two"])
        monkeypatch.setattr(export.SessionRunner, "call", None)
        assert runner.call("serving_default", text=["one", "two"]) is first
        with pytest.raises(TypeError):
            runner.call("serving_default", text=["two", "one"])

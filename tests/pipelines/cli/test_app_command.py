"""`tfmodels app` where its extra is not installed; its page is tested in `tests/pipelines/app`."""

import sys

from pipelines.cli import main


def test_without_the_extra_one_sentence_names_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "gradio", None)
    assert main.main(["app", str(tmp_path), "--port", "0"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "pip install 'tfmodels[app]'" in error


def test_help_of_a_page_needs_neither_gradio_nor_tensorflow(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "gradio", None)
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    try:
        main.main(["app", "--help"])
    except SystemExit as ended:
        assert not ended.code
    assert "--auth USER:PASSWORD" in capsys.readouterr().out

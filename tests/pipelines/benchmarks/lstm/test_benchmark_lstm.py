import json
from pathlib import Path

import pytest

from pipelines.benchmarks import matrix_peak
from pipelines.benchmarks.lstm.lstm_size import Size
from pipelines.cli import main


@pytest.mark.slow
def test_lstm_layers_are_compared(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(matrix_peak, "_SIZE_ON_CPU", 64)
    assert main.main(["benchmark", "lstm", "--sizes", "2x3x4x5,3x2x2x4", "--rounds", "3"]) == 0
    text = capsys.readouterr().out
    assert all(word in text for word in ("2x3x4x5", "3x2x2x4", "tfmodels.layers.LSTM", "keras.layers.LSTM"))
    assert Path("benchmarks/lstm.png").read_bytes().startswith(b"\x89PNG")
    result = json.loads(Path("benchmarks/lstm.json").read_text())
    assert [row["size"] for row in result["sizes"]] == ["2x3x4x5", "3x2x2x4"]
    for row in result["sizes"]:
        limit = Size.parse(row["size"]).forward_flops / row["peak_flops_per_second"]
        for layer in row["layers"]:
            assert layer["forward_over_limit"] == pytest.approx(layer["forward_ms"] / 1e3 / limit)
            assert layer["training_over_limit"] == pytest.approx(layer["training_ms"] / 1e3 / limit / 3)
        *ours, keras_layer = row["layers"]
        assert [layer["layer"] for layer in ours] == ["tfmodels.layers.LSTM", "tfmodels.layers.LSTM(xla=True)"]
        assert keras_layer["forward_over_keras"] == keras_layer["training_over_keras"] == 1


def test_operations_are_counted():
    assert Size(64, 96, 32, 128).forward_flops == 2 * 64 * 96 * 160 * 512


@pytest.mark.parametrize("size", ["64x96x32", "64x96x32x0", "64x96x32xa", ""])
def test_a_wrong_size_is_refused(size, capsys):
    assert main.main(["benchmark", "lstm", "--sizes", size]) == 2
    assert "Expected batchxstepsxinputsxunits" in capsys.readouterr().err

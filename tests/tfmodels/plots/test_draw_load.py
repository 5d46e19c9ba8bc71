import pytest

from tfmodels import plots


def row(server, rate, p50, **kind):
    return {"server": server, **kind, "requests_per_second": rate, "p50_ms": p50, "p99_ms": p50 and 4 * p50}


ROWS = [
    row("off", 900.0, 4.0, clients=4),
    row("off", 500.0, 2.0, clients=1),
    row("off", 0.0, None, offered_rate=990.0),
    row("off", 400.0, 3.0, offered_rate=400.0),
    row("on", 300.0, 3.0, clients=1),
]


def test_each_server_has_its_curves_in_order(drawn):
    plots.draw_load(ROWS, "load.png")
    curves = [
        [(line.get_label(), list(line.get_xdata()), list(line.get_ydata())) for line in axes.lines]
        for axes in drawn[0].axes
    ]
    throughput, closed, opened = curves
    assert throughput == [("off", [1, 4], [500.0, 900.0]), ("on", [1], [300.0])]
    assert closed[:2] == [("off", [1, 4], [2.0, 4.0]), ("off", [1, 4], [8.0, 16.0])]
    assert opened[0] == ("off", [400.0], [3.0])  # what was not answered took no time that is known


def test_a_figure_is_written(tmp_path):
    plots.draw_load(ROWS, tmp_path / "load.png")
    assert (tmp_path / "load.png").read_bytes().startswith(b"\x89PNG")


def test_no_measurement_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one"):
        plots.draw_load([], tmp_path / "load.png")

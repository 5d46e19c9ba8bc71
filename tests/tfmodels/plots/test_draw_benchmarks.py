import pytest

from tfmodels import plots


def test_each_kind_of_operation_has_its_bar(drawn):
    rows = [{"kind": f"Op{number}", "seconds_per_step": 0.3 / number, "share": 0.2} for number in range(1, 30)]
    plots.draw_operation_times(rows, "train.png")
    (axes,) = drawn[0].axes
    assert [text.get_text() for text in axes.get_yticklabels()][:2] == ["Op1", "Op2"]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([300 / number for number in range(1, 21)])


def test_each_layer_has_its_bars(drawn):
    layers = [{"layer": name, "forward_over_limit": 2.0, "training_over_limit": 3.0} for name in ("ours", "theirs")]
    plots.draw_layer_times([{"size": "1x2x3x4", "layers": layers}, {"size": "5x6x7x8", "layers": layers}], "lstm.png")
    forward, training = drawn[0].axes
    assert [bar.get_width() for bar in forward.patches] == [2.0] * 4
    assert [bar.get_width() for bar in training.patches] == [3.0] * 4
    assert [text.get_text() for text in forward.get_yticklabels()] == ["1x2x3x4", "5x6x7x8"]


def test_each_way_and_each_batch_has_its_curve(drawn):
    answers = [
        {"mode": mode, "batch": batch, "texts_per_second": 2.0 * batch}
        for batch in (32, 1)
        for mode in ("beam", "greedy")
    ]
    steps = [{"batch": 1, "steps": count, "p50_ms": 5.0 * count} for count in (10, 20)]
    plots.draw_decoding_times(answers, steps, "decode.png")
    throughput, time = drawn[0].axes
    assert [list(line.get_xdata()) for line in throughput.lines] == [[1, 32]] * 2
    assert list(time.lines[0].get_ydata()) == [50.0, 100.0]


def test_what_did_not_fit_into_memory_is_left_out(drawn):
    rows = [
        {"sweep": "length", "length": length, "workload": "training", "family": "lstm", "seconds": seconds}
        | {"seconds_per_token": 1e-3, "memory_bytes": 10**6}
        for length, seconds in ((64, 2.0), (32, 1.0), (128, None))
    ]
    plots.draw_parallelism(rows, "parallelism.png")
    labels = [(axes.get_xlabel(), axes.get_ylabel()) for axes in drawn[0].axes]  # only length varies
    assert labels == [("length (tokens)", "time of a batch (ms)"), ("length (tokens)", "memory (MiB)")]
    (line,) = drawn[0].axes[0].lines
    assert (line.get_label(), list(line.get_xdata()), list(line.get_ydata())) == ("lstm", [32, 64], [1000.0, 2000.0])


@pytest.mark.parametrize(
    ("draw", "nothing"),
    [
        (plots.draw_operation_times, [[]]),
        (plots.draw_layer_times, [[]]),
        (plots.draw_decoding_times, [[], []]),
        (plots.draw_parallelism, [[]]),
    ],
)
def test_no_measurement_is_refused(draw, nothing):
    with pytest.raises(ValueError, match="Expected at least one"):
        draw(*nothing, "figure.png")

"""In every figure, whatever it is given: no text on another or outside, no figure wider than 1,200 pixels."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from matplotlib.text import Text

from tfmodels import plots
from tfmodels.plots import style

LONG = "a very long name of something, " * 12
ORDINARY = ["load", "wind", "solar"]
ODD = ["日本語の名前" * 4, LONG, "🙂🙂", "שלום עולם", "$x_{", "", "W" * 300, "two\nlines"]
MANY = [f"series {number} of a long list" for number in range(200)]
CAPTION = "Transformer on the validation split; synthetic; 2026-12-01"
RANDOM = np.random.default_rng(0)


def curves(names, caption):
    rows = [{"step": 10**9 + step, "loss": 5 / step, "val_loss": np.nan if step == 2 else 4 / step} for step in (1, 2)]
    rows = rows[:1] if len(names) == len(ODD) else rows
    more = {"train_loss": 1.0, "learning_rate": 1e-7, "gradient_norm": 1e6}
    plots.draw_curves([row | {f"val_{name}": 1e-9 for name in names} | more for row in rows], "a", caption, "nats")


def learning_rates(names, caption):
    rates = np.geomspace(1e-6, 1, len(names))
    losses = [np.nan if place == 1 else 3.0 for place in range(len(names))]
    found = {"rates": rates.tolist(), "losses": losses, "smoothed": losses, "suggestion": 1e-3, "minimum": 1e-3}
    plots.draw_learning_rate_range(found | {"divergence": None}, "a", caption, "nats per token")


def forecast(name, context, horizon, weights):
    time = np.datetime64("2024-02-28T22:00:00", "s") + np.arange(context + horizon) * np.timedelta64(3600, "s")
    history = RANDOM.normal(size=context) * 1e9
    history[: context // 3] = np.nan
    ahead = RANDOM.normal(size=horizon)
    quantiles = ahead[:, np.newaxis] + np.arange(5)
    attention = np.full(context, 1 / context) if weights else None
    return plots.DrawnForecast(name, time, history, ahead, ahead, quantiles, attention, name)


def forecasts(names, caption):
    context, horizon = (1, 1) if len(names) == len(ODD) else (200, 24)
    drawn = [forecast(name, context, horizon, place % 2) for place, name in enumerate(names)]
    plots.draw_forecasts(drawn, (0.05, 0.25, 0.5, 0.75, 0.95), "a", caption)


def errors(names, caption):
    plots.draw_errors({name: np.full(24, place) for place, name in enumerate(names)}, "error (MW)", "a", caption)


def coverage(names, caption):
    plots.draw_coverage((0.1, 0.9), {name: np.array([0.1, 0.9]) for name in names}, "a", caption)


def seasons(names, caption):
    weights = np.full([len(names), len(names)], 1 / len(names))
    plots.draw_seasons(dict.fromkeys(names, weights), names, names, "a", names[0], caption)


def attention(names, caption):
    weights = RANDOM.random([8, len(names), len(names)])
    maps = {f"decoder/{layer}/cross_attention": weights for layer in range(3)}
    plots.draw_attention(maps, names, names, "a", LONG, caption, ("translation", "source"))


def words(names, caption):
    text = "".join(names).encode()
    starts, ends = list(range(0, len(text), 7)), [min(end, len(text)) for end in range(7, len(text) + 7, 7)]
    weights = RANDOM.normal(size=len(starts))
    plots.draw_words(text, starts, ends, {LONG: abs(weights), "gradients": weights}, Path("a.png"), LONG, caption)


def confusion(names, caption):
    plots.draw_confusion(np.full([len(names)] * 2, 123_456), names, "a", caption)


def label_confusion(names, caption):
    plots.draw_label_confusion(np.full([len(names), 2, 2], 123_456), names, "a", caption)


def calibration(names, caption):
    confidence, accuracy, counts = np.array([0.4, 0.9]), np.array([0.5, 0.6]), ([4, 4], [1, 7])
    bins = [plots.DrawnReliability(12.5, confidence, accuracy, np.array(one)) for one in counts]
    plots.draw_calibration(dict(zip(names, bins, strict=False)), "a", caption)


def answers(names, caption):
    shares = [10, 50, 100]
    plots.draw_answer_coverage(shares, {name: [100.0, 50.0, 0.0] for name in names}, "a", caption)


def decoding(names, caption):
    rows = [{"mode": name, "batch": 4**power, "texts_per_second": 9.0**power} for name in names for power in (0, 3)]
    plots.draw_decoding_times(rows, [{"batch": 1, "steps": 9, "p50_ms": 1e6}], "a", caption)


def layers(names, caption):
    times = [{"layer": name, "forward_over_limit": 2.0, "training_over_limit": 3.0} for name in names[:5]]
    plots.draw_layer_times([{"size": "64x96x32x128", "layers": times}] * 2, "a", caption)


def operations(names, caption):
    plots.draw_operation_times([{"kind": name, "seconds_per_step": 9.9, "share": 1.0} for name in names], "a", caption)


def load(names, caption):
    row = {"requests_per_second": 1e5, "p50_ms": 1.0, "p99_ms": 2000.0}
    rows = [{"server": name, kind: 64, **row} for name in names for kind in ("clients", "offered_rate")]
    plots.draw_load(rows, "a", caption)


def parallelism(names, caption):
    row = {"workload": "training", "seconds": 100.0, "seconds_per_token": 1e-7, "memory_bytes": 2**40}
    sweeps = [("length", 32), ("length", 4096), ("batch", 1), ("replicas", 2), ("threads", 8)]
    families = ("transformer", "lstm")
    plots.draw_parallelism([{"sweep": s, s: n, "family": f, **row} for s, n in sweeps for f in families], "a", caption)


def contributions(names, caption):
    hours = RANDOM.random(5 * len(names)) * 1e3
    weights = RANDOM.normal(size=len(hours))
    others = dict(zip(names, [0.1, -2.0, 3e-5] * 100, strict=False))
    plots.draw_event_contributions(
        hours, names * 5, {LONG: weights, "attention": abs(weights)}, others, Path("a.png"), LONG, caption
    )


def group_gaps(names, caption):
    gap = plots.DrawnGap(-0.1, -0.2, 0.1)
    gaps = {
        LONG: [gap] * len(names),
        "AUROC": [None, *[gap._replace(high=-0.05)] * (len(names) - 1)],
        "b": [gap] * len(names),
    }
    plots.draw_group_gaps(names, gaps, Path("a.png"), caption)


def risk_curves(names, caption):
    benefits = {name: [0.1, 0.0, -3.0] for name in names}
    plots.draw_risk_curves([0.01, 0.2], [0.0, 0.3], [0.1, 0.5, 0.9], benefits, Path("a.png"), caption)


DRAWN = [
    *(curves, learning_rates, forecasts, errors, coverage, seasons, attention, words, confusion, label_confusion),
    *(calibration, answers, decoding, layers, operations, load, parallelism),
    *(contributions, group_gaps, risk_curves),
]
CASES = {"ordinary": (ORDINARY, CAPTION), "odd": (ODD, LONG), "many": (MANY, "")}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("draw", DRAWN)
def test_no_text_is_clipped_or_on_another(laid_out, draw, case):
    names, caption = CASES[case]
    draw(names, caption)
    (figure,) = laid_out
    width, height = figure.get_size_inches() * style.DPI
    assert width <= 1200 and height < 6000
    assert "".join(caption.split()) in "".join(figure.get_suptitle().split())
    boxes = visible_texts(figure)
    assert len(boxes) > 5
    for text, box in boxes:
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= figure.bbox.x1 + 1 and box.y1 <= figure.bbox.y1 + 1
        assert inside, f"{text!r} leaves the figure: {box}"
    for (text, box), (other, beside) in itertools.combinations(boxes, 2):
        across = min(box.x1, beside.x1) - max(box.x0, beside.x0)
        along = min(box.y1, beside.y1) - max(box.y0, beside.y0)
        assert min(across, along) <= 1.5, f"{text!r} is on {other!r}: {box}, {beside}"


@pytest.mark.parametrize("draw", [label_confusion, calibration, forecasts, layers, operations])
def test_no_bar_is_cut_off(drawn, draw):
    draw(ODD, CAPTION)
    (figure,) = drawn
    bars = [(axes, bar) for axes in all_axes(figure) for part in axes.containers for bar in part]
    assert bars
    for axes, bar in bars:
        limits, box = axes.viewLim, bar.get_bbox()
        width, height = 1e-4 * abs(limits.width), 1e-4 * abs(limits.height)  # less than a pixel
        assert limits.xmin - width <= box.xmin and box.xmax <= limits.xmax + width
        assert limits.ymin - height <= box.ymin and box.ymax <= limits.ymax + height


def visible_texts(figure):
    """Each text that is drawn, with its box."""
    hidden = set()
    for axes in all_axes(figure):
        shown = axes.get_visible()
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            outside = (tick for tick in axis.get_major_ticks() if not low - 1e-9 <= tick.get_loc() <= high + 1e-9)
            hidden |= {id(label) for tick in outside for label in (tick.label1, tick.label2)}
        if not shown:
            hidden |= {id(text) for text in axes.findobj(Text)}
    texts = (text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip())
    return [(text.get_text(), text.get_window_extent()) for text in texts if id(text) not in hidden]


def all_axes(figure):
    return [*figure.axes, *(axes for inner in getattr(figure, "subfigs", ()) for axes in inner.axes)]

import warnings

import numpy as np
import pytest

from tfmodels import plots

CONFUSION = np.array([[8, 2, 0], [1, 3, 0], [0, 0, 0]])
NAN = np.nan
RELIABILITY = plots.DrawnReliability(12.5, np.array([NAN, 0.4, 0.9]), np.array([NAN, 0.5, 0.6]), np.array([0, 2, 6]))


def test_confusion_shows_shares_of_the_classes_and_numbers(drawn):
    plots.draw_confusion(CONFUSION, ["bad", "$good$", "never"], "a.png", "title")
    axes = drawn[0].axes[0]
    np.testing.assert_allclose(axes.images[0].get_array(), [[0.8, 0.2, 0], [0.25, 0.75, 0], [0, 0, 0]])
    assert [text.get_text() for text in axes.texts] == [str(count) for count in CONFUSION.ravel()]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["bad", "$good$", "never"]
    assert not axes.get_xticklabels()[1].get_parse_math()
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted class", "true class")


def test_label_confusion_shows_true_and_false_decisions(drawn):
    counts = np.array([[[5, 1], [2, 3]], [[9, 0], [0, 2]]])  # without and with the label, not given and given
    plots.draw_label_confusion(counts, ["food", "$place$"], "a.png", "title")
    axes = drawn[0].axes[0]
    bars = {part.get_label(): [(bar.get_x(), bar.get_width()) for bar in part] for part in axes.containers}
    assert bars == {
        "true positives": [(0, 3), (0, 2)],
        "false negatives": [(3, 2), (2, 0)],
        "false positives": [(5, 1), (2, 0)],
    }
    assert [label.get_text() for label in axes.get_yticklabels()] == ["food", "$place$"]


def test_calibration_shows_accuracy_and_its_gap_to_the_confidence(drawn):
    plots.draw_calibration({"before": RELIABILITY, "after": RELIABILITY}, "a.png", "title")
    above, _, below, _ = drawn[0].axes
    accuracy, gap = above.containers
    np.testing.assert_allclose([bar.get_height() for bar in accuracy], [0.5, 0.6])
    np.testing.assert_allclose([bar.get_x() for bar in accuracy], [1 / 3, 2 / 3])
    np.testing.assert_allclose([bar.get_y() + bar.get_height() for bar in gap], [0.4, 0.9])
    np.testing.assert_allclose([bar.get_height() for bar in below.patches], [0, 0.25, 0.75])
    assert above.get_title(loc="left") == "before: ECE 12.5 %"


def test_panels_of_counts_share_limits_that_hold_every_bar(drawn):
    crowded = RELIABILITY._replace(counts=np.array([0, 0, 8]))
    plots.draw_calibration({"before": RELIABILITY, "after": crowded}, "a.png", "title")
    _, _, *panels = drawn[0].axes
    assert [max(bar.get_height() for bar in panel.patches) for panel in panels] == [0.75, 1.0]
    assert all(panel.get_ylim()[0] == 0 and panel.get_ylim()[1] >= 1.0 for panel in panels)


def test_answer_coverage_draws_each_score_over_the_share(drawn):
    plots.draw_answer_coverage([50, 100], {"exact match": [80.0, 60.0], "F1": [90.0, 70.0]}, "a.png", "title")
    axes = drawn[0].axes[0]
    lines = {line.get_label(): np.transpose(line.get_data()).tolist() for line in axes.get_lines()}
    assert lines == {"exact match": [[50, 80], [100, 60]], "F1": [[50, 90], [100, 70]]}


@pytest.mark.parametrize("classes", [1, 2, 40])
def test_writes_figures_without_warnings(tmp_path, classes):
    names = ["日本\n", *[f"class {i}" for i in range(1, classes)]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plots.draw_confusion(np.ones([classes, classes], int), names, tmp_path / "a.png", "語")
        plots.draw_calibration({"only": RELIABILITY}, tmp_path / "b.png", "title")
        plots.draw_label_confusion(np.ones([classes, 2, 2], int), names, tmp_path / "c.png", "語")
    assert all((tmp_path / name).stat().st_size > 5_000 for name in ("a.png", "b.png", "c.png"))


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match=r"\[2, 2\].*Received: shape \(3, 3\)"):
        plots.draw_confusion(CONFUSION, ["a", "b"], "a.png", "")
    with pytest.raises(ValueError, match=r"\[2, 2, 2\].*Received: shape \(3, 3\)"):
        plots.draw_label_confusion(CONFUSION, ["a", "b"], "a.png", "")
    with pytest.raises(ValueError, match="at least one reliability"):
        plots.draw_calibration({}, "a.png", "")


def test_of_thousands_of_classes_the_worst_are_drawn(drawn):
    count, worst = 3000, np.arange(7, 3000, 50)
    assert len(worst) == 60
    confusion = np.diag(np.full(count, 5))
    confusion[worst, 0] += 2
    names = [f"intent {place} {'long ' * 100}end" for place in range(count)]
    plots.draw_confusion(confusion, names, "a.png", "caption")
    axes = drawn[0].axes[0]
    assert (
        drawn[0].get_suptitle() == "True and predicted classes\n(the 40 of 3,000 classes with the most errors)\ncaption"
    )
    ticks = [label.get_text() for label in axes.get_yticklabels()]
    assert len(ticks) == 40 and all(len(tick) <= 40 for tick in ticks)
    assert ticks[0].startswith("intent 0 long") and ticks[-1].startswith("intent 1907 ")  # 0 is what is wrong
    assert axes.images[0].get_array()[1, 0] == pytest.approx(2 / 7)
    counts = np.tile([[5, 0], [0, 5]], [count, 1, 1])
    counts[worst, 1, 0] = 3
    plots.draw_label_confusion(counts, names, "a.png", "title")
    bars = drawn[1].axes[0].containers[1]
    assert [bar.get_width() for bar in bars] == [3] * 40
    assert max(figure.get_size_inches().max() for figure in drawn) < 14

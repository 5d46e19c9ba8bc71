import html
import re
import warnings

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from tfmodels import plots
from tfmodels.plots import labels

TEXT = 'A <b>fine</b> film & "語"'
SPANS = [(0, 1), (5, 9), (14, 18), (22, 25), (26, 26)]
STARTS, ENDS = zip(*SPANS, strict=True)
ATTENTION = np.array([0.1, 0.4, 0.2, 0.3, 0.0])
ATTRIBUTION = np.array([0.0, 0.5, -0.25, 0.1, 0.0])
WEIGHTS = {"attention": ATTENTION, "integrated <gradients>": ATTRIBUTION}


def draw(path, text=TEXT, weights=None, spans=SPANS):
    starts, ends = zip(*spans, strict=True) if spans else ((), ())
    plots.draw_words(text, starts, ends, weights or WEIGHTS, path, "<title>\n$x$")
    return path


def test_page_shows_the_text_as_it_is_once_for_each_explanation(tmp_path):
    page = draw(tmp_path / "words.html").read_text(encoding="utf-8")
    texts = re.findall(r'<div class="text" dir="auto">(.*?)</div>', page, re.DOTALL)
    assert [html.unescape(re.sub("<.*?>", "", text)) for text in texts] == [TEXT, TEXT]
    assert "<b>" not in page
    assert page.count("&lt;title&gt;") == 2
    assert re.findall(r'class="against" style=".*?" title="(.*?)"', page) == ["-0.25"]
    assert "integrated &lt;gradients&gt;" in page
    found = re.findall(r'background: rgb\((\d+), (\d+), (\d+)\)" title="(.*?)">(.*?)<', texts[1])
    assert [(weight, word) for *_, weight, word in found] == [
        ("0", "A"),
        ("0.5", "fine"),
        ("-0.25", "film"),
        ("0.1", "語"),
    ]
    red, green, blue = np.array([colour[:3] for colour in found], int).T
    assert (red[0], green[0], blue[0]) == (255, 255, 255)
    assert blue[1] > red[1]
    assert red[2] > blue[2]
    assert green[1] < green[2] < green[3], "the largest weight is the darkest"


def test_figure_has_the_same_words_and_colours_side_by_side(drawn, tmp_path):
    draw(tmp_path / "words.png")
    axes = drawn[0].axes[0]
    boxes = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert len(boxes) == 8, "the token without a byte is not shown"
    left, right = boxes[:4], boxes[4:]
    assert all(a.get_x() < b.get_x() and a.get_y() == b.get_y() for a, b in zip(left, right, strict=True))
    words = [text.get_text() for text in axes.texts]
    assert {"<b>", "fine", "film", labels.printable("語")} <= set(words)
    assert drawn[0].get_suptitle().startswith("<title>\n$x$")
    assert len(axes.lines) == 1, "what is against the prediction is underlined"
    assert not axes.texts[0].get_parse_math()


def test_lines_do_not_leave_their_column_and_keep_tokens_of_a_word_together(drawn, tmp_path):
    text = "abc def " * 40 + "x" * 300
    spans = [(start, start + 1) for start in range(len(text)) if text[start] != " "]
    draw(tmp_path / "words.png", text, {"attention": np.ones(len(spans))}, spans)
    width, _ = drawn[0].get_size_inches()
    boxes = drawn[0].axes[0].patches
    assert all(box.get_x() > 0 and box.get_x() + box.get_width() < width for box in boxes)
    lines = [box.get_y() for box in boxes]
    assert len(set(lines)) > 3
    assert all(len(set(lines[first : first + 3])) == 1 for first in range(0, 240, 3))


def test_a_long_text_ends_in_an_ellipsis(drawn, tmp_path):
    draw(tmp_path / "words.png", "line\n" * 500, {"attention": np.ones(500)}, [(5 * i, 5 * i + 4) for i in range(500)])
    assert drawn[0].axes[0].texts[-1].get_text() == "…"
    assert drawn[0].get_size_inches()[1] < 20


@pytest.mark.parametrize("name", ["words.png", "words.html"])
@pytest.mark.parametrize(
    ("text", "spans"), [("", []), (b"\xff ok", [(0, 1), (2, 4)]), ("\ud800\u2028\x00🙂", [(0, 1), (1, 4)])]
)
def test_odd_texts_are_drawn_without_warnings(tmp_path, name, text, spans):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = draw(tmp_path / name, text, {"attention": np.zeros(len(spans))}, spans)
    assert path.stat().st_size > 500


def test_wrong_arguments_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"Received: 5 starts, 5 ends, attention of shape \(2,\)"):
        draw(tmp_path / "a.png", weights={"attention": np.zeros(2)})
    with pytest.raises(ValueError, match="at least one explanation"):
        plots.draw_words("a", [0], [1], {}, tmp_path / "a.png", "")

import struct
import subprocess
import sys
import warnings

import numpy as np
import pytest

from tfmodels import plots


def random_maps(layers, heads, queries, keys):
    weights = np.random.default_rng(0).random((layers, heads, queries, keys)).astype("float32")
    weights /= weights.sum(axis=-1, keepdims=True)
    return {f"decoder/{layer}/cross_attention": layer_weights for layer, layer_weights in enumerate(weights)}


def test_large_panel_shows_the_mean_of_the_last_map_with_its_tokens(drawn):
    maps = random_maps(3, 2, 2, 3)
    plots.draw_attention(maps, ["▁Ein", "▁Hund"], ["▁a", "▁dog", "</s>"], "a.png", "a dog")
    axes = drawn[0].subfigs[0].axes[0]
    shown = axes.images[0].get_array()
    np.testing.assert_allclose(shown, maps["decoder/2/cross_attention"].mean(axis=0), rtol=1e-6)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["▁Ein", "▁Hund"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["▁a", "▁dog", "</s>"]
    assert axes.yaxis_inverted(), "the first query belongs on top"
    assert drawn[0].subfigs[0].axes[1].get_ylabel() == "attention weight"


def test_axes_say_what_their_tokens_are(drawn):
    names = ("translation", "source")
    plots.draw_attention(random_maps(1, 1, 2, 2), ["a", "b"], ["x", "y"], "a.png", "", "Transformer", names)
    axes = drawn[0].subfigs[0].axes[0]
    assert (axes.get_ylabel(), axes.get_xlabel()) == names
    assert drawn[0].get_suptitle() == "Transformer"


def test_long_texts_are_drawn_in_parts_that_can_be_read(drawn):
    weights = np.zeros([2, 2, 400], "float32")
    weights[0, :, 390:] = 0.1
    plots.draw_attention({"cross": weights}, ["a", "b"], [f"w{place}" for place in range(400)], "a.png", "title")
    *parts, heads = drawn[0].subfigs
    assert len(parts) == 4 and heads.axes[0].images[0].get_array().shape == (2, 400)
    last = parts[-1].axes[0]
    assert [label.get_text() for label in last.get_xticklabels()] == [f"w{place}" for place in range(384, 400)]
    assert last.get_xlabel() == "keys, 385 to 400 of 400" and last.get_xticklabels()[0].get_fontsize() >= 8
    assert "(the 4 of 9 parts with the most attention)" in drawn[0].get_suptitle()


def test_small_panels_show_every_head_of_every_map_in_one_scale(drawn):
    maps = random_maps(2, 3, 4, 5)
    maps["narrow"] = maps["decoder/0/cross_attention"][:1]
    plots.draw_attention(maps, list("abcd"), list("vwxyz"), "a.png", "")
    images = [axes.images[0] for axes in drawn[0].subfigs[1].axes if axes.get_visible()]
    np.testing.assert_allclose([image.get_array() for image in images], np.concatenate(list(maps.values())))
    assert {image.get_clim() for image in images} == {(0, 1)}


def test_labels_are_neither_formulas_nor_broken_lines(drawn):
    plots.draw_attention(random_maps(1, 1, 1, 2), ["$x^2$"], ["▁a\n", "\u0007"], "a.png", "$1 and $2")
    axes = drawn[0].subfigs[0].axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == [r"▁a\n", r"\x07"]
    assert not axes.get_yticklabels()[0].get_parse_math()


@pytest.mark.parametrize(("layers", "heads", "queries", "keys"), [(1, 1, 1, 1), (1, 4, 60, 1), (2, 2, 1, 60)])
def test_writes_a_figure_of_any_size_without_warnings(tmp_path, caplog, layers, heads, queries, keys):
    path = tmp_path / "attention.png"
    words = ["▁hund", "日本", "हिन्दी", "$$", "", "😀", "עברית"] * 10
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        maps = random_maps(layers, heads, queries, keys)
        plots.draw_attention(maps, words[:queries], words[:keys], path, "日本 $$")
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    assert 500 < width <= 1200
    assert 300 < height < 4000
    assert not caplog.records


def test_pyplot_keeps_no_figure(tmp_path):
    from matplotlib import pyplot

    plots.draw_attention(random_maps(1, 1, 1, 1), ["a"], ["b"], tmp_path / "a.svg", "")
    assert not pyplot.get_fignums()


@pytest.mark.parametrize("shape", [(2, 3), (1, 3, 2), (1, 2, 4)])
def test_maps_of_another_size_than_the_tokens_are_refused(tmp_path, shape):
    with pytest.raises(ValueError, match=r"Expected 'one' to be \[heads, 2, 3\]"):
        plots.draw_attention({"one": np.zeros(shape)}, ["a", "b"], ["x", "y", "z"], tmp_path / "a.png", "")


@pytest.mark.parametrize(("maps", "keys"), [({}, ["b"]), ({"one": np.zeros((1, 1, 0))}, [])])
def test_nothing_to_draw_is_refused(tmp_path, maps, keys):
    with pytest.raises(ValueError, match="at least one"):
        plots.draw_attention(maps, ["a"], keys, tmp_path / "a.png", "")


def test_import_loads_no_drawing_library():
    imports = "import sys, tfmodels.explain, tfmodels.plots"
    code = f"{imports}; print(sys.modules.keys() & {{'numpy', 'matplotlib', 'seaborn', 'tensorflow'}})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"

import json

import pytest

from tfmodels.export.card_file import FORMAT, read_card, write_card


def test_a_card_states_its_format(tmp_path):
    write_card(tmp_path, {"task": "toy", "format": 1})
    assert read_card(tmp_path) == {"task": "toy", "format": FORMAT}


def test_a_card_without_a_format_is_of_format_1(tmp_path):
    write_card(tmp_path, {})
    (tmp_path / "assets.extra" / "tfmodels.json").write_text('{"task": "toy"}')
    assert read_card(tmp_path) == {"task": "toy", "format": 1}


def test_a_card_of_a_newer_format_is_refused(tmp_path):
    write_card(tmp_path, {})
    newer = {"task": "toy", "format": FORMAT + 1}
    (tmp_path / "assets.extra" / "tfmodels.json").write_text(json.dumps(newer))
    with pytest.raises(ValueError, match="update tfmodels"):
        read_card(tmp_path)

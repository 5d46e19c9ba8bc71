import shutil

import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from tfmodels import export


def test_outputs_equal_those_of_the_module(lexicon, lexicon_folder, lexicon_sample):
    outputs = export.load(lexicon_folder).call("serving_default", **lexicon_sample)
    expected = lexicon(tf.constant(lexicon_sample["text"]))
    assert {name: array.tolist() for name, array in outputs.items()} == {
        name: tensor.numpy().tolist() for name, tensor in expected.items()
    }


def test_a_path_is_a_version_or_a_folder_of_versions(lexicon_folder):
    assert export.load(lexicon_folder).path == export.load(lexicon_folder / "1").path == lexicon_folder / "1"


def test_the_card_and_the_endpoints_are_loaded(lexicon_folder):
    loaded = export.load(lexicon_folder)
    assert loaded.card["columns"] == {"text": "source"}
    with export.SessionRunner(lexicon_folder) as runner:
        assert loaded.endpoints == runner.endpoints


def test_wrong_calls_are_refused(lexicon_folder, tmp_path):
    loaded = export.load(lexicon_folder)
    with pytest.raises(ValueError, match="Did you mean 'serving_default'"):
        loaded.call("serving-default", text=["one"])
    with pytest.raises(ValueError, match=r"\['text'\].*\['source'\]"):
        loaded.call("serving_default", source=["one"])
    with pytest.raises(FileNotFoundError, match="SavedModel"):
        export.load(tmp_path)


def test_a_saved_model_without_a_card_is_refused(tmp_path):
    tf.saved_model.save(tf.Module(), str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"tfmodels\.json"):
        export.load(tmp_path)


def test_a_damaged_file_is_refused(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"half of a file")
    (tmp_path / "assets.extra").mkdir()
    (tmp_path / "assets.extra" / "tfmodels.json").write_text("{}")
    with pytest.raises(ValueError, match="complete SavedModel"):
        export.load(tmp_path)


def test_an_export_that_writes_files_is_refused_before_it_is_loaded(lexicon_folder, tmp_path):
    version = shutil.copytree(lexicon_folder / "1", tmp_path / "1")
    (version / "assets.extra" / "digests.json").unlink()
    file = version / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    saved.meta_graphs[0].graph_def.node.add(name="added", op="WriteFile", input=["path", "text"])
    file.write_bytes(saved.SerializeToString())
    with pytest.raises(ValueError, match=r"keeps to its own files.*WriteFile"):
        export.load(version)

"""What TensorBoard reads of a training."""

import math
import struct
import zlib

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util

from tfmodels.training.callbacks import event_file

ROWS = [
    {"step": 10, "loss": 5.0, "train_loss": 4.5, "val_loss": 4.0, "val_accuracy": 0.25, "learning_rate": 0.1},
    {"step": 20, "loss": 4.0, "train_loss": 3.5, "val_loss": math.nan, "val_accuracy": 0.5, "learning_rate": 0.2},
]


def read(folder):
    return EventAccumulator(str(folder)).Reload()


def numbers(folder, tag):
    events = read(folder).Tensors(tag)
    return [(event.step, float(tensor_util.make_ndarray(event.tensor_proto))) for event in events]


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mine") / "tensorboard"
    events = event_file.EventFiles(folder)
    for row in ROWS:
        events.write(row)
    return folder


def test_losses_of_training_and_validation_have_one_name_and_so_one_plot(board):
    assert numbers(board / "train", "loss") == [(10, 5.0), (20, 4.0)]
    assert numbers(board / "train_as_validation", "loss") == [(10, 4.5), (20, 3.5)]
    (first, loss), (second, lost) = numbers(board / "validation", "loss")
    assert (first, loss, second) == (10, 4.0, 20) and math.isnan(lost)
    assert numbers(board / "validation", "accuracy") == [(10, 0.25), (20, 0.5)]
    assert "learning_rate" in read(board / "train").Tags()["tensors"]


def test_options_are_hyperparameters(tmp_path):
    options = {
        "model": "lstm",
        "training.steps": 12,
        "training.xla": False,
        "learning_rate": None,
        "levels": (0.1, 0.9),
    }
    event_file.write_options(tmp_path / "tensorboard", options)
    metadata = read(tmp_path / "tensorboard").SummaryMetadata("_hparams_/session_start_info")
    started = plugin_data_pb2.HParamsPluginData.FromString(metadata.plugin_data.content).session_start_info
    found = {name: getattr(value, value.WhichOneof("kind")) for name, value in started.hparams.items()}
    assert found == {**options, "training.steps": 12.0, "learning_rate": "None", "levels": "(0.1, 0.9)"}


def test_figures_are_images(tmp_path):
    def part(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = part(b"IHDR", struct.pack(">IIBBBBB", 3, 2, 8, 2, 0, 0, 0))
    pixels = part(b"IDAT", zlib.compress(2 * (b"\0" + bytes(range(9)))))
    (tmp_path / "curves.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + pixels + part(b"IEND", b""))
    event_file.write_figures(tmp_path / "board", [tmp_path / "curves.png"], 20)
    event_file.write_figures(tmp_path / "none", [], 20)
    (event,) = read(tmp_path / "board").Tensors("curves")
    width, height, image = event.tensor_proto.string_val
    assert (event.step, width, height) == (20, b"3", b"2") and image.startswith(b"\x89PNG")
    assert not (tmp_path / "none").exists()

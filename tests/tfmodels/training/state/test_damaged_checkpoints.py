import errno
import os
import random
import shutil

import numpy as np
import pytest
import tensorflow as tf
import toy_task
from tensorflow.core.protobuf import tensor_bundle_pb2

from tfmodels.training import AdamW, Checkpoints, Trainer, restore_best, smoothed_cross_entropy
from tfmodels.training.state import numbered, tensor_index
from tfmodels.training.state.tensor_index import DATA, INDEX, DamagedError

LOSSES = (3.0, 1.0, 2.0)  # the best weights are those of the second evaluation


def make_trainer(value=0.0):
    network = toy_task.Bigrams()
    trainer = Trainer(network, smoothed_cross_entropy)
    trainer.compile(optimizer=AdamW())
    trainer.optimizer.build(network.trainable_variables)
    network.table.assign(np.full(network.table.shape, value))
    return trainer


def checkpoints(folder, trainer, recent=2):
    return Checkpoints(folder / "checkpoints", trainer, folder / "history.json", recent)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    trainer = make_trainer()
    state = checkpoints(folder, trainer)
    for number, loss in enumerate(LOSSES, 1):
        trainer.network.table.assign(np.full(trainer.network.table.shape, number))
        state.save_best(loss)
        state.save({"val_loss": loss})
    return folder


@pytest.fixture
def run(trained, tmp_path):
    shutil.copytree(trained, tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture(scope="module")
def trainer():
    return make_trainer()


def restored(run, trainer):
    """The number of evaluations of the state that is restored, and the weight that it holds."""
    trainer.network.table.assign(np.full(trainer.network.table.shape, -1))
    done = checkpoints(run, trainer).restore()
    return done, float(trainer.network.table.numpy().max())


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def empty(path):
    path.write_bytes(b"")


def remove(path):
    path.unlink()


def link(path):
    path.rename(path.with_suffix(".elsewhere"))
    path.symlink_to(path.with_suffix(".elsewhere"))


def pipe(path):
    path.unlink()
    os.mkfifo(path)


DAMAGES = (cut, flip, empty, remove, link, pipe)


def test_a_lost_list_of_checkpoints_loses_nothing(run, trainer):
    for path in run.rglob("checkpoint"):
        path.unlink()
    assert restored(run, trainer) == (3, 3.0)


@pytest.mark.parametrize("ending", [INDEX, DATA])
@pytest.mark.parametrize("damage", DAMAGES)
def test_the_newest_sound_state_is_taken_and_it_is_said(run, trainer, capsys, damage, ending):
    damage(run / "checkpoints" / "last" / f"ckpt-3{ending}")
    assert restored(run, trainer) == (2, 2.0)
    assert "warning: the state after evaluation 3 is not taken: " in capsys.readouterr().out


@pytest.mark.parametrize("history", [True, False])
@pytest.mark.parametrize("what", ["all", "states", "damaged"])
def test_what_is_left_of_a_training_is_never_trained_over(run, trainer, what, history):
    if not history:
        (run / "history.json").unlink()
    if what == "damaged":
        for path in (run / "checkpoints" / "last").glob("*.index"):
            cut(path)
    else:
        shutil.rmtree(run / "checkpoints" / "last")
    if what == "all" and history:
        shutil.rmtree(run / "checkpoints")
    with pytest.raises(ValueError, match=r"Expected the state of the training in .*last.*--overwrite"):
        restored(run, trainer)


@pytest.mark.parametrize("kept", [(), ("best",), ("best", "recent"), ("best", "recent", "last")])
def test_a_kill_within_the_first_evaluation_starts_anew(tmp_path, trainer, kept):
    state = checkpoints(tmp_path, trainer)
    state.save_best(3.0)
    state.save({"val_loss": 3.0})
    (tmp_path / "history.json").unlink()
    cut(tmp_path / "checkpoints" / "last" / f"ckpt-1{DATA}")
    for name in {"best", "recent", "last"} - {*kept}:
        shutil.rmtree(tmp_path / "checkpoints" / name)
    assert restored(tmp_path, trainer) == (0, -1.0)


@pytest.mark.parametrize("ending", [INDEX, DATA])
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["best/ckpt-2", "recent/ckpt-3"])
def test_a_state_without_the_weights_that_belong_to_it_is_refused(run, trainer, name, damage, ending):
    damage(run / "checkpoints" / f"{name}{ending}")
    with pytest.raises(ValueError, match=rf"Expected the weights of evaluation \d in .*{name.partition('/')[0]}"):
        restored(run, trainer)
    if name.startswith("best"):
        with pytest.raises((ValueError, FileNotFoundError), match="best"):
            restore_best(run / "checkpoints", trainer.network)


def test_weights_of_another_network_are_refused(run):
    other = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
    with pytest.raises(ValueError, match="network"):
        restore_best(run / "checkpoints", other)


def test_leftovers_go_at_the_next_start(run, trainer):
    before = sorted(run.rglob("*"))
    last = run / "checkpoints" / "last"
    (last / "ckpt-4_temp").mkdir()
    (last / "ckpt-4_temp" / "part-00000-of-00001.index").touch()
    (last / "unfinished_temp").mkdir()
    (last / f"unfinished{DATA}").touch()
    assert restored(run, trainer) == (3, 3.0)
    assert sorted(run.rglob("*")) == before


def test_a_list_that_names_files_elsewhere_is_not_followed(run, trainer, tmp_path):
    shutil.copytree(run / "checkpoints" / "last", tmp_path / "other")
    listed = "".join(f'all_model_checkpoint_paths: "{tmp_path}/other/ckpt-{number}"\n' for number in (2, 3))
    for path in run.rglob("checkpoint"):
        path.write_text(f'model_checkpoint_path: "{tmp_path}/other/ckpt-2"\n{listed}')
    before = sorted((tmp_path / "other").iterdir())
    state = checkpoints(run, trainer)
    assert state.restore() == 3
    for _ in range(3):
        state.save({"val_loss": 5.0})
    assert sorted((tmp_path / "other").iterdir()) == before


def test_a_full_disk_is_an_error_of_the_system_that_names_the_folder(run, trainer, monkeypatch):
    state = checkpoints(run, trainer)
    state.restore()

    def fail(self, path):
        raise tf.errors.ResourceExhaustedError(None, None, f"{path}_temp; No space left on device")

    monkeypatch.setattr(tf.train.Checkpoint, "write", fail)
    with pytest.raises(OSError, match="No space left") as error:
        state.save({"val_loss": 0.5})
    assert (error.value.errno, error.value.filename) == (errno.ENOSPC, str(run / "checkpoints" / "recent"))
    monkeypatch.undo()
    assert restored(run, trainer) == (3, 3.0)


def table(entries):
    """An index with one block, whose checksums are missing."""

    def number(value):
        found = bytearray()
        while value > 127:
            found.append(value & 127 | 128)
            value >>= 7
        return bytes([*found, value])

    def block(pairs):
        content = b"".join(number(0) + number(len(key)) + number(len(value)) + key + value for key, value in pairs)
        return content + bytes(4) + (1).to_bytes(4, "little")

    data = block(sorted(entries.items()))
    trailer = bytes(5)
    index = block([(b"z", number(0) + number(len(data)))])
    place = len(data) + len(trailer)
    footer = number(0) + number(0) + number(place) + number(len(index))
    return data + trailer + index + trailer + footer.ljust(40, b"\0") + tensor_index._MAGIC


TABLE = b"weights/0/.ATTRIBUTES/VARIABLE_VALUE"


def header(found):
    found[b""] = tensor_bundle_pb2.BundleHeaderProto(num_shards=1 << 20).SerializeToString()


def changed(name, **fields):
    def change(found):
        entry = tensor_bundle_pb2.BundleEntryProto.FromString(found[name])
        if "shape" in fields:
            entry.ClearField("shape")
            for size in fields["shape"]:
                entry.shape.dim.add(size=size)
        for field in fields.keys() - {"shape"}:
            setattr(entry, field, fields[field])
        found[name] = entry.SerializeToString()

    return change


@pytest.mark.parametrize(
    "change",
    [
        header,
        changed(TABLE, shape=[1 << 40]),
        changed(TABLE, shape=[1 << 40], size=1 << 42),
        changed(TABLE, size=1 << 42),
        changed(TABLE, offset=1 << 42),
        changed(TABLE, offset=-4),
        changed(TABLE, shard_id=7),
        changed(TABLE, dtype=7),
        changed(numbered.HISTORY.encode(), offset=0),
        changed(numbered.HISTORY.encode(), shape=[1 << 40]),
        lambda found: found.pop(TABLE),
        lambda found: found.update({b"x" * 5000: b""}),
        lambda found: found.update({b"weights/9/.ATTRIBUTES/VARIABLE_VALUE": found[TABLE]}),
        lambda found: found.pop(b""),
    ],
)
def test_what_an_index_declares_is_judged_before_it_is_read(run, trainer, monkeypatch, change):
    prefix = run / "checkpoints" / "last" / "ckpt-3"
    index = prefix.with_name("ckpt-3.index")
    found = dict(tensor_index._entries(index.read_bytes()))
    state = checkpoints(run, trainer)._state
    index.write_bytes(table(found))
    assert dict(tensor_index._entries(index.read_bytes())) == found
    change(found)
    index.write_bytes(table(found))
    monkeypatch.setattr(tf.train, "load_checkpoint", lambda prefix: pytest.fail("read"))
    with pytest.raises(DamagedError, match="ckpt-3"):
        numbered.check(prefix.parent, 3, state, history=True)


@pytest.mark.parametrize("ending", [INDEX, DATA])
def test_a_changed_file_is_refused_or_makes_no_difference(run, trainer, ending):
    state = checkpoints(run, trainer)._state
    path = run / "checkpoints" / "last" / f"ckpt-3{ending}"
    whole, draw = path.read_bytes(), random.Random(1)
    expected = {name: numbered.check(path.parent, 3, state, history=True).get_tensor(name) for name in state}
    refused = 0
    for _ in range(100):
        content = bytearray(whole)
        for _ in range(draw.choice([1, 1, 4])):
            content[draw.randrange(len(content))] = draw.randrange(256)
        path.write_bytes(content)
        try:
            reader = numbered.check(path.parent, 3, state, history=True)
        except DamagedError:
            refused += 1
        else:
            assert all(np.array_equal(reader.get_tensor(name), value) for name, value in expected.items())
    assert refused > 50

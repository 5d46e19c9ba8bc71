"""Files of options that someone else wrote: nothing in them makes an object, reads a file or takes all memory."""

import json
import os
import typing
from dataclasses import make_dataclass
from pathlib import Path

import numpy as np
import pytest

from pipelines import runs
from pipelines.runs import option_files, option_types, registry, settings
from pipelines.sources import fingerprints

BOMB = "\n".join(["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))])
GROWN = "\n".join(["a0: &a0 {x: 1, y: 2}", *(f"a{n}: &a{n} {{x: *a{n - 1}, y: *a{n - 1}}}" for n in range(1, 40))])


@pytest.mark.parametrize(
    "text",
    [
        "task: !!python/object/apply:os.system ['touch marker']",
        "task: !!python/name:os.system",
        "task: !!python/module:evil",
        "!!python/object/new:type {args: [evil, [], {}]}",
        "task: !include /etc/hostname",
        BOMB,
        GROWN,
        "a: &a {b: *a}",
        "a: &a [*a]",
        "a: " + "[" * 20_000,
        "- a list",
        "text",
        "\x00",
        "a: [",
        "a: " + "x" * (1 << 20),
        "5: 5",
        "true: 5",
    ],
    ids=range(17),
)
def test_what_is_no_plain_yaml_of_options_is_refused_in_a_sentence(tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text(text)
    with pytest.raises(ValueError, match="Expected"):
        option_files.read(Path("config.yaml"))
    assert not Path("marker").exists()


@pytest.mark.parametrize("value", ["9" * 5_000, "0x" + "f" * 5_000, "2024-13-45", "1:" * 3_000 + "1.5"], ids=range(4))
def test_a_value_that_cannot_be_is_refused_by_its_line(tmp_path, value):
    (tmp_path / "config.yaml").write_text(f"task: translation\ntraining:\n  steps: {value}\n")
    with pytest.raises(ValueError, match=r"(?s)config\.yaml.*line 3, column 10") as error:
        option_files.read(tmp_path / "config.yaml")
    assert len(str(error.value)) < 500


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "config.yaml").write_bytes(b"task: \xff")
    with pytest.raises(ValueError, match="Expected YAML"):
        option_files.read(tmp_path / "config.yaml")


OBJECTS = [
    {"class_path": "os.system", "init_args": {"command": "touch marker"}},
    {"class_path": "evil.Evil"},
    "evil.Evil",
    "options.yaml",
    ["options.yaml"],
    {"steps": {"class_path": "evil.Evil"}},
    {"__path__": "options.yaml"},
]


@pytest.mark.parametrize("group", ["training", "transformer", "lstm", "decoding", "model", "vocabulary_size", "config"])
@pytest.mark.parametrize("value", OBJECTS, ids=range(len(OBJECTS)))
def test_options_name_no_classes_and_no_files(tmp_path, monkeypatch, group, value):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    Path("evil.py").write_text("open('marker', 'w')\n\nclass Evil:\n    pass\n")
    Path("options.yaml").write_text("steps: 3\nnum_layers: 3\nbeam_size: 3\n")
    with pytest.raises(ValueError, match="Expected"):
        settings.from_dict(registry.find("translation").Config, {group: value}, "translation")
    assert not Path("marker").exists()


KINDS = ["Callable", "Callable[[int], int]", "Any", "type", "object", "type[Path]", "list[Callable]", "dict[str, Any]"]
KINDS += ["Inner", "Inner | None", "Other"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_task_whose_options_could_hold_code_is_refused(tmp_path, kind):
    (tmp_path / f"{abs(hash(kind))}.py").write_text(
        f"""from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

class Other: pass

@dataclass
class Inner:
    function: Callable = print

@dataclass
class Config:
    size: int = 1
    option: {kind} = None
"""
    )
    config_type = registry.find(str(tmp_path / f"{abs(hash(kind))}.py")).Config
    with pytest.raises(ValueError, match="which a file could fill with code"):
        settings.from_dict(config_type, {"option": "os.system"})


@pytest.mark.parametrize(
    "kind", ["str | None", "tuple[str, ...]", "dict[str, float]", "Literal['a', 1]", "Path", "list"]
)
def test_options_that_are_values_may_have_any_such_type(tmp_path, kind):
    made = make_dataclass("Config", [("option", eval(kind, vars(typing) | {"Path": Path}), None)])
    option_types.check(made)


def test_a_run_whose_options_name_other_files_is_opened_without_reading_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")  # whoever opens it waits for ever
    names = {name: str(tmp_path / "pipe") for name in ("data", "vectors", "start_from")}
    Path("runs/evil").mkdir(parents=True)
    Path("runs/evil/config.yaml").write_text(
        "\n".join(["format: 2", "task: translation", *map(": ".join, names.items())])
    )
    assert runs.load("evil").config.data == names["data"]


@pytest.mark.parametrize("path", ["pipe", "/dev/zero", "link"])
def test_data_files_that_never_end_are_not_read(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    Path("link").symlink_to("/dev/zero")
    kept = [fingerprints.Fingerprint(path, 1, 3, 1, 0, 0, "")]
    assert fingerprints.changes(kept, tmp_path / ".index") == []
    assert fingerprints.missing(kept) == kept


PRINT = {"path": "a", "files": 1, "size": 3, "lines": 1, "modified": 0, "changed": 0, "digest": ""}
PRINTS = [PRINT | {"path": 5}, PRINT | {"size": "3"}, PRINT | {"modified": 10**30}, PRINT | {"files": True}, {}]
OTHER_FORMS = ["", "{}", "{}x", "[1]", "[" * 100_000, "9" * 5_000, *(json.dumps([one]) for one in PRINTS)]


@pytest.mark.parametrize("content", OTHER_FORMS, ids=range(len(OTHER_FORMS)))
def test_fingerprints_of_another_form_are_refused(tmp_path, content):
    (tmp_path / "data_files.json").write_text(content)
    with pytest.raises(ValueError, match=r"Expected .* in .*data_files\.json"):
        fingerprints.read(tmp_path / "data_files.json")


INDEX = {"names": ["a"], "offsets": [0, 1], "bounds": [[0, 1, 1, 1]], "time": [1], "values": [1, 1]}
INDEX |= {"past": [1, 0], "known": [1, 0]}
INDICES = ["", "[" * 100_000, "5", "[]", "{}"]
INDICES += [
    json.dumps(INDEX | change)
    for change in (
        {"names": 5},
        {"offsets": [0]},
        {"offsets": [0, 10**30]},
        {"bounds": "x"},
        {"time": 1},
        {"past": None},
    )
]


@pytest.mark.parametrize("content", INDICES, ids=range(len(INDICES)))
def test_a_damaged_index_of_series_is_refused_by_its_file(tmp_path, content):
    from tfmodels.training import SeriesRows

    (tmp_path / "index.json").write_text(content)
    with pytest.raises(ValueError, match=r"Expected .* in .*index\.json"):
        SeriesRows(tmp_path)


class Marks:
    """Unpickled, it writes a file."""

    def __reduce__(self):
        return open, ("marker", "w")


def test_arrays_of_a_run_hold_no_objects(tmp_path, monkeypatch):
    from tfmodels.training import SeriesRows

    monkeypatch.chdir(tmp_path)
    Path("index.json").write_text(
        '{"names": [], "offsets": [0], "bounds": [], "time": [0], "values": [0], "past": [0], "known": [0]}'
    )
    np.save("static.npy", np.array([Marks()], object), allow_pickle=True)
    Path("marker").unlink(missing_ok=True)
    with pytest.raises(ValueError, match=r"static\.npy, which is damaged\. Received: .*Python objects"):
        SeriesRows(tmp_path)
    assert not Path("marker").exists()

"""Rules on the files of a SavedModel: each broken by an edit of one sound SavedModel, found by name, nothing run.

TFMODELS_EXAMPLES=500 tries as many mutations of a file.
"""

import os
import random
import resource
import shutil
from pathlib import Path

import edited_saved_models as edited
import pytest
import tensorflow as tf
from tensorboard.compat.proto import meta_graph_pb2
from tensorflow.core.protobuf import saved_model_pb2

from tfmodels import export
from tfmodels.export.checks import check_export, rules, session_check, static_check
from tfmodels.export.checks.finding import Finding
from tfmodels.export.checks.safe_to_load import UNSAFE, check_safe
from tfmodels.export.checks.static_check import static_findings
from tfmodels.export.graph.meta_graph import read_meta_graphs
from tfmodels.export.runners.session_runner import SessionRunner
from tfmodels.export.warmup_requests import warmup_file

EXAMPLES = int(os.environ.get("TFMODELS_EXAMPLES", "40"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return edited.save_sound(tmp_path_factory.mktemp("sound"))


@pytest.fixture
def version(sound, tmp_path):
    """A copy of the sound version."""
    return shutil.copytree(sound, tmp_path / "1")


@pytest.fixture
def nothing_runs(monkeypatch):
    """Running the endpoints, and starting a process, is a failure."""

    def fail(*arguments, **options):
        raise AssertionError("a SavedModel with errors is not run")

    monkeypatch.setattr(check_export, "isolated_findings", fail)
    monkeypatch.setattr("subprocess.Popen", fail)
    monkeypatch.setattr("tensorflow.compat.v1.saved_model.load", fail)


def errors(findings):
    return {finding.rule for finding in findings if finding.severity == "error"}


def test_a_sound_version_has_no_findings(sound):
    assert static_findings(sound) == []


@pytest.mark.parametrize("case", edited.EDITS)
def test_an_error_is_found_by_name_and_nothing_is_run(case, version, nothing_runs):
    rule, edit = edited.EDITS[case]
    edit(version)
    found = export.check(version if version.exists() else version.with_name("latest"))
    assert rule in errors(found)
    assert [finding.rule for finding in found if finding.severity == "warning"] == ["not_run"]
    assert all(finding.server for finding in found if finding.rule == rule)


def test_what_reaches_beyond_its_folder_is_refused_before_it_is_loaded(version):
    """By the same rules as in a check, and by no others."""
    check_safe(version)
    kept = shutil.copytree(version, version.parent / "kept")
    for case, (rule, edit) in edited.EDITS.items():
        shutil.rmtree(version, ignore_errors=True)
        shutil.copytree(kept, version)
        edit(version)
        unsafe = errors(static_findings(version if version.exists() else version.with_name("latest"))) & UNSAFE
        if unsafe:
            with pytest.raises(ValueError, match=r"keeps to its own files.*tfmodels check"):
                check_safe(version)
        elif rule not in ("damaged", "version"):
            check_safe(version)
        assert (rule in UNSAFE) == bool(unsafe), case


@pytest.mark.parametrize("case", edited.DOUBTFUL)
def test_a_doubt_is_a_warning(case, version):
    rule, edit = edited.DOUBTFUL[case]
    edit(version)
    found = static_findings(version)
    assert {finding.rule for finding in found} == {rule}
    assert {finding.severity for finding in found} == {"warning"}


@pytest.mark.parametrize("root", ["initialiser", "restoring"])
def test_a_file_that_loading_would_write_does_not_appear(root, version, tmp_path):
    written = tmp_path / "written.txt"
    edited.with_file_written(written, root)(version)
    assert errors(export.check(version)) == {"file_access"}
    assert not written.exists()
    SessionRunner(version).close()  # what is kept from happening
    assert written.read_text() == "written"


def test_links_inside_a_version_are_fine(version):
    (version / "assets" / "again").symlink_to("words.txt")
    assert static_findings(version) == []
    (version.parent / "latest").symlink_to(version)
    assert {finding.rule for finding in static_findings(version.parent / "latest")} == set()


def test_rows_that_are_put_back_into_place_are_fine(tmp_path):
    def lengths(text):
        words, places = tf.unique(text)
        found = tf.where(tf.strings.length(text) > 0)[:, 0]
        some = tf.scatter_nd(found[:, None], tf.ones_like(found), tf.shape(text, tf.int64))
        return {"length": tf.gather(tf.strings.length(words), places), "some": some}

    assert static_findings(edited.bad.save(tmp_path, lengths)) == []


@pytest.mark.parametrize("function", ["unique", "where", "mask"])
def test_rows_that_depend_on_content_are_found(function, tmp_path):
    functions = {
        "unique": lambda text: {"y": tf.strings.upper(tf.unique(text)[0])},
        "where": lambda text: {"y": tf.squeeze(tf.where(tf.strings.length(text) > 2), 1)},
        "mask": lambda text: {"y": tf.strings.length(tf.boolean_mask(text, tf.strings.length(text) > 2)) + 1},
    }
    assert errors(static_findings(edited.bad.save(tmp_path, functions[function]))) == {"row_count"}


def test_checks_of_shapes_are_fine(tmp_path):
    def checked(text):
        with tf.control_dependencies([tf.debugging.assert_less(tf.shape(text)[0], 1000)]):
            return {"size": edited.bad.length(text)}

    assert static_findings(edited.bad.save(tmp_path, checked)) == []


def test_findings_are_safe_to_print(version):
    edited.typed("outputs", "size", 19)(version)
    clears_screens = "\x1b[2J" * 1000
    edited.graph_edit(
        lambda graph: graph.signature_def[clears_screens].CopyFrom(graph.signature_def["serving_default"])
    )(version)
    found = static_findings(version)
    assert len(found) == 2
    texts = [text for finding in found for text in vars(finding).values()]
    assert all(text.isprintable() and len(text) < 20_000 for text in texts)


def fields_of(descriptor, seen):
    """Names and numbers of the fields of a message and of all messages in it."""
    if descriptor.name in seen:
        return seen
    seen[descriptor.name] = {(field.name, field.number) for field in descriptor.fields}
    for field in descriptor.fields:
        if field.message_type:
            fields_of(field.message_type, seen)
    return seen


def test_a_file_that_grows_in_memory_is_refused(version, monkeypatch):
    """Two bytes of the file are a node of a hundred in memory."""
    monkeypatch.setattr(static_check, "_MOST_MEMORY", 2**28)
    before = resource.getrlimit(resource.RLIMIT_AS)
    nodes = b"\x0a\x00" * 2**22
    graph = b"\x12" + varint(len(nodes)) + nodes
    (version / "saved_model.pb").write_bytes(b"\x12" + varint(len(graph)) + graph)
    assert errors(static_findings(version)) in (
        {"too_large"},
        {"damaged"},
    )  # as the memory ends before or in the parser
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def varint(number):
    groups = [number >> shift & 0x7F for shift in range(0, 35, 7)]
    return bytes([*(group | 0x80 for group in groups[:-1]), groups[-1]])


def test_the_messages_that_are_read_are_those_of_tensorflow(sound):
    theirs = fields_of(saved_model_pb2.SavedModel.DESCRIPTOR, {})
    ours = fields_of(meta_graph_pb2.MetaGraphDef.DESCRIPTOR, {})
    seen = {"GraphDef", "NodeDef", "AttrValue", "FunctionDef", "SignatureDef", "TensorInfo", "AssetFileDef", "SaverDef"}
    assert {name: ours[name] for name in seen} == {name: theirs[name] for name in seen}
    (graph,) = read_meta_graphs(sound)
    assert graph.SerializeToString(deterministic=True) == edited.saved(sound).meta_graphs[0].SerializeToString(
        deterministic=True
    )


def test_the_document_has_all_rules():
    document = (Path(__file__).parents[4] / "docs" / "checks.md").read_text(encoding="utf-8")
    assert rules.table() in document


def mutated(content, chance):
    """Some bytes changed, taken out, put in, repeated or cut off."""
    content = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 10, 100])):
        at, length = chance.randrange(len(content) + 1), chance.choice([1, 1, 2, 8, 100])
        kind = chance.randrange(5)
        if kind == 0:
            content[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 1:
            del content[at : at + length]
        elif kind == 2:
            content[at:at] = chance.randbytes(length)
        elif kind == 3:
            content[at:at] = content[at : at + length]
        elif chance.random() < 0.1:
            del content[at:]
    return bytes(content)


def scrambled(model, chance):
    """A SavedModel that can be read, whose names and numbers are exchanged for others of it or for odd ones."""
    model = saved_model_pb2.SavedModel.FromString(model)
    graph = model.meta_graphs[0]
    nodes = [*graph.graph_def.node, *(node for one in graph.graph_def.library.function for node in one.node_def)]
    names = [node.name for node in nodes] + ["", "^", ":", "a:b:c", "x:99999999999", "\u202e\u0000", "^" * 50]
    for _ in range(chance.choice([1, 3, 30])):
        node, other = chance.choice(nodes), chance.choice(nodes)
        kind = chance.randrange(8)
        if kind == 0:
            node.op = chance.choice([other.op, chance.choice(names)])
        elif kind == 1 and node.input:
            node.input[chance.randrange(len(node.input))] = chance.choice(names)
        elif kind == 2:
            node.name = chance.choice(names)
        elif kind == 3:
            del node.input[:]
        elif kind == 4:
            node.attr.clear()
        elif kind == 5:
            node.CopyFrom(other)
        elif kind == 6:
            function = chance.choice(graph.graph_def.library.function)
            function.ret.clear()
        else:
            tensors = chance.choice([*graph.signature_def.values()])
            for tensor in (*tensors.inputs.values(), *tensors.outputs.values()):
                tensor.name = chance.choice([tensor.name, *names])
                tensor.dtype = chance.choice([tensor.dtype, 0, 120, 2**31 - 1, -1])
                tensor.tensor_shape.dim.add(size=chance.choice([-(2**63), 2**63 - 1, 0]))
    return model.SerializeToString()


@pytest.mark.slow
@pytest.mark.parametrize("change", [mutated, scrambled])
def test_what_no_rule_catches_is_run_and_gives_findings_only(change, version):
    file = version / "saved_model.pb"
    content = file.read_bytes()
    for seed in range(EXAMPLES):
        file.write_bytes(change(content, random.Random(seed)))
        assert all(isinstance(finding, Finding) for finding in export.check(version)), seed


@pytest.mark.parametrize("change", [mutated, scrambled])
def test_any_file_gives_findings_only(change, version):
    file = version / "saved_model.pb"
    content = file.read_bytes()
    for seed in range(EXAMPLES):
        file.write_bytes(change(content, random.Random(seed)))
        assert all(isinstance(finding, Finding) for finding in static_findings(version)), seed


def test_any_warm_up_file_gives_findings_only(version):
    bad = edited.bad
    row = {"text": [b"one", b"two"], "weight": tf.constant([1.0, 2.0])}
    bad.with_warmup(version, lambda file: bad.write_records(file, [bad.record(**row)] * 3))
    file = warmup_file(version)
    content, record = file.read_bytes(), bad.record(**row)
    with SessionRunner(version) as session:
        assert session_check.session_findings(version, session) == []
        for seed in range(EXAMPLES):
            chance = random.Random(seed)
            if seed % 2:
                file.write_bytes(mutated(content, chance))
            else:  # framed as it should be
                bad.write_records(file, [mutated(record, chance)])
            findings, _ = session_check._warm_up(version, session)
            assert all(isinstance(finding, Finding) for finding in findings), seed


def test_a_warm_up_request_of_any_declared_size_is_refused(version):
    from tensorflow_serving.apis import prediction_log_pb2

    log = prediction_log_pb2.PredictionLog.FromString(edited.bad.record(text=[b"one"], weight=tf.constant([1.0])))
    log.predict_log.request.inputs["weight"].tensor_shape.dim[0].size = 2**40
    edited.bad.with_warmup(version, lambda file: edited.bad.write_records(file, [log.SerializeToString()]))
    with SessionRunner(version) as session:
        findings, _ = session_check._warm_up(version, session)
    assert findings[0].rule == "warmup"
    assert "1099511627776" in findings[0].problem

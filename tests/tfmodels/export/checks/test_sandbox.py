import ast
import os
import socket
import subprocess
import sys

import bad_saved_models as bad
import pytest
import tensorflow as tf

from tfmodels.export.checks import isolated_run, sandbox

pytestmark = pytest.mark.skipif(not sandbox.version(), reason="needs Landlock")

# Prints which of these a confined process could do, in a thread that it started afterwards.
ATTEMPTS = """
import os, pathlib, socket, subprocess, sys, threading
from tfmodels.export.checks import sandbox

folder, port = pathlib.Path(sys.argv[1]), int(sys.argv[2])
attempts = {
    "read version": lambda: (folder / "version/saved_model.pb").read_bytes(),
    "list version": lambda: os.listdir(folder / "version"),
    "read packages": lambda: pathlib.Path(socket.__file__).read_bytes(),
    "write to what is open": lambda: os.write(1, b""),
    "read": lambda: (folder / "secret").read_bytes(),
    "list": lambda: os.listdir(folder),
    "read by a link": lambda: (folder / "version/link").read_bytes(),
    "make": lambda: (folder / "version/made").touch(),
    "empty": lambda: os.truncate(folder / "secret", 0),
    "delete": lambda: (folder / "secret").unlink(),
    "rename": lambda: (folder / "secret").rename(folder / "version/moved"),
    "make folder": lambda: (folder / "made").mkdir(),
    "link": lambda: (folder / "version/new").symlink_to("/etc"),
    "execute": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
    "connect": lambda: socket.create_connection(("127.0.0.1", port), timeout=5),
    "listen": lambda: socket.create_server(("127.0.0.1", 0)),
}

def possible():
    for name, attempt in attempts.items():
        try:
            attempt()
            done.append(name)
        except OSError:
            pass

done = []
assert sandbox.enter([folder / "version"])
thread = threading.Thread(target=possible)
thread.start()
thread.join()
print(done)
"""


@pytest.fixture
def folder(tmp_path):
    """A version, and beside it what is none of its business."""
    version = tmp_path / "version"
    version.mkdir()
    (version / "saved_model.pb").write_bytes(b"graph")
    (tmp_path / "secret").write_bytes(b"secret")
    (version / "link").symlink_to(tmp_path / "secret")
    return tmp_path


def test_a_confined_process_reads_the_version_and_python_and_does_nothing_else(folder):
    with socket.create_server(("127.0.0.1", 0)) as server:
        command = [sys.executable, "-c", ATTEMPTS, str(folder), str(server.getsockname()[1])]
        found = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    done = ast.literal_eval(found.stdout)
    of_network = [] if sandbox.version() >= 4 else ["connect", "listen"]
    assert done == ["read version", "list version", "read packages", "write to what is open", *of_network]
    assert (folder / "secret").read_bytes() == b"secret"


def test_a_system_without_landlock_is_told_so(monkeypatch):
    monkeypatch.setattr(sandbox, "version", lambda: 0)
    assert not sandbox.enter([])


def reads(path):
    return lambda text: {"y": tf.fill(tf.shape(text), tf.io.read_file(str(path)))}


def writes(path):
    def function(text):
        with tf.control_dependencies([tf.io.write_file(str(path), "written")]):
            return {"y": tf.identity(bad.length(text))}

    return function


@pytest.mark.slow
@pytest.mark.parametrize(("function", "path"), [(reads, "secret"), (writes, "made"), (writes, "new/made")])
def test_what_the_static_rules_would_miss_is_not_done(folder, function, path):
    version = bad.save(folder / "hostile", function(folder / path))
    before = sorted(folder.rglob("*"))
    found = isolated_run.isolated_findings(version)
    assert any("PermissionDenied" in one.problem or "ermission denied" in one.problem for one in found), found
    assert sorted(folder.rglob("*")) == before
    assert (folder / "secret").read_bytes() == b"secret"

import fcntl
import json
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from opened_page import open_page
from test_hostile_pages import evil

from pipelines.app import launching, own_requests
from pipelines.app.own_requests import OwnRequests

HERE = {"host": "127.0.0.1:7860"}
LONGEST, LONGEST_CALL = 1_000, 200


def status(folder, path="/call", body=b"", method="POST", hosts=launching.HERE, **headers):
    """The status of a request, and the body that came through to the app."""
    came, sent = [], []
    parts = [body[: len(body) // 2], body[len(body) // 2 :]]

    async def app(scope, receive, send):
        whole, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            whole, more = whole + message.get("body", b""), message.get("more_body", False)
        came.append(whole)
        await send({"type": "http.response.start", "status": 200})

    async def receive():
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message):
        sent.append(message.get("status"))

    scope = {"type": "http", "method": method, "path": path}
    scope["headers"] = [(name.replace("_", "-").encode(), value.encode()) for name, value in (HERE | headers).items()]
    with pytest.raises(StopIteration):  # nothing here waits; the browser of other tests has the thread's event loop
        OwnRequests(app, folder, LONGEST, LONGEST_CALL, hosts)(scope, receive, send).send(None)
    assert came in ([], [body])
    return sent[0] if sent else None


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:7860", "[::1]:7860", "localhost"])
def test_requests_of_the_page_come_through(tmp_path, host):
    assert status(tmp_path, body=b"{}", host=host, origin=f"http://{host}", content_length="2") == 200
    assert status(tmp_path, method="GET", host=host) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.com:7860"},
        {"host": "127.0.0.1.evil.com"},
        {"host": "[::1"},
        {"origin": "http://evil.com"},
        {"origin": "null"},
        {"origin": "https://127.0.0.1:7860"},
        {"origin": "http://127.0.0.1:80"},
    ],
)
def test_requests_of_other_sites_are_refused(tmp_path, headers):
    for path, method in (("/config", "GET"), ("/call", "POST"), ("/gradio_api/upload", "POST")):
        assert status(tmp_path, path, b"{}", method, **headers) == 403
    assert status(tmp_path, body=b"{}", hosts=None, **headers) == 200  # behind a proxy any name may be right


def test_bodies_are_bounded_by_what_they_are_for(tmp_path):
    short, long = b"{}" + b" " * (LONGEST_CALL - 2), b"{}" + b" " * LONGEST_CALL
    assert status(tmp_path, body=short) == 200
    assert status(tmp_path, body=long) in (403, 413)
    assert status(tmp_path, body=b"{}", content_length=str(len(long))) == 413
    assert status(tmp_path, "/gradio_api/upload", long) == 200
    assert status(tmp_path, "/gradio_api/upload", b" " * (LONGEST + 1)) is None  # the app is not sent the rest
    assert status(tmp_path, "/gradio_api/upload", content_length="2e9") == 413


def test_files_are_kept_up_to_a_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(own_requests, "_KEPT", 10)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "old").write_bytes(b"x" * 11)
    assert status(tmp_path, "/gradio_api/upload", b"x") == 507
    assert status(tmp_path, body=b"{}") == 200


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "http://example.com/x.csv",
        "https://example.com",
        "{folder}/../x",
        "{folder}/link",
        3,
        ["a"],
        "a\0",
    ],
)
def test_calls_name_no_file_but_uploads(tmp_path, path):
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "link").symlink_to("/etc/passwd")
    path = path.format(folder=folder) if isinstance(path, str) else path

    def call(value):
        return json.dumps({"data": [[{"meta": {"_type": "gradio.FileData"}, "path": value}]]}).encode()

    assert status(folder, body=call(path)) == 403
    assert status(folder, body=call(path).replace(b"/", rb"\u002f")) == 403
    assert status(folder, body=call(str(folder / "rows.csv"))) == status(folder, body=call(None)) == 200
    assert status(folder, body=b"[" * 199) == 200  # no JSON: Gradio refuses it


def test_a_page_refuses_other_hosts_and_addresses():
    def asked(url, body=None, **headers):
        request = urllib.request.Request(url, body and json.dumps(body).encode(), headers)
        try:
            return urllib.request.urlopen(request).status
        except urllib.error.HTTPError as error:
            return error.code
        except urllib.error.URLError as error:  # the page did not read the body
            assert isinstance(error.reason, BrokenPipeError | ConnectionResetError)
            return 413

    with open_page(evil(name="m")) as url:
        assert asked(f"{url}config") == 200
        assert asked(f"{url}config", Host="evil.com") == 403
        call = {"fn_index": 0, "session_hash": "x", "data": [{"path": "http://example.com/a.csv"}]}
        assert asked(f"{url}gradio_api/queue/join", call, **{"Content-Type": "application/json"}) == 403
        call["data"] = ["x" * 3 * 2**20]
        assert asked(f"{url}gradio_api/queue/join", call, **{"Content-Type": "application/json"}) == 413


def test_folders_of_pages_that_were_killed_are_deleted_and_no_others(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    killed, alive, other = (tmp_path / name for name in ("tfmodels-app-a", "tfmodels-app-b", "tfmodels-app-c"))
    for folder in (killed, alive, other):
        folder.mkdir()
        (folder / "rows.csv").write_text("private")
    for folder in (killed, alive):
        (folder / ".lock").touch()
    (tmp_path / "tfmodels-app-d").symlink_to(other)
    with (alive / ".lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with launching.own_folder() as own:
            assert not killed.exists() and alive.exists() and other.exists()  # what has no lock is no page's
            assert Path(own).parent == tmp_path
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tfmodels-app-b", "tfmodels-app-c", "tfmodels-app-d"]


_ENDED_EARLY = """
import os, signal, time
from pipelines.app import launching
from tfmodels.prompt_end import PromptEnd
with PromptEnd() as ending, launching.own_folder(ending) as folder:
    print(folder, flush=True)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(20)
"""


def test_a_signal_while_the_page_starts_deletes_the_folder(tmp_path):
    environment = os.environ | {"TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", _ENDED_EARLY], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).parent == tmp_path
    assert not list(tmp_path.iterdir())

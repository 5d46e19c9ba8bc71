"""What a server keeps of requests that it has answered, and of versions that were withdrawn."""

import http.client
import logging

from sending import send, states, wait_for

ROW = "zebrafink sang"


def test_rows_are_neither_logged_nor_counted_nor_written(serve, drop_version, tmp_path, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    drop_version(1, tmp_path / "text", 1)
    with serve(tmp_path) as server:
        url = f"{server.rest}/v1/models/text:predict"
        assert send(url, {"instances": [ROW]})[0] == 200
        assert send(url, {"instances": [[ROW]]})[0] == 400
        assert send(url, {"signature_name": "none", "instances": [ROW]})[0] == 400
        assert send(f"{server.rest}/v1/models/other:predict", {"instances": [ROW]})[0] == 404
        connection = http.client.HTTPConnection(server.rest.removeprefix("http://"))
        connection.request("GET", "/monitoring/prometheus/metrics")
        metrics = connection.getresponse().read().decode()
        connection.close()
    assert "request_count" in metrics and "loading version 1 of text" in caplog.text
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert not [kept for kept in (metrics.encode(), caplog.text.encode(), written) if b"zebrafink" in kept]


def test_the_version_before_serves_again_where_the_newest_is_withdrawn(serve, drop_version, tmp_path):
    drop_version(1, tmp_path / "text", 1)
    newest = drop_version(2, tmp_path / "text", 2)
    with serve(tmp_path) as server:
        url = f"{server.rest}/v1/models/text:predict"
        assert send(url, {"instances": ["a"]})[1]["predictions"][0]["version"] == 2
        newest.rename(newest.with_name("withdrawn"))
        wait_for(lambda: states(server).get(1) == "AVAILABLE")
        assert send(url, {"instances": ["a"]})[1]["predictions"][0]["version"] == 1

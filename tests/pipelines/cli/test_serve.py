import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from running_server import running

import pipelines
from pipelines.cli import main

ROOT = Path(pipelines.__file__).parents[1]


@pytest.fixture
def exported(shout):
    main.main(["fit", shout])
    main.main(["export", "shout", "--task", shout])


def test_an_export_is_served_until_sigterm(exported):
    command = [sys.executable, "-m", "tfmodels", "serve", "--server", "development"]
    server = subprocess.Popen(
        [*command, "--rest_port", "0", "--grpc_port", "0"],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        lines = [server.stdout.readline() for _ in range(3)]
        assert "the development server, as requested" in lines[0]
        assert "for development" in lines[1]
        url = lines[2].split()[0]
        assert url.endswith("/v1/models/shout")
        with urllib.request.urlopen(f"{url}:predict", b'{"inputs": ["hello"]}', timeout=60) as answer:
            assert json.loads(answer.read())["outputs"]["text"] == ["HELLO!"]
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0
    finally:
        server.kill()


def test_the_files_of_the_server_are_written(exported, capsys):
    assert main.main(["serve", "--write_config"]) == 0
    assert "saved_models/serving/compose.yaml" in capsys.readouterr().out
    assert 'name: "shout"' in Path("saved_models/serving/models.config").read_text()


def test_the_name_of_the_server_s_files_is_reserved(shout, capsys):
    main.main(["fit", shout])
    assert main.main(["export", "shout", "--task", shout, "--to", "saved_models/serving"]) == 2
    assert "Expected another name" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "Expected a folder of exports"),
        ([".", "--server", "no_such_program"], "--server no_such_program"),
        ([".", "--server", "development"], "Expected an export"),
        ([".", "--server", "cat", "--most_rows", "9"], "Received: --most_rows with "),
        ([".", "--write_config"], "Expected a folder of exports"),
    ],
)
def test_a_mistake_is_reported_without_a_trace(shout, capsys, arguments, message):
    assert main.main(["serve", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_predict_with_a_server_equals_predict_with_its_export(exported, capsys):
    main.main(["predict", "saved_models/shout", "grün", "b"])
    expected = capsys.readouterr().out
    with running("saved_models/shout") as server:
        for url in (f"{server.rest}/v1/models/shout", f"grpc://{server.grpc}/v1/models/shout"):
            assert main.main(["predict", "--url", url, "grün", "b"]) == 0
            assert capsys.readouterr().out.splitlines()[-2:] == expected.splitlines()[-2:]
            without = (
                f"import sys; sys.modules['tensorflow'] = None; sys.argv[1:] = {['predict', '--url', url, 'grün', 'b']}"
            )
            command = [sys.executable, "-c", f"{without}; from pipelines.cli import main; sys.exit(main.main())"]
            alone = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
            assert alone.stdout.splitlines() == expected.splitlines()[-2:], alone.stderr
        assert main.main(["predict", "--url", f"{server.rest}/v1/models/nope", "a"]) == 1
        assert "Servable not found for request: Latest(nope)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        (["--header", "Authorization: Bearer 1"], 1, "Received: connection refused; start one with `tfmodels serve`"),
        (["--header", "Authorization"], 2, "Expected --header 'NAME: VALUE'"),
        (["--header", "a b: c"], 2, "Expected a header of one line"),
        (["--ca_file", "nowhere.pem"], 2, "Expected https:// or grpcs:// with ca_file"),
        (["--timeout", "-1"], 2, "Expected timeout"),
    ],
)
def test_a_server_that_cannot_be_asked_is_one_sentence(shout, capsys, options, status, message):
    assert main.main(["predict", "--url", "http://127.0.0.1:9/v1/models/m", "a", *options]) == status
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert message in lines[0]


def test_access_to_a_server_is_of_no_use_for_a_run(shout):
    for options in (["--header", "a: b"], ["--ca_file", "ca.pem"], ["--timeout", "0"]):
        assert main.main(["predict", "shout", "a", *options]) == 2


def test_predict_with_a_server_takes_a_file_of_named_rows(exported, capsys):
    Path("rows.jsonl").write_text('{"text": "grün", "more": 1}\n"b"\n')
    Path("rows.csv").write_text("text;more\ngrün;1\nb;\n")
    Path("rows.txt").write_text("\ufeffgrün\r\nb")
    with running("saved_models/shout") as server:
        for file in ("rows.jsonl", "rows.csv", "rows.txt"):
            written = set()
            for url in (f"{server.rest}/v1/models/shout", f"grpc://{server.grpc}/v1/models/shout"):
                assert main.main(["predict", "--url", url, "--input", file, "--output", "out.jsonl"]) == 0
                answers = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
                assert [(answer["text"], answer["answer_text"]) for answer in answers] == [
                    ("grün", "GRÜN!"),
                    ("b", "B!"),
                ]
                assert answers[0]["halves"] == ["grün", "GRÜN!"]
                written.add(Path("out.jsonl").read_bytes())
            assert len(written) == 1  # keys have one order
        url = f"{server.rest}/v1/models/shout"
        lines = ["May 5", "Monday\u2028and Tuesday", "three\x85hours", "four\x0cdays", "5:30 PM"]
        Path("rows.txt").write_text("\n".join(lines), encoding="utf-8")
        for file, output in (("rows.txt", "out.jsonl"), ("out.jsonl", "again.jsonl")):  # the second time its own output
            assert main.main(["predict", "--url", url, "--input", file, "--output", output]) == 0
            answers = [json.loads(line) for line in Path(output).read_text(encoding="utf-8").split("\n")[:-1]]
            assert [answer["text"] for answer in answers] == lines
        Path("rows.jsonl").write_text('{"txet": "a"}\n')
        assert main.main(["predict", "--url", url, "--input", "rows.jsonl"]) == 2
        assert "rows.jsonl with ['txet'], without ['text']" in capsys.readouterr().err


def test_texts_and_a_file_at_once_are_refused(shout):
    assert main.main(["predict", "--url", "http://h", "a", "--input", "b"]) == 2

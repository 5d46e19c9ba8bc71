import io
import re
import sys

import pytest
from rich.console import Console
from rich.text import Text

from pipelines.cli import main
from pipelines.cli.predicting import printed_answers
from pipelines.progress import consoles
from pipelines.progress.terminal_text import shown_safely, written_out
from pipelines.runs.reports import terminal

EVIL = "\x1b[2J\x1b]0;title\x07good\x9b1m\r\u202e"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(params=[Terminal, io.StringIO])
def replaced(request, monkeypatch):
    """A function that sets standard output and error, both terminals or both files, after pytest has set its own."""
    monkeypatch.setenv("TERM", "xterm")

    def replace():
        for name in ("stdout", "stderr"):
            monkeypatch.setattr(sys, name, request.param())
        return sys.stdout, sys.stderr

    return replace


def of_others(printed):
    """The control characters in what was printed."""
    return [sign for sign in printed if written_out(sign) != sign]


def test_words_of_all_languages_stay():
    text = "Größe\t日本語 می\u200cخواهم 👩\u200d🔬\u00a0x\n"
    assert written_out(text) == text
    assert written_out(EVIL) == r"\x1b[2J\x1b]0;title\x07good\x9b1m\r\u202e"


def test_a_terminal_shows_control_characters_and_a_file_keeps_them(replaced):
    streams = output, errors = replaced()
    with shown_safely():
        printed_answers.show([{"label": EVIL, "probability": 0.5}])
        print(f"note: {EVIL}", file=sys.stderr)
    assert (sys.stdout, sys.stderr) == streams
    terminal = output.isatty()
    assert output.getvalue() == f"{written_out(EVIL) if terminal else EVIL}\t0.5000\n"
    assert errors.getvalue() == f"note: {written_out(EVIL) if terminal else EVIL}\n"


def test_tables_on_a_terminal_show_them(replaced):
    streams = replaced()
    with shown_safely():
        printed_answers.table([EVIL, "[red]n"], [[EVIL, 1.0]])
    if streams[0].isatty():
        assert "[red]n" in streams[0].getvalue()
        assert written_out(EVIL) in streams[0].getvalue()


def test_reports_show_them_and_keep_their_width(replaced):
    streams = replaced()
    terminal.show_table(consoles.console(), EVIL, ["class", EVIL], [[EVIL, 1.0], ["fair", 2.0]])
    lines = re.sub(r"\x1b\[[013]m", "", streams[0].getvalue()).split("\n")
    assert written_out(EVIL) in lines[0]
    assert len({len(line) for line in lines if line[:1] in ("┏", "┃", "│")}) == 1
    assert not any(map(of_others, lines))


def test_the_console_writes_out_what_a_text_brings(replaced):
    streams = replaced()
    consoles.console().print(Text(EVIL), EVIL)
    assert "\x1b[2J" not in streams[0].getvalue()


def test_what_rich_prints_keeps_its_colours(replaced):
    streams = replaced()
    with shown_safely():
        Console(force_terminal=True).print("[red]x[/red]")
        Console(force_terminal=True, stderr=True).print("[red]x[/red]")
    assert all("\x1b[31mx" in stream.getvalue() for stream in streams)


def test_bars_of_tqdm_move_the_cursor(replaced):
    streams = replaced()
    with shown_safely():
        sys.stderr.write("\r\x1b[A\x1b[A")
        sys.stderr.write(f"\r 10%|█ {EVIL}")
    expected = written_out(EVIL) if streams[1].isatty() else EVIL
    assert streams[1].getvalue() == f"\r\x1b[A\x1b[A\r 10%|█ {expected}"


def test_errors_write_out_names(replaced):
    streams = replaced()
    assert main.main(["evaluate", EVIL.replace("\r", "")]) == 2
    assert r"\x1b[2J" in streams[1].getvalue()
    assert not of_others(streams[1].getvalue())


def test_a_closed_stream_is_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with shown_safely():
        assert sys.stdout is None

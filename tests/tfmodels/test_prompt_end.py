"""Processes that end when they are asked to, also while the interpreter is held."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import tfmodels
from tfmodels.prompt_end import PromptEnd

HEAD = """
import asyncio, itertools, os, threading, time
from tfmodels.prompt_end import PromptEnd
with PromptEnd() as ending:
"""
# Says so and goes on without end, all in C: no other thread runs, and no handler of a signal.
HELD = r'sum(itertools.chain(map(os.write, [1], [b"ready\n"]), itertools.repeat(0)))'
BODIES = {
    "while the interpreter is held": (-signal.SIGKILL, HELD),
    "while an event loop is held": (
        -signal.SIGKILL,
        f"""
    async def main():
        ending.tidy_up(asyncio.Event().set)
        {HELD}
    asyncio.run(main())""",
    ),
    "while it starts": (0, 'print("ready", flush=True); time.sleep(1000)'),
    "while a thread does not end": (
        0,
        """
    async def main():
        stop = asyncio.Event()
        ending.tidy_up(stop.set)
        threading.Thread(target=time.sleep, args=(1000,)).start()
        print("ready", flush=True)
        await stop.wait()
        print("tidied", flush=True)
    asyncio.run(main())""",
    ),
}


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
@pytest.mark.parametrize("case", BODIES)
def test_a_process_ends(case, number):
    status, body = BODIES[case]
    root = Path(tfmodels.__file__).parents[1]
    process = subprocess.Popen(
        [sys.executable, "-c", HEAD + "    " + body.lstrip()],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=root,
    )  # fmt: skip
    try:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        if "tidied" in body:
            assert process.stdout.readline() == "tidied\n"
        process.send_signal(number)  # a second one changes nothing
        output, _ = process.communicate(timeout=60)
        assert (process.returncode, output) == (status, "")
    finally:
        process.kill()


def test_afterwards_everything_is_as_before():
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with PromptEnd() as ending:
        assert signal.getsignal(signal.SIGTERM) not in before
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
    assert signal.set_wakeup_fd(-1) == -1
    assert ending._child.returncode == 0

"""From the command to a page that can be used, and to its first answer, beside `tfmodels predict`.

    python tests/benchmarks/page_start.py saved_models/classification "A fine film."

Needs the extra `app`, playwright and Chromium. Each figure is the best of three.
"""

import shutil
import signal
import subprocess
import sys
import time

from playwright.sync_api import sync_playwright

_ROUNDS = 3


def main(export: str, text: str) -> None:
    """Prints the seconds."""
    found = [(_predict(export, text), *_page(export, text)) for _ in range(_ROUNDS)]
    names = ("predict, to its answer", "app, to its address", "app, to a usable page", "app, to its first answer")
    for name, seconds in zip(names, map(min, zip(*found, strict=True)), strict=True):
        print(f"{name:26} {seconds:6.1f} s")


def _predict(export: str, text: str) -> float:
    start = time.monotonic()
    subprocess.run(["tfmodels", "predict", export, "--", text], check=True, capture_output=True)
    return time.monotonic() - start


def _page(export: str, text: str) -> tuple[float, float, float]:
    """Seconds from the command to the address, to a page whose button can be pressed, and to an answer."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        visited = browser.new_page()
        start = time.monotonic()
        command = ["tfmodels", "app", export, "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            line = child.stdout.readline()
            address = time.monotonic() - start
            visited.goto(line.split()[4])
            panel = visited.locator("#panel-ask")
            panel.get_by_role("button", name="Ask", exact=True).wait_for()
            usable = time.monotonic() - start
            panel.get_by_label("Text", exact=True).fill(text)
            panel.get_by_role("button", name="Ask", exact=True).click()
            while not panel.get_by_label("Time and endpoint").input_value():
                visited.wait_for_timeout(20)
            answered = time.monotonic() - start
            child.send_signal(signal.SIGINT)
        browser.close()
    return address, usable, answered


if __name__ == "__main__":
    main(*sys.argv[1:])

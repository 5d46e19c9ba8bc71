"""How a page is opened: on this machine alone, with nothing shared, counted or fetched elsewhere."""

import asyncio
import contextlib
import fcntl
import os
import shutil
import socket
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.app import limits
from pipelines.app.own_requests import OwnRequests
from tfmodels.plots import roles
from tfmodels.prompt_end import PromptEnd, end_now

if TYPE_CHECKING:
    import gradio as gr

_FONT = ["system-ui", "Noto Sans", "sans-serif"]  # of the reader's machine: none is fetched
_LONGEST = (limits.UPLOAD + 1) * 2**20  # bytes of an upload
_LONGEST_CALL = 2 * 2**20  # bytes of another request: some texts as long as they may be
HERE = ("127.0.0.1", "localhost", "::1")  # this machine, which no other reaches
_PREFIX, _LOCK = "tfmodels-app-", ".lock"
_LOOKS = 10
_CSS = ".textfield, .textspan { word-break: normal !important; overflow-wrap: anywhere; }"
_MONO = ["ui-monospace", "monospace"]


@contextlib.contextmanager
def own_folder(ending: PromptEnd | None = None) -> Generator[str]:
    """Context in which all files of pages, uploads too, lie in a folder that is deleted at its end.

    Folders of pages that were killed are deleted at the beginning. To be entered before Gradio is imported, which then
    neither counts nor asks anything elsewhere.

    Args:
        ending: What ends the process; it deletes the folder, too.
    """
    _sweep(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder, Path(folder, _LOCK).open("w") as lock:
        if ending is not None:
            ending.delete(folder)
        fcntl.flock(lock, fcntl.LOCK_EX)
        before, tempfile.tempdir = tempfile.tempdir, folder
        local = [os.environ.get("NO_PROXY", ""), "127.0.0.1", "localhost", "::1", "0.0.0.0"]
        os.environ["NO_PROXY"] = ",".join(filter(None, local))  # Gradio looks whether its page answers
        os.environ.update(GRADIO_TEMP_DIR=folder, GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1")
        try:
            yield folder
        finally:
            tempfile.tempdir = before


def launch(page: "gr.Blocks", folder: str, host: str, port: int, auth: tuple[str, str] | None = None) -> str:
    """Opens a page and returns at once.

    Args:
        page: Of `page.make`.
        folder: Of `own_folder`.
        host: The address to listen on.
        port: The port; 0 for any free one.
        auth: A user and a password that are asked for.

    Returns:
        Its URL.

    Example:
        `launch(page.make(models), folder, "127.0.0.1", 7860)`
    """
    from starlette.middleware import Middleware  # of Gradio

    own = Middleware(
        OwnRequests,
        folder=Path(folder),
        longest=_LONGEST,
        longest_call=_LONGEST_CALL,
        hosts=HERE if host in HERE else None,
    )
    options: dict[str, Any] = {
        **{
            "server_name": host,
            "server_port": port or _free(host),
            "auth": auth,
            "max_file_size": f"{limits.UPLOAD}mb",
        },
        **{"theme": _theme(), "css": _CSS, "quiet": True, "prevent_thread_lock": True, "show_error": False},
        **{"allowed_paths": [], "strict_cors": True, "share": False, "inbrowser": False, "inline": False},
        **{"footer_links": [], "run_history": False, "enable_monitoring": False, "ssr_mode": False, "pwa": False},
        **{"mcp_server": False, "app_kwargs": {"middleware": [own]}},
    }
    for _ in range(_LOOKS):  # Gradio looks once whether its page answers within three seconds, and gives up if not
        with contextlib.suppress(ValueError):
            return page.launch(**options)[1]
    raise ConnectionError(f"Expected the page to answer at {host}. Received: no answer; is the machine busy?")


def wait(ending: PromptEnd, folder: str) -> None:
    """Waits for Ctrl-C or SIGTERM, deletes the files of the page and ends the process.

    Args:
        ending: What receives them.
        folder: Of `own_folder`.
    """
    asyncio.run(_until_ended(ending))
    shutil.rmtree(folder, ignore_errors=True)
    end_now()  # a model that never answers is not waited for


def _sweep(place: Path) -> None:
    """Deletes the folders of this user's pages whose processes are gone: nobody holds their locks."""
    for folder in place.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            with (folder / _LOCK).open("r") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)


def _free(host: str) -> int:
    """A port that is free now: Gradio takes 0 for a port."""
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as found:
        return found.getsockname()[1]


async def _until_ended(ending: PromptEnd) -> None:
    stop = asyncio.Event()
    ending.tidy_up(stop.set)
    await stop.wait()


def _theme() -> "gr.themes.Base":
    import gradio as gr

    return gr.themes.Base(font=_FONT, font_mono=_MONO).set(
        button_primary_background_fill=roles.BLUE,
        button_primary_background_fill_hover=roles.BLACK,
        button_primary_text_color="white",
    )

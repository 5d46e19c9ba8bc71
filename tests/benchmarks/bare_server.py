"""Answers over HTTP with the least that an event loop and threads of Python need: what any such server is bounded by.

Without a model the answer is constant; with one it is that of a session run in a thread, nothing checked, counted or
limited. `serving_overhead.py` starts it.

    python tests/benchmarks/bare_server.py 8501 --model FOLDER/OF/VERSIONS
"""

import argparse
import asyncio
import json
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from aiohttp import web


async def serve(port: int, model: str | None) -> None:
    """Serves until the process ends, and says when it does."""
    respond = constant
    if model:
        from tfmodels.export import SessionRunner

        runner, pool = SessionRunner(model), ThreadPoolExecutor(2 * (os.cpu_count() or 1))
        respond = partial(run, partial(runner.run, "serving_default"), pool)
    server = web.Server(respond, access_log=None)
    await asyncio.get_running_loop().create_server(server, "127.0.0.1", port)
    print("serves", flush=True)
    await asyncio.Event().wait()


async def constant(request: web.BaseRequest) -> web.Response:
    """Answers the same to all."""
    await request.read()
    return web.Response(body=b'{"predictions": [1.0]}', content_type="application/json")


async def run(session: partial, pool: ThreadPoolExecutor, request: web.BaseRequest) -> web.Response:
    """Runs the session in a thread."""
    rows = np.array(json.loads(await request.read())["instances"], np.float32)
    outputs = await asyncio.get_running_loop().run_in_executor(pool, session, {"x": rows})
    return web.Response(
        body=json.dumps({"predictions": outputs["y"].tolist()}).encode(), content_type="application/json"
    )


def main() -> None:
    """Reads the arguments and serves."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("port", type=int, help="port of 127.0.0.1")
    parser.add_argument("--model", metavar="FOLDER", help="the model; by default none")
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.model))


if __name__ == "__main__":
    main()

"""A development server for tests."""

import asyncio
import threading
from contextlib import contextmanager

from tfmodels.serving import DevelopmentServer, read_models


class Running:
    """Where a server listens."""

    def __init__(self, rest_port, grpc_port):
        self.rest = f"http://127.0.0.1:{rest_port}"
        self.grpc = f"127.0.0.1:{grpc_port}"


@contextmanager
def running(folder, batching=None, limits=None):
    """Runs a development server on free ports until the end of the block."""
    server = DevelopmentServer(read_models(folder), rest_port=0, grpc_port=0, batching=batching, limits=limits)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(120)
        try:
            yield Running(server.rest_port, server.grpc_port)
        finally:
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result(60)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

"""Requests to a development server, for tests."""

import json
import resource
import time
import urllib.error
import urllib.request
from pathlib import Path


def send(url, body=None, headers=()):
    """Status and document of the response."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, dict(headers)), timeout=60) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def states(server, model="text"):
    _, response = send(f"{server.rest}/v1/models/{model}")
    return {int(status["version"]): status["state"] for status in response["model_version_status"]}


def wait_for(condition):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise TimeoutError


def memory():
    """The bytes of memory that this process takes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

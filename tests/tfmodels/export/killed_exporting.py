"""Exports in a process with preloaded `frozen_files`, ended at call after call; prints what is left each time.

Usage: killed_exporting.py FOLDER EVERY: tries each EVERY-th call.
"""

import ctypes
import json
import logging
import shutil
import sys
from pathlib import Path

import tensorflow as tf

from tfmodels import export
from tfmodels.export import digests
from tfmodels.export.versions import versions

folder, every = Path(sys.argv[1]), int(sys.argv[2])
system = ctypes.CDLL(None)
logging.disable()
factor = tf.Variable(3.0)


def tripled(x):
    return {"y": factor * x}


def save(to):
    endpoint = export.Endpoint("serving_default", (tf.TensorSpec([None], tf.float32, name="x"),), tripled)
    export.save(to, [endpoint], [], {"serving_default": {"x": [1.0, 2.0]}}, {"task": "triple"}, keep=2)


for _ in range(2):
    save(folder / "before")
call, frozen = every, True
while frozen:
    run = folder / "export"
    shutil.copytree(folder / "before", run)
    system.arm(call)
    try:
        save(run)
    except Exception as error:  # what fails is TensorFlow, protobuf or the system
        left = type(error).__name__
    else:
        left = "done"
    frozen = bool(system.is_frozen())
    system.arm(0)
    there = versions(run)
    for version in there.values():
        digests.check_digests(version)
    save(run)
    kept = versions(run)
    for version in kept.values():
        digests.check_digests(version)
    print(json.dumps([call, left, [*there], [*kept], sorted(path.name for path in run.iterdir())]))
    shutil.rmtree(run)
    call += every

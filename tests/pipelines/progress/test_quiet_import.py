import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

import pipelines
from pipelines.progress import quiet_import

ROOT = Path(pipelines.__file__).parents[1]
PROGRAM = """
import os
from pipelines.progress.quiet_import import import_tensorflow
import_tensorflow()
os.write(2, b"afterwards")
"""


REMARK = "I0000 00:00:1.1 1 port.cc:153] a remark\n"


@pytest.mark.parametrize(
    ("after_the_remark", "level", "shown"),
    [("", "3", "afterwards"), ("", "0", f"{REMARK}afterwards"), ("raise ImportError('broken')", "3", REMARK)],
)
def test_remarks_are_shown_only_where_they_help(tmp_path, after_the_remark, level, shown):
    library = f"import os\nos.write(2, {REMARK.encode()})\n{after_the_remark}\n"
    (tmp_path / "tensorflow.py").write_text(library)
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}", "TF_CPP_MIN_LOG_LEVEL": level}
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=environment)
    assert done.stderr.partition("Traceback")[0] == shown
    assert ("broken" in done.stderr) == bool(after_the_remark)


@pytest.mark.parametrize(("before", "there"), [("", "False"), ("import pandas", "True")])
def test_what_keras_needs_not_is_left_for_later(tmp_path, before, there):
    (tmp_path / "tensorflow.py").write_text("try:\n    import pandas\nexcept ImportError:\n    pandas = None\n")
    (tmp_path / "pandas.py").write_text("")
    lines = (before, "from pipelines.progress.quiet_import import import_tensorflow", "import_tensorflow()")
    looked_at = "import tensorflow, pandas; print(tensorflow.pandas is pandas)"
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    program = "\n".join((*lines, looked_at))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert (done.stdout, done.stderr) == (f"{there}\n", "")


@pytest.mark.parametrize(
    ("function", "shown"),
    [
        ("<function TensorFlowTrainer._make_function.<locals>.multi_step_on_iterator at 0x7f>", False),
        ("<bound method Endpoints.as_trained of <pipelines.forecasting.Endpoints object at 0x7f>>", False),
        ("<function mine at 0x7f>", True),
    ],
)
def test_models_of_ours_are_traced_in_silence(function, shown):
    message = f"5 out of the last 9 calls to {function} triggered tf.function retracing. Tracing is expensive"
    record = logging.LogRecord("tensorflow", logging.WARNING, "", 1, message, None, None)
    assert quiet_import._is_of_users(record) is shown

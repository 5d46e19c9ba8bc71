import builtins
from pathlib import Path

import pytest
import tensorflow as tf

from tfmodels.training import dtype_policy
from tfmodels.training.optimization import precision


@pytest.fixture
def machine(monkeypatch):
    def set_machine(flags=(), gpus=()):
        monkeypatch.setattr(precision, "_processor_flags", lambda: set(flags))
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: list(gpus))

    return set_machine


def test_float32_is_never_refused(machine):
    machine()
    assert dtype_policy("float32").compute_dtype == "float32"


@pytest.mark.parametrize("flag", ["avx512_bf16", "amx_bf16", "bf16"])
def test_bfloat16_needs_units_for_it(machine, flag):
    machine(flags=[flag, "fpu"])
    policy = dtype_policy("bfloat16")
    assert (policy.compute_dtype, policy.variable_dtype) == ("bfloat16", "float32")
    machine(flags=["avx512f", "fpu"])
    with pytest.raises(ValueError, match=r"no bfloat16 units.*Received: precision=bfloat16"):
        dtype_policy("bfloat16")


def test_float16_needs_a_gpu(machine):
    machine(flags=["amx_bf16", "amx_fp16"])
    with pytest.raises(ValueError, match=r"on a CPU.*Received: precision=float16"):
        dtype_policy("float16")


@pytest.mark.parametrize("name", ["bfloat16", "float16"])
def test_a_gpu_takes_both(machine, name):
    machine(gpus=["GPU:0"])
    policy = dtype_policy(name)
    assert (policy.compute_dtype, policy.variable_dtype) == (name, "float32")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("flags\t\t: fpu amx_bf16\nbugs\t\t: bf16\n", {"amx_bf16"}), ("Features\t: fp asimd bf16\n", {"bf16"})],
)
def test_flags_are_those_of_the_processor(monkeypatch, tmp_path, text, expected):
    (tmp_path / "cpuinfo").write_text(text)
    real = builtins.open
    monkeypatch.setattr(builtins, "open", lambda path, **options: real(tmp_path / Path(path).name, **options))
    assert precision._processor_flags() & precision._CPU_FLAGS == expected

"""The precision of a training, and whether the hardware supports it."""

import keras
import tensorflow as tf

_CPU_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}  # x86 names, then ARM's


def dtype_policy(precision: str) -> keras.DTypePolicy:
    """Returns the dtype policy for a precision; refuses one that the hardware only emulates.

    Args:
        precision: `"float32"`, `"bfloat16"` or `"float16"`; variables are float32 in all of them.

    Returns:
        The policy.

    Raises:
        ValueError: Half precision on a processor that only emulates it.

    Example:
        `dtype_policy("bfloat16")` is `keras.DTypePolicy("mixed_bfloat16")` where the processor supports it
    """
    if precision == "float32":
        return keras.DTypePolicy("float32")
    on_gpu = bool(tf.config.list_physical_devices("GPU"))
    if precision == "float16" and not on_gpu:
        raise ValueError(
            "Expected training.precision=float32 or bfloat16 on a CPU, which only emulates float16 and is many times "
            "slower with it. Received: precision=float16"
        )
    if precision == "bfloat16" and not on_gpu and not _CPU_FLAGS & _processor_flags():
        raise ValueError(
            "Expected training.precision=float32: this processor has no bfloat16 units (none of "
            f"{', '.join(sorted(_CPU_FLAGS))} in /proc/cpuinfo) and would be slower. Received: precision=bfloat16"
        )
    return keras.DTypePolicy(f"mixed_{precision}")


def _processor_flags() -> set[str]:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as lines:
            return {flag for line in lines if line.startswith(("flags", "Features")) for flag in line.split()}
    except FileNotFoundError:  # not Linux: the units are unknown
        return set()

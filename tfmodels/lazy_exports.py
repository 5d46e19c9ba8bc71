"""Packages that declare their public names without importing the modules behind them."""

import importlib
from collections.abc import Callable
from typing import Any


def lazy_exports(package: str, modules: dict[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Makes the `__getattr__` and `__dir__` of a package (PEP 562).

    A name is imported when it is first asked for, so `import tfmodels` loads no TensorFlow.

    Args:
        package: The package's `__name__`.
        modules: Public name -> the sub-module that defines it. A sub-module that is itself public maps to itself.

    Returns:
        The two functions, to be bound in the package's `__init__.py`.

    Example:
        `__getattr__, __dir__ = lazy_exports(__name__, {"MultiHeadAttention": "multi_head_attention"})`
    """

    def load(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(f"{package}.{modules[name]}")
        return module if name == modules[name] else getattr(module, name)

    return load, lambda: sorted(modules)

"""Packages that declare their public names without importing the modules behind them."""

import ast
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any


def lazy_exports(package: str, file: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Makes the `__getattr__` and `__dir__` of a package (PEP 562) from the imports that only type checkers see.

    A name is imported when it is first asked for, so `import tfmodels` loads no TensorFlow. The imports under
    `if TYPE_CHECKING:` are the one list of public names: type checkers execute them, this function reads them.

    Args:
        package: The package's `__name__`.
        file: The package's `__file__`.

    Returns:
        The two functions, to be bound in the package's `__init__.py`.

    Example:
        ```python
        if TYPE_CHECKING:
            from tfmodels.layers.dense import Dense as Dense

        __getattr__, __dir__ = lazy_exports(__name__, __file__)
        ```
    """
    modules = _declared(Path(file).read_text(encoding="utf-8"))

    def load(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        if modules[name] == package:
            return importlib.import_module(f"{package}.{name}")
        return getattr(importlib.import_module(modules[name]), name)

    return load, lambda: sorted(modules)


def _declared(source: str) -> dict[str, str]:
    """Public name -> the module that it is imported from; for a public sub-module, the package itself."""
    blocks = (node for node in ast.parse(source).body if isinstance(node, ast.If))
    checked = (node for block in blocks for node in block.body if ast.unparse(block.test) == "TYPE_CHECKING")
    imports = (node for node in checked if isinstance(node, ast.ImportFrom) and node.module)
    return {alias.name: node.module for node in imports for alias in node.names}

"""Packages that declare their public names without importing the modules behind them."""

import ast
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tfmodels.library_noise import held_back_at_first


def lazy_exports(
    package: str, file: str, register: bool = False
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Makes the `__getattr__` and `__dir__` of a package (PEP 562) from the imports that only type checkers see.

    A name is imported when it is first used, so `import tfmodels` does not load TensorFlow. The imports under
    `if TYPE_CHECKING:` are the one list of public names: type checkers evaluate them, this function reads them.

    Args:
        package: The package's `__name__`.
        file: The package's `__file__`.
        register: The package defines classes that files of Keras name: the first that is used imports them all, so that
            `keras.models.load_model` finds each. Its modules must not import their own package's names through it.

    Returns:
        The two functions, to be bound in the package's `__init__.py` where no type checker sees them: a checker
        that saw `__getattr__` would accept every name.

    Raises:
        ImportError: The source of the package's `__init__.py` is missing, for example where only bytecode is installed.

    Example:
        ```python
        if TYPE_CHECKING:
            from tfmodels.layers.dense import Dense as Dense

        if not TYPE_CHECKING:
            __getattr__, __dir__ = lazy_exports(__name__, __file__)
        ```
    """
    modules = _declared(_source(package, file))

    def load(name: str) -> Any:
        if name == "__all__":
            return sorted(modules)
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with held_back_at_first():
            if modules[name] == package:
                return importlib.import_module(f"{package}.{name}")
            value = getattr(importlib.import_module(modules[name]), name)
        if register and "keras" in sys.modules:  # options are read without it
            for module in modules.values():
                importlib.import_module(module)
        return value

    return load, lambda: sorted(modules)


def _source(package: str, file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ImportError(
            f"Expected the source of package {package!r}, which lists its public names: install it with its .py "
            f"files, unpacked. Received: file={file!r}"
        ) from error


def _declared(source: str) -> dict[str, str]:
    """Public name -> the module that it is imported from; the package itself for a public sub-module."""
    blocks = (node for node in ast.parse(source).body if isinstance(node, ast.If))
    checked = (node for block in blocks for node in block.body if ast.unparse(block.test) == "TYPE_CHECKING")
    imports = [(node.module, node.names) for node in checked if isinstance(node, ast.ImportFrom)]
    return {alias.name: module for module, names in imports if module for alias in names}

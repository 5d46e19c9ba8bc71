"""The classes of this package, made known to Keras."""

import importlib

_ROOMS = ("layers", "models", "training")


def register() -> None:
    """Registers all layers, models, optimizers and schedules, so that `keras.models.load_model` opens files with them.

    Importing `tfmodels` does it where Keras was imported before, and so does the first use of `tfmodels.layers` or
    `tfmodels.models`. It is needed only in a script that imports `tfmodels` first and uses no class of it.

    Example:
        >>> import tfmodels, keras
        >>> tfmodels.register()
        >>> model = keras.models.load_model("model.keras")
    """
    for room in _ROOMS:
        package = importlib.import_module(f"tfmodels.{room}")
        for name in dir(package):
            getattr(package, name)

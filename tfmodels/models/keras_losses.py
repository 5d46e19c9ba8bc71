"""What the losses of Keras cannot be computed of."""


def refuse_copying(copy: bool) -> None:
    """Refuses a model that copies tokens: in training it returns more than the one tensor that losses of Keras take.

    Args:
        copy: Whether the model copies.

    Raises:
        ValueError: It does.

    Example:
        `refuse_copying(self.copy_gate is not None)`
    """
    if copy:
        raise ValueError(
            "Expected copy=False with `compile` and `fit` of Keras, whose losses take one tensor. Received: copy=True, "
            "which `tfmodels.training.fit` trains"
        )

"""The loss of a machine in a training by several, without TensorFlow."""

STATUS = 75  # exit status, that of sysexits.h for what may succeed if it is tried again


class LostMachineError(ConnectionError):
    """A machine of those that train together was lost; the same command on all of them goes on."""

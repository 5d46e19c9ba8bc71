import numpy as np
import pytest

from pipelines import runs
from pipelines.classification import temperature
from pipelines.classification.config import Config


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, -1.0, 1e-60])
def test_a_file_without_a_temperature_is_refused(tmp_path, value):
    np.save(tmp_path / "temperature.npy", value)
    with pytest.raises(ValueError, match=r"Expected .*temperature\.npy\. Received: .*`tfmodels fit`"):
        temperature.read(Config(), runs.Run(tmp_path, "classification", Config()))

import sys
from pathlib import Path

import numpy as np
import pytest
from small_stays import NAMES, SMALL, STEPS

from pipelines import runs
from pipelines.clinical import task
from pipelines.clinical.config import Config
from pipelines.runs.starting import preparation
from pipelines.sources.files import row_files


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """The working directory of the tests of a module.

    In `events.csv` the last heart rate of a stay that ends badly is high; `labels.csv` has columns that are no inputs.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])
        random = np.random.default_rng(0)
        rows, labels = [], []
        for stay in range(80):
            bad = stay % 3 == 0
            rows.append([f"s{stay}", "00:00", "Age", 40 + stay % 40])
            rows.append([f"s{stay}", "00:00", "sex", "FM"[stay % 2]])
            for step in range(3 + stay % 5):
                value = round(80 + 40 * bad * (step > 1) + random.normal(0, 4), 1)
                rows.append([f"s{stay}", f"{step:02}:{step * 7:02}", "HR", value])
            rows.append([f"s{stay}", "01:30", "Rhythm", "sinus" if stay % 4 else "af"])
            rows.append([f"s{stay}", "02:00", "fever", ""])
            labels.append([f"s{stay}", "yes" if bad else "no", stay % 7, 9])
        row_files.write("events.csv", ["stay_id", "time", "variable", "value"], rows)
        row_files.write("labels.csv", ["stay_id", "died", "severity", "length_of_stay"], labels)
        yield Path.cwd()


@pytest.fixture(scope="module")
def fitted(workplace):
    """A trained run on `events.csv`."""
    config = Config(data="events.csv", **NAMES, groups="sex", aim="sensitivity", aim_value=0.9, transformer=SMALL,
                    training=STEPS)  # fmt: skip
    run = preparation.prepare(task, runs.create("clinical", config))
    task.fit(config, run)
    return run

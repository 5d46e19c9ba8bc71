import sys
from pathlib import Path

import pytest
from small_opinions import write_opinions

from pipelines.classification import classification_explanation


@pytest.fixture(scope="module", autouse=True)
def workplace(tmp_path_factory):
    """The working directory of all tests here; `opinions` holds opinions of which one word tells the label."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("workplace"))
        patch.setattr(sys, "argv", ["tfmodels"])  # `main` sets it
        patch.setattr(classification_explanation, "_MOST_TEXTS", 4)  # gradients take time
        write_opinions(Path("opinions"))
        yield Path.cwd()

import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import tfmodels
from tfmodels import layers, models, training

ROOT = Path(tfmodels.__file__).parents[1]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A model of Keras with a layer of ours, a model of ours, and our optimizer."""
    options = models.TransformerClassifierOptions(num_layers=1, d_model=8, num_heads=2, feed_forward_dim=8)
    ids = keras.Input([5], dtype="int32")
    logits = models.TransformerClassifier(20, 3, options)(ids)
    model = keras.Model(ids, layers.Dense(2)(logits))
    model.compile(training.AdamW(training.InverseSquareRoot(0.01, 10)), "mse")
    file = tmp_path_factory.mktemp("saved") / "model.keras"
    model.save(file)
    return file, model(np.full([1, 5], 7, "int32")).numpy()


LOADS = "print(keras.models.load_model(sys.argv[1])(numpy.full([1, 5], 7, 'int32')).numpy().tolist())"


@pytest.mark.parametrize(
    "imports",
    [
        "import keras; import tfmodels",
        "import tfmodels; assert not {'tensorflow', 'keras'} & set(sys.modules); tfmodels.models; import keras",
    ],
    ids=["keras_first", "tfmodels_first"],
)
def test_a_saved_model_loads_where_only_the_package_was_imported(saved, imports):
    file, expected = saved
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, numpy; {imports}; {LOADS}", file],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(eval(done.stdout), expected, rtol=1e-5)


def registered():
    return {name for name in keras.saving.get_custom_objects() if name.startswith("tfmodels>")}


def test_every_class_that_files_name_is_registered():
    tfmodels.register()
    declared = {
        f"tfmodels>{name}"
        for file in (ROOT / "tfmodels").rglob("*.py")
        for name in re.findall(
            r'^@keras\.saving\.register_keras_serializable\("tfmodels"\)\nclass (\w+)', file.read_text(), re.MULTILINE
        )
    }
    assert len(declared) > 50
    assert declared <= registered()


def test_the_first_use_of_a_layer_registers_all():
    """In a process of its own, options and names are read without Keras."""
    code = (
        "import sys; from tfmodels.models import LSTMOptions; import tfmodels.layers; dir(tfmodels.layers); "
        "assert 'keras' not in sys.modules; from tfmodels.layers import Dense; import keras; "
        "print('tfmodels>StudentTHead' in keras.saving.get_custom_objects())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_a_star_takes_the_public_names():
    names: dict = {}
    exec("from tfmodels.models import *", names)
    assert set(dir(models)) <= set(names)

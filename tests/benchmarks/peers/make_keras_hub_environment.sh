#!/usr/bin/env bash
# Makes the virtual environment of the peer KerasHub, with the same TensorFlow, Keras and TensorFlow Text as ours.
#
# Usage: make_keras_hub_environment.sh [FOLDER]      (default: tests/benchmarks/.keras-hub-venv, about 2.5 GB)
# PYTHON names the Python to use, 3.11 to 3.13 (default: python3.11).
set -euo pipefail

folder=${1:-"$(dirname "$0")/../.keras-hub-venv"}
python=${PYTHON:-python3.11}

"$python" -m venv "$folder"
"$folder/bin/python" -m pip install \
  keras-hub==0.32.0 \
  keras==3.15.1 \
  tensorflow==2.21.0 \
  tensorflow-text==2.21.1
TF_CPP_MIN_LOG_LEVEL=3 "$folder/bin/python" -W ignore -c 'import keras_hub; print("KerasHub", keras_hub.__version__)'

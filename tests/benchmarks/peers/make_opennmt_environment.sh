#!/usr/bin/env bash
# Makes the virtual environment of the peer OpenNMT-tf, whose last release needs TensorFlow 2.12 and Python 3.11.
#
# Usage: make_opennmt_environment.sh [FOLDER]      (default: tests/benchmarks/.peer-venv, about 2.5 GB)
# PYTHON names the Python 3.11 to use (default: python3.11).
set -euo pipefail

folder=${1:-"$(dirname "$0")/../.peer-venv"}
python=${PYTHON:-python3.11}

"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || {
  echo "Expected Python 3.11. Received: PYTHON=$python. Set PYTHON to a Python 3.11 interpreter." >&2
  exit 2
}
"$python" -m venv "$folder"
# tensorflow-hub, a dependency of tensorflow-text, imports pkg_resources, which setuptools removed in release 81.
"$folder/bin/python" -m pip install \
  OpenNMT-tf==2.32.0 \
  tensorflow==2.12.1 \
  tensorflow-addons==0.21.0 \
  tensorflow-text==2.12.1 \
  pyonmttok==1.38.1 \
  ctranslate2==3.24.0 \
  'setuptools<81'
TF_CPP_MIN_LOG_LEVEL=2 "$folder/bin/python" -W ignore -c 'import opennmt; print("OpenNMT-tf", opennmt.__version__)'

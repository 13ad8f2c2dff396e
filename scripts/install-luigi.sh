#!/usr/bin/env bash
# Installs Luigi into a Python environment of its own, for the tests that compare with it: scripts/install-luigi.sh FOLDER
# Afterwards TEST_LUIGI=FOLDER/bin/luigi makes them run.
set -euo pipefail
python3 -m venv "$1"
"$1/bin/pip" install --quiet --disable-pip-version-check luigi==3.8.1
"$1/bin/luigi" --help >/dev/null

#!/usr/bin/env bash
# Installs a wheel into an environment of its own, away from the sources, and uses it as a stranger
# would: scripts/smoke.sh dist/gncviz-*.whl [pip's options]
set -euo pipefail

wheel=$(realpath "$1")
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv environment
environment/bin/pip install --quiet --disable-pip-version-check "$@" "$wheel[app]"
environment/bin/gncviz --version
environment/bin/gncviz run --epsilon 0.2 --samples 50 --epochs 50 --out result
environment/bin/gncviz paper --claims >claims.txt
test -s claims.txt
environment/bin/python - <<'PYTHON'
import gncviz as gv
from gncviz.cli.app import notebook

assert notebook().exists(), "the page's notebook is in the wheel"
assert gv.paper.panel(figure=1, activation="linear").complete, "and so are the stored results"
gv.Explorer()
PYTHON
echo "The wheel works."

#!/bin/bash
# One table of limpid and its peers, measured side by side. BENCH_LONG=1 adds a recording of an hour (6 GB of disk in
# BENCH_DIR, by default the folder for temporary files).
set -euo pipefail
cd "$(dirname "$0")/.."
exec /usr/bin/python3 bench/bench.py

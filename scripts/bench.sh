#!/bin/bash
# bench.sh [OPTIONS of bench/bench_series.py]: tables of limpid and its peers, measured side by side. BENCH_LONG=1 adds a
# recording of an hour (6 GB of disk), a moving movie of 100,000 frames (40 GB of disk) and an image series of 40 GB in a
# sparse file. Files are made in BENCH_DIR, by default the folder for temporary files, which needs 12 GB.
set -euo pipefail
cd "$(dirname "$0")/.."
/usr/bin/python3 bench/bench.py
/usr/bin/python3 bench/bench_motion.py
LIMPID="$PWD/build/limpid" scripts/build_page.sh --bench
exec /usr/bin/python3 bench/bench_series.py ${BENCH_LONG:+--large} "$@"

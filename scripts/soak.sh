#!/bin/bash
# The long checks: fuzzing and random kills for SOAK_SECONDS (default an hour) each; the viewer under a crowd for a minute.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
seconds=${SOAK_SECONDS:-3600}
results=build-results
rm -rf "$results"
mkdir -p "$results"
scripts/build.sh build || exit 1
scripts/test.sh clang || exit 1
mkdir -p "$results"
scripts/fuzz.sh "$seconds" | tee "$results/fuzz.tap"
/usr/bin/python3 tests/soak_kill.py "$seconds" | tee "$results/kill.tap"
STRESS_SECONDS=60 /usr/bin/python3 tests/view_stress.py | tee "$results/crowd.tap"
exec python3 scripts/tally.py "$results" fuzz kill crowd

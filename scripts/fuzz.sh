#!/bin/bash
# fuzz.sh SECONDS: every fuzz target for so many seconds, as many at a time as there are cores; TAP. Inputs that break a
# target stay in build-fuzz/findings.
# fuzz.sh --build: only builds them.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
. scripts/part.sh

build() {
    CC=clang scripts/build.sh build-fuzz -Dwerror=true -Dbuildtype=debugoptimized -Doptimization=1 -Dfuzz=true -Dtests=false \
        -Db_lundef=false -Db_sanitize=address,undefined "-Dc_args=-g1 -fsanitize=fuzzer-no-link -fno-sanitize-recover=all \
-fsanitize-ignorelist=$PWD/fuzz/left-out.txt -fsanitize-coverage-ignorelist=$PWD/fuzz/left-out.txt"
}

if [ "$1" = --build ]; then
    build
    exit
fi
seconds=$1
findings=build-fuzz/findings
mkdir -p build-results/fuzz

# Reads the checked-in corpus; what it learns goes to a folder of its own.
fuzz_target() {
    local name=$1 learned=build-fuzz/corpus/$1
    mkdir -p "$learned" "$findings"
    "build-fuzz/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$findings/$name-" "$learned" "fuzz/corpus/$name" >"build-results/fuzz/$name.log" 2>&1
    echo $? >"build-results/fuzz/$name.code"
}

ended_well() {
    [ "$(cat "build-results/fuzz/$1.code")" = 0 ] || { tail -50 "build-results/fuzz/$1.log"; return 1; }
}

if ! run_case "build-fuzz builds without a warning" build; then
    end_cases
    exit 1
fi
names=$(cd build-fuzz/fuzz && find . -maxdepth 1 -name 'fuzz_*' -type f -perm -u+x | sed 's#./fuzz_##' | sort)
for name in $names; do
    while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
    fuzz_target "$name" &
done
wait
for name in $names; do
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "build-results/fuzz/$name.log")
    run_case "fuzzing $name for $seconds s (${runs:-0} inputs)" ended_well "$name"
done
end_cases

#!/bin/bash
# test.sh [PART...]: builds and runs all tests (or some parts), then prints a table and "N passed, N failed".
#
# A part is a function below. What it tests it tells in TAP, or in a Meson test log that holds TAP; both end up in
# build-results/, where tally.py counts cases.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
. scripts/part.sh
results=build-results
export CMOCKA_MESSAGE_OUTPUT=TAP PYTHONDONTWRITEBYTECODE=1

# How each kind of build is made.
tested=(-Dwerror=true -Dtests=true)

build_gcc() {
    CC=gcc scripts/build.sh build "${tested[@]}" -Dbuildtype=release
}

build_clang() {
    CC=clang scripts/build.sh build-clang "${tested[@]}" -Dbuildtype=release
}

# What a sanitizer says needs names and lines, not variables, which take long to compile.
names_and_lines=-g1

# Leaks count too; anything undefined stops the program. Each of a hundred tests would be a program of 22 MB, if they did not
# share the library.
build_asan() {
    CC=gcc scripts/build.sh build-asan "${tested[@]}" -Dshare=true -Dbuildtype=debugoptimized -Doptimization=1 \
        -Db_sanitize=address,undefined -Db_lundef=false "-Dc_args=$names_and_lines -fno-sanitize-recover=all"
}

# Of the tests only those that run.
build_tsan() {
    CC=gcc scripts/build.sh build-tsan "${tested[@]}" -Dbuildtype=debugoptimized -Doptimization=1 \
        -Db_sanitize=thread -Db_lundef=false -Dc_args="$names_and_lines" -- engine_tests
}

build_fuzz() {
    scripts/fuzz.sh --build
}

# build_ahead PART...: the builds of these parts, one after the other. After the first they take what the tests leave of
# the cores while these wait for the disk, for timers and for a browser. A part that comes to its own build finds it done, or
# waits for it, and tells what is wrong with it.
build_ahead() {
    local part
    for part in "$@"; do
        [ "$(type -t "build_$part")" != function ] || "build_$part"
        renice -n 10 $BASHPID
    done
}

# meson_part PART FOLDER "SUITES": builds without a warning and runs the suites.
meson_part() {
    local part=$1 folder=$2 suites=$3 suite chosen=()
    run_case "$folder builds without a warning" "build_$part" || return
    for suite in $suites; do chosen+=(--suite "$suite"); done
    rm -f "$folder/meson-logs/testlog.json"
    # Tests wait for each other's threads and for the disk, so more of them than there are cores.
    "${launcher[@]}" meson test -C "$folder" --no-rebuild --num-processes $((2 * $(nproc))) --timeout-multiplier 3 \
        "${chosen[@]}" >"$results/$part.log" 2>&1
    [ ! -f "$folder/meson-logs/testlog.json" ] || cp "$folder/meson-logs/testlog.json" "$results/$part.json"
}

part_gcc() {
    meson_part gcc build ""
}

part_clang() {
    command -v clang >/dev/null || { skip_case "clang build" "clang is not installed"; return; }
    meson_part clang build-clang "unit engine"
}

part_asan() {
    CHECK_SHORT=1 ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 \
        meson_part asan build-asan "unit engine cli examples viewer viewer-stress"
}

# ThreadSanitizer does not start where the kernel spreads addresses wider than it knows.
tsan_starts() {
    local probe="$results/tsan-probe"
    echo 'int main(void) { return 0; }' | gcc -fsanitize=thread -x c -o "$probe" - && "${launcher[@]}" "$probe"
}

part_tsan() {
    local launcher=()
    tsan_starts >/dev/null 2>&1 || launcher=(setarch "$(uname -m)" -R)
    tsan_starts >/dev/null 2>&1 || { skip_case "tsan build" "ThreadSanitizer does not start on this machine"; return; }
    CHECK_SHORT=1 meson_part tsan build-tsan "engine invariance viewer-stress"
}

part_fuzz() {
    command -v clang >/dev/null || { skip_case "fuzz build" "clang is not installed"; return; }
    scripts/fuzz.sh "${FUZZ_SECONDS:-6}"
}

# The viewer's page in a real browser, against the real server.
part_page() {
    command -v node >/dev/null || { skip_case "the page in a browser" "node is not installed"; return; }
    [ -x /usr/bin/chromium ] || { skip_case "the page in a browser" "chromium is not installed"; return; }
    build/limpid view 2>&1 | grep -q "built without its viewer" && { skip_case "the page in a browser" "limpid view is not built"; return; }
    LIMPID="$PWD/build/limpid" scripts/build_page.sh --test 2>"$results/page.err"
}

part_checks() {
    scripts/checks.sh
}

# memory_folder: makes a folder for temporary files in memory, where there is room for them, and prints its name.
memory_folder() {
    local room_kb free_kb
    room_kb=$(df --output=avail -k /dev/shm | tail -n 1)
    free_kb=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB$/\1/p' /proc/meminfo)
    [ "$room_kb" -gt $((4 << 20)) ] && [ "$free_kb" -gt $((8 << 20)) ] && mktemp -d /dev/shm/limpid-test-XXXXXX
}

launcher=()
# The library is compiled by clang for fuzzing; its tests built by clang are part of `make soak`.
parts=(gcc page asan tsan fuzz checks)
[ $# -gt 0 ] && parts=("$@")
rm -rf "$results"
mkdir -p "$results"
git status --porcelain >"$results/files-before" 2>/dev/null
# Waiting for a disk would take most of the time. Tests that must see one find it in DISK_TMPDIR.
unset DISK_TMPDIR
if in_memory=$(memory_folder 2>/dev/null); then
    export DISK_TMPDIR="${TMPDIR:-/tmp}" TMPDIR="$in_memory"
fi
set -m # in a group of processes of its own, to end all of them
build_ahead "${parts[@]}" >"$results/ahead.log" 2>&1 </dev/null &
ahead=$!
set +m
trap 'kill -- -$ahead 2>/dev/null; rm -rf "$in_memory"' EXIT
for part in "${parts[@]}"; do
    echo "== $part"
    began=$SECONDS
    "part_$part" | tee "$results/$part.tap"
    echo $((SECONDS - began)) >"$results/$part.seconds"
done
{
    run_case "the tests leave no file behind" diff "$results/files-before" <(git status --porcelain 2>/dev/null)
    end_cases
} >"$results/tidy.tap"
python3 scripts/tally.py "$results" "${parts[@]}" tidy

#!/bin/bash
# Checks of the tree itself, as TAP. Needs build/limpid.
cd "$(dirname "$0")/.." || exit 1
. scripts/part.sh

run_case "includes point one way" python3 scripts/check_includes.py
run_case "text is tidy" python3 scripts/check_text.py
for header in include/limpid/*.h; do
    for standard in c99 c11 c++11; do
        run_case "$header compiles alone as $standard" scripts/check_header.sh "$header" $standard
    done
done
run_case "exported names begin with lmp_ and are few" scripts/check_exports.sh
run_case "generated pages are fresh" scripts/check_generated.sh
if command -v clang-format >/dev/null; then
    run_case "C files are formatted" scripts/format.sh --check
else
    skip_case "C files are formatted" "clang-format is not installed"
fi
if command -v node >/dev/null && scripts/build_page.sh --fetch 2>/dev/null; then
    run_case "the viewer's page has no type error" scripts/build_page.sh --check
else
    skip_case "the viewer's page has no type error" "node, or what it needs from the network, is not here"
fi
if command -v shellcheck >/dev/null; then
    run_case "shell scripts pass shellcheck" shellcheck -x scripts/*.sh .ci/run
else
    skip_case "shell scripts pass shellcheck" "shellcheck is not installed"
fi
end_cases

#!/bin/bash
# Formats every C file by .clang-format; with --check only names those that are not. The public headers and the contracts
# between the parts are laid out by hand, as tables.
set -euo pipefail
cd "$(dirname "$0")/.."
by_hand='(src/(os/os|core/source|io/file)|viewer/server/(route|server|viewer|state))\.h'
mapfile -t files < <(find src cli tests fuzz bench examples viewer/server -name '*.[ch]' | grep -vE "^$by_hand$" | sort)
if [ "${1:-}" != --check ]; then
    clang-format -i "${files[@]}"
    exit
fi
# All in one call: starting the program takes ten times as long as a file.
if ! said=$(clang-format --dry-run --Werror "${files[@]}" 2>&1); then
    sed -n "s/^\([^: ]*\.[ch]\):[0-9].*error: .*/\1: run 'make format'/p" <<<"$said" | uniq | grep . || echo "$said"
    exit 1
fi

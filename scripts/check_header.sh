#!/bin/bash
# check_header.sh HEADER STANDARD: the header compiles as the only file of a program, without a warning.
set -euo pipefail
warnings=(-Wall -Wextra -Wpedantic -Werror -fsyntax-only -Iinclude)
if [ "$2" = c++11 ]; then
    compiler=$(command -v g++ || command -v clang++) || { echo "no C++ compiler"; exit 1; }
    "$compiler" -std=c++11 "${warnings[@]}" -x c++ "$1" -Wno-pragma-once-outside-header
else
    gcc "-std=$2" "${warnings[@]}" -Wstrict-prototypes -x c "$1"
fi

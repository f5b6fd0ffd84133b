#!/bin/bash
# Formats every C file by .clang-format; with --check only says which are not. The public headers and the contracts
# between the parts are laid out by hand, as tables.
set -euo pipefail
cd "$(dirname "$0")/.."
find src cli tests fuzz bench examples -name '*.[ch]' ! -path src/os/os.h ! -path src/core/source.h ! -path src/io/file.h -print0 |
    if [ "${1:-}" = --check ]; then
        xargs -0 clang-format --dry-run --Werror
    else
        xargs -0 clang-format -i
    fi

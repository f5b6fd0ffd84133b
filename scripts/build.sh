#!/bin/bash
# build.sh FOLDER [meson options]: configures FOLDER if need be, then builds it.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
shift
if [ ! -f "$folder/build.ninja" ]; then
    rm -rf "$folder"
    meson setup "$folder" "$@"
elif [ $# -gt 0 ]; then
    meson configure "$folder" "$@"
fi
ninja -C "$folder"

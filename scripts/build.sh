#!/bin/bash
# build.sh FOLDER [meson options] [-- target...]: configures FOLDER if need be, then builds all of it, or the targets. Who
# builds in a folder where another one does waits for its end.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
shift
options=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    options+=("$1")
    shift
done
[ $# = 0 ] || shift
mkdir -p "$folder"
exec 8<"$folder"
flock 8

# The options are those of the last time, and nobody gave others by hand.
same_options() {
    [ "$folder/options" -nt "$folder/meson-private/coredata.dat" ] && [ "$(cat "$folder/options")" = "${options[*]}" ]
}

if [ ! -f "$folder/build.ninja" ]; then
    find "$folder" -mindepth 1 -delete
    meson setup "$folder" "${options[@]}"
elif [ ${#options[@]} -gt 0 ] && ! same_options; then
    meson configure "$folder" "${options[@]}"
fi
# What the viewer lacked may be there by now, which ninja cannot see.
lacks_viewer='limpid view is NOT built, as .*build again'
if grep -qs "$lacks_viewer" "$folder/meson-logs/meson-log.txt"; then
    meson setup --reconfigure "$folder" >/dev/null
fi
ninja -C "$folder" "$@"
[ ${#options[@]} = 0 ] || echo "${options[*]}" >"$folder/options"

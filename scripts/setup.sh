#!/bin/bash
# Installs the Debian packages that are missing for: build, test, bench, format. Touches nothing if all are there.
set -euo pipefail

# Node builds the viewer's page; any that is there will do.
node_packages() {
    command -v node >/dev/null && command -v npm >/dev/null || echo nodejs npm
}

packages_for() {
    case $1 in
    build) echo gcc libc6-dev meson ninja-build pkg-config libfftw3-dev libjansson-dev libyaml-dev libxxhash-dev liblapacke-dev libopenblas-dev zlib1g-dev libblosc-dev libzstd-dev libhdf5-dev libtiff-dev libturbojpeg0-dev libspng-dev libavformat-dev libavcodec-dev libswscale-dev libavutil-dev libmicrohttpd-dev; node_packages ;;
    test) echo libcmocka-dev clang clang-format libclang-rt-dev python3-numpy python3-scipy python3-mne python3-opencv python3-pil python3-h5py python3-zarr python3-tifffile python3-skimage ffmpeg chromium ;;
    bench) echo python3-numpy python3-scipy python3-mne python3-opencv python3-numba python3-skimage ;;
    format) echo clang-format ;;
    *) echo "setup.sh: unknown set '$1': build, test, bench or format" >&2 && exit 2 ;;
    esac
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install() {
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || { echo "Neither root nor sudo." >&2; return 1; }
    as_root apt-get update -qq &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null
}

# Without packages from apt, what is on the machine must do.
go_on_without() {
    echo "$1 limpid needs what these Debian packages hold:"
    shift
    echo "$*" | fold -s -w 100 | sed 's/^/  /'
    for tool in gcc meson ninja pkg-config; do
        command -v $tool >/dev/null || { echo "$tool is not here: install it and run make again." >&2; exit 1; }
    done
}

for set in "$@"; do packages_for "$set" >/dev/null; done
mapfile -t wanted < <(for set in "$@"; do packages_for "$set"; done | tr ' ' '\n' | sort -u)

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    go_on_without "This is not a Debian system, so nothing is installed." "${wanted[@]}"
    exit 0
fi
missing=()
for package in "${wanted[@]}"; do is_installed "$package" || missing+=("$package"); done
[ ${#missing[@]} = 0 ] && exit 0
echo "Installing ${missing[*]}"
install "${missing[@]}" || go_on_without "Some packages could not be installed (apt-get install them by hand)." "${missing[@]}"

#!/bin/bash
# build_page.sh OUT.c DEPFILE [PAGE_DIR] EMBED.py: builds the viewer's page and that of reports, and writes them as C.
# build_page.sh --fetch: gets what the page is built from, for later.
# build_page.sh --check: checks the types of its source.
# build_page.sh --test [FILE...]: drives the page in a browser; TAP. LIMPID: the program.
# build_page.sh --bench: how fast it is; tables.
#
# Pages and packages are kept in build-page/, named by a digest of what they are made from, so that several build folders
# share them. PAGE_DIR: a page that is built already; "" builds it.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
kept=$root/build-page
web=$root/viewer/web

sources() {
    find "$web" \( -name node_modules -o -name dist -o -name test \) -prune -o -type f -print | LC_ALL=C sort
}

digest_of() {
    xargs -d '\n' sha256sum | sha256sum | cut -c1-20
}

node_major() {
    node -p 'parseInt(process.versions.node)'
}

# node_knows OPTION
node_knows() {
    [[ $(node --help) == *"$1="* ]]
}

# drop_old KIND COUNT: keeps that many folders KIND-*, the newest.
drop_old() {
    find "$kept" -maxdepth 1 -name "$1-*" -printf '%T@ %p\n' | sort -rn | tail -n "+$(($2 + 1))" | cut -d' ' -f2- | xargs -r -d '\n' rm -rf
}

# The folder that holds node_modules of this package-lock.json.
packages() {
    echo "$kept/packages-$(printf '%s\n' "$web/package-lock.json" "$web/package.json" | digest_of)"
}

fetch() {
    local folder work
    folder=$(packages)
    [ ! -d "$folder" ] || return 0
    if [ "$(node_major)" -lt 18 ]; then
        echo "Node $(node --version) is too old for the page: install Node 18 or newer and build again (make)" >&2
        return 1
    fi
    work=$(mktemp -d "$kept/fetching-XXXXXX")
    cp "$web/package.json" "$web/package-lock.json" "$work"
    cp "$web/.npmrc" "$work" 2>/dev/null || true
    echo "Fetching what the viewer's page is built from" >&2
    # Not npm ci: it refuses a lock file that lacks the compiled parts for platforms other than the one it was made on.
    # With a lock file, npm install takes the versions and digests that are in it.
    # By itself npm takes a minute to see that there is no network.
    if ! (cd "$work" && npm install --no-save --ignore-scripts --prefer-offline --no-progress --loglevel=error \
        --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=3000 >&2); then
        rm -rf "$work"
        echo "npm could not fetch the page's packages: build again (make) where its registry can be reached" >&2
        return 1
    fi
    # The one before stays: another build folder may be using it.
    mv "$work" "$folder"
    drop_old packages 2
}

# A copy of the source with the packages beside it, in a new folder of build-page.
copy() {
    local work
    work=$(mktemp -d "$kept/building-XXXXXX")
    mkdir "$work/web"
    (cd "$web" && tar -c --exclude=./node_modules --exclude=./dist .) | tar -x -C "$work/web"
    ln -s "$(packages)/node_modules" "$work/web/node_modules"
    echo "$work"
}

# Programs of Node run in a copy too, so that they find the packages.
run_node() {
    local work status=0
    work=$(copy)
    (cd "$work/web" && LIMPID_ROOT=$root node "$@") || status=1
    rm -rf "$work"
    return $status
}

# vite WORK OPTION...: builds one of the two pages.
vite() {
    local work=$1
    shift
    (cd "$work/web" && node node_modules/vite/bin/vite.js build --logLevel warn --outDir "$work/dist" "$@" >&2)
}

build() {
    local page=$1 work
    work=$(copy)
    if ! vite "$work" --emptyOutDir || ! vite "$work" --mode report; then
        rm -rf "$work"
        echo "The viewer's page cannot be built" >&2
        return 1
    fi
    mv "$work/dist" "$page"
    drop_old page 4
    rm -rf "$work"
}

mkdir -p "$kept"
exec 9>"$kept/lock"
case $1 in
--fetch | --check | --test | --bench)
    if [ "$1" = --test ] && ! node_knows --test-reporter; then
        printf '1..1\nok 1 - the page in a browser # SKIP its tests need Node 18.15 or newer; this is %s\n' "$(node --version)"
        exit
    fi
    flock 9
    fetch
    flock -u 9
    case $1 in
    --check) run_node node_modules/typescript/bin/tsc --noEmit ;;
    --test)
        shift
        [ $# -gt 0 ] || set -- "$web"/test/*.test.mjs
        options=(--test --test-reporter=tap)
        # Since Node 18.19; those before take one file less than there are cores.
        ! node_knows --test-concurrency || options+=(--test-concurrency="$(nproc)")
        run_node "${options[@]}" "${@/#*test\//test/}"
        ;;
    --bench) run_node test/bench.mjs ;;
    esac
    exit
    ;;
esac
out=$1 depfile=$2 page=$3 embed=$4
if [ -z "$page" ]; then
    flock 9
    page=$kept/page-$({ sources; } | digest_of)
    fetch
    [ -f "$page/report.html" ] || { rm -rf "$page"; build "$page"; }
fi
python3 "$embed" "$page" "$out"
# Folders too: a new file changes its folder.
{
    printf '%s: ' "$out"
    { sources; find "$web/src" "$web/public" -type d; [ -z "$3" ] || find "$3"; } | sed 's/[ #$]/\\&/g' | tr '\n' ' '
    echo
} >"$depfile"

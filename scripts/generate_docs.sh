#!/bin/bash
# generate_docs.sh [FOLDER]: writes steps/*.md, chain.schema.json and openapi.json from the registry of build/limpid and the
# routes of its viewer.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-docs}
limpid=${LIMPID:-build/limpid}

# name<tab>grain<tab>summary of every step for this kind of recording ("" for all steps)
list_steps() {
    "$limpid" steps --json | python3 -c '
import json, sys
for step in json.load(sys.stdin):
    if sys.argv[1] in ("", step["kind"]):
        print(step["name"], step["grain"], step["summary"], sep="\t")' "$1"
}

# A table of the steps for one kind of recording, under a heading.
table() {
    echo
    echo "## $2"
    echo
    echo "| step | grain | what it does |"
    echo "| --- | --- | --- |"
    list_steps "$1" | while IFS=$'\t' read -r name grain summary; do
        echo "| [$name]($name.md) | $grain | ${summary//|/\\|} |"
    done
}

rm -rf "$folder/steps"
mkdir -p "$folder/steps"
{
    echo "# Steps"
    echo
    echo "Made from the registry, like \`limpid help STEP\`. Grain \`time\` works on each channel, or each band of rows of a"
    echo "movie, by itself through time; \`frame\` on all channels at an instant, or on each frame by itself; \`block\` sees"
    echo "everything before it gives its result; \`none\` changes events, names and times only; \`sink\` writes."
    table any "For any recording"
    table movies "For movies"
    table signals "For signals"
} >"$folder/steps/README.md"
list_steps '' | while IFS=$'\t' read -r name _; do
    "$limpid" help "$name" >"$folder/steps/$name.md"
done
"$limpid" schema >"$folder/chain.schema.json"
if ! "$limpid" schema --api >"$folder/openapi.json.new"; then
    rm -f "$folder/openapi.json.new"
    echo "$folder/openapi.json is left as it is"
else
    mv "$folder/openapi.json.new" "$folder/openapi.json"
fi
echo "$(find "$folder/steps" -name '*.md' | wc -l) pages in $folder/steps, $folder/chain.schema.json and $folder/openapi.json"

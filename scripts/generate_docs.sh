#!/bin/bash
# generate_docs.sh [FOLDER]: writes steps/*.md and chain.schema.json from the registry of build/limpid.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-docs}
limpid=${LIMPID:-build/limpid}

# name<tab>grain<tab>summary of every step
list_steps() {
    "$limpid" steps --json | python3 -c '
import json, sys
for step in json.load(sys.stdin):
    print(step["name"], step["grain"], step["summary"], sep="\t")'
}

rm -rf "$folder/steps"
mkdir -p "$folder/steps"
{
    echo "# Steps"
    echo
    echo "Made from the registry, like \`limpid help STEP\`. Grain \`time\` works on each channel by itself, \`frame\` on all"
    echo "channels at an instant, \`none\` on events, names and times only, \`sink\` writes."
    echo
    echo "| step | grain | what it does |"
    echo "| --- | --- | --- |"
    list_steps | while IFS=$'\t' read -r name grain summary; do
        echo "| [$name]($name.md) | $grain | ${summary//|/\\|} |"
    done
} >"$folder/steps/README.md"
list_steps | while IFS=$'\t' read -r name _; do
    "$limpid" help "$name" >"$folder/steps/$name.md"
done
"$limpid" schema >"$folder/chain.schema.json"
echo "$(find "$folder/steps" -name '*.md' | wc -l) pages in $folder/steps, and $folder/chain.schema.json"

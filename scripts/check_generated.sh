#!/bin/bash
# The pages and the schema in docs/ are what the registry gives now.
set -euo pipefail
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
scripts/generate_docs.sh "$fresh" >/dev/null
for made in steps chain.schema.json openapi.json; do
    # Without the viewer there is no description of its interface.
    [ "$made" != openapi.json ] || [ -f "$fresh/$made" ] || continue
    diff -ru "docs/$made" "$fresh/$made" || { echo "docs/$made is not fresh: run 'make docs'"; exit 1; }
done

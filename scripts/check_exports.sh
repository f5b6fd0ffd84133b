#!/bin/bash
# The command exports what the public headers declare, for plugins, and nothing else; fewer than 80 functions in limpid.h.
set -euo pipefail
# Names with an underscore in front and data_start are the linker's; stdout and the like are copies from the C library.
exported=$(nm -D --defined-only build/limpid | awk '$2 ~ /[A-Z]/ {print $3}' | grep -vE '^_|^data_start$|@' | sort)
declared=$(grep -hE '^LMP_API' include/limpid/*.h | grep -oE '\blmp_[a-z0-9_]+\(' | tr -d '(' | sort -u)
if ! diff <(echo "$declared") <(echo "$exported"); then
    echo "<: declared in include/ but not exported; >: exported but not declared"
    exit 1
fi
count=$(grep -cE '^LMP_API' include/limpid/limpid.h)
[ "$count" -lt 80 ] || { echo "limpid.h has $count functions: fewer than 80 is the rule"; exit 1; }

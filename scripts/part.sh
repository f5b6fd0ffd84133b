# shellcheck shell=bash
# Sourced by scripts whose output is TAP: named cases, one line each, what a failing command said as comments.
n_cases=0
n_failed=0

# run_case NAME COMMAND...
run_case() {
    local name=$1 said
    shift
    n_cases=$((n_cases + 1))
    if said=$("$@" 2>&1 </dev/null); then
        echo "ok $n_cases - $name"
        return 0
    fi
    echo "not ok $n_cases - $name"
    echo "$said" | tail -60 | sed 's/^/# /'
    n_failed=$((n_failed + 1))
    return 1
}

# skip_case NAME WHY
skip_case() {
    n_cases=$((n_cases + 1))
    echo "ok $n_cases - $1 # SKIP $2"
}

end_cases() {
    echo "1..$n_cases"
    [ "$n_failed" = 0 ]
}

#!/usr/bin/env bash
# Builds the plain form of every test labelled "race" with ThreadSanitizer, which does not work
# inside Criterion, and runs it. Ends with a line "N passed, M failed".
# Usage: race.sh BUILD        race.sh --self-test
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
here=$(cd "$(dirname "$0")" && pwd)

# ThreadSanitizer of this age cannot live with much address randomisation.
fixed=()
! setarch -R true 2> /dev/null || fixed=(setarch -R)

race_one() { # build, test
    local log=$1/$2.race.log
    if "${fixed[@]}" timeout 120 "$1/bin/$2_plain" > "$log" 2>&1; then
        echo "  $2: no race"
    else
        { echo "  $2: failed"; head -n 80 "$log"; } >&2
        return 1
    fi
}

run() { # build
    local build=$1 name failed
    local names=()
    mapfile -t names < <("$here/test_names.py" "$build" --label race)
    [ -n "${names[*]-}" ] || { echo "no test is labelled race" >&2; return 1; }
    cmake --build "$build" --target "${names[@]/%/_plain}" > "$build/race.log" 2>&1 ||
        { tail -n 40 "$build/race.log" >&2; return 1; }
    mkdir "$scratch/failed"
    for name in "${names[@]}"; do
        while [ "$(jobs -rp | wc -l)" -ge 3 ]; do wait -n || true; done # most of them wait much
        { race_one "$build" "$name" || touch "$scratch/failed/$name"; } &
    done
    wait
    failed=$(find "$scratch/failed" -type f | wc -l)
    echo "race: $((${#names[@]} - failed)) passed, $failed failed"
    [ "$failed" -eq 0 ]
}

self_test() {
    local dir=$scratch
    printf '%s\n' '#include <pthread.h>' 'int shared;' 'static void *add(void *p) { shared++; return p; }' \
        'int main(void) { pthread_t t; pthread_create(&t, 0, add, 0); shared++; return pthread_join(t, 0); }' \
        > "$dir/a.c"
    gcc -g -fsanitize=thread -o "$dir/a" "$dir/a.c"
    if "${fixed[@]}" "$dir/a" > /dev/null 2>&1; then echo "a race passed" >&2; return 1; fi
    echo "the check of races can fail"
}

case ${1-} in
--self-test) self_test ;;
'') echo "usage: race.sh BUILD | --self-test" >&2; exit 2 ;;
*) run "$1" ;;
esac

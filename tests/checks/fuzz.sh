#!/usr/bin/env bash
# Runs the libFuzzer targets of a build, two at a time. Each starts from its committed corpus and
# from what earlier runs found. Ends with a line "N passed, M failed".
# Usage: fuzz.sh BUILD [TARGET...]      CHALKRAIL_FUZZ_SECONDS a target (30)
#        CHALKRAIL_FUZZ_RESUME=1 leaves out what has run for that long since it was built
#        fuzz.sh --self-test
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$(cd "$(dirname "$0")/../.." && pwd)
seconds=${CHALKRAIL_FUZZ_SECONDS:-30}

fuzz_one() { # build, target
    local build=$1 target=$2 found=$1/corpus/$2 log=$1/$2.log committed=$root/tests/fuzz/corpus/$2
    mkdir -p "$found"
    [ -d "$committed" ] || { echo "  $target: no corpus in tests/fuzz/corpus/$target" >&2; return 1; }
    mkdir -p "$build/fuzzed"
    if [ "${CHALKRAIL_FUZZ_RESUME-}" = 1 ] && [ "$build/fuzzed/$target" -nt "$build/bin/$target" ] &&
        [ "$(cat "$build/fuzzed/$target")" -ge "$seconds" ]; then
        echo "  $target: has run for $(cat "$build/fuzzed/$target") s before"
        return 0
    fi
    if "$build/bin/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=100 -print_final_stats=1 \
        -artifact_prefix="$build/crash-$target-" "$found" "$committed" > "$log" 2>&1; then
        awk -v name="$target" '
            /^#[0-9]+/ { for (i = 1; i < NF; i++) if ($i == "cov:") covered = $(i + 1) }
            /number_of_executed_units:/ { runs = $2 }
            END { printf "  %-20s %10d inputs %6d edges\n", name, runs, covered }' "$log"
        echo "$seconds" > "$build/fuzzed/$target"
    else
        { echo "  $target: failed; see $log"; grep -vE '^#[0-9]|NEW_FUNC' "$log" | tail -n 40; } >&2
        return 1
    fi
}

run() { # build, targets
    local build failed=0 target
    build=$(cd "$1" && pwd)
    shift
    local targets=("$@")
    [ $# -gt 0 ] || mapfile -t targets < <(cd "$root/tests/fuzz/corpus" && find . -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort)
    [ ${#targets[@]} -gt 0 ] || { echo "no fuzz targets" >&2; return 1; }
    for target in "${targets[@]}"; do
        [ -x "$build/bin/$target" ] || { echo "no fuzz target $target in $build/bin" >&2; return 1; }
    done
    for target in "$build"/bin/fuzz_*; do
        [ -d "$root/tests/fuzz/corpus/${target##*/}" ] || { echo "${target##*/} has no committed corpus" >&2; return 1; }
    done
    local results=$scratch/failed began=$SECONDS
    echo "fuzz: ${#targets[@]} targets, two at a time, $seconds s each: about $(((${#targets[@]} + 1) * seconds / 120)) minutes"
    rm -rf "$results"
    mkdir "$results"
    for target in "${targets[@]}"; do
        while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n || true; done
        { fuzz_one "$build" "$target" || touch "$results/$target"; } &
    done
    wait
    failed=$(find "$results" -type f | wc -l)
    echo "fuzz: $((${#targets[@]} - failed)) passed, $failed failed, $seconds s each, $((SECONDS - began)) s in all"
    [ "$failed" -eq 0 ]
}

self_test() {
    local dir=$scratch
    mkdir -p "$dir/build/bin" "$dir/tests/fuzz/corpus/fuzz_a"
    printf 'a' > "$dir/tests/fuzz/corpus/fuzz_a/one"
    root=$dir seconds=10
    build() { # body
        printf '#include <stdint.h>\n#include <stdlib.h>\n
            int LLVMFuzzerTestOneInput(const uint8_t *d, size_t n) { %s return 0; }\n' "$1" > "$dir/a.c"
        clang -g -O1 -fsanitize=fuzzer,address -o "$dir/build/bin/fuzz_a" "$dir/a.c"
    }
    build 'if (n > 1 && d[0] == 98) abort();'
    if run "$dir/build" > /dev/null 2>&1; then echo "a crash passed" >&2; return 1; fi
    build '(void)d; (void)n;'
    seconds=1
    run "$dir/build" > /dev/null 2>&1 || { echo "a sound target failed" >&2; return 1; }
    echo "the check by fuzzing can fail"
}

case ${1-} in
--self-test) self_test ;;
'') echo "usage: fuzz.sh BUILD [TARGET...] | --self-test" >&2; exit 2 ;;
*) run "$@" ;;
esac

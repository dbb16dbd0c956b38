#!/usr/bin/env bash
# Everything CI checks, cheapest first. `./x test` calls this after its packages are there.
#
#   release  gcc, optimised, warnings are errors: all tests, purity, symbols, installed consumers
#   asan     clang, warnings are errors, AddressSanitizer and UBSan: the tests again
#   sim      a seed's runs hash the same in both
#   tsan     the plain form of the tests labelled race
#   mingw    base and core for Windows
#   fuzz     every target for CHALKRAIL_FUZZ_SECONDS
#
# Stops at the first step that fails, unless KEEP_GOING=1. The last line adds up the tests of all
# steps; a step that is not made of tests counts as one.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/checks/lib.sh
. tests/checks/lib.sh

if [ -z "${CHALKRAIL_FUZZ_SECONDS-}" ]; then
    CHALKRAIL_FUZZ_SECONDS=5
fi
export CHALKRAIL_FUZZ_SECONDS

passed=0
failed=0
again=()
began=$SECONDS
mkdir -p build/log

closing() {
    printf '\n%d s in all\nneeded a second run: %s\n' $((SECONDS - began)) "${again[*]:-none}"
    printf '%d passed, %d failed\n' "$passed" "$failed"
}

# Adds what a log says of its tests to the totals: ctest's closing lines, or "N passed, M failed".
add_totals() { # log, status
    local ok=0 bad=0 line found=0
    while read -r line; do
        if [[ $line =~ ([0-9]+)\ tests?\ failed\ out\ of\ ([0-9]+) ]]; then
            bad=$((bad + BASH_REMATCH[1])) ok=$((ok + BASH_REMATCH[2] - BASH_REMATCH[1])) found=1
        elif [[ $line =~ ^(race|fuzz):\ ([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
            ok=$((ok + BASH_REMATCH[2])) bad=$((bad + BASH_REMATCH[3])) found=1
        fi
    done < "$1"
    if [ "$found" -eq 0 ]; then
        ok=$(($2 == 0)) bad=0
    fi
    # A step may fail though each of its tests passed: a leak report, a missing target.
    if [ "$2" -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
    fi
    passed=$((passed + ok))
    failed=$((failed + bad))
}

number=0
step() { # title, command...
    local title=$1 start=$SECONDS status=0 log
    shift
    number=$((number + 1))
    log=build/log/step-$number.log
    printf '\n== %d. %s\n' "$number" "$title"
    # In a subshell: a failing build ends it, not the whole run.
    ("$@") 2>&1 | tee "$log" || status=$?
    add_totals "$log" "$status"
    mapfile -t -O ${#again[@]} again < <(sed -n 's/^needed a second run: //p' "$log" | grep -vx none)
    if [ "$status" -eq 0 ]; then
        printf '   passed, %d s\n' $((SECONDS - start))
    else
        printf '   FAILED, %d s; log: %s\n' $((SECONDS - start)) "$log"
        [ "${KEEP_GOING-0}" = 1 ] || { closing; exit 1; }
    fi
}

tree_checks() {
    build_preset release help
    ctest --test-dir build/release -j4 --output-on-failure --no-tests=error -L '^source$'
}

# What reads sources was run, and what is slowed down says nothing of times.
sanitized_tests() {
    build_preset asan all
    tests/checks/sanitized.sh build/asan 'source|measured'
}

# The runs of a seed are the same whichever compiler made them.
same_runs() {
    local preset
    for preset in release asan; do
        CHALKRAIL_TEST_DATA=/nonexistent "build/$preset/bin/chalk-sim" --hashes --seed 7 \
            > "build/log/hashes-$preset.txt"
    done
    diff build/log/hashes-release.txt build/log/hashes-asan.txt
    say "$(wc -l < build/log/hashes-release.txt) runs have the same hash with gcc and with clang"
}

race_tests() {
    build_preset tsan help
    tests/checks/race.sh build/tsan
}

fuzz_targets() {
    build_preset fuzz ck_fuzzers
    tests/checks/fuzz.sh build/fuzz
}

step "the tree: layout, headers, doc comments, rules of the house" tree_checks
step "compile with gcc, optimised" build_preset release all
step "tests, purity, symbols, installed consumers" all_tests build/release source
step "compile with clang, and the tests under AddressSanitizer and UBSan" sanitized_tests
step "simulated lessons are the same with gcc and with clang" same_runs
step "data races, under ThreadSanitizer" race_tests
step "base and core for Windows" build_preset mingw all
step "fuzzing" fuzz_targets

closing
[ "$failed" -eq 0 ]

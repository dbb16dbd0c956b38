#!/usr/bin/env bash
# Runs the tests of a build with AddressSanitizer and fails when any process, also a child of a
# test, left a report. Criterion's own result does not tell: LeakSanitizer speaks after it.
# A report also counts when a second run of the test left none.
# Usage: sanitized.sh BUILD LABELS      but the tests with these labels ("a|b")
#        sanitized.sh BUILD --only LABEL
#        sanitized.sh --self-test
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/checks/lib.sh
. "$here/lib.sh"

# Reports go to files of their own, for nobody reads a child's stderr.
options() { # report folder
    export ASAN_OPTIONS="log_path=$1/report:log_exe_name=1:detect_leaks=1:strict_string_checks=1"
    export UBSAN_OPTIONS="log_path=$1/report:log_exe_name=1:print_stacktrace=1"
    export LSAN_OPTIONS="suppressions=$here/lsan.supp:print_suppressions=0"
}

# SDL loads libraries (D-Bus, X11 extensions) and unloads them; what they had in static variables then
# looks lost. Libraries that stay loaded keep it in sight, and real leaks are found as before.
keep_libraries() {
    printf 'int dlclose(void *h);\nint dlclose(void *h) { (void)h; return 0; }\n' > "$scratch/keep.c"
    cc -shared -fPIC -o "$scratch/keep.so" "$scratch/keep.c"
    export LD_PRELOAD=$scratch/keep.so
}

reports() { # report folder
    grep -lE 'LeakSanitizer|AddressSanitizer|runtime error:' "$1"/report* 2> /dev/null || true
}

run() { # build, labels, or --only and a label
    local build=$1 folder=$1/sanitizer status=0 found file
    shift
    rm -rf "$folder"
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    options "$folder"
    keep_libraries
    if [ "$1" = --only ]; then
        ctest --test-dir "$build" -j4 --output-on-failure --no-tests=error -L "^$2\$" || status=$?
    else
        all_tests "$build" "$1" || status=$?
    fi
    found=$(reports "$folder")
    for file in $found; do
        printf '\n%s\n' "$file" >&2
        head -n 60 "$file" >&2
    done
    if [ -n "$found" ]; then
        echo "sanitizers left $(wc -w <<< "$found") reports in $folder" >&2
        return 1
    fi
    return "$status"
}

self_test() {
    local dir=$scratch source
    mkdir "$dir/reports"
    options "$dir/reports"
    for source in 'int main(void) { void *volatile p = malloc(9); p = 0; return p != 0; }' \
        'int main(void) { char *volatile p = malloc(9); free(p); return p[1] & 0; }' \
        'int main(int n, char **v) { (void)v; int volatile x = 2147483647; x += n; return x > 0; }'; do
        rm -f "$dir"/reports/*
        printf '#include <stdlib.h>\n%s\n' "$source" > "$dir/a.c"
        clang -g -fsanitize=address,undefined -o "$dir/a" "$dir/a.c"
        "$dir/a" 2> /dev/null || true
        [ -n "$(reports "$dir/reports")" ] || { printf 'no report for: %s\n' "$source" >&2; return 1; }
    done
    local said
    said=$(printf '%s\n' '1/3 Test  #7: lucky ....***Failed  0.1 sec' '    Test  #7: lucky ....   Passed  0.1 sec' \
        '2/3 Test #12: fine ....   Passed  0.1 sec' '3/3 Test  #3: bad ....***Timeout  0.1 sec' | second_runs)
    [ "$said" = lucky ] || { echo "needed a second run: $said" >&2; return 1; }
    echo "the check of sanitizers' reports can fail"
}

case ${1-} in
--self-test) self_test ;;
'') echo "usage: sanitized.sh BUILD LABELS | BUILD --only LABEL | --self-test" >&2; exit 2 ;;
*) run "$@" ;;
esac

#!/usr/bin/env bash
# Every public header compiles alone, twice over, as C11 and as C++17, with gcc and with clang.
# Usage: headers.sh [FOLDER]   (default: include)      headers.sh --self-test
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$(cd "$(dirname "$0")/../.." && pwd)

compile_alone() { # include folder, header
    local text="#include \"$2\"
#include \"$2\"
typedef int a_unit_is_never_empty;
"
    local strict=(-Wall -Wextra -Werror -pedantic -fsyntax-only -I "$1")
    printf '%s' "$text" | gcc -x c -std=c11 -Wstrict-prototypes "${strict[@]}" - &&
        printf '%s' "$text" | g++ -x c++ -std=c++17 "${strict[@]}" - &&
        printf '%s' "$text" | clang -x c -std=c11 -Wstrict-prototypes "${strict[@]}" - &&
        printf '%s' "$text" | clang++ -x c++ -std=c++17 "${strict[@]}" -
}

check() { # include folder
    local header name count=0 failed=0
    for header in "$1"/chalkrail/*.h; do
        [ -e "$header" ] || break
        name=chalkrail/${header##*/}
        count=$((count + 1))
        compile_alone "$1" "$name" || { echo "$name does not compile alone" >&2; failed=1; }
    done
    if [ ! -e "$header" ]; then
        echo "no headers in $1/chalkrail" >&2
        return 1
    fi
    [ "$failed" -eq 0 ] || return 1
    echo "$count headers compile alone"
}

self_test() {
    local dir=$scratch
    mkdir -p "$dir/chalkrail"
    if check "$dir" 2>/dev/null; then echo "an empty folder passed" >&2; return 1; fi
    local good='#ifndef A_H
#define A_H
#include <stdint.h>
int32_t chalk_a(int32_t value);
#endif'
    printf '%s\n' "$good" > "$dir/chalkrail/a.h"
    check "$dir" > /dev/null || { echo "a sound header failed" >&2; return 1; }
    local bad
    for bad in "${good/'#include <stdint.h>'/}" "${good/'#ifndef A_H'/#if 1}
typedef struct chalk_s { int x; } chalk_s;" "${good/value/class}" "${good/(int32_t value)/()}"; do
        printf '%s\n' "$bad" > "$dir/chalkrail/a.h"
        if check "$dir" > /dev/null 2>&1; then printf 'passed:\n%s\n' "$bad" >&2; return 1; fi
    done
    echo "the check of headers can fail"
}

case ${1-} in
--self-test) self_test ;;
*) check "${1:-$root/include}" ;;
esac

#!/usr/bin/env bash
# The shared library of the SDK, stripped, is at most 1.5 MB. What is counted is our own code and
# tables: the codecs, OpenSSL, libuv and the others are libraries of their own, linked dynamically.
# Usage: size.sh LIBRARY...        size.sh --self-test
set -euo pipefail
max=1500000
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

check() { # library
    local size
    strip -o "$scratch/stripped" "$1"
    size=$(stat -c %s "$scratch/stripped")
    printf '%s: %d bytes stripped, at most %d\n' "$(basename "$1")" "$size" "$max"
    [ "$size" -le "$max" ]
}

self_test() {
    printf 'const char big[%d] = {1};\n' "$max" > "$scratch/big.c"
    printf 'const char small[1000] = {1};\n' > "$scratch/small.c"
    cc -shared -o "$scratch/big.so" "$scratch/big.c"
    cc -shared -o "$scratch/small.so" "$scratch/small.c"
    check "$scratch/small.so" > /dev/null
    if check "$scratch/big.so" > /dev/null; then echo "a library that is too large passed" >&2; return 1; fi
    echo "the check of sizes can fail"
}

case ${1-} in
--self-test) self_test ;;
'') echo "usage: size.sh LIBRARY... | --self-test" >&2; exit 2 ;;
*) for library in "$@"; do check "$library"; done ;;
esac

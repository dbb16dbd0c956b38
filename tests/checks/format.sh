#!/usr/bin/env bash
# Lays out every C source with clang-format, by the tree's .clang-format.
# Usage: format.sh           format.sh --check [ROOT]           format.sh --self-test
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

sources() { # root
    local folder
    for folder in include sdk platform demo bindings tests; do
        [ ! -d "$1/$folder" ] || find "$1/$folder" -name '*.[ch]' -not -path '*/corpus/*' -print0
    done
}

check() { # root
    local count crooked
    count=$(sources "$1" | tr -cd '\0' | wc -c)
    crooked=$(sources "$1" |
        xargs -0 -r clang-format --dry-run --style=file:"$root/.clang-format" 2>&1 |
        sed -n 's/^\([^ ]*\):[0-9]*:[0-9]*: .*clang-format-violations.*/\1/p' | sort -u)
    if [ -n "$crooked" ]; then
        printf '%s\nrun ./x fmt\n' "$crooked" >&2
        return 1
    fi
    echo "$count files are laid out as they should be"
}

self_test() {
    local dir=$scratch
    mkdir "$dir/sdk"
    printf 'int f(void)\n{\n    return 1;\n}\n' > "$dir/sdk/a.c"
    check "$dir" > /dev/null || { echo "a sound file failed" >&2; return 1; }
    printf 'int f(void) { return 1; }\n' > "$dir/sdk/a.c"
    if check "$dir" > /dev/null 2>&1; then echo "a crooked file passed" >&2; return 1; fi
    echo "the check of the layout can fail"
}

case ${1-} in
--self-test) self_test ;;
--check) check "${2:-$root}" ;;
'') sources "$root" | xargs -0 -r -P 2 -n 40 clang-format -i --style=file:"$root/.clang-format" ;;
*) echo "usage: format.sh [--check [ROOT] | --self-test]" >&2; exit 2 ;;
esac

#!/usr/bin/env bash
# base and core are pure: linked together they need nothing but memory and string functions that
# touch no allocator, locale or errno, and the mathematics library; and they hold nothing writable.
# Usage: purity.sh ARCHIVE...        purity.sh --self-test
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# strdup allocates, strtol and strerror know locales and errno: so names, not "str*".
strings='mem(cpy|move|set|cmp|chr)|str(len|nlen|cmp|ncmp|chr|rchr|str|spn|cspn|pbrk)'
maths='(a?(sin|cos|tan)h?|atan2|sqrt|cbrt|hypot|exp2?|expm1|log(2|10|1p|b)?|pow|fmod|fabs|floor|ceil'
maths+='|trunc|round|l?lround|rint|nearbyint|l?lrint|ldexp|frexp|modf|scalbn|fmin|fmax|copysign)[fl]?'
allowed="^($strings|$maths|_GLOBAL_OFFSET_TABLE_)\$"

check() { # archives
    local failed=0 foreign writable pure=$scratch/pure.o
    ld -r -o "$pure" --whole-archive "$@" || return 1
    foreign=$(nm -u "$pure" | awk '{print $NF}' | grep -Ev "$allowed" || true)
    if [ -n "$foreign" ]; then
        printf 'base and core may not use:\n%s\n' "$foreign" >&2
        failed=1
    fi
    # Constants that need relocation lie in .data.rel.ro and are read-only when the program runs.
    writable=$(objdump -t "$pure" | awk '
        /^[0-9a-f]+ / {
            split($0, halves, "\t")
            n = split(halves[1], left, " "); split(halves[2], right, " ")
            if (left[n] ~ /^(\.(data|bss|tdata|tbss|init_array|fini_array|ctors|dtors)|\*COM\*)/ &&
                left[n] !~ /^\.data\.rel\.ro/ && right[1] !~ /^0+$/)
                print right[2], "in", left[n]
        }')
    if [ -n "$writable" ]; then
        printf 'base and core may not hold writable data:\n%s\n' "$writable" >&2
        failed=1
    fi
    local sized
    sized=$(objdump -h "$pure" | awk '
        $2 ~ /^\.(data|bss|tdata|tbss|init_array|fini_array|ctors|dtors)/ &&
            $2 !~ /^\.data\.rel\.ro/ && $3 !~ /^0+$/ {print $2, "has", "0x" $3, "bytes"}')
    if [ -n "$sized" ]; then
        printf 'base and core may not have writable sections:\n%s\n' "$sized" >&2
        failed=1
    fi
    [ "$failed" -eq 0 ] || return 1
    echo "pure: $(nm --defined-only -g "$pure" | wc -l) global functions and constants"
}

self_test() {
    local dir=$scratch source
    archive() { # source text
        printf '%s\n' "$1" > "$dir/a.c"
        gcc -c -O2 -fPIC -o "$dir/a.o" "$dir/a.c"
        rm -f "$dir/a.a"
        ar rcs "$dir/a.a" "$dir/a.o"
    }
    archive '#include <string.h>
        #include <math.h>
        static const char *const names[] = {"a", "b"};
        const char *name(int i) { return names[i]; }
        double f(double x, char *p, unsigned long n) { memset(p, 0, n); return floor(x); }'
    check "$dir/a.a" > /dev/null || { echo "a pure archive failed" >&2; return 1; }
    for source in '#include <stdlib.h>
        void *f(void) { return malloc(3); }' '#include <stdio.h>
        void f(char *p, int i) { snprintf(p, 9, "%d", i); }' '#include <string.h>
        char *f(const char *p) { return strdup(p); }' 'static int calls; int f(void) { return ++calls; }' \
        'int shared = 3;' '_Thread_local int mine;' '#include <errno.h>
        int f(void) { return errno; }' 'static const char *now = "a"; void g(const char *p) { now = p; }
        const char *f(void) { return now; }' '__attribute__((constructor)) void f(void) {}'; do
        archive "$source"
        if check "$dir/a.a" > /dev/null 2>&1; then printf 'passed: %s\n' "$source" >&2; return 1; fi
    done
    echo "the check of purity can fail"
}

case ${1-} in
--self-test) self_test ;;
'') echo "usage: purity.sh ARCHIVE... | --self-test" >&2; exit 2 ;;
*) check "$@" ;;
esac

# What ./x and the scripts of this folder share. Sourced, from the root of the tree.
# shellcheck shell=bash

say() {
    printf '%s\n' "$*"
}

fail() {
    printf 'x: %s\n' "$*" >&2
    exit 1
}

export NINJA_STATUS='[%f/%t] '
if command -v ccache > /dev/null; then
    # The presets compile the same sources in folders of their own; the cache need not care which.
    export CMAKE_C_COMPILER_LAUNCHER=ccache CCACHE_NOHASHDIR=1
fi

# The packages among the arguments that dpkg does not hold as installed.
missing_of() {
    local package
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2> /dev/null)" = installed ] ||
            printf '%s\n' "$package"
    done
}

is_debian_12() {
    [ -r /etc/os-release ] && (. /etc/os-release && [ "$ID" = debian ] && [ "$VERSION_ID" = 12 ])
}

# install_missing NEED PACKAGE...: see `./x setup --help`.
install_missing() {
    local need=$1
    shift
    [ "${CHALKRAIL_SETUP-}" != skip ] || return 0
    if ! is_debian_12; then
        fail "this system is not Debian 12, so nothing is installed here. Install what corresponds to:
$(printf '%s ' "$@" | fold -s -w 90)
then run again with CHALKRAIL_SETUP=skip."
    fi
    local missing as_root=()
    mapfile -t missing < <(missing_of "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo > /dev/null ||
            fail "these packages are missing and there is no sudo; as root run: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    mkdir -p build/log
    local log=build/log/setup.log start=$SECONDS
    say "setup: ${#missing[@]} packages are missing for $need: ${missing[*]}"
    say "setup: reading the package lists"
    "${as_root[@]}" apt-get update > "$log" 2>&1 || { tail -n 20 "$log"; fail "apt-get update failed"; }
    apt_install "$log" "${missing[@]}" || { tail -n 30 "$log"; fail "apt-get install failed; see $log"; }
    mapfile -t missing < <(missing_of "$@")
    [ ${#missing[@]} -eq 0 ] || fail "still missing after the installation: ${missing[*]}"
    say "setup: done in $((SECONDS - start)) s"
}

# Servers of tests that no Debian package has: tests/interop/npm/package-lock.json pins them, npm puts
# them into build/npm. Nothing of them is run while they are installed.
install_npm() {
    [ "${CHALKRAIL_SETUP-}" != skip ] || return 0
    local from=tests/interop/npm to=build/npm log=build/log/npm.log
    ! cmp -s "$from/package-lock.json" "$to/installed" || return 0
    command -v npm > /dev/null || install_missing npm npm
    say "setup: installing the servers of $from/package.json from npm's registry"
    mkdir -p "$to" build/log
    rm -f "$to/installed"
    cp "$from/package.json" "$from/package-lock.json" "$to/"
    npm ci --prefix "$to" --ignore-scripts --no-audit --no-fund > "$log" 2>&1 ||
        { tail -n 20 "$log"; fail "npm's registry cannot be reached, or does not have what is pinned; see $log"; }
    cp "$from/package-lock.json" "$to/installed"
}

# Uses as_root of install_missing. Debian's way to keep services from starting is a policy-rc.d
# that says 101; one that is there already is left alone.
apt_install() { # log, packages
    local log=$1 policy=/usr/sbin/policy-rc.d made_policy=0 status=0
    shift
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" > /dev/null
        "${as_root[@]}" chmod 755 "$policy"
        made_policy=1
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold "$@" 2>&1 |
        tee -a "$log" | apt_progress || status=$?
    if [ "$made_policy" -eq 1 ]; then
        "${as_root[@]}" rm -f "$policy"
    fi
    return "$status"
}

# apt's output as a line for each phase and each 40 packages.
apt_progress() {
    awk '
        /newly installed/ { all = $3 + 0; print "setup: installing " all " packages with what they need"; fflush() }
        /^Get:/ && ++got % 40 == 0 { print "setup: fetched " got " of " all; fflush() }
        /^Unpacking/ && ++unpacked % 40 == 0 { print "setup: unpacked " unpacked " of " all; fflush() }
        /^Setting up/ && ++set % 40 == 0 { print "setup: set up " set " of " all; fflush() }'
}

# build_preset PRESET TARGET [-DNAME=VALUE...]: configures and builds, quiet when it works.
build_preset() {
    local preset=$1 target=$2 log=build/log/$1.log start=$SECONDS tests=()
    shift 2
    mkdir -p build/log
    case $preset in
    dev | release | openh264 | asan | tsan)
        # A fresh machine runs the demo without the test library.
        if pkg-config --exists criterion; then tests=(-DCHALKRAIL_TESTS=ON); else tests=(-DCHALKRAIL_TESTS=OFF); fi
        ;;
    esac
    printf 'build: %s\n' "$preset"
    if ! cmake --preset "$preset" "${tests[@]}" "$@" > "$log" 2>&1; then
        tail -n 40 "$log" >&2
        fail "configuring $preset failed; see $log"
    fi
    if ! cmake --build "build/$preset" --target "$target" 2>&1 | tee -a "$log" | build_progress; then
        awk '/^FAILED:/ {show = 1} /^\[[0-9]+\/[0-9]+\]/ {show = 0} show' "$log" | head -n 80 >&2
        fail "building $preset failed; see $log"
    fi
    say "build: $preset is ready after $((SECONDS - start)) s"
}

# ninja's "[17/240] ..." as one line that changes on a terminal, a line each 50 steps elsewhere.
build_progress() {
    local tty=0
    [ ! -t 1 ] || tty=1
    awk -v tty="$tty" '
        /^\[[0-9]+\/[0-9]+\]/ {
            split(substr($1, 2), at, "/"); n = at[1] + 0; of = at[2] + 0
            if (tty) { printf "\r  %d of %d", n, of; dirty = 1; fflush() }
            else if (n > 0 && n % 50 == 0 && n < of) { printf "  %d of %d\n", n, of; fflush() }
        }
        END { if (dirty) printf "\r                    \r" }'
}

# Tests with these labels judge times, or wait for programs that are not ours, on a machine that does
# other things as well: one noisy moment is no verdict, so they get a second run. All others do not.
timed_labels='interop|realtime|measured'

# all_tests BUILD LABELS: the tests of a build but those with one of these labels ("a|b"). Most wait for
# something most of the time: four at once keep two processors busy. Those labelled "calm" play in real time and
# hardly work: they disturb nobody, so they run beside each other, and beside nothing else.
all_tests() {
    local build=$1 without=$2 status=0 log
    local options=(--test-dir "$build" --output-on-failure --no-tests=error)
    local again=(--repeat until-pass:2)
    log=$(mktemp)
    ctest "${options[@]}" -j4 -LE "^($without|$timed_labels|calm)\$" || status=$?
    {
        ctest "${options[@]}" -j4 "${again[@]}" -L "^($timed_labels)\$" -LE "^($without|calm)\$" || status=$?
        ctest "${options[@]}" -j4 "${again[@]}" -L '^calm$' -LE "^($without)\$" || status=$?
        [ "$status" -eq 0 ]
    } 2>&1 | tee "$log" || status=$?
    say "needed a second run: $(second_runs < "$log")"
    rm -f "$log"
    return "$status"
}

# Reads what ctest printed: the tests that failed first and passed then, or "none".
second_runs() {
    awk 'match($0, /^ *([0-9]+\/[0-9]+ )?Test +#[0-9]+: /) {
             name = substr($0, RLENGTH + 1); sub(/ .*/, "", name)
             if (/ \.+ *\*\*\*/) failed[name] = 1
             else if (/ \.+ +Passed/ && name in failed) again = again " " name
         }
         END { print again == "" ? "none" : substr(again, 2) }'
}

# test_area BUILD PATTERN: the tests whose name or label matches; none at all is a failure.
test_area() {
    local names
    names=$(tests/checks/test_names.py "$1" "$2" | paste -sd '|')
    [ -n "$names" ] || fail "no test has $2 in its name or label; ctest --test-dir $1 -N lists them"
    ctest --test-dir "$1" -j2 --output-on-failure -R "^($names)\$"
}

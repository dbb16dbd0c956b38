#!/usr/bin/env bash
# clang-tidy over the C sources that a configured build compiles, shellcheck over the scripts.
# Usage: lint.sh BUILD [FOLDER...]      (default: sdk platform demo)
set -euo pipefail
build=${1:?usage: lint.sh BUILD [FOLDER...]}
shift
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- sdk platform demo
status=0
tests/checks/lint_sources.py "$build" "$@" || status=1
mapfile -t scripts < <(find x .ci tests -type f \( -name '*.sh' -o -name x -o -path .ci/run \))
shellcheck -x "${scripts[@]}" || status=1
[ "$status" -ne 0 ] || echo "lint: nothing found, also not in ${#scripts[@]} scripts"
exit "$status"

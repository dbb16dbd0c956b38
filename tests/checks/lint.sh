#!/usr/bin/env bash
# clang-tidy over the C sources that a configured build compiles, shellcheck over the scripts.
# Usage: lint.sh BUILD [FOLDER...]      (default: sdk platform demo)
set -euo pipefail
build=${1:?usage: lint.sh BUILD [FOLDER...]}
shift
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- sdk platform demo
status=0
mapfile -t sources < <(python3 - "$build" "$@" << 'END'
import json, pathlib, sys
build, *folders = sys.argv[1:]
root = pathlib.Path.cwd()
compiled = {pathlib.Path(c["file"]).resolve() for c in json.load(open(f"{build}/compile_commands.json"))}
for path in sorted(compiled):
    if any(path.is_relative_to(root / folder) for folder in folders):
        print(path.relative_to(root))
END
)
[ ${#sources[@]} -gt 0 ] || { echo "lint: $build compiles nothing in: $*" >&2; exit 1; }
printf '%s\0' "${sources[@]}" | xargs -0 -P 2 -n 4 clang-tidy -p "$build" --quiet 2> build/log/lint.log || status=1
mapfile -t scripts < <(find x .ci tests -type f \( -name '*.sh' -o -name x -o -path .ci/run \))
shellcheck -x "${scripts[@]}" || status=1
[ "$status" -ne 0 ] || echo "lint: nothing found in ${#sources[@]} sources and ${#scripts[@]} scripts"
exit "$status"

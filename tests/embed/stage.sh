#!/usr/bin/env bash
# Installs a build into a prefix and moves that, so that nothing can lean on where it was made.
# Usage: stage.sh BUILD STAGE
set -euo pipefail
build=$1 stage=$2
rm -rf "$stage" "$stage.made"
cmake --install "$build" --prefix "$stage.made" > /dev/null
mv "$stage.made" "$stage"
if grep -rIl -e "$stage" -e "$(cd "$(dirname "$0")/../.." && pwd)/" "$stage"; then
    echo "the files above name the folder they were made in" >&2
    exit 1
fi
find "$stage" -type f | sed "s|^$stage/||" | sort

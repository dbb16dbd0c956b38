#!/usr/bin/env bash
# Builds and runs a program outside the tree from a staged installation.
# Usage: consumers.sh STAGE cmake|pkg-config
set -euo pipefail
stage=$(cd "$1" && pwd)
how=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/consumer/* "$work"
cd "$work"
libraries=$(dirname "$(find "$stage" -name libchalkrail.so)")

case $how in
cmake)
    cmake -S . -B build -DCMAKE_PREFIX_PATH="$stage" > configure.log || { cat configure.log; exit 1; }
    cmake --build build > build.log || { cat build.log; exit 1; }
    ldd build/consumer | grep -F "$libraries/libchalkrail-edge.so.0.1" > /dev/null
    build/consumer
    ;;
pkg-config)
    export PKG_CONFIG_PATH=$libraries/pkgconfig
    # A C++ program takes the same headers.
    cp consumer.c consumer.cpp
    read -ra flags <<< "$(pkg-config --cflags --libs chalkrail chalkrail-edge)"
    cc -std=c11 -Wall -Wextra -Werror -o consumer consumer.c "${flags[@]}"
    c++ -std=c++17 -Wall -Wextra -Werror -o consumer_cpp consumer.cpp "${flags[@]}"
    LD_LIBRARY_PATH=$libraries ./consumer
    LD_LIBRARY_PATH=$libraries ./consumer_cpp
    "$stage/bin/chalkrail" --help > /dev/null
    ;;
*)
    echo "usage: consumers.sh STAGE cmake|pkg-config" >&2
    exit 2
    ;;
esac

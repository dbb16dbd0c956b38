#!/usr/bin/env python3
"""Runs clang-tidy over the C sources that a configured build compiles, two at a time.

A process for each file: clang-tidy 14 forgets va_start when it was given another file before. What
was found clean is not looked at again until the file, a header it includes, its compiler options or
.clang-tidy change; the keys are in BUILD/lint.

Usage: lint_sources.py BUILD FOLDER...
"""

import concurrent.futures
import hashlib
import json
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def commands(build, folders):
    """The compiler's arguments of each source below the folders."""
    chosen = {}
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        path = pathlib.Path(entry["file"]).resolve()
        if any(path.is_relative_to(ROOT / folder) for folder in folders):
            chosen[path] = entry
    return dict(sorted(chosen.items()))


def key_of(path, entry):
    """A hash of all that clang-tidy would see; None when the compiler cannot say what that is."""
    words = [word for word in shlex.split(entry["command"]) if not word.endswith("ccache")]
    output = words.index("-o")
    words = [word for i, word in enumerate(words) if i not in (output, output + 1) and word not in ("-c", "-MD")]
    for option in ("-MT", "-MF"):
        if option in words:
            at = words.index(option)
            del words[at:at + 2]
    rule = subprocess.run([*words, "-MM", "-MT", "x"], cwd=entry["directory"], capture_output=True, text=True)
    if rule.returncode != 0:
        return None
    key = hashlib.sha256(" ".join(words).encode())
    key.update((ROOT / ".clang-tidy").read_bytes())
    for name in rule.stdout.replace("\\\n", " ").split()[1:]:
        key.update((pathlib.Path(entry["directory"]) / name).read_bytes())
    return key.hexdigest()


def lint(build, path, entry):
    """What clang-tidy found; empty when nothing."""
    key = key_of(path, entry)
    mark = build / "lint" / key if key else None
    if mark is not None and mark.exists():
        return ""
    run = subprocess.run(["clang-tidy", "-p", str(build), "--quiet", str(path)], capture_output=True, text=True)
    if run.returncode == 0:
        if mark is not None:
            mark.touch()
        return ""
    return run.stdout or run.stderr


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1]).resolve()
    sources = commands(build, sys.argv[2:])
    if not sources:
        sys.exit(f"lint: {build} compiles nothing in: {' '.join(sys.argv[2:])}")
    (build / "lint").mkdir(exist_ok=True)
    faulty = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for found in pool.map(lambda item: lint(build, *item), sources.items()):
            faulty += found != ""
            sys.stdout.write(found)
            sys.stdout.flush()
    print(f"lint: {len(sources)} sources, {faulty} with faults")
    sys.exit(faulty > 0)


if __name__ == "__main__":
    main()

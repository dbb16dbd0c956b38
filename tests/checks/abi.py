#!/usr/bin/env python3
"""What keeps the public headers binary compatible and easy to bind, checked on their text.

No struct has a bool, an enum or a bit field in it, nor a long, whose size differs between systems;
an options or stats struct begins with its size; options have an _init function; no function is
variadic; no FILE and no header of a system or of another library appears.

Usage: abi.py [FOLDER]      (default: include/chalkrail)      abi.py --self-test
"""

import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADERS = {"stddef.h", "stdint.h"}


def code_of(text):
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S)


def struct_problems(name, body):
    problems = []
    members = [" ".join(member.split()) for member in body.split(";") if member.strip()]
    if name.endswith(("_options", "_stats")) and (not members or members[0] != "uint32_t struct_size"):
        problems.append(f"{name} does not begin with uint32_t struct_size")
    for member in members:
        if re.match(r"(const )?(bool|_Bool|enum|long|unsigned long)\b", member):
            problems.append(f"{name}: {member}: not a type of fixed size")
        if re.search(r"\w\s*:\s*\d+$", member):
            problems.append(f"{name}: {member}: a bit field")
    return problems


def check_text(text):
    code = code_of(text)
    problems = []
    for match in re.finditer(r"^typedef struct (chalk_\w+) \{(.*?)^\} \1;", code, re.S | re.M):
        name, body = match.groups()
        problems += struct_problems(name, body)
        if name.endswith("_options") and not re.search(r"\b%s_init\(%s \*" % (name, name), code):
            problems.append(f"{name} has no {name}_init")
    for match in re.finditer(r"^\s*#\s*include\s+[<\"]([^>\"]+)[>\"]", code, re.M):
        header = match.group(1)
        if header not in HEADERS and not header.startswith("chalkrail/"):
            problems.append(f"includes {header}")
    if re.search(r"\.\.\.", re.sub(r"^\s*#[^\n]*(?:\\\n[^\n]*)*", " ", code, flags=re.M)):
        problems.append("a variadic function")
    if re.search(r"\bFILE\b", code):
        problems.append("FILE")
    return problems


def check(folder):
    paths = sorted(folder.glob("*.h"))
    problems = [] if paths else [f"no headers in {folder}"]
    for path in paths:
        problems += [f"{path.name}: {problem}" for problem in check_text(path.read_text(encoding="utf-8"))]
    return problems, len(paths)


SOUND = """#include "chalkrail/export.h"
#include <stdint.h>
typedef struct chalk_a_options {
    uint32_t struct_size; /* set by chalk_a_options_init ... */
    uint32_t kind;        /* enum chalk_kind */
    void (*done)(void *user, int status);
} chalk_a_options;
CHALK_API void chalk_a_options_init(chalk_a_options *options);
"""


def self_test():
    breaks = [
        ("uint32_t kind;", "bool kind;"), ("uint32_t kind;", "enum chalk_kind kind;"),
        ("uint32_t kind;", "uint32_t kind : 3;"), ("uint32_t kind;", "long kind;"),
        ("uint32_t struct_size;", "uint64_t struct_size;"), ("chalk_a_options_init(", "chalk_a_options_set("),
        ("<stdint.h>", "<sys/types.h>"), ("*options);", "*options, ...);"), ("int status", "FILE *status"),
    ]
    assert check_text(SOUND) == [], check_text(SOUND)
    for old, new in breaks:
        assert old in SOUND, old
        assert check_text(SOUND.replace(old, new)), f"passed with {old!r} changed to {new!r}"
    with tempfile.TemporaryDirectory() as folder:
        assert check(pathlib.Path(folder))[0], "an empty folder passed"
    print("the check of the ABI rules can fail")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    problems, count = check(pathlib.Path(sys.argv[1]) if sys.argv[1:] else ROOT / "include/chalkrail")
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit(f"{len(problems)} problems")
    print(f"{count} headers keep to the ABI's rules")


if __name__ == "__main__":
    main()

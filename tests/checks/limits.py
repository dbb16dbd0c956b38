#!/usr/bin/env python3
"""Checks docs/LIMITS.md: each row's limit is the value of the constant that it names, where it says.

A constant is a #define, or a field with a default in sdk/core/session/policy.c. Units are taken from
the constant's name (_MS, _US, _S, _MB), and from the row ("10 s", "64 KB").

Usage: limits.py        limits.py --self-test
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOC = "docs/LIMITS.md"
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| `(\w+)` \| \[[^]]*\]\(\.\./([^)]+)\) \| ([^|]+) \|$")
SCALES = {"ms": 1e-3, "s": 1, "KB": 1 << 10, "MB": 1 << 20, "bytes": 1, "pixels": 1, "": 1}
SECONDS = {"_MS": 1e-3, "_ms": 1e-3, "_US": 1e-6, "_us": 1e-6, "_S": 1, "_MB": 1 << 20}
NAMES = {"CK_US_PER_S": 1000000, "CK_US_PER_MS": 1000, "MS": 1000, "S": 1000000, "UINT64_C": 1}


def stated(text):
    """The number of a row, in seconds or bytes; None when it cannot be read."""
    match = re.match(r"([\d.]+) ?(ms|s|KB|MB|bytes|pixels|)(?:,.*)?$", text)
    return float(match[1]) * SCALES[match[2]] if match else None


def value_of(expression):
    plain = re.sub(r"/\*.*?(\*/|$)", "", expression)
    plain = re.sub(r"\(uint64_t\)|UINT64_C|INT64_C", "", plain)
    plain = re.sub(r"\b(0x[0-9a-fA-F]+|\d+)[uUlL]*\b", r"\1", plain)
    plain = re.sub(r"\b[A-Z]\w*\b", lambda m: str(NAMES[m[0]]) if m[0] in NAMES else "none", plain)
    if not re.fullmatch(r"[\s\da-fA-Fx()*+<>-]+", plain):
        return None
    return eval(plain)  # digits and operators alone


def defined(name, source):
    """The constant's value in seconds, bytes or pieces; None when it is not there."""
    match = re.search(rf"^#\s*define {name}\s+(.+)$", source, re.M) or \
        re.search(rf"set_default\(&c->{name}, (?:.*\? .* : )?(.+)\);", source) or \
        re.search(rf"set_default\(&c->{name}, .*\? (.+) : CK_NEVER\);", source)
    if match is None:
        return None
    chosen = re.search(rf"set_default\(&c->{name}, .*\? (.+) : CK_NEVER\);", source) or match
    value = value_of(chosen[1])
    unit = next((scale for end, scale in SECONDS.items() if name.endswith(end)), 1)
    return None if value is None else value * unit


def problems_of(document, read):
    problems, count = [], 0
    for number, line in enumerate(document.splitlines(), 1):
        if not line.startswith("| ") or line.startswith(("| what |", "| --- |")):
            continue
        row = ROW.match(line)
        if row is None:
            problems.append(f"{DOC}:{number}: not a row: {line}")
            continue
        count += 1
        limit, name, path = stated(row[2]), row[3], row[4]
        value = defined(name, read(path))
        if limit is None or value is None:
            problems.append(f"{DOC}:{number}: {name} in {path}: not found, or not a number")
        elif abs(limit - value) > 1e-9 * max(limit, value):
            problems.append(f"{DOC}:{number}: {name} is {value:g}, the table says {row[2]}")
    if count == 0:
        problems.append(f"{DOC}: no rows")
    return problems, count


def self_test():
    source = {"a.h": "#define A_MS 250 /* x */\n#define B (4u << 20)\n#define C_US (10 * CK_US_PER_S)\n"
                     "    set_default(&c->d_us, c->kind == PLAY ? 10 * S : CK_NEVER);\n"
                     "    set_default(&c->e_us, 250 * MS);\n"}
    rows = [("250 ms", "A_MS"), ("4 MB", "B"), ("10 s", "C_US"), ("10 s", "d_us"), ("250 ms", "e_us")]

    def document(pairs):
        return "".join(f"| w | {limit} | `{name}` | [a.h](../a.h) | x |\n" for limit, name in pairs)

    assert problems_of(document(rows), source.get)[0] == [], problems_of(document(rows), source.get)
    faults = [[(limit.replace("250", "251").replace("10", "11").replace("4", "5"), name)] for limit, name in rows]
    faults += [[("10 s", "missing")], [("many", "A_MS")], []]
    for fault in faults:
        assert problems_of(document(fault), source.get)[0], f"{fault} was not noticed"
    assert problems_of("| what is no row |\n", source.get)[0]
    print("the check of LIMITS.md can fail")


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return
    problems, count = problems_of((ROOT / DOC).read_text(encoding="utf-8"),
                                  lambda path: (ROOT / path).read_text(encoding="utf-8"))
    print("\n".join(problems) if problems else f"{DOC}: {count} limits are those of the sources")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()

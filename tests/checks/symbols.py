#!/usr/bin/env python3
"""What the shared libraries export is what is written down, and what the headers declare.

The lists are tests/checks/symbols-chalkrail.txt and symbols-chalkrail-edge.txt, one name a line.

Usage: symbols.py LIBDIR             compare
       symbols.py LIBDIR --update    write the lists anew (then look at the difference)
       symbols.py --self-test
"""

import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIBRARIES = ("chalkrail", "chalkrail-edge")


def exported(library):
    """Every defined dynamic symbol; versions and the linker's own marks left out."""
    out = subprocess.run(["nm", "-D", "--defined-only", str(library)], check=True, capture_output=True, text=True)
    return {line.split()[-1].split("@")[0] for line in out.stdout.splitlines()}


def declared(include):
    names = set()
    for path in sorted(include.glob("*.h")):
        text = re.sub(r"/\*.*?\*/", " ", path.read_text(encoding="utf-8"), flags=re.S)
        names |= set(re.findall(r"^CHALK_API\s[^;(]*?(chalk_\w+)\s*\(", text, re.M))
    return names


def listed(path):
    return set(path.read_text(encoding="utf-8").split()) if path.exists() else set()


def check(libraries, lists, include):
    problems, all_exported = [], set()
    for name in LIBRARIES:
        now, written = exported(libraries / f"lib{name}.so"), listed(lists / f"symbols-{name}.txt")
        problems += [f"lib{name}.so exports {symbol}, which is not in its list" for symbol in sorted(now - written)]
        problems += [f"lib{name}.so no longer exports {symbol}" for symbol in sorted(written - now)]
        all_exported |= now
    names = declared(include)
    problems += [f"{symbol} is declared and not exported" for symbol in sorted(names - all_exported)]
    problems += [f"{symbol} is exported and not declared" for symbol in sorted(all_exported - names)]
    return problems, len(all_exported)


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        here = pathlib.Path(folder)

        def build(name, source):
            (here / "a.c").write_text(source, encoding="utf-8")
            subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(here / f"lib{name}.so"), str(here / "a.c")], check=True)

        build("chalkrail", "int chalk_a(void) { return 1; }")
        build("chalkrail-edge", "int chalk_edge_a(void) { return 1; }")
        (here / "a.h").write_text("CHALK_API int chalk_a(void);\nCHALK_API int\nchalk_edge_a(void);\n", encoding="utf-8")
        (here / "symbols-chalkrail.txt").write_text("chalk_a\n", encoding="utf-8")
        (here / "symbols-chalkrail-edge.txt").write_text("chalk_edge_a\n", encoding="utf-8")
        assert check(here, here, here) == ([], 2), check(here, here, here)
        build("chalkrail", "int chalk_a(void) { return 1; }\nint leaked(void) { return 1; }")
        assert len(check(here, here, here)[0]) == 2
        build("chalkrail", "int other;")
        assert len(check(here, here, here)[0]) == 4
    print("the check of symbols can fail")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if not sys.argv[1:]:
        sys.exit(__doc__)
    libraries = pathlib.Path(sys.argv[1])
    if sys.argv[2:] == ["--update"]:
        for name in LIBRARIES:
            names = sorted(exported(libraries / f"lib{name}.so"))
            (HERE / f"symbols-{name}.txt").write_text("".join(f"{n}\n" for n in names), encoding="utf-8")
    problems, count = check(libraries, HERE, ROOT / "include/chalkrail")
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit(f"{len(problems)} problems; after a wanted change: tests/checks/symbols.py {libraries} --update")
    print(f"{count} exported symbols, as listed and declared")


if __name__ == "__main__":
    main()

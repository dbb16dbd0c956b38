#!/usr/bin/env python3
"""docs/ERRORS.md is made from the list in include/chalkrail/errors.h.

Usage: errors_doc.py --write     makes the document anew
       errors_doc.py [FILE]      fails when the document differs from the list
       errors_doc.py --self-test
"""

import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER = ROOT / "include/chalkrail/errors.h"
DOCUMENT = ROOT / "docs/ERRORS.md"

FAMILIES = {
    "USAGE": ("Usage", "The call itself was wrong. Fix the program; retrying cannot help."),
    "OPERATING": ("Operating", "The system or the network refused. The advice says whether and when to retry."),
    "PEER": ("Peer", "The other end broke its protocol or said no. That connection is closed, nothing else is."),
}


def rows():
    text = HEADER.read_text(encoding="utf-8").replace("\\\n", " ")
    entry = r'X\(\s*([A-Z_]+)\s*,\s*(-\d+)\s*,\s*([A-Z]+)\s*,\s*"([^"]*)"\s*,\s*"([^"]*)"\s*\)'
    found = re.findall(entry, text)
    if not found or {row[2] for row in found} - FAMILIES.keys():
        sys.exit(f"the list in {HEADER.name} cannot be read")
    return found


def document():
    lines = [
        "# Errors", "",
        "Made by `./x docs` from [errors.h](../include/chalkrail/errors.h); edit that, not this.", "",
        "A function returns 0 (`CHALK_OK`) or a positive count on success and one of these on failure.",
        "`chalk_error_name`, `chalk_error_text` and `chalk_error_advice` give the columns at run time.",
    ]
    for family, (title, meaning) in FAMILIES.items():
        lines += ["", f"## {title}", "", meaning, "", "| name | value | what happened | what to do |",
                  "| --- | ---: | --- | --- |"]
        lines += [f"| `CHALK_ERR_{name}` | {value} | {text} | {advice} |"
                  for name, value, of, text, advice in rows() if of == family]
    return "\n".join(lines) + "\n"


def up_to_date(path):
    return path.exists() and path.read_text(encoding="utf-8") == document()


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "ERRORS.md"
        assert not up_to_date(path)
        path.write_text(document(), encoding="utf-8")
        assert up_to_date(path)
        path.write_text(document().replace("| -1 |", "| -9 |"), encoding="utf-8")
        assert not up_to_date(path)
    print("the check of ERRORS.md can fail")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if sys.argv[1:] == ["--write"]:
        if not up_to_date(DOCUMENT):
            DOCUMENT.write_text(document(), encoding="utf-8")
        return print(f"{DOCUMENT.relative_to(ROOT)}: {len(rows())} errors")
    if not up_to_date(pathlib.Path(sys.argv[1]) if sys.argv[1:] else DOCUMENT):
        sys.exit("docs/ERRORS.md differs from errors.h: run ./x docs")
    print(f"docs/ERRORS.md has all {len(rows())} errors")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Prints the names of the tests whose name or one of whose labels matches a regular expression.

ctest can select by name or by label, not by either.

Usage: test_names.py BUILD PATTERN            by name or label
       test_names.py BUILD --label LABEL      by one whole label
"""

import json
import re
import subprocess
import sys


def tests(build):
    out = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], check=True, capture_output=True,
                         text=True)
    for test in json.loads(out.stdout)["tests"]:
        labels = [p["value"] for p in test.get("properties", []) if p["name"] == "LABELS"]
        yield test["name"], labels[0] if labels else []


def main():
    if len(sys.argv) == 4 and sys.argv[2] == "--label":
        wanted = [name for name, labels in tests(sys.argv[1]) if sys.argv[3] in labels]
    elif len(sys.argv) == 3:
        pattern = re.compile(sys.argv[2])
        wanted = [name for name, labels in tests(sys.argv[1]) if any(map(pattern.search, [name, *labels]))]
    else:
        sys.exit(__doc__)
    print("\n".join(wanted))


if __name__ == "__main__":
    main()

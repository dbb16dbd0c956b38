#!/usr/bin/env python3
"""docs/METRICS.md describes every figure that is published, and none that is not.

Figures are the members of each `struct chalk_*_stats` in include/chalkrail/ (struct_size apart) and the
names that sdk/edge/metrics.c writes for GET /metrics, there with their type. A section of the document is
headed by the struct's name or `GET /metrics`; its table has a row for each figure, in the same order,
with no empty cell.

Usage: metrics.py
       metrics.py --self-test
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = "GET /metrics"
COLUMNS = 5


def without_comments(text):
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S)


def structs(text):
    """The members of each statistics struct of a header."""
    found = {}
    for name, body in re.findall(r"typedef struct (chalk_\w+_stats) \{(.*?)\}", without_comments(text), re.S):
        members = [re.sub(r"\[\w*\]$", "", part.split()[-1]) for part in body.split(";") if part.strip()]
        found[name] = [(member, None) for member in members if member != "struct_size"]
    return found


def page(text):
    """Name and type of each figure that the page has."""
    code = re.sub(r'"\s*"', "", without_comments(text))  # adjacent literals are one
    rows = re.findall(r'\{"(chalkrail_\w+)",\s*"(gauge|counter)"', code)
    return rows + re.findall(r"# TYPE (chalkrail_\w+) (gauge|counter)", code)


def sections(document):
    """The rows of each section's table."""
    found = {}
    for heading, body in re.findall(r"^## `([^`]+)`\n(.*?)(?=^## |\Z)", document, re.S | re.M):
        lines = [line for line in body.splitlines() if line.startswith("|")]
        found[heading] = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines[2:]]
    return found


def section_problems(name, figures, rows):
    problems = []
    described = [row[0].strip("`") for row in rows]
    names = [figure for figure, _ in figures]
    problems += [f"{name}: {figure} is not described" for figure in names if figure not in described]
    problems += [f"{name}: there is no {figure}" for figure in described if figure not in names]
    if not problems and described != names:
        problems.append(f"{name}: the rows are not in the order {', '.join(names)}")
    kinds = dict(figures)
    for row in rows:
        if len(row) != COLUMNS or not all(row):
            problems.append(f"{name}: the row of {row[0]} has an empty or a missing cell")
        elif kinds.get(row[0].strip("`")) not in (None, row[1]):
            problems.append(f"{name}: {row[0]} is a {kinds[row[0].strip('`')]}")
    return problems


def problems_of(headers, metrics, document):
    published = {name: figures for text in headers for name, figures in structs(text).items()}
    published[PAGE] = page(metrics)
    described = sections(document)
    problems = [f"{name} has no section" for name in published if name not in described]
    problems += [f"a section on {name}, which does not exist" for name in described if name not in published]
    problems += [f"{name}: no figure was found" for name, figures in published.items() if not figures]
    for name, figures in published.items():
        problems += section_problems(name, figures, described.get(name, []))
    return problems, sum(map(len, published.values()))


HEADER = """typedef struct chalk_a_stats {
    uint32_t struct_size; /* set; by the caller */
    uint64_t bytes;       /* all of them */
    char name[8];
} chalk_a_stats;
"""
METRICS = """{"chalkrail_x_total", "counter", "Help.", 1}, "# HELP chalkrail_y Help.\\n" "# TYPE chalkrail_y " "gauge\\n" """
DOCUMENT = """# Title

## `chalk_a_stats`

| figure | unit | meaning | source | webrtc-stats |
| --- | --- | --- | --- | --- |
| `bytes` | bytes | m | s | - |
| `name` | text | m | s | - |

## `GET /metrics`

| figure | type | meaning | source | webrtc-stats |
| --- | --- | --- | --- | --- |
| `chalkrail_x_total` | counter | m | s | - |
| `chalkrail_y` | gauge | m | s | - |
"""


def self_test():
    assert problems_of([HEADER], METRICS, DOCUMENT) == ([], 4), problems_of([HEADER], METRICS, DOCUMENT)
    faults = [
        (HEADER.replace("name[8]", "label[8]"), METRICS, DOCUMENT),
        (HEADER.replace("    char", "    int32_t more;\n    char"), METRICS, DOCUMENT),
        (HEADER.replace("chalk_a", "chalk_b"), METRICS, DOCUMENT),
        (HEADER, METRICS.replace("chalkrail_x", "chalkrail_z"), DOCUMENT),
        (HEADER, METRICS.replace("counter", "gauge"), DOCUMENT),
        (HEADER, METRICS.replace("chalkrail_y", "chalkrail_w"), DOCUMENT),
        (HEADER, METRICS, DOCUMENT.replace("| `name` | text | m | s | - |\n", "")),
        (HEADER, METRICS, DOCUMENT.replace("| bytes |", "| |")),
        (HEADER, METRICS, DOCUMENT.replace("`bytes`", "`was`").replace("`name`", "`bytes`").replace("`was`", "`name`")),
        (HEADER, METRICS, DOCUMENT.replace("`GET /metrics`", "`GET /figures`")),
        ("", METRICS, DOCUMENT),
        (HEADER, "", DOCUMENT),
    ]
    for row, (header, metrics, document) in enumerate(faults):
        assert problems_of([header], metrics, document)[0], f"row {row} was not noticed"
    print("the check of METRICS.md can fail")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if sys.argv[1:]:
        sys.exit(__doc__)
    headers = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "include/chalkrail").glob("*.h"))]
    metrics = (ROOT / "sdk/edge/metrics.c").read_text(encoding="utf-8")
    problems, count = problems_of(headers, metrics, (ROOT / "docs/METRICS.md").read_text(encoding="utf-8"))
    if problems:
        sys.exit("\n".join(f"docs/METRICS.md: {problem}" for problem in problems))
    return print(f"docs/METRICS.md has all {count} figures")


if __name__ == "__main__":
    main()

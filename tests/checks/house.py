#!/usr/bin/env python3
"""What every file of the house keeps to, checked on the text alone.

layers   includes point down only
calls    no function that STYLE bans: unbounded strings, hidden state, printing or ending the host
readme   every folder with C sources says in a README.md what it is
words    no mark of unfinished work, no path of one machine
links    relative links in the documents lead to files (and headings) that exist

Usage: house.py            house.py --links (those alone)            house.py --self-test
"""

import pathlib
import re
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve()
ROOT = HERE.parents[2]

# What the files of a layer may include, by the first part of the path. A header beside the file
# ("x.h") is always allowed. codec and platform implement interfaces that runtime owns, so nobody
# includes them.
LAYERS = {
    "include/chalkrail": {"chalkrail"},
    "sdk/base": {"chalkrail", "base"},
    "sdk/core": {"chalkrail", "base", "core"},
    "sdk/render": {"chalkrail", "base", "core", "render"},
    "sdk/runtime": {"chalkrail", "base", "core", "runtime"},
    "sdk/codec": {"chalkrail", "base", "core", "runtime", "codec"},
    "sdk/client": {"chalkrail", "base", "core", "runtime", "render", "client"},
    "sdk/edge": {"chalkrail", "base", "core", "runtime", "edge"},
    "platform": {"chalkrail", "base", "core", "runtime", "platform"},
    "demo": {"chalkrail", "demo"},
    "tests/embed": {"chalkrail"},
}
HOUSE = {"chalkrail", "base", "core", "render", "runtime", "codec", "client", "edge", "platform",
         "demo", "tests", "support"}

BANNED = {
    "everywhere": r"strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|alloca|tmpnam|mktemp",
    "sdk": r"printf|puts|putchar|perror|abort|exit|_exit|assert|signal|setlocale|setenv|putenv|srand|rand",
}

UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
MACHINE = re.compile(r"(?<![\w./$}-])/(work|farm|root|home)/")
TEXT = {".c", ".h", ".cmake", ".txt", ".md", ".sh", ".py", ".json", ".in", ".yml", ".html", ".js", ""}
SKIP = {".git", "build", "corpus", "LICENSE", ".cache"}


def files(root):
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_file() and not SKIP.intersection(parts):
            yield path, "/".join(parts)


def without_comments(text):
    """Comments and strings blanked out, line ends kept."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def check_layers(name, text, problems):
    layer = next((l for l in sorted(LAYERS, key=len, reverse=True) if name.startswith(l + "/")), None)
    if layer is None or not name.endswith((".c", ".h")):
        return
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+["<]([^">]+)[">]', line)
        if not match or "/" not in match.group(1):
            continue
        first = match.group(1).split("/")[0]
        if first in HOUSE and first not in LAYERS[layer]:
            problems.append(f"{name}:{number}: {layer} may not include {match.group(1)}")


def check_calls(name, text, problems):
    if not name.endswith((".c", ".h")):
        return
    banned = [BANNED["everywhere"]]
    if name.startswith(("sdk/", "platform/")):
        banned.append(BANNED["sdk"])
    pattern = re.compile(r"(?<![\w>.])(" + "|".join(banned) + r")\s*\(")
    for number, line in enumerate(without_comments(text).splitlines(), 1):
        match = pattern.search(line)
        if match:
            problems.append(f"{name}:{number}: {match.group(1)} is banned here")


def check_words(name, text, problems):
    for number, line in enumerate(text.splitlines(), 1):
        if UNFINISHED.search(line):
            problems.append(f"{name}:{number}: marks unfinished work")
        if MACHINE.search(line):
            problems.append(f"{name}:{number}: a path of one machine")


def heading_anchor(line):
    text = re.sub(r"[`*_]|\[([^\]]*)\]\([^)]*\)", r"\1", line.lstrip("#").strip()).lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors_of(path):
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    return {heading_anchor(line) for line in text.splitlines() if line.startswith("#")}


def check_links(root, name, text, problems):
    if not name.endswith(".md"):
        return
    here = (root / name).parent
    prose = re.sub(r"```.*?```|`[^`\n]*`", lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.S)
    for match in re.finditer(r"\]\(([^)\s]+)\)", prose):
        target = match.group(1)
        if re.match(r"[a-z]+:", target):
            continue
        number = prose.count("\n", 0, match.start()) + 1
        file, _, anchor = target.partition("#")
        path = here / file if file else root / name
        if not path.exists():
            problems.append(f"{name}:{number}: {target} does not exist")
        elif anchor and path.suffix == ".md" and anchor not in anchors_of(path):
            problems.append(f"{name}:{number}: {target} has no such heading")


def check_readmes(root, problems):
    for top in ("sdk", "platform", "demo"):
        folders = {path.parent for path in (root / top).rglob("*.c")}
        for folder in sorted(folders):
            if not (folder / "README.md").exists():
                problems.append(f"{folder.relative_to(root)}: no README.md")


def check(root, links_only=False):
    problems = []
    count = 0
    for path, name in files(root):
        if path.suffix not in TEXT:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        count += 1
        check_links(root, name, text, problems)
        if not links_only:
            check_layers(name, text, problems)
            check_calls(name, text, problems)
            check_words(name, text, problems)
    if not links_only:
        check_readmes(root, problems)
    return problems, count


BROKEN = {
    "sdk/core/x/a.c": '#include "runtime/net/stream.h"\n',
    "sdk/base/a.c": '#include "core/out.h"\n',
    "sdk/client/a.c": '#include "edge/edge.h"\n',
    "demo/a.c": '#include "base/bytes.h"\n',
    "sdk/core/x/b.c": "void f(char *a, char *b) { strcpy(a, b); }\n",
    "sdk/runtime/a.c": 'void f(void) { printf("%d", 1); }\n',
    "platform/x/a.c": "void f(void) { abort(); }\n",
    "sdk/core/x/c.c": "/* " + "TO" + "DO: later */\n",
    "docs/a.md": "see /" + "root/notes\n",
    "docs/b.md": "see [that](nowhere.md)\n",
    "docs/c.md": "# One\n\nsee [that](c.md#two)\n",
}
SOUND = {
    "sdk/core/x/a.c": '#include "core/out.h"\n#include "x.h"\n/* printf( in a comment */\n',
    "sdk/core/x/README.md": "# x\n\n[itself](README.md#x) and [home](https://example.org/home/x)\n",
    "demo/a.c": '#include "chalkrail/errors.h"\nint f(void) { return snprintf(0, 0, "strcpy("); }\n',
    "demo/README.md": "# demo\n",
}


def write(root, tree):
    for name, text in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        write(pathlib.Path(folder), SOUND)
        problems, _ = check(pathlib.Path(folder))
        assert problems == [], problems
    for name, text in BROKEN.items():
        with tempfile.TemporaryDirectory() as folder:
            readme = pathlib.Path(name).parent / "README.md"
            write(pathlib.Path(folder), {str(readme): "# x\n", name: text})
            problems, _ = check(pathlib.Path(folder))
            assert len(problems) == 1 and problems[0].startswith(name), (name, problems)
    with tempfile.TemporaryDirectory() as folder:
        write(pathlib.Path(folder), {"sdk/core/x/a.c": "int x;\n"})
        problems, _ = check(pathlib.Path(folder))
        assert problems == ["sdk/core/x: no README.md"], problems
    print("the check of the house can fail")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if sys.argv[1:] not in ([], ["--links"]):
        sys.exit(__doc__)
    problems, count = check(ROOT, links_only=sys.argv[1:] == ["--links"])
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit(f"{len(problems)} problems")
    print(f"{count} files read, nothing found")


if __name__ == "__main__":
    main()

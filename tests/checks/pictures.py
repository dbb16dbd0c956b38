#!/usr/bin/env python3
"""Holds the pictures of docs/pictures against the code.

threads.dot must name every thread that the code starts ("chalk-...") and no other. layers.dot's arrows
must be what CMake's layers link: every link is an arrow or follows from arrows, every arrow is a link.
Each .svg must show the nodes and arrows of its .dot (./x docs draws them again).

Usage: pictures.py               check
       pictures.py --draw        draw the .svg files (needs graphviz)
       pictures.py --self-test
"""

import html
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs/pictures"
THREAD = re.compile(r"chalk-[a-z0-9-]+")


def code_threads():
    names = set()
    for folder in ("sdk", "platform"):
        for path in (ROOT / folder).rglob("*.c"):
            names |= set(re.findall(r'"(chalk-[a-z0-9-]+)"', path.read_text(encoding="utf-8")))
    return names


def drawn_threads(dot):
    return set(THREAD.findall(re.sub(r"//.*", "", dot).replace("\\n", " ")))


def arrows(dot):
    return set(re.findall(r"^\s*(\w+) -> (\w+)", dot, re.M))


def links():
    """{layer: its ck_ links} as the folders' CMakeLists.txt say."""
    found = {}
    for path in [*(ROOT / "sdk").glob("*/CMakeLists.txt"), ROOT / "platform/CMakeLists.txt"]:
        for name, rest in re.findall(r"ck_layer\((\w+)\s(.*?)\)", path.read_text(encoding="utf-8"), re.S):
            after = rest.split("LINKS", 1)[1] if "LINKS" in rest else ""
            found[name] = set(re.findall(r"\bck_\w+", after))
    return found


def reachable(start, graph):
    seen, todo = set(), [start]
    while todo:
        for target in graph.get(todo.pop(), ()):
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return seen


def check_layers(dot, linked):
    graph = {}
    for a, b in arrows(dot):
        graph.setdefault(a, set()).add(b)
    problems = []
    for layer, targets in linked.items():
        problems += [f"layers.dot: {layer} links {t}, no arrow says so" for t in targets - reachable(layer, graph)]
        problems += [f"layers.dot: the arrow {layer} -> {t} is no link" for t in graph.get(layer, set()) - targets]
    return problems


def check_threads(dot, code):
    drawn = drawn_threads(dot)
    return [f"threads.dot lacks {n}" for n in sorted(code - drawn)] + [
        f"threads.dot has {n}, which no code starts" for n in sorted(drawn - code)]


def check_svg(dot, svg):
    titles = {html.unescape(t) for t in re.findall(r"<title>(.*?)</title>", svg)}
    words = {html.unescape(t) for t in re.findall(r"<text[^>]*>(.*?)</text>", svg)}
    wanted = {f"{a}->{b}" for a, b in arrows(dot)}
    lines = {line for label in re.findall(r'label="(.*?)"', dot) for line in label.split("\\n")}
    return [f"not drawn: {t}" for t in sorted(wanted - titles)] + [
        f"not written: {t}" for t in sorted(t for t in lines if t.strip() not in {w.strip() for w in words})]


def check():
    dots = {p.stem: p.read_text(encoding="utf-8") for p in PICTURES.glob("*.dot")}
    problems = check_threads(dots["threads"], code_threads()) + check_layers(dots["layers"], links())
    for name, dot in dots.items():
        svg = (PICTURES / f"{name}.svg").read_text(encoding="utf-8")
        problems += [f"{name}.svg: {p} (run ./x docs)" for p in check_svg(dot, svg)]
    return problems


def draw():
    for path in PICTURES.glob("*.dot"):
        subprocess.run(["dot", "-Tsvg", "-o", str(path.with_suffix(".svg")), str(path)], check=True)


def self_test():
    assert check_threads('a [label="chalk-loop\\nx"]', {"chalk-loop"}) == []
    assert check_threads('a [label="chalk-loop"]', {"chalk-loop", "chalk-new"}) == ["threads.dot lacks chalk-new"]
    assert check_threads('a [label="chalk-old"]', set())
    assert check_layers("a -> b\nb -> c\n", {"a": {"b", "c"}, "b": {"c"}}) == []
    assert check_layers("a -> b\n", {"a": set()}) and check_layers("", {"a": {"b"}})
    assert check_svg("a -> b\n", "") and not check_svg("a -> b\n", "<title>a&#45;&gt;b</title>")
    print("the check of the pictures can fail")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if sys.argv[1:] == ["--draw"]:
        return draw()
    problems = check()
    if problems:
        sys.exit("\n".join(problems))
    print("the pictures match the code")


if __name__ == "__main__":
    main()

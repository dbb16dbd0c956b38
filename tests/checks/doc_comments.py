#!/usr/bin/env python3
"""Every public header opens with a chapter, every public function has a whole doc comment.

The opening names the header and holds a summary, an example (an indented line), and what rules
threads and lifetime. A function's comment has, in this order: a summary; one @param for each
parameter, in the order of the declaration; @return unless the function is void; then the lines
Errors:, Thread:, Lifetime: and Since:.

Usage: doc_comments.py [FOLDER]      (default: include/chalkrail)
       doc_comments.py --self-test
"""

import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARTS = ("Errors", "Thread", "Lifetime", "Since")
DECLARATION = re.compile(r"(?P<doc>/\*\*(?:(?!\*/).)*\*/\s*)?^CHALK_API\s+(?P<text>[^;]*);", re.S | re.M)


def stripped(comment):
    """The comment's lines without its frame."""
    body = re.sub(r"^/\*\**|\*/\s*$", "", comment.strip())
    return [re.sub(r"^\s*\* ?", "", line).rstrip() for line in body.splitlines()]


def split_parameters(text):
    """The top-level parts of a parameter list, whatever parentheses they hold."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return parts + [text[start:]]


def parse(declaration):
    """Name, result type and parameter names of a declaration."""
    declaration = re.sub(r"/\*.*?\*/", " ", declaration, flags=re.S)
    declaration = " ".join(re.sub(r"__attribute__\s*\(\(.*\)\)\s*$", "", declaration, flags=re.S).split())
    match = re.match(r"(?P<result>.*?[\s*])(?P<name>chalk_\w+)\s*\((?P<parameters>.*)\)$", declaration)
    if not match:
        return None
    names = []
    for part in split_parameters(match.group("parameters")):
        part = part.strip()
        if part in ("void", ""):
            continue
        pointer = re.search(r"\(\s*\*\s*(\w+)\s*\)", part)
        plain = re.search(r"(\w+)\s*(?:\[[^\]]*\])*$", part)
        names.append((pointer or plain).group(1))
    return match.group("name"), match.group("result").strip(), names


def function_problems(doc, result, parameters):
    if doc is None:
        return ["no doc comment"]
    problems = []
    lines = stripped(doc)
    text = "\n".join(lines)
    first = next((line for line in lines if line), "")
    if not first or first.startswith("@") or re.match(r"(%s):" % "|".join(PARTS), first):
        problems.append("no summary")
    elif not re.search(r"[.:]$", text.split("\n\n")[0].split("\n@")[0].strip()):
        problems.append("the summary is no sentence")
    described = re.findall(r"^@param\s+(\w+)[ \t]+\S", text, re.M)
    if described != parameters:
        problems.append(f"@param lines are {described}, parameters are {parameters}")
    has_return = re.search(r"^@return[ \t]+\S", text, re.M) is not None
    if has_return != (result != "void"):
        problems.append("@return is missing" if result != "void" else "@return of a void function")
    order = []
    for part in PARTS:
        found = re.search(r"^%s:[ \t]*\S" % part, text, re.M)
        if found is None:
            problems.append(f"no {part}: line")
        else:
            order.append(found.start())
    tags = [match.start() for match in re.finditer(r"^@(?:param|return)", text, re.M)]
    if tags + order != sorted(tags + order):
        problems.append("the parts are out of order")
    return problems


def opening_problems(name, text):
    opening = re.match(r"/\*(?!\*).*?\*/", text, re.S)
    if opening is None:
        return ["does not open with a comment"]
    lines = stripped(opening.group())
    prose = "\n".join(lines)
    problems = []
    if not re.search(r"^chalkrail/%s - \S" % re.escape(name), prose, re.M):
        problems.append(f'the opening does not say "chalkrail/{name} - what it is"')
    if not any(line.startswith("    ") and line.strip() for line in lines):
        problems.append("the opening has no example")
    for part in ("Thread:", "Lifetime:"):
        if part not in prose:
            problems.append(f"the opening has no {part}")
    return problems


def check_header(path):
    text = path.read_text(encoding="utf-8")
    problems = [f"{path.name}:1: {problem}" for problem in opening_problems(path.name, text)]
    count = 0
    for match in DECLARATION.finditer(text):
        line = text.count("\n", 0, match.start("text")) + 1
        parsed = parse(match.group("text"))
        count += 1
        if parsed is None:
            problems.append(f"{path.name}:{line}: this declaration cannot be read")
            continue
        name, result, parameters = parsed
        for problem in function_problems(match.group("doc"), result, parameters):
            problems.append(f"{path.name}:{line}: {name}: {problem}")
    code = re.sub(r"/\*.*?\*/|^\s*#[^\n]*(?:\\\n[^\n]*)*", " ", text, flags=re.S | re.M)
    for match in re.finditer(r"^(?!CHALK_API|typedef)[\w ]+[\s*]+(chalk_\w+)\s*\([^()]*\)\s*;", code, re.M):
        problems.append(f"{path.name}: {match.group(1)} is not marked CHALK_API")
    return problems, count


def check(folder):
    problems, functions = [], 0
    headers = sorted(folder.glob("*.h"))
    if not headers:
        problems.append(f"no headers in {folder}")
    for path in headers:
        more, count = check_header(path)
        problems += more
        functions += count
    return problems, len(headers), functions


SOUND = """/*
 * chalkrail/a.h - an example.
 *
 *     chalk_a(1, NULL, NULL);
 *
 * Thread: any. Lifetime: -
 */
/**
 * Does a thing.
 *
 * @param count  how many, 1..3.
 * @param done   called at the end;
 *               may be NULL.
 * @param user   passed to `done`.
 * @return CHALK_OK.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API int chalk_a(int count, void (*done)(void *user, int status),
                      void *user);
"""


def self_test():
    breaks = [
        ("chalkrail/a.h", "a.h"), ("     chalk_a(1, NULL, NULL);\n", "\n"), (" Lifetime: -\n */\n/**", "\n */\n/**"),
        ("Does a thing.\n", "\n"), ("Does a thing.", "Does a thing"), (" * @param done   called at the end;\n *               may be NULL.\n", ""),
        ("@param count", "@param size"), (" * @return CHALK_OK.\n", ""), ("API int", "API void"),
        (" * Errors: none.\n", ""), (" * Thread: any.\n * Lifetime: -\n * Since", " * Since"),
        (" * Since: 0.1\n", ""), (" * Errors: none.\n * Thread: any.\n", " * Thread: any.\n * Errors: none.\n"),
        ("/**\n", "/*\n"), ("CHALK_API int chalk_a(int count, ", "int chalk_a(int count);\nCHALK_API int chalk_a(int count, "),
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        assert check(folder)[0], "an empty folder passed"
        path = folder / "a.h"
        path.write_text(SOUND, encoding="utf-8")
        assert check(folder) == ([], 1, 1), check(folder)
        for old, new in breaks:
            assert old in SOUND, old
            path.write_text(SOUND.replace(old, new, 1), encoding="utf-8")
            assert check(folder)[0], f"passed with {old!r} changed to {new!r}"
    print("the check of doc comments can fail")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    folder = pathlib.Path(sys.argv[1]) if sys.argv[1:] else ROOT / "include/chalkrail"
    problems, headers, functions = check(folder)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit(f"{len(problems)} problems")
    print(f"{functions} functions in {headers} headers are documented in full")


if __name__ == "__main__":
    main()

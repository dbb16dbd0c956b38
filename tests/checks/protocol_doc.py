#!/usr/bin/env python3
"""The table of messages in docs/PROTOCOL.md is made from sdk/core/room/schema.h.

Usage: protocol_doc.py --write     makes the table anew
       protocol_doc.py             fails when it differs from the schema
       protocol_doc.py --self-test
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER = ROOT / "sdk/core/room/schema.h"
DOCUMENT = ROOT / "docs/PROTOCOL.md"
BEGIN = "| message | frames | fields |\n| --- | --- | --- |\n"
KINDS = {"UINT": "", "SINT": " signed", "TEXT": " text", "BYTES": " bytes"}
# What lists have is known to the code that reads them.
LISTS = {"events": "event", "ordered": "event", "crowded": "event", "spots": "spot", "reactions": "reaction",
         "polls": "poll", "streams": "stream", "votes": "vote", "snapshot people": "person", "people": "here"}


def rows(schema):
    frames = re.findall(r"X\((\w+), (\d+), (\w+)\)", schema)
    messages = re.findall(r"#define CK_MESSAGE_([a-z]+)\(FIELD\)((?:.*\\\n)*.*)", schema)
    if not frames or {message for _, _, message in frames} - {name for name, _ in messages}:
        sys.exit(f"{HEADER.name} cannot be read")
    for name, body in messages:
        fields = []
        for number, kind, field in re.findall(r"FIELD\((\d+), (\w+), (\w+),", body):
            of = KINDS[kind] if kind != "LIST" else f" of `{LISTS.get(f'{name} {field}') or LISTS[field]}`"
            fields.append(f"{number} {field}{of}")
        yield f"| `{name}` | {', '.join(f'{n} {byte}' for n, byte, of in frames if of == name)} | {', '.join(fields)} |\n"


def with_table(document, schema):
    begin = document.index(BEGIN) + len(BEGIN)
    return document[:begin] + "".join(rows(schema)) + document[document.index("\n\n", begin - 1) + 1:]


def self_test():
    schema = "X(PING, 7, ping) X(PONG, 25, ping)\n#define CK_MESSAGE_ping(FIELD) \\\n FIELD(1, SINT, a_us, X) \\\n FIELD(2, LIST, people, 9)\n"
    made = with_table(f"a\n{BEGIN}\nb\n", schema)
    assert made == f"a\n{BEGIN}| `ping` | PING 7, PONG 25 | 1 a_us signed, 2 people of `here` |\n\nb\n", made
    assert with_table(made, schema) == made
    assert with_table(made, schema.replace("(2,", "(3,")) != made


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    document, schema = DOCUMENT.read_text(encoding="utf-8"), HEADER.read_text(encoding="utf-8")
    if sys.argv[1:] == ["--write"]:
        DOCUMENT.write_text(with_table(document, schema), encoding="utf-8")
    elif with_table(document, schema) != document:
        sys.exit("docs/PROTOCOL.md: the table of messages is not that of schema.h; ./x docs makes it anew")


if __name__ == "__main__":
    main()

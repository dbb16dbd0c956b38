#!/usr/bin/env python3
"""Writes the small committed corpus of fuzz_token: tests/fuzz/corpus/fuzz_token/."""
import os

HEADER = '{"alg":"HS256","typ":"JWT"}'
CLAIMS = '{"room":"maths","name":"ada","role":"teacher","exp":1800003600}'
UNSIGNED, SIGNED, NAMES = b"\x00", b"\x01", b"\x02"

SEEDS = {
    "signed": SIGNED + (HEADER + "\n" + CLAIMS).encode(),
    "signed_nbf": SIGNED + (HEADER + "\n" + CLAIMS[:-1] + ',"nbf":1800000001}').encode(),
    "alg_none": SIGNED + ('{"alg":"none"}\n' + CLAIMS).encode(),
    "crit": SIGNED + ('{"alg":"HS256","crit":["b64"]}\n' + CLAIMS).encode(),
    "nested": SIGNED + (HEADER + "\n" + "[" * 200).encode(),
    "names": NAMES + b"maths?token=abc\nada/screen?x=1&token=%41",
    "names_escaped": NAMES + b"%E6%95%B0\n%C3%A4/camera.flv",
    "names_bad": NAMES + b"maths\n../screen",
    "unsigned": UNSIGNED + b"eyJhbGciOiJub25lIn0.e30.",
    "dots": UNSIGNED + b"a.b.c.d",
}

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "fuzz_token")
os.makedirs(folder, exist_ok=True)
for name, data in SEEDS.items():
    with open(os.path.join(folder, name), "wb") as out:
        out.write(data)

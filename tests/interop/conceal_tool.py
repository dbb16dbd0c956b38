#!/usr/bin/env python3
"""chalk-conceal on speech: 1, 5 and 20 % of the frames lost in bursts, as PCM and as Opus.

Over all files and seeds of a rate there is no click, and half of the gaps in voiced sound keep the
pitch within 1 %. The speech is that of the test data; where it is absent, a voice is made up.
"""
import json
import math
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

SEEDS = {1: 6, 5: 2, 20: 2}  # of a rate: as many as give voiced gaps to judge


def made_up(path):
    """Vowels of changing pitch with pauses, 16 kHz, 8 s."""
    rate, phase, samples = 16000, 0.0, []
    for i in range(8 * rate):
        t = i / rate
        phase += 2 * math.pi * (140 + 25 * math.sin(2 * math.pi * 0.4 * t)) / rate
        loud = max(0.0, math.sin(2 * math.pi * 0.7 * t)) * 0.2
        samples.append(loud * sum(math.sin(h * phase + h * h) / h for h in range(1, 12)))
    data = b"".join(struct.pack("<h", int(max(-1, min(1, s)) * 32000)) for s in samples)
    head = struct.pack("<4sI8sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVEfmt ", 16, 1, 1, rate,
                       2 * rate, 2, 16, b"data", len(data))
    path.write_bytes(head + data)


def usage_fails(program, voice, out):
    """Options may stand anywhere; what cannot be meant is told with exit code 2."""
    rows = (
        (("--help",), 0), ((voice, "5:1", out, "--codec", "opus"), 0), ((voice, "--codec", "pcm", "0.5:1", out), 0),
        ((), 2), ((voice, "5:1"), 2), ((voice, "5:1", out, out), 2), ((voice, "5:1", out, "--codec"), 2),
        (("--codec", "mp3", voice, "5:1", out), 2), (("--nonsense", voice, "5:1", out), 2),
    )
    failed = 0
    for arguments, code in rows:
        run = subprocess.run([program, *arguments], capture_output=True, timeout=60, check=False)
        if run.returncode != code:
            print(f"{arguments}: {run.returncode}, not {code}: {run.stderr}")
            failed += 1
    return failed


def main():
    program, source = sys.argv[1], pathlib.Path(sys.argv[2])
    data = pathlib.Path(os.environ.get("CHALKRAIL_TEST_DATA", source / "../shared/data"))
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        files = sorted((data / "media/speech").glob("*.wav"))
        if not files:
            files = [pathlib.Path(folder) / "voice.wav"]
            made_up(files[0])
        failed += usage_fails(program, files[0], f"{folder}/out.wav")
        for codec in ("pcm", "opus"):
            for rate in (1, 5, 20):
                lost = clicks = 0
                errors = []
                for file in files:
                    for seed in range(1, SEEDS[rate] + 1):
                        out = subprocess.run(
                            [program, "--codec", codec, file, f"{rate}:{seed}", f"{folder}/out.wav"],
                            check=True, capture_output=True, timeout=60).stdout
                        told = json.loads(out)
                        lost += told["lost"]
                        clicks += told["clicks"]
                        gaps = told["voiced_gaps"] - told["pitch_gone"]
                        errors += [told["pitch_error_median"]] * gaps
                errors.sort()
                median = errors[len(errors) // 2] if errors else 0
                ok = lost > 0 and clicks == 0 and len(errors) > 0 and median <= 0.01
                failed += not ok
                print(f"{codec} {rate:2} %: {lost} lost, {clicks} clicks, pitch off by "
                      f"{100 * median:.2f} % over {len(errors)} gaps{'' if ok else ': FAILED'}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""`chalkrail` with a camera of the kernel's own (vivid) in a virtual machine: camera_guest.py there, and a
look at what was recorded here.

Usage: camera.py PROGRAM FOLDER     (FOLDER keeps the unpacked kernel; its log is FOLDER/camera.log)
"""

import pathlib
import subprocess
import sys
import time

import machine

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 480
BEGAN = time.monotonic()


def tell(text):
    print(f"camera: {time.monotonic() - BEGAN:5.1f} s  {text}", flush=True)


def moving_pictures(path):
    """How many of the recorded pictures differ from the one before; and how many there are."""
    lines = machine.command("ffmpeg", "-v", "error", "-i", path, "-an", "-f", "framemd5", "-").decode()
    sums = [line.split(",")[-1].strip() for line in lines.splitlines() if not line.startswith("#")]
    return sum(a != b for a, b in zip(sums, sums[1:])), len(sums)


def look_at(recording):
    shape = machine.command("ffprobe", "-v", "error", "-select_streams", "v", "-show_entries",
                            "stream=width,height", "-of", "csv=p=0", recording).decode().strip()
    if shape != "640,360":
        raise machine.Failed(f"the recording has pictures of {shape}, not of 640,360")
    moved, count = moving_pictures(recording)
    tell(f"recorded: {count} pictures of 640x360, {moved} of them unlike the one before")
    if count < 20 or moved < count * 3 // 4:
        raise machine.Failed("the recorded pictures do not move")


def main():
    program, folder = (pathlib.Path(a).resolve() for a in sys.argv[1:3])
    guest = machine.Machine(folder, tell)
    log = folder / "camera.log"
    try:
        guest.prepare(["vivid"])
        tell("booting")
        code = guest.run(["python3", HERE / "camera_guest.py", program, "/mnt/modules", "/mnt"], SECONDS, log)
        if code != 0:
            raise machine.Failed(f"a test failed in the guest; see {log}")
        look_at(guest.out / "camera.mp4")
    except machine.Failed as error:
        print(f"camera: {error}", file=sys.stderr)
        if log.exists():
            print("\n".join(log.read_text(errors="replace").splitlines()[-40:]), file=sys.stderr)
        return 1
    tell("passed")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    sys.exit(main())

"""Files that the classroom commands leave, read with ffmpeg and ffprobe alone."""

import array
import subprocess

import harness

RATE = 48000
CLICK_LEVEL = 0.25   # louder than the voice, softer than a click
BRIGHT, DARK = 160, 90
PAIR_S = 0.5


def output_of(argv):
    """Standard output of a program that has to succeed without a complaint."""
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          preexec_fn=harness.die_with_parent) as child:
        out, complaints = child.communicate(timeout=60)
    if child.returncode != 0 or complaints:
        raise AssertionError(f"{' '.join(argv)}: {child.returncode} {complaints.decode(errors='replace')}")
    return out


def frame_times(path, stream):
    """Presentation times in seconds of all frames of a stream ("v:0"), in the order of showing."""
    text = output_of(["ffprobe", "-v", "error", "-select_streams", stream, "-show_entries", "frame=pts_time",
                      "-of", "csv=p=0", path]).decode()
    return [float(line.strip(",")) for line in text.split()]


def flashes(path, width, height):
    """When the flash of the demo's slides goes on (demo/class/marks.h), in seconds."""
    block = width // 160
    crop = f"crop={2 * block}:{2 * block}:{width - 7 * block}:{height - 4 * block},scale=1:1:flags=area"
    levels = output_of(["ffmpeg", "-v", "error", "-i", path, "-an", "-vf", crop, "-fps_mode", "drop",
                        "-pix_fmt", "gray", "-f", "rawvideo", "-"])
    times = frame_times(path, "v:0")
    if len(times) != len(levels):
        raise AssertionError(f"{len(times)} times for {len(levels)} pictures in {path}")
    return [times[i] for i in range(1, len(levels)) if levels[i] > BRIGHT and levels[i - 1] < DARK]


def clicks(path):
    """When clicks begin, in seconds."""
    samples = array.array("f", output_of(["ffmpeg", "-v", "error", "-i", path, "-vn", "-ac", "1", "-ar", str(RATE),
                                          "-f", "f32le", "-"]))
    start = frame_times(path, "a:0")[0]
    found, quiet_from = [], 0
    for i, value in enumerate(samples):
        if abs(value) > CLICK_LEVEL:
            if i - quiet_from >= RATE // 2:
                found.append(start + i / RATE)
            quiet_from = i + 1
    return found


def skews(path, width, height):
    """Flash minus click in seconds, for each flash that has a click."""
    heard = clicks(path)
    pairs = []
    for flash in flashes(path, width, height):
        nearest = min(heard, key=lambda click: abs(flash - click), default=None)
        if nearest is not None and abs(flash - nearest) < PAIR_S:
            pairs.append(flash - nearest)
    return pairs


def gray(path, width, height):
    """The luma of a picture file of exactly this size, full range."""
    pixels = output_of(["ffmpeg", "-v", "error", "-i", path, "-pix_fmt", "gray", "-f", "rawvideo", "-"])
    if len(pixels) != width * height:
        raise AssertionError(f"{path} has {len(pixels)} pixels, not {width} x {height}")
    return pixels

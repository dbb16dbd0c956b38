"""HLS for tests: playlists that ffmpeg makes, and a web server that can misbehave."""

import contextlib
import http.server
import os
import re
import subprocess
import threading

import harness

SOURCE = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-f", "lavfi", "-i", "sine=440:r=48000")
ENCODING = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-bf", "2", "-pix_fmt", "yuv420p",
            "-c:a", "aac")


def ffmpeg(folder, *argv):
    made = subprocess.run(["ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-y", *map(str, argv)],
                          cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    if made.returncode != 0:
        raise AssertionError(made.stderr)


def make(folder, name, *options, seconds=4, encoding=ENCODING):
    """A playlist on demand in segments of a second."""
    ffmpeg(folder, *SOURCE, "-t", seconds, *encoding, "-hls_time", 1, "-hls_playlist_type", "vod", *options,
           "-f", "hls", f"{name}.m3u8")


def make_packed(site, name, seconds, tagged):
    """The same in segments of ADTS; the tags' times wrap in the middle."""
    frames_in_one, rate = 47, 48000
    ffmpeg(site.folder, "-f", "lavfi", "-i", f"sine=440:r={rate}", "-t", seconds, "-c:a", "aac", f"{name}.aac")
    with open(os.path.join(site.folder, f"{name}.aac"), "rb") as file:
        content = file.read()
    frames = []
    while content:
        size = (content[3] & 3) << 11 | content[4] << 3 | content[5] >> 5
        frames.append(content[:size])
        content = content[size:]
    text = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n"
    for number, at in enumerate(range(0, len(frames), frames_in_one)):
        stamp = (2 ** 33 - 2 * 90000 + at * 1024 * 90000 // rate) % 2 ** 33
        frame = b"com.apple.streaming.transportStreamTimestamp\0" + stamp.to_bytes(8, "big")
        tag = b"ID3\4\0\0\0\0\0" + bytes([len(frame) + 10]) + b"PRIV\0\0\0" + bytes([len(frame)]) + b"\0\0" + frame
        part = frames[at:at + frames_in_one]
        with open(os.path.join(site.folder, f"{name}{number}.aac"), "wb") as out:
            out.write((tag if tagged else b"") + b"".join(part))
        text += f"#EXTINF:{len(part) * 1024 / rate:.5f},\n{name}{number}.aac\n"
    site.write(f"{name}.m3u8", text + "#EXT-X-ENDLIST\n")


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files, with ranges and connections that are kept; `site.faults` maps a path to what is done
    instead: a number (the status), or a function of the handler."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        site = self.server.site
        path = self.path.split("?")[0]
        site.asked.append(path)
        fault = site.faults.get(path)
        if isinstance(fault, int):
            self.send_error(fault)
        elif fault is not None:
            fault(self)
        else:
            self.send_file(path)

    def send_file(self, path):
        try:
            with open(os.path.join(self.server.site.folder, path.lstrip("/")), "rb") as file:
                content = file.read()
        except OSError:
            self.send_error(404)
            return
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked and self.server.site.ranges:
            first = int(asked[1])
            last = min(int(asked[2] or len(content) - 1), len(content) - 1)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
            content = content[first:last + 1]
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *ignored):
        pass


class Site:
    """A folder on a host of this machine."""

    def __init__(self, folder, ranges=True, host="127.0.0.1"):
        self.folder = folder
        self.host = host
        self.ranges = ranges
        self.faults = {}
        self.asked = []
        self.server = http.server.ThreadingHTTPServer((host, 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *ignored: None
        self.server.site = self
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.server.shutdown()
        self.server.server_close()

    def url(self, name):
        return f"http://{self.host}:{self.server.server_port}/{name}"

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="ascii") as out:
            out.write(text)


def redirect(where):
    """A fault: every request is sent on."""
    def answer(handler):
        handler.send_response(302)
        handler.send_header("Location", where)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
    return answer


def cut(share):
    """A fault: the connection closes in the middle of the body."""
    def answer(handler):
        with open(os.path.join(handler.server.site.folder, handler.path.lstrip("/")), "rb") as file:
            content = file.read()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[:int(len(content) * share)])
        handler.close_connection = True
    return answer


def only_first(handler):
    """A fault: who asks again over the same connection finds it closed."""
    if getattr(handler, "answered", False):
        handler.close_connection = True
        return
    handler.answered = True
    handler.send_file(handler.path.split("?")[0])


def answer_with(status, body, **headers):
    """A fault: this status, these headers ("_" for "-"), this body."""
    def answer(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
    return answer


def endless(line):
    """A fault: an answer that goes on until the client has had enough."""
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        with contextlib.suppress(OSError):
            while True:
                handler.wfile.write(line * 4096)
    return answer


def silent(handler):
    """A fault: no answer at all, until the client has gone."""
    with contextlib.suppress(OSError):
        handler.connection.recv(1)
    handler.close_connection = True


class NginxHls(harness.NginxRtmp):
    """nginx that takes RTMP and gives HLS of one-second fragments."""

    CONF = """
load_module {module};
daemon off;
master_process off;
error_log {folder}/error.log info;
pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    types {{ application/vnd.apple.mpegurl m3u8; video/mp2t ts; }}
    server {{ listen 127.0.0.1:{web}; root {folder}/hls; add_header Cache-Control no-cache; }}
}}
rtmp {{
    server {{
        listen 127.0.0.1:{port};
        access_log off;
        application live {{ live on; hls on; hls_path {folder}/hls; hls_fragment 1s; hls_playlist_length 8s; {more} }}
    }}
}}
"""

    def __init__(self, scene):
        self.web = harness.free_port()
        self.CONF = self.CONF.replace("{web}", str(self.web))
        super().__init__(scene)

    def playlist(self, stream):
        return f"http://127.0.0.1:{self.web}/{stream}.m3u8"

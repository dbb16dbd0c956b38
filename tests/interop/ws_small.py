"""The client's side of RFC 6455: an opening handshake, and binary messages in both directions."""

import base64, hashlib, http.client, itertools, os, select, ssl, struct, urllib.parse


class Refused(Exception):
    """The server opens nothing: an HTTP status, and what was said."""


class WebSocket:
    def __init__(self, url, protocol, ca=None):
        url, key = urllib.parse.urlsplit(url), base64.b64encode(os.urandom(16)).decode()
        tls = {"context": ssl.create_default_context(cafile=ca)} if url.scheme == "wss" else {}
        door = (http.client.HTTPSConnection if tls else http.client.HTTPConnection)(url.netloc, timeout=10, **tls)
        door.request("GET", f"{url.path}?{url.query}", headers={
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key,
            "Sec-WebSocket-Protocol": protocol})
        answer, proof = door.getresponse(), hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode())
        if answer.status in (429, 503):
            raise ConnectionError(f"{answer.status}, later perhaps: {answer.read().decode().strip()}")
        if answer.status != 101 or base64.b64decode(answer.headers["Sec-WebSocket-Accept"]) != proof.digest():
            raise Refused(answer.status, answer.read().decode().strip())
        self.sock, self.partly = door.sock, b""

    def send(self, data, opcode=2):
        mask, size = os.urandom(4), len(data)
        head = bytes([128 | opcode, 128 | min(size, 126)]) + (struct.pack(">H", size) if size > 125 else b"") + mask
        self.sock.sendall(head + bytes(a ^ b for a, b in zip(data, itertools.cycle(mask))))

    def receive(self, seconds):
        """A message, or None: there is none yet."""
        if not getattr(self.sock, "pending", int)() and not select.select([self.sock], [], [], seconds)[0]:
            return None
        first, size = self._read(2)
        body = self._read(size if size < 126 else int.from_bytes(self._read(2 if size == 126 else 8), "big"))
        if first & 15 == 9:
            self.send(body, 10)
        elif first & 15 < 3:
            self.partly += body
            if first & 128:
                body, self.partly = self.partly, b""
                return body
        return None

    def close(self):
        self.send(struct.pack(">H", 1000), 8)
        self.sock.close()

    def _read(self, size):
        data = b""
        while len(data) < size:
            if not (more := self.sock.recv(size - len(data))):
                raise ConnectionError("the connection ended")
            data += more
        return data

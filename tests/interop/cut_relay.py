"""A TCP relay in front of a server, that can be cut: a network that goes away and comes back."""

import contextlib
import select
import socket
import threading


class Relay:
    """with Relay(port) as relay: connect to relay.port."""

    def __init__(self, port):
        self.target, self.open, self.ends, self.lock = port, True, [], threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=self._accept, daemon=True)]
        self.threads[0].start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.cut()
        for thread in self.threads:
            thread.join(5)
        self.listener.close()

    def cut(self):
        """Ends every connection, and those that come until restore()."""
        with self.lock:
            self.open = False
            for end in self.ends:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            self.ends.clear()

    def restore(self):
        with self.lock:
            self.open = True

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near = self.listener.accept()[0]
                self.threads.append(threading.Thread(target=self._serve, args=(near,), daemon=True))
                self.threads[-1].start()

    def _serve(self, near):
        with near, socket.create_connection(("127.0.0.1", self.target)) as far:
            with self.lock:
                if not self.open:
                    return
                self.ends += [near, far]
            with contextlib.suppress(OSError):
                self._carry({near: far, far: near})

    @staticmethod
    def _carry(other):
        while True:
            for end in select.select(list(other), [], [])[0]:
                data = end.recv(65536)
                if not data:
                    return
                other[end].sendall(data)

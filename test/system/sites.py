"""Neighbours whose health is checked: pages, TLS, sockets that accept or hang, scripts.

Each has an address of its own on loopback (127.0.1.1, 127.0.1.2 ...) and all of one test share a
port, as the addresses of one check do.
"""

import http.server
import itertools
import os
import pathlib
import socket
import ssl
import subprocess
import threading
import time


def addresses(count, net="127.0.1."):
    return [f"{net}{index + 1}" for index in range(count)]


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # clients that go away, and handshakes that fail, are part of the tests


class Site:
    """A server of pages: what it answers may be changed at any moment, and it keeps what it was
    asked."""

    def __init__(self, address, port, context=None):
        self.address, self.port, self.context = address, port, context
        self.status, self.body, self.headers, self.delay = 200, b"all is well\n", {}, 0.0
        self.script = None  # an iterator of statuses, which comes before `status`
        self.asked = []     # (time, path, Host)
        self.server = None
        self.open()

    def open(self):
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # pylint: disable=invalid-name
                site.asked.append((time.monotonic(), self.path, self.headers.get("Host")))
                status = next(site.script, site.status) if site.script else site.status
                time.sleep(site.delay)
                self.send_response(status)
                for name, text in site.headers.items():
                    self.send_header(name, text)
                self.send_header("Content-Length", str(len(site.body)))
                self.end_headers()
                self.wfile.write(site.body)

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        self.server = Server((self.address, self.port), Handler)
        if self.context:
            self.server.socket = self.context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def close(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Mute:
    """Accepts by its kernel and never says a word."""

    def __init__(self, address, port):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, port))
        self.socket.listen(128)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def certificate(folder, name):
    """A certificate for the name that nobody has signed but itself, as a server's context."""
    key, chain = folder / "key.pem", folder / "chain.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name}", "-keyout", str(key), "-out",
                    str(chain)], check=True, capture_output=True, timeout=30)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return context


def script(folder, text, name="check"):
    """A program that a check may run."""
    path = folder / name
    path.write_text("#!/bin/sh\n" + text)
    os.chmod(path, 0o755)
    return path


def is_alive(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def children(pid, name=None):
    """The living children of a process, by the kernel's word."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, rest = path.read_text().rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, parent = rest.split()[:2]
        comm = head.partition("(")[2]
        if int(parent) == pid and state != "Z" and (name is None or comm == name):
            found.append(int(path.parent.name))
    return found


def flapping(*statuses):
    return itertools.cycle(statuses)

"""The real daemon, started, asked and stopped from outside.

    def test_it(onym):                         # a factory; everything it made is stopped at the end
        daemon = onym(zones={"example.test": ZONE}).start()
        assert daemon.ask("www.example.test", "A")...
        daemon.ctl("status")["counts"]["served"] == 1
        assert daemon.stop() == 0

Each daemon has a folder of its own (configuration, zones, state, log) and a free port on loopback.
It is ready when it says READY=1 to the NOTIFY_SOCKET that is here. What a sanitizer writes is a
failure, and so is a daemon that does not end as it should.
"""

import contextlib
import glob
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

import dns.flags
import dns.message
import dns.query
import dns.rdatatype
import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
ONYM = os.environ.get("ONYM", str(TOP / "build-asan" / "onym"))
HOST = "127.0.0.1"
START_S = 20  # a sanitized daemon on a busy machine
STOP_S = 20

ZONE = """\
$TTL 3600
@ SOA ns1 host 1 7200 3600 1209600 300
@ NS ns1
ns1 A 192.0.2.1
www A 192.0.2.2
big TXT "{0}" "{0}" "{0}" "{0}" "{0}" "{0}" "{0}" "{0}"
""".format("x" * 250)


def zone(serial=1, www="192.0.2.2"):
    """The zone above with another serial and address."""
    return ZONE.replace(" 1 7200", f" {serial} 7200").replace("192.0.2.2", www)


# Of those who run beside one another each has its own.
PORTS = tuple(map(int, os.environ.get("ONYM_TEST_PORTS", "20000-32000").split("-")))
given = set()


def free_port(host=HOST):
    """A port that is free for UDP and TCP, away from those that the kernel gives to clients."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        port = random.randint(*PORTS)
        if port in given:
            continue
        with socket.socket(family, socket.SOCK_DGRAM) as udp, \
                socket.socket(family, socket.SOCK_STREAM) as tcp:
            try:
                udp.bind((host, port))
                tcp.bind((host, port))
            except OSError:
                continue
            given.add(port)  # who asks for two of them gets two
            return port


def wait_for(condition, seconds=10.0, what="it"):
    """The first true value that `condition` returns."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come about in {seconds} s")
        time.sleep(0.02)


def preload(source, folder, **variables):
    """The environment of a daemon that has this C file of ours loaded before libc, and these
    variables, which that file reads."""
    compiler = shutil.which("cc") or pytest.skip("cc is not installed: Debian package gcc")
    library = folder / f"{source}.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library,
                    TOP / "test" / "system" / source], check=True)
    return {"LD_PRELOAD": str(library), **{name: str(text) for name, text in variables.items()},
            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}


@contextlib.contextmanager
def small_disk(path, size):
    """A disk of this size at a folder that may not be there yet; needs root. What is yielded fills
    it to the last octet, as `filler`."""
    path.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path],
                             capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("cannot mount a tmpfs here")

    def fill():
        with open(path / "filler", "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 1024)

    try:
        yield fill
    finally:
        subprocess.run(["umount", "-l", path], check=False)


class Manager:
    """What systemd would be: it hears what the daemon notifies."""

    def __init__(self, path, abstract=False):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(f"\0{path}" if abstract else str(path))
        if not abstract:
            os.chmod(path, 0o777)
        self.name = f"@{path}" if abstract else str(path)
        self.heard = []

    def listen(self, seconds):
        """One more message, None if none came."""
        self.socket.settimeout(max(seconds, 0.001))
        try:
            message = self.socket.recv(4096).decode()
        except (TimeoutError, BlockingIOError):
            return None
        self.heard.append(message)
        return message

    def forget(self):
        while self.listen(0):
            pass
        self.heard.clear()

    def wait(self, line, seconds=START_S):
        """The first message with this line (a regular expression), heard already or to come."""
        deadline = time.monotonic() + seconds
        pattern = re.compile(f"^(?:{line})$", re.M)
        while True:
            for message in self.heard:
                if pattern.search(message):
                    self.heard.remove(message)
                    return message
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(f"not notified: {line}")
            self.listen(min(left, 0.2))

    def close(self):
        self.socket.close()


class Daemon:
    def __init__(self, folder, zones=None, listen=None, extra="", port=None, workers=2):
        self.folder = folder
        self.port = port or free_port()
        self.path = folder / "onym.yaml"
        self.state = folder / "state"
        self.control = self.state / "ctl"
        self.process = None
        self.environment = {}
        self.manager = None
        self.log_path = folder / "log"
        self.san_path = folder / "san"
        (folder / "zones").mkdir(exist_ok=True)
        self.zones = {}
        self.listen = listen or f"[{{addr: {HOST}, port: {self.port}}}]"
        self.workers = workers
        self.extra = extra
        # Nobody outside is ever asked: a test that resolves says whom.
        self.resolve = "" if "resolve:" in extra else "resolve: {default: none}\n"
        for name, text in (zones if zones is not None else {"example.test": ZONE}).items():
            self.zone(name, text)
        self.write()

    # --- its files

    def zone(self, name, text):
        """Writes the zone's file; an older version is replaced as an editor would."""
        path = self.folder / "zones" / f"{name}.zone"
        fresh = path.with_suffix(".new")
        fresh.write_text(text)
        os.replace(fresh, path)
        self.zones[name] = path
        return path

    def write(self):
        zones = "".join(f'  "{name}": {{file: "{path}"}}\n' for name, path in self.zones.items())
        self.path.write_text(
            f"version: 1\nworkers: {self.workers}\nstate: {self.state}\nlisten: {self.listen}\n"
            + self.resolve + (f"zones:\n{zones}" if zones else "") + self.extra)

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    # --- its life

    def sanitized(self, environment):
        def point(name, options):
            given = environment.get(name, "")
            if "log_path=" not in given:
                given = f"{given}:{options}:log_path={self.san_path}".lstrip(":")
            environment[name] = given
        point("ASAN_OPTIONS", "detect_leaks=1")
        point("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1")

    def launch(self, arguments=(), wrap=(), **options):
        """Starts the program and waits for nothing."""
        environment = dict(os.environ, **self.environment)
        self.sanitized(environment)
        for name in ("JOURNAL_STREAM", "NOTIFY_SOCKET"):
            environment.pop(name, None)
        if self.manager:
            environment["NOTIFY_SOCKET"] = self.manager.name
        command = [*wrap, ONYM, "serve", "-c", str(self.path), *arguments]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, env=environment, stderr=log, stdout=log,
                                            stdin=subprocess.DEVNULL, **options)
        return self

    def start(self, arguments=(), wrap=(), seconds=START_S, **options):
        """Starts the program and waits until it is ready."""
        if not self.manager:
            self.manager = Manager(self.folder / "notify")
        self.manager.forget()  # what a life before this one said
        self.launch(arguments, wrap, **options)
        deadline = time.monotonic() + seconds
        while not any("READY=1" in message for message in self.manager.heard):
            assert self.process.poll() is None, f"ended: {self.process.returncode}\n{self.log()}"
            assert time.monotonic() < deadline, f"not ready\n{self.log()}"
            self.manager.listen(0.05)
        self.manager.wait("READY=1")
        return self

    def fail(self, arguments=(), wrap=(), **options):
        """Starts the program, which must end by itself; returns its exit code and what it said."""
        before = len(self.log())
        self.launch(arguments, wrap, **options)
        try:
            code = self.process.wait(START_S)
        finally:
            self.end()
        return code, self.log()[before:]

    def stop(self, number=signal.SIGTERM):
        """Asks it to stop; returns its exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self):
        code = self.process.wait(STOP_S)
        self.end()
        return code

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def end(self):
        """At the end of every process: nothing is left, and no sanitizer has complained."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        pid, self.process = self.process.pid, None
        match = re.search(r"log_path=([^:]+)", os.environ.get("ASAN_OPTIONS", ""))
        for path in glob.glob(f"{match.group(1) if match else self.san_path}.{pid}"):
            text = pathlib.Path(path).read_text(errors="replace")
            assert "ERROR: " not in text and "runtime error: " not in text, text

    # --- asking it

    def ask(self, name, rdtype="A", tcp=False, host=HOST, source=None, **options):
        query = dns.message.make_query(name, rdtype, **options)
        send = dns.query.tcp if tcp else dns.query.udp
        return send(query, host, port=self.port, timeout=5, source=source)

    def address(self, name="www.example.test", **options):
        """The one address of a name, the RCODE if there is none."""
        reply = self.ask(name, **options)
        if reply.rcode():
            return dns.rcode.to_text(reply.rcode())
        return reply.answer[0][0].to_text() if reply.answer else "NODATA"

    def connect(self, host=HOST):
        return socket.create_connection((host, self.port), timeout=15)

    def ctl(self, command, **members):
        """Words with the control socket."""
        return self.ctl_raw(json.dumps({"v": 1, "command": command, **members}) + "\n")

    def ctl_raw(self, text):
        while self.manager and self.manager.listen(0):
            pass  # as a real one would
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(30)
            client.connect(str(self.control))
            client.sendall(text.encode() if isinstance(text, str) else text)
            reply = b""
            while chunk := client.recv(65536):
                reply += chunk
        assert reply.endswith(b"\n") and reply.count(b"\n") == 1
        return json.loads(reply)

    def run(self, *words):
        """The command line, for example run("ctl", "status")."""
        environment = dict(os.environ)
        self.sanitized(environment)
        return subprocess.run([ONYM, *words], env=environment, capture_output=True, text=True,
                              timeout=60, check=False)


def frame(message):
    """A message as it goes over TCP."""
    wire = message if isinstance(message, bytes) else message.to_wire()
    return struct.pack("!H", len(wire)) + wire


def read_frame(connection):
    """The next message, None at the end of the stream."""
    def read(size):
        octets = b""
        while len(octets) < size:
            chunk = connection.recv(size - len(octets))
            if not chunk:
                return None
            octets += chunk
        return octets
    head = read(2)
    body = read(struct.unpack("!H", head)[0]) if head else None
    return dns.message.from_wire(body) if body else None


@pytest.fixture
def onym(tmp_path):
    """Makes daemons; stops those that still run."""
    if not os.access(ONYM, os.X_OK):
        pytest.skip(f"no {ONYM}: build it, or set ONYM")
    made = []

    def make(folder=None, **options):
        folder = folder or tmp_path / f"onym{len(made)}"
        folder.mkdir(exist_ok=True)
        made.append(Daemon(folder, **options))
        return made[-1]

    yield make
    problems = []
    for daemon in made:
        if daemon.process is not None:
            try:
                code = daemon.stop() if daemon.process.poll() is None else daemon.wait()
                if code != 0:
                    problems.append(f"exit {code}\n{daemon.log()}")
            except (AssertionError, subprocess.TimeoutExpired) as problem:
                problems.append(f"{problem}\n{daemon.log()}")
                with contextlib.suppress(AssertionError):
                    daemon.end()
        if daemon.manager:
            daemon.manager.close()
    assert not problems, "\n".join(problems)


@pytest.fixture
def open_folder():
    """A folder that every user may read and write; pytest's own are closed."""
    with tempfile.TemporaryDirectory(prefix="onym-") as path:
        os.chmod(path, 0o777)
        yield pathlib.Path(path)


@pytest.fixture
def root():
    """For what only root can try."""
    if os.geteuid() != 0:
        pytest.skip("needs root")

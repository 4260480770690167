"""NSD, Knot DNS, BIND and onym, each started by hand on 127.0.0.1 with the same zones.

    with peers.running("nsd", zones, minimal=False) as peer:
        reply = peer.ask(wire.Question(...))

Each has a temporary folder and a free port of its own and runs in the foreground, in a process
group of its own; it is stopped by the group's number, whatever happens to the test. Should the test
be killed outright, the kernel ends the server in its stead (PR_SET_PDEATHSIG). All are set up alike
and so that nothing but loopback is ever spoken to: no recursion, no root hints in use, no NOTIFY,
no transfers, no trust anchors to refresh.
"""

import contextlib
import ctypes
import dataclasses
import os
import pathlib
import random
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

import pytest

import wire

HOST = "127.0.0.1"
TOP = pathlib.Path(__file__).resolve().parents[2]
START_S_MAX = 60  # the root zone in a sanitized build, on a busy machine
STOP_S_MAX = 15
ANSWER_S_MAX = 3.0
TRIES = 3
LOG_TAIL = 3000
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

libc = ctypes.CDLL(None)
libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # NSD leaves children: they come to us (stop)


class Fault(Exception):
    """A server did not start, ended by itself, or did not answer."""


@dataclasses.dataclass(frozen=True)
class Zone:
    """What shall be served."""

    origin: str
    path: pathlib.Path


@dataclasses.dataclass(frozen=True)
class Setup:
    """A server's own folder and port, and what it shall do there."""

    folder: pathlib.Path
    port: int
    zones: tuple[Zone, ...]
    minimal: bool  # answers with no more than is needed
    binary: str


def yes(value: bool) -> str:
    return "yes" if value else "no"


def write_nsd(setup: Setup) -> list[str]:
    lines = [f"""\
server:
  ip-address: {HOST}@{setup.port}
  server-count: 1
  username: ""
  database: ""
  zonesdir: "{setup.folder}"
  pidfile: "{setup.folder}/nsd.pid"
  xfrdfile: "{setup.folder}/xfrd.state"
  zonelistfile: "{setup.folder}/zone.list"
  xfrdir: "{setup.folder}"
  round-robin: no
  minimal-responses: {yes(setup.minimal)}
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
  ipv4-edns-size: 1232
  tcp-timeout: 30
  identity: "peer"
  refuse-any: no
remote-control:
  control-enable: no
"""]
    lines += [f'zone:\n  name: "{zone.origin}"\n  zonefile: "{zone.path}"\n'
              for zone in setup.zones]
    path = setup.folder / "nsd.conf"
    path.write_text("".join(lines))
    return [setup.binary, "-d", "-c", str(path)]


def write_knot(setup: Setup) -> list[str]:
    lines = [f"""\
server:
    rundir: "{setup.folder}"
    listen: "{HOST}@{setup.port}"
    identity: "peer"
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    answer-rotation: off
    udp-max-payload: 1232
log:
  - target: stderr
    any: warning
database:
    storage: "{setup.folder}/db"
template:
  - id: default
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
    semantic-checks: off
zone:
"""]
    lines += [f'  - domain: "{zone.origin}"\n    file: "{zone.path}"\n' for zone in setup.zones]
    path = setup.folder / "knot.conf"
    path.write_text("".join(lines))
    return [setup.binary, "-c", str(path)]


def write_bind(setup: Setup) -> list[str]:
    lines = [f"""\
options {{
  directory "{setup.folder}";
  listen-on port {setup.port} {{ {HOST}; }};
  listen-on-v6 {{ none; }};
  pid-file none;
  lock-file none;
  session-keyfile "{setup.folder}/session.key";
  managed-keys-directory "{setup.folder}";
  recursion no;
  allow-query {{ any; }};
  allow-transfer {{ none; }};
  notify no;
  dnssec-validation no;
  trust-anchor-telemetry no;
  empty-zones-enable no;
  minimal-responses {yes(setup.minimal)};
  minimal-any no;
  rrset-order {{ order none; }};
  max-udp-size 1232;
  edns-udp-size 1232;
  server-id none;
  zero-no-soa-ttl no;
  check-names primary ignore;
  check-integrity no;
  check-mx ignore;
  check-mx-cname ignore;
  check-srv-cname ignore;
  check-sibling no;
  check-wildcard no;
  check-dup-records ignore;
}};
controls {{ }};
view "ours" IN {{
"""]
    lines += [f'zone "{zone.origin}" {{ type primary; file "{zone.path}"; }};\n'
              for zone in setup.zones]
    # The built-in view of class CH lets three replies a second through.
    lines.append('};\nview "chaos" CH { rate-limit { responses-per-second 0; }; };\n')
    path = setup.folder / "named.conf"
    path.write_text("".join(lines))
    return [setup.binary, "-g", "-n", "1", "-c", str(path)]


def write_onym(setup: Setup) -> list[str]:
    lines = [f"""\
version: 1
workers: 1
state: "{setup.folder}"
listen: [{{addr: "{HOST}", port: {setup.port}, kinds: [udp, tcp]}}]
answers: {{minimal: {str(setup.minimal).lower()}, rotate: false}}
resolve: {{default: none}}
log: {{level: warning}}
zones:
"""]
    lines += [f'  "{zone.origin}": {{file: "{zone.path}"}}\n' for zone in setup.zones]
    path = setup.folder / "onym.yaml"
    path.write_text("".join(lines))
    return [setup.binary, "serve", "-c", str(path)]


@dataclasses.dataclass(frozen=True)
class Kind:
    """One server program: `write` puts its configuration into the folder and gives the command."""

    title: str
    binary: str
    package: str
    write: object


KINDS = {
    "nsd": Kind("NSD", "nsd", "nsd", write_nsd),
    "knot": Kind("Knot DNS", "knotd", "knot", write_knot),
    "bind": Kind("BIND", "named", "bind9", write_bind),
    "onym": Kind("onym", "onym", "", write_onym),
    "gdnsd": Kind("gdnsd", "gdnsd", "gdnsd", None),  # for places alone (test_placed.py)
}
OTHERS = ("nsd", "knot", "bind")


def find(key: str) -> str | None:
    """The program: $ONYM or build-asan/onym for ours, the rest from PATH and daemons' folders."""
    if key == "onym":
        path = pathlib.Path(os.environ.get("ONYM") or TOP / "build-asan" / "onym")
        return str(path.resolve()) if path.is_file() else None
    binary = KINDS[key].binary
    return shutil.which(binary) or shutil.which(binary, path="/usr/sbin:/usr/local/sbin")


def need(key: str) -> str:
    """The program, or this test is skipped. Ours is what is tested: without it, it fails."""
    binary = find(key)
    if binary is None and key == "onym":
        pytest.fail("no onym: `make build-asan`, or set ONYM to a binary")
    if binary is None:
        pytest.skip(f"{KINDS[key].title} is not installed (Debian package {KINDS[key].package})")
    return binary


def version(key: str) -> str:
    """"NSD 4.6.1" and so on, for the page of results."""
    binary = find(key)
    flag = {"nsd": "-v", "knot": "-V", "bind": "-V"}[key]
    done = subprocess.run([binary, flag], capture_output=True, text=True, timeout=20, check=False)
    words = (done.stdout + done.stderr).split("\n")[0].replace(",", "").split()
    number = next((word for word in words if word[0].isdigit()), "")
    return f"{KINDS[key].title} {number.partition('-')[0]}"


def free_port() -> int:
    """A port of 127.0.0.1 that is free for UDP and TCP, away from those that the kernel gives."""
    for _ in range(100):
        port = random.randrange(20000, 32000)
        try:
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                with socket.socket(socket.AF_INET, kind) as probe:
                    probe.bind((HOST, port))
        except OSError:
            continue
        return port
    raise Fault("no free port")


class Peer:
    """A running server and a way to ask it."""

    def __init__(self, key: str, setup: Setup, write=None):
        self.key = key
        self.title = KINDS[key].title
        self.folder = setup.folder
        self.port = setup.port
        self.log = setup.folder / "log"
        self.ident = random.randrange(65536)
        command = (write or KINDS[key].write)(setup)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=setup.folder,
                start_new_session=True,
                preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM))
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((HOST, self.port))

    def log_tail(self) -> str:
        return self.log.read_text(errors="replace")[-LOG_TAIL:]

    def fault(self, what: str) -> Fault:
        return Fault(f"{self.title}: {what}; its log ends:\n{self.log_tail()}")

    def wait_until_serving(self, zones: tuple[Zone, ...]) -> None:
        """Until every zone's SOA is answered with authority."""
        deadline = time.monotonic() + START_S_MAX
        for zone in zones:
            probe = wire.Question(wire.to_wire(zone.origin), 6)
            while not self.serves(probe):
                if self.process.poll() is not None:
                    raise self.fault(f"ended by itself with status {self.process.returncode}")
                if time.monotonic() > deadline:
                    raise self.fault(f"does not serve {zone.origin} after {START_S_MAX} s")
                time.sleep(0.02)

    def serves(self, probe: wire.Question) -> bool:
        try:
            reply = wire.read(self.exchange(wire.query(probe, self.next_ident()), 0.3))
        except (OSError, wire.Malformed):
            return False
        return reply.aa and reply.rcode == 0 and len(reply.sections[0]) == 1

    def next_ident(self) -> int:
        self.ident = (self.ident + 1) & 0xFFFF
        return self.ident

    def exchange(self, octets: bytes, timeout_s: float) -> bytes:
        """Sends one datagram and returns the one with its ID; OSError: none came."""
        self.socket.settimeout(timeout_s)
        self.socket.send(octets)
        while True:
            reply = self.socket.recv(65535)
            if reply[:2] == octets[:2]:
                return reply

    def ask(self, question: wire.Question, payload: int = wire.PAYLOAD) -> wire.Reply:
        """Asks over UDP. Fault: no reply, not even the third time, or one that is malformed."""
        octets = wire.query(question, self.next_ident(), payload)
        for _ in range(TRIES):
            try:
                reply = self.exchange(octets, ANSWER_S_MAX)
            except OSError:
                if self.process.poll() is not None:
                    break
                continue
            try:
                return wire.read(reply)
            except wire.Malformed as why:
                raise self.fault(f"{question}: {why}: {reply.hex()}") from why
        raise self.fault(f"{question}: no reply")

    def ask_tcp(self, octets: bytes) -> bytes:
        """One message over a connection of its own."""
        with socket.create_connection((HOST, self.port), timeout=ANSWER_S_MAX) as stream:
            stream.sendall(struct.pack("!H", len(octets)) + octets)
            with stream.makefile("rb") as file:
                size = struct.unpack("!H", file.read(2))[0]
                return file.read(size)

    def stop(self) -> None:
        """Asks it to end, waits, and ends what is left of its group the hard way."""
        self.socket.close()
        group = self.process.pid
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_S_MAX)
            except subprocess.TimeoutExpired:
                pass
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
        self.process.wait()
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-group, 0)


@contextlib.contextmanager
def running(key: str, zones, minimal: bool = False, write=None):
    """A server that serves all these zones, for as long as the block lasts. `write` makes another
    configuration than the usual one."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"onym-{key}-"))
    try:
        setup = Setup(folder, free_port(), tuple(zones), minimal, need(key))
        peer = Peer(key, setup, write)
        try:
            peer.wait_until_serving(setup.zones)
            yield peer
            if peer.process.poll() is not None:
                raise peer.fault(f"ended by itself with status {peer.process.returncode}")
        finally:
            peer.stop()
        if key == "onym" and peer.process.returncode != 0:
            raise peer.fault(f"status {peer.process.returncode} after SIGTERM")
    finally:
        shutil.rmtree(folder, ignore_errors=True)

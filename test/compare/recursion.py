"""onym, Unbound, Knot Resolver, PowerDNS Recursor and BIND as resolvers of one little internet.

    with recursion.lab(folder) as internet:
        with recursion.running("kresd", internet) as peer:
            replies = recursion.ask_all(peer, questions)

The internet is that of `onym lab`, with zones of our own added (EXTRA). It has port 53, where the
others look for servers, on a network of loopback that is drawn by chance, so that two runs do not
meet. The resolvers are set up as for benchmarks (bench/resolver_peers.py), where it is told how.
"""

import contextlib
import dataclasses
import json
import os
import pathlib
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import pytest

import peers
import wire
from peers import Peer

sys.path.append(str(peers.TOP / "bench"))  # behind ours: two files there have names of ours
import resolver_peers  # noqa: E402

LITTLE = peers.TOP / "examples" / "lab" / "little.yaml"
EXTRA = """\
  "rich.test":
    servers: {ns1.rich.test: 127.53.3.1, ns2.rich.test: 127.53.3.2}
    records:
      - "@ A 192.0.2.10"
      - "@ TXT \\"one\\" \\"two\\""
      - "@ MX 10 mail"
      - "@ MX 20 www.home.test."
      - "mail A 192.0.2.11"
      - "mail AAAA 2001:db8::11"
      - "_sip._tcp SRV 1 2 5060 mail"
      - "pointer PTR mail"
      - "many A 192.0.2.21"
      - "many A 192.0.2.22"
      - "many A 192.0.2.23"
      - "alias CNAME mail"
      - "far CNAME shop.home.test."
      - "chain CNAME far"
      - "gone CNAME nothing"
      - "gonefar CNAME nothing.shop.example."
      - "nowhere CNAME www.nothing."
      - "round CNAME circle"
      - "circle CNAME round"
      - "*.wild A 192.0.2.12"
      - "there.wild AAAA 2001:db8::12"
      - "*.wildalias CNAME www.home.test."
      - "moved DNAME home.test."
      - "a.b.c.d.e A 192.0.2.13"
      - "big TXT \\"LONG\\" \\"1\\""
      - "big TXT \\"LONG\\" \\"2\\""
      - "big TXT \\"LONG\\" \\"3\\""
      - "big TXT \\"LONG\\" \\"4\\""
      - "big TXT \\"LONG\\" \\"5\\""
      - "big TXT \\"LONG\\" \\"6\\""
  "deep.sub.rich.test":
    servers: {ns1.deep.sub.rich.test: 127.53.3.3}
    records: ["www A 192.0.2.14", "up CNAME alias.rich.test."]
  "inner.deep.sub.rich.test":
    servers: {ns.shop.example: 127.53.3.4}
    records: ["www A 192.0.2.15", "@ MX 5 www"]
""".replace("LONG", "x" * 250)
PACKAGES = {"unbound": "unbound", "kresd": "knot-resolver", "recursor": "pdns-recursor",
            "bind": "bind9"}
OTHERS = resolver_peers.PEERS
WINDOW = 32  # questions that one resolver has at once
ANSWER_S_MAX = 12.0  # longer than any of them tries
LAB_STOP_S_MAX = 20


@dataclasses.dataclass(frozen=True)
class Internet:
    """The lab while it runs."""

    roots: dict[str, list[str]]
    process: subprocess.Popen


def world(network: str) -> str:
    """The lab's description: no loss, and less delay, since 20 000 questions are asked."""
    text = LITTLE.read_text()
    slow = "delay: 200ms, jitter: 100ms, loss: 10%"
    assert slow in text and "port: 5380" in text
    text = text.replace(slow, "delay: 10ms, jitter: 5ms").replace("port: 5380", "port: 53")
    before, faults, after = text.partition("faults:\n")
    return (before + EXTRA + faults + after).replace("127.53.", network)


@contextlib.contextmanager
def lab(folder: pathlib.Path):
    """The internet, for as long as the block lasts; skips who may not have port 53."""
    if os.geteuid() != 0:
        pytest.skip("the lab must have port 53 for other resolvers, and that is root's")
    network = f"127.{random.randrange(60, 250)}."
    path = folder / "lab.yaml"
    path.write_text(world(network))
    with (folder / "lab.log").open("wb") as log:
        process = subprocess.Popen(
            [peers.need("onym"), "lab", "--json", str(path)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=log, start_new_session=True,
            preexec_fn=lambda: peers.libc.prctl(peers.PR_SET_PDEATHSIG, signal.SIGTERM))
    try:
        line = process.stdout.readline()
        log_text = (folder / "lab.log").read_text()
        assert line and json.loads(line)["event"] == "ready", f"the lab did not start: {log_text}"
        roots = {"a.root-servers.net": [network + "0.1"], "b.root-servers.net": [network + "0.2"]}
        yield Internet(roots, process)
        assert process.poll() is None, "the lab ended by itself"
    finally:
        process.terminate()
        try:
            process.communicate(timeout=LAB_STOP_S_MAX)
        finally:
            process.kill()
            process.wait()


@dataclasses.dataclass(frozen=True)
class Setup:
    """What peers.Peer wants to know, and what a resolver's configuration is made of."""

    folder: pathlib.Path
    port: int
    key: str
    roots: dict[str, list[str]]
    binary: str


def write(setup: Setup) -> list[str]:
    settings = resolver_peers.Setup(setup.folder, setup.port, setup.binary, setup.roots, 64 << 20)
    return resolver_peers.RESOLVERS[setup.key].write(settings)[1]


def title(key: str) -> str:
    return resolver_peers.RESOLVERS[key].title


for name in ("onym", *OTHERS):
    kind = resolver_peers.RESOLVERS[name]
    peers.KINDS[f"resolver-{name}"] = peers.Kind(kind.title, kind.binary, PACKAGES.get(name, ""),
                                                 write)


def find(key: str) -> str | None:
    return peers.find(key if key == "onym" else f"resolver-{key}")


def version(key: str) -> str:
    return resolver_peers.RESOLVERS[key].version(find(key))


@contextlib.contextmanager
def running(key: str, internet: Internet):
    """A resolver that knows this internet and no other."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"onym-{key}-"))
    try:
        setup = Setup(folder, peers.free_port(), key, internet.roots, find(key))
        peer = Peer(f"resolver-{key}", setup)
        try:
            wait_until_resolving(peer)
            yield peer
            if peer.process.poll() is not None:
                raise peer.fault(f"ended by itself with status {peer.process.returncode}")
        finally:
            peer.stop()
        if key == "onym" and peer.process.returncode != 0:
            raise peer.fault(f"status {peer.process.returncode} after SIGTERM")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def wait_until_resolving(peer: Peer) -> None:
    probe = wire.Question(wire.to_wire("www.home.test."), 1, flags=wire.RD)
    deadline = time.monotonic() + peers.START_S_MAX
    while time.monotonic() < deadline and peer.process.poll() is None:
        with contextlib.suppress(OSError, wire.Malformed):
            reply = wire.read(peer.exchange(wire.query(probe, peer.next_ident()), 1.0))
            if reply.rcode == 0 and reply.sections[0]:
                return
        time.sleep(0.02)
    raise peer.fault("does not resolve")


def ask_all(peer: Peer, questions: list[wire.Question]) -> dict[wire.Question, wire.Reply]:
    """All of them, some at once; what is truncated once more over TCP."""
    replies, waiting, left = {}, {}, list(reversed(questions))
    tries = dict.fromkeys(questions, peers.TRIES)
    peer.socket.setblocking(False)
    while left or waiting:
        while left and len(waiting) < WINDOW:
            ident = peer.next_ident()
            if ident not in waiting:
                question = left.pop()
                waiting[ident] = question, time.monotonic()
                peer.socket.send(wire.query(question, ident))
        select.select([peer.socket], [], [], 0.5)
        with contextlib.suppress(BlockingIOError):
            while True:
                octets = peer.socket.recv(65535)
                question, _sent = waiting.pop(int.from_bytes(octets[:2], "big"), (None, 0))
                if question is not None:
                    replies[question] = whole(peer, question, octets)
        for ident, (question, sent) in list(waiting.items()):
            if peer.process.poll() is not None:
                raise peer.fault(f"ended with status {peer.process.returncode}, asked {question}")
            if time.monotonic() - sent > ANSWER_S_MAX:
                del waiting[ident]
                tries[question] -= 1
                if not tries[question]:
                    raise peer.fault(f"{question}: no reply")
                left.append(question)
    return replies


def whole(peer: Peer, question: wire.Question, octets: bytes) -> wire.Reply:
    try:
        reply = wire.read(octets)
        if reply.tc:
            reply = wire.read(peer.ask_tcp(wire.query(question, peer.next_ident())))
        return reply
    except wire.Malformed as why:
        raise peer.fault(f"{question}: {why}: {octets.hex()}") from why

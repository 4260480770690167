"""Unbound, as a client that validates: it asks onym and nobody else.

    with unbound.running([("example.test", port)], anchors) as resolver:
        reply = resolver.ask(wire.Question(...))      AD: secure; SERVFAIL: bogus

In the foreground, on a free port of 127.0.0.1, in a temporary folder (peers.py says how it ends).
Nothing is cached across questions that could stand for an answer of onym: no NSEC is used twice.
"""

import contextlib
import pathlib
import shutil
import tempfile
import time

import dns.rdatatype

import peers
import wire
from peers import HOST, Kind, Peer, Setup


def number(word: str) -> int:
    return int(dns.rdatatype.from_text(word))


def write(setup: Setup) -> list[str]:
    return [setup.binary, "-d", "-p", "-c", str(setup.folder / "unbound.conf")]


peers.KINDS["unbound"] = Kind("Unbound", "unbound", "unbound", write)


def write_conf(setup: Setup, stubs: list[tuple[str, int]], anchors: list[str],
               date: str | None) -> None:
    (setup.folder / "anchors").write_text("\n".join(anchors) + "\n")
    lines = [f"""\
server:
  interface: {HOST}
  port: {setup.port}
  username: ""
  chroot: ""
  directory: "{setup.folder}"
  pidfile: ""
  use-syslog: no
  logfile: ""
  log-time-ascii: yes
  val-log-level: 2
  num-threads: 1
  do-ip6: no
  do-not-query-localhost: no
  module-config: "validator iterator"
  trust-anchor-file: "{setup.folder}/anchors"
  trust-anchor-signaling: no
  root-key-sentinel: no
  aggressive-nsec: no
  qname-minimisation: no
  minimal-responses: no
  harden-below-nxdomain: no
  val-nsec3-keysize-iterations: "1024 150 2048 150 4096 150"
  target-fetch-policy: "0 0 0 0 0"
  edns-buffer-size: 1232
  max-udp-size: 1232
  local-zone: "test." nodefault
remote-control:
  control-enable: no
"""]
    if date:
        lines.append(f'server:\n  val-override-date: "{date}"\n')
    lines += [f'stub-zone:\n  name: "{name}"\n  stub-addr: {HOST}@{port}\n  stub-prime: no\n'
              for name, port in stubs]
    (setup.folder / "unbound.conf").write_text("".join(lines))


def wait_until_listening(resolver: Peer) -> None:
    probe = wire.query(wire.Question(wire.to_wire("localhost."), 1), resolver.next_ident())
    deadline = time.monotonic() + peers.START_S_MAX
    while time.monotonic() < deadline and resolver.process.poll() is None:
        with contextlib.suppress(OSError):
            resolver.exchange(probe, 0.3)
            return
        time.sleep(0.02)
    raise resolver.fault("does not listen")


@contextlib.contextmanager
def running(stubs: list[tuple[str, int]], anchors: list[str], date: str | None = None):
    """A resolver that has a server on a port for each of these names, and trusts these keys."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="onym-unbound-"))
    try:
        setup = Setup(folder, peers.free_port(), (), False, peers.need("unbound"))
        write_conf(setup, stubs, anchors, date)
        resolver = Peer("unbound", setup)
        try:
            wait_until_listening(resolver)
            yield resolver
            if resolver.process.poll() is not None:
                raise resolver.fault("ended by itself")
        finally:
            resolver.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)

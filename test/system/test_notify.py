"""Secondaries told of new versions (RFC 1996), and how soon they have them."""

import socket
import threading
import time

import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdatatype
import dns.tsig
import pytest

import secondaries
import peer
from conftest import HOST, free_port, zone
from test_transfer_out import BY_ADDRESS, BY_KEY, KEY

SOON_S = 5  # a sanitized daemon on a busy machine; it takes some milliseconds elsewhere


class Listener:
    """What a secondary hears; it answers with an RCODE, or not at all (None)."""

    def __init__(self, rcode=dns.rcode.NOERROR, keyring=None, port=None):
        self.rcode, self.keyring, self.heard, self.times = rcode, keyring, [], []
        self.port = port or free_port()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, self.port))
        self.socket.settimeout(0.05)
        self.ended = False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.ended:
            try:
                octets, client = self.socket.recvfrom(4096)
            except TimeoutError:
                continue
            message = dns.message.from_wire(octets, keyring=self.keyring)
            self.heard.append(message)
            self.times.append(time.monotonic())
            if self.rcode is not None:
                reply = dns.message.make_response(message)
                reply.set_opcode(dns.opcode.NOTIFY)
                reply.set_rcode(self.rcode)
                self.socket.sendto(reply.to_wire(), client)

    def wait(self, count, seconds=SOON_S):
        deadline = time.monotonic() + seconds
        while len(self.heard) < count:
            assert time.monotonic() < deadline, f"{len(self.heard)} of {count}"
            time.sleep(0.01)
        return self.heard[count - 1]

    def close(self):
        self.ended = True
        self.thread.join()
        self.socket.close()


@pytest.fixture
def listen():
    made = []

    def make(**options):
        made.append(Listener(**options))
        return made[-1]
    yield make
    for listener in made:
        listener.close()


def with_notify(daemon, *remotes):
    """Its configuration, with these secondaries of its zones."""
    words = ", ".join(f'"{remote}"' for remote in remotes)
    text = daemon.path.read_text()
    daemon.path.write_text(text.replace('.zone"}', f'.zone", notify: [{words}]}}'))
    return daemon


def wait_for(condition, seconds=SOON_S):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("key", [None, KEY], ids=["plain", "tsig"])
@pytest.mark.parametrize("kind", list(peer.KINDS))
def test_secondary_follows(onym, tmp_path, kind, key):
    port = free_port()
    daemon = onym(extra=BY_KEY if key else BY_ADDRESS)
    with_notify(daemon, f"{HOST}:{port}" + (f" key:{key.name}" if key else "")).start()
    with secondaries.secondary(kind, tmp_path / kind, daemon, ["example.test"], key,
                               port=port) as server:
        server.wait("example.test", 1)
        for serial in (2, 3):
            daemon.zone("example.test", zone(serial=serial, www=f"192.0.2.{serial}"))
            assert daemon.ctl("reload")["ok"]
            # The zone is refreshed in hours otherwise (its SOA says so), so this was the NOTIFY.
            server.wait("example.test", serial, seconds=20)
        assert ("www.example.test.", "A", 3600, "c0000203") in server.records("example.test")


def test_message(onym, listen):
    """The question is the SOA, the answer the newest one (RFC 1996 3.7)."""
    listener = listen()
    daemon = with_notify(onym(), f"{HOST}:{listener.port}").start()
    message = listener.wait(1)
    assert message.opcode() == dns.opcode.NOTIFY and message.flags & dns.flags.AA
    assert message.question[0].to_text() == "example.test. IN SOA"
    assert message.answer[0][0].serial == 1
    daemon.zone("example.test", zone(serial=2))
    assert daemon.ctl("reload", zone="example.test")["ok"]
    assert listener.wait(2).answer[0][0].serial == 2
    wait_for(lambda: daemon.ctl("notify")["targets"][0]["flying"] == 0)
    # What has not changed is not told of.
    assert daemon.ctl("reload")["ok"]
    daemon.zone("example.test", zone(serial=2, www="192.0.2.50"))
    assert daemon.ctl("reload")["ok"]
    time.sleep(0.3)
    assert len(listener.heard) == 2
    # Unless somebody asks for it.
    said = daemon.run("ctl", "notify", "example.test", "-c", str(daemon.path))
    assert said.returncode == 0 and f"{HOST}:{listener.port}" in said.stdout
    listener.wait(3)
    said = daemon.run("ctl", "notify", "-c", str(daemon.path))
    assert "told of 1 zone\n" in said.stdout
    metrics = daemon.run("ctl", "stats", "--prometheus", "-c", str(daemon.path)).stdout
    assert "onym_notify_sent_total 3\n" in metrics
    assert 'onym_notify_total{result="answered"} 3\n' in metrics


def test_signed(onym, listen):
    """Signed by the key, and only signed answers are believed."""
    listener = listen(keyring={KEY.name: KEY})
    daemon = with_notify(onym(extra=BY_KEY), f"{HOST}:{listener.port} key:transfer.key").start()
    assert listener.wait(1).had_tsig
    wait_for(lambda: daemon.ctl("notify")["targets"][0]["flying"] == 0)
    assert len(listener.heard) == 1 and daemon.ctl("notify")["targets"][0]["key"] == "transfer.key"


def test_unsigned_answer_is_none(onym):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind((HOST, 0))
        deaf.settimeout(SOON_S)
        daemon = with_notify(onym(extra=BY_KEY),
                             f"{HOST}:{deaf.getsockname()[1]} key:transfer.key").start()
        octets, client = deaf.recvfrom(4096)
        message = dns.message.from_wire(octets, keyring={KEY.name: KEY})
        reply = dns.message.Message(message.id)
        reply.flags, reply.question = dns.flags.QR, message.question
        reply.set_opcode(dns.opcode.NOTIFY)
        deaf.sendto(reply.to_wire(), client)
        for junk in (b"", b"x", octets, octets[:20], b"\0" * 600):
            deaf.sendto(junk, client)
        deaf.recvfrom(4096)  # once more
        assert daemon.ctl("notify")["targets"][0]["flying"] == 1


def test_silent_and_refusing(onym, listen):
    """It is tried again, later and later; what is refused is not, and the log says so."""
    silent, refusing = listen(rcode=None), listen(rcode=dns.rcode.REFUSED)
    daemon = with_notify(onym(), f"{HOST}:{silent.port}", f"{HOST}:{refusing.port}").start()
    refusing.wait(1)
    silent.wait(3, 20)
    apart = [after - before for before, after in zip(silent.times, silent.times[1:])]
    assert apart[0] >= 0.9 and apart[1] >= 1.8
    assert len({message.id for message in silent.heard[:3]}) > 1
    assert len(refusing.heard) == 1
    assert f"{HOST}:{refusing.port} does not want to be told of example.test.: REFUSED" \
        in daemon.log()
    # When it comes back, it hears of the newest version.
    silent.rcode = dns.rcode.NOERROR
    wait_for(lambda: all(target["flying"] == 0 for target in daemon.ctl("notify")["targets"]), 30)


def test_what_a_reload_leaves(onym, listen):
    """Who was not told yet is told by the next house, and who is no secondary any more is not."""
    silent = listen(rcode=None)
    daemon = with_notify(onym(), f"{HOST}:{silent.port}").start()
    silent.wait(1)
    daemon.path.write_text(daemon.path.read_text() + "log: {level: debug}\n")
    assert daemon.ctl("reload")["ok"]
    silent.wait(2)
    daemon.write()
    assert daemon.ctl("reload")["ok"]
    assert daemon.ctl("notify")["targets"] == []
    count = len(silent.heard)
    time.sleep(2.5)
    assert len(silent.heard) == count
    reply = daemon.ctl("notify", zone="example.test")
    assert not reply["ok"] and "no secondaries" in reply["error"]


def test_many_zones(onym, listen):
    """Who answers is told of a thousand zones in one go; who is dead is in no one's way."""
    quick, dead = listen(), listen(rcode=None)
    zones = {f"z{i}.test": zone() for i in range(1000)}
    daemon = with_notify(onym(zones=zones), f"{HOST}:{dead.port}", f"{HOST}:{quick.port}").start()
    quick.wait(1000, 20)
    assert len({message.question[0].name for message in quick.heard}) == 1000
    assert len(dead.heard) <= 64


def test_bad_configuration(onym):
    daemon = with_notify(onym(), "192.0.2.300", "192.0.2.1 key:nobody", "192.0.2.1 nobody")
    code, said = daemon.fail()
    assert code == 2
    assert "'192.0.2.300' is not an address, with a port or without, and maybe key:NAME" in said
    assert "there is no key 'nobody' in 'keys'" in said
    assert "a key stands behind the address" in said


@pytest.mark.parametrize("ours", ["transfer.key", "another.key"])
def test_another_key_on_the_other_side(onym, tmp_path, ours):
    """The likeliest mistake: a secret that differs, a key that is not there. The log says it."""
    port = free_port()
    daemon = onym(extra='keys: {"%s": {alg: hmac-sha256, secret: YW5vdGhlciBzZWNyZXQ=}}\n' % ours)
    with_notify(daemon, f"{HOST}:{port} key:{ours}")
    with secondaries.secondary("knot", tmp_path / "knot", daemon, ["example.test"], KEY,
                               port=port) as server:
        wait_for(lambda: "server started" in server.log(), 20)
        daemon.start()
        word = "BADSIG" if ours == "transfer.key" else "BADKEY"
        wait_for(lambda: f"about example.test.: {word}; is it the same key" in daemon.log(), 10)


def test_views_too(onym, listen, tmp_path):
    """A zone of a view is told of, given to whom may have it there, and told again by its name."""
    outer, inner = listen(), listen()
    path = tmp_path / "inner.zone"
    path.write_text(zone(serial=9, www="10.0.0.9"))
    daemon = onym(extra=BY_ADDRESS + "views: {inside: {match: [127.0.0.2], zones: "
                  f'{{"example.test": {{file: {path}, notify: ["{HOST}:{inner.port}"]}}}}}}}}\n')
    with_notify(daemon, f"{HOST}:{outer.port}").start()
    assert outer.wait(1).answer[0][0].serial == 1
    assert inner.wait(1).answer[0][0].serial == 9
    inside = secondaries.records(daemon.port, "example.test", source="127.0.0.2")
    assert ("www.example.test.", "A", 3600, "0a000009") in inside
    assert inside != secondaries.records(daemon.port, "example.test")
    wait_for(lambda: all(target["flying"] == 0 for target in daemon.ctl("notify")["targets"]))
    assert daemon.ctl("notify", zone="example.test")["ok"]
    outer.wait(2)
    inner.wait(2)

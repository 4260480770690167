"""`onym query` against real servers (NSD, Knot, onym itself) and against servers that fail, each in
its own way. What is looked at is what a script sees: exit code, stdout, stderr."""

import json
import os
import pty
import shutil
import socket
import struct
import subprocess
import threading
import time

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from conftest import HOST, ONYM, free_port, wait_for

ZONE = """\
$TTL 300
@ SOA ns host 7 3600 600 86400 60
@ NS ns
@ MX 10 mail
@ TXT "hello world" "second; \\"quoted\\""
@ CAA 0 issue "ca.test"
ns A 127.0.0.1
mail AAAA 2001:db8::25
www CNAME web
web A 192.0.2.80
sub NS ns.sub
ns.sub A 192.0.2.99
xn--mnchen-3ya A 192.0.2.9
""" + "".join(f'big TXT "{i:03d} {"x" * 60}"\n' for i in range(40))

QUICK = ("+time=1", "+tries=1")


def cli(*words, **options):
    if not os.access(ONYM, os.X_OK):
        pytest.skip(f"no {ONYM}: build it, or set ONYM")
    return subprocess.run([ONYM, *words], capture_output=True, text=True, timeout=60, check=False,
                          **options)


def query(server, *words):
    host, port = server
    return cli("query", *words, f"@{host}", "-p", str(port))


# --- real servers --------------------------------------------------------------------------------

NSD = """\
server:
  ip-address: {host}@{port}
  username: ""
  chroot: ""
  zonesdir: {folder}
  pidfile: {folder}/pid
  database: ""
  zonelistfile: {folder}/zone.list
  xfrdfile: {folder}/xfrd.state
  xfrdir: {folder}
  logfile: {folder}/log
  nsid: ascii_it-is-nsd
  server-count: 1
remote-control:
  control-enable: no
zone:
  name: example.test
  zonefile: example.test.zone
zone:
  name: broken.test
  zonefile: nowhere.zone
"""

KNOT = """\
server:
  rundir: {folder}
  listen: {host}@{port}
  nsid: it-is-knot
log:
  - target: stderr
    any: error
database:
  storage: {folder}/db
zone:
  - domain: example.test
    storage: {folder}
    file: example.test.zone
  - domain: broken.test
    storage: {folder}
    file: nowhere.zone
"""


def answers(server):
    """True once the server answers at all."""
    message = dns.message.make_query("example.test", "SOA").to_wire()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.2)
        client.connect(server)
        try:
            client.send(message)
            return client.recv(4096)
        except OSError:
            return None


@pytest.fixture(name="real", params=["nsd", "knotd", "onym"])
def real_server(request, tmp_path, onym):
    kind = request.param
    if kind == "onym":
        daemon = onym(zones={"example.test": ZONE, "broken.test": "@ A 1.2.3\n"},
                      extra="identity: {nsid: it-is-onym}\n").start()
        yield (HOST, daemon.port), "it-is-onym"
        return
    program = shutil.which(kind, path=f"/usr/sbin:{os.environ.get('PATH', '')}")
    if not program:
        pytest.skip(f"no {kind}")
    server = (HOST, free_port())
    (tmp_path / "example.test.zone").write_text(ZONE)
    config = tmp_path / "config"
    text = NSD if kind == "nsd" else KNOT
    config.write_text(text.format(folder=tmp_path, host=server[0], port=server[1]))
    command = [program, "-d", "-c", str(config)] if kind == "nsd" else [program, "-c", str(config)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: answers(server), what=kind)
            yield server, f"it-is-{'nsd' if kind == 'nsd' else 'knot'}"
        finally:
            process.terminate()


def test_each_kind_of_answer(real):
    server, _ = real
    for words, code, status in (
            (("example.test", "MX"), 0, "NOERROR,"),
            (("www.example.test",), 0, "NOERROR,"),
            (("example.test", "SRV"), 14, "NOERROR (no such type),"),
            (("nope.example.test",), 10, "NXDOMAIN (no such name),"),
            (("broken.test",), 11, "SERVFAIL,"),
            (("elsewhere.test",), 12, "REFUSED,"),
            (("x.sub.example.test",), 14, "NOERROR (a referral),"),
    ):
        asked = query(server, *words, "--fail")
        assert asked.returncode == code, (words, asked)
        assert f";; status: {status} flags: qr" in asked.stdout
        assert asked.stderr == ""
        assert query(server, *words).returncode == 0


def test_all_types(real):
    server, _ = real
    asked = query(server, "example.test", "--all")
    assert asked.returncode == 0 and asked.stderr == ""
    records = [line.split()[3] for line in asked.stdout.splitlines() if not line.startswith(";")]
    assert sorted(records) == ["CAA", "MX", "NS", "SOA", "TXT"]
    assert ";; no such type: A AAAA" in asked.stdout
    for name, code, words in (("nope.example.test", 10, ";; no such name: all "),
                              ("elsewhere.test", 12, ";; refused: all "),
                              ("broken.test", 11, ";; server failure: all ")):
        asked = query(server, name, "--all")
        assert asked.returncode == code and words in asked.stdout


def test_large_answers_come_over_tcp(real):
    server, _ = real
    asked = query(server, "big.example.test", "TXT")
    assert asked.returncode == 0
    assert asked.stdout.count(" TXT  \"") + asked.stdout.count(" TXT \"") == 40
    assert ";; truncated over UDP, asked again over TCP" in asked.stdout
    assert f";; {HOST}:{server[1]}, tcp, " in asked.stdout
    asked = query(server, "big.example.test", "TXT", "+ignore")
    assert "flags: qr aa tc" in asked.stdout and " udp, " in asked.stdout
    asked = query(server, "example.test", "SOA", "+tcp", "+short")
    assert asked.stdout == "ns.example.test. host.example.test. 7 3600 600 86400 60\n"


def test_identity(real):
    server, identity = real
    asked = query(server, "example.test", "SOA", "+nsid")
    assert f';; NSID: "{identity}"' in asked.stdout


def test_json(real):
    server, identity = real
    asked = query(server, "example.test", "MX", "AAAA", "+nsid", "--json")
    assert asked.returncode == 0
    mx, aaaa = map(json.loads, asked.stdout.splitlines())
    assert mx["v"] == aaaa["v"] == 1
    assert (mx["outcome"], aaaa["outcome"]) == ("answer", "nodata")
    assert mx["answer"] == [{"name": "example.test.", "class": "IN", "type": "MX", "ttl": 300,
                             "data": "10 mail.example.test."}]
    assert mx["edns"]["nsid"] == identity
    assert "aa" in mx["flags"] and mx["rcode"] == "NOERROR"
    assert aaaa["authority"][0]["type"] == "SOA"
    assert mx["server"] == f"{server[0]}:{server[1]}" and mx["transport"] == "udp"


def test_output_is_a_zone_file(real, tmp_path):
    """What is printed can be pasted: it is read again to the same records."""
    server, _ = real
    asked = query(server, "example.test", "SOA", "NS", "MX", "TXT", "CAA", "+noadditional")
    file = tmp_path / "pasted"
    file.write_text(asked.stdout)
    printed = cli("zone", "print", str(file), "-q")
    assert printed.returncode == 0, printed.stderr
    records = {line.split(" ", 4)[3] for line in printed.stdout.splitlines()}
    assert records == {"SOA", "NS", "MX", "TXT", "CAA"}
    assert '"hello world" "second; \\"quoted\\""' in printed.stdout


def test_names(real):
    server, _ = real
    for name in ("münchen.example.test", "MÜNCHEN.example.test.", "xn--mnchen-3ya.example.test"):
        assert query(server, name, "+short").stdout == "192.0.2.9\n"
    asked = json.loads(query(server, "münchen.example.test", "--json").stdout)
    assert asked["question"]["name"] == "xn--mnchen-3ya.example.test."
    assert asked["question"]["unicode"] == "münchen.example.test."


def on_terminal(command, **variables):
    """What the command writes to a terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm", **variables)
        os.execv(ONYM, [ONYM, *command])
    text = b""
    try:
        while chunk := os.read(terminal, 4096):
            text += chunk
    except OSError:
        pass
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    return text.decode()


def test_on_a_terminal(onym):
    daemon = onym(zones={"example.test": ZONE}).start()
    words = ["query", "münchen.example.test", f"@{HOST}:{daemon.port}"]
    shown = on_terminal(words, LC_ALL="C.UTF-8")
    assert "192.0.2.9 ; münchen.example.test." in shown
    assert "\033[32mNOERROR\033[0m" in shown
    shown = on_terminal(words, LC_ALL="C", NO_COLOR="1")
    assert "; münchen" not in shown and "\033" not in shown
    assert "\033" in on_terminal([*words, "--color=always"], NO_COLOR="1")


def test_ipv6(onym):
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("no ::1 here")
    port = free_port("::1")
    onym(zones={"example.test": ZONE}, listen=f'[{{addr: "::1", port: {port}}}]').start()
    where = ("@::1", "-p", str(port))
    for words in ((f"@[::1]:{port}",), where, (*where, "+tcp")):
        asked = cli("query", "www.example.test", "+noall", "+answer", "+stats", *words)
        assert asked.returncode == 0, asked
        assert "192.0.2.80" in asked.stdout and f";; [::1]:{port}, " in asked.stdout


# --- servers that fail ---------------------------------------------------------------------------


class Fake:
    """A server that answers what `answer(wire, tcp)` returns; None is silence."""

    def __init__(self, answer, tcp=True, delay=0.0):
        self.answer, self.delay = answer, delay
        self.address = (HOST, free_port())
        self.queries = 0
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(self.address)
        threading.Thread(target=self.serve_udp, daemon=True).start()
        self.tcp = None
        if tcp:
            self.tcp = socket.create_server(self.address)
            threading.Thread(target=self.serve_tcp, daemon=True).start()

    def reply(self, wire, client):
        time.sleep(self.delay)
        answer = self.answer(wire, False)
        if answer is not None:
            self.udp.sendto(answer, client)

    def serve_udp(self):
        while True:
            try:
                wire, client = self.udp.recvfrom(65535)
            except OSError:
                return
            if not wire:  # shut down
                return
            self.queries += 1
            threading.Thread(target=self.reply, args=(wire, client), daemon=True).start()

    def serve_tcp(self):
        while True:
            try:
                client, _ = self.tcp.accept()
            except OSError:
                return
            with client:
                head = client.recv(2, socket.MSG_WAITALL)
                wire = client.recv(struct.unpack("!H", head)[0], socket.MSG_WAITALL)
                answer = self.answer(wire, True)
                if answer is not None:
                    client.sendall(struct.pack("!H", len(answer)) + answer)

    def close(self):
        for listener in filter(None, (self.udp, self.tcp)):
            try:
                listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            listener.close()


@pytest.fixture(name="fake")
def fake_servers():
    made = []

    def make(answer, **options):
        made.append(Fake(answer, **options))
        return made[-1]

    yield make
    for server in made:
        server.close()


def respond(wire, rcode=dns.rcode.NOERROR, flags=0, ede=None, records=()):
    asked = dns.message.from_wire(wire)
    reply = dns.message.make_response(asked)
    reply.set_rcode(rcode)
    reply.flags |= flags
    for record in records:
        reply.answer.append(record)
    if ede is not None:
        reply.use_edns(options=[dns.edns.EDEOption(*ede)])
    return reply.to_wire(max_size=65535)


def other_id(wire, _tcp):
    return bytes([wire[0] ^ 1]) + respond(wire)[1:]


def other_question(wire, _tcp):
    other = dns.message.make_query("other.test", "A", id=dns.message.from_wire(wire).id)
    return dns.message.make_response(other).to_wire()


@pytest.mark.parametrize("answer, code, words", [
    (lambda wire, tcp: None, 9, "no reply from"),
    (lambda wire, tcp: os.urandom(64), 1, "bad reply from"),
    (lambda wire, tcp: b"", 1, "it is shorter than a header"),
    (lambda wire, tcp: wire[:11], 1, "it is shorter than a header"),
    (lambda wire, tcp: wire, 1, "it is a query"),
    (lambda wire, tcp: respond(wire)[:20], 1, "its question is malformed"),
    (lambda wire, tcp: respond(wire, records=[dns.rrset.from_text("a.test.", 1, "IN", "A", HOST)])
     [:-14], 1, "it ends in the middle of a record"),
    (other_id, 1, "its ID is another"),
    (other_question, 1, "it answers another question"),
    (lambda wire, tcp: respond(wire, flags=dns.flags.TC) if not tcp else None, 1,
     "truncated over UDP; bad reply from"),
], ids=["silence", "garbage", "empty", "short", "echo", "cut", "half", "id", "question", "tc"])
def test_failing_server(fake, answer, code, words):
    server = fake(answer)
    asked = query(server.address, "a.test", *QUICK)
    assert asked.returncode == code, asked
    assert words in asked.stderr and asked.stdout == ""
    said = json.loads(query(server.address, "a.test", "--json", *QUICK).stdout)
    assert said["outcome"] == {1: "bad-reply", 9: "timeout"}[code]
    asked = query(server.address, "a.test", "--all", *QUICK)
    assert asked.returncode == code and words in asked.stderr


def test_truncated_without_tcp(fake):
    server = fake(lambda wire, tcp: respond(wire, flags=dns.flags.TC), tcp=False)
    asked = query(server.address, "a.test", *QUICK)
    assert asked.returncode == 3
    assert "truncated over UDP; no server at" in asked.stderr
    assert "Connection refused" in asked.stderr


def test_reply_from_elsewhere(fake):
    """A server with two addresses that answers from the wrong one."""
    other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    other.bind(("127.0.0.2", 0))
    server = fake(lambda wire, tcp: None)

    def send_from_other(wire, client):
        other.sendto(respond(wire), client)

    server.reply = send_from_other
    asked = query(server.address, "a.test", *QUICK)
    other.close()
    assert asked.returncode == 1
    assert "it comes from another address" in asked.stderr


@pytest.mark.parametrize("rcode, ede, code", [
    (dns.rcode.SERVFAIL, None, 11),
    (dns.rcode.SERVFAIL, (22, "at delegation"), 11),
    (dns.rcode.SERVFAIL, (6, "no valid signature"), 13),
    (dns.rcode.SERVFAIL, (7, None), 13),
    (dns.rcode.REFUSED, (18, None), 12),
    (dns.rcode.NXDOMAIN, None, 10),
    (dns.rcode.FORMERR, None, 15),
    (dns.rcode.NOTIMP, None, 15),
])
def test_rcodes(fake, rcode, ede, code):
    server = fake(lambda wire, tcp: respond(wire, rcode=rcode, ede=ede))
    asked = query(server.address, "a.test", "--fail")
    assert asked.returncode == code, asked
    assert f";; status: {dns.rcode.to_text(rcode)}" in asked.stdout
    if ede:
        assert f";; EDE: {ede[0]} " in asked.stdout
        assert ede[1] is None or f": {ede[1]}\n" in asked.stdout


def test_no_server():
    server = (HOST, free_port())
    for words in ((), ("+tcp",), ("--all",), ("A", "MX")):
        asked = query(server, "a.test", *words)
        assert asked.returncode == 3
        assert asked.stderr.startswith(f"onym: no server at {HOST}:{server[1]}")
        assert asked.stderr.count("no server") == 1 and asked.stdout == ""
    asked = cli("query", "a.test", "@no-such-host.invalid")
    assert asked.returncode == 3 and "cannot find the address of server" in asked.stderr


def test_all_is_asked_at_once(fake):
    """26 questions to a slow server take as long as one."""
    server = fake(lambda wire, tcp: respond(wire), delay=0.5)
    began = time.monotonic()
    asked = query(server.address, "a.test", "--all")
    assert asked.returncode == 14
    assert server.queries == 26
    assert time.monotonic() - began < 5


def test_lost_datagrams_are_sent_again(fake):
    server = fake(lambda wire, tcp: None)
    server.answer = lambda wire, tcp: respond(wire) if server.queries >= 3 else None
    asked = query(server.address, "a.test", "+time=1")
    assert asked.returncode == 0 and server.queries == 3


def test_strange_octets_never_reach_the_terminal(fake):
    """Escape sequences in what a server sends are shown, not obeyed."""
    evil = "\033]0;owned\007"

    def answer(wire, _tcp):
        asked = dns.message.from_wire(wire)
        reply = dns.message.make_response(asked)
        text = "".join(f"\\{octet:03d}" for octet in evil.encode())
        owner = asked.question[0].name
        reply.answer.append(dns.rrset.from_text(owner, 1, "IN", "TXT", f'"{text}"'))
        reply.use_edns(options=[dns.edns.EDEOption(0, evil),
                                dns.edns.GenericOption(3, evil.encode())])
        return reply.to_wire()

    server = fake(answer)
    for words in ((), ("--all",), ("+short",)):
        asked = query(server.address, "a.test", "TXT", *words)
        assert "owned" in asked.stdout
        assert "\033" not in asked.stdout and "\007" not in asked.stdout

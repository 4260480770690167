"""`onym lab`: a little internet that dig, Unbound and a few lines of Python walk.

What each fault does to a reply is test/lab's; here is what clients see of it.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import pytest

from conftest import ONYM, STOP_S, TOP, Daemon, free_port, wait_for

EXAMPLES = TOP / "examples" / "lab"
WORLD = """\
seed: 1
zones:
  ".": {{servers: {{a.root: 127.53.100.1}}}}
  test: {{servers: {{ns.test: 127.53.100.2}}}}
  a.test: {{servers: {{ns.a.test: [127.53.100.3, "::1"]}}, records: [www A 192.0.2.1]}}
faults:
  127.53.100.3: {faults}
"""


class Lab:
    """`onym lab --json` on a port of its own."""

    def __init__(self, folder, words=(), port=None):
        self.port = port or free_port("127.53.100.1")
        self.out = folder / "lab.out"
        self.err = folder / "lab.err"
        self.daemon = Daemon(folder)  # for its sanitizers' settings and what they wrote
        environment = dict(os.environ)
        self.daemon.sanitized(environment)
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.daemon.process = subprocess.Popen(
                [ONYM, "lab", "--json", "--port", str(self.port), *map(str, words)],
                env=environment, stdout=out, stderr=err, stdin=subprocess.DEVNULL)
        self.process = self.daemon.process
        self.ready = wait_for(self.first, 30, f"the lab: {self.err}")

    def first(self):
        assert self.process.poll() is None, self.err.read_text()
        lines = self.out.read_text().splitlines()
        return lines and json.loads(lines[0])

    def events(self):
        return [json.loads(line) for line in self.out.read_text().splitlines()]

    def counts(self):
        """{address: counts} as they are now, "all" for their sum."""
        before = len([event for event in self.events() if event["event"] == "total"])
        self.process.send_signal(signal.SIGUSR1)
        wait_for(lambda: len([event for event in self.events() if event["event"] == "total"])
                 > before, what="the counts")
        return self.last()

    def last(self):
        return {event.get("address", "all"): event for event in self.events()
                if event["event"] != "ready"}

    def stop(self, number=signal.SIGTERM):
        """Its exit code; the counts of the end are in last()."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self):
        code = self.process.wait(STOP_S)
        self.daemon.end()
        return code

    def ask(self, name, host, rdtype="A", tcp=False, timeout=5.0, **options):
        query = dns.message.make_query(name, rdtype, flags=0, **options)
        send = dns.query.tcp if tcp else dns.query.udp
        return send(query, host, port=self.port, timeout=timeout)


@pytest.fixture
def lab(tmp_path):
    if not os.access(ONYM, os.X_OK):
        pytest.skip(f"no {ONYM}: build it, or set ONYM")
    made = []

    def make(*words, faults=None, **options):
        folder = tmp_path / f"lab{len(made)}"
        folder.mkdir()
        if faults is not None:
            (folder / "lab.yaml").write_text(WORLD.format(faults=faults))
            words = (folder / "lab.yaml", *words)
        made.append(Lab(folder, words, **options))
        return made[-1]

    yield make
    codes = [one.stop() for one in made if one.daemon.process is not None]
    assert all(code == 0 for code in codes), codes


def walk(lab, name, rdtype="A", servers=("127.53.0.1",), steps=20):
    """A resolver of a dozen lines: the addresses of a name, from the root on."""
    start, asked = servers, name
    for _ in range(steps):
        reply = lab.ask(asked, servers[0], rdtype)
        if reply.flags & dns.flags.TC:
            reply = lab.ask(asked, servers[0], rdtype, tcp=True)
        if reply.answer:
            found = [rrset for rrset in reply.answer
                     if dns.rdatatype.to_text(rrset.rdtype) == rdtype]
            if found:
                return sorted(record.to_text() for record in found[0])
            asked, servers = reply.answer[-1][0].target.to_text(), start
            continue
        if reply.flags & dns.flags.AA or not reply.authority:
            return dns.rcode.to_text(reply.rcode())
        glue = [record.to_text() for rrset in reply.additional for record in rrset]
        host = reply.authority[0][0].target.to_text()
        servers = glue or walk(lab, host, "A", start)
    raise AssertionError("went on and on")


def test_dig_walks_it(lab):
    little = lab()
    dig = shutil.which("dig")
    if not dig:
        pytest.skip("no dig: package bind9-dnsutils")
    out = subprocess.run([dig, "@127.53.0.1", "-p", str(little.port), "+norec", "www.home.test"],
                         capture_output=True, text=True, timeout=30, check=True).stdout
    assert re.search(r"^test\.\s+3600\s+IN\s+NS\s+ns1\.nic\.test\.", out, re.M)
    assert re.search(r"^ns1\.nic\.test\.\s+3600\s+IN\s+A\s+127\.53\.1\.1", out, re.M)
    out = subprocess.run([dig, "@127.53.2.1", "-p", str(little.port), "+norec", "+nsid",
                          "shop.home.test"],
                         capture_output=True, text=True, timeout=30, check=True).stdout
    assert re.search(r"^shop\.home\.test\.\s+3600\s+IN\s+CNAME\s+www\.shop\.example\.", out, re.M)
    assert "flags: qr aa;" in out and "ns1.home.test" in out


def test_walk(lab):
    little = lab()
    assert walk(little, "www.home.test") == ["192.0.2.1"]
    assert walk(little, "shop.home.test") == ["192.0.2.2"]  # an alias into another tree
    assert walk(little, "old.shop.example") == ["192.0.2.1"]
    assert walk(little, "www.glueless.test") == ["192.0.2.3"]
    assert walk(little, "www.large.test") == ["192.0.2.5"]  # over TCP
    assert walk(little, "nobody.home.test") == "NXDOMAIN"
    assert walk(little, "any.wild.home.test", "TXT") == ['"any name"']
    counts = little.counts()
    assert counts["127.53.2.6"]["udp"] == counts["127.53.2.6"]["tcp"] == 1
    assert counts["127.53.2.6"]["faults"] == {"truncate": 1}
    asked = sum(one["udp"] for address, one in counts.items() if address != "all")
    assert counts["all"]["udp"] == asked > 15
    assert little.ready["servers"] == 11 and little.ready["zones"] == 8
    assert "127.53.0.1" in little.ready["config"]


def test_counts_are_right(lab):
    one = lab(faults="{}")
    for _ in range(7):
        one.ask("www.a.test", "127.53.100.3")
    one.ask("www.a.test", "127.53.100.3", tcp=True)
    one.ask("www.a.test", "127.53.100.1")
    counts = one.counts()["127.53.100.3"]
    assert (counts["udp"], counts["tcp"], counts["connections"], counts["replies"]) == (7, 1, 1, 8)
    assert one.last()["127.53.100.1"]["udp"] == 1
    assert one.last()["127.53.100.2"]["udp"] == 0
    one.ask("www.a.test", "127.53.100.3")
    assert one.stop(signal.SIGINT) == 0
    assert one.last()["127.53.100.3"]["udp"] == 8  # told again at the end


def test_ipv6(lab):
    one = lab(faults="{}")
    assert one.ask("www.a.test", "::1").answer[0][0].to_text() == "192.0.2.1"
    assert one.counts()["::1"]["udp"] == 1


@pytest.mark.parametrize("fault, rcode", [("servfail", "SERVFAIL"), ("refused", "REFUSED"),
                                          ("formerr", "FORMERR"), ("notimp", "NOTIMP")])
def test_rcodes(lab, fault, rcode):
    one = lab(faults="{%s: true}" % fault)
    for tcp in (False, True):
        reply = one.ask("www.a.test", "127.53.100.3", tcp=tcp)
        assert dns.rcode.to_text(reply.rcode()) == rcode and not reply.answer
    assert one.counts()["127.53.100.3"]["faults"] == {fault: 2}


def test_lame(lab):
    reply = lab(faults="{lame: true}").ask("www.a.test", "127.53.100.3")
    assert reply.rcode() == 0 and not reply.flags & dns.flags.AA
    assert not reply.answer and not reply.authority


def test_referrals(lab):
    for word, owner, host in (("up", ".", "a.root."), ("self", "a.test.", "ns.a.test."),
                              ("aside", "elsewhere.invalid.", "ns.elsewhere.invalid.")):
        reply = lab(faults="{referral_%s: true}" % word).ask("www.a.test", "127.53.100.3")
        assert reply.authority[0].name.to_text() == owner
        assert reply.authority[0][0].target.to_text() == host


def test_silent_and_lost(lab):
    for word in ("silent", "loss"):
        one = lab(faults="{%s: true}" % word)
        with pytest.raises(dns.exception.Timeout):
            one.ask("www.a.test", "127.53.100.3", timeout=0.3)
        if word == "loss":  # datagrams alone are lost
            assert one.ask("www.a.test", "127.53.100.3", tcp=True).answer
        else:
            with pytest.raises(dns.exception.Timeout):
                one.ask("www.a.test", "127.53.100.3", tcp=True, timeout=0.3)
        assert one.ask("www.a.test", "127.53.100.1").authority


def test_wrong_replies(lab):
    query = dns.message.make_query("wWw.a.TEST", "A", flags=0)
    for word in ("wrong_id", "wrong_question", "fold_case", "wrong_source"):
        one = lab(faults="{%s: true}" % word)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(5)
            client.sendto(query.to_wire(), ("127.53.100.3", one.port))
            wire, source = client.recvfrom(4096)
        reply = dns.message.from_wire(wire)
        asked = reply.question[0].name.to_text()
        assert (reply.id != query.id) == (word == "wrong_id")
        assert (source != ("127.53.100.3", one.port)) == (word == "wrong_source")
        assert asked == {"wrong_question": "vWw.a.TEST.", "fold_case": "www.a.test."}.get(
            word, "wWw.a.TEST.")


def test_spoof(lab):
    one = lab(faults="{spoof: true, delay: 20ms}")
    query = dns.message.make_query("www.a.test", "A", flags=0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.connect(("127.53.100.3", one.port))
        client.send(query.to_wire())
        forged, true = (dns.message.from_wire(client.recv(4096)) for _ in range(2))
    assert forged.id != query.id and forged.answer[0][0].to_text() == "203.0.113.66"
    assert true.id == query.id and true.answer[0][0].to_text() == "192.0.2.1"


def test_edns(lab):
    one = lab(faults="{edns_formerr: true}")
    reply = one.ask("www.a.test", "127.53.100.3", use_edns=0)
    assert reply.rcode() == dns.rcode.FORMERR and reply.edns == -1
    assert one.ask("www.a.test", "127.53.100.3").answer
    one = lab(faults="{edns_ignore: true}")
    reply = one.ask("www.a.test", "127.53.100.3", use_edns=0)
    assert reply.answer and reply.edns == -1
    one = lab(faults="{edns_drop: true}")
    with pytest.raises(dns.exception.Timeout):
        one.ask("www.a.test", "127.53.100.3", use_edns=0, timeout=0.3)
    assert one.ask("www.a.test", "127.53.100.3").answer


def test_delay(lab):
    one = lab(faults="{delay: 150ms, jitter: 50ms}")
    for tcp in (False, True):
        began = time.monotonic()
        assert one.ask("www.a.test", "127.53.100.3", tcp=tcp).answer
        assert time.monotonic() - began >= 0.15
    began = time.monotonic()
    one.ask("www.a.test", "127.53.100.1")
    assert time.monotonic() - began < 5


def ask_in_order(one, count):
    """Which of `count` queries were answered and how, in the order in which they were asked."""
    seen = ""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("127.53.100.3", one.port))
        client.settimeout(5)
        for number in range(count):
            client.send(dns.message.make_query("www.a.test", "A", flags=0, id=number).to_wire())
        wait_for(lambda: one.counts()["127.53.100.3"]["udp"] == count)
        replies = {}
        client.setblocking(False)
        while True:
            try:
                reply = dns.message.from_wire(client.recv(4096))
            except BlockingIOError:
                break
            replies[reply.id] = str(reply.rcode())
    for number in range(count):
        seen += replies.get(number, "-")
    return seen


def test_deterministic_by_seed(lab):
    faults = "{loss: 30%, servfail: 30%, refused: 10%}"
    first = ask_in_order(lab(faults=faults), 100)
    assert set(first) == set("-025")
    assert first == ask_in_order(lab(faults=faults), 100)
    assert first == ask_in_order(lab("--seed", "1", faults=faults), 100)
    assert first != ask_in_order(lab("--seed", "2", faults=faults), 100)


def test_bad_description(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text('zones:\n  ".": {servers: {a.root: 127.53.0.1}}\n  a: {sevrers: 1}\n')
    done = subprocess.run([ONYM, "lab", str(path)], capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == 2 and done.stdout == ""
    assert f"{path}:3:7: error: a zone has no key 'sevrers'" in done.stderr
    assert "|       ^^^^^^^\n" in done.stderr
    assert "did you mean 'servers'?" in done.stderr


def test_print_config():
    done = subprocess.run([ONYM, "lab", "--print-config", str(EXAMPLES / "bench.yaml")],
                          capture_output=True, text=True, timeout=60, check=True)
    assert '"a.root-servers.net.": ["127.53.0.1"]' in done.stdout
    assert "\n  port: 5380" in done.stdout


def test_many_zones(lab):
    big = lab(EXAMPLES / "bench.yaml")
    assert big.ready["zones"] == 1002 and big.ready["records"] > 100000
    for number in (0, 500, 999):
        servers = f"127.53.16.{number % 32}"
        for _ in range(20):  # 2 % are lost
            try:
                reply = big.ask(f"host99.z{number}.test", servers, timeout=1)
                break
            except dns.exception.Timeout:
                continue
        assert reply.answer[0][0].to_text() == f"10.{(number * 100 + 99) >> 16}." \
            f"{(number * 100 + 99) >> 8 & 255}.{(number * 100 + 99) & 255}"


def test_too_many_connections(lab):
    """At the limit the longest idle connection makes room; nobody is turned away."""
    one = lab(faults="{}")
    first = socket.create_connection(("127.53.100.3", one.port), timeout=20)
    rest = [socket.create_connection(("127.53.100.3", one.port), timeout=20) for _ in range(1024)]
    try:
        assert first.recv(1) == b""
        query = dns.message.make_query("www.a.test", "A", flags=0)
        dns.query.send_tcp(rest[-1], query)
        reply, _ = dns.query.receive_tcp(rest[-1], time.time() + 10)
        assert reply.answer
    finally:
        for connection in (first, *rest):
            connection.close()


# --- another resolver ----------------------------------------------------------------------------

UNBOUND = """\
server:
  interface: 127.0.0.1@{port}
  do-daemonize: no
  use-syslog: no
  logfile: ""
  chroot: ""
  username: ""
  pidfile: ""
  directory: "{folder}"
  root-hints: "{folder}/hints"
  do-not-query-localhost: no
  do-ip6: no
  module-config: "iterator"
  local-zone: "test." nodefault
  local-zone: "example." nodefault
  num-threads: 1
remote-control:
  control-enable: no
"""


def can_bind(host, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.bind((host, port))
        except OSError as problem:
            return problem.strerror
    return None


def test_unbound_walks_it(lab, tmp_path):
    unbound = shutil.which("unbound") or shutil.which("/usr/sbin/unbound")
    if not unbound:
        pytest.skip("no unbound: package unbound")
    problem = can_bind("127.53.0.1", 53)
    if problem:
        pytest.skip(f"Unbound looks for servers at port 53 only: {problem}")
    little = lab(port=53)
    port = free_port()
    folder = pathlib.Path(tmp_path)
    (folder / "hints").write_text(". 3600 NS a.root-servers.net.\n"
                                  "a.root-servers.net. 3600 A 127.53.0.1\n")
    (folder / "unbound.conf").write_text(UNBOUND.format(port=port, folder=folder))
    with open(folder / "unbound.log", "wb") as log:
        process = subprocess.Popen([unbound, "-c", str(folder / "unbound.conf")], stdout=log,
                                   stderr=log, stdin=subprocess.DEVNULL)
    try:
        def address(name):
            reply = dns.query.udp(dns.message.make_query(name, "A"), "127.0.0.1", port=port,
                                  timeout=20)
            return reply.answer[-1][0].to_text() if reply.answer else reply.rcode()

        def is_there():
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as one:
                return one.connect_ex(("127.0.0.1", port)) == 0

        wait_for(is_there, 20, (folder / "unbound.log").read_text)
        assert address("www.home.test") == "192.0.2.1"
        assert address("shop.home.test") == "192.0.2.2"
        assert address("www.glueless.test") == "192.0.2.3"
        assert address("www.large.test") == "192.0.2.5"
        assert address("www.slow.example") == "192.0.2.4"
        assert address("nobody.home.test") == dns.rcode.NXDOMAIN
    finally:
        process.terminate()
        process.wait(STOP_S)
    assert little.counts()["127.53.2.6"]["tcp"] >= 1

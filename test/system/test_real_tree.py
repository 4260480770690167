"""The tree as it is outside: other people's servers on port 53, each on a machine of its own.

    resolver  10.53.0.1   onym, with hints that lead to
    root      10.53.0.2   NSD: "."
    tld       10.53.0.3   Knot DNS: test.
    leaf      10.53.0.4   BIND: leaf.test. glueless.test. other.

A machine is a network namespace with a cable (veth) to a bridge, which stands in one more. All are
made here and taken away again; that takes root, and where it is not permitted the tests are
skipped.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import time

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from conftest import wait_for

RESOLVER, ROOT, TLD, LEAF = (f"10.53.0.{last}" for last in (1, 2, 3, 4))
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)

SOA = "$TTL 3600\n@ SOA ns hostmaster 1 7200 3600 1209600 60\n"
BIG = " ".join('"' + letter * 250 + '"' for letter in "abcdefghij")
ZONES = {
    ROOT: {".": f"""\
$TTL 3600
. SOA a.root. hostmaster.root. 1 7200 3600 1209600 60
. NS a.root.
a.root. A {ROOT}
test. NS ns.nic.test.
ns.nic.test. A {TLD}
other. NS ns.other.
ns.other. A {LEAF}
"""},
    TLD: {"test": SOA.replace("SOA ns", "SOA ns.nic") + f"""\
@ NS ns.nic
ns.nic A {TLD}
leaf NS ns.leaf
ns.leaf A {LEAF}
glueless NS ns.other.
"""},
    LEAF: {
        "leaf.test": SOA + f"@ NS ns\nns A {LEAF}\nwww A 192.0.2.1\nalias CNAME www.other.\n"
                           f"big TXT {BIG}\n*.wild A 192.0.2.5\n",
        "glueless.test": SOA.replace("SOA ns", "SOA ns.other.") + "@ NS ns.other.\n"
                                                                   "www A 192.0.2.2\n",
        "other": SOA + f"@ NS ns\nns A {LEAF}\nwww A 192.0.2.3\n",
    },
}


def write_nsd(folder, zones):
    path = folder / "nsd.conf"
    path.write_text(f"""\
server:
  ip-address: {ROOT}
  server-count: 1
  username: ""
  database: ""
  zonesdir: "{folder}"
  pidfile: "{folder}/nsd.pid"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}"
remote-control:
  control-enable: no
""" + "".join(f'zone:\n  name: "{name}"\n  zonefile: "{file}"\n' for name, file in zones))
    return ["nsd", "-d", "-c", str(path)]


def write_knot(folder, zones):
    path = folder / "knot.conf"
    path.write_text(f"""\
server:
    rundir: "{folder}"
    listen: "{TLD}@53"
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: warning
database:
    storage: "{folder}/db"
template:
  - id: default
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
zone:
""" + "".join(f'  - domain: "{name}"\n    file: "{file}"\n' for name, file in zones))
    return ["knotd", "-c", str(path)]


def write_bind(folder, zones):
    path = folder / "named.conf"
    path.write_text(f"""\
options {{
  directory "{folder}";
  listen-on {{ {LEAF}; }};
  listen-on-v6 {{ none; }};
  pid-file none;
  lock-file none;
  session-keyfile "{folder}/session.key";
  recursion no;
  notify no;
  dnssec-validation no;
  empty-zones-enable no;
  max-udp-size 1232;
}};
controls {{ }};
""" + "".join(f'zone "{name}" {{ type primary; file "{file}"; }};\n' for name, file in zones))
    return ["named", "-g", "-n", "1", "-c", str(path)]


WRITERS = {ROOT: write_nsd, TLD: write_knot, LEAF: write_bind}


def ip(*words):
    return subprocess.run(["ip", *words], capture_output=True, text=True, timeout=30, check=False)


def ip_or_skip(*words):
    done = ip(*words)
    if done.returncode:
        pytest.skip(f"no network namespaces here: ip {' '.join(words)}: {done.stderr.strip()}")


class Machines:
    """The bridge, and a namespace for each address."""

    def __init__(self):
        self.made = []
        self.bridge = self.make("bridge")

    def make(self, word):
        name = f"onym-{os.getpid()}-{word}"
        ip_or_skip("netns", "add", name)
        self.made.append(name)
        ip_or_skip("-n", name, "link", "set", "lo", "up")
        return name

    def build(self):
        ip_or_skip("-n", self.bridge, "link", "add", "bridge", "type", "bridge")
        ip_or_skip("-n", self.bridge, "link", "set", "bridge", "up")
        for address in (RESOLVER, ROOT, TLD, LEAF):
            self.connect(self.make(address.rpartition(".")[2]), address)

    def connect(self, name, address):
        port = f"port{address.rpartition('.')[2]}"
        ip_or_skip("-n", name, "link", "add", "cable", "type", "veth", "peer", "name", port,
                   "netns", self.bridge)
        ip_or_skip("-n", self.bridge, "link", "set", port, "master", "bridge", "up")
        ip_or_skip("-n", name, "address", "add", f"{address}/24", "dev", "cable")
        ip_or_skip("-n", name, "link", "set", "cable", "up")

    def of(self, address):
        return f"onym-{os.getpid()}-{address.rpartition('.')[2]}"

    def wrap(self, address):
        return ("ip", "netns", "exec", self.of(address))

    @contextlib.contextmanager
    def inside(self, address):
        """Sockets that this thread makes here are that machine's."""
        with open("/proc/thread-self/ns/net", "rb") as home, \
                open(f"/run/netns/{self.of(address)}", "rb") as there:
            assert libc.setns(there.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
            try:
                yield
            finally:
                assert libc.setns(home.fileno(), CLONE_NEWNET) == 0

    def ask(self, server, name, rdtype="A", tcp=False, timeout=5.0, **options):
        """As a client on the resolver's machine."""
        query = dns.message.make_query(name, rdtype, **options)
        with self.inside(RESOLVER):
            return (dns.query.tcp if tcp else dns.query.udp)(query, server, timeout=timeout)

    def remove(self):
        for name in reversed(self.made):
            ip("netns", "del", name)


def is_up(machines, server):
    try:
        name = next(iter(ZONES[server]))
        return bool(machines.ask(server, name, "SOA", timeout=1, flags=0).answer)
    except (dns.exception.DNSException, OSError):
        return False


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("needs root: network namespaces and port 53")
    for program in ("ip", "nsd", "knotd", "named"):
        if not shutil.which(program):
            pytest.skip(f"no {program}")
    folder = tmp_path_factory.mktemp("tree")
    made, running = Machines(), []
    try:
        made.build()
        for server, zones in ZONES.items():
            own = folder / server
            own.mkdir()
            files = []
            for number, (name, text) in enumerate(zones.items()):
                file = own / f"{number}.zone"
                file.write_text(text)
                files.append((name, file))
            with open(own / "log", "wb") as log:
                running.append(subprocess.Popen(
                    [*made.wrap(server), *WRITERS[server](own, files)], stdout=log, stderr=log,
                    stdin=subprocess.DEVNULL, start_new_session=True))
            wait_for(lambda at=server: is_up(made, at), 30, f"{server}: {own / 'log'}")
        yield made
    finally:
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        made.remove()


class Resolver:
    """onym on its machine."""

    def __init__(self, machines, daemon):
        self.machines, self.daemon = machines, daemon
        daemon.start(wrap=machines.wrap(RESOLVER))

    def ask(self, name, rdtype="A", **options):
        return self.machines.ask(RESOLVER, name, rdtype, **options)

    def asked(self, name, rdtype="A", **options):
        """The RCODE in words, and the data of the answer section."""
        reply = self.ask(name, rdtype, **options)
        return (dns.rcode.to_text(reply.rcode()),
                [data.to_text().lower() for rrset in reply.answer for data in rrset])

    def trace(self, name, rdtype="A"):
        """(server, transport) of each ask of the running server's walk."""
        steps = self.daemon.ctl("trace", name=name, type=rdtype)["steps"]
        return [(step["address"], step["transport"]) for step in steps if step["step"] == "ask"]


@pytest.fixture
def resolver(machines, onym):
    return Resolver(machines, onym(
        zones={}, listen=f"[{{addr: {RESOLVER}, port: 53}}]", workers=1,
        extra=f"resolve: {{hints: {{a.root: {ROOT}}}, special_names: false, quiet: true, "
              f"budget: {{time: 4s}}}}\ncache: {{size: 8MiB, keep: false}}\n"))


def test_walk(resolver):
    assert resolver.trace("www.leaf.test") == [(f"{server}:53", "udp")
                                               for server in (ROOT, TLD, LEAF)]
    assert resolver.asked("www.leaf.test") == ("NOERROR", ["192.0.2.1"])
    assert resolver.trace("www.leaf.test") == []
    assert resolver.asked("any.wild.leaf.test") == ("NOERROR", ["192.0.2.5"])
    reply = resolver.ask("www.leaf.test")
    assert reply.flags & dns.flags.RA and not reply.flags & dns.flags.AA


def test_denials(resolver):
    for name, rdtype, rcode in (("no.leaf.test", "A", "NXDOMAIN"),  # BIND says so
                                ("no.test", "A", "NXDOMAIN"),       # Knot DNS
                                ("no-such-tld", "A", "NXDOMAIN"),   # NSD
                                ("www.leaf.test", "AAAA", "NOERROR")):
        reply = resolver.ask(name, rdtype)
        assert dns.rcode.to_text(reply.rcode()) == rcode and not reply.answer
        assert reply.authority[0].rdtype == dns.rdatatype.SOA
        assert resolver.trace(name, rdtype) == []


def test_alias_across(resolver):
    for _ in range(3):  # walked, then known
        assert resolver.asked("alias.leaf.test") == ("NOERROR", ["www.other.", "192.0.2.3"])


def test_large_answer_over_tcp(resolver):
    asks = resolver.trace("big.leaf.test", "TXT")
    assert asks[-2:] == [(f"{LEAF}:53", "udp"), (f"{LEAF}:53", "tcp")]
    reply = resolver.ask("big.leaf.test", "TXT", use_edns=0, payload=1232)
    assert reply.flags & dns.flags.TC
    reply = resolver.ask("big.leaf.test", "TXT", tcp=True)
    assert sum(map(len, reply.answer[0][0].strings)) == 2500


def test_glueless(resolver):
    asks = resolver.trace("www.glueless.test")
    assert [server for server, _ in asks].count(f"{TLD}:53") == 1
    assert asks[-1] == (f"{LEAF}:53", "udp")
    assert resolver.asked("www.glueless.test") == ("NOERROR", ["192.0.2.2"])


def comes_back(resolver, name, wanted):
    """Failures are remembered for some seconds, and a server that was dead is not asked at once."""
    wait_for(lambda: resolver.asked(name) == ("NOERROR", [wanted]), 60, f"{name} back")


def test_route_goes_and_comes_back(resolver, machines):
    assert resolver.asked("www.other") == ("NOERROR", ["192.0.2.3"])
    route = ("route", "add", "unreachable", f"{LEAF}/32")
    assert ip("-n", machines.of(RESOLVER), *route).returncode == 0
    try:
        began = time.monotonic()
        assert resolver.asked("www.leaf.test") == ("SERVFAIL", [])
        assert time.monotonic() - began < 2  # the kernel said so; nothing is waited for
        failure, = resolver.daemon.ctl("why", name="www.leaf.test")["failures"]
        assert LEAF in failure["text"] and "unreachable" in failure["text"]
        assert resolver.asked("www.other") == ("NOERROR", ["192.0.2.3"])  # known
        assert resolver.asked("no.test")[0] == "NXDOMAIN"  # the others are there
    finally:
        assert ip("-n", machines.of(RESOLVER), "route", "del", *route[2:]).returncode == 0
    comes_back(resolver, "www.leaf.test", "192.0.2.1")


def test_cable_is_pulled_and_put_back(resolver, machines):
    machine = machines.of(LEAF)
    assert ip("-n", machine, "link", "set", "cable", "down").returncode == 0
    try:
        began = time.monotonic()
        assert resolver.asked("www.leaf.test", timeout=10) == ("SERVFAIL", [])
        assert time.monotonic() - began < 6
        failure, = resolver.daemon.ctl("why", name="www.leaf.test")["failures"]
        assert LEAF in failure["text"]
    finally:
        assert ip("-n", machine, "link", "set", "cable", "up").returncode == 0
    comes_back(resolver, "www.leaf.test", "192.0.2.1")

"""Names that are not ours: `onym serve` as a resolver, in a world of two servers on loopback.

    resolver   127.0.0.1, a port of its own; its root hint and resolve.port lead into the world
    root       127.0.0.10: "." with the delegations
    leaf       127.0.0.11: lab. and other.
"""

import os
import socket
import time

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import pytest

from conftest import free_port, frame, read_frame, wait_for

ROOT_HOST, LEAF_HOST = "127.0.0.10", "127.0.0.11"

ROOT = """\
$TTL 3600
. SOA a.root. host. 1 7200 3600 1209600 300
. NS a.root.
a.root. A 127.0.0.10
lab. NS ns.lab.
ns.lab. A 127.0.0.11
other. NS ns.other.
ns.other. A 127.0.0.11
gone. NS ns.gone.
ns.gone. A 127.0.0.12
"""

LAB = """\
$TTL 3600
@ SOA ns host 1 7200 3600 1209600 300
@ NS ns
ns A 127.0.0.11
www A 192.0.2.1
www TXT "a text"
short 1 A 192.0.2.2
alias CNAME www.other.
loop CNAME loop.other.
*.many A 192.0.2.3
big TXT {0} {0} {0} {0} {0} {0} {0} {0} {0} {0}
""".format('"' + "x" * 250 + '"')

OTHER = """\
$TTL 3600
@ SOA ns host 1 7200 3600 1209600 300
@ NS ns
ns A 127.0.0.11
www A 192.0.2.10
loop CNAME loop.lab.
"""


class World:
    def __init__(self, onym):
        self.onym = onym
        self.port = free_port(ROOT_HOST)
        self.root = self.server(ROOT_HOST, {".": ROOT}).start()
        self.leaf = self.server(LEAF_HOST, {"lab": LAB, "other": OTHER}).start()

    def server(self, host, zones):
        return self.onym(zones=zones, port=self.port, workers=1,
                         listen=f"[{{addr: {host}, port: {self.port}}}]")

    def hints(self, more=""):
        return (f"resolve: {{port: {self.port}, hints: {{a.root: {ROOT_HOST}}}, never_ask: [], "
                f"budget: {{time: 3s}}{more}}}\n")

    def resolver(self, extra="", more="", hosts="hosts: {files: []}\n", zones=None, workers=2):
        """`more` goes into `resolve`, `extra` to the end of the configuration."""
        return self.onym(zones=zones or {}, workers=workers,
                         extra=self.hints(more) + hosts + "cache: {size: 8MiB}\n" + extra)


@pytest.fixture
def world(onym):
    return World(onym)


def codes(reply):
    """The extended errors of a reply: code, text."""
    return [(int(option.code), option.text) for option in reply.options
            if option.otype == dns.edns.OptionType.EDE]


def asked(daemon, name, rdtype="A", **options):
    """RCODE in words, and the rdata of the answer section."""
    reply = daemon.ask(name, rdtype, use_edns=0, **options)
    records = sorted(rdata.to_text() for rrset in reply.answer for rdata in rrset)
    return dns.rcode.to_text(reply.rcode()), records


def test_answers(world):
    daemon = world.resolver().start()
    assert ("  resolve    recursive (root hints: configuration), no DNSSEC validation yet   "
            "cache 8MiB   for") in daemon.log()
    assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])
    reply = daemon.ask("www.lab")
    assert reply.flags & dns.flags.RA and not reply.flags & (dns.flags.AA | dns.flags.AD)
    assert asked(daemon, "no.lab") == ("NXDOMAIN", [])
    assert daemon.ask("no.lab").authority[0].rdtype == dns.rdatatype.SOA
    assert asked(daemon, "www.lab", "MX") == ("NOERROR", [])
    assert asked(daemon, "no-such-tld") == ("NXDOMAIN", [])
    # An alias into a zone that has been asked for nothing yet.
    assert asked(daemon, "alias.lab") == ("NOERROR", ["192.0.2.10", "www.other."])
    rcode, _ = asked(daemon, "loop.lab")
    assert rcode == "SERVFAIL"
    # The server's UDP reply is cut short: it is asked over TCP; and so is ours.
    assert daemon.ask("big.lab", "TXT").flags & dns.flags.TC
    rcode, texts = asked(daemon, "big.lab", "TXT", tcp=True)
    assert rcode == "NOERROR" and len(texts) == 1 and len(texts[0]) > 2500


def test_who_may_ask(world):
    daemon = world.resolver(extra="access: {recurse: [127.0.0.1]}\n",
                            zones={"mine.example": LAB}).start()
    assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])
    reply = daemon.ask("www.lab", use_edns=0, source="127.0.0.2")
    assert reply.rcode() == dns.rcode.REFUSED and codes(reply)[0][0] == 18
    # Our own zones are for everybody.
    assert daemon.ask("www.mine.example", source="127.0.0.2").answer


def test_recursion_not_desired(world):
    daemon = world.resolver().start()
    assert asked(daemon, "www.lab", flags=0)[0] == "REFUSED"
    assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])
    assert asked(daemon, "www.lab", flags=0) == ("NOERROR", ["192.0.2.1"])
    reply = daemon.ask("txt.www.lab", flags=0)  # what is known of it: a referral
    assert reply.rcode() == dns.rcode.NOERROR and not reply.answer and reply.authority


def test_hosts(world, tmp_path):
    file = tmp_path / "hosts"
    file.write_text("192.168.1.9 printer.lab printer # it prints\nnonsense\n\n")
    daemon = world.resolver(hosts=f"hosts: {{files: [{file}], names: "
                                  '{"nas.home.arpa": [192.168.1.5, "fd00::5"]}}\n').start()
    assert asked(daemon, "nas.home.arpa") == ("NOERROR", ["192.168.1.5"])
    assert asked(daemon, "nas.home.arpa", "AAAA") == ("NOERROR", ["fd00::5"])
    assert asked(daemon, "5.1.168.192.in-addr.arpa", "PTR") == ("NOERROR", ["nas.home.arpa."])
    assert asked(daemon, "printer.lab") == ("NOERROR", ["192.168.1.9"])
    assert asked(daemon, "printer") == ("NOERROR", ["192.168.1.9"])
    assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])
    assert f"{file}:2: no address with names; passed over" in daemon.log()

    # An editor's rename, and a file written in place: each counts without a reload.
    fresh = tmp_path / "hosts.new"
    fresh.write_text("192.168.1.10 printer.lab\n")
    os.replace(fresh, file)
    wait_for(lambda: asked(daemon, "printer.lab") == ("NOERROR", ["192.168.1.10"]), what="rename")
    with open(file, "a", encoding="ascii") as appended:
        appended.write("192.168.1.11 scanner.lab\n")
    wait_for(lambda: asked(daemon, "scanner.lab") == ("NOERROR", ["192.168.1.11"]), what="append")
    assert daemon.log().count("hosts files have changed, and were read") == 2
    assert asked(daemon, "nas.home.arpa") == ("NOERROR", ["192.168.1.5"])
    file.unlink()
    wait_for(lambda: asked(daemon, "scanner.lab")[0] == "NXDOMAIN", what="unlink")


def test_special_names(world):
    daemon = world.resolver().start()
    assert asked(daemon, "localhost") == ("NOERROR", ["127.0.0.1"])
    assert asked(daemon, "a.localhost", "AAAA") == ("NOERROR", ["::1"])
    assert asked(daemon, "www.invalid")[0] == "NXDOMAIN"
    assert asked(daemon, "1.0.0.127.in-addr.arpa", "PTR") == ("NOERROR", ["localhost."])


def test_forward_and_stub(world):
    """One resolver asks another one; a stub zone asks the leaf past the root."""
    first = world.resolver().start()
    second = world.onym(zones={}, extra=(
        f"resolve: {{default: none, port: {world.port}, zones: {{"
        f"lab: {{forward: \"127.0.0.1:{first.port}\"}}, other: {{ask: {LEAF_HOST}}}}}}}\n"
        "cache: {size: 8MiB}\nhosts: {files: []}\n")).start()
    assert "  resolve    none, 2 zones by others, no DNSSEC" in second.log()
    assert asked(second, "www.lab") == ("NOERROR", ["192.0.2.1"])
    assert asked(second, "www.other") == ("NOERROR", ["192.0.2.10"])
    assert asked(second, "www.lab.third")[0] == "REFUSED"
    third = world.onym(zones={}, extra=(
        f"resolve: {{default: {{forward: [\"127.0.0.1:{first.port}\"]}}}}\n"
        "cache: {size: 8MiB}\nhosts: {files: []}\n")).start()
    assert f"  resolve    forwards to 127.0.0.1:{first.port}, no DNSSEC" in third.log()
    assert asked(third, "alias.lab") == ("NOERROR", ["192.0.2.10", "www.other."])
    assert asked(third, "no.lab") == ("NXDOMAIN", [])


def test_reload(world):
    """New rules, access and times; a new size is said to need a start."""
    daemon = world.resolver().start()
    assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])
    text = daemon.path.read_text()
    daemon.path.write_text(text.replace("hosts: {files: []}", "hosts: {files: [], names: {www.lab: "
                                        "10.0.0.1}}").replace("8MiB", "9MiB, max_ttl: 5s"))
    assert daemon.run("ctl", "reload", "-c", str(daemon.path)).returncode == 0
    assert asked(daemon, "www.lab") == ("NOERROR", ["10.0.0.1"])
    reply = daemon.ask("www.other")
    assert reply.answer[0].ttl <= 5
    assert "a new 'cache.size' counts from the next start on" in daemon.log()
    daemon.path.write_text(text.replace("resolve: {", "resolve: {default: none, "))
    assert daemon.run("ctl", "reload", "-c", str(daemon.path)).returncode == 0
    assert asked(daemon, "www.lab")[0] == "REFUSED"
    daemon.path.write_text(text + "access: {recurse: [192.0.2.99]}\n")
    assert daemon.run("ctl", "reload", "-c", str(daemon.path)).returncode == 0
    assert asked(daemon, "www.lab")[0] == "REFUSED"
    daemon.path.write_text(text)
    assert daemon.run("ctl", "reload", "-c", str(daemon.path)).returncode == 0
    assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])


def test_turned_on_by_a_reload(world):
    """Who started without a resolver has no cache, says so, and goes on as before."""
    daemon = world.onym().start()
    text = daemon.path.read_text()
    daemon.path.write_text(text.replace("resolve: {default: none}\n", world.hints()))
    assert daemon.run("ctl", "reload", "-c", str(daemon.path)).returncode == 0
    assert "a new 'resolve.default' counts from the next start on" in daemon.log()
    assert asked(daemon, "www.lab")[0] == "REFUSED"
    assert daemon.address() == "192.0.2.2"


def test_nobody_answers(world):
    daemon = world.resolver().start()
    reply = daemon.ask("www.gone", use_edns=0)
    assert reply.rcode() == dns.rcode.SERVFAIL
    assert codes(reply) and codes(reply)[0][0] in (22, 23) and codes(reply)[0][1]
    again = time.monotonic()
    assert daemon.ask("www.gone", use_edns=0).rcode() == dns.rcode.SERVFAIL  # RFC 9520
    assert time.monotonic() - again < 1


def test_tcp(world):
    """Several questions on one connection; answers come in any order."""
    daemon = world.resolver().start()
    names = ["www.lab", "www.other", "alias.lab", "no.lab", "localhost", "big.lab", "a.many.lab"]
    with daemon.connect() as connection:
        queries = {}
        for name in names:
            query = dns.message.make_query(name, "TXT" if name == "big.lab" else "A")
            queries[query.id] = name
            connection.sendall(frame(query))
        replies = {}
        while len(replies) < len(names):
            reply = read_frame(connection)
            replies[queries[reply.id]] = reply
    assert replies["no.lab"].rcode() == dns.rcode.NXDOMAIN
    assert all(replies[name].answer for name in names if name != "no.lab")


def test_many_at_once(world):
    daemon = world.resolver().start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(10)
        waiting = {}
        for number in range(200):
            query = dns.message.make_query(f"n{number}.many.lab", "A")
            query.id = number
            waiting[number] = query
            client.sendto(query.to_wire(), ("127.0.0.1", daemon.port))
        while waiting:
            reply = dns.message.from_wire(client.recv(4096))
            assert reply.rcode() == dns.rcode.NOERROR and reply.answer
            assert waiting.pop(reply.id).is_response(reply)


def test_silent_zone_is_not_waited_for_by_all(world):
    """Random names of a zone whose server is silent: past some, they are told so at once."""
    daemon = world.resolver(workers=1).start()
    words = "too many questions wait for the servers of gone."
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as crowd:
        silent.bind(("127.0.0.12", world.port))
        for number in range(200):
            query = dns.message.make_query(f"r{number}.gone", "A")
            crowd.sendto(query.to_wire(), ("127.0.0.1", daemon.port))
        wait_for(lambda: daemon.ctl("stats")["recursion"]["timeouts"] >= 400, what="time-outs")
        began = time.monotonic()
        replies = [daemon.ask(f"late{number}.gone", use_edns=0) for number in range(20)]
        assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])
        assert time.monotonic() - began < 2
        for reply in replies:
            [(code, text)] = codes(reply)
            assert reply.rcode() == dns.rcode.SERVFAIL and code == 22 and text.startswith(words)
    assert daemon.ctl("stats")["recursion"]["crowded"] == 20
    assert daemon.stop() == 0


def test_stale(world):
    """RFC 8767: the leaf is dead, and an answer past its time is better than none."""
    daemon = world.resolver().start()
    assert asked(daemon, "short.lab") == ("NOERROR", ["192.0.2.2"])
    world.leaf.kill()
    time.sleep(2.1)
    reply = daemon.ask("short.lab", use_edns=0)
    assert reply.rcode() == dns.rcode.NOERROR and reply.answer[0].ttl <= 30
    assert 3 in [code for code, _ in codes(reply)]
    assert asked(daemon, "www.lab")[0] == "SERVFAIL"  # of which nothing is known


def test_kept(world):
    """What was known before a stop is known after it, with nobody to ask."""
    daemon = world.resolver().start()
    assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])
    assert daemon.stop() == 0
    assert (daemon.state / "cache").stat().st_mode & 0o777 == 0o600
    world.leaf.kill()
    daemon.start()
    wait_for(lambda: "entries of the last run" in daemon.log(), what="the cache")
    assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])
    assert daemon.stop() == 0
    (daemon.state / "cache").write_bytes(b"no snapshot at all" * 100)
    daemon.start()
    wait_for(lambda: "it begins empty" in daemon.log(), what="a word about the file")
    assert asked(daemon, "www.lab")[0] == "SERVFAIL"
    text = daemon.path.read_text()
    daemon.path.write_text(text.replace("8MiB", "8MiB, keep: false"))
    assert daemon.run("ctl", "reload", "-c", str(daemon.path)).returncode == 0
    before = daemon.log().count("entries kept")
    assert daemon.stop() == 0
    assert daemon.log().count("entries kept") == before

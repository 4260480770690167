"""What the server can say of its own doings: traces, failures, its cache, its counters.

The internet is an `onym lab` (test_lab.py), in which both servers of dumb.test are silent.
"""

import json
import re
import socket
import time
import xml.etree.ElementTree

import dns.flags
import pytest

from conftest import HOST, wait_for
from test_lab import lab  # noqa: F401  (a fixture)

WORLD = """\
seed: 1
zones:
  ".": {servers: {a.root: 127.53.101.1}}
  test: {servers: {ns.test: 127.53.101.2}}
  a.test: {servers: {ns.a.test: 127.53.101.3}, records: [www A 192.0.2.1, shop CNAME www.b.test.]}
  b.test: {servers: {ns.b.test: 127.53.101.4}, records: [www A 192.0.2.2]}
  dumb.test:
    servers: {ns1.dumb.test: 127.53.101.5, ns2.dumb.test: 127.53.101.6}
    records: [www A 192.0.2.3]
faults:
  127.53.101.5: {silent: true}
  127.53.101.6: {silent: true}
"""
RESOLVE = """\
resolve:
  port: %d
  hints: {a.root: [127.53.101.1]}
  never_ask: []
  special_names: false
  quiet: true
  budget: {time: 2s}
cache: {size: 8MiB}
"""
SILENT = ("127.53.101.5", "127.53.101.6")


@pytest.fixture
def world(lab, onym, tmp_path):  # noqa: F811
    """A daemon that resolves in the lab."""
    path = tmp_path / "lab.yaml"
    path.write_text(WORLD)
    little = lab(path)
    daemon = onym(zones={}, extra=RESOLVE % little.port)
    daemon.lab = little
    return daemon.start()


@pytest.fixture
def closed(onym):
    """A daemon that resolves nothing."""
    return onym().start()


def run(daemon, *words, code=0):
    """What a command prints about this daemon."""
    done = daemon.run(*words, "-c", str(daemon.path))
    assert done.returncode == code, (words, done)
    return done.stdout


def read(daemon, *words, code=0):
    """The same with --json."""
    text = run(daemon, *words, "--json", code=code)
    assert text.endswith("}\n") and text.count("\n") == 1
    read_back = json.loads(text)
    assert read_back["v"] == 1
    return read_back


def packets(daemon):
    return daemon.lab.counts()["all"]["udp"]


# --- trace ---------------------------------------------------------------------------------------

def test_trace(world):
    text = run(world, "trace", "shop.a.test")
    assert text.startswith("shop.a.test. A\n  zone .  hints\n")
    for line in (r"  +test\. A  a\.root\. 127\.53\.101\.1:\d+  [\d.]+ ms  \S+ referral to test\.",
                 r"  +shop\.a\.test\. A  ns\.a\.test\. 127\.53\.101\.3:\d+  .* an alias",
                 r"  goes on with www\.b\.test\.",
                 r"NOERROR  5 packets, [\d.]+ ms",
                 r"  shop\.a\.test\. \d+ CNAME www\.b\.test\.",
                 r"  www\.b\.test\. \d+ A 192\.0\.2\.2"):
        assert re.search(f"^{line}$", text, re.M | re.I), (line, text)
    assert packets(world) == 5  # the running server was not asked, and asked nobody
    assert read(world, "cache", "dump")["entries"] == []


def test_trace_as_json(world):
    walk = read(world, "trace", "shop.a.test", "A")
    assert (walk["name"], walk["type"], walk["rcode"]) == ("shop.a.test.", "A", "NOERROR")
    assert [record["type"] for record in walk["answer"]] == ["CNAME", "A"]
    assert walk["answer"][-1]["data"] == "192.0.2.2"
    asks = [step for step in walk["steps"] if step["step"] == "ask"]
    assert walk["packets"] == len(asks) == 5
    assert {step["address"].rpartition(":")[0] for step in asks} == {
        f"127.53.101.{last}" for last in (1, 2, 3, 4)}
    times = [step["at_ms"] for step in walk["steps"]]
    assert times == sorted(times) and walk["ms"] == times[-1]


def test_trace_as_a_picture(world):
    for words in (["www.a.test"], ["www.a.test", "--server"]):
        picture = xml.etree.ElementTree.fromstring(run(world, "trace", *words, "--svg"))
        assert picture.tag == "{http://www.w3.org/2000/svg}svg"
        texts = " ".join(picture.itertext())
        assert "192.0.2.1" in texts or "127.53.101.3" in texts


@pytest.mark.parametrize("where", [(), ("--server",)])
def test_trace_exit_codes(world, where):
    run(world, "trace", "www.a.test", *where)
    run(world, "trace", "www.a.test", "MX", *where)  # NODATA is no failure
    run(world, "trace", "no.a.test", *where, code=10)
    assert read(world, "trace", "no.a.test", *where, code=10)["rcode"] == "NXDOMAIN"
    walk = read(world, "trace", "www.dumb.test", *where, code=11)
    assert walk["ede"]["code"] == 22 and SILENT[0] in walk["ede"]["text"]
    assert any(step["step"] == "timeout" for step in walk["steps"])
    run(world, "trace", "a..test", *where, code=2)
    run(world, "trace", "www.a.test", "NOSUCH", *where, code=2)


def test_trace_of_the_server(world):
    first = read(world, "trace", "www.a.test", "--server")
    assert first["ok"] and first["packets"] == 3
    again = read(world, "trace", "WWW.a.test", "--server")
    assert again["packets"] == 0
    assert [step["step"] for step in again["steps"]] == ["question", "known"]
    assert [record["data"] for record in again["answer"]] == ["192.0.2.1"]
    assert "\n  known: www.a.test. A\nNOERROR  0 packets" in run(world, "trace", "www.a.test",
                                                                  "--server")
    # The walk of a client that came before is known too.
    assert world.address("www.b.test") == "192.0.2.2"
    assert read(world, "trace", "www.b.test", "--server")["packets"] == 0
    # Only the last two steps are left to walk.
    assert read(world, "trace", "no.b.test", "--server", code=10)["packets"] == 1


# --- why -----------------------------------------------------------------------------------------

def test_why(world):
    assert read(world, "why")["failures"] == []
    assert run(world, "why") == ""
    assert world.address("www.a.test") == "192.0.2.1"
    assert world.address("www.dumb.test") == "SERVFAIL"
    text = run(world, "why", "www.dumb.test")
    assert re.match(r"www\.dumb\.test\. A  \d s ago  No Reachable Authority\n  ", text)
    for server in SILENT:
        assert f"{server} timed out" in text
    assert "www.dumb.test. A " in run(world, "why")
    failure, = read(world, "why", "WWW.dumb.test")["failures"]
    assert (failure["name"], failure["type"], failure["ede"]) == ("www.dumb.test.", "A", 22)
    assert 0 <= failure["ago_s"] < 60
    assert read(world, "why", "www.a.test")["failures"] == []
    run(world, "why", "a..test", code=2)


# --- the cache -----------------------------------------------------------------------------------

def kinds(daemon, *words):
    """The entries' kinds and types."""
    entries = read(daemon, "cache", *words)["entries"]
    return sorted((entry["kind"], entry.get("type")) for entry in entries)


def test_cache(world):
    for flags in (dns.flags.RD, dns.flags.RD, 0):  # an alias that is known, too
        answer = world.ask("shop.a.test", flags=flags).answer
        assert answer[-1][0].to_text() == "192.0.2.2" and len(answer) == 2
    world.ask("no.a.test")
    world.ask("www.a.test", "MX")
    assert kinds(world, "show", "Shop.A.test") == [("rrset", "CNAME")]
    assert kinds(world, "show", "no.a.test") == [("nxdomain", None)]
    assert kinds(world, "show", "www.a.test") == [("nodata", "MX")]
    assert kinds(world, "show", "www.a.test", "A") == []
    assert kinds(world, "show", "a.test") == [("delegation", None)]
    assert kinds(world, "show", "never.asked.test") == []
    text = run(world, "cache", "show", "www.b.test")
    assert re.match(r"www\.b\.test\. \d+ IN A 192\.0\.2\.2  ; authoritative, unchecked\n$", text,
                    re.I)
    dump = read(world, "cache", "dump")
    assert dump["more"] == 0
    assert "192.0.2.2" in run(world, "cache", "dump")
    top = read(world, "cache", "top")["names"]
    assert top[0]["name"].lower() == "a.test." and top[0]["entries"] == 4
    assert re.search(r"^ +4 +\d+  a\.test\.$", run(world, "cache", "top"), re.M | re.I)
    stats = read(world, "cache", "stats")
    assert sum(stats["entries"].values()) == len(dump["entries"])
    assert stats["entries"]["nxdomain"] == 1 and stats["octets"] <= stats["octets_max"] <= 8 << 20
    assert re.search(r"^nxdomain +1$", run(world, "cache", "stats"), re.M)


def test_flush(world):
    for name in ("www.a.test", "www.b.test"):
        assert read(world, "trace", name, "--server")["packets"] > 0
    before = packets(world)
    assert run(world, "cache", "flush", "www.a.test") == "1 entries forgotten\n"
    assert read(world, "cache", "flush", "www.a.test")["flushed"] == 0
    assert world.address("www.a.test") == "192.0.2.1" and packets(world) == before + 1
    # With the delegation the walk is longer by one.
    assert read(world, "cache", "flush-tree", "a.test")["flushed"] == 2
    assert world.address("www.a.test") == "192.0.2.1" and packets(world) == before + 3
    assert world.address("www.b.test") == "192.0.2.2" and packets(world) == before + 3
    assert re.match(r"\d+ entries forgotten\n$", run(world, "cache", "flush-tree", "."))
    assert read(world, "cache", "dump")["entries"] == []


def test_large_dump(world):
    """Some megabytes, taken in pieces; other clients are served meanwhile."""
    for number in range(3000):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(b"\0\1\1\0\0\1\0\0\0\0\0\0\6n%05d\1a\4test\0\0\1\0\1" % number,
                          (HOST, world.port))
        if number % 100 == 99:
            time.sleep(0.02)
    wait_for(lambda: read(world, "cache", "stats")["entries"]["nxdomain"] > 1000)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as slow:
        slow.settimeout(30)
        slow.connect(str(world.control))
        slow.sendall(b'{"command":"cache","do":"dump"}\n')
        reply = slow.recv(100)
        assert world.ctl("status")["ok"]
        while chunk := slow.recv(65536):
            reply += chunk
    assert len(json.loads(reply)["entries"]) > 1000


# --- counters ------------------------------------------------------------------------------------

def metrics(daemon):
    text = run(daemon, "ctl", "stats", "--prometheus")
    return {name: float(value) for name, value in
            (line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")}


def test_metrics(world):
    for _ in range(3):
        assert world.address("www.a.test") == "192.0.2.1"
    assert world.address("www.dumb.test") == "SERVFAIL"
    counted = metrics(world)
    for name, value in {
            'onym_dns_responses_total{source="recursion",rcode="NOERROR"}': 1,
            'onym_dns_responses_total{source="cache",rcode="NOERROR"}': 2,
            'onym_dns_responses_total{source="recursion",rcode="SERVFAIL"}': 1,
            "onym_cache_hits_total": 2,
            "onym_cache_misses_total": 2,
            "onym_cache_served_stale_total": 0,
            "onym_cache_prefetch_total": 0,
            'onym_cache_entries{kind="failure"}': 1,
            "onym_recursion_inflight": 0,
            "onym_recursion_waiting": 0,
            'onym_dns_request_duration_seconds_count{source="cache"}': 2,
            'onym_dns_request_duration_seconds_count{source="recursion"}': 2,
            'onym_dns_request_duration_seconds_bucket{source="cache",le="+Inf"}': 2,
            "onym_recursion_shared_total": 0,
            "onym_worker_batch_queries_count": 4,
            'onym_recursion_questions_total{result="failed"}': 1}.items():
        assert counted[name] == value, name
    asked = counted['onym_upstream_asks_total{proto="udp"}']
    assert asked == packets(world)
    assert counted["onym_upstream_replies_total"] + counted[
        'onym_upstream_errors_total{reason="timeout"}'] <= asked
    assert counted['onym_upstream_errors_total{reason="timeout"}'] >= 2
    assert counted["onym_cache_bytes"] <= 8 << 20
    assert counted["onym_upstream_rtt_seconds_count"] == counted["onym_upstream_replies_total"]
    assert counted["onym_recursion_seconds_count"] >= 2
    assert counted["onym_recursion_seconds_sum"] >= 0.4  # for the dumb one
    assert counted["onym_worker_turns_total"] > 4
    stats = read(world, "ctl", "stats")
    assert stats["recursion"]["cache_hits"] == 2 and stats["recursion"]["asks_udp"] == asked
    assert stats["cache"]["entries"]["failure"] == 1
    assert re.search(r"^recursion\.cache_hits +2$", run(world, "ctl", "stats"), re.M)


# --- servers that cannot say ---------------------------------------------------------------------

@pytest.mark.parametrize("words", [
    ("trace", "www.a.test", "--server"), ("why",), ("why", "www.a.test"),
    ("cache", "show", "www.a.test"), ("cache", "dump"), ("cache", "top"), ("cache", "stats"),
    ("cache", "flush", "www.a.test"), ("cache", "flush-tree", "test")], ids=" ".join)
def test_server_that_does_not_resolve(closed, words):
    done = closed.run(*words, "-c", str(closed.path))
    assert done.returncode == 6 and done.stdout == ""
    assert "this server" in done.stderr and "resolve.default" in done.stderr
    reply = read(closed, *words, code=6)
    assert reply["exit"] == 6 and not reply["ok"] and reply["error"]
    counted = metrics(closed)
    assert counted["onym_recursion_inflight"] == 0 and "onym_cache_bytes" not in counted


def test_no_server(onym):
    daemon = onym()
    for words in (("trace", "a.test", "--server"), ("why",), ("cache", "stats")):
        assert daemon.run(*words, "-c", str(daemon.path)).returncode == 3


def test_stop_while_a_trace_waits(world):
    """Its client sees the end; nothing is left behind (the sanitizers look)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(30)
        client.connect(str(world.control))
        client.sendall(b'{"command":"trace","name":"www.dumb.test"}\n')
        wait_for(lambda: world.lab.counts()[SILENT[0]]["udp"] + world.lab.last()[SILENT[1]]["udp"])
        assert world.stop() == 0
        assert client.recv(100) == b""


OWN = """\
$TTL 300
@ SOA ns host 42 7200 3600 1209600 300
@ NS ns
ns A 192.0.2.1
www A 192.0.2.2
out CNAME www.b.test.
in CNAME www
below NS ns.elsewhere.test.
"""


def test_own_names_are_explained(world, onym):
    """Zones, hosts, special names and aliases of ours: nobody is asked what we have ourselves."""
    daemon = onym(zones={"own.example": OWN},
                  extra=(RESOLVE % world.lab.port).replace("  special_names: false\n", "")
                  + "hosts: {files: [], names: {nas.home.arpa: [192.168.1.5]}}\n").start()
    before = packets(world)
    whole = read(daemon, "trace", "www.own.example", "--server")
    assert whole["own"] == {"by": "zone", "zone": "own.example.", "serial": 42}
    assert whole["rcode"] == "NOERROR" and whole["packets"] == 0 and whole["steps"] == []
    assert [record["data"] for record in whole["answer"]] == ["192.0.2.2"]
    assert read(daemon, "trace", "no.own.example", "--server", code=10)["rcode"] == "NXDOMAIN"
    text = run(daemon, "trace", "in.own.example", "--server")
    assert "by the server's own zone own.example., serial 42: nobody is asked" in text
    assert "in.own.example. 300 CNAME www.own.example." in text and "192.0.2.2" in text
    local = read(daemon, "trace", "nas.home.arpa", "--server")
    assert local["own"] == {"by": "local"} and local["answer"][0]["data"] == "192.168.1.5"
    assert read(daemon, "trace", "localhost", "--server")["answer"][0]["data"] == "127.0.0.1"
    assert "a name that is local to the server" in run(daemon, "trace", "localhost", "--server")
    assert packets(world) == before
    # An alias of ours into the world: our part first, and then the walk.
    led = read(daemon, "trace", "out.own.example", "--server")
    assert led["before"]["own"]["zone"] == "own.example."
    assert led["before"]["answer"][0]["data"] == "www.b.test."
    assert led["name"] == "www.b.test." and led["packets"] > 0
    text = run(daemon, "trace", "out.own.example", "--server")
    assert text.index("out.own.example. 300 CNAME www.b.test.") < text.index("192.0.2.2")


def test_own_names_where_nothing_is_resolved(closed):
    assert read(closed, "trace", "www.example.test", "--server")["own"]["zone"] == "example.test."
    for name in ("www.elsewhere.test", "localhost"):  # refused to clients too
        reply = read(closed, "trace", name, "--server", code=6)
        assert not reply["ok"] and "does not resolve" in reply["error"]

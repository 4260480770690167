"""ALIAS records: addresses under a name of ours that somebody else's name has."""

import time

import dns.rcode
import pytest

from conftest import ZONE, wait_for
from world import World

TARGETS = """\
@ ALIAS pool.out.test.
*.w 20 ALIAS pool.out.test.
chain ALIAS c1
c1 30 CNAME pool.out.test.
in ALIAS www
gone ALIAS nothing.out.test.
slow ALIAS slow.out.test.
"""


class Out:
    """The zone out.test. of somebody else, which may change its mind, or say nothing."""

    def __init__(self):
        self.address, self.ttl, self.silent = "192.0.2.50", 5, False
        self.world = World(self.say, address="127.53.207.1")

    def say(self, name, rdtype):
        if self.silent or name == "slow.out.test.":
            return None
        if name == "pool.out.test." and rdtype == "A":
            return [f"{name} {self.ttl} IN A {self.address}"]
        if name == "pool.out.test.":
            return [f"{name} {self.ttl} IN AAAA 2001:db8::50"]
        return dns.rcode.NXDOMAIN


@pytest.fixture
def out():
    made = Out()
    yield made
    made.world.close()


def aliased(onym, out, stale="0s", more=""):
    return onym(zones={"example.test": ZONE + TARGETS}, extra=f"""\
resolve:
  default: {{forward: ["127.53.207.1:{out.world.port}"]}}
  special_names: false
  never_ask: []
cache: {{stale: {stale}}}
{more}""").start()


def said(daemon, name, rdtype="A"):
    reply = daemon.ask(name, rdtype, use_edns=0)
    if reply.rcode():
        return dns.rcode.to_text(reply.rcode())
    found = {record.to_text() for rrset in reply.answer for record in rrset}
    return found or "nothing"


def test_answers(onym, out):
    daemon = aliased(onym, out)
    wait_for(lambda: said(daemon, "example.test") == {"192.0.2.50"}, what="the apex")
    wait_for(lambda: said(daemon, "example.test", "AAAA") == {"2001:db8::50"}, what="its IPv6")
    assert said(daemon, "any.w.example.test") == {"192.0.2.50"}
    assert said(daemon, "chain.example.test") == {"192.0.2.50"}
    assert said(daemon, "in.example.test") == said(daemon, "www.example.test")
    wait_for(lambda: said(daemon, "gone.example.test") == "nothing", what="a negative answer")
    assert said(daemon, "slow.example.test") == "SERVFAIL"
    assert "SOA" in str(daemon.ask("example.test", "SOA").answer[0])
    reply = daemon.ask("example.test")
    assert reply.answer[0].name.to_text() == "example.test." and reply.answer[0].ttl <= 5
    text = daemon.run("ctl", "aliases", "-c", str(daemon.path)).stdout
    assert "pool.out.test." in text and "192.0.2.50" in text
    assert "nothing.out.test." in text and "no such name" in text
    assert daemon.run("query", "example.test", "ALIAS", "--short", "@127.0.0.1", "-p",
                      str(daemon.port)).stdout.strip() == "pool.out.test."


def test_questions_begin_no_walk(onym, out):
    out.ttl = 600
    daemon = aliased(onym, out)
    wait_for(lambda: said(daemon, "example.test") == {"192.0.2.50"}, what="the apex")
    wait_for(lambda: said(daemon, "gone.example.test") == "nothing", what="all targets")
    time.sleep(0.5)
    asked = sum(out.world.asked[name] for name in out.world.asked if "slow" not in name)
    for _ in range(200):
        said(daemon, "example.test")
        said(daemon, "x.w.example.test", "AAAA")
        said(daemon, "gone.example.test")
    assert sum(out.world.asked[name] for name in out.world.asked if "slow" not in name) == asked


def test_target_changes_and_dies(onym, out):
    daemon = aliased(onym, out)
    wait_for(lambda: said(daemon, "example.test") == {"192.0.2.50"}, what="the apex")
    out.address = "192.0.2.51"
    wait_for(lambda: said(daemon, "example.test") == {"192.0.2.51"}, what="the new address")
    out.silent = True
    wait_for(lambda: said(daemon, "example.test") == "SERVFAIL", seconds=20, what="the end of it")
    out.silent = False
    wait_for(lambda: said(daemon, "example.test") == {"192.0.2.51"}, seconds=60, what="it again")


def test_stale_if_so_configured(onym, out):
    daemon = aliased(onym, out, stale="1h")
    wait_for(lambda: said(daemon, "example.test") == {"192.0.2.50"}, what="the apex")
    out.silent = True
    time.sleep(6)
    reply = daemon.ask("example.test", use_edns=0)
    assert reply.answer[0][0].to_text() == "192.0.2.50" and reply.answer[0].ttl <= 30
    assert any(option.otype == 15 for option in reply.options)


def test_reload_keeps_and_follows(onym, out):
    out.ttl = 600
    daemon = aliased(onym, out)
    wait_for(lambda: said(daemon, "example.test") == {"192.0.2.50"}, what="the apex")
    out.silent = True
    daemon.zone("example.test", ZONE.replace("192.0.2.2", "192.0.2.77") + TARGETS + "b ALIAS @\n")
    assert daemon.ctl("reload")["exit"] == 0
    assert said(daemon, "example.test") == {"192.0.2.50"}  # known, whatever is silent
    wait_for(lambda: said(daemon, "in.example.test") == said(daemon, "www.example.test"),
             what="a target of our own")
    # The last one goes.
    daemon.zone("example.test", ZONE)
    assert daemon.ctl("reload")["exit"] == 0
    assert daemon.ctl("aliases")["targets"] == []


def test_bad_zones(onym, tmp_path):
    daemon = onym()
    zone = tmp_path / "example.test.zone"
    for text, problem in (("a ALIAS a\n", "leads to itself"),
                          ("a ALIAS b\na A 192.0.2.1\n", "ALIAS and addresses at a.example.test."),
                          ("a ALIAS b\na ALIAS c\n", "two ALIAS records"),
                          ("a ALIAS b\na CNAME c\n", "CNAME and other data")):
        zone.write_text(ZONE + text)
        done = daemon.run("zone", "check", str(zone))
        assert done.returncode == 2 and problem in done.stdout + done.stderr, text


def test_nobody_is_asked(onym):
    daemon = onym(zones={"example.test": ZONE + "@ ALIAS pool.out.test.\n"}).start()
    assert said(daemon, "example.test") == "SERVFAIL"
    wait_for(lambda: "not resolved here" in str(daemon.ctl("aliases")["targets"]),
             what="the reason")

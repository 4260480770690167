"""Our zones in the middle of the world: cuts of ours, aliases that lead out, in and out again."""

import dns.flags
import dns.rcode
import pytest

from world import World

PRIVATE = """\
$TTL 60
@ SOA ns1 host 1 7200 3600 1209600 300
@ NS ns1
ns1 A 192.0.2.1
www A 192.0.2.2
out CNAME far.world.
sub NS ns.sub
ns.sub A 127.53.200.2
bare NS ns.world.
deep CNAME x.sub
"""


def say_root(name, rdtype):
    """What the public world knows: nothing of private.test."""
    records = {
        "far.world.": "far.world. 60 IN A 192.0.2.9",
        "in.world.": "in.world. 60 IN CNAME www.private.test.",
        "through.world.": "through.world. 0 IN CNAME out.private.test.",
        "down.world.": "down.world. 60 IN CNAME deep.private.test.",
        "ns.world.": "ns.world. 60 IN A 127.53.200.2",
    }
    if name not in records:
        return dns.rcode.NXDOMAIN
    line = records[name]
    return [line] if rdtype == line.split()[3] or "CNAME" in line else []


def say_below(name, rdtype):
    """The servers below our cuts."""
    return [f"{name} 60 IN A 10.0.0.1"] if rdtype == "A" else []


@pytest.fixture
def worlds():
    root = World(say_root)
    below = World(say_below, "127.53.200.2", port=root.port)
    yield root, below
    root.close()
    below.close()


def texts(reply):
    return [record.to_text() for rrset in reply.answer for record in rrset]


@pytest.mark.parametrize("tcp", [False, True])
def test_walk_begins_at_our_cut(onym, worlds, tcp):
    root, below = worlds
    daemon = onym(zones={"private.test": PRIVATE}, extra=root.config()).start()
    for _ in range(2):  # asked, then known
        reply = daemon.ask("x.sub.private.test", tcp=tcp)
        assert texts(reply) == ["10.0.0.1"]
        assert not reply.authority
        assert not reply.flags & dns.flags.AA
    assert below.asked["x.sub.private.test."] == 1
    assert not root.asked
    # A server without an address in our zone is looked for in the world.
    assert texts(daemon.ask("y.bare.private.test", tcp=tcp)) == ["10.0.0.1"]
    assert set(root.asked) == {"ns.world."}
    # Who does not ask for recursion is referred there.
    reply = daemon.ask("x.sub.private.test", tcp=tcp, flags=0)
    assert reply.authority and not reply.answer


@pytest.mark.parametrize("tcp", [False, True])
def test_our_zone_answers_aliases_of_the_world(onym, worlds, tcp):
    root, below = worlds
    daemon = onym(zones={"private.test": PRIVATE}, extra=root.config()).start()
    expected = {
        "in.world": ["www.private.test.", "192.0.2.2"],
        "through.world": ["out.private.test.", "far.world.", "192.0.2.9"],
        "down.world": ["deep.private.test.", "x.sub.private.test.", "10.0.0.1"],
        "out.private.test": ["far.world.", "192.0.2.9"],
    }
    for _ in range(2):
        for name, records in expected.items():
            assert texts(daemon.ask(name, tcp=tcp)) == records, name
    assert not [name for name in root.asked if name.endswith("private.test.")]
    assert set(below.asked) == {"x.sub.private.test."}

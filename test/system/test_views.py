"""What some clients see in the place of what everybody sees."""

import concurrent.futures

import dns.rcode
import pytest

from conftest import HOST, ZONE, free_port, wait_for
from world import World

INSIDE, OUTSIDE = "127.0.0.2", "127.0.0.3"

VIEWS = """\
access: {{recurse: [127.0.0.0/8]}}
views:
  inside:
    match: [{inside}]
    zones:
      "example.test": {{file: "{file}", routes: {{"r": {{A: [{{give: 10.0.0.9}}]}}}}}}
    resolve: {{default: {{forward: ["{forwarder}"]}}}}
resolve:
  {{default: {{forward: ["{other}"]}}, special_names: false, never_ask: [], quiet: true}}
"""


def address(daemon, name, source):
    reply = daemon.ask(name, source=source)
    if reply.rcode():
        return dns.rcode.to_text(reply.rcode())
    return reply.answer[-1][0].to_text() if reply.answer else "nothing"


@pytest.fixture
def worlds():
    """A resolver for those inside and one for all others, which say other things of one name."""
    made = [World(lambda name, rdtype, octet=octet: [f"{name} 300 IN A 192.0.2.{octet}"],
                  address=where) for octet, where in ((1, "127.53.201.1"), (2, "127.53.202.1"))]
    yield made
    for world in made:
        world.close()


def viewed(onym, tmp_path, worlds):
    inner = tmp_path / "inner.zone"
    inner.write_text(ZONE.replace("192.0.2.", "10.0.0.") + "only A 10.0.0.7\n")
    daemon = onym(extra=VIEWS.format(
        inside=INSIDE, file=inner, forwarder=f"{worlds[0].address}:{worlds[0].port}",
        other=f"{worlds[1].address}:{worlds[1].port}"))
    return daemon, inner


def test_two_contents_of_one_name(onym, tmp_path, worlds):
    daemon, inner = viewed(onym, tmp_path, worlds)
    daemon.start()
    assert address(daemon, "www.example.test", INSIDE).startswith("10.0.0.")
    assert address(daemon, "www.example.test", OUTSIDE).startswith("192.0.2.")
    assert address(daemon, "only.example.test", INSIDE) == "10.0.0.7"
    assert address(daemon, "only.example.test", OUTSIDE) == "NXDOMAIN"
    assert address(daemon, "r.example.test", INSIDE) == "10.0.0.9"
    assert address(daemon, "r.example.test", OUTSIDE) == "NXDOMAIN"
    # Over TCP, too.
    assert daemon.ask("only.example.test", tcp=True, source=INSIDE).answer
    assert daemon.ask("only.example.test", tcp=True, source=OUTSIDE).rcode() == dns.rcode.NXDOMAIN
    # A reload of the file inside changes nothing outside.
    inner.write_text(inner.read_text().replace("only A 10.0.0.7", "only A 10.0.0.8"))
    assert daemon.ctl("reload")["exit"] == 0
    assert address(daemon, "only.example.test", INSIDE) == "10.0.0.8"
    assert address(daemon, "only.example.test", OUTSIDE) == "NXDOMAIN"
    zones = daemon.ctl("status")["zones"]
    assert [zone.get("view") for zone in zones] == [None, "inside"]


def test_the_cache_never_mixes_views(onym, tmp_path, worlds):
    daemon, _ = viewed(onym, tmp_path, worlds)
    daemon.start()
    for turn in range(3):
        for source, expected in ((INSIDE, "192.0.2.1"), (OUTSIDE, "192.0.2.2")):
            assert address(daemon, "www.elsewhere.test", source) == expected, turn
    assert [world.asked["www.elsewhere.test."] for world in worlds] == [1, 1]  # both are kept
    # Nor the other way round, nor after a reload.
    assert address(daemon, "later.elsewhere.test", OUTSIDE) == "192.0.2.2"
    assert daemon.ctl("reload")["exit"] == 0
    assert address(daemon, "later.elsewhere.test", INSIDE) == "192.0.2.1"
    assert address(daemon, "later.elsewhere.test", OUTSIDE) == "192.0.2.2"


def test_equal_questions_of_two_views_at_once(onym, tmp_path):
    """A walk is shared by those who see the same, and by nobody else."""
    slow = [World(lambda name, rdtype, octet=octet: [f"{name} 300 IN A 192.0.2.{octet}"],
                  address=where, delay_s=0.25)
            for octet, where in ((1, "127.53.203.1"), (2, "127.53.204.1"))]
    try:
        daemon, _ = viewed(onym, tmp_path, slow)
        daemon.start()
        sources = [INSIDE, OUTSIDE] * 8
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            said = list(pool.map(lambda source: address(daemon, "at.once.test", source), sources))
        assert said == ["192.0.2.1", "192.0.2.2"] * 8
        assert [world.asked["at.once.test."] for world in slow] == [1, 1]
    finally:
        for world in slow:
            world.close()


def test_an_alias_of_the_world_into_a_zone_of_the_view(onym, tmp_path):
    def alias(name, _):
        return [f"{name} 300 IN CNAME www.example.test."] if name.startswith("alias") else None
    worlds = [World(alias, address=where) for where in ("127.53.205.1", "127.53.206.1")]
    try:
        daemon, _ = viewed(onym, tmp_path, worlds)
        daemon.start()
        for _ in range(2):
            assert address(daemon, "alias.elsewhere.test", INSIDE).startswith("10.0.0.")
            assert address(daemon, "alias.elsewhere.test", OUTSIDE).startswith("192.0.2.")
    finally:
        for world in worlds:
            world.close()


def test_by_listener(onym, tmp_path):
    port = free_port()
    inner = tmp_path / "inner.zone"
    inner.write_text(ZONE.replace("192.0.2.", "10.0.0."))
    daemon = onym(port=port, listen=f"[{{addr: [{HOST}, 127.0.0.9], port: {port}}}]",
                  extra="views: {inner: {listen: [127.0.0.9], "
                        f'zones: {{"example.test": {{file: "{inner}"}}}}}}}}\n').start()
    for tcp in (False, True):
        assert daemon.address(host="127.0.0.9", tcp=tcp).startswith("10.0.0.")
        assert daemon.address(host=HOST, tcp=tcp).startswith("192.0.2.")


def test_a_view_is_taken_away(onym, tmp_path, worlds):
    daemon, _ = viewed(onym, tmp_path, worlds)
    daemon.start()
    text = daemon.path.read_text()
    daemon.path.write_text(text[:text.index("views:")] + text[text.rindex("resolve:"):])
    assert daemon.ctl("reload")["exit"] == 0
    wait_for(lambda: address(daemon, "www.example.test", INSIDE).startswith("192.0.2."),
             what="the same for all")
    daemon.path.write_text(text)
    assert daemon.ctl("reload")["exit"] == 0
    assert address(daemon, "www.example.test", INSIDE).startswith("10.0.0.")


def test_one_zone_is_read_again_in_all_views(onym, tmp_path, worlds):
    daemon, inner = viewed(onym, tmp_path, worlds)
    daemon.start()
    inner.write_text(ZONE.replace(" 1 7200", " 2 7200").replace("192.0.2.2", "10.0.0.77"))
    reply = daemon.ctl("reload", zone="example.test")
    assert reply["ok"], reply
    assert address(daemon, "www.example.test", INSIDE) == "10.0.0.77"
    assert address(daemon, "www.example.test", OUTSIDE) == "192.0.2.2"
    # An error in either is the answer, and the version before it stays.
    inner.write_text("@ SOA\n")
    reply = daemon.ctl("reload", zone="example.test")
    assert reply["exit"] == 7 and reply["zone"]["view"] == "inside"
    assert address(daemon, "www.example.test", INSIDE) == "10.0.0.77"

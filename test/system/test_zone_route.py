"""`onym zone route`: what it says of a client is what that client gets of the running daemon."""

import concurrent.futures
import ipaddress
import json
import random
import re
import shutil
import subprocess
import xml.etree.ElementTree

import pytest

import databases
from conftest import HOST, TOP, free_port, wait_for
from test_health import Page
from test_places import SINGAPORE, TORONTO, placed

CONFIG = """\
access: {{ecs: [localhost]}}
places: {{databases: [{database}]}}
checks:
  web: {{http: "/", port: {page}, interval: 500ms, timeout: 400ms, rise: 1, fall: 1}}
zones:
  "example.test":
    routes:
      "www":
        ttl: 60
        A:
          - {{where: {{country: SG}}, give: [192.0.2.10, 192.0.2.11]}}
          - {{where: {{country: [CA, US]}}, give: [{{addr: 192.0.2.20, weight: 3}}, 192.0.2.21]}}
          - {{where: {{nets: [10.0.0.0/8, "2001:db8::/32"]}}, give: [192.0.2.30], ttl: 7}}
          - where: {{continent: EU}}
            give: [192.0.2.40, 192.0.2.41, 192.0.2.42]
            sticky: true
            count: 1
          - {{where: {{continent: [AS, AF]}}, give: [192.0.2.50]}}
          - {{give: [192.0.2.99]}}
      "live":
        A:
          - {{where: {{country: SG}}, give: [127.0.1.1, 127.0.1.2], check: web}}
          - {{give: [192.0.2.99]}}
      "gone":
        A:
          - {{where: {{country: CA}}, give: [192.0.2.20]}}
          - where: {{country: SG}}
            give: [127.0.1.1, 127.0.1.2]
            check: web
            dead: none
            count: 1
          - {{give: [127.0.1.2], check: web}}
"""


def routed(onym, page=1):
    daemon = onym(extra="include: [routes.yaml]\n")
    (daemon.folder / "routes.yaml").write_text(
        CONFIG.format(database=databases.country(), page=page))
    return daemon


def ask(daemon, name, *words):
    done = daemon.run("zone", "route", name, "A", "-c", str(daemon.path), "--json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def verdict(daemon, name, place):
    routed_name = ask(daemon, name, "--from", place)
    return routed_name["routes"][0]["verdict"]


def dig(daemon, name, client):
    """What dig gets for this client: addresses, their TTLs, the scope."""
    said = subprocess.run(["dig", f"@{HOST}", "-p", str(daemon.port), name, "A",
                           f"+subnet={client}", "+noall", "+answer", "+comments"],
                          capture_output=True, text=True, timeout=30, check=True).stdout
    records = re.findall(r"^\S+\s+(\d+)\s+IN\s+A\s+(\S+)$", said, re.M)
    scope = re.search(r"; CLIENT-SUBNET: \S+/\d+/(\d+)", said)
    return ({address for _, address in records}, {int(ttl) for ttl, _ in records},
            int(scope.group(1)) if scope else None)


def clients(count):
    rolled = random.Random(7)
    some = ["10.1.2.3", "2001:db8::1", SINGAPORE, TORONTO, "192.0.2.1", "165.21.83.0/24"]
    while len(some) < count:
        if len(some) % 3:
            some.append(str(ipaddress.IPv4Address(rolled.getrandbits(32))))
        else:  # where registries have given networks to somebody
            top = rolled.choice([0x2001, 0x2400, 0x2600, 0x2800, 0x2a00, 0x2c00])
            some.append(str(ipaddress.IPv6Address(
                (top + rolled.randrange(0x20)) << 112 | rolled.getrandbits(112))))
    return some


def test_it_is_what_dig_gets(onym):
    daemon = routed(onym).start(seconds=60)

    def compare(client):
        told, got = verdict(daemon, "www.example.test", client), dig(daemon, "www.example.test",
                                                                     client)
        gives = {given["data"] for given in told["gives"]}
        if told["by"] == "lot":
            assert len(got[0]) == 1 and got[0] <= gives, client
        else:
            assert got[0] == gives, client
        assert got[1] == {record["ttl"] for record in told["answer"]}, client
        assert got[2] == told["scope"], client
        return told["rule"]

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        rules = list(pool.map(compare, clients(210)))
    assert set(rules) == {1, 2, 3, 4, 5, 6}


def test_singapore_and_toronto(onym):
    daemon = routed(onym)
    for place in (SINGAPORE, "SG"):
        told = verdict(daemon, "www.example.test", place)
        assert told["rule"] == 1 and told["passed"] == []
    for place in (TORONTO, "CA", "CA-ON", "US"):
        told = verdict(daemon, "www.example.test", place)
        assert told["rule"] == 2 and told["passed"] == [{"rule": 1, "why": "place"}]
        assert [given["share"] for given in told["gives"]] == [75, 25]
    said = ask(daemon, "www.example.test", "--from", SINGAPORE)["from"]
    assert said["says"] == [{"database": str(databases.country()), "country": "SG",
                             "continent": "AS"}]
    words = daemon.run("zone", "route", "www.example.test", "-c", str(daemon.path), "--from",
                       TORONTO).stdout
    assert "rule 2 (country CA, US) at " in words and "routes.yaml:11:13" in words
    assert "no server runs: all addresses are taken for well" in words


def test_health_comes_from_the_server(onym):
    port = free_port()
    one, two = Page("127.0.1.1", port), Page("127.0.1.2", port)
    daemon = routed(onym, page=port)
    try:
        assert ask(daemon, "live.example.test", "--from", "SG")["health"] == "assumed"
        daemon.start(seconds=60)
        assert ask(daemon, "live.example.test", "--from", "SG")["health"] == "server"
        one.status = 500
        wait_for(lambda: placed(daemon, SINGAPORE, "live.example.test")[0] == {"127.0.1.2"},
                 what="the first address to die")
        told = verdict(daemon, "live.example.test", SINGAPORE)
        assert told["rule"] == 1 and [given["data"] for given in told["gives"]] == ["127.0.1.2"]
        two.status = 500
        wait_for(lambda: placed(daemon, SINGAPORE, "live.example.test")[0] == {"192.0.2.99"},
                 what="the second address to die")
        told = verdict(daemon, "live.example.test", SINGAPORE)
        assert told["outcome"] == "fell_back" and told["rule"] == 2
        assert told["passed"] == [{"rule": 1, "why": "dead"}] and told["ede"]["code"] == 0
        assert dig(daemon, "gone.example.test", SINGAPORE)[0] == set()
        told = verdict(daemon, "gone.example.test", SINGAPORE)
        assert told["outcome"] == "nothing" and told["rule"] == 2 and told["gives"] == []
        assert "by" not in told and told["passed"] == [{"rule": 1, "why": "place"}]
        words = daemon.run("zone", "route", "gone.example.test", "-c", str(daemon.path), "--from",
                           SINGAPORE).stdout
        assert "nothing, as no address is well" in words and "by lot" not in words
        told = verdict(daemon, "gone.example.test", "US")
        assert told["outcome"] == "all_dead" and told["rule"] == 3
        words = daemon.run("zone", "route", "live.example.test", "-c", str(daemon.path)).stdout
        assert "check web: down" in words and "health is what the running server says" in words
        assert daemon.stop() == 0
        assert ask(daemon, "live.example.test", "--from", "SG")["health"] == "assumed"
    finally:
        one.close()
        two.close()


def test_the_map_is_xml(onym):
    daemon = routed(onym)
    done = daemon.run("zone", "route", "www.example.test", "--map", "-c", str(daemon.path))
    assert done.returncode == 0, done.stderr
    picture = xml.etree.ElementTree.fromstring(done.stdout)
    space = "{http://www.w3.org/2000/svg}"
    assert picture.tag == f"{space}svg" and picture.get("role") == "img"
    assert "www.example.test. A" in picture.find(f"{space}title").text
    assert "rule 1, country SG: 192.0.2.10, 192.0.2.11 (1 country)" in \
        picture.find(f"{space}desc").text
    drawn = {}
    for shape in picture.find(f"{space}g[@class='land']"):
        drawn[shape.find(f"{space}title").text.split(":")[0]] = shape.get("class")
    assert drawn["Canada"] == drawn["United States"] == "a1" and drawn["Singapore"] == "a0"
    assert drawn["France"] == drawn["Malta"] == "a3" and drawn["Brazil"] == "a10"
    assert len(drawn) > 230
    legend = [text.text for text in picture.iter(f"{space}text")]
    assert sum(line.startswith("rule ") for line in legend) == 6


def test_errors(onym, tmp_path):
    daemon = routed(onym)
    for words, code, said in (
            (["wwww.example.test"], 5, "did you mean 'www.example.test.'?"),
            (["www.example.test", "--from", "sg"], 2, "did you mean 'SG' (Singapore)?"),
            (["www.example.test", "--from", "1.2.3.4.5"], 2, "is no place"),
            (["www.example.test", "--control", str(tmp_path / "none"), "--from", "SG"], 0,
             "does not tell its health checks: No such file")):
        done = daemon.run("zone", "route", "-c", str(daemon.path), *words)
        assert done.returncode == code and said in done.stderr, done.stderr
        assert bool(done.stdout) == (code == 0)
    (daemon.folder / "routes.yaml").write_text(
        CONFIG.format(database=tmp_path / "none.mmdb", page=1))
    done = daemon.run("zone", "route", "-c", str(daemon.path), "www.example.test")
    assert done.returncode == 2 and "none.mmdb: error" in done.stderr


def started(daemon, name):
    """The daemon with a copy of examples/places, on a port of its own."""
    folder = daemon.folder / "places"
    shutil.copytree(TOP / "examples" / "places", folder)
    daemon.path = folder / name
    text = daemon.path.read_text()
    assert "port: 5300" in text and "state: ../../build/places" in text
    daemon.path.write_text(text.replace("5300", str(daemon.port))
                           .replace("../../build/places", str(daemon.state)))
    if "country.mmdb" in text:
        shutil.copy(databases.country(), folder / "country.mmdb")
    checked = daemon.run("check", "--strict", "-c", str(daemon.path))
    assert checked.returncode == 0 and "no problems in" in checked.stdout
    return daemon.start(seconds=60)


@pytest.mark.parametrize("name, singapore, toronto",
                         [("onym.yaml", SINGAPORE, TORONTO),
                          ("offline.yaml", "203.0.113.7", "198.51.100.7")])
def test_the_example_works(onym, name, singapore, toronto):
    daemon = started(onym(), name)
    www = "www.example.test"
    assert dig(daemon, www, singapore)[0] == {"192.0.2.10", "192.0.2.11"}
    assert dig(daemon, www, toronto)[0] <= {"192.0.2.20", "192.0.2.21"}
    assert dig(daemon, www, "192.0.2.1")[0] == {"192.0.2.99"}
    # Its README lets a web server run at one of two addresses.
    page = Page("127.0.65.1", 8065)
    try:
        wait_for(lambda: dig(daemon, "live.example.test", toronto)[0] == {"127.0.65.2"} and
                 "127.0.65.2" in daemon.log(), what="the dead one")
        wait_for(lambda: dig(daemon, "live.example.test", singapore)[0] == {"127.0.65.1"},
                 what="the one that is well")
    finally:
        page.close()
    said = daemon.run("zone", "route", www, "-c", str(daemon.path), "--from", singapore).stdout
    assert "192.0.2.10" in said and "by  rule 1 " in said

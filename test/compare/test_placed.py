"""Answers by place: onym beside gdnsd and Knot DNS's mod-geoip, with one database and equal rules.

The same 20 000 (client, name) pairs, each told by EDNS Client Subnet (RFC 7871), go to all three,
and what they answer is compared: the set of addresses, and how many bits of the client decided. A
sample of 1 000 in `make test`. Clients are the ends of the database's own prefixes and their
neighbours, and any addresses at all.

The database is DB-IP's country database, with the records nested as gdnsd and Knot want them
(mmdb.py). Rules are by country, by continent with countries that are exceptions, and by networks
before countries; the last one Knot cannot say, as its module goes by a database or by networks.

Answers must be equal. The bits that decided may differ where all three are right: how far a prefix
can be widened without another answer depends on what is held together. So `scope` is judged by
what it means (RFC 7871 7.2.1): it must not be wider than what has this answer, for which the widest
prefix with this answer, by the database and the rules alone, is worked out here.
"""

import ipaddress
import json
import pathlib
import re
import struct
import sys

import pytest

import mmdb
import peers
import wire

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
import databases  # noqa: E402

ORIGIN = "example.test"
SERVERS = ["onym", "gdnsd", "knot"]
ECS = 8

ZONE = """\
$TTL 300
@ SOA ns1 host 1 7200 3600 1209600 300
@ NS ns1
ns1 A 192.0.2.1
"""

# What each name has: {what: addresses}, in the order in which it is looked at.
RULES = {
    "country": {"SG": ["192.0.2.10", "192.0.2.11"], "CA": ["192.0.2.20"], "US": ["192.0.2.20"],
                "*": ["192.0.2.99"]},
    "continent": {"DE": ["192.0.2.40"], "JP": ["192.0.2.41"], "EU+": ["192.0.2.30"],
                  "AS+": ["192.0.2.31"], "NA+": ["192.0.2.32"], "*": ["192.0.2.99"]},
    "nets": {"8.8.0.0/16": ["192.0.2.50"], "8.8.8.0/24": ["192.0.2.51"],
             "2001:4860::/32": ["192.0.2.50"], "165.21.0.0/17": ["192.0.2.52"],
             "SG": ["192.0.2.10", "192.0.2.11"], "*": ["192.0.2.99"]},
}
CONTINENT_OF = mmdb.continents()


def is_net(word):
    return "/" in word


# --- the same rules, four times -------------------------------------------------------------------

def write_onym(setup, database):
    routes = {}
    for name, rules in RULES.items():
        table = []
        # The longest network counts (RULES has the shorter one first): they are put before.
        for word in sorted(rules, key=lambda word: -int(word.split("/")[1]) if is_net(word) else 0):
            where = ({} if word == "*" else
                     {"where": {"nets": [word]}} if is_net(word) else
                     {"where": {"continent": word[:2]}} if word.endswith("+") else
                     {"where": {"country": word}})
            table.append(where | {"give": rules[word]})
        routes[name] = {"A": table}
    path = setup.folder / "onym.yaml"
    path.write_text(json.dumps({
        "version": 1, "workers": 1, "state": str(setup.folder),
        "listen": [{"addr": peers.HOST, "port": setup.port, "kinds": ["udp", "tcp"]}],
        "answers": {"rotate": False}, "resolve": {"default": "none"}, "log": {"level": "warning"},
        "access": {"ecs": ["localhost"]}, "places": {"databases": [str(database)]},
        "zones": {ORIGIN: {"file": str(setup.zones[0].path), "routes": routes}}}))
    return [setup.binary, "serve", "-c", str(path)]


def write_gdnsd(setup, database):
    """A map from places to `datacenters` for each name, and a resource with their addresses."""
    maps, resources, records = "", "", ""
    for name, rules in RULES.items():
        centers = {word: f"d{index}" for index, word in enumerate(rules)}
        by_continent = {}
        for word in rules:
            if word.endswith("+"):
                by_continent.setdefault(word[:2], {})["default"] = centers[word]
            elif word != "*" and not is_net(word):
                by_continent.setdefault(CONTINENT_OF[word], {})[word] = centers[word]
        places = "".join(
            f"{continent} => {{ " + ", ".join(f"{word} => [{center}]" for word, center in
                                              countries.items()) + " }\n"
            for continent, countries in by_continent.items())
        nets = "".join(f'"{word}" => [{centers[word]}]\n' for word in rules if is_net(word))
        maps += (f"{name} => {{ geoip2_db => \"{database}\"\n"
                 f"datacenters => [{', '.join(centers.values())}]\n"
                 f"map => {{ default => [{centers['*']}]\n{places}}}\n"
                 + (f"nets => {{ {nets} }}\n" if nets else "") + "}\n")
        resources += (f"{name} => {{ map => {name}, service_types => [], dcmap => {{ "
                      + ", ".join(f"{centers[word]} => [{', '.join(given)}]"
                                  for word, given in rules.items()) + " } }\n")
        records += f"{name} 300 DYNA geoip!{name}\n"
    folder = setup.folder
    (folder / "zones").mkdir()
    (folder / "geoip").mkdir()
    (folder / "zones" / ORIGIN).write_text(ZONE + records)
    (folder / "config").write_text(f"""\
options => {{
  listen => {{ {peers.HOST}:{setup.port} => {{ udp_threads = 1, tcp_threads = 1 }} }}
  run_dir => "{folder}/run"
  state_dir => "{folder}/state"
}}
plugins => {{ geoip => {{
  maps => {{
{maps}  }}
  resources => {{
{resources}  }}
}} }}
""")
    return [setup.binary, "-c", str(folder), "start"]


def write_knot(setup, database):
    """The module goes by `continent;country`, of which "*" is any. It takes what fits best."""
    text = ""
    for name, rules in RULES.items():
        if any(map(is_net, rules)):
            continue
        text += f"{name}.{ORIGIN}:\n"
        for word, given in rules.items():
            geo = ("*;*" if word == "*" else f"{word[:2]};*" if word.endswith("+") else
                   f"{CONTINENT_OF[word]};{word}")
            text += f"  - geo: \"{geo}\"\n    A: [{', '.join(given)}]\n"
    (setup.folder / "geo.conf").write_text(text)
    # Whom the database does not know gets what the zone has.
    file = setup.folder / "zone"
    file.write_text(ZONE + "".join(f"{name} 300 A {rules['*'][0]}\n"
                                   for name, rules in RULES.items()))
    path = setup.folder / "knot.conf"
    path.write_text(f"""\
server:
    rundir: "{setup.folder}"
    listen: "{peers.HOST}@{setup.port}"
    udp-workers: 1
    edns-client-subnet: on
    answer-rotation: off
log:
  - target: stderr
    any: warning
database:
    storage: "{setup.folder}/db"
mod-geoip:
  - id: places
    config-file: "{setup.folder}/geo.conf"
    ttl: 300
    mode: geodb
    geodb-file: "{database}"
    geodb-key: [continent/code, country/iso_code]
zone:
  - domain: "{ORIGIN}"
    file: "{file}"
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
    module: mod-geoip/places
""")
    return [setup.binary, "-c", str(path)]


WRITERS = {"onym": write_onym, "gdnsd": write_gdnsd, "knot": write_knot}


class Oracle:
    """What the database and the rules say, from their own records and nothing else."""

    def __init__(self, database):
        self.database = database
        self.nets = {name: sorted(((ipaddress.ip_network(word), given)
                                   for word, given in rules.items() if is_net(word)),
                                  key=lambda net: -net[0].prefixlen)
                     for name, rules in RULES.items()}

    def given(self, name, octets):
        address = ipaddress.ip_address(octets)
        for net, given in self.nets[name]:
            if address in net:
                return given
        record, _ = self.database.find(octets if len(octets) == 16 else bytes(12) + octets)
        code = record["country"]["iso_code"] if record else None
        rules = RULES[name]
        for word in (code, f"{CONTINENT_OF.get(code)}+"):
            if word in rules:
                return rules[word]
        return rules["*"]


# --- asking ---------------------------------------------------------------------------------------

def query(name, octets, bits, ident):
    """A question with a client-subnet option."""
    v4 = len(octets) == 4
    subnet = struct.pack(">HBB", 1 if v4 else 2, bits, 0) + octets[:(bits + 7) // 8]
    option = struct.pack(">HH", ECS, len(subnet)) + subnet
    opt = b"\0" + struct.pack(">HHIH", wire.TYPE_OPT, wire.PAYLOAD, 0, len(option)) + option
    head = struct.pack(">HHHHHH", ident, 0, 1, 0, 0, 1)
    return head + wire.to_wire(f"{name}.{ORIGIN}") + struct.pack(">HH", 1, 1) + opt


def read(octets):
    """(addresses, scope) of a reply."""
    reply = wire.read(octets)
    assert reply.rcode == 0 and reply.aa
    given = {str(ipaddress.IPv4Address(record[4])) for record in reply.sections[0]}
    code, size = struct.unpack_from(">HH", reply.options)
    assert code == ECS and size >= 4  # the only option, as none else was asked for
    return given, reply.options[4 + 3]


def answer(peer, name, octets, bits):
    for _ in range(peers.TRIES):
        try:
            return read(peer.exchange(query(name, octets, bits, peer.next_ident()),
                                      peers.ANSWER_S_MAX))
        except OSError:
            continue
    raise peer.fault(f"{name} for {octets.hex()}/{bits}: no reply")


def truncated(octets, bits):
    number = int.from_bytes(octets, "big") >> 8 * len(octets) - bits << 8 * len(octets) - bits
    return number.to_bytes(len(octets), "big")


def pairs(database, count):
    dice = mmdb.random_dice(5)
    names = list(RULES)
    for octets in mmdb.addresses(database, dice, count):
        bits = dice.choice((24, 24, 24, 20, 32) if len(octets) == 4 else (48, 56, 56, 64, 128))
        yield dice.choice(names), truncated(octets, bits), bits


@pytest.fixture(scope="module")
def nested(tmp_path_factory):
    path = tmp_path_factory.mktemp("places") / "nested.mmdb"
    mmdb.nest(databases.country(), path)
    return path


@pytest.fixture(scope="module")
def zone(tmp_path_factory):
    path = tmp_path_factory.mktemp("zone") / "example.test.zone"
    path.write_text(ZONE)
    return peers.Zone(ORIGIN, path)


def is_alias_of_ipv4(octets):
    """6to4 and Teredo: gdnsd looks at the IPv4 address that is in them (its documentation says so,
    GeoIP2's own databases do the same); DB-IP's has these addresses as they are."""
    return len(octets) == 16 and (octets[:2] == b"\x20\x02" or octets[:4] == b"\x20\1\0\0")


def least_bits(oracle, name, octets, most):
    """How long a prefix around this address must be, at most `most`, for all in it to have the
    answer that it has. From samples - the ends, and addresses by lot - so never more than the
    truth: who says less than this is wrong."""
    size = 8 * len(octets)
    number = int.from_bytes(octets, "big")
    given = oracle.given(name, octets)
    dice = mmdb.random_dice(number)
    for bits in range(most, 0, -1):
        low = number >> size - bits + 1 << size - bits + 1  # one bit wider
        high = low | (1 << size - bits + 1) - 1
        samples = [low, high] + [dice.randint(low, high) for _ in range(4)]
        if any(oracle.given(name, sample.to_bytes(len(octets), "big")) != given
               for sample in samples):
            return bits
    return 0


@pytest.mark.parametrize("other", SERVERS[1:])
def test_answers_are_the_same(nested, zone, full, other):
    """Equal answers; and the scope never wider than what has this answer."""
    database = mmdb.Database(nested)
    oracle = Oracle(database)
    count = 20000 if full else 1000
    apart, scopes, skipped = [], {"equal": 0, "ours longer": 0, "ours shorter": 0}, 0
    with peers.running("onym", [zone], write=lambda setup: write_onym(setup, nested)) as ours, \
            peers.running(other, [zone],
                          write=lambda setup: WRITERS[other](setup, nested)) as theirs:
        for name, octets, bits in pairs(database, count):
            where = f"{name} {ipaddress.ip_address(octets)}/{bits}"
            given, scope = answer(ours, name, octets, bits)
            assert given == set(oracle.given(name, octets)), where
            least = least_bits(oracle, name, octets, scope + 1)
            assert scope >= least, f"{where}: scope {scope}, but {least} bits decide"
            if other == "knot" and any(map(is_net, RULES[name])):
                skipped += 1
                continue
            if other == "gdnsd" and is_alias_of_ipv4(octets):
                skipped += 1
                continue
            theirs_given, theirs_scope = answer(theirs, name, octets, bits)
            if given != theirs_given:
                apart.append(f"{where}: ours {given}, theirs {theirs_given}")
            key = ("equal" if scope == theirs_scope else
                   "ours longer" if scope > theirs_scope else "ours shorter")
            scopes[key] += 1
    print(other, count, skipped, scopes, len(apart))
    assert not apart, "\n".join(apart[:20])
    assert skipped < count / 2 and sum(scopes.values()) + skipped == count

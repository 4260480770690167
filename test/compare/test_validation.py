"""Signed zones through the eyes of clients that validate: delv and Unbound, with a trust anchor.

Zones are signed by BIND, ldns, Knot and PowerDNS with every algorithm that is in use, with NSEC and
NSEC3, with opt-out and without, with salt and iterations (SIGNED), and served by onym. Nothing that
onym says may be bogus; what is signed must be secure, and what is not must be insecure.
"""

import concurrent.futures
import subprocess

import pytest

import peers
import questions
import signing
import unbound
import wire
import world
from signing import Manner

SIGNED = {
    "z0.test": Manner("bind", 8),
    "z1.test": Manner("ldns", 10, nsec3=True, iterations=1, salt="ab"),
    "z2.test": Manner("knot", 13),
    "z3.test": Manner("bind", 14, nsec3=True, opt_out=True),
    "z4.test": Manner("ldns", 15),
    "z5.test": Manner("knot", 16, nsec3=True, opt_out=True, iterations=10, salt="aabbccdd"),
    "z6.test": Manner("bind", 13, nsec3=True, iterations=10, salt="aabbccdd"),
    "z7.test": Manner("ldns", 13, nsec3=True, opt_out=True),
    "z8.test": Manner("knot", 8, nsec3=True, iterations=1),
    "p0.test": Manner("powerdns", 8),
    "p1.test": Manner("powerdns", 10, nsec3=True, iterations=1, salt="ab"),
    "p2.test": Manner("powerdns", 13, nsec3=True),
    "p3.test": Manner("powerdns", 14),
    "p4.test": Manner("powerdns", 15, nsec3=True, opt_out=True),
    "p5.test": Manner("powerdns", 16, nsec3=True, iterations=10, salt="aabbccdd"),
    "p6.test": Manner("powerdns", 13),
}
# (name below the zone's, type, RCODE). What comes of it is in `expected`.
QUESTIONS = [
    ("@", "SOA", "NOERROR"), ("@", "NS", "NOERROR"), ("@", "MX", "NOERROR"),
    ("@", "A", "NOERROR"), ("@", "DNSKEY", "NOERROR"), ("@", "CAA", "NOERROR"),
    ("www", "A", "NOERROR"), ("www", "MX", "NOERROR"), ("WWW", "AAAA", "NOERROR"),
    ("mixed.CASE", "A", "NOERROR"), ("mixed.case", "TXT", "NOERROR"), ("case", "A", "NOERROR"),
    ("nothing", "A", "NXDOMAIN"), ("nothing.www", "A", "NXDOMAIN"), ("0", "TXT", "NXDOMAIN"),
    ("zzz", "A", "NXDOMAIN"), ("a.b.nothing", "MX", "NXDOMAIN"), ("\\000", "A", "NXDOMAIN"),
    ("ent", "A", "NOERROR"), ("c.ent", "A", "NOERROR"), ("b.c.ent", "TXT", "NOERROR"),
    ("x.c.ent", "A", "NXDOMAIN"), ("_tcp", "SRV", "NOERROR"), ("_udp", "SRV", "NXDOMAIN"),
    ("a.wild", "A", "NOERROR"), ("a.b.wild", "TXT", "NOERROR"), ("a.wild", "MX", "NOERROR"),
    ("*.wild", "A", "NOERROR"), ("*.wild", "MX", "NOERROR"), ("in.wild", "A", "NOERROR"),
    ("in.wild", "TXT", "NOERROR"), ("a.in.wild", "A", "NXDOMAIN"), ("way.wild", "A", "NOERROR"),
    ("a.way.wild", "A", "NXDOMAIN"), ("a.deep.wild", "MX", "NOERROR"),
    ("a.b.deep.wild", "A", "NOERROR"), ("a.*.wild", "A", "NXDOMAIN"),
    ("sub.*.wild", "A", "NOERROR"), ("a.bare", "A", "NOERROR"), ("*.bare", "TXT", "NOERROR"),
    ("x.l1", "TXT", "NOERROR"), ("x.l2.l1", "TXT", "NOERROR"), ("x.y.l2.l1", "MX", "NOERROR"),
    ("alias2", "A", "NOERROR"), ("toent", "A", "NOERROR"), ("tonothing", "A", "NXDOMAIN"),
    ("towild", "A", "NOERROR"), ("tonodata", "AAAA", "NOERROR"), ("x.walias", "A", "NOERROR"),
    ("x.walias", "MX", "NOERROR"), ("x.wnothing", "A", "NXDOMAIN"), ("x.wwild", "A", "NOERROR"),
    ("x.wnodata", "MX", "NOERROR"), ("x.y.wchain", "A", "NOERROR"), ("x.wdname", "A", "NOERROR"),
    ("www.dname", "A", "NOERROR"), ("x.dname", "A", "NXDOMAIN"), ("dname", "A", "NOERROR"),
    ("dname", "DNAME", "NOERROR"), ("x.dnamew", "A", "NOERROR"), ("x.dnamew", "MX", "NOERROR"),
    ("x.ndname", "A", "NXDOMAIN"), ("todname", "A", "NOERROR"),
    ("far", "DS", "NOERROR"), ("sub.signed.in", "DS", "NOERROR"), ("in", "A", "NOERROR"),
    ("plain", "DS", "NOERROR"), ("plain2", "DS", "NOERROR"), ("x.y.under", "DS", "NOERROR"),
    ("under", "A", "NOERROR"), ("y.under", "A", "NOERROR"), ("some", "A", "NOERROR"),
    ("data.some", "TXT", "NOERROR"), ("x.some", "A", "NXDOMAIN"),
    ("secure", "DS", "NOERROR"), ("secure", "SOA", "NOERROR"), ("www.secure", "A", "NOERROR"),
    ("www2.secure", "A", "NOERROR"), ("x.wild.secure", "TXT", "NOERROR"),
    ("nothing.secure", "A", "NXDOMAIN"), ("b.ent.secure", "A", "NOERROR"),
    ("up.secure", "A", "NOERROR"), ("upwild.secure", "A", "NOERROR"),
    ("upnothing.secure", "A", "NXDOMAIN"), ("x.dname.secure", "A", "NOERROR"),
    ("cut.secure", "DS", "NOERROR"),
    ("insecure", "DS", "NOERROR"), ("insecure", "SOA", "NOERROR"),
    ("www.insecure", "A", "NOERROR"), ("nothing.insecure", "A", "NXDOMAIN"),
    ("x.wild.insecure", "TXT", "NOERROR"), ("up.insecure", "A", "NOERROR"),
    ("www", "NSEC", "NOERROR"), ("x.wild", "NSEC3", "NOERROR"), ("www", "NSEC3", "NOERROR"),
]
# An answer that rests on an opt-out span is insecure (RFC 5155 9.2): what does not exist, what a
# wildcard stands for, and what is said of names that have no NSEC3.
OPT_OUT_WILD = ("x.l1", "x.l2.l1", "x.y.l2.l1", "towild", "upwild.secure")
OPT_OUT_CUTS = ("plain", "plain2", "x.y.under", "under", "y.under", "cut.secure", "insecure")
DELV = ("www A", "nothing A", "c.ent A", "a.wild A", "a.wild MX", "x.wnothing A", "plain DS")


@pytest.fixture(scope="module")
def families(tmp_path_factory):
    signing.need(*signing.TOOLS.values(), ("dig", "bind9-dnsutils"))
    folder, known = tmp_path_factory.mktemp("signed"), signing.algorithms_of_powerdns()
    rows = [(origin, manner) for origin, manner in SIGNED.items()
            if manner.signer != "powerdns" or manner.algorithm in known]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda row: signing.family(folder / row[0], *row), rows))


@pytest.fixture(scope="module")
def served(families):
    with peers.running("onym", [zone for family in families for zone in family.zones]) as onym:
        yield onym


def test_powerdns_signs_with_all():
    """What it cannot sign with is left out above; this says so."""
    signing.need(signing.TOOLS["powerdns"])
    missing = set(signing.ALGORITHMS) - signing.algorithms_of_powerdns()
    if missing:
        words = ", ".join(signing.ALGORITHMS[number] for number in sorted(missing))
        pytest.skip(f"this pdnsutil cannot sign with {words}")


def absolute(name: str, origin: str) -> str:
    return f"{origin}." if name == "@" else f"{name}.{origin}."


def may_be_insecure(name: str, rcode: str, reply: wire.Reply, manner: Manner) -> bool:
    """Opt-out, and the answer rests on it."""
    if not manner.opt_out:
        return False
    expanded = any(record[1] == 46 and record[4][3] < len(wire.labels(record[0]))
                   for record in reply.sections[0])
    wildcard = expanded or ".wild" in name or ".bare" in name or ".w" in name
    return rcode == "NXDOMAIN" or wildcard or name in OPT_OUT_WILD or name in OPT_OUT_CUTS \
        or name.endswith((".dnamew", ".dname.secure"))


def judge(origin: str, row: tuple[str, str, str], reply: wire.Reply, manner: Manner) -> str | None:
    """What is wrong with a resolver's reply, None: nothing."""
    name, rdtype, rcode = row
    secure = bool(reply.flags & wire.AD)
    insecure = name.endswith("insecure") and rdtype != "DS"
    got = {0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN"}.get(reply.rcode, str(reply.rcode))
    if got != rcode:
        return f"{absolute(name, origin)} {rdtype} ({manner}): {got}, not {rcode}"
    if secure == insecure and not may_be_insecure(name, rcode, reply, manner):
        return f"{absolute(name, origin)} {rdtype} ({manner}): secure is {secure}"
    return None


def resolving(families, served):
    """Each zone's server is named, children too: the addresses that the zones tell are nobody's."""
    return unbound.running([(zone.origin, served.port) for family in families
                            for zone in family.zones],
                           [anchor for family in families for anchor in family.anchors])


def test_unbound(families, served):
    faults = []
    with resolving(families, served) as resolver:
        for family in families:
            origin = family.zones[0].origin
            for row in QUESTIONS:
                question = wire.Question(wire.to_wire(absolute(row[0], origin)),
                                         unbound.number(row[1]), flags=wire.RD | wire.AD)
                fault = judge(origin, row, resolver.ask(question), family.manner)
                faults += [fault] if fault else []
    assert not faults, "\n".join([f"{len(faults)} faults"] + faults[:30])


CNAME, DNAME, RRSIG, ANY = 5, 39, 46, 255


def can_be_resolved(question: wire.Question, own: wire.Reply, zones, outside) -> bool:
    """Left out: what leads out of the zones that are served here, and what Unbound 1.17 does not
    accept from anybody - CNAME and DNAME asked for below a DNAME (it wants the CNAME that is made
    there to be signed), and a name that begins with an asterisk and is made by a wildcard (it takes
    the name for the wildcard's when it checks the signature)."""
    names = [question.folded()] + [record[4] for record in own.sections[0] if record[1] == CNAME]
    if question.rdclass != 1 or own.rcode not in (0, 3) or not own.aa or len(names) > 8 \
            or len(set(names)) != len(names):
        return False
    if any(wire.is_within(name, cut) for name in names for cut in outside) \
            or not any(wire.is_within(names[-1], wire.to_wire(zone.origin)) for zone in zones):
        return False
    if question.type in (CNAME, DNAME, ANY) and any(record[1] == DNAME
                                                    for record in own.sections[0]):
        return False
    return not any(record[1] == RRSIG and record[0].startswith(b"\1*")
                   and record[4][3] < len(wire.labels(record[0])) - 1
                   for record in own.sections[0])


def test_unbound_finds_nothing_bogus(families, served, full):
    """Drawn questions (questions.py): whatever onym says of them, it is not bogus."""
    zones = [zone for family in families for zone in family.zones]
    drawn = questions.make([world.read(zone) for zone in zones], 5000 if full else 500, 20260102)
    outside = [wire.to_wire(f"{name}.{family.zones[0].origin}") for family in families
               for name in ("far", "plain", "plain2", "sub.signed.in", "x.y.under", "cut.some",
                            "cut.secure", "cut.insecure")]
    bogus, asked = [], 0
    with resolving(families, served) as resolver:
        for question in drawn:
            own = served.ask(wire.Question(question.name, question.type, dnssec_ok=True))
            if not can_be_resolved(question, own, zones, outside):
                continue
            asked += 1
            reply = resolver.ask(wire.Question(question.name, question.type, flags=wire.RD))
            if reply.rcode != own.rcode:
                bogus.append(f"{question}: {reply.rcode}, not {own.rcode}")
    assert not bogus, "\n".join([f"{len(bogus)} bogus"] + bogus[:30])
    assert asked > len(drawn) / 3


def delv(family, port: int, name: str, rdtype: str, folder) -> str:
    origin = family.zones[0].origin
    anchor = folder / f"{origin}.key"
    if not anchor.exists():
        keys = [key.split(None, 4)[4] for key in family.anchors]
        words = [key.split(None, 3) for key in keys]
        anchor.write_text("trust-anchors {\n" + "".join(
            f'  "{origin}" static-key {flags} {protocol} {algorithm} "{key}";\n'
            for flags, protocol, algorithm, key in words) + "};\n")
    done = subprocess.run(["delv", "-a", str(anchor), f"+root={origin}", "@127.0.0.1", "-p",
                           str(port), absolute(name, origin), rdtype], capture_output=True,
                          text=True, timeout=20, check=False)
    return done.stdout + done.stderr


def test_delv(families, served, tmp_path):
    signing.need(("delv", "bind9-dnsutils"))
    asked = [(family, *words.split()) for family in families for words in DELV]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        said = pool.map(lambda row: delv(row[0], served.port, row[1], row[2], tmp_path), asked)
    faults = [f"{name} {rdtype} ({family.manner}):\n{text}"
              for (family, name, rdtype), text in zip(asked, said) if not is_good(family, text)]
    assert not faults, "\n".join([f"{len(faults)} faults"] + faults[:10])


def is_good(family, text: str) -> bool:
    validated = "fully validated" in text
    return validated or family.manner.opt_out and "unsigned answer" in text


# --- the root ------------------------------------------------------------------------------------

ROOT_DATE = "20170825120000"  # within the signatures of the root zone that we have


def test_root(data, full):
    """The signed root zone, at its date: what it has, what it has not, DS or none of each cut."""
    zone, content = world.root(data)
    lines = [line for line in zone.path.read_text().splitlines()
             if line.split()[:1] == ["."] and "DNSKEY\t257" in line.replace(" ", "\t")]
    cuts = content.cuts if full else content.cuts[::20]
    asked = [(name, "DS", 0) for name in cuts] \
        + [(b"\0", word, 0) for word in ("SOA", "NS", "DNSKEY", "A", "NSEC", "CAA")] \
        + [(wire.to_wire(f"{name}."), word, 3) for word in ("A", "NS", "DS")
           for name in ("nothing", "0", "zzzz", "a-b", "www.example-nothing", "xn--0", "comm")]
    with peers.running("onym", [zone]) as onym, \
            unbound.running([(".", onym.port)], lines, ROOT_DATE) as resolver:
        for name, word, rcode in asked:
            question = wire.Question(name, unbound.number(word), flags=wire.RD | wire.AD)
            reply = resolver.ask(question)
            assert reply.rcode == rcode and reply.flags & wire.AD, f"{question}: {reply}"

"""The same questions to onym, NSD, Knot DNS and BIND, and every difference explained.

    (a) our zones (test/compare/zones), with full answers and with minimal ones
    (b) the root zone of the outside data; there onym's answers are NSD's
    (c) signed zones (signing.py), and the root, with DO: NSD and Knot DNS

ONYM_TEST_FULL=1 asks 50 000 questions (10 000 about the root) instead of 1000, and writes a part of
docs/compare.md. The questions are the same in every run; ONYM_SEED asks others, without a page.
"""

import collections
import dataclasses
import os

import pytest

import differences
import page
import peers
import questions
import signing
import wire
import world

COUNT, COUNT_FULL = 1000, 50_000
COUNT_ROOT, COUNT_ROOT_FULL = 1000, 10_000
COUNT_SIGNED, COUNT_SIGNED_FULL = 1000, 20_000
COUNT_SIGNED_ROOT, COUNT_SIGNED_ROOT_FULL = 500, 5000
SHOWN_MAX = 20
SEED = 20260101

# Summaries of this run, for the page: (title, questions asked, {(who, explanation): count}).
RESULTS = []


@pytest.fixture(scope="module", autouse=True)
def write_page(full):
    """Once all was asked: writes the page, and looks for explanations that explain nothing."""
    yield
    if is_whole(full):
        page.write(page.SERVERS, page_text())
        met = {name for _title, _asked, counts in RESULTS for _key, name in counts}
        assert not {entry.name for entry in differences.EXPLANATIONS} - met


def seed() -> int:
    return int(os.environ.get("ONYM_SEED", SEED))


def is_whole(full: bool) -> bool:
    """All questions were asked of all servers: what came out is worth a page."""
    return full and seed() == SEED and len(RESULTS) == 5 \
        and all(peers.find(key) for key in peers.OTHERS)


def ask_all(key: str, zones, asked: list[wire.Question], minimal: bool) -> dict:
    """{question: reply}, without those about zones that this server does not load."""
    refused = [wire.to_wire(origin) for origin in world.REFUSED_BY.get(key, ())]
    asked = [question for question in asked
             if not any(wire.is_within(question.folded(), origin) for origin in refused)]
    with peers.running(key, world.served_by(key, zones), minimal) as peer:
        return {question: peer.ask(question) for question in asked}


def judge_reply(question: wire.Question, reply: wire.Reply) -> list[str]:
    """What no reply of ours may be, whatever the others say."""
    faults = []
    asked = question.name + question.type.to_bytes(2, "big") + question.rdclass.to_bytes(2, "big")
    if reply.question != asked:
        faults.append("the question is not the one that was asked, octet for octet")
    if reply.flags & (wire.RA | wire.AD) or reply.flags & wire.RD != question.flags & wire.RD:
        faults.append("RA or AD is set, or RD is not as it was")
    if reply.payload != wire.PAYLOAD or len(reply.octets) > wire.PAYLOAD:
        faults.append("OPT is missing, or the reply is larger than was asked for")
    if reply.compressed - wire.COMPRESSIBLE:
        faults.append(f"names in types {reply.compressed - wire.COMPRESSIBLE} are compressed")
    records = [record for section in reply.sections for record in section]
    if len(set(records)) != len(records):
        faults.append("a record stands there twice")
    ttls = collections.defaultdict(set)
    for number, section in enumerate(reply.sections):
        for owner, rdtype, _class, ttl, _rdata in section:
            if rdtype != differences.RRSIG:  # their TTL is that of what they cover (RFC 4034 3)
                ttls[number, owner, rdtype].add(ttl)
    if any(len(values) > 1 for values in ttls.values()):
        faults.append("an RRset has two TTLs")
    return faults


def judge_all(replies: dict) -> None:
    faults = [f"{question}: {fault}" for question, reply in replies.items()
              for fault in judge_reply(question, reply)]
    assert not faults, "\n".join([f"{len(faults)} faults"] + faults[:SHOWN_MAX])


def described(pair: differences.Pair) -> str:
    rows = [f"{pair.question}  ({', '.join(sorted(pair.aspects))})"]
    for title, reply in (("onym", pair.ours), (pair.who, pair.theirs)):
        rows.append(f"  {title}: rcode {reply.rcode} aa {reply.aa:d} tc {reply.tc:d} "
                    f"{len(reply.octets)} octets")
        rows += [f"    {name}: {wire.record_text(record)}"
                 for name, section in zip(differences.SECTIONS, reply.sections)
                 for record in sorted(section)]
    return "\n".join(rows)


def compare(pairs: list[differences.Pair]) -> tuple[collections.Counter, list[differences.Pair]]:
    """How many by explanation ("equal" is one), and those that have none."""
    counts, unexplained = collections.Counter(), []
    for pair in pairs:
        names = differences.explain(pair) if pair.aspects else ["equal"]
        if names is None:
            unexplained.append(pair)
        counts.update((pair.who, name) for name in names or ["UNEXPLAINED"])
    return counts, unexplained


@dataclasses.dataclass(frozen=True)
class Run:
    title: str
    count: int
    minimal: bool = False
    dnssec_ok: bool = False
    others: tuple[str, ...] = peers.OTHERS


def run(title: str, zones, contents, count: int, minimal: bool = False) -> collections.Counter:
    return run_all(Run(title, count, minimal), zones, contents)


def run_all(this: Run, zones, contents) -> collections.Counter:
    title, minimal = this.title, this.minimal
    asked = [dataclasses.replace(question, dnssec_ok=this.dnssec_ok)
             for question in questions.make(contents, this.count, seed())]
    ours = ask_all("onym", zones, asked, minimal)
    judge_all(ours)
    counts, unexplained = collections.Counter(), []
    others = [key for key in this.others if peers.find(key)]
    for key in others:
        theirs = ask_all(key, zones, asked, minimal)
        pairs = [differences.Pair(question, ours[question], reply, key, contents, minimal)
                 for question, reply in theirs.items()]
        found, without = compare(pairs)
        counts += found
        unexplained += without
    RESULTS.append((title, len(asked), counts))
    print("\n".join(table(counts, len(asked))))
    assert not unexplained, "\n\n".join([f"{len(unexplained)} differences without explanation"]
                                        + [described(pair) for pair in unexplained[:SHOWN_MAX]])
    for key in this.others:
        peers.need(key)  # whom we could not ask, the test says at the end
    return counts


# --- the page ------------------------------------------------------------------------------------

def table(counts: collections.Counter, asked: int) -> list[str]:
    """Rows: explanations; columns: servers."""
    order = ["equal"] + [explanation.name for explanation in differences.EXPLANATIONS]
    names = [name for name in order + ["UNEXPLAINED"]
             if any(counts[key, name] for key in peers.OTHERS)]
    rows = [f"| {asked} questions | " + " | ".join(peers.KINDS[key].title
                                                   for key in peers.OTHERS) + " |",
            "|---|" + "---:|" * len(peers.OTHERS)]
    rows += [f"| {name} | " + " | ".join(str(counts[key, name] or "") for key in peers.OTHERS)
             + " |" for name in names]
    return rows


def page_text() -> str:
    versions = ", ".join(peers.version(key) for key in peers.OTHERS if peers.find(key))
    rows = [page.SERVERS, "",
            "Written by `test/compare/test_questions.py` with ONYM_TEST_FULL=1, not by hand.",
            "", f"Compared with {versions}: over UDP, EDNS 1232; with DO where zones are signed.",
            "Of each pair of replies: RCODE, AA, TC, the answer as a set, authority where there is",
            "no answer (with DO always, but for the zone's NS), additional.",
            "A reply may differ in several ways, so a column's sum may be above the number of",
            "questions. Zones that a server refuses to load are left out for it."]
    for title, asked, counts in RESULTS:
        rows += ["", f"## {title}", ""] + table(counts, asked)
    rows += ["", "## The explanations", ""]
    for explanation in differences.EXPLANATIONS:
        who = ", ".join(peers.KINDS[key].title for key in explanation.who)
        rows += [f"**{explanation.name}** ({who}; {', '.join(sorted(explanation.aspects))}).",
                 explanation.words, ""]
    return "\n".join(rows)


# --- the tests -----------------------------------------------------------------------------------

def test_our_zones(ours, full):
    run("Our zones, full answers", *ours, COUNT_FULL if full else COUNT)


def test_our_zones_minimal(ours, full):
    run("Our zones, minimal answers", *ours, COUNT_FULL if full else COUNT, minimal=True)


# What differs from NSD about the root, too: only questions that are none, and what is optional.
ROOT_NSD = {"equal", "type-that-no-name-has", "mail-type", "transfer-over-udp", "class-any",
            "any-gets-less", "addresses-of-optional-ns"}


def test_root(data, full):
    zone, content = world.root(data)
    counts = run("The root zone", [zone], [content], COUNT_ROOT_FULL if full else COUNT_ROOT)
    assert {name for key, name in counts if key == "nsd"} <= ROOT_NSD


# --- with DO -------------------------------------------------------------------------------------

SIGNED = {"nsec.test": signing.Manner("bind", 13),
          "nsec3.test": signing.Manner("knot", 13, nsec3=True),
          "optout.test": signing.Manner("ldns", 13, nsec3=True, opt_out=True, iterations=10,
                                        salt="aabbccdd")}


def test_signed_zones(tmp_path, full):
    signing.need(*signing.TOOLS.values())
    zones = [zone for origin, manner in SIGNED.items()
             for zone in signing.family(tmp_path / origin, origin, manner).zones]
    run_all(Run("Signed zones, minimal answers", COUNT_SIGNED_FULL if full else COUNT_SIGNED,
                minimal=True, dnssec_ok=True, others=("nsd", "knot")),
            zones, [world.read(zone) for zone in zones])


def test_signed_root(data, full):
    zone, content = world.root(data)
    run_all(Run("The signed root zone, minimal answers",
                COUNT_SIGNED_ROOT_FULL if full else COUNT_SIGNED_ROOT,
                minimal=True, dnssec_ok=True, others=("nsd", "knot")), [zone], [content])

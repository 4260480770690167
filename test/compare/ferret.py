"""The Ferret data set: small zones, a question to each, and what four servers answered.

Every name gets `tN.x.` behind it, N the case's number, so that all zones fit into one server. The
answers come grouped: servers that said the same stand together. A case with one group has one right
answer. Equality, as the data set has it: RCODE, flags without RA, answer, additional, and authority
only where the answer section is empty. Sections are sets: the data set tells no duplicates.
"""

import dataclasses
import json
import pathlib

import dns.name
import dns.rdata
import dns.rdatatype

import wire
from peers import Zone

SECTIONS = {";QUESTION": -1, ";ANSWER": 0, ";AUTHORITY": 1, ";ADDITIONAL": 2}
FLAGS = {"QR": wire.QR, "AA": wire.AA, "TC": wire.TC, "RD": wire.RD, "RA": wire.RA,
         "AD": wire.AD, "CD": wire.CD}
RCODES = {"NOERROR": 0, "FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "NOTIMP": 4, "REFUSED": 5,
          "YXDOMAIN": 6}


@dataclasses.dataclass(frozen=True)
class View:
    """What of a reply counts."""

    rcode: int
    flags: int
    answer: tuple
    authority: tuple  # () where the answer is not empty
    additional: tuple

    def text(self) -> str:
        flags = " ".join(word for word, bit in FLAGS.items() if self.flags & bit)
        rows = [f"rcode {self.rcode} {flags}"]
        for title in ("answer", "authority", "additional"):
            rows += [f"  {title}: {wire.record_text(record)}" for record in getattr(self, title)]
        return "\n".join(rows)


def view(rcode: int, flags: int, sections: list[list[tuple]]) -> View:
    answer, authority, additional = (tuple(sorted(set(section))) for section in sections)
    return View(rcode, flags & ~wire.RA & 0x87B0, answer, () if answer else authority, additional)


@dataclasses.dataclass(frozen=True)
class Group:
    servers: tuple[str, ...]
    view: View


@dataclasses.dataclass(frozen=True)
class Case:
    number: int  # the data set's
    zone: Zone
    question: wire.Question
    groups: tuple[Group, ...]


def renamed(text: str, tail: str) -> str:
    """A name of the data set, moved under the case's own."""
    return tail if text == "." else text + tail


def renamed_record(line: str, tail: str) -> tuple[str, str, str, str]:
    """Owner, TTL, type and rdata of a line of zone file text, with all names moved."""
    owner, ttl, _class, rdtype, rdata = line.split(None, 4)
    words = rdata.split() if rdtype != "TXT" else [rdata]
    if rdtype in ("NS", "CNAME", "DNAME"):
        words = [renamed(words[0], tail)]
    elif rdtype == "SOA":
        words[:2] = [renamed(word, tail) for word in words[:2]]
    return renamed(owner, tail), ttl, rdtype, " ".join(words)


def to_record(line: str, tail: str) -> tuple:
    owner, ttl, rdtype, text = renamed_record(line, tail)
    number = dns.rdatatype.from_text(rdtype)
    rdata = dns.rdata.from_text("IN", rdtype, text, origin=dns.name.root, relativize=False)
    return (wire.to_wire(owner).lower(), int(number), 1, int(ttl),
            wire.fold(int(number), rdata.to_wire()))


def to_group(entry: dict, tail: str) -> Group:
    rcode, flags, sections, at = 0, 0, [[], [], []], None
    for line in entry["Response"]:
        word, _, rest = line.partition(" ")
        if line in SECTIONS:
            at = SECTIONS[line]
        elif at is None and word == "rcode":
            rcode = RCODES[rest]
        elif at is None and word == "flags":
            flags = sum(FLAGS[flag] for flag in rest.split())
        elif at is not None and at >= 0:
            sections[at].append(to_record(line, tail))
    return Group(tuple(entry["Server/s"].split()), view(rcode, flags, sections))


def to_case(row: dict, folder: pathlib.Path) -> Case:
    tail = f"t{row['id']}.x."
    records = [renamed_record(line, tail) for line in row["zone"].splitlines() if line.strip()]
    origin = next(owner for owner, _ttl, rdtype, _rdata in records if rdtype == "SOA")
    path = folder / f"{row['id']}.zone"
    path.write_text("".join(f"{owner} {ttl} IN {rdtype} {rdata}\n"
                            for owner, ttl, rdtype, rdata in records))
    [expected] = row["expected"]
    name = wire.to_wire(renamed(expected["Query"]["Name"], tail))
    question = wire.Question(name, int(dns.rdatatype.from_text(expected["Query"]["Type"])))
    groups = tuple(to_group(entry, tail) for entry in expected["Expected Response"])
    return Case(row["id"], Zone(origin, path), question, groups)


def load(data: pathlib.Path, folder: pathlib.Path) -> list[Case]:
    """All cases; their zone files are written into the folder."""
    with open(data / "ferret" / "cases.jsonl", encoding="utf-8") as file:
        return [to_case(json.loads(line), folder) for line in file]

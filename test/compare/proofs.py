"""What NSEC and NSEC3 records of a reply prove, worked out in the plainest way: for explanations of
differences, and to judge our own replies without asking anybody.

    proof = proofs.Proof(reply.sections[1], origin)
    proof.matches(name)   an NSEC or NSEC3 is of this name
    proof.covers(name)    one says that nothing is where the name would be
    proof.denies(name)    it does not exist, and no wildcard could have been used for it
"""

import base64
import hashlib
from functools import cache

import wire

NSEC, NSEC3 = 47, 50
HEX32 = bytes.maketrans(b"0123456789abcdefghijklmnopqrstuv", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def order(name: bytes) -> list[bytes]:
    """RFC 4034 6.1: as lists of labels, from the root."""
    return wire.labels(name.lower())[::-1]


@cache
def hashed(name: bytes, salt: bytes, iterations: int) -> bytes:
    digest = hashlib.sha1(name.lower() + salt).digest()
    for _ in range(iterations):
        digest = hashlib.sha1(digest + salt).digest()
    return digest


def parent(name: bytes) -> bytes:
    return name[1 + name[0] :]


class Proof:
    """The NSEC and NSEC3 records among `records` that are of the zone `origin`."""

    def __init__(self, records: list[tuple], origin: bytes):
        self.origin = origin
        within = [record for record in records if wire.is_within(record[0], origin)]
        self.nsec, self.nsec3 = [], []
        for owner, rdtype, _class, _ttl, rdata in within:
            if rdtype == NSEC:
                reader = wire.Reader(bytes(wire.HEADER) + rdata)
                self.nsec.append((owner, reader.name()))
            elif rdtype == NSEC3 and parent(owner) == origin:
                salt = rdata[5 : 5 + rdata[4]]
                here = base64.b32decode(owner[1:33].translate(HEX32))
                there = rdata[6 + rdata[4] : 26 + rdata[4]]
                self.nsec3.append((here, there, salt, int.from_bytes(rdata[2:4], "big"),
                                   bool(rdata[1] & 1)))

    def matches(self, name: bytes) -> bool:
        """An empty non-terminal is matched by the NSEC whose next name is below it."""
        return any(owner == name.lower() for owner, _next in self.nsec) \
            or any(hashed(name.lower(), salt, iterations) == here
                   for here, _next, salt, iterations, _opt_out in self.nsec3)

    def covers(self, name: bytes, opt_out: bool | None = None) -> bool:
        for owner, following in self.nsec:
            low, at, high = order(owner), order(name), order(following)
            if (low < at < high or high <= low < at) and high[: len(at)] != at:
                return True
        for here, there, salt, iterations, flag in self.nsec3:
            at = hashed(name.lower(), salt, iterations)
            if (here < at < there or there <= here and (at > here or at < there)) \
                    and opt_out in (None, flag):
                return True
        return False

    def is_empty_non_terminal(self, name: bytes) -> bool:
        at = order(name)
        return any(order(owner) < at < order(following) and order(following)[: len(at)] == at
                   for owner, following in self.nsec)

    def closest_encloser(self, name: bytes) -> bytes | None:
        """The longest name above that the records show to exist."""
        while len(name) > len(self.origin):
            below, name = name, parent(name)
            if self.nsec and any(wire.is_within(known, name) for pair in self.nsec
                                 for known in pair):
                return name
            if self.nsec3 and self.matches(name) and self.covers(below):
                return name
        return None

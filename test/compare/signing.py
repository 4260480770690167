"""Zones that are signed for a test by BIND, ldns, Knot or PowerDNS, with keys that live as long as
the test.

    signed = signing.sign(folder, "nsec.test", text, signing.Manner("bind", 13))
    signed.zone      what a server loads
    signed.anchors   its key that a client trusts: DNSKEY records as text

    family = signing.family(folder, "nsec.test", signing.Manner("bind", 13))
    family.zones     test/compare/zones/signed.zone under that name, and two children of it that are
                     served beside it: secure.nsec.test is signed, insecure.nsec.test is not

The zone file of every signer is text that each server reads. TTLs and names are as they were.
"""

import dataclasses
import pathlib
import re
import shutil
import subprocess

import dns.dnssec
import dns.name
import dns.rdata
import pytest

import peers
from peers import HOST, Kind, Setup, Zone

HERE = pathlib.Path(__file__).resolve().parent

SIGN_S_MAX = 60
# IANA's numbers, and what BIND and Knot call them.
ALGORITHMS = {8: "RSASHA256", 10: "RSASHA512", 13: "ECDSAP256SHA256", 14: "ECDSAP384SHA384",
              15: "ED25519", 16: "ED448"}
RSA_BITS = "2048"
TOOLS = {"bind": ("dnssec-signzone", "bind9-utils"), "ldns": ("ldns-signzone", "ldnsutils"),
         "knot": ("kzonesign", "knot-dnssecutils"), "powerdns": ("pdnsutil", "pdns-server")}


@dataclasses.dataclass(frozen=True)
class Manner:
    """Who signs, and how things are denied. Salt as hex digits."""

    signer: str
    algorithm: int
    nsec3: bool = False
    opt_out: bool = False
    iterations: int = 0
    salt: str = ""

    def __str__(self) -> str:
        words = [self.signer, ALGORITHMS[self.algorithm], "NSEC3" if self.nsec3 else "NSEC"]
        words += ["opt-out"] if self.opt_out else []
        words += [f"{self.iterations} iterations, salt {self.salt or '-'}"] if self.nsec3 else []
        return " ".join(words)


@dataclasses.dataclass(frozen=True)
class Signed:
    zone: Zone
    manner: Manner
    anchors: list[str]


def find(tool: str) -> str | None:
    return shutil.which(tool) or shutil.which(tool, path="/usr/sbin:/usr/local/sbin")


def need(*tools: tuple[str, str]) -> None:
    """(program, Debian package): skips the test where one is missing."""
    for tool, package in tools:
        if not find(tool):
            pytest.skip(f"{tool} is not installed (Debian package {package})")


def run(folder: pathlib.Path, command: list[str]) -> str:
    done = subprocess.run([find(command[0]) or command[0], *command[1:]], cwd=folder, text=True,
                          capture_output=True, timeout=SIGN_S_MAX, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


# --- the signers: each leaves the signed zone in `out` -------------------------------------------

def sign_by_bind(folder, origin: str, manner: Manner, path, out) -> None:
    size = ["-b", RSA_BITS] if manner.algorithm in (8, 10) else []
    for flags in ([], ["-f", "KSK"]):
        run(folder, ["dnssec-keygen", "-q", "-a", str(manner.algorithm), *size, *flags, origin])
    denial = ["-3", manner.salt or "-", "-H", str(manner.iterations)] if manner.nsec3 else []
    denial += ["-A"] if manner.opt_out else []
    run(folder, ["dnssec-signzone", "-q", "-S", "-P", *denial, "-o", origin, "-f", str(out),
                 str(path)])


def sign_by_ldns(folder, origin: str, manner: Manner, path, out) -> None:
    size = ["-b", RSA_BITS] if manner.algorithm in (8, 10) else []
    keys = [run(folder, ["ldns-keygen", "-a", ALGORITHMS[manner.algorithm], *size, *flags,
                         origin]).strip() for flags in ([], ["-k"])]
    denial = ["-n", "-t", str(manner.iterations)] if manner.nsec3 else []
    denial += ["-s", manner.salt] if manner.nsec3 and manner.salt else []
    denial += ["-p"] if manner.opt_out else []
    run(folder, ["ldns-signzone", *denial, "-o", origin, "-f", str(out), str(path), *keys])


def sign_by_knot(folder, origin: str, manner: Manner, path, out) -> None:
    yes = {True: "on", False: "off"}
    size = RSA_BITS if manner.algorithm in (8, 10) else None
    sizes = f"    ksk-size: {size}\n    zsk-size: {size}\n" if size else ""
    (folder / "knot.conf").write_text(f"""\
server:
    rundir: "{folder}"
database:
    storage: "{folder}/db"
policy:
  - id: test
    manual: on
    algorithm: {ALGORITHMS[manner.algorithm]}
{sizes}    nsec3: {yes[manner.nsec3]}
    nsec3-iterations: {manner.iterations}
    nsec3-opt-out: {yes[manner.opt_out]}
    nsec3-salt-length: {len(manner.salt) // 2}
    cds-cdnskey-publish: none
zone:
  - domain: "{origin}"
    file: "{path}"
    dnssec-signing: on
    dnssec-policy: test
""")
    made = folder / "made"
    made.mkdir()
    (folder / "db").mkdir()
    for role in ("zsk=yes", "ksk=yes"):
        run(folder, ["keymgr", "-c", "knot.conf", origin, "generate", role])
    if manner.salt:
        run(folder, ["keymgr", "-c", "knot.conf", origin, "nsec3-salt", manner.salt])
    run(folder, ["kzonesign", "-c", "knot.conf", "-o", str(made), origin])
    next(made.iterdir()).rename(out)


# PowerDNS signs what it answers, so its signed zone is what a transfer brings. One key signs all of
# it, which is its default; the keys lie beside the zone.
def write_powerdns(setup: Setup) -> list[str]:
    return [setup.binary, f"--config-dir={setup.zones[0].path.parent}", f"--local-address={HOST}",
            f"--local-port={setup.port}", f"--socket-dir={setup.folder}"]


peers.KINDS["powerdns"] = Kind("PowerDNS", "pdns_server", "pdns-server", write_powerdns)


def sign_by_powerdns(folder, origin: str, manner: Manner, path, out) -> None:
    (folder / "zones.conf").write_text(f'zone "{origin}" {{ type master; file "{path}"; }};\n')
    (folder / "pdns.conf").write_text(f"""\
launch=bind
bind-config={folder}/zones.conf
bind-dnssec-db={folder}/keys.sqlite3
default-ksk-algorithm={ALGORITHMS[manner.algorithm].lower()}
default-ksk-size={RSA_BITS if manner.algorithm in (8, 10) else 0}
daemon=no
guardian=no
write-pid=no
disable-syslog=yes
security-poll-suffix=
disable-axfr=no
allow-axfr-ips={HOST}
""")
    tool = ["pdnsutil", f"--config-dir={folder}"]
    run(folder, [*tool, "create-bind-db", "keys.sqlite3"])
    run(folder, [*tool, "secure-zone", origin])
    if manner.nsec3:
        words = f"1 {int(manner.opt_out)} {manner.iterations} {manner.salt or '-'}"
        run(folder, [*tool, "set-nsec3", origin, words])
    run(folder, [*tool, "rectify-zone", origin])
    with peers.running("powerdns", [Zone(origin, path)]) as server:
        text = run(folder, ["dig", "+noall", "+answer", "+onesoa", f"@{HOST}", "-p",
                            str(server.port), origin, "AXFR"])
    out.write_text(text)


def algorithms_of_powerdns() -> set[int]:
    """What this build of it signs with: libraries for the Edwards curves may be left out."""
    text = run(HERE, ["pdnsutil", "--config-dir=/nonexistent", "list-algorithms"])
    return {int(number) for number in re.findall(r"^(\d+) - ", text, re.M)}


SIGNERS = {"bind": sign_by_bind, "ldns": sign_by_ldns, "knot": sign_by_knot,
           "powerdns": sign_by_powerdns}


def sign(folder: pathlib.Path, origin: str, text: str, manner: Manner) -> Signed:
    """`folder` is made; `text` may have names that are relative to the origin."""
    folder.mkdir()
    path, out = folder / "zone", folder / "signed"
    path.write_text(f"$ORIGIN {origin}.\n{text}")
    SIGNERS[manner.signer](folder, origin, manner, path, out)
    lines = run(folder, ["ldns-read-zone", str(out)]).splitlines()
    anchors = [line.partition(";")[0].strip() for line in lines
               if re.search(r"\sIN\s+DNSKEY\s+257\s", line)]
    assert anchors, f"no key in {out}"
    return Signed(Zone(origin, out), manner, anchors)


# --- a zone with children ------------------------------------------------------------------------

CHILD = """\
$TTL 1800
@          SOA   ns1.{parent}. hostmaster 7 7200 900 1209600 600
@          NS    ns1.{parent}.
@          MX    10 www
www        A     192.0.2.60
Www2       AAAA  2001:db8::60
*.wild     TXT   "the child's"
a.b.ent    A     192.0.2.61
up         CNAME www.{parent}.
upwild     CNAME x.wild.{parent}.
upnothing  CNAME nothing.{parent}.
dname      DNAME wild.{parent}.
cut        NS    ns.elsewhere.invalid.
"""


@dataclasses.dataclass(frozen=True)
class Family:
    zones: list[Zone]
    manner: Manner
    anchors: list[str]  # the parent's


def ds_of(origin: str, anchor: str) -> str:
    name = dns.name.from_text(origin)
    key = dns.rdata.from_text("IN", "DNSKEY", anchor.split(None, 4)[4])
    return dns.dnssec.make_ds(name, key, "SHA256").to_text()


def family(folder: pathlib.Path, origin: str, manner: Manner) -> Family:
    folder.mkdir()
    child = CHILD.format(parent=origin)
    secure = sign(folder / "secure", f"secure.{origin}", child, manner)
    text = (HERE / "zones" / "signed.zone").read_text() + "secure NS ns1\n"
    text += "".join(f"secure DS {ds_of(secure.zone.origin, anchor)}\n"
                    for anchor in secure.anchors)
    parent = sign(folder / "parent", origin, text, manner)
    path = folder / "insecure"
    path.write_text(f"$ORIGIN insecure.{origin}.\n{child}")
    zones = [parent.zone, secure.zone, Zone(f"insecure.{origin}", path)]
    return Family(zones, manner, parent.anchors)

"""NSD, Knot DNS, BIND and PowerDNS as secondaries of ours, each started by hand.

    with secondary("knot", folder, daemon, ["example.test"], key) as server:
        server.wait("example.test", serial=2)
        server.records("example.test")           # all of them, by AXFR

Each has a folder and a port of its own on loopback, asks our daemon and nobody else, signs with the
key where one is given, and hears NOTIFY at its port (peer.py).
"""

import contextlib
import pathlib
import time

import dns.query
import dns.rdatatype
import dns.zone

from conftest import HOST, START_S
from peer import Server

class Secondary(Server):
    def __init__(self, kind, folder, daemon, zones, key=None, port=None, catalog=None):
        super().__init__(kind, folder, key, port)
        self.zones, self.primary = zones, daemon.port
        self.catalog = catalog  # Knot and BIND take the zones that it lists, too
        self.start()

    # --- how each is told

    def write_nsd(self, program):
        key = self.key.name.to_text() if self.key else "NOKEY"
        text = f"""\
server:
  ip-address: {HOST}@{self.port}
  server-count: 1
  username: ""
  database: ""
  zonesdir: "{self.folder}"
  pidfile: "{self.folder}/nsd.pid"
  xfrdfile: "{self.folder}/xfrd.state"
  zonelistfile: "{self.folder}/zone.list"
  xfrdir: "{self.folder}"
  verbosity: 2
remote-control:
  control-enable: no
"""
        if self.key:
            text += f"""\
key:
  name: "{key}"
  algorithm: {self.algorithm()}
  secret: "{self.secret()}"
"""
        for zone in self.zones:
            text += f"""\
zone:
  name: "{zone}"
  zonefile: "{zone}.zone"
  request-xfr: {HOST}@{self.primary} {key}
  allow-notify: {HOST} {key}
  provide-xfr: {HOST} NOKEY
  min-retry-time: 1
"""
        (self.folder / "nsd.conf").write_text(text)
        return [program, "-d", "-c", str(self.folder / "nsd.conf")]

    def write_knot(self, program):
        key = f"\n    key: {self.key.name.to_text()}" if self.key else ""
        text = f"""\
server:
    rundir: "{self.folder}"
    listen: "{HOST}@{self.port}"
log:
  - target: stderr
    any: info
database:
    storage: "{self.folder}/db"
"""
        if self.key:
            text += f"""\
key:
  - id: {self.key.name.to_text()}
    algorithm: {self.algorithm()}
    secret: {self.secret()}
"""
        template = """\
template:
  - id: member
    master: primary
    acl: [told, given]
    semantic-checks: off
""" if self.catalog else ""
        text += f"""\
remote:
  - id: primary
    address: {HOST}@{self.primary}{key}
acl:
  - id: told
    address: {HOST}
    action: notify{key}
  - id: given
    address: {HOST}
    action: transfer
{template}zone:
"""
        for zone in self.zones:
            text += (f"  - domain: {zone}\n    master: primary\n    acl: [told, given]\n"
                     f"    storage: \"{self.folder}\"\n    semantic-checks: off\n")
            if zone == self.catalog:
                text += "    catalog-role: interpret\n    catalog-template: member\n"
        (self.folder / "db").mkdir(exist_ok=True)
        (self.folder / "knot.conf").write_text(text)
        return [program, "-c", str(self.folder / "knot.conf")]

    def write_bind(self, program):
        listed = (f'catalog-zones {{ zone "{self.catalog}" default-primaries {{ {HOST} port '
                  f"{self.primary}; }} in-memory yes min-update-interval 1; }};"
                  if self.catalog else "")
        text = f"""\
options {{
  directory "{self.folder}";
  listen-on port {self.port} {{ {HOST}; }};
  listen-on-v6 {{ none; }};
  pid-file none;
  lock-file none;
  session-keyfile "{self.folder}/session.key";
  managed-keys-directory "{self.folder}";
  recursion no;
  dnssec-validation no;
  notify no;
  allow-transfer {{ {HOST}; }};
  serial-query-rate 1000;
  {listed}
}};
controls {{ }};
"""
        key = ""
        if self.key:
            name = self.key.name.to_text()
            key = f' key "{name}"'
            text += (f'key "{name}" {{ algorithm {self.algorithm()}; '
                     f'secret "{self.secret()}"; }};\n')
        for zone in self.zones:
            text += f"""\
zone "{zone}" {{
  type secondary;
  file "{zone}.zone";
  primaries {{ {HOST} port {self.primary}{key}; }};
  allow-notify {{ {HOST}; }};
}};
"""
        (self.folder / "named.conf").write_text(text)
        return [program, "-f", "-g", "-n", "1", "-c", str(self.folder / "named.conf")]

    def write_powerdns(self, program):
        (self.folder / "pdns.conf").write_text(f"""\
daemon=no
guardian=no
setgid=
setuid=
local-address={HOST}
local-port={self.port}
socket-dir={self.folder}
launch=bind
bind-config={self.folder}/named.conf
bind-dnssec-db={self.folder}/db
secondary=yes
allow-axfr-ips={HOST}
allow-notify-from={HOST}
xfr-cycle-interval=1
cache-ttl=0
query-cache-ttl=0
zone-cache-refresh-interval=0
loglevel=6
""")
        (self.folder / "named.conf").write_text("".join(
            f'zone "{zone}" {{ type slave; file "{self.folder}/{zone}.zone"; '
            f'masters {{ {HOST}:{self.primary}; }}; }};\n' for zone in self.zones))
        for zone in self.zones:
            path = self.folder / f"{zone}.zone"
            if not path.exists():
                path.touch()
        if not (self.folder / "db").exists():
            self.tool("create-bind-db", str(self.folder / "db"))
            if self.key:
                name = self.key.name.to_text().rstrip(".")
                self.tool("import-tsig-key", name, self.algorithm(), self.secret())
                for zone in self.zones:
                    self.tool("set-meta", zone, "AXFR-MASTER-TSIG", name)
        return [program, f"--config-dir={self.folder}"]

    # --- asking it

    def wait(self, zone, serial, seconds=START_S):
        """Until it serves this version; returns how long that took."""
        began = time.monotonic()
        while (has := self.serial(zone)) != serial:
            assert self.process.poll() is None, self.log()
            assert time.monotonic() - began < seconds, f"{zone}: {has}\n{self.log()}"
            time.sleep(0.02)
        return time.monotonic() - began

    def records(self, zone):
        """All its records, as (owner, type, TTL, data)."""
        return records(self.port, zone)


def flat(zone):
    """A zone of dnspython's as a set of (owner, type, TTL, data)."""
    return {(name.to_text().lower(), dns.rdatatype.to_text(rdataset.rdtype), rdataset.ttl,
             rdata.to_digestable().hex())
            for name, rdataset in zone.iterate_rdatasets() for rdata in rdataset}


def records(port, zone, key=None, **options):
    """What a transfer brings."""
    signed = {"keyring": {key.name: key}, "keyname": key.name,
              "keyalgorithm": key.algorithm} if key else {}
    messages = dns.query.xfr(HOST, zone, port=port, relativize=False, lifetime=60, **signed,
                             **options)
    return flat(dns.zone.from_xfr(messages, relativize=False))


@contextlib.contextmanager
def secondary(kind, folder, daemon, zones, key=None, port=None, **options):
    server = Secondary(kind, pathlib.Path(folder), daemon, zones, key, port, **options)
    try:
        yield server
    finally:
        server.stop()

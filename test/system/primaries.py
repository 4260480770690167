"""NSD, Knot DNS, BIND and PowerDNS as primaries of ours, each started by hand.

    with primary("knot", folder, {"example.test": text}, daemon_port, key) as server:
        server.change("example.test", newer_text)     # and it tells us by NOTIFY

Each tells our daemon of its changes by NOTIFY (peer.py).
"""

import contextlib
import os
import pathlib
import signal

from conftest import HOST, START_S, wait_for
from peer import Server


class Primary(Server):
    def __init__(self, kind, folder, zones, client_port, key=None, catalog=None, updates=False):
        super().__init__(kind, folder, key)
        self.catalog = catalog  # Knot makes it of all zones
        self.updates = updates  # Knot and BIND take them from who may transfer
        self.client_port, self.zones = client_port, list(zones)
        for zone, text in zones.items():
            self.write(zone, text)
        self.start()
        wait_for(self.answers, START_S, f"{kind}: {self.log()}")

    def write(self, zone, text):
        fresh = self.folder / f"{zone}.new"
        fresh.write_text("$TTL 3600\n" + text if not text.startswith("$TTL") else text)
        os.replace(fresh, self.folder / f"{zone}.zone")

    def keyname(self):
        return self.key.name.to_text().rstrip(".")

    def write_nsd(self, program):
        key = self.keyname() if self.key else "NOKEY"
        text = f"""\
server:
  ip-address: {HOST}@{self.port}
  server-count: 1
  username: ""
  database: ""
  zonesdir: "{self.folder}"
  pidfile: "{self.folder}/pid"
  xfrdfile: "{self.folder}/xfrd"
  xfrdir: "{self.folder}"
  zonelistfile: "{self.folder}/zonelist"
  zonefiles-check: no
remote-control:
  control-enable: no
"""
        if self.key:
            text += f"key:\n  name: {key}\n  algorithm: hmac-sha256\n  secret: {self.secret()}\n"
        for zone in self.zones:
            text += (f"zone:\n  name: {zone}\n  zonefile: {zone}.zone\n"
                     f"  provide-xfr: {HOST} {key}\n"
                     f"  notify: {HOST}@{self.client_port} {key}\n  notify-retry: 5\n")
        (self.folder / "nsd.conf").write_text(text)
        return [program, "-d", "-c", str(self.folder / "nsd.conf")]

    def write_knot(self, program):
        text = f"server:\n  listen: {HOST}@{self.port}\n  rundir: {self.folder}\n"
        text += f"database:\n  storage: {self.folder}\n"
        if self.key:
            text += (f"key:\n- id: {self.keyname()}\n  algorithm: hmac-sha256\n"
                     f"  secret: {self.secret()}\n")
        key = f"  key: {self.keyname()}\n" if self.key else ""
        text += f"remote:\n- id: us\n  address: {HOST}@{self.client_port}\n{key}"
        action = "[transfer, update]" if self.updates else "transfer"
        text += f"acl:\n- id: us\n  address: {HOST}\n  action: {action}\n{key}"
        text += f"template:\n- id: default\n  storage: {self.folder}\n  file: \"%s.zone\"\n"
        text += "  acl: us\n  notify: us\n  zonefile-sync: -1\n  zonefile-load: difference\n"
        text += "  journal-content: changes\nzone:\n"
        if self.catalog:
            text += f"- domain: {self.catalog}\n  catalog-role: generate\n"
        member = f"  catalog-role: member\n  catalog-zone: {self.catalog}\n" if self.catalog else ""
        text += "".join(f"- domain: {zone}\n{member}" for zone in self.zones)
        (self.folder / "knot.conf").write_text(text)
        return [program, "-c", str(self.folder / "knot.conf")]

    def write_bind(self, program):
        key = f'key "{self.keyname()}"' if self.key else HOST
        text = f"""\
options {{ directory "{self.folder}"; listen-on port {self.port} {{ {HOST}; }};
  listen-on-v6 {{ none; }}; pid-file "{self.folder}/pid"; session-keyfile none;
  recursion no; dnssec-validation no;
  allow-transfer {{ {key}; }}; notify explicit; ixfr-from-differences yes; notify-delay 0; }};
controls {{ }};
"""
        if self.key:
            text += (f'key "{self.keyname()}" {{ algorithm hmac-sha256; '
                     f'secret "{self.secret()}"; }};\n')
        named = f' key "{self.keyname()}"' if self.key else ""
        allowed = f"allow-update {{ {key}; }}; " if self.updates else ""
        for zone in self.zones:
            text += (f'zone "{zone}" {{ type primary; file "{zone}.zone"; {allowed}'
                     f"also-notify {{ {HOST} port {self.client_port}{named}; }}; }};\n")
        (self.folder / "named.conf").write_text(text)
        return [program, "-g", "-n", "1", "-c", str(self.folder / "named.conf")]

    def write_powerdns(self, program):
        text = "".join(f'zone "{zone}" {{ type master; file "{self.folder}/{zone}.zone"; }};\n'
                       for zone in self.zones)
        (self.folder / "named.conf").write_text(text)
        lines = ["launch=bind", f"bind-config={self.folder}/named.conf", "master=yes",
                 f"local-address={HOST}", f"local-port={self.port}", f"socket-dir={self.folder}",
                 f"config-dir={self.folder}", f"allow-axfr-ips={HOST}/32", "disable-axfr=no",
                 f"also-notify={HOST}:{self.client_port}", "only-notify=", "guardian=no",
                 "daemon=no", "disable-syslog=yes", "bind-check-interval=1", "setuid=", "setgid=",
                 "zone-cache-refresh-interval=0", "consistent-backends=no",
                 "slave-cycle-interval=1", "xfr-cycle-interval=1"]
        if self.key:
            lines.append(f"bind-dnssec-db={self.folder}/keys")
        (self.folder / "pdns.conf").write_text("\n".join(lines) + "\n")
        if self.key:
            self.tool("create-bind-db", f"{self.folder}/keys")
            self.tool("import-tsig-key", self.keyname(), "hmac-sha256", self.secret())
            for zone in self.zones:
                self.tool("activate-tsig-key", zone, self.keyname(), "master")
        return [program, f"--config-dir={self.folder}"]

    def answers(self):
        assert self.process.poll() is None, self.log()
        return all(self.serial(zone) is not None for zone in self.zones)

    def change(self, zone, text):
        """It reads the new text, and tells us."""
        self.write(zone, text)
        if self.kind == "powerdns":  # it looks by itself
            return
        os.killpg(self.process.pid, signal.SIGHUP)


@contextlib.contextmanager
def primary(kind, folder, zones, client_port, key=None, **options):
    server = Primary(kind, pathlib.Path(folder), zones, client_port, key, **options)
    try:
        yield server
    finally:
        server.stop()

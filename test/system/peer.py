"""NSD, Knot DNS, BIND and PowerDNS, each started by hand: what primaries and secondaries share.

Each has a folder and a port of its own on loopback. All are in the foreground, in a process group
of their own, and are killed by its number at the end.
"""

import base64
import contextlib
import os
import shutil
import signal
import subprocess

import dns.exception
import dns.message
import dns.query
import dns.rdatatype
import pytest

from conftest import HOST, free_port

# The program of each, and its Debian package.
KINDS = {"nsd": ("nsd", "nsd"), "knot": ("knotd", "knot"), "bind": ("named", "bind9"),
         "powerdns": ("pdns_server", "pdns-server")}


def need(kind):
    """The program of a kind. `make test` installs them all, so only who runs a test by hand may be
    without one."""
    program, package = KINDS[kind]
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if not path:
        pytest.skip(f"{program} is not installed: Debian package {package}")
    return path


class Server:
    """One of them; `write_KIND(program)` writes its configuration and returns its command."""

    def __init__(self, kind, folder, key=None, port=None):
        self.kind, self.folder, self.key = kind, folder, key
        self.port, self.process = port or free_port(), None
        folder.mkdir(exist_ok=True)

    def start(self):
        command = getattr(self, f"write_{self.kind}")(need(self.kind))
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, cwd=self.folder, start_new_session=True)

    def algorithm(self):
        return self.key.algorithm.to_text().rstrip(".")

    def secret(self):
        return base64.b64encode(self.key.secret).decode()

    def tool(self, *words):
        """PowerDNS's own, on this one's databases."""
        subprocess.run(["pdnsutil", f"--config-dir={self.folder}", *words], check=True,
                       capture_output=True, timeout=30)

    def serial(self, zone):
        """The serial that it serves, None if it does not serve the zone."""
        query = dns.message.make_query(zone, "SOA")
        try:
            reply = dns.query.udp(query, HOST, port=self.port, timeout=1)
        except (dns.exception.DNSException, OSError):
            return None
        soa = reply.get_rrset(dns.message.ANSWER, query.question[0].name, 1, dns.rdatatype.SOA)
        return soa[0].serial if soa else None

    def log(self):
        path = self.folder / "log"
        return path.read_text(errors="replace")[-5000:] if path.exists() else ""

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

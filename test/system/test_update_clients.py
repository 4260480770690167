"""Programs that change zones by UPDATE, told what `onym key add` prints: certbot, lego and Kea."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess

import dns.reversename
import pytest

from ca import CA
from conftest import HOST, ONYM, ZONE, free_port, wait_for

PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"
# `make test` installs them all: only who runs a test by hand may be without one.
PACKAGES = {"certbot": "python3-certbot-dns-rfc2136", "lego": "lego",
            "kea-dhcp-ddns": "kea-dhcp-ddns-server"}


def program(name):
    return shutil.which(name, path=PATH) or \
        pytest.skip(f"{name} is not installed: Debian package {PACKAGES[name]}")


def challenged(onym, tmp_path):
    """A daemon with a key for challenges, and that key's snippets."""
    daemon = onym(extra=f'include: ["{tmp_path}/*.yaml"]\n')
    done = subprocess.run([ONYM, "key", "add", "acme", "--acme", "example.test", "--server",
                           f"{HOST}:{daemon.port}", "--json"], capture_output=True, text=True,
                          timeout=60, check=True)
    snippets = json.loads(done.stdout)["snippets"]
    (tmp_path / "key.yaml").write_text(snippets["onym"])
    (tmp_path / "key.yaml").chmod(0o600)
    return daemon.start(), snippets


def texts(daemon, name):
    """The TXT records at a name."""
    return [string.decode() for rrset in daemon.ask(name, "TXT").answer for record in rrset
            for string in record.strings]


def check_challenge(daemon, ca):
    """The CA has seen one record, it came by UPDATE, and it is gone."""
    name = "_acme-challenge.a.example.test"
    assert [len(seen) for seen in ca.seen] == [1] and "/certificate" in ca.asked, ca.asked
    assert texts(daemon, name) == []
    done = daemon.run("zone", "log", "example.test", "--json", "-c", str(daemon.path))
    changes = json.loads(done.stdout)["changes"]
    assert len(changes) == 2, changes
    assert all(change["kind"] == "update" and change["who"].startswith("key:acme")
               for change in changes), changes


def test_lego(onym, tmp_path):
    """From the account to the certificate."""
    lego = program("lego")
    daemon, snippets = challenged(onym, tmp_path)
    environment = dict(line.split("=", 1) for line in snippets["lego"].split())
    with CA(lambda name: texts(daemon, name)) as ca:
        done = subprocess.run(
            [lego, "--path", str(tmp_path / "lego"), "--server", ca.url, "--email", "a@b.test",
             "--accept-tos", "--dns", "rfc2136", "--dns.disable-cp", "--dns.resolvers",
             f"{HOST}:{daemon.port}", "--domains", "a.example.test", "run"],
            env={"PATH": PATH, **environment}, capture_output=True, text=True, timeout=60,
            check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "lego" / "certificates" / "a.example.test.crt").exists()
    check_challenge(daemon, ca)


def test_certbot(onym, tmp_path):
    """From the account to the certificate."""
    certbot = program("certbot")
    daemon, snippets = challenged(onym, tmp_path)
    credentials = tmp_path / "certbot.ini"
    credentials.write_text(snippets["certbot"])
    credentials.chmod(0o600)
    folders = [word for name in ("config", "work", "logs")
               for word in (f"--{name}-dir", str(tmp_path / name))]
    with CA(lambda name: texts(daemon, name)) as ca:
        done = subprocess.run(
            [certbot, "certonly", "--non-interactive", "--agree-tos", "--email", "a@b.test",
             "--no-eff-email", "--server", ca.url, *folders, "--dns-rfc2136",
             "--dns-rfc2136-credentials", str(credentials), "--dns-rfc2136-propagation-seconds",
             "0", "-d", "a.example.test"],
            capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    check_challenge(daemon, ca)


# --- Kea's DHCP-DDNS server, which writes what a DHCP server tells it

REVERSE = "2.0.192.in-addr.arpa"


@contextlib.contextmanager
def kea(folder, daemon, snippet):
    """Kea with the configuration that the key's snippet is, and a zone for addresses added; gives
    the port that it hears DHCP servers at."""
    conf, port = json.loads(snippet), free_port()
    domain = conf["DhcpDdns"]["forward-ddns"]["ddns-domains"][0]
    conf["DhcpDdns"].update({
        "ip-address": HOST, "port": port,
        "reverse-ddns": {"ddns-domains": [{**domain, "name": REVERSE + "."}]},
        "loggers": [{"name": "kea-dhcp-ddns", "severity": "DEBUG", "debuglevel": 40,
                     "output_options": [{"output": "stdout"}]}]})
    (folder / "kea.conf").write_text(json.dumps(conf))
    with open(folder / "kea.log", "wb") as log:
        process = subprocess.Popen(
            [program("kea-dhcp-ddns"), "-d", "-c", str(folder / "kea.conf")], stdout=log,
            stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, "KEA_LOCKFILE_DIR": str(folder), "KEA_PIDFILE_DIR": str(folder),
                 "KEA_LOGGER_DESTINATION": "stdout"})
    try:
        wait_for(lambda: "DHCP_DDNS_STARTED" in (folder / "kea.log").read_text(), 20,
                 (folder / "kea.log").read_text())
        yield port
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def lease(port, remove, name, address):
    """What Kea's DHCP server says of a lease that begins or ends: JSON behind its length."""
    text = json.dumps({
        "change-type": int(remove), "forward-change": True, "reverse-change": True,
        "fqdn": name + ".", "ip-address": address, "dhcid": "010203040a7f8e3d",
        "lease-expires-on": "20300101000000", "lease-length": 1800,
        "use-conflict-resolution": True}).encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(len(text).to_bytes(2, "big") + text, (HOST, port))


def test_kea(onym, tmp_path):
    """A lease begins, moves and ends: the name and the address follow, both ways."""
    folder = tmp_path / "kea"
    folder.mkdir()
    daemon = onym(zones={"example.test": ZONE, REVERSE: "$TTL 3600\n@ SOA ns1.example.test. "
                         "host.example.test. 1 7200 3600 1209600 300\n@ NS ns1.example.test.\n"})
    done = subprocess.run([ONYM, "key", "add", "dhcp", "--zone", "example.test", "--server",
                           f"{HOST}:{daemon.port}", "--json"], capture_output=True, text=True,
                          timeout=60, check=True)
    snippets = json.loads(done.stdout)["snippets"]
    daemon.path.write_text(daemon.path.read_text().replace(
        '.zone"}', '.zone", update: ["key:dhcp"]}') +
        f"keys: {{dhcp: {{alg: hmac-sha256, secret: \"{json.loads(done.stdout)['secret']}\"}}}}\n")
    daemon.start()
    name = "host7.example.test"

    def pointer(address):
        reply = daemon.ask(dns.reversename.from_address(address), "PTR")
        return [record.to_text() for rrset in reply.answer for record in rrset]

    with kea(folder, daemon, snippets["kea"]) as port:
        def settle(remove, address, condition):
            lease(port, remove, name, address)
            wait_for(condition, 15, f"{name} {address}\n{(folder / 'kea.log').read_text()[-6000:]}")
        settle(False, "192.0.2.107", lambda: daemon.address(name) == "192.0.2.107" and
               pointer("192.0.2.107") == [name + "."])
        settle(False, "192.0.2.108", lambda: daemon.address(name) == "192.0.2.108" and
               pointer("192.0.2.108") == [name + "."])
        settle(True, "192.0.2.108", lambda: daemon.address(name) == "NXDOMAIN" and
               pointer("192.0.2.108") == [])
    log = (folder / "kea.log").read_text()
    assert "DHCP_DDNS_ADD_SUCCEEDED" in log and "DHCP_DDNS_REMOVE_SUCCEEDED" in log
    changes = json.loads(daemon.run("zone", "log", "example.test", "--json", "-c",
                                    str(daemon.path)).stdout)["changes"]
    assert {change["kind"] for change in changes} == {"update"}
    assert all(change["who"].startswith("key:dhcp") for change in changes), changes

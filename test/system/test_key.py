"""`onym key`: the snippets, as the programs that they are for take them."""

import http.server
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import threading

import pytest
import yaml

from conftest import HOST, ONYM, ZONE

ALGORITHMS = ["hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"]


def cli(*words, code=0, **options):
    if not os.access(ONYM, os.X_OK):
        pytest.skip(f"no {ONYM}: build it, or set ONYM")
    done = subprocess.run([ONYM, *words], capture_output=True, text=True, timeout=60, check=False,
                          **options)
    assert done.returncode == code, done.stderr
    return done


# `make test` installs them all: only who runs a test by hand may be without one.
PACKAGES = {"named-checkconf": "bind9-utils", "nsd-checkconf": "nsd", "knotc": "knot",
            "kea-dhcp-ddns": "kea-dhcp-ddns-server", "lego": "lego"}


def program(name):
    found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    return found or pytest.skip(f"{name} is not installed: Debian package {PACKAGES[name]}")


def run(*words, **options):
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, **options)


def snippet(tool, path, *words):
    path.write_text(cli("key", "add", "some_Key.test", "-q", "--for", tool, *words).stdout)
    path.chmod(0o600)
    return str(path)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_bind(tmp_path, algorithm):
    check = program("named-checkconf")
    for tool in ("bind", "nsupdate"):
        path = snippet(tool, tmp_path / f"{tool}.conf", "--alg", algorithm)
        done = run(check, path)
        assert done.returncode == 0 and done.stdout + done.stderr == "", done.stdout


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_nsd(tmp_path, algorithm):
    check = program("nsd-checkconf")
    path = snippet("nsd", tmp_path / "nsd.conf", "--alg", algorithm, "--server", "[::1]:5353")
    done = run(check, path)
    assert done.returncode == 0 and done.stdout + done.stderr == "", done.stderr
    assert run(check, "-z", "example.test", "-o", "request_xfr", path).stdout


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_knot(tmp_path, algorithm):
    check = program("knotc")
    path = snippet("knot", tmp_path / "knot.conf", "--alg", algorithm, "--zone", "0/25.a.test")
    done = run(check, "-c", path, "conf-check")
    assert done.returncode == 0 and "Configuration is valid" in done.stdout, done.stderr


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_kea(tmp_path, algorithm):
    check = program("kea-dhcp-ddns")
    path = snippet("kea", tmp_path / "kea.conf", "--alg", algorithm)
    json.loads((tmp_path / "kea.conf").read_text())
    done = run(check, "-t", path, env={**os.environ, "KEA_LOCKFILE_DIR": str(tmp_path),
                                       "KEA_PIDFILE_DIR": str(tmp_path)})
    assert done.returncode == 0, done.stdout + done.stderr


def test_certbot(tmp_path):
    """The plugin's own reading of its file, up to the client that it makes of it."""
    path = snippet("certbot", tmp_path / "certbot.ini", "--server", "[::1]:5353")
    script = """
import sys
try:
    from certbot import configuration
    from certbot.plugins import dns_common
    from certbot_dns_rfc2136._internal.dns_rfc2136 import Authenticator
except ImportError:
    sys.exit(77)
import argparse
space = argparse.Namespace(config_dir="/nowhere", work_dir="/nowhere", logs_dir="/nowhere",
                           http01_port=80, https_port=443, domains=["example.test"],
                           dns_rfc2136_credentials=sys.argv[1], server="http://127.0.0.1:1")
plugin = Authenticator(configuration.NamespaceConfig(space), "dns-rfc2136")
plugin._setup_credentials()
client = plugin._get_rfc2136_client()
print(client.server, client.port, list(client.keyring), client.algorithm)
"""
    done = run(sys.executable, "-c", script, path)
    if done.returncode == 77:
        pytest.skip("not installed: Debian package python3-certbot-dns-rfc2136")
    assert "::1 5353" in done.stdout and "some_key.test." in done.stdout, done.stderr
    assert "hmac-sha256" in done.stdout


class Directory(http.server.BaseHTTPRequestHandler):
    """A CA that has a directory and nothing else: lego looks at its environment behind that."""

    def do_GET(self):  # pylint: disable=invalid-name
        here = f"http://{HOST}:{self.server.server_port}"
        urls = {name: f"{here}/{name}" for name in ("newNonce", "newAccount", "newOrder")}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(urls).encode())

    def do_HEAD(self):  # pylint: disable=invalid-name
        self.server.asked.append(self.path)
        self.send_response(500)
        self.end_headers()

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass


def test_lego(tmp_path):
    lego = program("lego")
    lines = cli("key", "add", "k", "-q", "--for", "lego").stdout.split()
    good = dict(line.split("=", 1) for line in lines)
    with http.server.HTTPServer((HOST, 0), Directory) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for environment, asked in ((good, ["/newNonce"]), ({}, [])):
            server.asked = []
            done = run(lego, "--path", str(tmp_path), "--server",
                       f"http://{HOST}:{server.server_port}/", "--email", "a@b.test",
                       "--accept-tos", "--dns", "rfc2136", "--domains", "a.example.test", "run",
                       env={"PATH": os.environ["PATH"], **environment})
            assert done.returncode != 0 and sorted(set(server.asked)) == asked, done.stderr
            assert ("rfc2136: some credentials" in done.stderr) == (not environment), done.stderr
        server.shutdown()


def test_kubernetes():
    """YAML as Kubernetes reads it: a name of RFC 1123, and the same one twice."""
    text = cli("key", "add", "Some_Key", "-q", "--for", "cert-manager", "--acme",
               "example.test").stdout
    secret, issuer = yaml.safe_load_all(text)
    name = secret["metadata"]["name"]
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?", name)
    rfc2136 = issuer["solvers"][0]["dns01"]["rfc2136"]
    assert rfc2136["tsigSecretSecretRef"] == {"name": name, "key": "secret"}
    assert rfc2136["tsigKeyName"] == "some_key"
    args = yaml.safe_load(cli("key", "add", "k", "-q", "--for", "external-dns").stdout)["args"]
    assert "--rfc2136-tsig-axfr" in args and all(word.startswith("--") for word in args)


def test_json():
    done = json.loads(cli("key", "add", "k", "--json").stdout)
    assert done["v"] == 1 and len(done["snippets"]) == 10
    assert all(done["secret"] in text for text in done["snippets"].values())
    done = json.loads(cli("key", "add", "k", "--json", "--acme", "example.test").stdout)
    assert done["acme"] == "example.test" and "knot" not in done["snippets"]


def test_a_key_written_counts(onym, tmp_path):
    """Into an included file, a reload, and dig signs with the snippet for nsupdate."""
    folder = tmp_path / "onym.d"
    folder.mkdir()
    daemon = onym(extra=f'include: ["{folder}/*.yaml"]\n').start()
    key = folder / "k.yaml"
    config = str(daemon.path)
    shown = cli("key", "add", "k", "-q", "-c", config, "--write", str(key), "--for", "nsupdate")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert daemon.ctl("reload")["ok"]
    file = tmp_path / "k.key"
    file.write_text(shown.stdout)
    for words, good in ((("-k", str(file)), True), (("-y", "hmac-sha256:k:AAAA"), False)):
        dig = run("dig", f"@{HOST}", "-p", str(daemon.port), *words, "www.example.test", "A")
        assert ("192.0.2.2" in dig.stdout and "NOERROR" in dig.stdout) == good, dig.stdout
    again = cli("key", "show", "k", "-q", "-c", config, "--secret", "--for", "nsupdate").stdout
    assert again == shown.stdout
    assert cli("key", "show", "k", "-c", config).stdout.count("--secret shows it") == 1
    before = key.read_text()
    cli("key", "add", "k2", "-c", config, "--write", str(key), code=6)
    assert key.read_text() == before


def test_challenges_are_read(tmp_path):
    """What is said of the zone is what the configuration takes, where it knows of updates."""
    (tmp_path / "example.test.zone").write_text(ZONE)
    config = tmp_path / "onym.yaml"
    config.write_text('include: ["k.yaml"]\nzones: {"example.test": {file: example.test.zone}}\n')
    (tmp_path / "k.yaml").write_text(
        cli("key", "add", "k", "-q", "--acme", "example.test", "--for", "onym").stdout)
    cli("check", "-c", str(config))

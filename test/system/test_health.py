"""Addresses that die leave the answers by themselves, and come back by themselves."""

import http.server
import os
import re
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest

from conftest import HOST, free_port, wait_for

CONFIG = """\
checks:
  web: {{http: "/health", port: {port}, interval: 500ms, timeout: 400ms, rise: 2, fall: 2}}
zones:
  "example.test":
    routes:
      "www":
        ttl: 5
        A:
          - {{where: {{nets: [127.0.0.0/8]}}, give: [127.0.0.1, 127.0.0.2], check: web{more}}}
          - {{give: [192.0.2.99]}}
"""


class Page:
    """A web server whose health can be told."""

    def __init__(self, address, port, tls=None):
        self.status, self.asked = 200, 0
        page = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # pylint: disable=invalid-name
                page.asked += 1
                self.send_response(page.status)
                self.end_headers()
                self.wfile.write(b"ready\n")

            def log_message(self, *words):
                pass

        http.server.ThreadingHTTPServer.allow_reuse_address = True
        self.server = http.server.ThreadingHTTPServer((address, port), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def pages():
    """Two web servers at one port of two addresses."""
    first = Page("127.0.0.1", 0)
    made = [first, Page("127.0.0.2", first.port)]
    yield made
    for page in made:
        page.close()


def checked(onym, port, more="", text=CONFIG):
    daemon = onym(extra="include: [checks.yaml]\n")
    write(daemon, port, more, text)
    return daemon


def write(daemon, port, more="", text=CONFIG):
    (daemon.folder / "checks.yaml").write_text(text.format(port=port, more=more))


def addresses(daemon):
    reply = daemon.ask("www.example.test", use_edns=0)
    return {record.to_text() for rrset in reply.answer for record in rrset}


def states(daemon):
    return {target["address"]: target["state"] for target in daemon.ctl("health")["targets"]}


def test_dies_and_comes_back(onym, pages):
    daemon = checked(onym, pages[0].port).start()
    wait_for(lambda: states(daemon) == {"127.0.0.1": "up", "127.0.0.2": "up"}, what="both up")
    assert addresses(daemon) == {"127.0.0.1", "127.0.0.2"}
    pages[1].status = 503
    wait_for(lambda: addresses(daemon) == {"127.0.0.1"}, what="the dead one to leave")
    assert "check web: 127.0.0.2 is down: status 503" in daemon.log()
    pages[0].status = 500
    wait_for(lambda: addresses(daemon) == {"192.0.2.99"}, what="the others' rule")
    assert "no address for this place is well" in daemon.ask(
        "www.example.test", use_edns=0).to_text()
    pages[0].status = pages[1].status = 200
    wait_for(lambda: addresses(daemon) == {"127.0.0.1", "127.0.0.2"}, what="both back")
    said = daemon.run("ctl", "health", "-c", str(daemon.path)).stdout
    assert re.search(r"web +127\.0\.0\.2 +up for .*: status 200", said), said
    assert "2 addresses up, 0 down" in daemon.run("ctl", "status", "-c", str(daemon.path)).stdout
    metrics = daemon.ctl("stats", format="prometheus")["text"]
    assert 'onym_health_up{check="web",address="127.0.0.2"} 1' in metrics
    assert "onym_health_changes_total" in metrics


def test_flapping_changes_nothing(onym, pages):
    daemon = checked(onym, pages[0].port).start()
    wait_for(lambda: states(daemon) == {"127.0.0.1": "up", "127.0.0.2": "up"}, what="both up")
    deadline, before = time.monotonic() + 4, pages[1].asked
    while time.monotonic() < deadline:  # one bad result now and then
        if pages[1].asked != before:
            before = pages[1].asked
            pages[1].status = 503 if pages[1].status == 200 else 200
        assert addresses(daemon) == {"127.0.0.1", "127.0.0.2"}
        time.sleep(0.02)


@pytest.mark.parametrize("policy, expected", [
    ("all", {"127.0.0.1", "127.0.0.2"}), ("none", set()), ("next", {"192.0.2.99"})])
def test_all_dead(onym, policy, expected):
    daemon = checked(onym, free_port(), f", dead: {policy}").start()
    wait_for(lambda: set(states(daemon).values()) == {"down"}, what="both down")
    assert addresses(daemon) == expected


def test_reload_keeps_what_is_known(onym, pages):
    daemon = checked(onym, pages[0].port).start()
    pages[1].status = 503
    wait_for(lambda: states(daemon) == {"127.0.0.1": "up", "127.0.0.2": "down"}, what="one down")
    write(daemon, pages[0].port, more=", ttl: 9")
    assert daemon.ctl("reload")["exit"] == 0
    assert addresses(daemon) == {"127.0.0.1"}  # at once
    # A target that is gone is asked no more.
    write(daemon, pages[0].port, text=CONFIG.replace("[127.0.0.1, 127.0.0.2]", "[127.0.0.1]"))
    assert daemon.ctl("reload")["exit"] == 0
    assert list(states(daemon)) == ["127.0.0.1"]
    time.sleep(0.5)
    asked = pages[1].asked
    time.sleep(1.5)
    assert pages[1].asked == asked


def checker_of(daemon):
    children = subprocess.run(["pgrep", "-P", str(daemon.process.pid), "-f", "onym-checker"],
                              capture_output=True, text=True, check=False).stdout.split()
    return int(children[0]) if children else None


def test_checker_dies(onym, pages):
    daemon = checked(onym, pages[0].port).start()
    wait_for(lambda: states(daemon) == {"127.0.0.1": "up", "127.0.0.2": "up"}, what="both up")
    first = checker_of(daemon)
    os.kill(first, signal.SIGKILL)
    assert addresses(daemon) == {"127.0.0.1", "127.0.0.2"}
    wait_for(lambda: checker_of(daemon) not in (None, first), what="another checker")
    pages[1].status = 503
    wait_for(lambda: addresses(daemon) == {"127.0.0.1"}, what="its verdict")


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_checker_does_not_outlive_us(onym, pages):
    daemon = checked(onym, pages[0].port).start()
    wait_for(lambda: checker_of(daemon), what="the checker")
    checker = checker_of(daemon)
    daemon.kill()
    wait_for(lambda: not is_alive(checker), what="the checker's end")


SCRIPT = """\
checks: {{web: {{script: "{port}", interval: 1s, timeout: 300ms, fall: 1}}}}
zones:
  "example.test":
    routes: {{"www": {{A: [{{give: [127.0.0.1, 127.0.0.2], check: web{more}}}]}}}}
"""


def test_script_that_hangs(onym, tmp_path):
    script = tmp_path / "check.sh"
    script.write_text('#!/bin/sh\n[ "$1" = 127.0.0.2 ] || exit 0\n'
                      f'echo $$ >> {tmp_path}/pids\nsleep 300 & sleep 300\n')
    script.chmod(0o755)
    daemon = checked(onym, script, text=SCRIPT).start()
    wait_for(lambda: states(daemon) == {"127.0.0.1": "up", "127.0.0.2": "down"}, what="verdicts")
    said = {target["address"]: target["words"] for target in daemon.ctl("health")["targets"]}
    assert said["127.0.0.2"] == "the script did not end within 300 ms, and was killed"
    assert addresses(daemon) == {"127.0.0.1"}
    time.sleep(0.5)
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert pids
    assert sum(is_alive(pid) for pid in pids) <= 1  # the one that runs now


TLS = """\
checks: {{web: {{https: /, port: {port}, text: ready, interval: 1s, timeout: 900ms{more}}}}}
zones: {{"example.test": {{routes: {{"www": {{A: [{{give: [127.0.0.1], check: web}}]}}}}}}}}
"""


def test_https(onym, tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
                    "-subj", "/CN=www.example.test", "-keyout", tmp_path / "key", "-out",
                    tmp_path / "cert"], check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    page = Page("127.0.0.1", 0, context)
    try:
        daemon = checked(onym, page.port, text=TLS).start()
        wait_for(lambda: states(daemon) == {"127.0.0.1": "up"}, what="HTTPS")
        write(daemon, page.port, ", verify: true", TLS)  # nobody has signed that one
        assert daemon.ctl("reload")["exit"] == 0
        wait_for(lambda: states(daemon) == {"127.0.0.1": "down"}, what="a certificate refused")
    finally:
        page.close()


def test_without_routes_nobody_checks(onym):
    daemon = onym().start()
    assert daemon.ctl("health")["targets"] == []
    assert checker_of(daemon) is None
    assert "no address is checked" in daemon.run("ctl", "health", "-c", str(daemon.path)).stdout


def test_a_silent_port(onym):
    """A port that takes connections and says nothing."""
    with socket.socket() as silent:
        silent.bind((HOST, 0))
        silent.listen(16)
        daemon = checked(onym, silent.getsockname()[1],
                         text=CONFIG.replace("[127.0.0.1, 127.0.0.2]", "[127.0.0.1]")).start()
        wait_for(lambda: states(daemon) == {"127.0.0.1": "down"}, what="the verdict")
        assert daemon.ctl("health")["targets"][0]["words"] == "no answer within 400 ms"

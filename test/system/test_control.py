"""The control socket: what it replies, and whom it does not wait for."""

import json
import os
import re
import socket
import time

from conftest import HOST, ZONE, wait_for


def client(daemon):
    fresh = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    fresh.settimeout(30)
    fresh.connect(str(daemon.control))
    return fresh


def read_all(connection):
    octets = b""
    while chunk := connection.recv(65536):
        octets += chunk
    return octets


def test_status(onym):
    daemon = onym(zones={"example.test": ZONE, "broken.test": "nonsense\n"}).start()
    status = daemon.ctl("status")
    assert status["v"] == 1 and status["ok"] and status["exit"] == 0
    assert status["pid"] == daemon.process.pid
    assert re.fullmatch(r"\d+\.\d+\.\d+", status["version"])
    assert status["state"] == "serving" and status["workers"] == 2
    assert status["config"] == str(daemon.path) and status["control"] == str(daemon.control)
    assert status["uptime_s"] < 60
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", status["started"])
    assert status["listen"] == [
        {"address": f"{HOST}:{daemon.port}", "transport": transport, "inherited": False}
        for transport in ("udp", "tcp")]
    assert status["counts"] == {"zones": 2, "served": 1, "broken": 1, "loading": 0, "records": 5}
    broken, served = status["zones"]
    assert broken["name"] == "broken.test." and broken["state"] == "broken" and broken["problem"]
    assert served["name"] == "example.test." and served["serial"] == 1
    assert served["records"] == 5 and served["problem"] is None
    assert served["file"] == str(daemon.zones["example.test"])
    assert status["reload"] is None


def test_status_while_loading(onym):
    daemon = onym()
    path = daemon.zones["example.test"]
    path.unlink()
    os.mkfifo(path)
    daemon.launch()

    def ask():
        try:
            return daemon.ctl("status")
        except (FileNotFoundError, ConnectionRefusedError):
            return None
    assert wait_for(ask)["state"] == "loading"
    assert daemon.ctl("reload")["exit"] == 6
    assert daemon.ctl("stats")["ok"]
    assert daemon.ctl("stop")["ok"]
    assert daemon.wait() == 0


def test_stats(onym):
    daemon = onym().start()
    for tcp in (False, True):
        daemon.address(tcp=tcp)
    daemon.address("nosuch.example.test")
    stats = daemon.ctl("stats")
    assert stats["requests"]["udp"]["ipv4"] == 2 and stats["requests"]["tcp"]["ipv4"] == 1
    assert stats["responses"]["NOERROR"] == 2 and stats["responses"]["NXDOMAIN"] == 1


def test_metrics(onym):
    daemon = onym().start()
    daemon.address()
    text = daemon.ctl("stats", format="prometheus")["text"]
    samples = {}
    for line in text.splitlines():
        if line.startswith("#"):
            assert re.match(r"# (HELP|TYPE) onym_\w+ \S", line)
            continue
        name, value = re.fullmatch(r'(onym_\w+(?:\{\w+="[^"]*"(?:,\w+="[^"]*")*\})?) (\S+)',
                                   line).groups()
        assert name not in samples
        samples[name] = float(value)
    assert samples['onym_dns_requests_total{proto="udp",family="1"}'] == 1
    assert samples['onym_zone_serial{zone="example.test."}'] == 1
    assert samples['onym_zone_records{zone="example.test."}'] == 5
    assert samples["onym_config_reload_success"] == 1
    assert abs(samples["onym_up_since_seconds"] - time.time()) < 60
    assert any(name.startswith("onym_build_info{") for name in samples)
    # Each metric has its TYPE once, before its samples.
    types = re.findall(r"^# TYPE (\S+) ", text, re.M)
    assert len(types) == len(set(types))


def test_stop(onym):
    """The connection ends when the daemon has."""
    daemon = onym().start()
    reply = daemon.ctl("stop")
    assert reply["ok"] and reply["message"] == "stopping"
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.bind((HOST, daemon.port))  # it is free by now
    assert daemon.wait() == 0
    assert not daemon.control.exists()


def test_forms_of_a_request(onym):
    """A line, a stream that ends, or just a whole object."""
    daemon = onym().start()
    request = json.dumps({"v": 1, "command": "status"})
    for text in (request + "\n", request, f"  {request}  "):
        with client(daemon) as connection:
            for octet in text.encode():
                connection.send(bytes([octet]))
            if text.endswith(" "):
                connection.shutdown(socket.SHUT_WR)
            assert json.loads(read_all(connection))["ok"]


def test_octets_behind_a_request_do_not_cost_the_reply(onym):
    """A request is whole at its last brace; what comes behind must not reset the connection."""
    daemon = onym().start()
    for _ in range(50):
        with client(daemon) as connection:
            connection.sendall(b'{"command":"status"}')
            time.sleep(0.002)
            connection.sendall(b"  \n\n")
            assert json.loads(read_all(connection))["ok"]


def test_bad_requests(onym):
    daemon = onym().start()
    for request in ("\n", "{}\n", "[]\n", "{\n", "nonsense\n", '{"command":1}\n', "\0\n",
                    '{"command":"status","v":2}\n', '{"command":"nosuch"}\n', '"status"\n',
                    '{"command":"stats","format":"xml"}\n', '{"command":"reload","zone":1}\n',
                    "[" * 5000 + "\n", '{"command":"st\xff"}\n'):
        reply = daemon.ctl_raw(request.encode("latin-1"))
        assert not reply["ok"] and reply["exit"] == 2 and reply["error"], request
    for zone, code in (("", 5), ("..", 5), ("x" * 70 + ".test", 5), ("nosuch.test", 5)):
        assert daemon.ctl("reload", zone=zone)["exit"] == code
    assert daemon.ctl("status")["ok"]


def test_a_request_that_is_too_long(onym):
    daemon = onym().start()
    with client(daemon) as connection:
        try:
            connection.sendall(b'{"command":"' + b"x" * 200000)
        except BrokenPipeError:
            pass
        try:
            assert connection.recv(1) == b""
        except ConnectionResetError:
            pass
    assert daemon.ctl("status")["ok"]


def test_clients_who_say_nothing(onym):
    """More than there are places for: the longest silent one goes, and others are served."""
    daemon = onym().start()
    silent = [client(daemon) for _ in range(16)]
    assert daemon.ctl("status")["ok"]
    silent += [client(daemon) for _ in range(20)]
    assert daemon.ctl("status")["ok"]
    assert daemon.address() == "192.0.2.2"
    for connection in silent:
        connection.close()
    assert daemon.ctl("status")["ok"]


def test_clients_who_do_not_read(onym):
    """A reply larger than any socket's buffer waits for its client, and nobody else does."""
    daemon = onym(zones={f"z{i}.test": ZONE for i in range(2000)}).start(seconds=60)
    slow = client(daemon)
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.sendall(b'{"command":"status"}\n')
    time.sleep(0.2)
    for _ in range(3):
        assert len(daemon.ctl("status")["zones"]) == 2000
        assert daemon.address("www.z7.test") == "192.0.2.2"
    status = json.loads(read_all(slow))
    assert len(status["zones"]) == 2000
    slow.close()
    gone = client(daemon)
    gone.sendall(b'{"command":"status"}\n')
    gone.close()
    assert daemon.ctl("status")["ok"]


def test_a_client_that_hangs_up_while_it_waits(onym):
    daemon = onym(zones={f"z{i}.test": ZONE for i in range(200)}).start()
    for _ in range(20):
        with client(daemon) as connection:
            connection.sendall(b'{"command":"reload"}\n')
    assert daemon.ctl("reload")["exit"] == 0


def test_idle_clients_are_closed(onym):
    daemon = onym().start()
    with client(daemon) as silent, client(daemon) as half:
        half.sendall(b'{"command":')
        began = time.monotonic()
        assert silent.recv(1) == b""
        assert half.recv(1) == b""
        assert 8 < time.monotonic() - began < 15

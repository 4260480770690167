"""From the command to the first answer, and what stops it on the way."""

import os
import signal
import socket
import stat
import time

import dns.edns
import dns.rcode
import pytest

from conftest import HOST, ZONE, free_port, small_disk, wait_for

BROKEN = "@ SOA ns1 host 1 2 3 4\n"  # a field is missing, and there is no NS


def test_ready_and_answers(onym):
    daemon = onym().start()
    assert daemon.address() == "192.0.2.2"
    assert daemon.address(tcp=True) == "192.0.2.2"
    assert f"udp+tcp {HOST}:{daemon.port}" in daemon.log()
    assert "1 served, 0 broken" in daemon.log()
    assert "ready in" in daemon.log()
    assert "try:" in daemon.log()
    assert daemon.stop() == 0


def test_nothing_is_bound_before_the_zones_are_tried(onym):
    """A client of a starting server is told at once that nobody is there."""
    daemon = onym()
    path = daemon.zone("slow.test", "")
    path.unlink()
    os.mkfifo(path)
    daemon.write()
    daemon.launch()
    time.sleep(1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(1)
        client.connect((HOST, daemon.port))
        client.send(b"x" * 12)
        with pytest.raises(ConnectionRefusedError):
            client.recv(512)
    assert daemon.stop() == 0


def test_config_error(onym):
    daemon = onym(extra="worker: 3\nlog: {level: loud}\n")
    code, said = daemon.fail()
    assert code == 2
    assert "unknown key 'worker'" in said and "did you mean 'workers'?" in said
    assert "loud" in said


def test_check(onym):
    daemon = onym()
    code, said = daemon.fail(["--check"])
    assert code == 0 and "good" in said
    daemon.zone("example.test", BROKEN)
    code, said = daemon.fail(["--check"])
    assert code == 2 and "example.test.zone:1" in said


def test_broken_zone_is_refused_alone(onym):
    daemon = onym(zones={"example.test": ZONE, "broken.test": BROKEN}).start()
    reply = daemon.ask("www.broken.test", use_edns=0)
    assert reply.rcode() == dns.rcode.SERVFAIL
    assert [option.code for option in reply.options] == [14]
    assert daemon.address() == "192.0.2.2"
    assert "1 served, 1 broken" in daemon.log()
    assert "broken.test.zone:1" in daemon.log()


def test_missing_and_unreadable_files(onym):
    """Neither is a reason not to start; each is named."""
    daemon = onym(zones={"example.test": ZONE, "gone.test": ZONE, "folder.test": ZONE})
    daemon.zones["gone.test"].unlink()
    daemon.zones["folder.test"].unlink()
    daemon.zones["folder.test"].mkdir()
    daemon.start()
    assert daemon.address("www.gone.test") == "SERVFAIL"
    assert daemon.address("www.folder.test") == "SERVFAIL"
    assert daemon.address() == "192.0.2.2"
    zones = {zone["name"]: zone for zone in daemon.ctl("status")["zones"]}
    assert "No such file" in zones["gone.test."]["problem"]
    assert zones["folder.test."]["state"] == "broken"


def test_without_zones(onym):
    daemon = onym(zones={}).start()
    assert daemon.address("www.example.test") == "REFUSED"


@pytest.mark.parametrize("stream", [False, True], ids=["udp", "tcp"])
def test_port_in_use(onym, stream):
    daemon = onym()
    kind = socket.SOCK_STREAM if stream else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind((HOST, daemon.port))
        if stream:
            other.listen()
        code, said = daemon.fail()
    assert code == 4
    assert f"cannot listen on {HOST}:{daemon.port}: address in use by" in said
    assert f"(pid {os.getpid()})" in said
    assert "'listen'" in said  # what to do


def test_port_in_use_by_a_wildcard(onym):
    daemon = onym()
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as other:  # dual-stack
        other.bind(("::", daemon.port))
        code, said = daemon.fail()
    assert code == 4 and f"(pid {os.getpid()})" in said


def test_port_in_use_by_another_onym(onym):
    """SO_REUSEPORT alone would let two of them share the port without a word."""
    first = onym().start()
    second = onym(port=first.port)
    code, said = second.fail()
    assert code == 4
    assert f"in use by onym (pid {first.process.pid})" in said
    assert "onym ctl stop" in said
    assert first.address() == "192.0.2.2"


def test_both_wildcard_and_address(onym):
    """Both may be wanted: our own sockets do not stand in our way."""
    port = free_port()
    daemon = onym(port=port, listen=f'[{{addr: [0.0.0.0, {HOST}, "::"], port: {port}}}]').start()
    assert daemon.address() == "192.0.2.2"
    assert daemon.address(host="::1") == "192.0.2.2"


def test_address_of_another_machine(onym):
    port = free_port()
    daemon = onym(port=port, listen=f"[{{addr: 203.0.113.7, port: {port}}}]")
    code, said = daemon.fail()
    assert code == 4 and "does not have the address" in said


def test_interface(onym):
    port = free_port()
    daemon = onym(port=port, listen=f"[{{addr: lo, port: {port}}}]").start()
    assert daemon.address() == "192.0.2.2"
    assert daemon.address(host="::1", tcp=True) == "192.0.2.2"
    daemon.stop()
    daemon.listen = f"[{{addr: nosuch0, port: {port}}}]"
    daemon.write()
    code, said = daemon.fail()
    assert code == 4 and "nosuch0" in said and "interface" in said


def test_low_port_without_the_right_to_it(onym, root, open_folder):
    daemon = onym(folder=open_folder, listen=f"[{{addr: {HOST}, port: 53}}]")
    limit = int(open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii").read())
    if limit <= 53:
        pytest.skip("everybody may bind port 53 here")
    code, said = daemon.fail(wrap=["setpriv", "--reuid=65534", "--clear-groups", "--regid=65534"])
    assert code == 4
    assert "permission denied" in said and "CAP_NET_BIND_SERVICE" in said


def test_state_is_locked(onym):
    first = onym().start()
    second = onym()
    second.state = first.state
    second.write()
    code, said = second.fail()
    assert code == 4
    assert "in use by another onym" in said and f"(pid {first.process.pid})" in said


def test_lock_of_a_killed_daemon(onym):
    daemon = onym().start()
    secret = (daemon.state / "secret").read_bytes()
    daemon.kill()
    assert daemon.control.exists()  # stale, and replaced
    daemon.start()
    assert daemon.ctl("status")["pid"] == daemon.process.pid
    assert (daemon.state / "secret").read_bytes() == secret


def test_control_socket_of_a_living_daemon(onym):
    first = onym().start()
    second = onym(extra=f"control: {first.control}\n")
    code, said = second.fail()
    assert code == 4 and f"(pid {first.process.pid})" in said
    assert first.ctl("status")["ok"]


def test_a_file_where_the_control_socket_should_be(onym):
    """Only a socket is replaced. Without one the daemon serves all the same."""
    daemon = onym()
    daemon.state.mkdir()
    daemon.control.write_text("mine")
    daemon.start()
    assert daemon.address() == "192.0.2.2"
    assert "no control socket" in daemon.log()
    assert daemon.stop() == 0
    assert daemon.control.read_text() == "mine"


def test_state_cannot_be_made(onym):
    daemon = onym()
    daemon.state = daemon.path / "below-a-file"
    daemon.write()
    daemon.start()
    assert "warning: cannot make the state folder" in daemon.log()
    assert daemon.address() == "192.0.2.2"


def test_secret(onym):
    daemon = onym().start()
    path = daemon.state / "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and path.stat().st_size == 32
    assert stat.S_IMODE(daemon.control.stat().st_mode) == 0o660
    daemon.stop()
    assert not daemon.control.exists()
    path.write_bytes(b"too short")
    daemon.start()
    assert "not a secret of onym" in daemon.log()
    assert path.stat().st_size == 32


def test_full_disk(onym, root):
    """The secret cannot be kept, and all that is lost is said."""
    daemon = onym()
    with small_disk(daemon.state, "4k") as fill:
        fill()
        daemon.start()
        assert daemon.address() == "192.0.2.2"
        assert "cannot keep the secret" in daemon.log()
        daemon.zone("example.test", ZONE.replace("192.0.2.2", "192.0.2.9"))
        assert daemon.ctl("reload")["exit"] == 0
        assert daemon.address() == "192.0.2.9"
        assert daemon.stop() == 0


def test_limit_of_descriptors_is_raised(onym):
    daemon = onym().start(wrap=["sh", "-c", 'ulimit -Sn 64; exec "$0" "$@"'])
    with open(f"/proc/{daemon.process.pid}/limits", encoding="ascii") as file:
        soft, hard = next(line for line in file if "open files" in line).split()[3:5]
    assert soft == hard


def test_workers_and_affinity(onym):
    """One worker for each CPU that we were given, and on no other."""
    cpu = min(os.sched_getaffinity(0))
    daemon = onym(workers=0)
    daemon.path.write_text(daemon.path.read_text().replace("workers: 0\n", ""))
    daemon.start(wrap=["taskset", "-c", str(cpu)])
    assert daemon.ctl("status")["workers"] == 1
    for task in os.listdir(f"/proc/{daemon.process.pid}/task"):
        assert os.sched_getaffinity(int(task)) == {cpu}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stop(onym, number):
    daemon = onym().start()
    began = time.monotonic()
    assert daemon.stop(number) == 0
    assert time.monotonic() - began < 5
    daemon.manager.wait("STOPPING=1", 1)


def test_stop_while_starting(onym):
    daemon = onym()
    path = daemon.zones["example.test"]
    path.unlink()
    os.mkfifo(path)
    daemon.launch()
    wait_for(daemon.control.exists)
    assert daemon.stop() == 0


def test_usr1_says_how_it_is(onym):
    daemon = onym().start()
    daemon.address()
    daemon.process.send_signal(signal.SIGUSR1)
    wait_for(lambda: "1 queries" in daemon.log(), what="a line in the log")

"""What a service manager sees and gives: notifications, the watchdog, inherited sockets, a user."""

import os
import re
import signal
import socket
import subprocess
import time

import dns.message

from conftest import HOST, Manager, frame, free_port, read_frame, wait_for


def test_notifications(onym):
    daemon = onym()
    daemon.manager = Manager(daemon.folder / "notify")
    daemon.launch()
    message = daemon.manager.wait("READY=1")
    assert "STATUS=1 zones served, 0 broken, 0 loading" in message

    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    daemon.process.send_signal(signal.SIGHUP)
    message = daemon.manager.wait("RELOADING=1")
    stamp = int(re.search(r"^MONOTONIC_USEC=(\d+)$", message, re.M).group(1))
    assert before <= stamp <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    daemon.manager.wait("READY=1")

    daemon.process.send_signal(signal.SIGTERM)
    daemon.manager.wait("STOPPING=1")
    assert daemon.wait() == 0


def test_abstract_socket(onym):
    daemon = onym()
    daemon.manager = Manager(f"onym-test-{os.getpid()}", abstract=True)
    daemon.start()


def test_a_failed_reload_ends_in_ready(onym):
    """systemd would wait for ever for the READY=1 that ends a reload."""
    daemon = onym().start()
    daemon.path.write_text("version: 1\nnonsense: 1\n")
    daemon.process.send_signal(signal.SIGHUP)
    daemon.manager.wait("RELOADING=1")
    assert "configuration has errors" in daemon.manager.wait("READY=1")


def test_watchdog(onym):
    daemon = onym()
    daemon.environment["WATCHDOG_USEC"] = "200000"
    daemon.start()
    for _ in range(5):
        daemon.manager.wait("WATCHDOG=1", 2)
    daemon.stop()
    daemon.environment["WATCHDOG_PID"] = "1"  # meant for another process
    daemon.manager.heard.clear()
    daemon.start()
    time.sleep(0.5)
    daemon.manager.listen(0.01)
    assert not any("WATCHDOG" in message for message in daemon.manager.heard)


def activate(daemon, sockets, names="dns"):
    """Starts it as systemd would: descriptors from 3 on, LISTEN_PID is the process itself."""
    numbers = list(range(3, 3 + len(sockets)))
    copies = [os.dup(item.fileno()) for item in sockets]

    def arrange():
        high = [os.dup2(fd, 100 + i) for i, fd in enumerate(copies)]
        for fd, number in zip(high, numbers):
            os.dup2(fd, number, inheritable=True)
            os.close(fd)

    daemon.environment |= {"LISTEN_FDS": str(len(sockets)), "LISTEN_FDNAMES": names}
    daemon.start(wrap=["sh", "-c", 'LISTEN_PID=$$ exec "$0" "$@"'], preexec_fn=arrange,
                 pass_fds=numbers)
    for fd in copies:
        os.close(fd)


def listening(host, port, stream):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    fresh = socket.socket(family, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
    fresh.bind((host, port))
    if stream:
        fresh.listen()
    return fresh


def test_socket_activation(onym):
    """One descriptor for all workers; the entry of `listen` that is the same address uses it."""
    daemon = onym()
    sockets = [listening(HOST, daemon.port, False), listening(HOST, daemon.port, True)]
    activate(daemon, sockets, "dns:dns")
    for _ in range(20):
        assert daemon.address() == "192.0.2.2"
        assert daemon.address(tcp=True) == "192.0.2.2"
    listen = daemon.ctl("status")["listen"]
    assert [(row["transport"], row["inherited"]) for row in listen] == [
        ("udp", True), ("tcp", True)]
    assert daemon.ctl("reload")["exit"] == 0
    assert daemon.address() == "192.0.2.2"
    assert daemon.stop() == 0
    for item in sockets:
        item.close()


def test_socket_activation_in_place_of_the_defaults(onym):
    """Whoever passes sockets has decided where we listen; our default, port 53, is not opened."""
    daemon = onym()
    daemon.path.write_text(re.sub("listen:.*\n", "", daemon.path.read_text()))
    with listening("0.0.0.0", daemon.port, False) as udp:
        activate(daemon, [udp])
        assert daemon.address(host="127.0.0.5") == "192.0.2.2"  # and PKTINFO works there
        assert [row["address"] for row in daemon.ctl("status")["listen"]] == [
            f"0.0.0.0:{daemon.port}"]


def test_socket_activation_with_both_families(onym):
    """An inherited [::] may take IPv4 as well."""
    daemon = onym()
    daemon.path.write_text(re.sub("listen:.*\n", "", daemon.path.read_text()))
    with listening("::", daemon.port, False) as udp, listening("::", daemon.port, True) as tcp:
        activate(daemon, [udp, tcp], "dns:dns")
        for host in ("127.0.0.1", "127.0.0.7", "::1"):
            assert daemon.address(host=host) == "192.0.2.2"
            assert daemon.address(host=host, tcp=True) == "192.0.2.2"


def test_sockets_that_are_not_for_us(onym):
    daemon = onym()
    with listening(HOST, free_port(), True) as admin, \
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as local:
        activate(daemon, [admin, local], "admin:dns")
        assert "(admin): this kind is not served yet" in daemon.log()
        assert "is no Internet socket" in daemon.log()
        assert daemon.address() == "192.0.2.2"


def identity(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def test_user(onym, root, open_folder):
    """Root is given up before anything is bound, but the right to bind is kept for reloads."""
    daemon = onym(folder=open_folder, extra="user: nobody\n")
    daemon.listen = f"[{{addr: 127.0.0.53, port: 53}}, {{addr: {HOST}, port: {daemon.port}}}]"
    daemon.write()
    daemon.start()
    assert daemon.address() == "192.0.2.2"
    for task in os.listdir(f"/proc/{daemon.process.pid}/task"):
        status = identity(f"{daemon.process.pid}/task/{task}")
        assert set(status["Uid"].split()) == {"65534"}
        assert set(status["Gid"].split()) == {"65534"}
        assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 1 << 10
        assert status["NoNewPrivs"] == "1"
    for path in (daemon.state, daemon.state / "secret", daemon.state / "lock", daemon.control):
        assert path.stat().st_uid == 65534, path
    # A reload binds another port below 1024 ...
    daemon.listen = daemon.listen.replace("127.0.0.53", "127.0.0.54")
    daemon.write()
    assert daemon.ctl("reload")["exit"] == 0
    daemon.port, port = 53, daemon.port
    assert daemon.address(host="127.0.0.54") == "192.0.2.2"
    daemon.port = port
    assert daemon.stop() == 0
    # ... and a start as root finds the folder of before.
    daemon.start()
    assert daemon.ctl("status")["user"] == "nobody"
    assert "warning" not in daemon.log()


def test_user_after_a_run_as_root(onym, root, open_folder):
    """What root made is handed on."""
    daemon = onym(folder=open_folder).start()
    assert "running as root" in daemon.log()
    daemon.stop()
    daemon.log_path.unlink()
    daemon.extra = "user: nobody\n"
    daemon.write()
    daemon.start()
    assert daemon.ctl("status")["user"] == "nobody"
    assert "cannot" not in daemon.log()
    assert (daemon.state / "secret").stat().st_uid == 65534


def test_user_that_is_not_there(onym):
    daemon = onym(extra="user: nosuchuser\n")
    code, said = daemon.fail()
    assert code == 4 and "nosuchuser" in said


def test_user_without_being_root(onym, root, open_folder):
    daemon = onym(folder=open_folder, extra="user: daemon\n")
    code, said = daemon.fail(
        wrap=["setpriv", "--reuid=65534", "--clear-groups", "--regid=65534"])
    assert code == 4 and "only root can become 'daemon'" in said


def test_another_user_may_not_control(onym, root, open_folder):
    daemon = onym(folder=open_folder, extra="user: nobody\n").start()
    os.chmod(daemon.control, 0o666)  # so that only the question who it is keeps them out
    os.chmod(daemon.state, 0o755)
    asked = subprocess.run(
        ["setpriv", "--reuid=1", "--clear-groups", "--regid=1", "/usr/bin/python3", "-c",
         "import socket, sys; client = socket.socket(socket.AF_UNIX); "
         "client.connect(sys.argv[1]); print(client.recv(1000).decode())", str(daemon.control)],
        capture_output=True, text=True, timeout=20, check=False)
    assert '"exit":4,"error":"this user may not control the daemon"' in asked.stdout, asked.stderr
    assert "may not speak to us" in daemon.log()


def test_stop_answers_what_came(onym):
    """A query that waits on a connection when the signal comes is still answered."""
    daemon = onym(workers=1).start()
    query = dns.message.make_query("www.example.test", "A")
    with daemon.connect() as client:
        client.sendall(frame(query))
        assert read_frame(client).id == query.id
        daemon.process.send_signal(signal.SIGSTOP)
        wait_for(lambda: identity(daemon.process.pid)["State"].startswith("T"))
        client.sendall(frame(query) * 3)
        daemon.process.send_signal(signal.SIGTERM)
        daemon.process.send_signal(signal.SIGCONT)
        assert [read_frame(client).id for _ in range(3)] == [query.id] * 3
        assert read_frame(client) is None
    assert daemon.wait() == 0

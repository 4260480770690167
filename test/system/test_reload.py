"""Reloads: what is taken over, what is shared, what never gets worse."""

import contextlib
import os
import signal
import socket
import threading
import time

import dns.exception
import dns.message
import dns.rcode

from conftest import HOST, ZONE, Manager, frame, free_port, read_frame, wait_for, zone

BROKEN = ZONE + "www CNAME elsewhere\n"


def age(*paths):
    """Makes files look old: what was changed within the last second is read again, to be sure."""
    for path in paths:
        os.utime(path, (time.time() - 60,) * 2)


def reach(path):
    """The other end of a FIFO, as soon as it is being read."""
    def attempt():
        try:
            return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return None
    return wait_for(attempt, what="a reader of the FIFO")


def fill(path, text):
    """Gives a FIFO what somebody waits for."""
    pipe = reach(path)
    os.write(pipe, text.encode())
    os.close(pipe)


@contextlib.contextmanager
def asking(daemon, name="www.example.test", tcp=False):
    """Somebody who asks all the time; gives the list of what was answered."""
    ended, answers = threading.Event(), []

    def ask():
        while not ended.is_set():
            try:
                answers.append(daemon.address(name, tcp=tcp))
            except (dns.exception.Timeout, OSError) as problem:
                answers.append(repr(problem))

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield answers
    finally:
        ended.set()
        thread.join()


def hup(daemon):
    """A reload that has begun."""
    daemon.manager.forget()
    daemon.process.send_signal(signal.SIGHUP)
    daemon.manager.wait("RELOADING=1")


def test_hup(onym):
    daemon = onym().start()
    daemon.zone("example.test", zone(2, "192.0.2.20"))
    hup(daemon)
    daemon.manager.wait("READY=1")
    assert daemon.address() == "192.0.2.20"
    assert daemon.ctl("status")["zones"][0]["serial"] == 2


def test_hup_while_starting(onym):
    """It is not lost: a reload follows the start."""
    daemon = onym(zones={"example.test": ZONE, "slow.test": ZONE})
    slow = daemon.zones["slow.test"]
    slow.unlink()
    os.mkfifo(slow)
    daemon.manager = Manager(daemon.folder / "notify")
    daemon.launch()
    pipe = reach(slow)
    daemon.process.send_signal(signal.SIGHUP)
    daemon.zone("example.test", zone(2, "192.0.2.20"))
    del daemon.zones["slow.test"]
    daemon.write()
    os.write(pipe, zone(1).encode())
    os.close(pipe)
    daemon.manager.wait("READY=1")
    daemon.manager.wait("RELOADING=1")
    daemon.manager.wait("READY=1")
    assert daemon.address() == "192.0.2.20"
    assert daemon.address("www.slow.test") == "REFUSED"


def test_who_asks_after_a_reload_has_the_new_answer(onym):
    daemon = onym().start()
    for serial in range(2, 30):
        daemon.zone("example.test", zone(serial, f"192.0.2.{serial}"))
        assert daemon.ctl("reload")["exit"] == 0
        assert daemon.address() == f"192.0.2.{serial}"
        assert daemon.address(tcp=True) == f"192.0.2.{serial}"


def test_unchanged_zones_are_shared(onym):
    daemon = onym(zones={f"z{i}.test": ZONE for i in range(20)})
    age(*daemon.zones.values())
    daemon.start()
    daemon.zone("z7.test", zone(2, "192.0.2.70"))
    reply = daemon.ctl("reload")
    assert reply["counts"] == {"loaded": 1, "unchanged": 19, "broken": 0, "loading": 0}
    assert daemon.address("www.z7.test") == "192.0.2.70"
    assert daemon.address("www.z8.test") == "192.0.2.2"


def test_zones_come_and_go(onym):
    daemon = onym().start()
    daemon.zone("new.test", ZONE)
    daemon.write()
    assert daemon.ctl("reload")["exit"] == 0
    assert daemon.address("www.new.test") == "192.0.2.2"
    del daemon.zones["example.test"]
    daemon.write()
    assert daemon.ctl("reload")["exit"] == 0
    assert daemon.address() == "REFUSED"
    assert daemon.address("www.new.test") == "192.0.2.2"


def test_config_error_changes_nothing(onym):
    daemon = onym().start()
    good = daemon.path.read_text()
    daemon.zone("example.test", zone(2, "192.0.2.20"))
    daemon.path.write_text(good + "worker: 1\nlog: {level: loud}\n")
    reply = daemon.ctl("reload")
    assert not reply["ok"] and reply["exit"] == 2
    messages = [problem["message"] for problem in reply["problems"]]
    assert any("worker" in message for message in messages)  # all of them
    assert any("loud" in message for message in messages)
    assert daemon.address() == "192.0.2.2"
    status = daemon.ctl("status")["reload"]
    assert not status["ok"] and status["exit"] == 2 and "nothing was changed" in status["message"]
    assert "unknown key 'worker'" in daemon.log()
    daemon.path.write_text(good)
    assert daemon.ctl("reload")["exit"] == 0
    assert daemon.address() == "192.0.2.20"
    assert daemon.ctl("status")["reload"]["ok"]


def test_broken_zone_keeps_its_last_good_version(onym):
    daemon = onym(zones={"example.test": ZONE, "other.test": ZONE}).start()
    daemon.zone("example.test", BROKEN)
    daemon.zone("other.test", zone(2, "192.0.2.20"))
    reply = daemon.ctl("reload")
    assert reply["exit"] == 7 and reply["counts"]["broken"] == 1
    assert any("CNAME" in problem["message"] for problem in reply["problems"])
    assert daemon.address() == "192.0.2.2"
    assert daemon.address("www.other.test") == "192.0.2.20"
    broken, other = daemon.ctl("status")["zones"]
    assert broken["state"] == "served" and "CNAME" in broken["problem"]
    assert other["problem"] is None
    assert "the version before it (serial 1) stays" in daemon.log()
    # The same again, and when it is mended the problem is gone.
    assert daemon.ctl("reload")["exit"] == 7
    daemon.zone("example.test", zone(3, "192.0.2.30"))
    assert daemon.ctl("reload")["exit"] == 0
    assert daemon.address() == "192.0.2.30"
    assert daemon.ctl("status")["zones"][0]["problem"] is None


def test_file_that_is_gone_keeps_its_last_good_version(onym):
    daemon = onym().start()
    daemon.zones["example.test"].unlink()
    assert daemon.ctl("reload")["exit"] == 7
    assert daemon.address() == "192.0.2.2"


def test_unreadable_file_keeps_its_last_good_version(onym, root, open_folder):
    daemon = onym(folder=open_folder, extra="user: nobody\n").start()
    daemon.zone("example.test", zone(2)).chmod(0)
    reply = daemon.ctl("reload")
    assert reply["exit"] == 7
    assert "ermission denied" in str(reply["problems"])
    assert daemon.address() == "192.0.2.2"


def test_one_zone_alone(onym):
    daemon = onym(zones={"example.test": ZONE, "other.test": ZONE}).start()
    for name in ("example.test", "other.test"):
        daemon.zone(name, zone(2, "192.0.2.20"))
    reply = daemon.ctl("reload", zone="example.test")
    assert reply["exit"] == 0 and reply["zone"]["serial"] == 2
    assert daemon.address() == "192.0.2.20"
    assert daemon.address("www.other.test") == "192.0.2.2"
    daemon.zone("example.test", BROKEN)
    reply = daemon.ctl("reload", zone="EXAMPLE.test.")
    assert reply["exit"] == 7 and "CNAME" in reply["error"]
    assert reply["problems"]
    assert daemon.address() == "192.0.2.20"
    assert daemon.ctl("reload", zone="nosuch.test")["exit"] == 5


def test_listeners_come_and_go(onym):
    """An address that stays keeps its sockets: a client's connection lives on."""
    daemon = onym().start()
    other = free_port()
    with daemon.connect() as lasting:
        daemon.listen = (f"[{{addr: {HOST}, port: {daemon.port}}}, "
                         f"{{addr: {HOST}, port: {other}}}]")
        daemon.write()
        assert daemon.ctl("reload")["exit"] == 0
        first, daemon.port = daemon.port, other
        assert daemon.address() == daemon.address(tcp=True) == "192.0.2.2"
        daemon.listen = f"[{{addr: {HOST}, port: {other}}}]"
        daemon.write()
        assert daemon.ctl("reload")["exit"] == 0
        assert daemon.address() == daemon.address(tcp=True) == "192.0.2.2"

        def refused():
            try:
                socket.create_connection((HOST, first), timeout=2).close()
            except ConnectionRefusedError:
                return True
            return False
        wait_for(refused, what="the old port closed")
        query = dns.message.make_query("www.example.test", "A")
        lasting.sendall(frame(query))
        assert read_frame(lasting).id == query.id

    def count_descriptors():
        return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))
    descriptors = count_descriptors()
    for _ in range(5):
        assert daemon.ctl("reload")["exit"] == 0
    # Connections that have just ended are closed when a worker or the main thread gets to it.
    wait_for(lambda: count_descriptors() <= descriptors, what="no descriptor more than before")


def test_port_in_use_changes_nothing(onym):
    daemon = onym().start()
    daemon.zone("example.test", zone(2, "192.0.2.20"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((HOST, 0))
        port = other.getsockname()[1]
        daemon.listen = (f"[{{addr: {HOST}, port: {daemon.port}}}, "
                         f"{{addr: {HOST}, port: {port}}}]")
        daemon.write()
        reply = daemon.ctl("reload")
    assert reply["exit"] == 4
    (problem,) = reply["problems"]
    assert f"(pid {os.getpid()})" in problem["message"] and problem["line"]
    assert daemon.address() == "192.0.2.2"
    assert len(daemon.ctl("status")["listen"]) == 2


def test_a_wildcard_joins_an_address(onym):
    """Our own sockets are no reason to refuse."""
    daemon = onym().start()
    daemon.listen = f"[{{addr: [{HOST}, 0.0.0.0], port: {daemon.port}}}]"
    daemon.write()
    assert daemon.ctl("reload")["exit"] == 0
    assert daemon.address(host="127.0.0.9") == "192.0.2.2"
    assert daemon.address() == "192.0.2.2"
    # And the address goes again: nothing is lost on the way, however busy it is.
    with asking(daemon) as answers:
        for hosts in ("0.0.0.0", f"{HOST}, 0.0.0.0") * 5:
            daemon.listen = f"[{{addr: [{hosts}], port: {daemon.port}}}]"
            daemon.write()
            assert daemon.ctl("reload")["exit"] == 0
    assert len(answers) > 5 and set(answers) == {"192.0.2.2"}


def test_what_only_a_start_changes_is_said(onym):
    daemon = onym().start()
    daemon.workers = 1
    daemon.write()
    reply = daemon.ctl("reload")
    assert reply["exit"] == 0
    assert "'workers'" in reply["problems"][0]["message"]
    assert daemon.ctl("status")["workers"] == 2


def test_under_load(onym):
    """Nobody waits for a reload, and nobody gets anything but the old or the new answer."""
    daemon = onym(zones={f"z{i}.test": ZONE for i in range(50)}).start()
    names = [f"www.z{number}.test" for number in range(4)]
    with asking(daemon, names[0]) as first, asking(daemon, names[1], tcp=True) as second, \
            asking(daemon, names[2]) as third, asking(daemon, names[3], tcp=True) as fourth:
        for serial in range(2, 12):
            for i in range(0, 50, 3):
                daemon.zone(f"z{i}.test", zone(serial, f"192.0.2.{serial}"))
            if serial % 2:
                assert daemon.ctl("reload")["exit"] == 0
            else:
                daemon.process.send_signal(signal.SIGHUP)
                daemon.process.send_signal(signal.SIGHUP)
    for answers in (first, second, third, fourth):
        assert len(answers) > 5 and all(answer.startswith("192.0.2.") for answer in answers)


def test_reloads_at_once(onym):
    """Each of them is answered, and by a reload that began after it was asked for."""
    daemon = onym(zones={f"z{i}.test": ZONE for i in range(30)}).start()
    replies = []
    threads = [threading.Thread(target=lambda: replies.append(daemon.ctl("reload")))
               for _ in range(8)]
    threads += [threading.Thread(target=lambda: replies.append(
        daemon.ctl("reload", zone="z3.test"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [reply["exit"] for reply in replies] == [0] * 12


def test_killed_at_a_reload(onym):
    """What the next start finds is the folder as it was, or as it should be."""
    daemon = onym(zones={f"z{i}.test": ZONE for i in range(100)}).start()
    secret = (daemon.state / "secret").read_bytes()
    for attempt in range(5):
        for i in range(100):
            daemon.zone(f"z{i}.test", zone(attempt + 2, f"192.0.2.{attempt + 2}"))
        daemon.process.send_signal(signal.SIGHUP)
        time.sleep(0.004 * attempt)
        daemon.kill()
        daemon.start()
        assert daemon.address("www.z42.test") == f"192.0.2.{attempt + 2}"
        assert (daemon.state / "secret").read_bytes() == secret


def test_slow_zone(onym):
    """A zone that takes over five seconds holds up nobody: not at the start, not at a reload."""
    daemon = onym(zones={"example.test": ZONE, "slow.test": ZONE})
    slow = daemon.zones["slow.test"]
    slow.unlink()
    os.mkfifo(slow)
    began = time.monotonic()
    daemon.start()
    assert 4.5 < time.monotonic() - began < 10
    assert "1 served, 0 broken, 1 loading" in daemon.log()
    reply = daemon.ask("www.slow.test", use_edns=0)
    assert reply.rcode() == dns.rcode.SERVFAIL
    assert [option.code for option in reply.options] == [14]
    assert daemon.address() == "192.0.2.2"
    # It is there some time later, by itself.
    fill(slow, zone(5, "192.0.2.50"))
    wait_for(lambda: daemon.address("www.slow.test") == "192.0.2.50", what="the slow zone")
    assert daemon.ctl("status")["counts"]["loading"] == 0

    # Read alone it may take its time; meanwhile the version before is served.
    reply = daemon.ctl("reload", zone="slow.test")
    assert reply["exit"] == 7 and "still being read" in reply["error"]
    assert daemon.address("www.slow.test") == "192.0.2.50"
    # A reload of everything takes that reading over and does not wait for it either.
    daemon.zone("example.test", zone(2, "192.0.2.20"))
    began = time.monotonic()
    reply = daemon.ctl("reload")
    assert time.monotonic() - began < 10
    assert reply["exit"] == 0 and reply["counts"]["loading"] == 1
    assert daemon.address() == "192.0.2.20"
    assert daemon.address("www.slow.test") == "192.0.2.50"
    fill(slow, zone(6, "192.0.2.60"))
    wait_for(lambda: daemon.address("www.slow.test") == "192.0.2.60", what="the slow zone")
    # And one that hangs does not hold up the end.
    hup(daemon)
    began = time.monotonic()
    assert daemon.stop() == 0
    assert time.monotonic() - began < 5


def test_slow_zone_whose_reload_fails(onym):
    """The reading that a failed reload had taken over goes on for the house of before."""
    daemon = onym(zones={"example.test": ZONE, "slow.test": ZONE})
    slow = daemon.zones["slow.test"]
    slow.unlink()
    os.mkfifo(slow)
    daemon.start()
    good = daemon.path.read_text()
    daemon.path.write_text(good + "nonsense: 1\n")
    assert daemon.ctl("reload")["exit"] == 2
    daemon.path.write_text(good)
    fill(slow, zone(5, "192.0.2.50"))
    wait_for(lambda: daemon.address("www.slow.test") == "192.0.2.50", what="the slow zone")
    # A zone that is taken out while it is being read is forgotten.
    hup(daemon)
    pipe = reach(slow)
    del daemon.zones["slow.test"]
    daemon.write()
    reply = daemon.ctl("reload")
    assert reply["exit"] == 0
    assert daemon.address("www.slow.test") == "REFUSED"
    os.write(pipe, zone(7).encode())
    os.close(pipe)
    time.sleep(0.2)
    assert daemon.address("www.slow.test") == "REFUSED"
    assert daemon.address() == "192.0.2.2"


def test_a_configuration_that_hangs(onym):
    """Nobody waits for a configuration that cannot be read: queries, commands, one zone alone."""
    daemon = onym().start()
    text = daemon.path.read_text()
    daemon.path.unlink()
    os.mkfifo(daemon.path)
    daemon.process.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    assert daemon.ctl("status")["reload"] is None
    assert daemon.address() == "192.0.2.2"
    daemon.zone("example.test", zone(2, "192.0.2.3"))
    assert daemon.ctl("reload", zone="example.test")["zone"]["serial"] == 2
    assert daemon.address() == "192.0.2.3"
    fill(daemon.path, text)
    wait_for(lambda: daemon.ctl("status")["reload"])
    assert daemon.ctl("status")["reload"]["exit"] == 0
    assert daemon.address() == "192.0.2.3"
    daemon.process.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    assert daemon.stop() == 0  # with a reader that never comes back

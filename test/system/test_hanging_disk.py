"""A disk that hangs: changes wait for it, up to CHANGES_OCTETS_MAX of them; queries do not."""

import socket

import dns.rcode
import dns.update

from conftest import frame, preload, read_frame, wait_for

WAITING_MAX = 64 * 1024 * 1024  # CHANGES_OCTETS_MAX
OF_ONE = 60  # updates of one connection: less than TCP_DEFERRED_MAX


def make_update():
    """Sixty kilobytes that change little: a record that is not there goes, and one comes."""
    update = dns.update.Update("example.test")
    update.delete("nothing", "TXT", " ".join(['"' + "x" * 255 + '"'] * 234))
    update.add("n000000", 60, "A", "192.0.2.1")
    return frame(update)


UPDATE = make_update()


def large_update(number):
    return UPDATE.replace(b"n000000", b"n%06d" % number)


def test_a_disk_that_hangs(onym, tmp_path):
    gate = tmp_path / "hangs"
    daemon = onym()
    daemon.path.write_text(daemon.path.read_text().replace('.zone"}',
                                                           '.zone", update: [localhost]}'))
    daemon.environment = preload("disk.c", tmp_path, HANGING_DISK_FILE=gate)
    daemon.start()
    gate.touch()
    size = len(large_update(0))
    count = WAITING_MAX // size // OF_ONE + 3
    connections = [daemon.connect() for _ in range(count)]
    for number, connection in enumerate(connections):
        for at in range(OF_ONE):
            connection.sendall(large_update(number * OF_ONE + at))
    refused = []
    connections[-1].settimeout(10)
    while not refused:  # some of the last ones, whoever was read first
        refused.append(read_frame(connections[-1]))
    assert refused[0].rcode() == dns.rcode.SERVFAIL
    assert daemon.address() == "192.0.2.2"  # as ever
    assert daemon.address("n000000.example.test") == "NXDOMAIN"  # nothing that is not on the disk
    gate.unlink()
    rcodes = []
    for connection in connections:
        connection.settimeout(20)
        for _ in range(OF_ONE - (len(refused) if connection is connections[-1] else 0)):
            rcodes.append(read_frame(connection).rcode())
        connection.close()
    done = rcodes.count(dns.rcode.NOERROR)
    assert done + rcodes.count(dns.rcode.SERVFAIL) + 1 == count * OF_ONE
    assert WAITING_MAX // size - OF_ONE < done < WAITING_MAX // size + 2 * OF_ONE, (done, size)
    assert daemon.ask("example.test", "SOA").answer[0][0].serial == 1 + done
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=20) as connection:
        connection.sendall(large_update(100000))  # and there is room again
        assert read_frame(connection).rcode() == dns.rcode.NOERROR
    wait_for(lambda: daemon.address("n100000.example.test") == "192.0.2.1", 5)

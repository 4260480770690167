"""Zones from the images of the run before: where nothing has changed, and never where it has."""

import os
import time

from conftest import ZONE, small_disk, wait_for, zone

ROUNDS = 100 if os.environ.get("ONYM_TEST_FULL") else 25


def source(daemon, name="example.test"):
    return daemon.ctl("status", zone=name)["zone"]["from"]


def images(daemon):
    return sorted((daemon.state / "zones").glob("*.image"))


def wait_for_images(daemon, count=1):
    return wait_for(lambda: len(images(daemon)) >= count and images(daemon),
                    what=f"{count} images")


def restart(daemon):
    assert daemon.stop() == 0
    return daemon.start()


def test_second_start_is_from_the_image(onym):
    daemon = onym().start()
    assert source(daemon) == "text"
    before = {kind: daemon.ask("www.example.test", kind).to_text().split("\n", 1)[1]
              for kind in ("A", "TXT", "ANY")}
    restart(daemon)
    assert source(daemon) == "image"
    assert "1 from its image" in daemon.log()
    for kind, text in before.items():
        assert daemon.ask("www.example.test", kind).to_text().split("\n", 1)[1] == text
    assert oct((daemon.state / "zones").stat().st_mode)[-4:] == "0700"
    assert oct(images(daemon)[0].stat().st_mode)[-4:] == "0600"


def test_touched_and_copied(onym):
    daemon = onym().start()
    restart(daemon)
    os.utime(daemon.zones["example.test"])
    restart(daemon)
    assert source(daemon) == "image"
    daemon.zone("example.test", ZONE)  # another file with the same content
    restart(daemon)
    assert source(daemon) == "image"


def test_digest_that_nobody_verified(onym):
    """An image from when no digest was asked for says nothing about it: the file is read again."""
    daemon = onym().start()
    wait_for_images(daemon)
    plain = daemon.path.read_text()
    daemon.path.write_text(plain.replace('zone"}', 'zone", zonemd: true}'))
    restart(daemon)
    assert daemon.address() == "SERVFAIL"
    assert "no ZONEMD" in daemon.ctl("status")["zones"][0]["problem"]
    daemon.path.write_text(plain)
    restart(daemon)
    assert source(daemon) == "image" and daemon.address() == "192.0.2.2"


def test_changed(onym):
    daemon = onym().start()
    times = daemon.zones["example.test"].stat()
    daemon.zone("example.test", zone(2, "192.0.2.9"))  # of the same size
    os.utime(daemon.zones["example.test"], ns=(times.st_atime_ns, times.st_mtime_ns))
    restart(daemon)
    assert source(daemon) == "text" and daemon.address() == "192.0.2.9"
    restart(daemon)
    assert source(daemon) == "image" and daemon.address() == "192.0.2.9"


def test_changed_while_it_runs(onym):
    daemon = onym().start()
    daemon.zone("example.test", zone(2, "192.0.2.9"))
    assert daemon.ctl("reload")["exit"] == 0
    assert daemon.address() == "192.0.2.9"
    restart(daemon)
    assert source(daemon) == "image" and daemon.address() == "192.0.2.9"


def test_changed_include(onym):
    daemon = onym(zones={"example.test": ZONE + "$INCLUDE more\n"})
    more = daemon.zones["example.test"].parent / "more"
    more.write_text("more A 192.0.2.50\n")
    daemon.start()
    restart(daemon)
    assert source(daemon) == "image" and daemon.address("more.example.test") == "192.0.2.50"
    more.write_text("more A 192.0.2.51\n")
    restart(daemon)
    assert source(daemon) == "text" and daemon.address("more.example.test") == "192.0.2.51"
    more.write_text("more A 192.0.2.52\n")
    assert daemon.ctl("reload")["exit"] == 0
    assert daemon.address("more.example.test") == "192.0.2.52"


def test_warnings_are_remembered(onym):
    daemon = onym(zones={"example.test": ZONE + "www A 192.0.2.2\n"}).start()
    assert "duplicate" in daemon.log()
    restart(daemon)
    assert source(daemon) == "image"
    assert "1 warning ('onym zone check' shows them)" in daemon.log()


def test_damaged_is_rebuilt(onym):
    daemon = onym().start()
    restart(daemon)
    size = images(daemon)[0].stat().st_size
    for at in range(200, size, size // 5):
        path = images(daemon)[-1]
        assert daemon.stop() == 0
        octets = bytearray(path.read_bytes())
        octets[at] ^= 0xff
        path.write_bytes(octets)
        daemon.start()
        assert source(daemon) == "text" and daemon.address() == "192.0.2.2"
        assert "is damaged" in daemon.log()
        restart(daemon)
        assert source(daemon) == "image" and daemon.address() == "192.0.2.2"


def test_new_secret(onym):
    daemon = onym().start()
    assert daemon.stop() == 0
    (daemon.state / "secret").unlink()
    daemon.start()
    assert source(daemon) == "text" and daemon.address() == "192.0.2.2"


def test_zone_that_is_gone(onym):
    daemon = onym(zones={"example.test": ZONE, "other.test": ZONE}).start()
    restart(daemon)
    assert "2 from their images" in daemon.log()
    del daemon.zones["other.test"]
    daemon.write()
    restart(daemon)
    assert source(daemon) == "image"
    assert daemon.address("www.other.test") == "REFUSED"
    daemon.zone("other.test", ZONE)
    daemon.write()
    restart(daemon)
    assert daemon.address("www.other.test") == "192.0.2.2"


def test_killed_while_images_are_written(onym):
    """Whatever was on the disk at that moment, the next start answers as the files say."""
    hosts = "".join(f"h{i} A 192.0.2.{i % 250}\n" for i in range(40000))
    daemon = onym(zones={"example.test": zone(1) + hosts})
    daemon.zone("small.test", ZONE)
    daemon.write()
    for i in range(ROUNDS):
        daemon.zone("example.test", zone(i + 1, f"192.0.2.{i + 1}") + hosts)
        daemon.zone("small.test", zone(i + 1, f"192.0.2.{i + 101}"))
        daemon.start()
        assert daemon.address() == f"192.0.2.{i + 1}"
        assert daemon.address("www.small.test") == f"192.0.2.{i + 101}"
        time.sleep(i % 25 / 100)
        daemon.kill()
    daemon.start()
    assert daemon.address() == f"192.0.2.{ROUNDS}"
    wait_for_images(daemon, 2)
    restart(daemon)
    assert source(daemon) == source(daemon, "small.test") == "image"
    assert daemon.address() == f"192.0.2.{ROUNDS}"
    assert not list((daemon.state / "zones").glob("*.tmp"))


def test_full_disk(onym, root):
    daemon = onym(zones={"example.test": ZONE})
    with small_disk(daemon.state, "64k") as fill:
        daemon.start()
        fill()
        for i in range(3):
            daemon.zone("example.test", zone(i + 2, f"192.0.2.{i + 50}"))
            assert daemon.ctl("reload")["exit"] == 0
            assert daemon.address() == f"192.0.2.{i + 50}"
            if i == 0:
                wait_for(lambda: "cannot keep images" in daemon.log(), what="the warning")
        assert daemon.stop() == 0
        assert daemon.log().count("cannot keep images") == 1
        assert not list((daemon.state / "zones").glob("*.tmp"))
        (daemon.state / "filler").unlink()
        daemon.start()
        assert daemon.address() == "192.0.2.52"
        assert daemon.stop() == 0


def test_folder_of_others(onym):
    daemon = onym()
    (daemon.state / "zones").mkdir(parents=True)
    (daemon.state / "zones").chmod(0o777)
    daemon.start()
    assert "others may write" in daemon.log() and daemon.address() == "192.0.2.2"
    assert daemon.stop() == 0
    assert not images(daemon)

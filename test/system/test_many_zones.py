"""Many small zones from a folder: found, counted, reloaded one at a time, and what each costs.

50 000 of them; with ONYM_TEST_FULL=1 a million. No test fails on a time: -s shows them.
"""

import os
import re
import time

import pytest

from conftest import ONYM, Daemon, wait_for

FULL = os.environ.get("ONYM_TEST_FULL") == "1"
ZONES = 1_000_000 if FULL else 50_000
PATIENCE_S = 1200 if FULL else 60
LISTED = 2000  # STATUS_ZONES_MAX
TOLD = 100  # LOGGED_ZONES_MAX
# Octets of one zone of four records with its options and its place in the table. The contract is
# 1 kB; what the sanitizer puts around each allocation is the rest.
ZONE_OCTETS_MAX = 1000
SANITIZER_OCTETS = 400

TEXT = """\
$TTL 3600
@ SOA ns1.provider.test. hostmaster.provider.test. {serial} 7200 3600 1209600 300
@ NS ns1.provider.test.
@ NS ns2.provider.test.
www A 192.0.2.{serial}
"""


def name_of(number):
    return f"zone-{number:07}.test"


def path_of(folder, number):
    return folder / f"{name_of(number)}.zone"


def put(folder, number, text, ago=60):
    """Writes a zone's file as an editor would, and as if it were some time ago."""
    path = path_of(folder, number)
    fresh = folder / f".{number}"
    fresh.write_text(text)
    os.utime(fresh, (time.time() - ago,) * 2)
    os.replace(fresh, path)


def fill(folder, numbers):
    then = time.time() - 60
    for number in numbers:
        path = path_of(folder, number)
        path.write_text(TEXT.format(serial=1))
        os.utime(path, (then, then))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("z")
    fill(made, range(ZONES))
    return made


@pytest.fixture(scope="module")
def many(folder, tmp_path_factory):
    """One daemon for all; each test leaves its zones as they were."""
    if not os.access(ONYM, os.X_OK):
        pytest.skip(f"no {ONYM}: build it, or set ONYM")
    daemon = Daemon(tmp_path_factory.mktemp("onym"), zones={}, workers=1,
                    extra=f"zone_folders: [{folder}]\n")
    try:
        began = time.monotonic()
        daemon.start(seconds=PATIENCE_S)
        print(f"\n{ZONES} zones: ready after {time.monotonic() - began:.1f} s")
        yield daemon
        assert daemon.stop() == 0
    finally:
        daemon.end()


def spread(count):
    """Some of the zones, the first and the last among them."""
    return [index * (ZONES - 1) // (count - 1) for index in range(count)]


def reload_one(daemon, number):
    began = time.monotonic()
    reply = daemon.ctl("reload", zone=name_of(number))
    return reply, (time.monotonic() - began) * 1000


def test_status(many):
    status = many.ctl("status")
    assert status["counts"] == {"zones": ZONES, "served": ZONES, "broken": 0, "loading": 0,
                                "records": 4 * ZONES}
    assert len(status["zones"]) == LISTED
    assert status["more"] == ZONES - LISTED
    assert [zone["name"] for zone in status["zones"]] == [f"{name_of(n)}." for n in range(LISTED)]
    one = many.ctl("status", zone=name_of(ZONES - 1))
    assert one["zone"]["name"] == f"{name_of(ZONES - 1)}."
    assert one["zone"]["serial"] == 1
    assert "zones" not in one and one["counts"]["zones"] == ZONES
    assert many.ctl("status", zone="nowhere.test")["exit"] == 5
    metrics = many.ctl("stats", format="prometheus")["text"]
    assert f'onym_zones{{state="served"}} {ZONES}\n' in metrics
    assert len(metrics) < 1_000_000


def test_each_answers(many):
    for number in spread(200):
        assert many.address(f"www.{name_of(number)}") == "192.0.2.1"
    assert many.address("www.zone-9999999.test") == "REFUSED"


def test_reload_one(many, folder):
    """One zone is read anew, and no other changes."""
    numbers = spread(20)
    times = []
    for number in numbers:
        put(folder, number, TEXT.format(serial=2))
        reply, took_ms = reload_one(many, number)
        times.append(took_ms)
        assert reply["exit"] == 0 and reply["zone"]["serial"] == 2
        assert many.address(f"www.{name_of(number)}") == "192.0.2.2"
        assert many.address(f"www.{name_of(number ^ 1)}") == "192.0.2.1"
    print(f"\nreload of one of {ZONES} zones: {min(times):.2f} to {max(times):.2f} ms")
    put(folder, numbers[0], "nonsense\n")
    reply, _ = reload_one(many, numbers[0])
    assert reply["exit"] == 7
    assert many.address(f"www.{name_of(numbers[0])}") == "192.0.2.2"
    status = many.ctl("status")
    assert status["counts"]["served"] == ZONES
    for number in numbers:
        put(folder, number, TEXT.format(serial=1))
        assert reload_one(many, number)[0]["exit"] == 0
    assert many.address(f"www.{name_of(numbers[0])}") == "192.0.2.1"


def test_reload_all(many, folder):
    """Nothing has changed; then a few have: each of those, and no other, is read anew."""
    time.sleep(0.05)  # after which a file's date is believed
    assert many.ctl("reload")["counts"]["broken"] == 0
    began = time.monotonic()
    counts = many.ctl("reload")["counts"]
    print(f"\nreload of {ZONES} zones, none changed: {time.monotonic() - began:.2f} s")
    assert counts == {"loaded": 0, "unchanged": ZONES, "broken": 0, "loading": 0}
    numbers = spread(30)
    for number in numbers:
        put(folder, number, TEXT.format(serial=3), ago=50)
    time.sleep(0.05)
    assert many.ctl("reload")["counts"] == {"loaded": 30, "unchanged": ZONES - 30, "broken": 0,
                                            "loading": 0}
    for number in numbers:
        assert many.address(f"www.{name_of(number)}") == "192.0.2.3"
        put(folder, number, TEXT.format(serial=1))
    gone = path_of(folder, numbers[3])
    gone.rename(folder / ".gone")
    counts = many.ctl("reload")["counts"]
    assert counts == {"loaded": 29, "unchanged": ZONES - 30, "broken": 0, "loading": 0}
    assert many.address(f"www.{name_of(numbers[3])}") == "REFUSED"
    assert many.address(f"www.{name_of(numbers[3] + 1)}") == "192.0.2.1"
    (folder / ".gone").rename(gone)


def test_many_broken(many, folder):
    """The log names some of them, status those it has room for, and all keep their last version."""
    broken = range(0, 5 * TOLD * 10, 10)
    before = len(many.log())
    for number in broken:
        put(folder, number, "nonsense\n")
    reply = many.ctl("reload")
    assert reply["exit"] == 7
    assert reply["counts"]["broken"] == len(broken)
    said = many.log()[before:]
    assert len(re.findall(r"stays$", said, re.M)) == TOLD
    assert len(said.splitlines()) < 4 * TOLD
    status = many.ctl("status")
    assert status["counts"]["served"] == ZONES
    assert [zone["name"] for zone in status["zones"] if zone["problem"]] == \
        [f"{name_of(number)}." for number in broken]
    assert status["zones"][0]["problem"] and len(status["zones"]) == LISTED
    assert many.address(f"www.{name_of(broken[7])}") == "192.0.2.1"
    for number in broken:
        put(folder, number, TEXT.format(serial=1))
    assert many.ctl("reload")["exit"] == 0


def measure_pss(daemon):
    with open(f"/proc/{daemon.process.pid}/smaps_rollup", encoding="ascii") as lines:
        return 1024 * int(re.search(r"^Pss: +(\d+) kB", lines.read(), re.M).group(1))


def is_sanitized(daemon):
    with open(f"/proc/{daemon.process.pid}/maps", encoding="utf-8") as maps:
        return "libasan" in maps.read()


def test_memory(onym, tmp_path, monkeypatch):
    """What one zone more costs: the difference between some and twice as many."""
    monkeypatch.setenv("ASAN_OPTIONS", "quarantine_size_mb=1:thread_local_quarantine_size_kb=64:"
                       "malloc_context_size=0")
    count = ZONES // 5
    pss = []
    folder = tmp_path / "z"
    folder.mkdir()
    for most in (count, 2 * count):
        fill(folder, range(most - count, most))
        daemon = onym(zones={}, extra=f"zone_folders: [{folder}]\n", workers=1)
        daemon.start(seconds=PATIENCE_S)
        assert daemon.ctl("status")["counts"]["served"] == most
        wait_for(lambda: list(daemon.state.glob("zones/*.image")), PATIENCE_S, "images")
        time.sleep(0.5)  # what was written is freed
        pss.append(measure_pss(daemon))
        sanitized = is_sanitized(daemon)
        assert daemon.stop() == 0
    each = (pss[1] - pss[0]) / count
    print(f"\na zone of four records: {each:.0f} octets" + (", sanitized" if sanitized else ""))
    assert each < ZONE_OCTETS_MAX + (SANITIZER_OCTETS if sanitized else 0)

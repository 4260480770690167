"""ZONEMD (RFC 8976) through the real program: `zone check --zonemd`, and zones that ask for it."""

import json
import os
import pathlib
import re
import subprocess

import dns.zone
import pytest

from conftest import ONYM, TOP, ZONE, wait_for, zone

VECTORS = pathlib.Path(os.environ.get("ONYM_DATA", TOP / "../shared/data")) / "vectors/zonemd"


def check(path, origin, *words):
    if not os.access(ONYM, os.X_OK):
        pytest.skip(f"no {ONYM}: build it, or set ONYM")
    return subprocess.run([ONYM, "zone", "check", "--zonemd", str(path), origin, *words],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60,
                          check=False)


def signed(text, origin="example.test", algorithm=1):
    """The zone with its digest, computed by dnspython."""
    record = dns.zone.from_text(text, origin, relativize=False).compute_digest(algorithm)
    return (text + f"@ 300 ZONEMD {record.serial} {int(record.scheme)} "
            f"{int(record.hash_algorithm)} {record.digest.hex()}\n")


@pytest.mark.parametrize("algorithm", (1, 2))
def test_as_dnspython_computes(tmp_path, algorithm):
    path = tmp_path / "zone"
    path.write_text(signed(ZONE, algorithm=algorithm))
    done = check(path, "example.test")
    assert done.returncode == 0 and "verified by its ZONEMD" in done.stdout, done
    path.write_text(path.read_text() + "more A 192.0.2.9\n")
    done = check(path, "example.test", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 2 and not told["good"] and told["zonemd"] == "mismatch"
    assert told["problems"][0]["line"] == path.read_text().count("\n") - 1  # the ZONEMD record
    computed = dns.zone.from_text(path.read_text(), "example.test", relativize=False)
    assert computed.compute_digest(algorithm).digest.hex().upper() in told["problems"][0]["message"]


def vectors():
    return sorted(path.parent for path in VECTORS.glob("*/config"))


@pytest.mark.parametrize("folder", vectors() or [None], ids=lambda path: path and path.name)
def test_vectors(folder, tmp_path):
    if folder is None:
        pytest.skip(f"no {VECTORS}: outside data is not here")
    config = dict(line.split("=", 1) for line in (folder / "config").read_text().split())
    # One of them has a record outside of its zone. That is an error in a zone file, whatever the
    # digest says, so it is taken out first.
    text = "".join(line for line in (folder / config["zonefile"]).open(encoding="ascii")
                   if "out-of-zone data must be excluded" not in line)
    path = tmp_path / "zone"
    path.write_text(text)
    done = check(path, config["origin"])
    assert (done.returncode == 0) == (config["expected_result"] == "success"), done


def ask_for_zonemd(daemon, wanted=True):
    text = daemon.path.read_text().replace(", zonemd: true", "")
    daemon.path.write_text(text.replace('zone"}', 'zone", zonemd: true}') if wanted else text)


def test_zone_that_fails_keeps_its_last_good_version(onym):
    daemon = onym(zones={"example.test": signed(ZONE)})
    ask_for_zonemd(daemon)
    daemon.start()
    assert daemon.address() == "192.0.2.2"
    daemon.zone("example.test", signed(zone(2, "192.0.2.20")).replace("192.0.2.20", "192.0.2.21"))
    reply = daemon.ctl("reload")
    assert reply["exit"] == 7 and "SHA-384 digest" in reply["problems"][0]["message"]
    assert daemon.address() == "192.0.2.2"
    assert "SHA-384 digest" in daemon.ctl("status")["zones"][0]["problem"]
    daemon.zone("example.test", signed(zone(3, "192.0.2.30")))
    assert daemon.ctl("reload")["exit"] == 0
    assert daemon.address() == "192.0.2.30"


def test_zone_that_fails_at_the_start_is_not_served(onym):
    daemon = onym(zones={"example.test": ZONE})
    ask_for_zonemd(daemon)
    daemon.start()
    assert daemon.address() == "SERVFAIL"
    assert "no ZONEMD record" in daemon.log()
    code = daemon.run("serve", "--check", "-c", str(daemon.path))
    assert code.returncode == 2 and "no ZONEMD record" in code.stderr + code.stdout


def test_asked_for_later(onym):
    """The file is as it was, yet it has to be read again: nobody has verified it."""
    daemon = onym(zones={"example.test": ZONE})
    path = daemon.zones["example.test"]
    os.utime(path, (path.stat().st_mtime - 60,) * 2)
    daemon.start()
    assert daemon.ctl("reload")["counts"]["unchanged"] == 1
    ask_for_zonemd(daemon)
    for _ in range(2):  # and it does not become good by being asked twice
        assert daemon.ctl("reload")["exit"] == 7
        assert "no ZONEMD" in daemon.ctl("status")["zones"][0]["problem"]
    assert daemon.address() == "192.0.2.2"
    ask_for_zonemd(daemon, False)
    assert daemon.ctl("reload")["exit"] == 0
    wait_for(lambda: daemon.ctl("status")["zones"][0]["problem"] is None)


def folder(daemon, words):
    """The zones of a folder, which is all that the configuration has."""
    path = daemon.path.parent / "many"
    path.mkdir(exist_ok=True)
    text = re.split("^zone", daemon.path.read_text(), flags=re.M)[0]
    daemon.path.write_text(f"{text}zone_folders: [{words.format(path)}]\n")
    return path


def test_zone_of_a_folder_that_fails_keeps_its_last_good_version(onym):
    daemon = onym()
    path = folder(daemon, "{{path: {}, zonemd: true}}")
    file = path / "example.test.zone"
    file.write_text(signed(ZONE))
    (path / "other.test").write_text(ZONE)  # without a digest
    daemon.start()
    assert daemon.address() == "192.0.2.2"
    assert daemon.address("www.other.test") == "SERVFAIL"
    assert "no ZONEMD record" in daemon.log()
    file.write_text(signed(zone(2, "192.0.2.20")).replace("192.0.2.20", "192.0.2.21"))
    reply = daemon.ctl("reload")
    assert reply["exit"] == 7
    assert any("SHA-384 digest" in problem["message"] for problem in reply["problems"])
    assert daemon.address() == "192.0.2.2"
    file.write_text(signed(zone(3, "192.0.2.30")))
    (path / "other.test").write_text(signed(ZONE, "other.test"))
    assert daemon.ctl("reload")["exit"] == 0
    assert daemon.address() == "192.0.2.30" and daemon.address("www.other.test") == "192.0.2.2"


def test_folder_that_asks_later(onym):
    """Its files are as they were, yet they have to be read again: nobody has verified them."""
    daemon = onym()
    file = folder(daemon, "{}") / "example.test"
    file.write_text(ZONE)
    os.utime(file, (file.stat().st_mtime - 60,) * 2)
    daemon.start()
    assert daemon.address() == "192.0.2.2"
    folder(daemon, "{{path: {}, zonemd: true}}")
    assert daemon.ctl("reload")["exit"] == 7
    assert "no ZONEMD" in daemon.ctl("status")["zones"][0]["problem"]
    assert daemon.address() == "192.0.2.2"
    code = daemon.run("serve", "--check", "-c", str(daemon.path))
    assert code.returncode == 2 and "no ZONEMD record" in code.stderr + code.stdout

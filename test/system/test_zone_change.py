"""Zones changed by people: `onym zone add, set, del, undo`, and what `log`, `diff` and `export` say
of it afterwards."""

import json
import os
import pty
import subprocess

import dns.query
import dns.rcode
import dns.update
import pytest

import secondaries
from conftest import HOST, ONYM, ZONE, small_disk, wait_for, zone


def run(daemon, *words):
    return daemon.run("zone", *words, "-c", str(daemon.path))


def good(daemon, *words):
    done = run(daemon, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def log(daemon):
    return json.loads(good(daemon, "log", "example.test", "--json"))["changes"]


def test_a_zone_in_one_command(onym):
    daemon = onym(zones={}).start()
    said = run(daemon, "add", "example.test", "www=192.0.2.2", "@=2001:db8::1", "@=MX:10 mail",
               "mail=192.0.2.3")
    assert said.returncode == 0 and "created" in said.stderr
    assert daemon.address() == "192.0.2.2"
    assert daemon.ask("example.test", "AAAA").answer[0][0].to_text() == "2001:db8::1"
    assert daemon.ask("example.test", "MX").answer[0][0].preference == 10
    daemon.kill()
    daemon.start()
    assert daemon.address() == "192.0.2.2"
    again = run(daemon, "add", "example.test")
    assert again.returncode == 6 and "there is such a zone" in again.stderr
    assert run(daemon, "remove", "example.test", "--yes").returncode == 0
    assert daemon.address() == "REFUSED"
    assert run(daemon, "remove", "example.test", "--yes").returncode == 5


@pytest.mark.parametrize("words,code,problem", [
    (["bad..test"], 2, "empty label"),
    (["example.test", "www"], 2, "is no name and address"),
    (["example.test", "www=192.0.2.300"], 2, "octet 300 > 255"),
    (["example.test", "c=CNAME:a", "c=192.0.2.1"], 2, "CNAME and other data"),
    (["a/b.test", "www=192.0.2.2"], 2, "that is no name for a file"),
    (["example.test", "www=A:192.0.2.1\n$INCLUDE /etc/passwd"], 2, "a text of one line"),
])
def test_zones_that_are_none(onym, words, code, problem):
    daemon = onym(zones={}).start()
    said = run(daemon, "add", *words)
    assert said.returncode == code and problem in said.stderr, said.stderr
    assert not list(daemon.state.glob("added/*"))


def test_a_zone_of_the_configuration_stays(onym):
    daemon = onym().start()
    said = run(daemon, "remove", "example.test", "--yes")
    assert said.returncode == 6 and "stands in the configuration" in said.stderr
    assert daemon.address() == "192.0.2.2"


def test_set_and_del(onym):
    daemon = onym().start()
    said = good(daemon, "set", "example.test", "www", "A", "192.0.2.7", "192.0.2.8", "--yes")
    assert "- www.example.test. 3600 IN A 192.0.2.2\n" in said
    assert "+ www.example.test. 3600 IN A 192.0.2.8\n" in said
    answer = daemon.ask("www.example.test").answer[0]
    assert {record.to_text() for record in answer} == {"192.0.2.7", "192.0.2.8"}
    good(daemon, "set", "example.test", "www", "A", "192.0.2.9", "--add", "--ttl", "60", "-y")
    answer = daemon.ask("www.example.test").answer[0]
    assert len(answer) == 3 and answer.ttl == 60
    good(daemon, "del", "example.test", "www", "A", "192.0.2.7", "-y")
    good(daemon, "del", "example.test", "www.example.test.", "A", "-y")
    assert daemon.address() == "NXDOMAIN"
    assert run(daemon, "del", "example.test", "www", "-y").returncode == 6
    assert daemon.ask("example.test", "SOA").answer[0][0].serial == 5
    assert (daemon.folder / "zones" / "example.test.zone").read_text() == ZONE  # never rewritten
    daemon.kill()
    daemon.start()
    assert daemon.address() == "NXDOMAIN"


def test_nothing_to_do(onym):
    daemon = onym().start()
    said = run(daemon, "set", "example.test", "www", "A", "192.0.2.2", "--yes")
    assert said.returncode == 0 and "nothing is changed" in said.stderr
    assert log(daemon) == []


@pytest.mark.parametrize("words,code,problem", [
    (["set", "example.test", "www", "A", "192.0.2.300", "-y"], 2, "octet 300 > 255"),
    (["set", "example.test", "www", "CNAME", "a", "--add", "-y"], 2, "CNAME and other data"),
    (["set", "example.test", "www.other.", "A", "192.0.2.1", "-y"], 2, "not in the zone"),
    (["set", "example.test", "www", "A", "192.0.2.1\nx A 192.0.2.2", "-y"], 2, "line ends"),
    (["set", "example.test", "$INCLUDE", "A", "192.0.2.1", "-y"], 2, "an edit has"),
    (["set", "example.test", "www", "AXFR", "192.0.2.1", "-y"], 2, "none that a zone has"),
    (["set", "nix.test", "www", "A", "192.0.2.1", "-y"], 5, "not in the configuration"),
    (["del", "example.test", "@", "SOA", "-y"], 2, "SOA"),
    (["undo", "example.test", "77", "-y"], 5, "no such change"),
    (["undo", "example.test", "x", "-y"], 2, "no number of a change"),
    (["diff", "example.test"], 5, "no such change"),
    (["set", "example.test", "www", "A", "192.0.2.1"], 2, "nobody is there to be asked"),
])
def test_changes_that_are_refused(onym, words, code, problem):
    daemon = onym().start()
    said = run(daemon, *words)
    assert said.returncode == code and problem in said.stderr, said.stderr
    assert daemon.ask("example.test", "SOA").answer[0][0].serial == 1
    assert daemon.address() == "192.0.2.2"


def on_terminal(daemon, answer, *words):
    """The command with a terminal at its stdin, where somebody types this."""
    ours, its = pty.openpty()
    environment = dict(os.environ)
    daemon.sanitized(environment)
    process = subprocess.Popen([ONYM, "zone", *words, "-c", str(daemon.path)], stdin=its,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env=environment)
    os.close(its)
    os.write(ours, answer.encode())
    out, err = process.communicate(timeout=30)
    os.close(ours)
    return process.returncode, out, err


def test_it_asks(onym):
    daemon = onym().start()
    words = ("set", "example.test", "www", "A", "192.0.2.7")
    code, out, err = on_terminal(daemon, "n\n", *words)
    assert code == 6 and "+ www" in out and "nothing was changed" in err
    assert daemon.address() == "192.0.2.2"
    code, out, err = on_terminal(daemon, "y\n", *words)
    assert code == 0 and "Apply? [y/N]" in err and "serial 2" in err
    assert daemon.address() == "192.0.2.7"


def test_log_diff_and_undo(onym):
    daemon = onym(extra="access: {transfer: [localhost]}\n")
    text = daemon.path.read_text()
    daemon.path.write_text(text.replace('.zone"}', '.zone", update: [localhost]}'))
    daemon.start()
    before = secondaries.records(daemon.port, "example.test")
    good(daemon, "set", "example.test", "www", "A", "192.0.2.7", "-y")
    update = dns.update.Update("example.test")
    update.add("dyn", 60, "A", "192.0.2.9")
    assert dns.query.udp(update, HOST, port=daemon.port, timeout=10).rcode() == 0
    daemon.zone("example.test", zone(serial=9) + "fresh A 192.0.2.30\n")
    assert daemon.ctl("reload")["exit"] == 0
    kinds = [(change["kind"], change["serial_to"]) for change in log(daemon)]
    assert kinds == [("file", 9), ("update", 3), ("command", 2)]
    assert log(daemon)[2]["who"].startswith("uid ") and HOST in log(daemon)[1]["who"]
    numbers = [change["number"] for change in log(daemon)]
    assert "+ dyn.example.test. 60 IN A 192.0.2.9" in good(daemon, "diff", "example.test",
                                                           str(numbers[1]))
    for number in numbers:  # the newest first
        good(daemon, "undo", "example.test", str(number), "-y")
    after = secondaries.records(daemon.port, "example.test")
    assert {record for record in after if record[1] != "SOA"} == \
        {record for record in before if record[1] != "SOA"}
    assert [change["kind"] for change in log(daemon)][:3] == ["undo"] * 3
    # What it would take away is gone: it is refused.
    assert run(daemon, "undo", "example.test", str(numbers[1]), "-y").returncode == 6


def test_history_is_made_less(onym):
    """How much there is, and `prune`: undo has nothing any more, what the zone is stays."""
    daemon = onym().start()
    assert "0 changes of 0 zones" in good(daemon, "history")
    for number in range(5):
        good(daemon, "set", "example.test", f"n{number}", "A", "192.0.2.9", "--yes")
    said = good(daemon, "history")
    assert "5 changes of 1 zones" in said and ", since 20" in said, said
    assert "0 changes forgotten" in good(daemon, "history", "prune", "--keep", "1d", "--yes")
    stock = json.loads(good(daemon, "history", "prune", "--json"))
    assert stock["forgotten"] == 5 and stock["changes"] == 0 and "since" not in stock
    assert log(daemon) == []
    assert run(daemon, "undo", "example.test", "--yes").returncode == 5
    daemon.kill()
    daemon.start()
    assert daemon.address("n4.example.test") == "192.0.2.9"
    for words, problem in ([["prun"], "not known"], [["--keep", "1d"], "for 'prune'"],
                           [["prune", "--keep", "long"], "no duration"]):
        bad = run(daemon, "history", *words)
        assert bad.returncode == 2 and problem in bad.stderr, bad.stderr
    assert run(daemon, "history", "prune").returncode == 2  # nobody is there to be asked


def test_history_has_an_end(onym):
    """`history.size`: the oldest changes are forgotten."""
    daemon = onym(extra="history: {size: 1MiB}\n").start()
    text = " ".join(f'"{"x" * 250}"' for _ in range(200))
    for number in range(60):  # of 50 kB each, two at a time
        good(daemon, "set", "example.test", "large", "TXT", text + f" {number}", "--yes")
    stock = json.loads(good(daemon, "history", "--json"))
    assert 5 <= stock["changes"] < 25 and stock["octets"] <= 1200000, stock
    assert "oldest changes are forgotten" in daemon.log()
    assert log(daemon)[0]["serial_to"] == 61


def test_only_what_was_seen(onym):
    daemon = onym().start()
    edit = [{"do": "set", "name": "www", "type": "A", "data": ["192.0.2.7"]}]
    assert daemon.ctl("change", zone="example.test", edits=edit, serial=1)["exit"] == 0
    reply = daemon.ctl("change", zone="example.test", edits=edit, serial=1)
    assert reply["exit"] == 6 and reply["error"] == "the zone has serial 2 by now"


def test_export(onym):
    daemon = onym(extra="access: {transfer: [localhost]}\n").start()
    good(daemon, "set", "example.test", "odd", "TXT", '"a\\"b;c"' .replace(";", ""), "-y")
    text = good(daemon, "export", "example.test")
    other = onym(zones={"example.test": text}, extra="access: {transfer: [localhost]}\n").start()
    assert secondaries.records(other.port, "example.test") == \
        secondaries.records(daemon.port, "example.test")


def test_views(onym):
    daemon = onym(extra="views:\n  inside: {match: [127.0.0.2], zones: {example.test: {file: "
                  "inside.zone}}}\n")
    (daemon.folder / "inside.zone").write_text(zone(serial=100, www="192.0.2.100"))
    daemon.start()
    good(daemon, "set", "example.test", "www", "A", "192.0.2.77", "-y", "--view", "inside")
    assert daemon.address() == "192.0.2.2"
    assert daemon.address(source="127.0.0.2") == "192.0.2.77"
    assert run(daemon, "set", "example.test", "www", "A", "192.0.2.1", "-y", "--view",
               "nix").returncode == 5


def test_a_secondary_is_its_primarys(onym):
    daemon = onym(zones={}, extra="zones: {example.test: {from: 127.0.0.1}}\n").start()
    said = run(daemon, "set", "example.test", "www", "A", "192.0.2.7", "-y")
    assert said.returncode == 1 and "is its primary's to change" in said.stderr


def test_without_a_state_folder(onym):
    daemon = onym()
    daemon.state.write_text("no folder")
    daemon.path.write_text(daemon.path.read_text() + f"control: {daemon.folder}/ctl\n")
    daemon.control = daemon.folder / "ctl"
    daemon.start()
    said = run(daemon, "set", "example.test", "www", "A", "192.0.2.7", "-y")
    assert said.returncode == 1 and "no state folder" in said.stderr, said.stderr
    assert daemon.address() == "192.0.2.2"


def change_until_it_is_full(daemon):
    """The name of the change that was refused: SQLite uses up the room that it has already."""
    for number in range(40):
        said = run(daemon, "set", "example.test", f"n{number}", "TXT", '"' + "y" * 200 + '"', "-y")
        if said.returncode:
            break
    assert said.returncode == 1
    assert "the disk is full; nothing was changed" in said.stderr, said.stderr
    return f"n{number}.example.test"


def test_full_disk(onym, root):
    daemon = onym()
    with small_disk(daemon.state, "400k") as fill:
        daemon.start()
        good(daemon, "set", "example.test", "www", "A", "192.0.2.7", "-y")
        fill()
        refused = change_until_it_is_full(daemon)
        assert daemon.address() == "192.0.2.7"
        assert daemon.address(refused) == "NXDOMAIN"
        (daemon.state / "filler").unlink()
        good(daemon, "set", "example.test", "www", "A", "192.0.2.8", "-y")
        assert daemon.address() == "192.0.2.8"
        daemon.stop()
        daemon.start()
        assert daemon.address() == "192.0.2.8"
        assert daemon.stop() == 0


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_started_on_a_full_disk(onym, root, end):
    """What was changed is served, nothing more is changed, and there is no half of anything when
    there is room again."""
    daemon = onym()
    with small_disk(daemon.state, "400k") as fill:
        daemon.start()
        good(daemon, "set", "example.test", "www", "A", "192.0.2.7", "-y")
        getattr(daemon, end)()
        fill()
        daemon.start()
        assert daemon.address() == "192.0.2.7", daemon.log()
        refused = change_until_it_is_full(daemon)
        assert daemon.address(refused) == "NXDOMAIN"
        getattr(daemon, end)()
        daemon.start()
        assert daemon.address() == "192.0.2.7", daemon.log()
        assert daemon.address(refused) == "NXDOMAIN"
        (daemon.state / "filler").unlink()
        good(daemon, "set", "example.test", "www", "A", "192.0.2.8", "-y")
        assert daemon.address() == "192.0.2.8"
        assert daemon.stop() == 0


def test_a_file_for_a_zone_that_had_none(onym):
    """It was a primary's, and is its file's from then on: what was taken is gone for good."""
    chief = onym(zones={"example.test": zone(50, "192.0.2.50")},
                 extra="access: {transfer: [localhost]}\n").start()
    daemon = onym(zones={}, extra=f"zones: {{example.test: {{from: {HOST}:{chief.port}}}}}\n")
    text = daemon.path.read_text()
    daemon.start()
    wait_for(lambda: daemon.address() == "192.0.2.50")
    path = daemon.folder / "own.zone"
    path.write_text(zone(3, "192.0.2.33"))
    daemon.path.write_text(text.replace(f"from: {HOST}:{chief.port}", f'file: "{path}"'))
    assert daemon.ctl("reload")["exit"] == 0
    assert daemon.address() == "192.0.2.33"
    serial = daemon.ask("example.test", "SOA").answer[0][0].serial
    daemon.stop()
    daemon.start()
    assert daemon.address() == "192.0.2.33"
    assert daemon.ask("example.test", "SOA").answer[0][0].serial == serial
    path.write_text(zone(60, "192.0.2.60"))
    assert daemon.ctl("reload")["exit"] == 0
    assert daemon.address() == "192.0.2.60"


def test_export_has_an_end(onym):
    """EXPORT_RECORDS_MAX, and one more."""
    records = 200000 - 3  # SOA, NS and its address
    text = "$TTL 60\n@ SOA ns1 host 1 7200 3600 1209600 300\n@ NS ns1\nns1 A 192.0.2.1\n" + \
        "".join(f"$GENERATE 0-{min(65536, records - at) - 1} g{at}-$ A 192.0.2.1\n"
                for at in range(0, records, 65536))
    daemon = onym(zones={"example.test": text}).start()
    said = run(daemon, "export", "example.test")
    assert said.returncode == 0 and said.stdout.count("\n") >= 200000, said.stderr
    daemon.zone("example.test", text + "one-more A 192.0.2.1\n")
    assert daemon.ctl("reload")["exit"] == 0  # on a busy machine it goes on in the background
    wait_for(lambda: daemon.ctl("status", zone="example.test")["zone"]["records"] == 200001, 60,
             daemon.log())
    said = run(daemon, "export", "example.test")
    assert said.returncode == 1 and said.stdout == ""
    assert "too large for this" in said.stderr and "AXFR" in said.stderr

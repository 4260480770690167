"""The other commands from outside: zone, check, ctl, config; and what all have in common."""

import json
import os
import subprocess

import pytest

from conftest import ONYM, TOP, ZONE, zone


def cli(*words, **options):
    if not os.access(ONYM, os.X_OK):
        pytest.skip(f"no {ONYM}: build it, or set ONYM")
    options.setdefault("stdout", subprocess.PIPE)
    return subprocess.run([ONYM, *words], stderr=subprocess.PIPE, text=True, timeout=60,
                          check=False, **options)


@pytest.fixture(name="large")
def large_zone(tmp_path):
    path = tmp_path / "large.test.zone"
    path.write_text("$TTL 1\n@ SOA ns.test. h.test. 1 2 3 4 5\n@ NS ns.test.\n"
                    + "".join(f"n{i} A 192.0.2.1\n" for i in range(50000)))
    return path


# --- common habits -------------------------------------------------------------------------------


def test_closed_pipe_is_quiet(large):
    with subprocess.Popen([ONYM, "zone", "print", str(large)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        assert process.stdout.readline().startswith(b"large.test. 1 IN ")
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(20) != 0


def test_full_disk(large):
    for words in (("zone", "print", str(large)), ("help",), ("man",), ("version", "--json"),
                  ("zone", "check", str(large)), ("config", "schema")):
        with open("/dev/full", "wb") as full:
            done = cli(*words, stdout=full)
        assert done.returncode == 1, words
        assert "cannot write to stdout: No space left on device" in done.stderr


def test_every_command_has_help():
    commands = json.loads(cli("help", "--json").stdout)["commands"]
    assert len(commands) >= 17
    for command in commands:
        words = [command["noun"], *([command["verb"]] if "verb" in command else [])]
        done = cli(*words, "--help")
        assert done.returncode == 0 and "\nexamples\n" in done.stdout and done.stderr == ""


def test_usage():
    for words, hint in ((("quary", "a"), "did you mean 'onym query'?"),
                        (("zone", "prnt", "a"), "did you mean 'onym zone print'?"),
                        (("query", "a", "+nocmd"), ""),
                        ((), "'onym help' lists the commands")):
        done = cli(*words)
        assert done.returncode == 2 and done.stdout == ""
        assert done.stderr.startswith("onym: ") and hint in done.stderr


# --- zones ---------------------------------------------------------------------------------------


def test_stdin():
    done = cli("zone", "check", "-", "example.test", input=ZONE)
    assert done.returncode == 0 and "example.test. is fine: serial 1" in done.stdout
    done = cli("zone", "print", "-", input="$ORIGIN a.test.\n" + ZONE)
    assert done.returncode == 0 and done.stdout.startswith("a.test. 3600 IN NS ns1.a.test.\n")


def test_print_is_stable(large):
    first = cli("zone", "print", str(large))
    second = cli("zone", "print", "-", input=first.stdout)
    assert first.returncode == second.returncode == 0
    assert first.stdout == second.stdout
    assert first.stdout.count("\n") == 50002


def test_root_zone():
    path = os.path.join(os.environ.get("ONYM_DATA", TOP / "../shared/data"),
                        "zones/root-20170821.zone")
    if not os.path.exists(path):
        pytest.skip(f"no {path}: outside data is not here")
    found = json.loads(cli("zone", "stat", path, "--json").stdout)
    assert found["zone"] == "." and found["serial"] == 2017082100
    assert found["records"] == 22772 and found["types"]["RRSIG"] == 2950
    assert cli("zone", "check", path).returncode == 0


# --- ctl -----------------------------------------------------------------------------------------


def test_ctl(onym):
    daemon = onym().start()
    where = ("-c", str(daemon.path))
    status = daemon.run("ctl", "status", *where)
    assert status.returncode == 0 and status.stderr == ""
    assert f"pid {daemon.process.pid}, " in status.stdout
    assert "zones     1: 1 served, " in status.stdout
    assert json.loads(daemon.run("ctl", "status", "--json", *where).stdout)["v"] == 1
    quiet = daemon.run("ctl", "status", "-q", "--control", str(daemon.control))
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")

    daemon.zone("example.test", zone(serial=2, www="192.0.2.3"))
    reload = daemon.run("ctl", "reload", *where)
    assert reload.returncode == 0 and reload.stderr == "", reload
    assert daemon.address() == "192.0.2.3"
    daemon.zone("example.test", zone(serial=3, www="192.0.2.4"))
    one = daemon.run("ctl", "reload", "example.test", *where)
    assert one.returncode == 0 and "example.test." in one.stdout
    assert daemon.address() == "192.0.2.4"

    stats = daemon.run("ctl", "stats", *where)
    assert stats.returncode == 0 and "requests.udp.ipv4" in stats.stdout
    metrics = daemon.run("ctl", "stats", "--prometheus", *where)
    assert metrics.returncode == 0 and "# TYPE onym_dns_requests_total counter\n" in metrics.stdout

    stop = daemon.run("ctl", "stop", *where)
    assert (stop.returncode, stop.stdout) == (0, "the server has stopped\n")
    assert daemon.wait() == 0
    gone = daemon.run("ctl", "status", *where)
    assert gone.returncode == 3 and str(daemon.control) in gone.stderr


def test_ctl_failures(onym):
    daemon = onym().start()
    where = ("-c", str(daemon.path))
    unknown = daemon.run("ctl", "reload", "elsewhere.test", *where)
    assert unknown.returncode == 5 and unknown.stdout == ""
    daemon.zone("example.test", "@ SOA a b 1 2 3\n")
    broken = daemon.run("ctl", "reload", *where)
    assert broken.returncode == 7
    assert "example.test.zone:1" in broken.stderr
    assert daemon.address() == "192.0.2.2"  # what was good is still served
    daemon.path.write_text("version: 1\nlisten: what\nzonez: {}\n")
    bad = daemon.run("ctl", "reload", "--control", str(daemon.control))
    assert bad.returncode == 2
    assert "did you mean 'zones'?" in bad.stderr


def test_ctl_permission(onym, open_folder, root):
    daemon = onym(folder=open_folder / "d").start()
    os.chmod(daemon.state, 0o755)
    program = open_folder / "onym"
    program.write_bytes(open(ONYM, "rb").read())
    program.chmod(0o755)
    done = subprocess.run([program, "ctl", "status", "--control", str(daemon.control)],
                          capture_output=True, text=True, timeout=60, check=False, user=65534,
                          group=65534, extra_groups=[])
    assert done.returncode == 4, done
    assert "may not speak" in done.stderr

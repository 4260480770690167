"""What servers, scripts and kills can do to health checks. (The plain way is test_health.py.)"""

import os
import pathlib
import pwd
import re
import signal
import socket
import subprocess
import time

import pytest

import sites
from conftest import ONYM, free_port, wait_for
from sites import Mute, Site, addresses, children, is_alive
from test_reload import asking

CHECKER = "onym-checker"
SPARE = "192.0.2.99"  # of the last rule, which nobody checks
QUICK = "interval: 500ms, timeout: 400ms"


def configuration(check, give, more=""):
    """One name with these addresses, of which the spare one is given when all are dead."""
    return f"""\
zones:
  "example.test":
    routes:
      "www": {{A: [{{give: [{", ".join(give)}], check: web}}, {{give: [{SPARE}]}}]}}
checks:
  web: {{{check}}}
{more}"""


def write(daemon, check, give, more=""):
    (daemon.folder / "health.yaml").write_text(configuration(check, give, more))


def checked(onym, check, give, more="", **options):
    daemon = onym(extra="include: [health.yaml]\n", **options)
    write(daemon, check, give, more)
    return daemon


def given(daemon, name="www.example.test"):
    return {record.to_text() for rrset in daemon.ask(name).answer for record in rrset}


def wait_given(daemon, wanted, seconds=15):
    wanted = set(wanted)
    return wait_for(lambda: given(daemon) == wanted, seconds, f"the answer {wanted}")


def health(daemon):
    """Targets by their address, as `ctl health` tells them."""
    reply = daemon.ctl("health")
    assert reply["ok"], reply
    return {target["address"]: target for target in reply["targets"]}


def state(daemon, address):
    return health(daemon)[address]["state"]


def words(daemon, address):
    """The last result of the address, once there is one."""
    return wait_for(lambda: health(daemon)[address].get("words"), 15, "a result")


def checker_of(daemon):
    """The process ID of its checker, None: there is none."""
    found = children(daemon.process.pid, CHECKER)
    assert len(found) <= 1
    return found[0] if found else None


@pytest.fixture(autouse=True)
def unstained(onym, tmp_path):
    """What a sanitizer says of a checker is a failure as well."""
    del onym  # whose daemons end after this
    yield
    for path in tmp_path.glob("*/san.*"):
        text = path.read_text(errors="replace")
        assert "ERROR: " not in text and "runtime error: " not in text, text


# --- pages ----------------------------------------------------------------------------------------

def test_unknown_counts_as_up(onym):
    """A start takes nothing out of answers before it knows."""
    port, (one,) = free_port(), addresses(1)
    with Mute(one, port):
        daemon = checked(onym, f'http: "/", port: {port}, interval: 30s, timeout: 20s',
                         [one]).start()
        assert state(daemon, one) == "unknown"
        assert given(daemon) == {one}


def test_first_result_counts_at_once(onym):
    port, (one,) = free_port(), addresses(1)
    daemon = checked(onym, f'http: "/", port: {port}, interval: 60s, fall: 5', [one]).start()
    wait_given(daemon, [SPARE], seconds=5)


def test_rise_and_fall(onym):
    """Who flaps stays what it is: only so many in a row change it."""
    port, (one,) = free_port(), addresses(1)
    with Site(one, port) as site:
        daemon = checked(onym, f'http: "/", port: {port}, {QUICK}, rise: 3, fall: 3', [one]).start()
        wait_for(lambda: state(daemon, one) == "up", what="the first result")
        site.script = sites.flapping(503, 503, 200)  # two bad ones are one too few
        before = len(site.asked)
        wait_for(lambda: len(site.asked) >= before + 9, 20, "nine checks")
        assert given(daemon) == {one} and "is down" not in daemon.log()
        site.script, site.status = None, 503
        before = len(site.asked)
        wait_given(daemon, [SPARE])
        assert 1 <= len(site.asked) - before <= 4  # the row may have begun before
        site.script = sites.flapping(200, 200, 503)  # and two good ones as well
        before = len(site.asked)
        wait_for(lambda: len(site.asked) >= before + 9, 20, "nine checks")
        assert given(daemon) == {SPARE} and "is up" not in daemon.log()
        site.script, site.status = None, 200
        wait_given(daemon, [one])
        assert daemon.log().count("is down") == daemon.log().count("is up") == 1


def test_statuses(onym):
    port, (one, two, three) = free_port(), addresses(3)
    with Site(one, port) as first, Site(two, port), Site(three, port) as third:
        first.status, third.status = 204, 500
        first.body = b""
        daemon = checked(onym, f'http: "/", port: {port}, status: [204, 500], {QUICK}',
                         [one, two, three]).start()
        wait_given(daemon, [one, three])
        assert "status 200" in words(daemon, two)


def test_nothing_is_followed(onym):
    """A redirect is an answer by itself; where it points to is nobody whom we were told to ask."""
    port, (one, two) = free_port(), addresses(2)
    with Site(one, port) as first, Site(two, port) as second:
        first.status, first.headers = 302, {"Location": f"http://{two}:{port}/other"}
        daemon = checked(onym, f'http: "/", port: {port}, {QUICK}', [one]).start()
        wait_for(lambda: len(first.asked) > 2, what="checks")
        assert state(daemon, one) == "up" and not second.asked
        write(daemon, f'http: "/", port: {port}, status: 200, {QUICK}', [one])
        assert daemon.ctl("reload")["ok"]
        wait_given(daemon, [SPARE])
        assert "status 302" in words(daemon, one) and not second.asked


def test_text(onym):
    port, (one, two, three) = free_port(), addresses(3)
    with Site(one, port) as first, Site(two, port) as second, Site(three, port) as third:
        first.body = b"\0\xff" + b"x" * 60000 + b"the database is ready"
        second.body = b"the database is rea"
        third.body = b"x" * 65536 + b"the database is ready"  # too far behind
        daemon = checked(onym, f'http: "/", port: {port}, text: "is ready", {QUICK}',
                         [one, two, three]).start()
        wait_given(daemon, [one])
        for address in (two, three):
            assert "text" in words(daemon, address)


def test_endless_page(onym):
    """64 KiB are read of what never ends, and then there is a result."""
    port, (one,) = free_port(), addresses(1)
    with Site(one, port) as site:
        site.body = b"ready " + b"x" * 30_000_000
        daemon = checked(onym, f'http: "/", port: {port}, text: ready, {QUICK}', [one]).start()
        wait_for(lambda: len(site.asked) > 2, what="checks")
        assert state(daemon, one) == "up"


def test_host_and_path(onym):
    port, (one,) = free_port(), addresses(1)
    with Site(one, port) as site:
        daemon = checked(onym, f'http: "/a/b?c=d&e=%20f", port: {port}, {QUICK}', [one]).start()
        wait_for(lambda: site.asked, what="a check")
        assert site.asked[0][1:] == ("/a/b?c=d&e=%20f", f"{one}:{port}")
        write(daemon, f'http: "/", port: {port}, host: "www.example.test", {QUICK}', [one])
        assert daemon.ctl("reload")["ok"]
        wait_for(lambda: site.asked[-1][1:] == ("/", f"www.example.test:{port}"),
                 what="a check of that host, at the address of the record")


def test_no_proxy_is_asked(onym):
    """What the environment says of proxies is for people: a check is of the address."""
    port, (one, two) = free_port(), addresses(2)
    with Site(one, port) as first, Site(two, port) as second:
        daemon = checked(onym, f'http: "/", port: {port}, {QUICK}', [one])
        daemon.environment = {name: f"http://{two}:{port}"
                              for name in ("http_proxy", "HTTPS_PROXY", "ALL_PROXY")}
        daemon.start()
        wait_for(lambda: len(first.asked) > 1, what="checks")
        assert not second.asked


def test_mute_server(onym):
    """Who accepts and says nothing is bad when the time is over, and no check waits for another."""
    port, (one, two) = free_port(), addresses(2)
    with Mute(one, port), Site(two, port) as second:
        daemon = checked(onym, f'http: "/", port: {port}, interval: 1s, timeout: 900ms, fall: 1',
                         [one, two]).start()
        wait_given(daemon, [two])
        assert "900 ms" in words(daemon, one)
        before, began = len(second.asked), time.monotonic()
        time.sleep(3)
        checks = (len(second.asked) - before) / (time.monotonic() - began)
        assert 0.6 < checks < 1.5


def test_https(onym, tmp_path):
    port, (one,) = free_port(), addresses(1)
    context, names = sites.certificate(tmp_path, "www.example.test"), []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with Site(one, port, context) as site:
        daemon = checked(onym, f'https: "/health", port: {port}, host: www.example.test, {QUICK}',
                         [one]).start()
        wait_for(lambda: state(daemon, one) != "unknown", what="a result")
        assert state(daemon, one) == "up", words(daemon, one)
        assert site.asked[0][1:] == ("/health", f"www.example.test:{port}")
        assert names and set(names) == {"www.example.test"}
        write(daemon, f'https: "/health", port: {port}, host: www.example.test, verify: true, '
              + QUICK, [one])
        assert daemon.ctl("reload")["ok"]
        wait_given(daemon, [SPARE])
        assert "certificate" in words(daemon, one).lower()


def test_https_where_none_is_spoken(onym):
    port, (one,) = free_port(), addresses(1)
    with Site(one, port):
        daemon = checked(onym, f'https: "/", port: {port}, {QUICK}', [one]).start()
        wait_given(daemon, [SPARE])
        assert words(daemon, one)


def test_garbage_for_a_page(onym):
    port, (one,) = free_port(), addresses(1)
    with Mute(one, port) as mute:
        daemon = checked(onym, f'http: "/", port: {port}, {QUICK}', [one]).start()
        mute.socket.settimeout(10)
        for octets in (os.urandom(2000), b"", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nA: " +
                       b"x" * 2_000_000):
            client, _ = mute.socket.accept()
            with client:
                try:
                    client.sendall(octets)
                    time.sleep(0.05)
                except OSError:
                    pass  # it has seen enough
        wait_given(daemon, [SPARE])
        assert checker_of(daemon) and all(" " <= letter <= "~" for letter in words(daemon, one))


# --- tcp ------------------------------------------------------------------------------------------

def test_ipv6(onym):
    port = free_port()
    listener = socket.create_server(("::1", port), family=socket.AF_INET6)
    with listener:
        daemon = checked(onym, f"tcp: {port}, {QUICK}", [SPARE])
        (daemon.folder / "health.yaml").write_text(f"""\
zones:
  "example.test":
    routes:
      "www": {{AAAA: [{{give: ["::1", "2001:db8::1"], check: web}}]}}
checks: {{web: {{tcp: {port}, {QUICK}}}}}
""")
        daemon.start()
        wait_for(lambda: state(daemon, "2001:db8::1") == "down", 15, "the death of who is nowhere")
        assert state(daemon, "::1") == "up"
        answer = daemon.ask("www.example.test", "AAAA").answer[0]
        assert [record.to_text() for record in answer] == ["::1"]


# --- scripts --------------------------------------------------------------------------------------

def test_script(onym, tmp_path):
    one, two = addresses(2)
    path = sites.script(tmp_path, f"""\
echo "$1 $ONYM_ADDRESS is looked at"
echo "a second line"
test "$1" = {one} && exit 0
exit 3
""")
    daemon = checked(onym, f"script: {path}, {QUICK}", [one, two]).start()
    wait_given(daemon, [one])
    assert words(daemon, one) == f"{one} {one} is looked at"
    assert re.search(rf"3: {two} {two} is looked at$", words(daemon, two))


def test_script_that_is_not_there(onym, tmp_path):
    (one,) = addresses(1)
    plain = tmp_path / "plain"
    plain.write_text("#!/bin/sh\nexit 0\n")
    for path, said in ((tmp_path / "none", "No such file"), (plain, "Permission")):
        daemon = checked(onym, f"script: {path}, {QUICK}", [one]).start()
        wait_given(daemon, [SPARE])
        assert said in words(daemon, one)
        daemon.stop()


def test_script_writes_garbage(onym, tmp_path):
    (one,) = addresses(1)
    path = sites.script(tmp_path, "head -c 3000000 /dev/urandom\nexit 1\n")
    daemon = checked(onym, f"script: {path}, interval: 2s, timeout: 1900ms", [one]).start()
    wait_given(daemon, [SPARE])
    assert re.search("ended with 1", words(daemon, one))
    assert all(" " <= letter <= "~" for letter in words(daemon, one))
    assert daemon.run("ctl", "health", "-c", str(daemon.path)).returncode == 0


def test_script_leaves_somebody_behind(onym, tmp_path):
    """The result is the script's own, at once, though its child holds the output open; the child
    goes with it."""
    (one,) = addresses(1)
    pids = tmp_path / "pids"
    path = sites.script(tmp_path, f"sleep 600 &\necho $! >>{pids}\necho fine\nexit 0\n")
    daemon = checked(onym, f"script: {path}, interval: 10s, timeout: 9s", [one]).start()
    wait_for(lambda: state(daemon, one) == "up", 5, "its result")
    assert words(daemon, one) == "fine"
    wait_for(lambda: not is_alive(int(pids.read_text())), what="the end of who was left behind")


def test_script_gets_nothing_of_ours(onym, tmp_path):
    """No descriptor, no secret of the environment, no terminal."""
    (one,) = addresses(1)
    out = tmp_path / "out"
    path = sites.script(tmp_path, f"ls -l /proc/self/fd >{out}.new; env >>{out}.new\n"
                        f"readlink /proc/self/fd/0 >>{out}.new; mv {out}.new {out}\n")
    daemon = checked(onym, f"script: {path}, {QUICK}", [one])
    daemon.environment = {"SECRET_OF_THE_DAEMON": "squeamish ossifrage"}
    daemon.start()
    lines = wait_for(lambda: out.exists() and out.read_text().splitlines(), what="its output")
    descriptors = [line.partition(" -> ")[2] for line in lines if " -> " in line]
    assert len(descriptors) == 4, descriptors  # 0, 1, 2 and the folder that ls reads
    assert not any(target.startswith("socket:") for target in descriptors), descriptors
    assert "ossifrage" not in "\n".join(lines) and f"ONYM_ADDRESS={one}" in lines
    assert "NOTIFY_SOCKET" not in "\n".join(lines) and lines[-1] == "/dev/null"


# --- reloads --------------------------------------------------------------------------------------

def test_reload_keeps_what_is_known(onym):
    """The dead stay dead over a reload, without a moment of doubt, whatever else changes."""
    port, (one, two, three) = free_port(), addresses(3)
    check = f'http: "/", port: {port}, interval: 20s, timeout: 1s'
    with Site(one, port), Site(three, port):
        daemon = checked(onym, check, [one, two], workers=1).start()
        wait_given(daemon, [one])
        time.sleep(1.1)
        with asking(daemon) as answers:
            for turn in range(5):
                write(daemon, f"{check}, fall: {turn + 2}", [two, one] if turn % 2 else [one, two])
                assert daemon.ctl("reload")["ok"]
        assert len(answers) > 20 and set(answers) == {one}
        assert health(daemon)[two]["since_s"] >= 1  # it was not born again
        write(daemon, check, [three, one, two])
        assert daemon.ctl("reload")["ok"]
        assert given(daemon) == {one, three} and state(daemon, two) == "down"
        wait_for(lambda: state(daemon, three) == "up", 5, "the first result of the new one")


def test_another_question_is_another_state(onym):
    port, (one,) = free_port(), addresses(1)
    with Site(one, port):
        check = f'http: "/", port: {port}, interval: 20s, timeout: 1s'
        daemon = checked(onym, f"{check}, text: nowhere", [one]).start()
        wait_given(daemon, [SPARE])
        write(daemon, f"{check}, text: well", [one])
        assert daemon.ctl("reload")["ok"]
        wait_given(daemon, [one], seconds=5)


def test_nothing_to_check_no_checker(onym):
    port, (one,) = free_port(), addresses(1)
    with Site(one, port):
        daemon = onym(extra="include: [health.yaml]\n")
        (daemon.folder / "health.yaml").write_text("log: {level: info}\n")
        daemon.start()
        assert checker_of(daemon) is None
        assert daemon.ctl("health")["targets"] == []
        write(daemon, f'http: "/", port: {port}, {QUICK}', [one])
        assert daemon.ctl("reload")["ok"]
        checker = wait_for(lambda: checker_of(daemon), what="a checker")
        wait_for(lambda: state(daemon, one) == "up", what="a result")
        (daemon.folder / "health.yaml").write_text("log: {level: info}\n")
        assert daemon.ctl("reload")["ok"]
        wait_for(lambda: not is_alive(checker), what="the end of the checker")
        assert checker_of(daemon) is None


# --- lives and deaths -----------------------------------------------------------------------------

def test_script_does_not_outlive_its_checker(onym, tmp_path):
    """Who is killed cannot kill: scripts that hang would pile up, one more with each checker."""
    (one,) = addresses(1)
    pids = tmp_path / "pids"
    path = sites.script(tmp_path, f"sleep 600 &\necho $$ $! >>{pids}\nwait\n")
    daemon = checked(onym, f"script: {path}, interval: 60s, timeout: 50s", [one]).start()
    wait_for(lambda: pids.exists() and len(pids.read_text().split()) == 2, what="the script")
    everyone = [int(pid) for pid in pids.read_text().split()]
    os.kill(checker_of(daemon), signal.SIGKILL)
    wait_for(lambda: not any(is_alive(pid) for pid in everyone), 5, "the end of its script")


def test_checker_stops_answering(onym):
    """A checker that is stopped stops no answer, no command and no end."""
    port, (one,) = free_port(), addresses(1)
    with Site(one, port):
        daemon = checked(onym, f'http: "/", port: {port}, {QUICK}', [one]).start()
        wait_for(lambda: state(daemon, one) == "up", what="a result")
        checker = checker_of(daemon)
        os.kill(checker, signal.SIGSTOP)
        time.sleep(1.5)
        began = time.monotonic()
        assert given(daemon) == {one} and daemon.ctl("status")["ok"]
        assert time.monotonic() - began < 2
        assert daemon.stop() == 0 and not is_alive(checker)


def test_checker_that_stands_still_is_replaced(onym):
    port, (one,) = free_port(), addresses(1)
    with Site(one, port):
        daemon = checked(onym, f'http: "/", port: {port}, {QUICK}, fall: 1', [one]).start()
        wait_for(lambda: state(daemon, one) == "up", what="a result")
        checker = checker_of(daemon)
        os.kill(checker, signal.SIGSTOP)
        wait_for(lambda: "did not answer, was killed" in daemon.log(), 20, "the end of patience")
        assert not is_alive(checker)
    wait_given(daemon, [SPARE])


def test_daemon_is_killed(onym, tmp_path):
    """Nobody outlives a daemon that had no time to say goodbye, scripts that hang included."""
    (one,) = addresses(1)
    pids = tmp_path / "pids"
    path = sites.script(tmp_path, f"sleep 600 &\necho $$ $! >>{pids}\nwait\n")
    daemon = checked(onym, f"script: {path}, interval: 60s, timeout: 50s", [one]).start()
    wait_for(lambda: pids.exists() and len(pids.read_text().split()) == 2, what="the script")
    everyone = [checker_of(daemon), *map(int, pids.read_text().split())]
    assert all(is_alive(pid) for pid in everyone)
    daemon.kill()
    wait_for(lambda: not any(is_alive(pid) for pid in everyone), 5, "the end of all of them")


def test_stop_leaves_nobody(onym, tmp_path):
    (one,) = addresses(1)
    pids = tmp_path / "pids"
    path = sites.script(tmp_path, f"sleep 600 &\necho $$ $! >>{pids}\nwait\n")
    daemon = checked(onym, f"script: {path}, interval: 60s, timeout: 50s", [one]).start()
    wait_for(lambda: pids.exists() and len(pids.read_text().split()) == 2, what="the script")
    everyone = [checker_of(daemon), *map(int, pids.read_text().split())]
    began = time.monotonic()
    assert daemon.stop() == 0
    assert time.monotonic() - began < 5
    wait_for(lambda: not any(is_alive(pid) for pid in everyone), 2, "the end of all of them")


def sockets_of(pid):
    found = set()
    for path in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(path)
        except FileNotFoundError:
            continue
        if target.startswith("socket:"):
            found.add(target)
    return found


def test_checker_has_no_socket_of_ours(onym):
    """It could hold a port, or a client's connection, beyond our end."""
    port, (one,) = free_port(), addresses(1)
    with Site(one, port):
        daemon = checked(onym, f'http: "/", port: {port}, {QUICK}', [one]).start()
        wait_for(lambda: state(daemon, one) == "up", what="a result")
        with daemon.connect():
            assert not sockets_of(checker_of(daemon)) & sockets_of(daemon.process.pid)


def test_checker_has_no_right_of_root(onym, root, open_folder):
    del root
    port, (one,) = free_port(), addresses(1)
    with Site(one, port):
        daemon = checked(onym, f'http: "/", port: {port}, {QUICK}', [one], folder=open_folder)
        daemon.extra += "user: nobody\n"
        daemon.write()
        daemon.start()
        wait_for(lambda: state(daemon, one) == "up", what="a result")
        status = pathlib.Path(f"/proc/{checker_of(daemon)}/status").read_text()
        uid = pwd.getpwnam("nobody").pw_uid
        assert re.search(rf"^Uid:\s{uid}\s{uid}\s{uid}\s{uid}$", status, re.M)
        assert re.search(r"^CapPrm:\s0+$", status, re.M)


def test_not_for_people():
    """Started by hand it says whose it is."""
    program = pathlib.Path(ONYM).with_name(CHECKER)
    if not program.exists():
        pytest.skip(f"no {program}")
    ended = subprocess.run([program], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                           timeout=20, check=False)
    assert ended.returncode == 2 and "onym" in ended.stderr


def test_without_a_checker(onym, tmp_path):
    """Where it is not installed the daemon serves, says so, and knows nothing of anybody."""
    if any(os.access(f"/usr{part}/sbin/{CHECKER}", os.X_OK) for part in ("", "/local")):
        pytest.skip("one is installed on this machine")
    port, (one,) = free_port(), addresses(1)
    daemon = checked(onym, f"tcp: {port}, {QUICK}", [one])
    copy = tmp_path / "onym"
    copy.write_bytes(pathlib.Path(ONYM).read_bytes())
    copy.chmod(0o755)
    daemon.start(wrap=["/bin/sh", "-c", f'shift; exec {copy} "$@"', "sh"])
    wait_for(lambda: "no health checks" in daemon.log(), what="the complaint")
    assert given(daemon) == {one} and state(daemon, one) == "unknown"
    time.sleep(1)
    assert daemon.log().count("no health checks") <= 2


# --- many -----------------------------------------------------------------------------------------

def test_many_targets(onym):
    """Three hundred that do not answer: all are found out, by at most 256 checks at a time, and
    while they hang queries are answered."""
    port = free_port()
    dead = addresses(100, "127.0.2.") + addresses(100, "127.0.3.") + addresses(100, "127.0.4.")
    names = "\n".join(f'      "n{index}": {{A: [{{give: [{address}], check: web}}]}}'
                      for index, address in enumerate(dead))
    daemon = onym(extra="include: [health.yaml]\n")
    (daemon.folder / "health.yaml").write_text(f"""\
zones:
  "example.test":
    routes:
{names}
checks: {{web: {{http: "/", port: {port}, interval: 4s, timeout: 3s}}}}
""")
    listener = socket.create_server(("0.0.0.0", port), backlog=1024)
    with listener:  # whom the kernel accepts for, and nobody answers
        daemon.start()
        wait_for(lambda: {target["state"] for target in health(daemon).values()} == {"down"}, 40,
                 "the death of all")
        assert len(health(daemon)) == 300
        began = time.monotonic()
        for _ in range(20):
            daemon.ask("n7.example.test")
        assert time.monotonic() - began < 2


def test_checks_are_spread(onym):
    """Forty targets of one check do not beat together."""
    port = free_port()
    some = addresses(40, "127.0.5.")
    many = [Site(address, port) for address in some]
    try:
        daemon = checked(onym, f'http: "/", port: {port}, interval: 2s, timeout: 1s', some).start()
        wait_for(lambda: all(len(site.asked) >= 2 for site in many), 20, "two checks of each")
        seconds = sorted(site.asked[1][0] for site in many)
        assert seconds[-1] - seconds[0] > 0.4
        gaps = [site.asked[1][0] - site.asked[0][0] for site in many]
        assert 1.4 < min(gaps) and max(gaps) < 3.5, gaps
    finally:
        for site in many:
            site.close()
    assert daemon.stop() == 0


# --- what is told ---------------------------------------------------------------------------------

@pytest.mark.parametrize("check, said", [
    ("{}", "check"),
    ('{http: "/", tcp: 80}', "kind"),
    ('{http: "health"}', "path"),
    ('{http: "/", interval: 1s, timeout: 1s}', "timeout"),
    ('{http: "/", interval: 5}', "interval"),
    ('{http: "/", rise: 0}', "rise"),
    ('{http: "/", fall: many}', "fall"),
    ('{http: "/", status: [99]}', "status"),
    ('{http: "/", intervall: 5s}', "did you mean 'interval'"),
    ("{tcp: 0}", "tcp"),
    ("{tcp: 65536}", "tcp"),
    ("{tcp: 80, text: ready}", "text"),
    ("{script: /bin/true, port: 80}", "port"),
])
def test_bad_checks(onym, check, said):
    """Each is told with its line, a caret and what to do."""
    daemon = onym(extra=f"checks:\n  web: {check}\n")
    done = daemon.run("check", "-c", str(daemon.path))
    text = done.stdout + done.stderr
    assert done.returncode == 2 and said in text and "^" in text and "onym.yaml:" in text, text


def test_check_that_is_not_there(onym):
    daemon = checked(onym, "tcp: 80", addresses(1))
    path = daemon.folder / "health.yaml"
    path.write_text(path.read_text().replace("check: web", "check: wbe"))
    done = daemon.run("check", "-c", str(daemon.path))
    assert done.returncode == 2 and "did you mean 'web'" in done.stdout + done.stderr

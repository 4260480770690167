"""`onym zone import|edit|copy`, and `export --serial`: zones as texts."""

import json
import os
import subprocess

import pytest

from conftest import ONYM, ZONE, zone


def run(daemon, verb, *words, **options):
    return subprocess.run([ONYM, "zone", verb, *words, "-c", str(daemon.path)], timeout=60,
                          capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                          **options)


def good(daemon, verb, *words, **options):
    done = run(daemon, verb, *words, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def text_of(daemon, *words):
    return good(daemon, "export", "example.test", *words).stdout


def editor(tmp_path, script):
    path = tmp_path / "editor"
    path.write_text("#!/bin/sh\n" + script + "\n")
    path.chmod(0o755)
    return {"env": {**os.environ, "VISUAL": "", "EDITOR": str(path), "TMPDIR": str(tmp_path)}}


@pytest.fixture
def daemon(onym):
    return onym().start()


def test_export_of_a_serial(daemon):
    first = text_of(daemon)
    good(daemon, "set", "example.test", "www", "A", "192.0.2.7", "-y")
    good(daemon, "set", "example.test", "new", "TXT", "x", "-y")
    good(daemon, "del", "example.test", "www", "-y")
    assert "www.example.test" not in text_of(daemon)
    assert text_of(daemon, "--serial", "1") == first
    second = text_of(daemon, "--serial", "2")
    assert "www.example.test. 3600 IN A 192.0.2.7\n" in second and "new" not in second
    assert text_of(daemon, "--serial", "4") == text_of(daemon)
    for serial in ("0", "77"):
        none = run(daemon, "export", "example.test", "--serial", serial)
        assert none.returncode == 5 and "back to 1 only" in none.stderr, none.stderr
    assert run(daemon, "export", "example.test", "--serial", "x").returncode == 2
    daemon.kill()
    daemon.start()
    assert text_of(daemon, "--serial", "1") == first


def test_import(daemon, tmp_path):
    path = tmp_path / "file"
    path.write_text(zone(serial=1, www="192.0.2.9") + "more A 192.0.2.10\n")
    shown = good(daemon, "import", "example.test", str(path), "--dry-run").stdout
    assert "- www.example.test. 3600 IN A 192.0.2.2" in shown
    assert "+ more.example.test. 3600 IN A 192.0.2.10" in shown
    assert daemon.address() == "192.0.2.2"
    good(daemon, "import", "example.test", str(path), "--yes")
    assert daemon.address() == "192.0.2.9" and daemon.address("more.example.test") == "192.0.2.10"
    assert " 2 7200" in text_of(daemon)  # one more than the zone had
    again = good(daemon, "import", "example.test", str(path), "--yes")
    assert "it is so already" in again.stdout + again.stderr
    path.write_text(ZONE.replace("www", "third").replace("192.0.2.2", "192.0.2.11"))
    said = json.loads(good(daemon, "import", "example.test", str(path), "--add", "--json").stdout)
    assert all(" SOA " in line for line in said["removed"]) and len(said["added"]) >= 2
    assert daemon.address("third.example.test") == "192.0.2.11"
    assert daemon.address() == "192.0.2.9"  # stays


def test_import_of_what_is_no_zone(daemon, tmp_path):
    path, before = tmp_path / "file", text_of(daemon)
    path.write_text(ZONE + "bad A 192.0.2.300\nworse FOO bar\n")
    done = run(daemon, "import", "example.test", str(path), "--yes")
    assert done.returncode == 1 and "^" in done.stderr, done.stderr
    assert done.stderr.count(f"{path}:") >= 2  # all at once
    path.write_text(ZONE + "www CNAME other\n")
    done = run(daemon, "import", "example.test", str(path), "--yes")
    assert done.returncode == 1 and "CNAME and other data" in done.stderr
    assert run(daemon, "import", "example.test", "/nowhere", "-y").returncode == 1
    assert run(daemon, "import", "nobody.test", str(path), "-y").returncode != 0
    assert text_of(daemon) == before


def test_create_and_copy(daemon, tmp_path):
    path = tmp_path / "file"
    path.write_text(ZONE.replace("example.test", "new.test"))
    asked = run(daemon, "import", "new.test", str(path), "--create")
    assert asked.returncode == 2 and "--yes" in asked.stderr  # nobody is there
    shown = good(daemon, "import", "new.test", str(path), "--create", "--dry-run").stdout
    assert "www.new.test. 3600 IN A 192.0.2.2\n" in shown
    assert daemon.address("www.new.test") == "REFUSED"
    good(daemon, "import", "new.test", str(path), "--create", "-y")
    assert daemon.address("www.new.test") == "192.0.2.2"
    assert run(daemon, "import", "new.test", str(path), "--create", "-y").returncode == 6
    for words in (("a.example.test", "MX", "10 www"), ("t", "TXT", '"of example.test. only"'),
                  ("out", "CNAME", "example.net."), ("like", "CNAME", "notexample.test."),
                  ("dot", "CNAME", "a\\.example.test."), ("slash", "CNAME", "a\\\\.example.test."),
                  ("@", "ZONEMD", "1 1 1 " + "00" * 48)):
        good(daemon, "set", "example.test", *words[:1] if words[0] != "a.example.test" else
             ("a",), *words[1:], "-y")
    good(daemon, "copy", "example.test", "sub.copy.test")
    text = good(daemon, "export", "sub.copy.test").stdout
    assert daemon.address("www.sub.copy.test") == "192.0.2.2"
    assert "a.sub.copy.test. 3600 IN MX 10 www.sub.copy.test.\n" in text
    assert 't.sub.copy.test. 3600 IN TXT "of example.test. only"\n' in text
    assert "out.sub.copy.test. 3600 IN CNAME example.net.\n" in text
    assert "like.sub.copy.test. 3600 IN CNAME notexample.test.\n" in text
    assert "dot.sub.copy.test. 3600 IN CNAME a\\.example.test.\n" in text
    assert "slash.sub.copy.test. 3600 IN CNAME a\\\\.sub.copy.test.\n" in text
    assert "ZONEMD" not in text
    assert run(daemon, "copy", "example.test", "sub.copy.test").returncode == 6
    assert run(daemon, "copy", "nobody.test", "other.test").returncode == 5
    done = run(daemon, "copy", "example.test", ".".join(["x" * 60] * 4))
    assert done.returncode == 2 and "no name for a file" in done.stderr, done.stderr
    good(daemon, "set", "example.test", "y" * 60 + "." + "z" * 60, "A", "192.0.2.1", "-y")
    done = run(daemon, "copy", "example.test", ".".join(["x" * 60] * 3))
    assert done.returncode == 2 and "255" in done.stderr, done.stderr


def test_edit(daemon, tmp_path):
    good(daemon, "edit", "example.test", "-y",
         **editor(tmp_path, "sed -i 's/192.0.2.2$/192.0.2.77/' \"$1\"; stat -c %a \"$1\" >mode"),
         cwd=tmp_path)
    assert daemon.address() == "192.0.2.77"
    assert (tmp_path / "mode").read_text() == "600\n"
    assert not list(tmp_path.glob("onym-edit-*"))
    tried = good(daemon, "edit", "example.test", "--dry-run",
                 **editor(tmp_path, "sed -i 's/192.0.2.77$/192.0.2.78/' \"$1\""))
    assert "+ www.example.test. 3600 IN A 192.0.2.78" in tried.stdout
    kept = list(tmp_path.glob("onym-edit-*"))
    assert len(kept) == 1 and "192.0.2.78" in kept[0].read_text()
    assert daemon.address() == "192.0.2.77"
    same = good(daemon, "edit", "example.test", "-y", **editor(tmp_path, "true"))
    assert "it is so already" in same.stdout + same.stderr


def test_nothing_that_was_written_is_lost(daemon, tmp_path):
    def lost(done, code, word):
        assert done.returncode == code and word in done.stderr, done.stdout + done.stderr
        kept = list(tmp_path.glob("onym-edit-*"))
        assert len(kept) == 1 and f"what was written is in {kept[0]}" in done.stdout + done.stderr
        text = kept[0].read_text()
        kept[0].unlink()
        return text

    before = text_of(daemon)
    broken = run(daemon, "edit", "example.test", "-y",
                 **editor(tmp_path, 'echo "bad A 1.2.3" >>"$1"'))
    assert "bad A 1.2.3" in lost(broken, 1, "^")
    lost(run(daemon, "edit", "example.test", "-y", **editor(tmp_path, "exit 3")), 1, "has failed")
    lost(run(daemon, "edit", "example.test", "-y", **editor(tmp_path, ': >"$1"')), 1, "SOA")
    lost(run(daemon, "edit", "example.test", "-y", start_new_session=True,
             **editor(tmp_path, "kill -INT 0; sleep 5")), 1, "has failed")  # Ctrl-C
    assert text_of(daemon) == before
    # Nobody is there to be asked.
    change = "sed -i 's/192.0.2.2$/192.0.2.78/' \"$1\""
    lost(run(daemon, "edit", "example.test", **editor(tmp_path, change)), 2, "--yes")
    # Somebody else was quicker.
    other = f"{ONYM} zone set example.test mine A 192.0.2.1 -y -c {daemon.path} >&2"
    done = run(daemon, "edit", "example.test", "-y", **editor(tmp_path, f"{other}; {change}"))
    assert "192.0.2.78" in lost(done, 6, "has serial 2 by now")
    assert daemon.address("mine.example.test") == "192.0.2.1" and daemon.address() == "192.0.2.2"

"""Answers by place: one name, and for each client the address that is for it."""

import os
import random
import shutil
import socket
import struct
import subprocess
import time

import dns.edns
import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

import databases
from conftest import HOST, wait_for
from test_reload import asking

SINGAPORE, TORONTO, PARIS = "165.21.83.88", "99.224.0.1", "90.80.70.1"

ROUTES = """\
access: {{ecs: [localhost]}}
places: {{databases: [{databases}]}}
zones:
  "example.test":
    routes:
      "www":
        A:
          - {{where: {{country: SG}}, give: [192.0.2.10, 192.0.2.11]}}
          - {{where: {{country: [CA, US]}}, give: [{{addr: 192.0.2.20, weight: 3}}, 192.0.2.21]}}
          - {{where: {{nets: [10.0.0.0/8, "2001:db8::/32"]}}, give: [192.0.2.30]}}
          - {{give: [192.0.2.99]}}
        TXT:
          - {{where: {{continent: EU}}, give: ["bonjour"], ttl: 7}}
          - {{give: ["hello"]}}
      "new.place": {{AAAA: [{{give: ["2001:db8::1"]}}]}}
"""


def routed(onym, paths, text=ROUTES, **options):
    daemon = onym(extra="include: [routes.yaml]\n", **options)
    write_routes(daemon, paths, text)
    return daemon


def write_routes(daemon, paths, text=ROUTES):
    databases_of = ", ".join(f'"{path}"' for path in paths)
    (daemon.folder / "routes.yaml").write_text(text.format(databases=databases_of))


def placed(daemon, client, name="www.example.test", rdtype="A", bits=None):
    """Who is told of by the option: the addresses, and the scope, None: there is no option."""
    bits = bits if bits is not None else 128 if ":" in client else 32
    reply = daemon.ask(name, rdtype, options=[dns.edns.ECSOption(client, bits)])
    scopes = [option.scopelen for option in reply.options if isinstance(option, dns.edns.ECSOption)]
    answers = {record.to_text() for rrset in reply.answer for record in rrset}
    return answers, scopes[0] if scopes else None


def test_singapore_is_not_toronto(onym):
    daemon = routed(onym, [databases.country()]).start(seconds=60)
    answers, scope = placed(daemon, SINGAPORE)
    assert answers == {"192.0.2.10", "192.0.2.11"} and 8 <= scope <= 32
    seen = {next(iter(placed(daemon, TORONTO)[0])) for _ in range(60)}
    assert seen == {"192.0.2.20", "192.0.2.21"}
    assert placed(daemon, PARIS)[0] == {"192.0.2.99"}
    assert placed(daemon, "10.1.2.3")[0] == {"192.0.2.30"}
    assert placed(daemon, "10.1.2.3")[1] == 8
    assert placed(daemon, "2001:db8:1::", bits=48) == ({"192.0.2.30"}, 32)
    assert placed(daemon, PARIS, rdtype="TXT")[0] == {'"bonjour"'}
    assert placed(daemon, SINGAPORE, rdtype="TXT")[0] == {'"hello"'}
    # What is the same for all is told to all.
    assert placed(daemon, PARIS, "new.place.example.test", "AAAA") == ({"2001:db8::1"}, None)
    assert placed(daemon, PARIS, "ns.example.test")[1] is None
    assert daemon.ask("place.example.test").rcode() == dns.rcode.NOERROR
    assert daemon.ask("other.place.example.test").rcode() == dns.rcode.NXDOMAIN


def test_weights(onym):
    daemon = routed(onym, [databases.country()]).start(seconds=60)
    counts = {"192.0.2.20": 0, "192.0.2.21": 0}
    for _ in range(600):
        counts[placed(daemon, TORONTO)[0].pop()] += 1
    assert 0.65 < counts["192.0.2.20"] / 600 < 0.85


def test_who_is_believed(onym):
    daemon = routed(onym, [databases.country()],
                    ROUTES.replace("[localhost]", "[192.0.2.1]")).start(seconds=60)
    assert placed(daemon, SINGAPORE) == ({"192.0.2.99"}, None)


def raw_subnet(daemon, octets):
    """The RCODE for a query with these octets in a client-subnet option."""
    option = struct.pack("!HH", 8, len(octets)) + octets
    query = dns.message.make_query("www.example.test", "A").to_wire()
    query = query[:10] + b"\0\1" + query[12:]
    query += b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(option)) + option
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.sendto(query, (HOST, daemon.port))
        return client.recv(4096)[3] & 15


def test_bad_subnets(onym):
    daemon = routed(onym, [databases.country()]).start(seconds=60)
    assert raw_subnet(daemon, b"\0\1\x18\0\xa5\x15\x53") == 0
    for octets in (b"", b"\0\1\x18", b"\0\1\x18\0\xa5\x15", b"\0\1\x18\0\xa5\x15\x53\0",
                   b"\0\1\x17\0\xa5\x15\x53", b"\0\1\x21\0\xa5\x15\x53\x01\0",
                   b"\0\1\x18\x18\xa5\x15\x53", b"\0\3\x18\0\xa5\x15\x53", b"\0\0\x08\0\xa5"):
        assert raw_subnet(daemon, octets) == 1, octets
    rolled = random.Random(1)
    for _ in range(300):  # whatever it is, it is answered
        octets = bytes(rolled.randrange(256) for _ in range(rolled.randrange(40)))
        assert raw_subnet(daemon, octets) in (0, 1)


def test_dig_speaks_of_places(onym):
    daemon = routed(onym, [databases.country()]).start(seconds=60)
    said = subprocess.run(["dig", f"@{HOST}", "-p", str(daemon.port), "www.example.test",
                           f"+subnet={SINGAPORE}/24"], capture_output=True, text=True, timeout=20,
                          check=True).stdout
    assert "; CLIENT-SUBNET: 165.21.83.0/24/" in said and "192.0.2.10" in said
    said = subprocess.run(["dig", f"@{HOST}", "-p", str(daemon.port), "www.example.test",
                           "+subnet=0"], capture_output=True, text=True, timeout=20,
                          check=True).stdout
    assert "192.0.2.99" in said and "NOERROR" in said


def test_no_database_no_start(onym, tmp_path):
    daemon = routed(onym, [tmp_path / "none.mmdb"])
    code, said = daemon.fail()
    assert code == 2 and "none.mmdb" in said and "cannot be read" in said
    damaged = tmp_path / "damaged.mmdb"
    damaged.write_bytes(databases.country().read_bytes()[:100000])
    write_routes(daemon, [damaged])
    code, said = daemon.fail()
    assert code == 2 and "damaged.mmdb" in said
    checked = daemon.run("check", "-c", str(daemon.path))
    assert checked.returncode == 2 and "damaged.mmdb" in checked.stdout + checked.stderr


def test_reload_keeps_what_works(onym, tmp_path):
    copy = tmp_path / "country.mmdb"
    shutil.copy(databases.country(), copy)
    daemon = routed(onym, [copy]).start(seconds=60)
    write_routes(daemon, [tmp_path / "none.mmdb"])
    assert daemon.ctl("reload")["exit"] == 2
    assert placed(daemon, SINGAPORE)[0] == {"192.0.2.10", "192.0.2.11"}
    write_routes(daemon, [copy], ROUTES.replace("country: SG", "country: UK"))
    reply = daemon.ctl("reload")
    assert reply["exit"] == 2 and "did you mean 'GB'" in str(reply)
    write_routes(daemon, [copy], ROUTES.replace("country: SG", "country: FR"))
    assert daemon.ctl("reload")["exit"] == 0
    assert placed(daemon, PARIS)[0] == {"192.0.2.10", "192.0.2.11"}
    assert placed(daemon, SINGAPORE)[0] == {"192.0.2.99"}


def replace(source, target):
    fresh = target.with_suffix(".new")
    shutil.copy(source, fresh)
    os.replace(fresh, target)


def test_database_is_replaced(onym, tmp_path):
    """A new file is used by itself, and a broken one is not."""
    whole, copy = databases.country(), tmp_path / "country.mmdb"
    shutil.copy(whole, copy)
    daemon = routed(onym, [copy]).start(seconds=60)
    copy.write_bytes(whole.read_bytes()[:5000])
    wait_for(lambda: "what was read before stays" in daemon.log(), what="the complaint")
    assert placed(daemon, SINGAPORE)[0] == {"192.0.2.10", "192.0.2.11"}
    replace(whole, copy)
    wait_for(lambda: "databases of places were replaced" in daemon.log() and
             daemon.log().count("used now") == 1, what="the new database")
    assert placed(daemon, SINGAPORE)[0] == {"192.0.2.10", "192.0.2.11"}


def test_no_query_is_lost_while_databases_and_rules_change(onym, tmp_path):
    whole, copy = databases.country(), tmp_path / "country.mmdb"
    shutil.copy(whole, copy)
    daemon = routed(onym, [copy]).start(seconds=60)
    with asking(daemon, "www.example.test") as answers:
        for turn in range(4):
            replace(whole, copy)
            wait_for(lambda: daemon.log().count("used now") > turn, seconds=30,
                     what="the new database")
            write_routes(daemon, [copy], ROUTES.replace("192.0.2.99", f"192.0.2.{100 + turn}"))
            assert daemon.ctl("reload")["exit"] == 0
            time.sleep(0.1)
    assert len(answers) > 100
    assert set(answers) <= {"192.0.2.99", *(f"192.0.2.{100 + turn}" for turn in range(4))}


NEAREST = """\
access: {{ecs: [localhost]}}
places: {{databases: [{databases}]}}
zones:
  "example.test":
    routes:
      "near":
        A:
          - choose: nearest
            give:
              - {{addr: 192.0.2.1, at: [1.35, 103.82]}}
              - {{addr: 192.0.2.2, at: [43.7, -79.4]}}
              - {{addr: 192.0.2.3, at: [50.11, 8.68]}}
"""


@pytest.mark.skipif("ONYM_TEST_FULL" not in os.environ,
                    reason="two files of 64 MB under a sanitizer take a minute: part of make soak")
def test_nearest(onym):
    daemon = routed(onym, databases.cities(), NEAREST).start(seconds=300)
    near = "near.example.test"
    assert placed(daemon, SINGAPORE, near)[0] == {"192.0.2.1"}
    assert placed(daemon, TORONTO, near)[0] == {"192.0.2.2"}
    assert placed(daemon, PARIS, near)[0] == {"192.0.2.3"}

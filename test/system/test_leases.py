"""Names of a DHCP server's clients, from its lease file."""

import os
import time

import pytest

from conftest import wait_for
from test_resolve import World, asked


@pytest.fixture
def world(onym):
    return World(onym)


def put(path, text):
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    os.replace(fresh, path)


def lease(address, name, seconds=3600):
    return f"{int(time.time()) + seconds} 52:54:00:12:34:56 {address} {name} *\n"


def test_clients_come_and_go(world, tmp_path):
    path = tmp_path / "dnsmasq.leases"
    put(path, lease("192.168.7.10", "laptop") + lease("192.168.7.11", "guest", 3))
    daemon = world.resolver(hosts=f"hosts: {{files: [{path}], domain: lan.example}}\n").start()
    assert asked(daemon, "laptop.lan.example") == ("NOERROR", ["192.168.7.10"])
    assert asked(daemon, "10.7.168.192.in-addr.arpa", "PTR") == ("NOERROR", ["laptop.lan.example."])
    assert asked(daemon, "guest.lan.example") == ("NOERROR", ["192.168.7.11"])
    # A lease that ends leaves by itself, one that is new is seen.
    wait_for(lambda: asked(daemon, "guest.lan.example")[1] == [], what="the end of a lease")
    put(path, lease("192.168.7.10", "laptop") + lease("192.168.7.12", "phone"))
    wait_for(lambda: asked(daemon, "phone.lan.example")[1] == ["192.168.7.12"], what="a new one")
    # In place, as dhcpd and Kea do it; and names of others are nobody's to take.
    with path.open("a") as file:
        file.write(lease("192.168.7.13", "www.lab") + lease("192.168.7.14", "tv"))
    wait_for(lambda: asked(daemon, "tv.lan.example")[1] == ["192.168.7.14"], what="another one")
    assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])
    assert "names that are not of hosts.domain" in daemon.log()
    # Garbage is told with its line, and what else there is counts.
    put(path, lease("192.168.7.10", "laptop") + "17 what is this\n")
    wait_for(lambda: f"{path}:2: no lease" in daemon.log(), what="a line that is none")
    assert asked(daemon, "laptop.lan.example") == ("NOERROR", ["192.168.7.10"])


def test_kea_and_dhcpd(world, tmp_path):
    end = int(time.time()) + 3600
    kea, isc = tmp_path / "kea-leases4.csv", tmp_path / "dhcpd.leases"
    put(kea, "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,"
             "state,user_context,pool_id\n"
             f"192.168.7.20,52:54:00:12:34:56,,3600,{end},1,0,0,desk.home.arpa,0,,0\n")
    put(isc, f"lease 192.168.7.21 {{\n  ends epoch {end};\n  binding state active;\n"
             "  client-hostname \"shelf\";\n}\n")
    daemon = world.resolver(hosts=f"hosts: {{files: [{kea}, {isc}]}}\n").start()
    assert asked(daemon, "desk.home.arpa") == ("NOERROR", ["192.168.7.20"])
    assert asked(daemon, "shelf.home.arpa") == ("NOERROR", ["192.168.7.21"])
    assert asked(daemon, "nobody.home.arpa")[0] == "NXDOMAIN"

"""dig, kdig, drill and dnspython ask onym: each reads every reply and does not complain."""

import re
import shutil
import socket
import subprocess

import dns.edns
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.resolver
import pytest

import peers

PACKAGES = {"dig": "bind9-dnsutils", "kdig": "knot-dnsutils", "drill": "ldnsutils"}
TIMEOUT_S = 20
# What the tools print when they do not like a reply.
COMPLAINTS = re.compile(r"warn|bad packet|malformed|mismatch|unexpected|extra bytes|\berrors?\b"
                        r"|failed|can't|cannot|timed? ?out|no servers|not? match", re.I)

# (name under example.test, or absolute; type; RCODE; a text that must be in the reply)
QUESTIONS = [
    ("www", "A", "NOERROR", "192.0.2.10"),
    ("www", "AAAA", "NOERROR", "2001:db8::10"),
    ("@", "SOA", "NOERROR", "2026010100"),
    ("@", "NS", "NOERROR", "ns2.other.test."),
    ("@", "MX", "NOERROR", "mail.other.test."),
    ("@", "TXT", "NOERROR", "second string"),
    ("@", "CAA", "NOERROR", "ca.example.test"),
    ("@", "ANY", "NOERROR", "192.0.2.1"),
    ("srv", "SRV", "NOERROR", "5060"),
    ("naptr", "NAPTR", "NOERROR", "SIP+D2U"),
    ("svc", "SVCB", "NOERROR", "8443"),
    ("https", "HTTPS", "NOERROR", "h2"),
    ("t6", "LOC", "NOERROR", "42 21 54"),
    ("t8", "APL", "NOERROR", "192.0.2.0/24"),
    ("t9", "SSHFP", "NOERROR", "4 2"),
    ("t12", "TLSA", "NOERROR", "3 1 1"),
    ("t26", "TYPE65280", "NOERROR", "01020304"),
    ("secure", "DS", "NOERROR", "12345"),
    ("nothing", "A", "NXDOMAIN", "SOA"),
    ("mail", "TXT", "NOERROR", "SOA"),
    ("x.y.wild", "A", "NOERROR", "192.0.2.30"),
    ("alias3", "A", "NOERROR", "192.0.2.10"),
    ("www.dname", "A", "NOERROR", "192.0.2.81"),
    ("www.indom", "A", "NOERROR", "192.0.2.40"),
    ("large", "TXT", "NOERROR", "5aaaa"),  # TC, and again over TCP
    ("mx.big", "MX", "NOERROR", "host-with-a-long-name-40"),
    ("dot\\.inside", "A", "NOERROR", "192.0.2.22"),
    ("xn--bcher-kva", "A", "NOERROR", "192.0.2.25"),
    ("toself", "A", "NOERROR", "CNAME"),
    ("www.elsewhere.invalid.", "A", "REFUSED", ""),
]
# Beside the plain question: what each tool can be told to ask for.
MANNERS = {
    "dig": [["+tcp"], ["+dnssec"], ["+nsid"], ["+nocookie", "+noedns"], ["+subnet=192.0.2.0/24"],
            ["+edns=0", "+ednsflags=0x4000"], ["+ednsopt=65001:00ff"], ["+cdflag", "+adflag"],
            ["+edns=1", "+noednsnegotiation"], ["+padding=128"], ["+tcp", "+keepalive"],
            ["+bufsize=512"], ["+bufsize=4096"], ["+norec"]],
    "kdig": [["+tcp"], ["+dnssec"], ["+nsid"], ["+edns", "+padding=128"], ["+cookie"],
             ["+subnet=192.0.2.0/24"], ["+norec"], ["+tcp", "+keepopen"]],
    "drill": [["-t"], ["-D"], ["-b", "1232"], ["-o", "CD"], ["-o", "rd"]],
}


def absolute(name: str) -> str:
    if name.endswith("."):
        return name
    return "example.test." if name == "@" else f"{name}.example.test."


def run_tool(tool: str, onym: peers.Peer, name: str, rdtype: str, manner: list[str]):
    """Returns (RCODE, output)."""
    where = ["@127.0.0.1", "-p", str(onym.port)]
    if tool == "drill":
        command = [tool, *manner, absolute(name), where[0], *where[1:], rdtype]
    else:
        command = [tool, *where, "+tries=1" if tool == "dig" else "+retry=0", "+time=5", *manner,
                   absolute(name), rdtype]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    text = done.stdout + done.stderr
    assert done.returncode == 0, f"{' '.join(command)}: status {done.returncode}\n{text}"
    status = re.search(r"(?:status|rcode): (\w+)", text)
    assert status, f"{' '.join(command)}\n{text}"
    # The text of an EDE is ours, and to go over to TCP is what TC is for.
    said = "\n".join(line for line in text.splitlines()
                     if "EDE" not in line and "retrying over TCP" not in line)
    assert not COMPLAINTS.search(said), f"{' '.join(command)}\n{text}"
    return status.group(1), text


def need_tool(tool: str) -> None:
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed (Debian package {PACKAGES[tool]})")


@pytest.mark.parametrize("tool", PACKAGES)
def test_questions(tool, onym):
    need_tool(tool)
    for name, rdtype, rcode, expected in QUESTIONS:
        manner = ["+norec"] if tool != "drill" else ["-o", "rd"]  # else: "recursion not available"
        if tool == "drill" and name in ("large", "mx.big"):
            manner.append("-t")  # it does not go over to TCP by itself
        got, text = run_tool(tool, onym, name, rdtype, manner)
        assert got == rcode and expected in text, f"{tool} {name} {rdtype}: {got}\n{text}"


@pytest.mark.parametrize("tool", PACKAGES)
def test_manners(tool, onym):
    need_tool(tool)
    for manner in MANNERS[tool]:
        extra = ["-o", "rd"] if tool == "drill" and "-o" not in manner else []
        extra += ["+norec"] if tool != "drill" and "+norec" not in manner else []
        got, text = run_tool(tool, onym, "www", "A", manner + extra)
        if "+edns=1" in manner:
            assert got == "BADVERS", text
        else:
            assert got == "NOERROR" and "192.0.2.10" in text, text


def test_identity_is_not_told(onym):
    """No identity is configured: refused, not silent."""
    need_tool("dig")
    for name in ("version.bind.", "hostname.bind.", "id.server.", "version.server."):
        got, text = run_tool("dig", onym, name, "TXT", ["+norec", "-c", "CH"])
        assert got == "REFUSED", text


# --- dnspython -----------------------------------------------------------------------------------

def test_dnspython_reads_all(onym, ours):
    """Every RRset of every zone, over UDP with fallback to TCP; parsed back to what is there."""
    for content in ours[1]:
        for owner, types in content.types.items():
            name = dns.name.from_wire(owner, 0)[0]
            for rdtype in types:
                query = dns.message.make_query(name, rdtype, use_edns=0, payload=1232)
                reply, _ = dns.query.udp_with_fallback(query, "127.0.0.1", timeout=5,
                                                       port=onym.port)
                assert reply.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN), f"{name} {rdtype}"
                assert reply.to_text() and dns.message.from_wire(reply.to_wire()) == reply


def test_dnspython_truncation(onym):
    query = dns.message.make_query("large.example.test.", "TXT")  # without EDNS
    with pytest.raises(dns.message.Truncated):
        dns.query.udp(query, "127.0.0.1", timeout=5, port=onym.port, raise_on_truncation=True)
    reply, by_tcp = dns.query.udp_with_fallback(query, "127.0.0.1", timeout=5, port=onym.port)
    assert by_tcp and len(reply.answer[0]) == 6


def test_dnspython_options(onym):
    cookie = dns.edns.GenericOption(dns.edns.OptionType.COOKIE, b"12345678")
    query = dns.message.make_query("elsewhere.invalid.", "A", use_edns=0, options=[cookie])
    reply = dns.query.udp(query, "127.0.0.1", timeout=5, port=onym.port)
    options = {int(option.otype): option for option in reply.options}
    assert reply.rcode() == dns.rcode.REFUSED
    assert options[15].code == 20  # RFC 8914: Not Authoritative
    echoed = options[10].to_wire()
    assert echoed[:8] == b"12345678" and len(echoed) == 24  # RFC 9018


def test_dnspython_resolver(onym):
    """A stub that is pointed at us."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], onym.port, 10
    answer = resolver.resolve("alias3.example.test.", "A")
    assert answer.canonical_name == dns.name.from_text("www.example.test.")
    assert {rdata.address for rdata in answer} == {"192.0.2.10", "192.0.2.11", "192.0.2.12"}
    with pytest.raises(dns.resolver.NXDOMAIN):
        resolver.resolve("nothing.example.test.", "A")
    with pytest.raises(dns.resolver.NoAnswer):
        resolver.resolve("mail.example.test.", "TXT")


def test_dnspython_transfer_is_refused(onym):
    query = dns.message.make_query("example.test.", "AXFR")
    reply = dns.query.tcp(query, "127.0.0.1", timeout=5, port=onym.port)
    assert reply.rcode() == dns.rcode.REFUSED


def test_dnspython_pipelines(onym):
    """Many questions on one connection, answered each by its ID (RFC 7766 6.2.1.1)."""
    with socket.create_connection(("127.0.0.1", onym.port), timeout=5) as stream:
        asked = {}
        for number in range(100):
            query = dns.message.make_query(f"host{number + 1}.example.test.", "A")
            query.id = number
            asked[number] = query
            dns.query.send_tcp(stream, query)
        for _ in range(100):
            reply, _ = dns.query.receive_tcp(stream)
            assert asked.pop(reply.id).is_response(reply) and len(reply.answer) == 1
    assert not asked

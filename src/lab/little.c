// The little internet that `onym lab` has without a file (little.h).
#include "lab/little.h"

static const char text[] =
    "# The internet of `onym lab`, as it is without a file: a root, two top-level domains, five "
    "zones.\n"
    "# Copy it, change it, and start it with `onym lab FILE`; its configuration for a resolver is "
    "what\n"
    "# `onym lab --print-config FILE` prints.\n"
    "seed: 1\n"
    "port: 5380\n"
    "zones:\n"
    "  \".\":\n"
    "    servers: {a.root-servers.net: 127.53.0.1, b.root-servers.net: 127.53.0.2}\n"
    "  \"test\":\n"
    "    servers: {ns1.nic.test: 127.53.1.1, ns2.nic.test: 127.53.1.2}\n"
    "  \"example\":\n"
    "    servers: {ns1.nic.example: 127.53.1.3}\n"
    "  \"home.test\":          # an alias leads into another zone\n"
    "    servers: {ns1.home.test: 127.53.2.1, ns2.home.test: 127.53.2.2}\n"
    "    records:\n"
    "      - \"www A 192.0.2.1\"\n"
    "      - \"www AAAA 2001:db8::1\"\n"
    "      - \"@ MX 10 mail\"\n"
    "      - \"mail A 192.0.2.25\"\n"
    "      - \"shop CNAME www.shop.example.\"\n"
    "      - \"*.wild TXT \\\"any name\\\"\"\n"
    "  \"shop.example\":\n"
    "    servers: {ns1.shop.example: 127.53.2.3}\n"
    "    records: [\"www A 192.0.2.2\", \"old CNAME www.home.test.\"]\n"
    "  \"glueless.test\":      # its server's name is in another tree: there is no glue for it\n"
    "    servers: {ns2.shop.example: 127.53.2.4}\n"
    "    records: [\"www A 192.0.2.3\"]\n"
    "  \"slow.example\":\n"
    "    servers: {ns1.slow.example: 127.53.2.5}\n"
    "    records: [\"www A 192.0.2.4\"]\n"
    "  \"large.test\":         # every reply over UDP is truncated\n"
    "    servers: {ns1.large.test: 127.53.2.6}\n"
    "    records: [\"www A 192.0.2.5\"]\n"
    "faults:\n"
    "  127.53.2.2: {refused: true}   # lame: a server that does not know its zone\n"
    "  127.53.2.5: {delay: 200ms, jitter: 100ms, loss: 10%}\n"
    "  127.53.2.6: {truncate: true}\n";

const char *little_text(void)
{
    return text;
}

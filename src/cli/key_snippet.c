// Snippets of other programs' configuration (key_snippet.h). What each takes is in its own manual;
// test/system/test_key.py has those check them that are in Debian.
#include "cli/key_snippet.h"

#include <ctype.h>
#include <string.h>

#include "base/buffer.h"
#include "dns/tsig.h"

#define BIT(kind)     (1u << (kind))
#define ALL_KINDS     (BIT(MAC_KINDS) - 1)
#define MODERN_KINDS  (ALL_KINDS & ~BIT(MAC_MD5))
#define MANAGER_KINDS (BIT(MAC_MD5) | BIT(MAC_SHA1) | BIT(MAC_SHA256) | BIT(MAC_SHA512))

// --- pieces --------------------------------------------------------------------------------------

// "HMAC-SHA256"; without the '-': "HMACSHA256".
static void add_capitals(const struct key_snippet *snippet, bool dash, struct buffer *to)
{
    for (const char *word = tsig_algorithm_word(snippet->kind); *word; word++)
        if (dash || *word != '-')
            buffer_add_char(to, (char)toupper((unsigned char)*word));
}

// As it is on the wire (RFC 8945 6): miekg's library, which lego uses, takes no other.
static void add_wire_algorithm(const struct key_snippet *snippet, struct buffer *to)
{
    buffer_format(to, "%s.",
                  snippet->kind == MAC_MD5 ? "hmac-md5.sig-alg.reg.int"
                                           : tsig_algorithm_word(snippet->kind));
}

struct text {
    char text[ADDRESS_TEXT_MAX];
};

static struct text host(const struct key_snippet *snippet)
{
    struct text host;
    address_print_host(&snippet->server, host.text);
    return host;
}

static struct text server(const struct key_snippet *snippet)
{
    struct text server;
    address_print(&snippet->server, server.text);
    return server;
}

static unsigned port(const struct key_snippet *snippet)
{
    return address_port(&snippet->server);
}

// "example.test.", and "." for the root.
static const char *dot(const struct key_snippet *snippet)
{
    return strcmp(snippet->zone, ".") == 0 ? "" : ".";
}

// A name that Kubernetes takes for an object: a-z, 0-9, '-' and '.', no '-' or '.' at its ends.
static void add_object_name(const struct key_snippet *snippet, struct buffer *to)
{
    buffer_add_text(to, "tsig-");
    for (const char *at = snippet->name; *at; at++)
        buffer_add_char(to, *at == '_' ? '-' : (char)tolower((unsigned char)*at));
    buffer_add_text(to, "-key");
}

// --- onym ----------------------------------------------------------------------------------------

static void add_onym(const struct key_snippet *snippet, struct buffer *to)
{
    buffer_format(to, "keys:\n  \"%s\": {alg: %s, secret: \"%s\"}\n", snippet->name,
                  tsig_algorithm_word(snippet->kind), snippet->secret);
    if (snippet->challenges) {
        buffer_format(to, "zones:\n  \"%s\": {update: [{key: \"%s\", acme: true}]}\n",
                      snippet->zone, snippet->name);
        return;
    }
    buffer_format(to,
                  "# It may do nothing yet. What it may is said where it is named, as in\n"
                  "#   zones: {\"%s\": {update: [\"key:%s\"]}}  # change this zone\n"
                  "#   access: {transfer: [\"key:%s\"]}  # fetch zones\n",
                  snippet->zone, snippet->name, snippet->name);
}

// --- who changes zones ---------------------------------------------------------------------------

static void add_key_clause(const struct key_snippet *snippet, struct buffer *to)
{
    buffer_format(to, "key \"%s\" {\n\talgorithm %s;\n\tsecret \"%s\";\n};\n", snippet->name,
                  tsig_algorithm_word(snippet->kind), snippet->secret);
}

static void add_certbot(const struct key_snippet *snippet, struct buffer *to)
{
    buffer_format(to,
                  "dns_rfc2136_server = %s\ndns_rfc2136_port = %u\ndns_rfc2136_name = %s.\n"
                  "dns_rfc2136_secret = %s\ndns_rfc2136_algorithm = ",
                  host(snippet).text, port(snippet), snippet->name, snippet->secret);
    add_capitals(snippet, true, to);
    buffer_add_char(to, '\n');
}

static void add_lego(const struct key_snippet *snippet, struct buffer *to)
{
    buffer_format(to, "RFC2136_NAMESERVER=%s\nRFC2136_TSIG_KEY=%s.\nRFC2136_TSIG_ALGORITHM=",
                  server(snippet).text, snippet->name);
    add_wire_algorithm(snippet, to);
    buffer_format(to, "\nRFC2136_TSIG_SECRET=%s\n", snippet->secret);
}

static void add_cert_manager(const struct key_snippet *snippet, struct buffer *to)
{
    buffer_add_text(to, "apiVersion: v1\nkind: Secret\nmetadata:\n  name: ");
    add_object_name(snippet, to);
    buffer_format(to, "\n  namespace: cert-manager\nstringData:\n  secret: \"%s\"\n",
                  snippet->secret);
    buffer_format(to,
                  "---\n# in the Issuer or ClusterIssuer, below spec.acme\nsolvers:\n"
                  "  - selector: {dnsZones: [\"%s\"]}\n    dns01:\n      rfc2136:\n"
                  "        nameserver: \"%s\"\n        tsigKeyName: \"%s\"\n"
                  "        tsigAlgorithm: ",
                  snippet->zone, server(snippet).text, snippet->name);
    add_capitals(snippet, false, to);
    buffer_add_text(to, "\n        tsigSecretSecretRef: {name: ");
    add_object_name(snippet, to);
    buffer_add_text(to, ", key: secret}\n");
}

static void add_external_dns(const struct key_snippet *snippet, struct buffer *to)
{
    buffer_format(to,
                  "args:\n  - --provider=rfc2136\n  - --rfc2136-host=%s\n  - --rfc2136-port=%u\n"
                  "  - --rfc2136-zone=%s\n  - --rfc2136-tsig-keyname=%s\n"
                  "  - --rfc2136-tsig-secret=%s\n  - --rfc2136-tsig-secret-alg=%s\n"
                  "  - --rfc2136-tsig-axfr\n  - --domain-filter=%s\n",
                  host(snippet).text, port(snippet), snippet->zone, snippet->name, snippet->secret,
                  tsig_algorithm_word(snippet->kind), snippet->zone);
}

static void add_kea(const struct key_snippet *snippet, struct buffer *to)
{
    buffer_add_text(to, "{\n  \"DhcpDdns\": {\n    \"tsig-keys\": [\n      {\"name\": ");
    buffer_format(to, "\"%s\", \"algorithm\": \"", snippet->name);
    add_capitals(snippet, true, to);
    buffer_format(to,
                  "\",\n       \"secret\": \"%s\"}\n    ],\n    \"forward-ddns\": {\n"
                  "      \"ddns-domains\": [\n        {\"name\": \"%s%s\", \"key-name\": \"%s\",\n"
                  "         \"dns-servers\": [{\"ip-address\": \"%s\", \"port\": %u}]}\n"
                  "      ]\n    }\n  }\n}\n",
                  snippet->secret, snippet->zone, dot(snippet), snippet->name, host(snippet).text,
                  port(snippet));
}

// --- who has zones from us -----------------------------------------------------------------------

static void add_nsd(const struct key_snippet *snippet, struct buffer *to)
{
    struct text from = host(snippet);
    buffer_format(to, "key:\n    name: \"%s\"\n    algorithm: %s\n    secret: \"%s\"\n",
                  snippet->name, tsig_algorithm_word(snippet->kind), snippet->secret);
    buffer_format(to,
                  "zone:\n    name: \"%s\"\n    request-xfr: %s@%u \"%s\"\n"
                  "    allow-notify: %s \"%s\"\n",
                  snippet->zone, from.text, port(snippet), snippet->name, from.text, snippet->name);
}

static void add_knot(const struct key_snippet *snippet, struct buffer *to)
{
    struct text from = host(snippet);
    const char *name = snippet->name;
    buffer_format(to, "key:\n  - id: \"%s\"\n    algorithm: %s\n    secret: \"%s\"\n", name,
                  tsig_algorithm_word(snippet->kind), snippet->secret);
    buffer_format(to,
                  "remote:\n  - id: \"%s\"\n    address: \"%s@%u\"\n    key: \"%s\"\n"
                  "acl:\n  - id: \"%s\"\n    address: \"%s\"\n    key: \"%s\"\n"
                  "    action: notify\n",
                  name, from.text, port(snippet), name, name, from.text, name);
    buffer_format(to, "zone:\n  - domain: \"%s\"\n    master: \"%s\"\n    acl: \"%s\"\n",
                  snippet->zone, name, name);
}

static void add_bind(const struct key_snippet *snippet, struct buffer *to)
{
    add_key_clause(snippet, to);
    buffer_format(to,
                  "zone \"%s\" {\n\ttype secondary;\n\tprimaries { %s port %u key \"%s\"; };\n"
                  "\tallow-notify { key \"%s\"; };\n\tfile \"",
                  snippet->zone, host(snippet).text, port(snippet), snippet->name, snippet->name);
    for (const char *at = snippet->zone; *at; at++) // RFC 2317 has zones with a '/'
        buffer_add_char(to, *at == '/' ? '-' : *at);
    buffer_add_text(to, ".zone\";\n};\n");
}

// --- the table -----------------------------------------------------------------------------------

static const struct key_tool tools[] = {
    {"onym", "onym.yaml, or a file that it includes", true, ALL_KINDS, add_onym},
    {"nsupdate", "a file of mode 0600 for nsupdate -k FILE, and dig -k FILE", true, ALL_KINDS,
     add_key_clause},
    {"certbot", "a file of mode 0600 for certbot --dns-rfc2136 --dns-rfc2136-credentials FILE",
     true, ALL_KINDS, add_certbot},
    {"lego", "the environment of lego --dns rfc2136, and of what is built on it", true, ALL_KINDS,
     add_lego},
    {"cert-manager", "a Secret and a solver; ClusterIssuers look for it in this namespace", true,
     MANAGER_KINDS, add_cert_manager},
    {"external-dns", "arguments of its container; it must be allowed to fetch the zone too", false,
     MODERN_KINDS, add_external_dns},
    {"kea", "kea-dhcp-ddns.conf, where DHCP writes names", false, ALL_KINDS, add_kea},
    {"nsd", "nsd.conf of a secondary", false, ALL_KINDS, add_nsd},
    {"knot", "knot.conf of a secondary", false, ALL_KINDS, add_knot},
    {"bind", "named.conf of a secondary", false, ALL_KINDS, add_bind},
    {NULL, NULL, false, 0, NULL},
};

const struct key_tool *key_tools(void)
{
    return tools;
}

const struct key_tool *key_tool_find(const char *word)
{
    for (const struct key_tool *tool = tools; tool->word; tool++)
        if (strcmp(tool->word, word) == 0)
            return tool;
    return NULL;
}

bool key_tool_knows(const struct key_tool *tool, enum mac_kind kind)
{
    return tool->kinds & BIT(kind);
}

bool key_snippet_name(const char *text)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789-_./";
    return *text && strspn(text, safe) == strlen(text);
}

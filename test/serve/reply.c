// Replies: what fits, what is left out, where TC comes from; and that everything written can be
// read back.
#include "../dns/rrsets.h"
#include "asking.h"

#include "base/random.h"
#include "serve/reply.h"

static struct query_packet asked;
static struct query query;
static struct answer answer;
static struct identity identity;
static uint8_t octets[MESSAGE_MAX + MARGIN];
static struct tsig *tsig; // what the reply ends with

// What the size of a reply depends on.
struct client {
    enum transport transport;
    unsigned payload; // of OPT; 0: no OPT
    bool dnssec_ok, nsid, cookie, keepalive;
};

static void begin(const char *name, uint16_t type, const struct client *client)
{
    packet_begin(&asked, 0x1234, 0);
    packet_question(&asked, name, type, CLASS_IN);
    if (client->payload)
        packet_opt(&asked, client->payload, client->dnssec_ok ? EDNS_FLAG_DO : 0, "", 0);
    memset(octets, 0xa5, sizeof octets);
    memcpy(octets, asked.octets, asked.size);
    query.over_stream = client->transport == TRANSPORT_TCP;
    assert_int_equal(query_decode(octets, asked.size, &test_secret, &query), QUERY_OK);
    answer_begin(&answer);
}

static void add(enum section section, const char *owner, const struct rrset *rrset, bool required)
{
    struct answer_rrset entry = {.owner = name_of(owner),
                                 .rrset = rrset,
                                 .ttl = rrset->ttl,
                                 .section = (uint8_t)section,
                                 .part = query.edns.present && query.edns.dnssec_ok ? PART_SIGNED
                                                                                    : PART_DATA,
                                 .required = required};
    assert_true(answer_add(&answer, &entry));
}

// Encodes and returns the size; nothing is written past the most that may be sent.
static uint32_t encode(const struct client *client, uint32_t start, bool *truncated)
{
    struct reply reply = {.query = &query,
                          .answer = &answer,
                          .identity = &identity,
                          .secret = &test_secret,
                          .nsid = client->nsid,
                          .cookie = client->cookie,
                          .keepalive = client->keepalive,
                          .tsig = tsig,
                          .start = start};
    uint32_t room = client->transport == TRANSPORT_UDP ? SLOT_OCTETS : MESSAGE_MAX;
    uint32_t most = MESSAGE_MAX;
    if (client->transport == TRANSPORT_UDP)
        most = client->payload > UDP_PAYLOAD_MAX     ? UDP_PAYLOAD_MAX
               : client->payload < UDP_PAYLOAD_PLAIN ? UDP_PAYLOAD_PLAIN
                                                     : client->payload;
    struct packet packet = {.octets = octets,
                            .size = (uint32_t)asked.size,
                            .room = room,
                            .transport = client->transport};
    *truncated = reply_encode(&reply, &packet);
    assert_true(packet.size <= most);
    for (unsigned i = 0; i < MARGIN; i++)
        assert_int_equal(octets[most + i], 0xa5);
    struct message message;
    assert_true(message_open(&message, octets, packet.size));
    assert_int_equal((message.flags & FLAG_TC) != 0, *truncated);
    return packet.size;
}

// How many records of the answer are in the reply, RRset by RRset: each is there with all its
// records, in a row and in the order that `start` gives, or not at all. Returns a bit for each.
static uint64_t read_sets(uint32_t size, uint32_t start)
{
    static uint8_t rdata[RDATA_MAX], wanted[RDATA_MAX];
    struct message message;
    struct message_record record;
    uint64_t seen[2] = {0};
    assert_true(message_open(&message, octets, size));
    assert_int_equal(message.counts[SECTION_QUESTION], 1);
    assert_true(message_next(&message, &record));
    bool more = message_next(&message, &record);
    for (unsigned i = 0; i < answer.count; i++) {
        const struct answer_rrset *entry = &answer.rrsets[i];
        const struct rrset *rrset = entry->rrset;
        if (!more || record.type != rrset->type || !name_equal(record.owner, entry->owner) ||
            record.section != entry->section)
            continue;
        const uint8_t *entries[4096], *at = rrset->body;
        unsigned all = (unsigned)rrset->count + (entry->part == PART_SIGNED) * rrset->signatures;
        assert_true(all <= COUNT(entries));
        for (unsigned j = 0; j < all; j++, at = rrset_next(at))
            entries[j] = at;
        for (unsigned j = 0; j < all; j++) {
            at = entries[j < rrset->count ? (start + j) % rrset->count : j];
            uint16_t type = j < rrset->count ? rrset->type : (uint16_t)TYPE_RRSIG;
            size_t rdata_size;
            assert_true(more);
            assert_true(name_equal(record.owner, entry->owner));
            assert_int_equal(record.section, entry->section);
            assert_int_equal(record.type, type);
            assert_int_equal(record.class, CLASS_IN);
            assert_int_equal(record.ttl, entry->ttl);
            assert_true(rdata_expand(type, octets, size, record.rdata_at, record.rdata_size, rdata,
                                     &rdata_size));
            assert_int_equal(rdata_size, rrset_rdata_size(at));
            rdata_fold(type, rdata, rdata_size, rdata);
            rdata_fold(type, rrset_rdata(at), rdata_size, wanted);
            assert_memory_equal(rdata, wanted, rdata_size);
            more = message_next(&message, &record);
        }
        seen[i / 64] |= 1ull << i % 64;
    }
    // Whatever is left is OPT, and then the message ends.
    assert_int_equal(more, query.edns.present);
    if (more) {
        assert_int_equal(record.type, TYPE_OPT);
        assert_false(message_next(&message, &record));
    }
    assert_false(message.malformed);
    assert_int_equal(message.at, message.size);
    assert_int_equal(seen[1], 0);
    return seen[0];
}

// An RRset of TYPE65280 whose records on the wire take `size` octets in all behind the question's
// own name.
static struct rrset *filler(unsigned size)
{
    static const uint8_t zeros[MESSAGE_MAX];
    struct rrset *rrset = rrset_empty(65280, 1);
    assert_true(size >= 12);
    rrset = rrset_append(rrset, zeros, size - 12);
    rrset->count = 1;
    return rrset;
}

// --- the limit -----------------------------------------------------------------------------------

// Without EDNS 512 octets; with it what is said, between 512 and 1232; over TCP all that there is.
static void test_size_limits(void **state)
{
    static const struct {
        struct client client;
        unsigned most;
    } cases[] = {
        {{TRANSPORT_UDP, 0, false, false, false, false}, UDP_PAYLOAD_PLAIN},
        {{TRANSPORT_UDP, 1, false, false, false, false}, UDP_PAYLOAD_PLAIN},
        {{TRANSPORT_UDP, 512, false, false, false, false}, UDP_PAYLOAD_PLAIN},
        {{TRANSPORT_UDP, 513, false, false, false, false}, 513},
        {{TRANSPORT_UDP, 1231, false, false, false, false}, 1231},
        {{TRANSPORT_UDP, 1232, false, false, false, false}, UDP_PAYLOAD_MAX},
        {{TRANSPORT_UDP, 1233, false, false, false, false}, UDP_PAYLOAD_MAX},
        {{TRANSPORT_UDP, 65535, false, false, false, false}, UDP_PAYLOAD_MAX},
        {{TRANSPORT_TCP, 0, false, false, false, false}, MESSAGE_MAX},
        {{TRANSPORT_TCP, 512, false, false, false, false}, MESSAGE_MAX},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (unsigned over = 0; over < 2; over++) {
            const struct client *client = &cases[i].client;
            bool truncated;
            begin("example.", 65280, client);
            // Header, question, OPT: 12 + 13 + 11.
            unsigned rest = cases[i].most - 25 - (client->payload ? 11 : 0);
            struct rrset *rrset = filler(rest + over);
            add(SECTION_ANSWER, "example.", rrset, true);
            uint32_t size = encode(client, 0, &truncated);
            assert_int_equal(truncated, over);
            assert_int_equal(read_sets(size, 0), over ? 0 : 1);
            assert_int_equal(size, over ? cases[i].most - rest : cases[i].most);
            free(rrset);
        }
}

// What is kept back for OPT is exactly what its options need.
static void test_room_for_each_option(void **state)
{
    static const struct {
        struct client client;
        enum ede ede;
        const char *text;
        unsigned opt; // its size
    } cases[] = {
        {{TRANSPORT_UDP, 600, false, false, false, false}, EDE_NONE, NULL, 11},
        {{TRANSPORT_UDP, 600, true, true, false, false}, EDE_NONE, NULL, 11 + 9},
        {{TRANSPORT_UDP, 600, false, false, true, false}, EDE_NONE, NULL, 11 + 28},
        {{TRANSPORT_TCP, 600, false, false, false, true}, EDE_NONE, NULL, 11 + 6},
        {{TRANSPORT_UDP, 600, false, false, false, false}, EDE_OTHER, NULL, 11 + 6},
        {{TRANSPORT_UDP, 600, false, false, false, false}, EDE_OTHER, "abc", 11 + 9},
        {{TRANSPORT_TCP, 600, true, true, true, true}, EDE_OTHER, "abc", 11 + 9 + 28 + 6 + 9},
    };
    (void)state;
    identity.nsid_size = 5;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (unsigned over = 0; over < 2; over++) {
            const struct client *client = &cases[i].client;
            bool truncated;
            begin("example.", 65280, client);
            unsigned most = client->transport == TRANSPORT_TCP ? MESSAGE_MAX : client->payload;
            struct rrset *rrset = filler(most - 25 - cases[i].opt + over);
            add(SECTION_ANSWER, "example.", rrset, true);
            answer.ede = (int16_t)cases[i].ede;
            answer.ede_text = cases[i].text;
            uint32_t size = encode(client, 0, &truncated);
            assert_int_equal(truncated, over);
            assert_int_equal(size, over ? 25 + cases[i].opt : most);
            free(rrset);
        }
    identity.nsid_size = 0;
}

// A TSIG ends the reply where it fits, and is left out where it doesn't.
static void test_tsig_size(void **state)
{
    (void)state;
    static const struct client clients[] = {
        {TRANSPORT_UDP, 0, false, false, false, false},
        {TRANSPORT_UDP, 512, false, false, false, false},
    };
    for (size_t i = 0; i < COUNT(clients); i++)
        for (unsigned over = 0; over < 2; over++) {
            bool truncated;
            struct message message;
            begin("example.", TYPE_A, &clients[i]);
            uint32_t without = 25 + (clients[i].payload ? 11 : 0);
            // Of a key that nobody knows, whose names are long.
            uint32_t names = UDP_PAYLOAD_PLAIN - without + over - 26;
            tsig = &(struct tsig){.error = TSIG_BADKEY,
                                  .name_size = NAME_OCTETS_MAX,
                                  .algorithm_size = (uint8_t)(names - NAME_OCTETS_MAX)};
            assert_int_equal(tsig_size(tsig), names + 26);
            uint32_t size = encode(&clients[i], 0, &truncated);
            assert_false(truncated);
            assert_int_equal(size, over ? without : UDP_PAYLOAD_PLAIN);
            assert_true(message_open(&message, octets, size));
            assert_int_equal(message.counts[SECTION_ADDITIONAL], (clients[i].payload > 0) + !over);
            if (!over)
                assert_int_equal(bytes_get16(octets + size - 4), TSIG_BADKEY);
            tsig = NULL;
        }
}

// The first required RRset that does not fit ends the message, though a later one would fit; what
// is before it stays, whole.
static void test_tc_on_rrset_boundary(void **state)
{
    (void)state;
    static const struct client client = {.transport = TRANSPORT_UDP};
    bool truncated;
    struct rrset *sets[] = {filler(100), filler(200), filler(300), filler(20)};
    for (unsigned i = 0; i < COUNT(sets); i++)
        sets[i]->type = (uint16_t)(65280 + i);
    begin("example.", TYPE_ANY, &client);
    for (unsigned i = 0; i < COUNT(sets); i++)
        add(SECTION_ANSWER, "example.", sets[i], true);
    uint32_t size = encode(&client, 0, &truncated);
    assert_true(truncated);
    assert_int_equal(size, 25 + 100 + 200);
    assert_int_equal(read_sets(size, 0), 3);
    for (unsigned i = 0; i < COUNT(sets); i++)
        free(sets[i]);
}

// Every size from 512 to 1232: the reply can be read, is never longer, and is truncated exactly
// when something required is missing.
static void test_every_size(void **state)
{
    (void)state;
    struct rrset *a = rrset_sign(rrset_of(TYPE_A, "192.0.2.1", "192.0.2.2", NULL), "example.");
    struct rrset *mx = rrset_of(TYPE_MX, "1 a.example.", "2 b.example.", "3 c.x.example.");
    struct rrset *ns = rrset_sign(rrset_of(TYPE_NS, "ns1.example.", "ns2.example.", NULL), "x.");
    struct rrset *txt = filler(400);
    for (unsigned payload = 512; payload <= UDP_PAYLOAD_MAX; payload++) {
        struct client client = {TRANSPORT_UDP, payload, true, true, true, false};
        bool truncated;
        begin("www.example.", TYPE_ANY, &client);
        add(SECTION_ANSWER, "www.example.", a, true);
        add(SECTION_ANSWER, "www.example.", mx, true);
        add(SECTION_ANSWER, "www.example.", txt, true);
        add(SECTION_AUTHORITY, "example.", ns, true);
        add(SECTION_ADDITIONAL, "a.example.", a, false);
        add(SECTION_ADDITIONAL, "b.example.", a, true);
        add(SECTION_ADDITIONAL, "c.x.example.", a, false);
        answer.ede = EDE_OTHER;
        answer.ede_text = "text";
        uint64_t seen = read_sets(encode(&client, payload, &truncated), payload);
        uint64_t required = 0x2f;
        assert_int_equal(truncated, (seen & required) != required);
        // Nothing comes behind what was truncated.
        if (truncated)
            assert_true(seen == 0 || seen == 1 || seen == 3 || seen == 7 || seen == 0xf ||
                        seen == 0x1f);
    }
    free(a);
    free(mx);
    free(ns);
    free(txt);
}

// RFC 9471: glue that is required and does not fit sets TC; other addresses are left out in silence
// (RFC 2181 9), and what is behind them and fits is not.
static void test_glue_that_does_not_fit(void **state)
{
    (void)state;
    for (unsigned required = 0; required < 2; required++) {
        static const struct client client = {TRANSPORT_UDP, 512, false, false, false, false};
        struct rrset *large = filler(460), *ns = rrset_of(TYPE_NS, "a.b.", "c.d.", NULL);
        struct rrset *address = rrset_of(TYPE_AAAA, "2001:db8::1", NULL, NULL);
        bool truncated;
        begin("b.", TYPE_A, &client);
        add(SECTION_AUTHORITY, "b.", ns, true);
        add(SECTION_ADDITIONAL, "a.b.", large, required);
        add(SECTION_ADDITIONAL, "c.d.", address, false);
        uint64_t seen = read_sets(encode(&client, 0, &truncated), 0);
        assert_int_equal(truncated, required);
        assert_int_equal(seen, required ? 1 : 5);
        free(large);
        free(ns);
        free(address);
    }
}

// The longest name, NSID_MAX, a cookie and an error fit even into 512 octets, before any record.
static void test_room_for_opt(void **state)
{
    (void)state;
    static const struct client client = {TRANSPORT_UDP, 512, true, true, true, false};
    char name[NAME_TEXT_MAX];
    bool truncated;
    struct rrset *rrset = rrset_of(TYPE_TXT, "x", NULL, NULL);
    for (unsigned i = 0; i < NAME_LABELS_MAX; i++)
        memcpy(name + 2 * i, "a.", 3);
    identity.nsid_size = NSID_MAX;
    memset(identity.nsid, 'n', NSID_MAX);
    begin(name, TYPE_TXT, &client);
    add(SECTION_ANSWER, name, rrset, true);
    answer.ede = EDE_NOT_READY;
    answer.ede_text = "this type cannot be asked for"; // the longest that there is
    uint32_t size = encode(&client, 0, &truncated);
    assert_false(truncated);
    assert_int_equal(read_sets(size, 0), 1);
    // Question 271, record 14, OPT 11 + 132 + 28 + 6 + 29.
    assert_int_equal(size, 271 + 14 + 206);
    identity.nsid_size = 0;
    free(rrset);
}

// What is only good to know is left out where it would not fit: the zone's version and expiry
// first, then the words of an error. Over TCP all of it is there.
static void test_opt_gives_way(void **state)
{
    (void)state;
    static const struct client udp = {TRANSPORT_UDP, 512, true, true, true, false};
    static const struct client tcp = {TRANSPORT_TCP, 512, true, true, true, true};
    // OPT 11 + 132 + 28, over TCP 6; 6 and the words of an error; 18 of the zone.
    static const struct {
        size_t text;
        uint32_t udp, tcp;
    } cases[] = {{0, 271 + 195, 271 + 201},  {46, 271 + 241, 271 + 247},
                 {47, 271 + 224, 271 + 248}, {64, 271 + 241, 271 + 265},
                 {65, 271 + 195, 271 + 266}, {255, 271 + 195, 271 + 456}};
    char name[NAME_TEXT_MAX], text[256];
    bool truncated;
    for (unsigned i = 0; i < NAME_LABELS_MAX; i++)
        memcpy(name + 2 * i, "a.", 3);
    identity.nsid_size = NSID_MAX;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (unsigned over_tcp = 0; over_tcp < 2; over_tcp++) {
            const struct client *client = over_tcp ? &tcp : &udp;
            begin(name, TYPE_SOA, client);
            memset(text, 'e', sizeof text);
            text[cases[i].text] = 0;
            answer.ede = EDE_OTHER;
            answer.ede_text = text;
            answer.tells_version = answer.tells_expire = true;
            uint32_t size = encode(client, 0, &truncated);
            assert_false(truncated);
            assert_int_equal(size, over_tcp ? cases[i].tcp : cases[i].udp);
        }
    identity.nsid_size = 0;
}

// --- contents ------------------------------------------------------------------------------------

static void test_header(void **state)
{
    (void)state;
    static const struct client client = {TRANSPORT_UDP, 1232, false, false, false, false};
    static const unsigned rcodes[] = {RCODE_NOERROR, RCODE_YXDOMAIN, RCODE_BADVERS,
                                      RCODE_BADCOOKIE};
    for (size_t i = 0; i < COUNT(rcodes); i++) {
        bool truncated;
        begin("Example.", TYPE_A, &client);
        answer.rcode = (uint16_t)rcodes[i];
        answer.authoritative = i % 2;
        uint32_t size = encode(&client, 0, &truncated);
        assert_int_equal(reply_rcode(octets, size), rcodes[i]);
        assert_int_equal(bytes_get16(octets + 2),
                         FLAG_QR | (i % 2 ? FLAG_AA : 0) | (rcodes[i] & 15));
        // ID and question are as they were asked, octet by octet.
        assert_memory_equal(octets, asked.octets, 2);
        assert_memory_equal(octets + HEADER_SIZE, asked.octets + HEADER_SIZE, 13);
        assert_int_equal(size, 25 + 11);
    }
}

// Each part of a signed RRset, in the sections that may have it.
static void test_parts(void **state)
{
    (void)state;
    static const struct client client = {TRANSPORT_UDP, 1232, true, false, false, false};
    struct rrset *rrset = rrset_sign(rrset_of(TYPE_A, "192.0.2.1", "192.0.2.2", NULL), "example.");
    static const unsigned records[] = {[PART_DATA] = 2, [PART_SIGNED] = 3, [PART_SIGNATURES] = 1};
    for (unsigned part = 0; part < COUNT(records); part++) {
        bool truncated;
        struct message message;
        begin("example.", TYPE_A, &client);
        add(SECTION_ANSWER, "example.", rrset, true);
        answer.rrsets[0].part = (uint8_t)part;
        uint32_t size = encode(&client, 0, &truncated);
        assert_true(message_open(&message, octets, size));
        assert_int_equal(message.counts[SECTION_ANSWER], records[part]);
        assert_int_equal(message.counts[SECTION_ADDITIONAL], 1);
    }
    free(rrset);
}

// Over all starts each record is the first one equally often, and RRsets are never mixed.
static void test_rotation(void **state)
{
    (void)state;
    static const struct client client = {TRANSPORT_UDP, 1232, false, false, false, false};
    struct rrset *a = rrset_of(TYPE_A, "192.0.2.1", "192.0.2.2", "192.0.2.3");
    struct rrset *ns = rrset_of(TYPE_NS, "a.b.", "c.d.", NULL);
    unsigned first[3] = {0};
    struct dice dice = dice_seed(19);
    for (unsigned i = 0; i < 3000; i++) {
        bool truncated;
        uint32_t start = dice_roll(&dice);
        begin("example.", TYPE_A, &client);
        add(SECTION_ANSWER, "example.", a, true);
        add(SECTION_AUTHORITY, "example.", ns, true);
        assert_int_equal(read_sets(encode(&client, start, &truncated), start), 3);
        unsigned last_octet = octets[25 + 12 + 3];
        assert_in_range(last_octet, 1, 3);
        first[last_octet - 1]++;
    }
    for (unsigned i = 0; i < 3; i++)
        assert_in_range(first[i], 900, 1100);
    free(a);
    free(ns);
}

// --- TCP -----------------------------------------------------------------------------------------

// 64 kB of RRsets with long names, many of them sharing a part: all there, all compressed soundly,
// also where pointers no longer reach.
static void test_64k_over_tcp(void **state)
{
    (void)state;
    static const struct client client = {TRANSPORT_TCP, 1232, true, false, false, false};
    char text[256];
    enum { LABEL = 40, SETS = 50 };
    struct rrset *sets[SETS];
    bool truncated;
    begin("www.example.", TYPE_ANY, &client);
    for (unsigned i = 0; i < SETS; i++) {
        sets[i] = rrset_empty(TYPE_MX, i);
        for (unsigned j = 0; j < 10; j++) {
            snprintf(text, sizeof text, "%u %0*u.%0*u.set%u.example.", j, LABEL, i * 100 + j, LABEL,
                     i, i % 7);
            sets[i] = rrset_add(sets[i], text);
        }
        sets[i] = rrset_sign(sets[i], "example.");
        snprintf(text, sizeof text, "%0*u.www.example.", LABEL, i);
        add(SECTION_ANSWER, text, sets[i], true);
    }
    uint32_t size = encode(&client, 7, &truncated);
    assert_int_equal(read_sets(size, 7), (1ull << SETS) - 1);
    assert_false(truncated);
    assert_in_range(size, 50000, MESSAGE_MAX);
    for (unsigned i = 0; i < SETS; i++)
        free(sets[i]);
}

// One RRset that fills a message over TCP to the last octets, and one record more.
static void test_largest_rrset(void **state)
{
    (void)state;
    static const struct client client = {TRANSPORT_TCP, 0, false, false, false, false};
    for (unsigned more = 0; more < 2; more++) {
        bool truncated;
        begin("example.", TYPE_AAAA, &client);
        unsigned count = (MESSAGE_MAX - 25) / 28 + more;
        struct rrset *rrset = rrset_empty(TYPE_AAAA, 1);
        rrset = realloc(rrset, sizeof *rrset + 18u * count + 4);
        assert_non_null(rrset);
        memset(rrset->body, 0, 18u * count + 4);
        for (unsigned i = 0; i < count; i++) {
            rrset->body[18 * i + 1] = 16;
            bytes_put16(rrset->body + 18 * i + 16, (uint16_t)i);
        }
        rrset->count = (uint16_t)count;
        rrset->words = rrset_words((sizeof *rrset + 18u * count + 3) & ~3u);
        add(SECTION_ANSWER, "example.", rrset, true);
        uint32_t size = encode(&client, 1234, &truncated);
        assert_int_equal(truncated, more);
        assert_int_equal(read_sets(size, 1234), !more);
        free(rrset);
    }
}

// --- by chance -----------------------------------------------------------------------------------

static void roll_text(struct dice *dice, char text[static 128])
{
    static const char *const parents[] = {"example.", "Example.com.", "b.a.example.", "a."};
    size_t size = 0;
    for (unsigned labels = dice_roll(dice) % 4; labels > 0; labels--)
        size += (size_t)snprintf(text + size, 128 - size, "%.*s.", (int)(1 + dice_roll(dice) % 20),
                                 &"aBabcdefghijklmnopqrstuvwxyz"[dice_roll(dice) % 3]);
    snprintf(text + size, 128 - size, "%s", parents[dice_roll(dice) % COUNT(parents)]);
}

static struct rrset *roll_rrset(struct dice *dice, uint16_t type)
{
    struct rrset *rrset = rrset_empty(type, dice_roll(dice));
    for (unsigned count = 1 + dice_roll(dice) % 5; count > 0; count--) {
        char text[300], a[128], b[128];
        roll_text(dice, a);
        roll_text(dice, b);
        switch (type) {
        case TYPE_A: snprintf(text, sizeof text, "192.0.2.%u", dice_roll(dice) % 256); break;
        case TYPE_MX: snprintf(text, sizeof text, "%u %s", dice_roll(dice) % 65536, a); break;
        case TYPE_SOA: snprintf(text, sizeof text, "%s %s 1 2 3 4 5", a, b); break;
        default: snprintf(text, sizeof text, "%s", b); break;
        }
        rrset = rrset_add(rrset, text);
    }
    if (dice_roll(dice) % 3 == 0)
        rrset = rrset_sign(rrset, "Example.");
    return rrset;
}

// Random answers to random clients, read back. No two neighbours have one owner and type, so that
// each RRset is known by them.
static void test_random_answers(void **state)
{
    static const uint16_t types[] = {TYPE_A, TYPE_NS, TYPE_MX, TYPE_SOA, TYPE_TXT, TYPE_PTR};
    (void)state;
    struct dice dice = dice_seed(23);
    unsigned truncated_count = 0;
    for (unsigned round = 0; round < 3000; round++) {
        struct client client = {.transport = dice_roll(&dice) % 4 ? TRANSPORT_UDP : TRANSPORT_TCP,
                                .payload = dice_roll(&dice) % 2 ? dice_roll(&dice) % 2000 + 1 : 0,
                                .dnssec_ok = dice_roll(&dice) % 2};
        struct rrset *sets[12];
        unsigned count = dice_roll(&dice) % COUNT(sets), section = SECTION_ANSWER;
        bool truncated;
        char text[128];
        uint64_t required = 0;
        roll_text(&dice, text);
        begin(text, TYPE_ANY, &client);
        for (unsigned i = 0; i < count; i++) {
            sets[i] = roll_rrset(&dice, types[i % COUNT(types)]);
            roll_text(&dice, text);
            section += section < SECTION_ADDITIONAL && dice_roll(&dice) % 5 == 0;
            bool needed = dice_roll(&dice) % 2;
            required |= (uint64_t)needed << i;
            add((enum section)section, text, sets[i], needed);
        }
        uint32_t start = dice_roll(&dice);
        uint64_t seen = read_sets(encode(&client, start, &truncated), start);
        assert_int_equal(truncated, (seen & required) != required);
        truncated_count += truncated;
        for (unsigned i = 0; i < count; i++)
            free(sets[i]);
    }
    assert_in_range(truncated_count, 100, 2900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size_limits),   cmocka_unit_test(test_room_for_each_option),
        cmocka_unit_test(test_tsig_size),     cmocka_unit_test(test_tc_on_rrset_boundary),
        cmocka_unit_test(test_every_size),    cmocka_unit_test(test_glue_that_does_not_fit),
        cmocka_unit_test(test_room_for_opt),  cmocka_unit_test(test_opt_gives_way),
        cmocka_unit_test(test_header),        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_rotation),      cmocka_unit_test(test_64k_over_tcp),
        cmocka_unit_test(test_largest_rrset), cmocka_unit_test(test_random_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

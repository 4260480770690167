// cache/record: there and back, and what is refused.
#include "made.h"

#include "cache/record.h"
#include "dns/delegation.h"

static uint8_t octets[RECORD_OCTETS_MAX] __attribute__((aligned(8)));
static struct made owner, soa_owner;
static struct made_rrset rrset;

static struct cache_visited make(enum cache_kind kind, uint16_t type)
{
    static uint8_t packed[DELEGATION_OCTETS_MAX];
    struct delegation delegation;
    make_name(&owner, "Www.Example.");
    make_name(&soa_owner, "example.");
    struct cache_visited made = {.type = type,
                                 .found = {.kind = kind,
                                           .rank = RANK_ANSWER,
                                           .security = SECURITY_SECURE,
                                           .tag = 77,
                                           .ttl_s = 50,
                                           .given_s = 60,
                                           .owner = owner.name}};
    switch (kind) {
    case CACHE_RRSET: made.found.rrset = make_rrset(&rrset, type, "\300\0\2\1", 4); break;
    case CACHE_NODATA: break;
    case CACHE_NXDOMAIN:
        made.found.rrset =
            make_rrset(&rrset, TYPE_SOA, "\1n\0\1h\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5", 26);
        made.found.soa_owner = soa_owner.name;
        break;
    case CACHE_FAILURE: break;
    case CACHE_DELEGATION:
        delegation_begin(&delegation, owner.name);
        made.found.payload = packed;
        made.found.payload_size = (uint32_t)delegation_pack(&delegation, packed);
        break;
    }
    return made;
}

static uint16_t type_of(enum cache_kind kind)
{
    return kind == CACHE_NXDOMAIN || kind == CACHE_DELEGATION ? 0 : TYPE_A;
}

static void test_there_and_back(void **state)
{
    (void)state;
    for (enum cache_kind kind = CACHE_RRSET; kind <= CACHE_DELEGATION; kind++) {
        struct record_entry entry;
        struct cache_visited made = make(kind, type_of(kind));
        assert_int_equal(record_is_kept(&made), kind != CACHE_FAILURE);
        if (kind == CACHE_FAILURE)
            continue;
        size_t size = record_write(octets, &made);
        assert_int_equal(size % 4, 0);
        assert_int_equal(record_read(octets, size, &entry), size);
        assert_int_equal(record_read(octets, size + 100, &entry), size);
        assert_int_equal(entry.type, type_of(kind));
        assert_int_equal(entry.left_s, 50);
        assert_int_equal(entry.put.kind, kind);
        assert_int_equal(entry.put.rank, RANK_ANSWER);
        assert_int_equal(entry.put.security, SECURITY_SECURE);
        assert_int_equal(entry.put.tag, 77);
        assert_int_equal(entry.put.ttl_s, 60);
        assert_int_equal(entry.put.owner.size, owner.name.size);
        assert_memory_equal(entry.put.owner.wire, owner.wire, owner.name.size);
        assert_int_equal(entry.put.rrset != NULL, made.found.rrset != NULL);
        if (entry.put.rrset)
            assert_memory_equal(entry.put.rrset, &rrset, rrset_size(&rrset.head));
        assert_int_equal(entry.put.payload_size, made.found.payload_size);
        assert_int_equal(entry.put.soa_owner.size, made.found.soa_owner.size);
    }
}

static void test_stale(void **state)
{
    (void)state;
    struct record_entry entry;
    struct cache_visited made = make(CACHE_RRSET, TYPE_A);
    made.found.stale = true;
    made.found.ttl_s = 0;
    made.found.expired_s = 30;
    size_t size = record_write(octets, &made);
    assert_int_equal(record_read(octets, size, &entry), size);
    assert_int_equal(entry.left_s, -30);
}

static void test_not_kept(void **state)
{
    (void)state;
    struct cache_visited made = make(CACHE_RRSET, TYPE_A);
    made.source = 1;
    assert_false(record_is_kept(&made));
    made.source = 0;
    made.found.security = SECURITY_BOGUS;
    assert_false(record_is_kept(&made));
}

#define AT(member) offsetof(struct record, member)
#define BODY       sizeof(struct record)

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        enum cache_kind kind;
        size_t at;
        uint8_t octet;
    } rows[] = {
        {CACHE_RRSET, AT(octets), 0},
        {CACHE_RRSET, AT(octets), 60},
        {CACHE_RRSET, AT(octets), 68},
        {CACHE_RRSET, AT(octets) + 1, 1},
        {CACHE_RRSET, AT(given_s), 49}, // more is left than there was
        {CACHE_RRSET, AT(given_s) + 3, 0x80},
        {CACHE_RRSET, AT(type), 0},
        {CACHE_RRSET, AT(type), TYPE_MX},
        {CACHE_RRSET, AT(kind), CACHE_NODATA},
        {CACHE_RRSET, AT(kind), CACHE_NXDOMAIN},
        {CACHE_RRSET, AT(kind), CACHE_DELEGATION},
        {CACHE_RRSET, AT(kind), CACHE_FAILURE},
        {CACHE_RRSET, AT(kind), CACHE_DELEGATION + 1},
        {CACHE_RRSET, AT(rank), RANK_AUTHORITATIVE + 1},
        {CACHE_RRSET, AT(security), SECURITY_BOGUS},
        {CACHE_RRSET, AT(security), SECURITY_BOGUS + 1},
        {CACHE_RRSET, AT(name_size), 12},
        {CACHE_RRSET, AT(name_size), 14},
        {CACHE_RRSET, AT(name_size), 0},
        {CACHE_RRSET, AT(soa_size), 1},
        {CACHE_RRSET, AT(block_octets), 0},
        {CACHE_RRSET, AT(block_octets), 21},
        {CACHE_RRSET, BODY, 64},
        {CACHE_RRSET, BODY + 4, 0},
        {CACHE_RRSET, BODY + 16 + 4, TYPE_NS}, // the RRset's own type
        {CACHE_RRSET, BODY + 16 + 6, 0},       // no record
        {CACHE_RRSET, BODY + 16 + 6, 2},       // two
        {CACHE_RRSET, BODY + 16 + 8, 1},       // a signature
        {CACHE_RRSET, BODY + 16 + 10, 6},      // words
        {CACHE_RRSET, BODY + 16 + 13, 3},      // RDLENGTH
        {CACHE_RRSET, BODY + 16 + 13, 5},
        {CACHE_RRSET, BODY + 16 + 12, 255},
        {CACHE_NXDOMAIN, AT(type), 1},
        {CACHE_NXDOMAIN, AT(soa_size), 0},
        {CACHE_NXDOMAIN, BODY + 13, 63},
        {CACHE_NXDOMAIN, BODY + 24 + 4, TYPE_A},
        {CACHE_NODATA, AT(soa_size), 1},
        {CACHE_NODATA, AT(type), 0},
        {CACHE_DELEGATION, AT(type), 1},
        {CACHE_DELEGATION, BODY + 16, 1},       // a host that is not there
        {CACHE_DELEGATION, BODY + 16 + 4, 'x'}, // of another name
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct record_entry entry;
        struct cache_visited made = make(rows[i].kind, type_of(rows[i].kind));
        size_t size = record_write(octets, &made);
        assert_int_equal(record_read(octets, size, &entry), size);
        assert_int_not_equal(octets[rows[i].at], rows[i].octet);
        octets[rows[i].at] = rows[i].octet;
        if (record_read(octets, size, &entry) != 0)
            fail_msg("row %zu", i);
    }
}

static void test_cut_short(void **state)
{
    (void)state;
    for (enum cache_kind kind = CACHE_RRSET; kind <= CACHE_DELEGATION; kind++) {
        if (kind == CACHE_FAILURE)
            continue;
        struct record_entry entry;
        struct cache_visited made = make(kind, type_of(kind));
        size_t size = record_write(octets, &made);
        for (size_t cut = 0; cut < size; cut++) {
            uint8_t *part = malloc(cut ? cut : 1);
            memcpy(part, octets, cut);
            assert_int_equal(record_read(part, cut, &entry), 0);
            free(part);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back), cmocka_unit_test(test_stale),
        cmocka_unit_test(test_not_kept),       cmocka_unit_test(test_refused),
        cmocka_unit_test(test_cut_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

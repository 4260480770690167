// TSIG: requests and replies as dnspython signs them, and all that is refused, in which words.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "dns/message.h"
#include "dns/tsig.h"
#include "dns/type.h"

#define DATE_S   1700000000
#define TSIG_AT  34 // behind the question of www.Example.test A
#define NAME     "\3key\7example"
#define QUESTION "\3www\7Example\4test\0\0\1\0\1"

// A request of key "key.example." with the secret "a secret for tests", ID 0x1234, and the reply to
// it: the same with QR.
static const struct example {
    enum mac_kind kind;
    const char *algorithm; // on the wire
    const char *request, *reply;
} examples[] = {
    {MAC_MD5, "hmac-md5.sig-alg.reg.int", "7241d237c78ce7a788e04b47557b7890",
     "c63295e9db6a90791fae4e41b51f8b0c"},
    {MAC_SHA1, "hmac-sha1", "9bf830300af93e9a0f76d796ef562708baaa7ac8",
     "ff93cd4a893d7125c8976836654607e875ddf18f"},
    {MAC_SHA224, "hmac-sha224", "806618edd92645189619e0b9f798186921a5d91a07ac43ac1a8788d3",
     "326ae19c220e6930713823515744296ff6d0ce98434b28671217885d"},
    {MAC_SHA256, "hmac-sha256", "0964fdd0438f09a91444e91b3c5eb03ac92a86a0b647b1fbfc1f7567964ca746",
     "a98ac3ad4e831f2bda3bfe7297a058cdf514880937950cc571970506abc51672"},
    {MAC_SHA384, "hmac-sha384",
     "277cadb35f94ee28f8e61b3fafa2f0cc09dd8f98db022223c2e76b274438eb1d"
     "ffb5107312a89de82c4af4fa6aa71425",
     "08eaca881623fe8efc7a35b31d46564669ba36a6144fc741cc394e19b3d536d5"
     "6a361c1200ca219457f22513b836b8eb"},
    {MAC_SHA512, "hmac-sha512",
     "31a8739c72c9054e0296691f76c609a6e715a0b073055f340133e39e894533d0"
     "ff1a5059742a5b583737712eb1e2a4700285ed748ff3786aaded12bceb88d4a8",
     "c49128f88f28e3b75dd68b629e8c455a9086df1bb478d5ab0c530d8f32b277cd"
     "3e3b550345448c034d3e8df1309e2fa8ec5bc0d6407a92b8932ab527605417c7"},
};
#define EXAMPLES (sizeof examples / sizeof *examples)

static struct tsig_keys *keys;

static void make_keys(enum mac_kind kind)
{
    static const char *const names[] = {"\1a", NAME, "\1z\7example"};
    keys = tsig_keys_make(3);
    for (unsigned i = 0; i < 3; i++) {
        struct tsig_key *key = &keys->list[i];
        memcpy(key->wire, names[i], strlen(names[i]) + 1);
        key->name = name_trust(key->wire);
        key->kind = kind;
        key->mac_least = (uint8_t)mac_size(kind);
        key->mac = mac_key_make(kind, (const uint8_t *)"a secret for tests", 18);
        assert_non_null(key->mac);
    }
}

static size_t unhex(const char *hex, uint8_t *to)
{
    size_t size = strlen(hex) / 2;
    for (size_t i = 0; i < size; i++) {
        unsigned octet;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &octet), 1);
        to[i] = (uint8_t)octet;
    }
    return size;
}

static uint8_t *put_name(uint8_t *to, const char *dotted)
{
    for (const char *dot; *dotted; dotted = *dot ? dot + 1 : dot) {
        dot = strchrnul(dotted, '.');
        *to++ = (uint8_t)(dot - dotted);
        memcpy(to, dotted, (size_t)(dot - dotted));
        to += dot - dotted;
    }
    *to++ = 0;
    return to;
}

struct signature {
    const char *name; // dotted
    const char *algorithm;
    uint64_t time_s;
    uint16_t fudge_s;
    const uint8_t *mac;
    size_t mac_size;
};

// Puts a TSIG record behind the message. Returns the new size.
static size_t put_record(uint8_t *message, size_t size, const struct signature *signature)
{
    uint8_t *next = put_name(message + size, signature->name);
    bytes_put16(next, TYPE_TSIG);
    bytes_put16(next + 2, CLASS_ANY);
    bytes_put32(next + 4, 0);
    uint8_t *rdata = next + 10, *at = put_name(rdata, signature->algorithm);
    bytes_put48(at, signature->time_s);
    bytes_put16(at + 6, signature->fudge_s);
    bytes_put16(at + 8, (uint16_t)signature->mac_size);
    at += 10;
    memcpy(at, signature->mac, signature->mac_size);
    at += signature->mac_size;
    memcpy(at, message, 2);
    bytes_put32(at + 2, 0);
    at += 6;
    bytes_put16(next + 8, (uint16_t)(at - rdata));
    bytes_put16(message + 10, (uint16_t)(bytes_get16(message + 10) + 1));
    return (size_t)(at - message);
}

static size_t put_question(uint8_t *message, unsigned flags)
{
    static const uint8_t header[HEADER_SIZE] = {0x12, 0x34, 0, 0, 0, 1};
    memcpy(message, header, HEADER_SIZE);
    message[2] = (uint8_t)flags;
    memcpy(message + HEADER_SIZE, QUESTION, sizeof QUESTION - 1);
    return HEADER_SIZE + sizeof QUESTION - 1;
}

static size_t put_request(uint8_t *message, const struct example *example, const char *name)
{
    uint8_t mac[MAC_SIZE_MAX];
    size_t mac_octets = unhex(example->request, mac), size = put_question(message, 0);
    assert_int_equal(size, TSIG_AT);
    return put_record(message, size,
                      &(struct signature){name, example->algorithm, DATE_S, 300, mac, mac_octets});
}

static const struct example *sha256 = &examples[3];

static void signs_and_checks_as_others_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXAMPLES; i++) {
        uint8_t message[512], mac[MAC_SIZE_MAX];
        struct tsig tsig;
        make_keys(examples[i].kind);
        size_t size = put_request(message, &examples[i], "key.example");
        assert_int_equal(tsig_receive(&tsig, keys, message, size, TSIG_AT, DATE_S), TSIG_GOOD);
        assert_ptr_equal(tsig.key, &keys->list[1]);
        put_question(message, 0x80);
        size = tsig_append(&tsig, message, TSIG_AT, DATE_S);
        assert_int_equal(bytes_get16(message + 10), 1);
        size_t mac_octets = unhex(examples[i].reply, mac);
        assert_int_equal(size, TSIG_AT + tsig_size(&tsig));
        assert_memory_equal(message + size - 6 - mac_octets, mac, mac_octets);
        tsig_keys_release(keys);
    }
}

// The name of a key is one in any case, and its reply has it as the client wrote it.
static void names_are_folded(void **state)
{
    (void)state;
    uint8_t message[512];
    struct tsig tsig;
    make_keys(MAC_SHA256);
    size_t size = put_request(message, sha256, "KEY.example");
    assert_int_equal(tsig_receive(&tsig, keys, message, size, TSIG_AT, DATE_S), TSIG_GOOD);
    put_question(message, 0x80);
    (void)!tsig_append(&tsig, message, TSIG_AT, DATE_S);
    assert_memory_equal(message + TSIG_AT, "\3KEY\7example", 13);
    tsig_keys_release(keys);
}

// A message of another ID that names this one as the original has been forwarded.
static void a_forwarder_changes_the_id(void **state)
{
    (void)state;
    uint8_t message[512];
    struct tsig tsig;
    make_keys(MAC_SHA256);
    size_t size = put_request(message, sha256, "key.example");
    message[0] ^= 0xff;
    assert_int_equal(tsig_receive(&tsig, keys, message, size, TSIG_AT, DATE_S), TSIG_GOOD);
    tsig_keys_release(keys);
}

static enum tsig_error refused(const uint8_t *message, size_t size, uint64_t date_s,
                               struct tsig *tsig)
{
    assert_int_equal(tsig_receive(tsig, keys, message, size, TSIG_AT, date_s), TSIG_REFUSED);
    return tsig->error;
}

// RFC 8945 5.2.1 and 5.3.2: who is not known is told so, and nothing is signed.
static void unknown_keys_get_unsigned_errors(void **state)
{
    (void)state;
    static const uint8_t wanted[] = "\5other\7example\0\x00\xfa\x00\xff\x00\x00\x00\x00\x00\x1d"
                                    "\13hmac-sha256\0\x00\x00\x65\x53\xf1\x00\x01\x2c\x00\x00"
                                    "\x12\x34\x00\x11\x00\x00";
    uint8_t message[512];
    struct tsig tsig;
    make_keys(MAC_SHA256);
    size_t size = put_request(message, sha256, "other.example");
    assert_int_equal(refused(message, size, DATE_S, &tsig), TSIG_BADKEY);
    put_question(message, 0x80);
    size = tsig_append(&tsig, message, TSIG_AT, DATE_S + 7);
    assert_int_equal(size, TSIG_AT + sizeof wanted - 1);
    assert_memory_equal(message + TSIG_AT, wanted, sizeof wanted - 1);
    // A key with another algorithm is another key.
    size = put_request(message, &examples[5], "key.example");
    assert_int_equal(refused(message, size, DATE_S, &tsig), TSIG_BADKEY);
    tsig_keys_release(keys);
}

static void every_octet_counts(void **state)
{
    (void)state;
    uint8_t message[512];
    struct tsig tsig;
    make_keys(MAC_SHA256);
    size_t size = put_request(message, sha256, "key.example");
    for (size_t at = 2; at < TSIG_AT; at++) {
        if (at == 10 || at == 11)
            continue; // the count of records is compared after one was taken off
        message[at] ^= 1;
        assert_int_equal(refused(message, size, DATE_S, &tsig), TSIG_BADSIG);
        message[at] ^= 1;
    }
    message[size - 7] ^= 1; // the MAC's last octet
    assert_int_equal(refused(message, size, DATE_S, &tsig), TSIG_BADSIG);
    put_question(message, 0x80);
    size = tsig_append(&tsig, message, TSIG_AT, DATE_S);
    assert_int_equal(bytes_get16(message + size - 4), TSIG_BADSIG);
    assert_int_equal(bytes_get16(message + size - 8), 0); // no MAC
    tsig_keys_release(keys);
}

// RFC 8945 5.2.3: signed, with the client's time and ours beside it.
static void time_is_good_within_the_fudge(void **state)
{
    (void)state;
    static const int good[] = {-300, 0, 300}, bad[] = {-301, 301, 100000000};
    uint8_t message[512];
    struct tsig tsig;
    make_keys(MAC_SHA256);
    for (unsigned i = 0; i < 3; i++) {
        size_t size = put_request(message, sha256, "key.example");
        assert_int_equal(
            tsig_receive(&tsig, keys, message, size, TSIG_AT, (uint64_t)(DATE_S + good[i])),
            TSIG_GOOD);
        uint64_t date_s = (uint64_t)(DATE_S + bad[i]);
        assert_int_equal(refused(message, size, date_s, &tsig), TSIG_BADTIME);
        put_question(message, 0x80);
        size = tsig_append(&tsig, message, TSIG_AT, date_s);
        assert_int_equal(bytes_get16(message + size - 10), TSIG_BADTIME);
        assert_int_equal(bytes_get16(message + size - 8), 6);
        assert_true(bytes_get48(message + size - 6) == date_s);
        assert_int_equal(bytes_get16(message + size - 12 - 32 - 2), 32); // it has a MAC
        assert_true(bytes_get48(message + size - 12 - 32 - 10) == DATE_S);
    }
    tsig_keys_release(keys);
}

// RFC 8945 5.2.2.1 and 5.2.4: cut MACs are good as far as the key allows it, never below half.
static void macs_may_be_cut_as_far_as_the_key_says(void **state)
{
    (void)state;
    uint8_t message[512], mac[MAC_SIZE_MAX + 1] = {0};
    struct tsig tsig;
    make_keys(MAC_SHA256);
    keys->list[1].mac_least = 20;
    unhex(sha256->request, mac);
    for (size_t octets = 0; octets <= 33; octets++) {
        size_t size = put_question(message, 0);
        size =
            put_record(message, size,
                       &(struct signature){"key.example", "hmac-sha256", DATE_S, 300, mac, octets});
        enum tsig_verdict verdict = tsig_receive(&tsig, keys, message, size, TSIG_AT, DATE_S);
        if (octets < 16 || octets > 32) {
            assert_int_equal(verdict, TSIG_MALFORMED);
        } else if (octets < 20) {
            assert_int_equal(verdict, TSIG_REFUSED);
            assert_int_equal(tsig.error, TSIG_BADTRUNC);
        } else {
            assert_int_equal(verdict, TSIG_GOOD);
            assert_int_equal(tsig.mac_size, octets);
        }
    }
    tsig_keys_release(keys);
}

// RFC 8945 5.3.1: from the second message on, the MAC before it, the message, and the time.
static void long_replies_are_a_chain(void **state)
{
    (void)state;
    uint8_t message[512], before[2 + MAC_SIZE_MAX], timers[8], wanted[MAC_SIZE_MAX];
    struct tsig tsig;
    make_keys(MAC_SHA256);
    size_t size = put_request(message, sha256, "key.example");
    assert_int_equal(tsig_receive(&tsig, keys, message, size, TSIG_AT, DATE_S), TSIG_GOOD);
    put_question(message, 0x80);
    size = tsig_append(&tsig, message, TSIG_AT, DATE_S);
    for (unsigned i = 1; i < 4; i++) {
        bytes_put16(before, 32);
        memcpy(before + 2, message + size - 6 - 32, 32);
        bytes_put48(timers, DATE_S + i);
        bytes_put16(timers + 6, 300);
        put_question(message, 0x80);
        struct mac mac;
        mac_begin(&mac, keys->list[1].mac);
        mac_add(&mac, before, 2 + 32);
        mac_add(&mac, message, TSIG_AT);
        mac_add(&mac, timers, sizeof timers);
        mac_end(&mac, wanted);
        size = tsig_append(&tsig, message, TSIG_AT, DATE_S + i);
        assert_memory_equal(message + size - 6 - 32, wanted, 32);
    }
    tsig_keys_release(keys);
}

// What we ask is what others would have signed, and their replies are ours (RFC 8945 5.3).
static void asks_as_others_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXAMPLES; i++) {
        uint8_t message[512], wanted[512], mac[MAC_SIZE_MAX];
        struct tsig tsig;
        make_keys(examples[i].kind);
        size_t whole = put_request(wanted, &examples[i], "key.example");
        size_t size = put_question(message, 0);
        size = tsig_ask(&tsig, &keys->list[1], message, size, DATE_S);
        assert_int_equal(size, whole);
        assert_memory_equal(message, wanted, whole);
        size_t mac_octets = unhex(examples[i].reply, mac);
        struct signature reply = {"key.example", examples[i].algorithm, DATE_S, 300, mac,
                                  mac_octets};
        struct tsig before = tsig;
        size = put_record(message, put_question(message, 0x80), &reply);
        assert_true(tsig_confirm(&tsig, message, size, TSIG_AT, DATE_S));
        for (size_t at = 0; at < size; at++) { // nothing of it may be another
            struct tsig copy = before;
            message[at] ^= 0x81;
            bool good = tsig_confirm(&copy, message, size, TSIG_AT, DATE_S);
            assert_int_equal(good, at < 2); // the ID is the original one's (RFC 8945 4.3.2)
            message[at] ^= 0x81;
        }
        tsig = before;
        assert_false(tsig_confirm(&tsig, message, size, TSIG_AT, DATE_S + 301));
        assert_false(tsig_confirm(&tsig, message, size, 0, DATE_S));
        for (size_t cut = TSIG_AT; cut < size; cut++)
            assert_false(tsig_confirm(&tsig, message, cut, TSIG_AT, DATE_S));
        tsig_keys_release(keys);
    }
}

// A long reply as tsig_append() signs it, one message after the other.
static void a_long_reply_is_confirmed_in_its_order(void **state)
{
    (void)state;
    uint8_t request[512], messages[3][512];
    size_t sizes[3];
    struct tsig ours, theirs;
    make_keys(MAC_SHA256);
    size_t size = tsig_ask(&ours, &keys->list[1], request, put_question(request, 0), DATE_S);
    assert_int_equal(tsig_receive(&theirs, keys, request, size, TSIG_AT, DATE_S), TSIG_GOOD);
    for (unsigned i = 0; i < 3; i++) {
        size = put_question(messages[i], 0x80);
        sizes[i] = tsig_append(&theirs, messages[i], size, DATE_S + i);
    }
    struct tsig out_of_order = ours;
    assert_false(tsig_confirm(&out_of_order, messages[1], sizes[1], TSIG_AT, DATE_S));
    for (unsigned i = 0; i < 3; i++)
        assert_true(tsig_confirm(&ours, messages[i], sizes[i], TSIG_AT, DATE_S));
    assert_false(tsig_confirm(&ours, messages[2], sizes[2], TSIG_AT, DATE_S));
    tsig_keys_release(keys);
}

// What the other side says is wrong is heard, though it cannot be signed.
static void an_error_is_heard(void **state)
{
    (void)state;
    uint8_t message[512];
    struct tsig ours, theirs;
    make_keys(MAC_SHA256);
    size_t size = tsig_ask(&ours, &keys->list[1], message, put_question(message, 0), DATE_S);
    struct tsig_keys *none = tsig_keys_make(0);
    assert_int_equal(tsig_receive(&theirs, none, message, size, TSIG_AT, DATE_S), TSIG_REFUSED);
    size = tsig_append(&theirs, message, put_question(message, 0x80), DATE_S);
    assert_false(tsig_confirm(&ours, message, size, TSIG_AT, DATE_S));
    assert_int_equal(ours.error, TSIG_BADKEY);
    assert_string_equal(tsig_error_word(ours.error), "BADKEY");
    assert_null(tsig_error_word(TSIG_NO_ERROR));
    tsig_keys_release(none);
    tsig_keys_release(keys);
}

// Each shorter message is malformed and must not be overread; and so is a longer one.
static void takes_nothing_that_is_cut(void **state)
{
    (void)state;
    uint8_t message[512];
    struct tsig tsig;
    make_keys(MAC_SHA256);
    size_t whole = put_request(message, sha256, "key.example");
    for (size_t size = TSIG_AT; size <= whole + 1; size++) {
        uint8_t *exact = test_malloc(size);
        memcpy(exact, message, size < whole ? size : whole);
        if (size != whole)
            assert_int_equal(tsig_receive(&tsig, keys, exact, size, TSIG_AT, DATE_S),
                             TSIG_MALFORMED);
        test_free(exact);
    }
    static const unsigned fixed[] = {TSIG_AT + 15, TSIG_AT + 16, TSIG_AT + 17, TSIG_AT + 20};
    for (unsigned i = 0; i < 4; i++) { // class and TTL
        message[fixed[i]] ^= 1;
        assert_int_equal(tsig_receive(&tsig, keys, message, whole, TSIG_AT, DATE_S),
                         TSIG_MALFORMED);
        message[fixed[i]] ^= 1;
    }
    tsig_keys_release(keys);
}

// The longest names, the longest MAC.
static void longest_names_fit(void **state)
{
    (void)state;
    char name[2 * NAME_LABELS_MAX];
    uint8_t message[2048], mac[MAC_SIZE_MAX] = {0};
    struct tsig tsig;
    for (unsigned i = 0; i < sizeof name; i += 2)
        memcpy(name + i, "a.", 2);
    name[sizeof name - 1] = 0;
    make_keys(MAC_SHA512);
    size_t size = put_question(message, 0);
    size =
        put_record(message, size, &(struct signature){name, name, DATE_S, 300, mac, MAC_SIZE_MAX});
    assert_int_equal(refused(message, size, DATE_S, &tsig), TSIG_BADKEY);
    assert_true(tsig_size(&tsig) <= TSIG_SIZE_MAX);
    put_question(message, 0x80);
    size = tsig_append(&tsig, message, TSIG_AT, DATE_S);
    assert_int_equal(size, TSIG_AT + 2 * NAME_OCTETS_MAX + 26);
    tsig_keys_release(keys);
}

static void algorithms_have_words(void **state)
{
    (void)state;
    enum mac_kind kind;
    for (unsigned i = 0; i < MAC_KINDS; i++) {
        assert_true(tsig_algorithm_parse(tsig_algorithm_word((enum mac_kind)i), &kind));
        assert_int_equal(kind, i);
    }
    assert_true(tsig_algorithm_parse("HMAC-SHA256", &kind));
    assert_int_equal(kind, MAC_SHA256);
    assert_true(tsig_algorithm_parse("hmac-md5.sig-alg.reg.int", &kind));
    assert_int_equal(kind, MAC_MD5);
    assert_false(tsig_algorithm_parse("hmac-sha3", &kind));
    assert_int_equal(tsig_mac_least(MAC_MD5), 10);
    assert_int_equal(tsig_mac_least(MAC_SHA256), 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_and_checks_as_others_do),
        cmocka_unit_test(names_are_folded),
        cmocka_unit_test(a_forwarder_changes_the_id),
        cmocka_unit_test(unknown_keys_get_unsigned_errors),
        cmocka_unit_test(every_octet_counts),
        cmocka_unit_test(time_is_good_within_the_fudge),
        cmocka_unit_test(macs_may_be_cut_as_far_as_the_key_says),
        cmocka_unit_test(long_replies_are_a_chain),
        cmocka_unit_test(asks_as_others_do),
        cmocka_unit_test(a_long_reply_is_confirmed_in_its_order),
        cmocka_unit_test(an_error_is_heard),
        cmocka_unit_test(takes_nothing_that_is_cut),
        cmocka_unit_test(longest_names_fit),
        cmocka_unit_test(algorithms_have_words),
    };
    return cmocka_run_group_tests_name("dns/tsig", tests, NULL, NULL);
}

// Replies octet by octet: cookies, resends, verdicts.
#include "plot.h"

static struct ask ask;
static uint8_t reply[MESSAGE_MAX];
static size_t reply_size;

static void next_ask(void)
{
    assert_true(resolver_next_ask(tree->resolver, &ask));
}

// A reply to the last ask: its header and question, flags, and an OPT with these options.
static void make_reply(unsigned flags, unsigned upper_rcode, const void *options, size_t size)
{
    struct name name;
    assert_true(name_view(ask.octets + HEADER_SIZE, ask.size - HEADER_SIZE, &name));
    reply_size = HEADER_SIZE + name.size + 4;
    memcpy(reply, ask.octets, reply_size);
    bytes_put16(reply + 2, (uint16_t)(FLAG_QR | flags));
    memset(reply + 6, 0, 6);
    reply[11] = 1;
    uint8_t *opt = reply + reply_size;
    memset(opt, 0, 11);
    bytes_put16(opt + 1, TYPE_OPT);
    bytes_put16(opt + 3, 1232);
    opt[5] = (uint8_t)upper_rcode;
    bytes_put16(opt + 9, (uint16_t)size);
    if (size)
        memcpy(opt + 11, options, size);
    reply_size += 11 + size;
}

static enum reply_verdict give(void)
{
    return resolver_reply(tree->resolver, ask.number, reply, reply_size, tree->now_us += 1000);
}

// The COOKIE option of the last ask with a server's part behind it.
static size_t cookie_option(uint8_t option[static 28])
{
    struct name name;
    assert_true(name_view(ask.octets + HEADER_SIZE, ask.size - HEADER_SIZE, &name));
    memcpy(option, "\0\12\0\30", 4);
    memcpy(option + 4, ask.octets + HEADER_SIZE + name.size + 4 + 15, 8);
    memset(option + 12, 7, 16);
    return 28;
}

static void begin(void)
{
    assert_int_equal(tree_want(tree, "www.example.test.", TYPE_A, 1), RESOLVE_WAITING);
    next_ask();
}

// What is compressed into the question must not bring our mixed letters to clients and cache.
static void test_mixed_letters_do_not_stay(void **state)
{
    (void)state;
    struct name sent, kept;
    uint8_t question[NAME_OCTETS_MAX];
    begin();
    make_reply(FLAG_AA, 0, NULL, 0);
    memcpy(question, reply + HEADER_SIZE, sizeof question);
    assert_true(name_view(question, sizeof question, &sent));
    assert_int_equal(give(), REPLY_TAKEN);
    assert_true(name_view(reply + HEADER_SIZE, reply_size - HEADER_SIZE, &kept));
    assert_true(name_equal(sent, kept));
    for (unsigned i = 0; i < kept.size; i++)
        assert_false(kept.wire[i] >= 'A' && kept.wire[i] <= 'Z');
}

// RFC 7873 5.3: asked again with the server's cookie; twice, then over TCP.
static void test_bad_cookie(void **state)
{
    (void)state;
    uint8_t option[28];
    begin();
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(ask.kind, ASK_UDP);
        make_reply(RCODE_BADCOOKIE & 15, RCODE_BADCOOKIE >> 4, option, cookie_option(option));
        assert_int_equal(give(), REPLY_TAKEN);
        next_ask();
        struct name name;
        assert_true(name_view(ask.octets + HEADER_SIZE, ask.size - HEADER_SIZE, &name));
        assert_memory_equal(ask.octets + HEADER_SIZE + name.size + 4 + 11, option, 28);
    }
    assert_int_equal(ask.kind, ASK_TCP);
    make_reply(RCODE_BADCOOKIE & 15, RCODE_BADCOOKIE >> 4, option, cookie_option(option));
    assert_int_equal(give(), REPLY_TAKEN);
}

static void test_another_cookie_is_suspect(void **state)
{
    (void)state;
    uint8_t option[28];
    begin();
    size_t size = cookie_option(option);
    option[4] ^= 1;
    make_reply(FLAG_AA, 0, option, size);
    assert_int_equal(give(), REPLY_SUSPECT);
    next_ask();
    assert_int_equal(ask.kind, ASK_TCP);
}

static void test_badvers_is_asked_without_edns(void **state)
{
    (void)state;
    begin();
    make_reply(RCODE_BADVERS & 15, RCODE_BADVERS >> 4, NULL, 0);
    assert_int_equal(give(), REPLY_TAKEN);
    next_ask();
    assert_int_equal(ask.octets[11], 0);
    // That is not understood either: given up, for there is no other server.
    make_reply(RCODE_FORMERR, 0, NULL, 0);
    assert_int_equal(give(), REPLY_TAKEN);
}

static void test_reply_to_an_ask_that_is_over(void **state)
{
    (void)state;
    begin();
    make_reply(FLAG_AA, 0, NULL, 0);
    assert_int_equal(give(), REPLY_TAKEN);
    assert_int_equal(give(), REPLY_IGNORED);
    ask.number = 4000;
    assert_int_equal(give(), REPLY_IGNORED);
    resolver_ask_failed(tree->resolver, 4000, ASK_REFUSED, tree->now_us);
}

// Over a stream nobody else speaks: what makes no sense ends it.
static void test_nonsense_over_tcp(void **state)
{
    (void)state;
    begin();
    make_reply(FLAG_TC, 0, NULL, 0);
    assert_int_equal(give(), REPLY_TAKEN);
    next_ask();
    assert_int_equal(ask.kind, ASK_TCP);
    make_reply(FLAG_AA, 0, NULL, 0);
    reply_size -= 3;
    assert_int_equal(give(), REPLY_SUSPECT);
    next_ask(); // the server is asked anew
    assert_int_equal(ask.kind, ASK_UDP);
}

static void test_truncated_over_tcp(void **state)
{
    (void)state;
    begin();
    make_reply(FLAG_TC, 0, NULL, 0);
    assert_int_equal(give(), REPLY_TAKEN);
    next_ask();
    make_reply(FLAG_TC, 0, NULL, 0);
    assert_int_equal(give(), REPLY_TAKEN);
    struct resolved resolved;
    assert_true(resolver_next_resolved(tree->resolver, &resolved));
    assert_int_equal(resolved.answer->rcode, RCODE_SERVFAIL);
}

static void test_octets_are_limited(void **state)
{
    (void)state;
    struct resolver_counts counts;
    begin();
    static uint8_t options[40000];
    bytes_put16(options + 2, sizeof options - 4);
    for (unsigned i = 0; i < 3; i++) {
        make_reply(i % 2 ? RCODE_FORMERR : FLAG_TC, 0, options, sizeof options);
        assert_int_equal(give(), REPLY_TAKEN);
        if (!resolver_next_ask(tree->resolver, &ask))
            break;
    }
    tree_run_until(tree, UINT64_MAX);
    resolver_count(tree->resolver, &counts);
    assert_int_equal(counts.tasks, 0);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
    assert_string_equal(tree->last.text, "too many octets of replies for one question");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        walk(test_mixed_letters_do_not_stay),    walk(test_bad_cookie),
        walk(test_another_cookie_is_suspect),    walk(test_badvers_is_asked_without_edns),
        walk(test_reply_to_an_ask_that_is_over), walk(test_nonsense_over_tcp),
        walk(test_truncated_over_tcp),           walk(test_octets_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

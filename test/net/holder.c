// Who has a port: the lines of /proc/net, what stands in whose way, and ourselves found.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/holder.h"

static struct address address(const char *text)
{
    struct address parsed;
    assert_true(address_parse(text, 53, &parsed));
    return parsed;
}

static void test_lines(void **state)
{
    (void)state;
    static const struct {
        const char *line, *address; // NULL: no such line
        unsigned state, user;
        uint64_t inode;
    } rows[] = {
        {"   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
         "timeout inode ref pointer drops",
         NULL, 0, 0, 0},
        {" 1234: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101       "
         " 0 18334 2 0000000000000000 0",
         "127.0.0.53:53", 7, 101, 18334},
        {"    0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0       "
         " 0 4294967299 1 0000000000000000 100 0 0 10 0",
         "0.0.0.0:8080", 10, 0, 4294967299},
        {"    5: 00000000000000000000000001000000:0277 00000000000000000000000000000000:0000 0A "
         "00000000:00000000 00:00000000 00000000     0        0 15555 1 0000000000000000 100 0 0",
         "[::1]:631", 10, 0, 15555},
        {"    6: 0000000000000000FFFF00000100007F:0035 00000000000000000000000000000000:0000 07 "
         "00000000:00000000 00:00000000 00000000     0        0 7 1 0000000000000000 0",
         "[::ffff:127.0.0.1]:53", 7, 0, 7},
        {"", NULL, 0, 0, 0},
        {" 0: 3500007F 00000000:0000 07 0:0 0:0 0 1 0 1", NULL, 0, 0, 0},
        {" 0: 3500007:0035 00000000:0000 07 0:0 0:0 0 1 0 1", NULL, 0, 0, 0},
        {" 0: 350000ZZ:0035 00000000:0000 07 0:0 0:0 0 1 0 1", NULL, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct holder_row row;
        bool good = holder_parse(rows[i].line, &row);
        assert_int_equal(good, rows[i].address != NULL);
        if (!good)
            continue;
        char text[ADDRESS_TEXT_MAX];
        address_print(&row.address, text);
        assert_string_equal(text, rows[i].address);
        assert_int_equal(row.state, rows[i].state);
        assert_int_equal(row.user, rows[i].user);
        assert_int_equal(row.inode, rows[i].inode);
    }
}

static void test_conflicts(void **state)
{
    (void)state;
    static const struct {
        const char *bound, *wanted;
        bool conflict;
    } rows[] = {
        {"127.0.0.1", "127.0.0.1", true},
        {"127.0.0.1", "127.0.0.2", false},
        {"127.0.0.1:54", "127.0.0.1:53", false},
        {"0.0.0.0", "127.0.0.1", true},
        {"127.0.0.1", "0.0.0.0", true},
        {"[::]", "127.0.0.1", true}, // perhaps both families
        {"[::]", "0.0.0.0", true},
        {"0.0.0.0", "[::]", false}, // ours is IPv6 only
        {"127.0.0.1", "[::1]", false},
        {"[::1]", "127.0.0.1", false},
        {"[::1]", "[::1]", true},
        {"[::]", "[::1]", true},
        {"[::1]", "[::]", true},
        {"[::ffff:127.0.0.1]", "127.0.0.1", true},
        {"[::ffff:127.0.0.1]", "127.0.0.2", false},
        {"[::ffff:127.0.0.1]", "0.0.0.0", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct address bound = address(rows[i].bound), wanted = address(rows[i].wanted);
        assert_int_equal(holder_conflicts(&bound, &wanted), rows[i].conflict);
    }
}

static void test_ourselves(void **state)
{
    (void)state;
    for (int stream = 0; stream < 2; stream++) {
        struct address bound = address("127.0.0.1:0");
        int fd = socket(AF_INET, stream ? SOCK_STREAM : SOCK_DGRAM, 0);
        assert_true(fd >= 0);
        assert_int_equal(bind(fd, &bound.any, bound.size), 0);
        if (stream)
            assert_int_equal(listen(fd, 1), 0);
        assert_int_equal(getsockname(fd, &bound.any, &bound.size), 0);
        struct stat status;
        assert_int_equal(fstat(fd, &status), 0);

        struct holder holder;
        assert_true(holder_find(&bound, stream, &(struct holder_own){0}, &holder));
        assert_int_equal(holder.inode, status.st_ino);
        assert_int_equal(holder.pid, getpid());
        assert_int_equal(holder.user, geteuid());
        assert_int_equal(strncmp(holder.name, "test_net_holder", 15), 0);
        uint64_t inode = status.st_ino;
        assert_false(holder_find(&bound, stream, &(struct holder_own){&inode, 1}, &holder));
        close(fd);
        assert_false(holder_find(&bound, stream, &(struct holder_own){0}, &holder));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_conflicts),
        cmocka_unit_test(test_ourselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

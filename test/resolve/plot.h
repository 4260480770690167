// The ground that the tests of whole walks stand on: a root, test., and zones below it.
#pragma once

#include "tree.h"

#define ROW(...) tree_add(tree, &(struct tree_row){__VA_ARGS__})

static struct tree *tree;

// . (192.0.2.1) -> test. (.2) -> example.test. (.3), other.test. (.4)
static inline void plant(void)
{
    ROW("192.0.2.1", "test.", 0, TREE_REFERS,
        {"au test. NS ns.nic.test.", "ad ns.nic.test. A 192.0.2.2"});
    ROW("192.0.2.2", "example.test.", 0, TREE_REFERS,
        {"au example.test. NS ns.example.test.", "ad ns.example.test. A 192.0.2.3"});
    ROW("192.0.2.2", "other.test.", 0, TREE_REFERS,
        {"au other.test. NS ns.other.test.", "ad ns.other.test. A 192.0.2.4"});
    ROW("192.0.2.3", "www.example.test.", TYPE_A, TREE_ANSWERS,
        {"an www.example.test. A 198.51.100.1"});
    ROW("192.0.2.3", "www.example.test.", TYPE_AAAA, TREE_ANSWERS,
        {"au example.test. SOA ns.example.test. h.example.test. 1 2 3 4 600"});
    ROW("192.0.2.4", "www.other.test.", TYPE_A, TREE_ANSWERS,
        {"an www.other.test. A 198.51.100.4"});
}

static inline int set_up_with(void **state, uint32_t stale_s)
{
    tree = calloc(1, sizeof *tree);
    assert_non_null(tree);
    tree_open(tree, stale_s);
    plant();
    *state = tree;
    return 0;
}

static inline int set_up(void **state)
{
    return set_up_with(state, 0);
}

static inline int tear_down(void **state)
{
    (void)state;
    tree_close(tree);
    free(tree);
    return 0;
}

#define walk(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

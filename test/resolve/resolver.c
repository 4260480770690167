// The whole resolver against a small internet (tree.h): walks, failures, attacks.
#include "tree.h"

#define ROW(...) tree_add(tree, &(struct tree_row){__VA_ARGS__})

static struct tree *tree;

// . -> test. (192.0.2.2) -> example.test. (192.0.2.3), and other.test. (192.0.2.4)
static void plant(void)
{
    ROW("192.0.2.1", "test.", 0, TREE_REFERS, {"au test. NS ns.nic.test.", "ad ns.nic.test. A 192.0.2.2"});
    ROW("192.0.2.2", "example.test.", 0, TREE_REFERS,
        {"au example.test. NS ns.example.test.", "ad ns.example.test. A 192.0.2.3"});
    ROW("192.0.2.2", "other.test.", 0, TREE_REFERS,
        {"au other.test. NS ns.other.test.", "ad ns.other.test. A 192.0.2.4"});
    ROW("192.0.2.3", "www.example.test.", TYPE_A, TREE_ANSWERS, {"an www.example.test. A 198.51.100.1"});
}

static int set_up(void **state)
{
    tree = calloc(1, sizeof *tree);
    tree_open(tree, 0);
    plant();
    *state = tree;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tree_close(tree);
    free(tree);
    return 0;
}

static void test_walks_from_root_to_leaf(void **state)
{
    (void)state;
    assert_int_equal(tree_resolve(tree, "www.example.test.", TYPE_A), 3);
    assert_answer(tree, "www.example.test. A 198.51.100.1");
    assert_int_equal(tree->last.reason, REASON_RESOLVED);
    assert_int_equal(tree_resolve(tree, "www.example.test.", TYPE_A), 0);
    assert_answer(tree, "www.example.test. A 198.51.100.1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_walks_from_root_to_leaf, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

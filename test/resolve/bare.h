// A resolver without a network, for tests of its parts.
#pragma once

#include "../dns/names.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/epoch.h"
#include "dns/type.h"
#include "resolve/machine.h"
#include "resolve/tasks.h"

static struct resolver *resolver;
static struct rules *rules;

static inline int bare_open(void **state)
{
    (void)state;
    struct cache_options cache = {
        .octets = 4 * 1024 * 1024, .max_ttl_s = 86400, .secret = test_secret};
    struct resolver_options options = {.secret = &test_secret};
    options.luck = (struct luck){.seeded = true, .dice = dice_seed(1)};
    epoch_join();
    options.cache = cache_open(&cache);
    options.servers = servers_open(64, &test_secret);
    resolver = resolver_open(&options);
    assert_non_null(resolver);
    resolver->now_us = 1000000000;
    rules = rules_make();
    rules->quiet = true;
    return 0;
}

static inline int bare_close(void **state)
{
    (void)state;
    struct resolver_options options = resolver->options;
    resolver_close(resolver);
    rules_release(rules);
    servers_close(options.servers);
    epoch_leave();
    cache_close(options.cache);
    return 0;
}

static inline struct task_question question_of(const char *name, uint16_t type)
{
    static struct name_key keys[8];
    static unsigned at;
    struct task_question question = {
        .rules = rules, .name = name_of(name), .type = type, .key = &keys[at++ % COUNT(keys)]};
    name_key_make(question.name, &test_secret, question.key);
    return question;
}

static inline struct task *task_of(const char *name, uint16_t type)
{
    struct task_question question = question_of(name, type);
    return tasks_make(resolver, &question);
}

static inline struct address address_of(const char *text)
{
    struct address address;
    assert_true(address_parse(text, 53, &address));
    return address;
}

#define bare(test) cmocka_unit_test_setup_teardown(test, bare_open, bare_close)

// The table of questions in flight: who walks, who waits, letters; and all of it from many threads.
#include "../dns/names.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/random.h"
#include "resolve/flights.h"

static struct rules *rules;

static struct flight flight_of(const char *name, unsigned worker, uint32_t number)
{
    return (struct flight){.hash = 77,
                           .name = name_of(name),
                           .rules = rules,
                           .type = 1,
                           .worker = (uint16_t)worker,
                           .slot = number + 100,
                           .number = number};
}

static void test_second_waits_for_first(void **state)
{
    (void)state;
    struct flights *flights = flights_make(3);
    struct flight_seat seats[FLIGHT_SEATS_MAX];
    struct flight a = flight_of("www.x.", 0, 1), b = flight_of("WWW.x.", 1, 2);
    struct flight c = flight_of("www.x.", 2, 3);
    assert_int_equal(flights_board(flights, &a), FLIGHT_WALKS);
    assert_int_equal(flights_wanted_until(flights, &a), 0);
    b.until_us = 500;
    c.until_us = 400;
    assert_int_equal(flights_board(flights, &b), FLIGHT_WAITS);
    assert_int_equal(flights_board(flights, &c), FLIGHT_WAITS);
    assert_int_equal(flights_wanted_until(flights, &a), 500);
    flights_leave(flights, &b);
    assert_int_equal(flights_wanted_until(flights, &a), 400);
    assert_int_equal(flights_land(flights, &a, seats), 1);
    assert_int_equal(seats[0].worker, 2);
    assert_int_equal(seats[0].slot, 103);
    assert_int_equal(seats[0].number, 3);
    flights_leave(flights, &c); // too late, and no harm
    assert_int_equal(flights_board(flights, &b), FLIGHT_WALKS);
    assert_int_equal(flights_land(flights, &b, seats), 0);
    flights_free(flights);
}

// Every part of a question counts, whatever its hash is.
static void test_other_questions_walk_themselves(void **state)
{
    (void)state;
    struct flights *flights = flights_make(2);
    struct flight_seat seats[FLIGHT_SEATS_MAX];
    struct rules *others = rules_make();
    static const uint8_t start[] = "one", other_start[] = "two";
    struct flight first = flight_of("www.x.", 0, 1), other[7];
    first.start = start;
    first.start_size = 3;
    assert_int_equal(flights_board(flights, &first), FLIGHT_WALKS);
    for (unsigned i = 0; i < 7; i++) {
        other[i] = flight_of("www.x.", 1, i);
        other[i].start = start;
        other[i].start_size = 3;
    }
    other[0].name = name_of("www.y.");
    other[1].type = 28;
    other[2].source = 1;
    other[3].flags = 4;
    other[4].rules = others;
    other[5].start = other_start;
    other[6].start = NULL;
    other[6].start_size = 0;
    for (unsigned i = 0; i < 7; i++)
        assert_int_equal(flights_board(flights, &other[i]), FLIGHT_WALKS);
    for (unsigned i = 0; i < 7; i++)
        assert_int_equal(flights_land(flights, &other[i], seats), 0);
    assert_int_equal(flights_land(flights, &first, seats), 0);
    rules_release(others);
    flights_free(flights);
}

static void test_letters(void **state)
{
    (void)state;
    struct flights *flights = flights_make(2);
    struct flight_seat seat = {.worker = 1, .slot = 5, .number = 6};
    static struct answer answer;
    answer_begin(&answer);
    assert_false(flights_has_letter(flights, 1));
    assert_null(flights_take(flights, 1));
    assert_true(flights_send(flights, &seat, parcel_make(&answer)));
    assert_true(flights_send(flights, &seat, NULL));
    assert_false(flights_has_letter(flights, 0));
    assert_true(flights_has_letter(flights, 1));
    struct flight_letter *letter = flights_take(flights, 1), *first = letter->next;
    assert_null(letter->parcel);
    assert_non_null(first->parcel);
    assert_null(first->next);
    assert_int_equal(first->slot, 5);
    assert_int_equal(first->number, 6);
    free(letter);
    free(first->parcel);
    free(first);
    assert_false(flights_has_letter(flights, 1));
    assert_true(flights_send(flights, &seat, parcel_make(&answer))); // never taken: not lost
    flights_free(flights);
}

// --- many threads --------------------------------------------------------------------------------

enum { WORKERS = 4, NAMES = 3, ROUNDS = 20000 };

struct crowd {
    struct flights *flights;
    atomic_uint walkers[NAMES]; // of a question at this moment: never two
    atomic_uint waits, letters, ended;
};
struct member {
    struct crowd *crowd;
    unsigned worker;
    pthread_t thread;
};

static void walk(struct member *member, struct flight *flight, unsigned which)
{
    struct crowd *crowd = member->crowd;
    struct flight_seat seats[FLIGHT_SEATS_MAX];
    static _Thread_local struct answer answer;
    if (atomic_fetch_add(&crowd->walkers[which], 1) != 0)
        abort();
    sched_yield();
    atomic_fetch_sub(&crowd->walkers[which], 1);
    unsigned count = flights_land(crowd->flights, flight, seats);
    answer_begin(&answer);
    for (unsigned i = 0; i < count; i++)
        if (!flights_send(crowd->flights, &seats[i], parcel_make(&answer)))
            abort();
}

static void await(struct member *member, uint32_t number)
{
    struct flight_letter *letter = NULL;
    while (!letter) {
        while (!flights_has_letter(member->crowd->flights, member->worker))
            sched_yield();
        letter = flights_take(member->crowd->flights, member->worker);
    }
    // One seat at a time: one letter, and it is the right one.
    if (letter->number != number || letter->next || !letter->parcel)
        abort();
    free(letter->parcel);
    free(letter);
    atomic_fetch_add(&member->crowd->letters, 1);
}

static void *live(void *argument)
{
    struct member *member = argument;
    static const char *const names[NAMES] = {"\1a", "\1b", "\1c"};
    struct dice dice = dice_seed(member->worker + 1);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        unsigned which = dice_roll(&dice) % NAMES;
        struct flight flight = {.hash = which,
                                .name = name_trust((const uint8_t *)names[which]),
                                .rules = rules,
                                .worker = (uint16_t)member->worker,
                                .number = round};
        if (flights_board(member->crowd->flights, &flight) == FLIGHT_WALKS) {
            walk(member, &flight, which);
        } else {
            atomic_fetch_add(&member->crowd->waits, 1);
            await(member, round);
        }
    }
    return NULL;
}

static void test_from_many_threads(void **state)
{
    (void)state;
    struct crowd crowd = {.flights = flights_make(WORKERS)};
    struct member members[WORKERS];
    for (unsigned i = 0; i < WORKERS; i++) {
        members[i] = (struct member){.crowd = &crowd, .worker = i};
        assert_int_equal(pthread_create(&members[i].thread, NULL, live, &members[i]), 0);
    }
    for (unsigned i = 0; i < WORKERS; i++)
        pthread_join(members[i].thread, NULL);
    assert_int_equal(crowd.waits, crowd.letters);
    assert_true(crowd.waits > 0);
    flights_free(crowd.flights);
}

static int set_up(void **state)
{
    (void)state;
    rules = rules_make();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rules_release(rules);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_second_waits_for_first),
        cmocka_unit_test(test_other_questions_walk_themselves),
        cmocka_unit_test(test_letters),
        cmocka_unit_test(test_from_many_threads),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

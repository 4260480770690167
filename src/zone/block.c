// Blocks (block.h).
//
// A shelf is one mapping with pieces of one size, so that the piece of a zone that was replaced
// fits the next one: whatever is reloaded in whatever order, no holes are left that nothing fits
// into.
//
//   shelf    [ head | struct block of each piece | piece | piece | piece ... ]
//   classes  [64] [128] .. [4096] [4608] .. [8192] [9216] ..     -> the shelves that have room
//
// What was never given out is never touched, so a shelf costs the pages that are used. A shelf
// whose last piece was released is unmapped. Lists and counts are under one lock, which is held for
// some instructions; pieces that are held are nobody's but their holders'.
//
// All of a shelf is in its mapping. Memory of the heap that only mapped pages point to is a leak in
// the eyes of LeakSanitizer, which does not look into those (test_shelf_is_no_leak).
#include "zone/block.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE_OCTETS      ((size_t)4096)
#define HUGE_PAGE_OCTETS ((size_t)2 * 1024 * 1024)
#define HUGE_FROM        (2 * HUGE_PAGE_OCTETS) // below, the rounding would cost more than it gives

#define PIECE_ALIGN ((size_t)64)   // a cache line: buckets of images are one
#define FINE_MAX    ((size_t)4096) // up to here there is a class for each 64 octets
#define FINE_COUNT  (FINE_MAX / PIECE_ALIGN)
#define STEPS       8 // classes for each doubling above: at most an eighth is lost
#define DOUBLINGS   6
#define CLASSES     (FINE_COUNT + STEPS * DOUBLINGS)
static_assert(FINE_MAX << DOUBLINGS == BLOCK_SHARED_MAX, "the last class is the largest piece");

// The first shelves of a class are small, as few zones should cost little address space; with more
// of them comes a look-up's miss of the TLB for nearly every zone, and huge pages.
#define SHELF_OCTETS       ((size_t)1024 * 1024)
#define SHELF_OCTETS_LATER HUGE_FROM
#define SHELVES_EARLY      4
static_assert(SHELF_OCTETS % PAGE_OCTETS == 0 && SHELF_OCTETS_LATER % PAGE_OCTETS == 0,
              "they are mapped as they are");
static_assert(SHELF_OCTETS >= 3 * BLOCK_SHARED_MAX, "a shelf has room for a few of the largest");

#define NO_PIECE UINT32_MAX

struct shelf {
    size_t size;                 // of the mapping
    struct shelf *next, *before; // of those that have room
    unsigned class;
    uint32_t held;       // pieces given out
    uint32_t fresh;      // pieces that ever were: those from here on are untouched
    uint32_t count;      // pieces in all
    uint32_t first_free; // of those that came back; NO_PIECE: none
    uint8_t *pieces;
    struct block blocks[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    struct shelf *roomy;
    size_t shelves;
} classes[CLASSES];

// --- pages ---------------------------------------------------------------------------------------

static uint8_t *map(size_t size)
{
    void *octets = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return octets == MAP_FAILED ? NULL : octets;
}

// More is mapped than wanted, and what stands before and behind the aligned part is given back.
static uint8_t *map_huge(size_t size)
{
    uint8_t *all = map(size + HUGE_PAGE_OCTETS);
    if (!all)
        return NULL;
    size_t before = -(uintptr_t)all & (HUGE_PAGE_OCTETS - 1);
    if (before)
        munmap(all, before);
    if (before < HUGE_PAGE_OCTETS)
        munmap(all + before + size, HUGE_PAGE_OCTETS - before);
    (void)madvise(all + before, size, MADV_HUGEPAGE); // without them it is only slower
    return all + before;
}

static uint8_t *map_pages(size_t size)
{
    return size >= HUGE_FROM ? map_huge(size) : map(size);
}

static size_t round_up(size_t size, size_t unit)
{
    return (size + unit - 1) & ~(unit - 1);
}

struct block *block_make(size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    struct block *block = calloc(1, sizeof *block);
    if (!block)
        return NULL;
    block->size = round_up(size ? size : 1, PAGE_OCTETS);
    block->octets = map_pages(block->size);
    if (!block->octets) {
        free(block);
        return NULL;
    }
    atomic_init(&block->holders, 1);
    return block;
}

void block_trim(struct block *block, size_t used)
{
    assert(used <= block->size);
    size_t kept = round_up(used ? used : 1, PAGE_OCTETS);
    if (block->shelf || kept >= block->size)
        return;
    munmap(block->octets + kept, block->size - kept);
    block->size = kept;
}

static void free_pages(struct block *block)
{
    munmap(block->octets, block->size);
    free(block);
}

// --- shelves -------------------------------------------------------------------------------------

static unsigned find_class(size_t size)
{
    if (size <= FINE_MAX)
        return size ? (unsigned)((size - 1) / PIECE_ALIGN) : 0;
    unsigned doubling = 0;
    while (size > FINE_MAX << (doubling + 1))
        doubling++;
    size_t base = FINE_MAX << doubling;
    return (unsigned)(FINE_COUNT + doubling * STEPS + (size - base - 1) / (base / STEPS));
}

static size_t measure_class(unsigned class)
{
    if (class < FINE_COUNT)
        return (class + 1) * PIECE_ALIGN;
    unsigned coarse = class - FINE_COUNT;
    size_t base = FINE_MAX << (coarse / STEPS);
    return base + base / STEPS * (coarse % STEPS + 1);
}

static void link_shelf(struct shelf *shelf)
{
    struct shelf **first = &classes[shelf->class].roomy;
    shelf->before = NULL;
    shelf->next = *first;
    if (*first)
        (*first)->before = shelf;
    *first = shelf;
}

static void unlink_shelf(struct shelf *shelf)
{
    if (shelf->before)
        shelf->before->next = shelf->next;
    else
        classes[shelf->class].roomy = shelf->next;
    if (shelf->next)
        shelf->next->before = shelf->before;
}

static struct shelf *add_shelf(unsigned class)
{
    bool early = classes[class].shelves < SHELVES_EARLY;
    size_t size = early ? SHELF_OCTETS : SHELF_OCTETS_LATER;
    uint8_t *octets = map_pages(size);
    if (!octets)
        return NULL;
    size_t piece = measure_class(class);
    size_t count = (size - sizeof(struct shelf) - PIECE_ALIGN) / (piece + sizeof(struct block));
    struct shelf *shelf = (struct shelf *)octets;
    *shelf = (struct shelf){
        .size = size,
        .class = class,
        .count = (uint32_t)count,
        .first_free = NO_PIECE,
        .pieces = octets + size - count * piece,
    };
    assert((uint8_t *)&shelf->blocks[count] <= shelf->pieces);
    assert((uintptr_t)shelf->pieces % PIECE_ALIGN == 0);
    classes[class].shelves++;
    link_shelf(shelf);
    return shelf;
}

static bool is_full(const struct shelf *shelf)
{
    return shelf->held == shelf->count;
}

static struct block *take_piece(struct shelf *shelf)
{
    uint32_t at = shelf->first_free;
    if (at != NO_PIECE)
        shelf->first_free = shelf->blocks[at].next_free;
    else
        at = shelf->fresh++;
    shelf->held++;
    if (is_full(shelf))
        unlink_shelf(shelf);
    size_t size = measure_class(shelf->class);
    struct block *block = &shelf->blocks[at];
    *block = (struct block){.size = size, .octets = shelf->pieces + at * size, .shelf = shelf};
    atomic_init(&block->holders, 1);
    return block;
}

uint8_t *block_share(size_t size, struct block **block)
{
    assert(size <= BLOCK_SHARED_MAX);
    unsigned class = find_class(size);
    pthread_mutex_lock(&lock);
    struct shelf *shelf = classes[class].roomy ? classes[class].roomy : add_shelf(class);
    *block = shelf ? take_piece(shelf) : NULL;
    pthread_mutex_unlock(&lock);
    return *block ? (*block)->octets : NULL;
}

// A shelf that was full goes to the front of the roomy ones, and is filled again before those that
// have more room: they may come to be empty.
static void put_back(struct block *block)
{
    struct shelf *shelf = block->shelf;
    pthread_mutex_lock(&lock);
    if (is_full(shelf))
        link_shelf(shelf);
    block->next_free = shelf->first_free;
    shelf->first_free = (uint32_t)(block - shelf->blocks);
    shelf->held--;
    if (shelf->held == 0) {
        unlink_shelf(shelf);
        classes[shelf->class].shelves--;
        munmap(shelf, shelf->size);
    }
    pthread_mutex_unlock(&lock);
}

// --- holders -------------------------------------------------------------------------------------

struct block *block_hold(struct block *block)
{
    atomic_fetch_add_explicit(&block->holders, 1, memory_order_relaxed);
    return block;
}

void block_release(struct block *block)
{
    if (!block || atomic_fetch_sub_explicit(&block->holders, 1, memory_order_acq_rel) != 1)
        return;
    if (block->shelf)
        put_back(block);
    else
        free_pages(block);
}

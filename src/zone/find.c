// Where a name stands in a zone (find.h). One look-up for a name that exists; one or two more for
// one that doesn't.
#include "zone/find.h"

#include <assert.h>

// The deepest node that exists above the name. Existence is monotone (image.h), so bisection
// between the apex, which exists, and the name, which doesn't, finds it: a name of 127 labels costs
// 7 look-ups. Names one label below the apex or below an existing parent are by far the most, so
// the parent is asked first.
static const struct node *closest_encloser(const struct image *image, const struct name_key *key)
{
    unsigned low = image->head->origin_labels, high = key->labels; // low exists, high doesn't
    const struct node *encloser = image->apex;
    for (unsigned middle = high - 1; high - low > 1; middle = (low + high) / 2) {
        const struct node *node = image_find(image, key, middle);
        if (node) {
            encloser = node;
            low = middle;
        } else {
            high = middle;
        }
    }
    return encloser;
}

// The cut or DNAME that stands at or above a node. A delegation wins over a DNAME at the same name:
// below a cut nothing is ours, and RFC 6672 2.3 allows the pair only at the apex.
static struct finding redirected(const struct image *image, const struct name_key *key,
                                 const struct node *at_or_below)
{
    const struct node *node = at_or_below;
    if (node->top < node->labels)
        node = image_find(image, key, node->top);
    assert(node);
    enum found found = node->flags & NODE_CUT ? FOUND_CUT : FOUND_DNAME;
    return (struct finding){.found = found, .node = node};
}

struct finding find_name(const struct image *image, const struct hash_key *secret,
                         const struct name_key *key)
{
    const struct node *node = image_find(image, key, key->labels);
    if (node) {
        if (node->top == NODE_NOT_BELOW)
            return (struct finding){.found = FOUND_NODE, .node = node};
        if (node->top < key->labels)
            return redirected(image, key, node);
        enum found found = node->flags & NODE_CUT ? FOUND_CUT : FOUND_NODE;
        return (struct finding){.found = found, .node = node};
    }
    const struct node *encloser = closest_encloser(image, key);
    if (encloser->top != NODE_NOT_BELOW)
        return redirected(image, key, encloser);
    struct finding finding = {.found = FOUND_NOTHING, .node = encloser, .encloser = encloser};
    if (encloser->flags & NODE_WILDCARD) {
        finding.node = image_find_wildcard(image, secret, key, encloser->labels);
        assert(finding.node);
        finding.found = FOUND_WILDCARD;
    }
    return finding;
}

// Walking through an image (walk.h).
#include "zone/walk.h"

#include "zone/chain.h"

static void enter(struct image_walk *walk, const struct node *node)
{
    walk->node = node;
    walk->rrsets_left = node->rrsets;
    walk->rrset = NULL;
    if (node->rrsets)
        walk->owner = node_name(walk->image, node, walk->storage);
}

void image_walk_begin(struct image_walk *walk, const struct image *image)
{
    walk->image = image;
    walk->hashed = false;
    walk->nodes_left = image->head->nodes - 1;
    enter(walk, image->apex);
}

// False: there is no node more.
static bool enter_next(struct image_walk *walk)
{
    const struct image_chain *chain = image_chain(walk->image);
    if (walk->nodes_left) {
        walk->nodes_left--;
        enter(walk, image_node_after(walk->node));
        return true;
    }
    if (walk->hashed || !chain || chain->nsec3s == 0)
        return false;
    walk->hashed = true;
    walk->nodes_left = chain->nsec3s - 1;
    enter(walk, image_node(walk->image, chain->first_nsec3));
    return true;
}

bool image_walk_next(struct image_walk *walk)
{
    while (walk->rrsets_left == 0)
        if (!enter_next(walk))
            return false;
    walk->rrset = walk->rrset ? node_next_rrset(walk->image, walk->node, walk->rrset)
                              : node_first_rrset(walk->image, walk->node);
    walk->rrsets_left--;
    return true;
}

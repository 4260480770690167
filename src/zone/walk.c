// Walking through an image (walk.h).
#include "zone/walk.h"

#include "zone/chain.h"
#include "zone/overlay.h"

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
    const struct image_chain *chain = image_chain(image);
    walk->image = image;
    walk->next = image_node(image, image->head->apex);
    walk->end = image_node(image, image->head->nodes_end);
    walk->over = 0;
    walk->hashed_left = chain ? chain->nsec3s : 0;
    walk->hashed = chain ? image_node(image, chain->first_nsec3) : NULL;
    walk->rrsets_left = 0;
    walk->rrset = NULL;
    walk->node = NULL;
}

static const struct node *take_built(struct image_walk *walk)
{
    const struct node *node = walk->next;
    walk->next = image_node_after(node);
    return node;
}

// The next name, of the overlay or of the image beneath; gone ones as well. NULL: there is no more.
static const struct node *take_name(struct image_walk *walk)
{
    const struct overlay *overlay = walk->image->overlay;
    if (overlay && walk->over < overlay->count) {
        const struct overlay_entry *entry = &overlay->order[walk->over];
        if (image_node(walk->image, entry->before) <= walk->next) {
            walk->over++;
            if (entry->same)
                (void)take_built(walk);
            return overlay_node(overlay, entry);
        }
    }
    return walk->next == walk->end ? NULL : take_built(walk);
}

// False: there is no node more.
static bool enter_next(struct image_walk *walk)
{
    const struct node *node = take_name(walk);
    if (!node && walk->hashed_left) {
        walk->hashed_left--;
        node = walk->hashed;
        walk->hashed = image_node_after(node);
    }
    if (!node)
        return false;
    enter(walk, node);
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

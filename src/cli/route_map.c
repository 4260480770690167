// The map of a routed name (route_map.h).
//
// What has a colour of its own is an area: a rule, or of a rule that gives the nearest address each
// address with a place. Countries refer to areas, and so does the legend.
#include "cli/route_map.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/memory.h"
#include "cli/members.h"
#include "cli/route_text.h"
#include "cli/svg.h"
#include "cli/world.h"
#include "policy/countries.h"

#define ROW        38 // units of the map
#define MARGIN     24
#define DOT        9
#define TEXT_MAX   120 // octets of a line
#define ITEMS_TOLD 6   // of a rule, in the legend
#define NAME_SHOWN 48  // octets of the name over the legend; there is room if all are a W
#define HUES       10

// In the style sheet below; the last one is for who is everybody else.
#define REST HUES

struct area {
    size_t rule;
    const json_t *item; // NULL: all of the rule's
    const json_t *countries;
    unsigned hue;
};

struct map {
    struct buffer *to;
    const json_t *routed, *route, *rules;
    struct area *areas;
    size_t count, room;
};

// --- areas ---------------------------------------------------------------------------------------

static void add_area(struct map *map, size_t rule, const json_t *item, const json_t *countries)
{
    map->areas = memory_grow(map->areas, &map->room, map->count + 1, sizeof *map->areas);
    bool rest = !item && rule > 0 && rule + 1 == json_array_size(map->rules);
    map->areas[map->count] =
        (struct area){rule, item, countries, rest ? REST : (unsigned)(map->count % HUES)};
    map->count++;
}

static void find_areas(struct map *map)
{
    size_t index, at;
    const json_t *rule, *item;
    json_array_foreach(map->rules, index, rule)
    {
        bool near = strcmp(text_of(rule, "choose"), "nearest") == 0;
        json_array_foreach(json_object_get(rule, "items"), at, item)
        {
            if (near && json_object_get(item, "countries"))
                add_area(map, index, item, json_object_get(item, "countries"));
        }
        if (!near)
            add_area(map, index, NULL, json_object_get(rule, "countries"));
    }
}

static const struct area *find_area(const struct map *map, const char *code)
{
    for (size_t i = 0; i < map->count; i++) {
        const json_t *country;
        size_t index;
        json_array_foreach(map->areas[i].countries, index, country)
        {
            const char *text = json_string_value(country);
            if (text && strcmp(text, code) == 0)
                return &map->areas[i];
        }
    }
    return NULL;
}

// "rule 1, country SG: 192.0.2.10, 192.0.2.11"
static void add_words(const struct map *map, const struct area *area, struct buffer *to)
{
    const json_t *item, *items = json_object_get(json_array_get(map->rules, area->rule), "items");
    size_t index;
    buffer_format(to, "rule %zu, ", area->rule + 1);
    route_text_where(map->rules, area->rule, to);
    buffer_add_text(to, area->item ? ", nearest: " : ": ");
    if (area->item) {
        buffer_add_text(to, text_of(area->item, "data"));
        return;
    }
    json_array_foreach(items, index, item)
    {
        if (index == ITEMS_TOLD) {
            buffer_format(to, " and %zu more", json_array_size(items) - index);
            break;
        }
        buffer_format(to, "%s%s", index ? ", " : "", text_of(item, "data"));
        if (json_object_get(item, "share"))
            buffer_format(to, " (%g %%)", number_of(item, "share"));
        if (strcmp(text_of(item, "health"), "down") == 0)
            buffer_add_text(to, " (down)");
    }
}

// --- the picture ---------------------------------------------------------------------------------

static void put_head(const struct map *map)
{
    unsigned height = WORLD_HEIGHT + 3 * MARGIN + ROW * (unsigned)(map->count + 2);
    buffer_format(map->to,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%u\" "
                  "viewBox=\"0 -%d %d %u\" role=\"img\" aria-labelledby=\"title desc\">\n<title "
                  "id=\"title\">Who gets what of ",
                  WORLD_WIDTH / 2, height / 2, MARGIN, WORLD_WIDTH, height);
    svg_text(map->to, text_of(map->routed, "name"), NAME_TEXT_MAX);
    buffer_format(map->to, " %s</title>\n<desc id=\"desc\">A map of the world. ",
                  text_of(map->route, "type"));
    for (size_t i = 0; i < map->count; i++) {
        struct buffer words = {0};
        size_t countries = json_array_size(map->areas[i].countries);
        add_words(map, &map->areas[i], &words);
        svg_text(map->to, buffer_text(&words), 4 * TEXT_MAX);
        buffer_format(map->to, " (%zu countr%s). ", countries, countries == 1 ? "y" : "ies");
        buffer_free(&words);
    }
    buffer_add_text(map->to, "</desc>\n");
}

// Hues that are told apart by those who see red and green as one, too (after Okabe and Ito, and
// Tol); in the dark the same ones, less bright.
static void put_style(struct buffer *to)
{
    static const char *const light[] = {"#0072b2", "#e69f00", "#009e73", "#cc79a7",
                                        "#56b4e9", "#d55e00", "#b8a800", "#882255",
                                        "#44aa99", "#7a5fb0", "#c3c9d0"};
    static const char *const dark[] = {"#3f9bd8", "#d6951a", "#21b088", "#c678a5",
                                       "#7cc3ee", "#e0702c", "#bdb02d", "#b4598a",
                                       "#5cc0b0", "#9d86d0", "#4a5360"};
    static_assert(sizeof light / sizeof light[0] == HUES + 1, "one for each, and for the rest");
    buffer_add_text(to, "<style>.ground{fill:#fff}text{font:24px sans-serif;fill:#1c2330}"
                        ".title{font-weight:bold;font-size:30px}.note{fill:#5a6472}"
                        ".land path,.land circle{stroke:#fff;stroke-width:1.5}"
                        ".dots circle{stroke:#1c2330;stroke-width:3}.none{fill:#eceff2}"
                        ".down circle{stroke:#c0392b}");
    for (unsigned i = 0; i <= HUES; i++)
        buffer_format(to, ".a%u{fill:%s}", i, light[i]);
    buffer_add_text(to, "@media(prefers-color-scheme:dark){.ground{fill:#12161c}"
                        "text{fill:#e6eaf0}.note{fill:#98a3b3}"
                        ".land path,.land circle{stroke:#12161c}"
                        ".dots circle{stroke:#fff}.none{fill:#262d36}"
                        ".down circle{stroke:#ff6b5b}");
    for (unsigned i = 0; i <= HUES; i++)
        buffer_format(to, ".a%u{fill:%s}", i, dark[i]);
    buffer_format(to,
                  "}</style>\n<rect class=\"ground\" y=\"-%d\" width=\"100%%\" "
                  "height=\"100%%\"/>\n",
                  MARGIN);
}

static void put_country(const struct map *map, const struct world_country *drawn)
{
    const struct country *country = countries_find(drawn->code);
    const struct area *area = find_area(map, drawn->code);
    struct buffer words = {0};
    char class[8] = "none";
    if (area) {
        snprintf(class, sizeof class, "a%u", area->hue);
        buffer_add_text(&words, ": ");
        add_words(map, area, &words);
    }
    struct world_spot spot = world_place((double)drawn->latitude, (double)drawn->longitude);
    if (*drawn->outline)
        buffer_format(map->to, "<path class=\"%s\" fill-rule=\"evenodd\" d=\"%s\"><title>", class,
                      drawn->outline);
    else
        buffer_format(map->to, "<circle class=\"%s\" cx=\"%.0f\" cy=\"%.0f\" r=\"6\"><title>",
                      class, spot.x, spot.y);
    svg_text(map->to, country ? country->name : drawn->code, TEXT_MAX);
    svg_text(map->to, buffer_text(&words), 4 * TEXT_MAX);
    buffer_format(map->to, "</title></%s>\n", *drawn->outline ? "path" : "circle");
    buffer_free(&words);
}

// Small ones last, so that nothing lies on them.
static void put_land(const struct map *map)
{
    buffer_add_text(map->to, "<g class=\"land\">\n");
    for (unsigned small = 0; small < 2; small++)
        for (size_t i = 0; i < world_country_count; i++)
            if ((*world_countries[i].outline == 0) == small)
                put_country(map, &world_countries[i]);
    buffer_add_text(map->to, "</g>\n");
}

static unsigned hue_of(const struct map *map, size_t rule, const json_t *item)
{
    for (size_t i = 0; i < map->count; i++)
        if (map->areas[i].rule == rule && (!map->areas[i].item || map->areas[i].item == item))
            return map->areas[i].hue;
    return REST;
}

static void put_dot(const struct map *map, size_t rule, const json_t *item, const json_t *at)
{
    struct world_spot spot = world_place(json_number_value(json_array_get(at, 0)),
                                         json_number_value(json_array_get(at, 1)));
    bool down = strcmp(text_of(item, "health"), "down") == 0;
    buffer_format(map->to, "<g%s><circle class=\"a%u\" cx=\"%.0f\" cy=\"%.0f\" r=\"%d\"><title>",
                  down ? " class=\"down\"" : "", hue_of(map, rule, item), spot.x, spot.y, DOT);
    svg_text(map->to, text_of(item, "data"), TEXT_MAX);
    if (down)
        buffer_add_text(map->to, " (down)");
    buffer_add_text(map->to, "</title></circle></g>\n");
}

static void put_dots(const struct map *map)
{
    size_t index, number;
    const json_t *rule, *item;
    buffer_add_text(map->to, "<g class=\"dots\">\n");
    json_array_foreach(map->rules, index, rule)
        json_array_foreach(json_object_get(rule, "items"), number, item)
    {
        const json_t *at = json_object_get(item, "at");
        if (json_array_size(at) == 2)
            put_dot(map, index, item, at);
    }
    buffer_add_text(map->to, "</g>\n");
}

static void put_line(const struct map *map, unsigned y, const char *class, const char *text)
{
    buffer_format(map->to, "<text class=\"%s\" x=\"%d\" y=\"%u\">", class,
                  strcmp(class, "title") == 0 ? MARGIN : MARGIN + 44, y);
    svg_text(map->to, text, TEXT_MAX);
    buffer_add_text(map->to, "</text>\n");
}

static void put_legend(const struct map *map)
{
    unsigned y = WORLD_HEIGHT + MARGIN + ROW;
    struct buffer words = {0};
    const char *name = text_of(map->routed, "name");
    buffer_format(&words, "%.*s%s %s", NAME_SHOWN, name, strlen(name) > NAME_SHOWN ? "..." : "",
                  text_of(map->route, "type"));
    if (*text_of(map->routed, "view"))
        buffer_format(&words, " in the view %s", text_of(map->routed, "view"));
    put_line(map, y, "title", buffer_text(&words));
    for (size_t i = 0; i < map->count; i++) {
        const struct area *area = &map->areas[i];
        buffer_clear(&words);
        y += ROW;
        buffer_format(map->to,
                      "<rect class=\"a%u\" x=\"%d\" y=\"%u\" width=\"28\" height=\"24\"/>\n",
                      area->hue, MARGIN, y - 20);
        add_words(map, area, &words);
        if (json_array_size(area->countries) == 0)
            buffer_add_text(&words, " (no whole country)");
        put_line(map, y, "entry", buffer_text(&words));
    }
    buffer_free(&words);
    put_line(map, y + ROW, "note",
             strcmp(text_of(map->routed, "health"), "server") == 0
                 ? "Health as the running server says. Map: Natural Earth."
                 : "Map: Natural Earth.");
}

void route_map(const json_t *routed, const json_t *route, struct buffer *to)
{
    struct map map = {
        .to = to, .routed = routed, .route = route, .rules = json_object_get(route, "rules")};
    find_areas(&map);
    put_head(&map);
    put_style(to);
    put_land(&map);
    put_dots(&map);
    put_legend(&map);
    buffer_add_text(to, "</svg>\n");
    free(map.areas);
}

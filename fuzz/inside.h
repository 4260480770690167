// A server inside a fuzz target: a few small zones in memory, asked packet by packet, and a judge
// of what it says.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "serve/serve.h"
#include "zone/records.h"
#include "zone/zone.h"

// Zones with a bit of everything at the apexes "x." and "y.x.", answered in full or minimally by
// turns. Made at the first call; the same one ever after.
const struct server *inside_server(bool minimal);

// A server of one zone, built from records that were sorted and checked. NULL: they make no image.
// The caller gives it back.
struct server *inside_make(const struct records *records);
// A server of one zone whose image it takes over, made with inside_key.
struct server *inside_serve(struct name origin, const struct image *image);
extern const struct hash_key inside_key;
void inside_free(struct server *server);

// Asks the server over both transports, in memory that ends where the packet's does, and judges the
// replies: none to what is no query; else ID, QR, opcode and question as they were, within the size
// that the client can take, and every record of it well-formed.
void inside_ask(const struct server *server, const uint8_t *octets, size_t size);

// Makes a query: header, question, and OPT if `payload` is not 0. `to` has room for 512 octets.
size_t inside_query(struct name name, uint16_t type, uint16_t payload, uint8_t to[static 512]);

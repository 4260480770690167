// `onym zone route`: what would be answered to a client somewhere, and by which rule.
#pragma once

struct arguments;

int command_zone_route(const struct arguments *arguments) __attribute__((nonnull));

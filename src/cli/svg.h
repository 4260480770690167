// Pieces that pictures in SVG share.
#pragma once

struct buffer;

// Adds text for an element or an attribute in quotes: what is XML's is written as XML wants it,
// control characters are '?', and after `most` octets there are three dots.
void svg_text(struct buffer *to, const char *text, unsigned most) __attribute__((nonnull));

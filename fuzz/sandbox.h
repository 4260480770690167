// No file is opened in here: fuzzed text names files, and what they hold is nobody's business.
//
// The linker puts sandbox.c in front of the calls (meson.build, --wrap). Between sandbox_close and
// sandbox_open they find nothing (SANDBOX_EMPTY), or end the target, because the code under test
// promised not to call them (SANDBOX_FORBIDDEN).
#pragma once

enum sandbox { SANDBOX_NONE, SANDBOX_EMPTY, SANDBOX_FORBIDDEN };

void sandbox_close(enum sandbox kind);
void sandbox_open(void);

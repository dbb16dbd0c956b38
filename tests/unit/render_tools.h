/* Every tool of the board, used on a desk of 120 x 60 px, by author 1, on page 1. */
#ifndef CK_TESTS_RENDER_TOOLS_H
#define CK_TESTS_RENDER_TOOLS_H

#include "support/board.h"

#include <stddef.h>

#define CK_TOOLS_WIDE  120
#define CK_TOOLS_HIGH  60
#define CK_TOOLS_IMAGE 7 /* which they want filled: ck_fill_image */
#define CK_TOOLS_DECK  9 /* and a page of this: ck_fill_deck */

#define CK_TOOLS_DECK_PAGE 2

typedef struct ck_tool {
    const char *name;
    void (*use)(ck_desk *d);
} ck_tool;

extern const ck_tool ck_tools[];
extern const size_t ck_tool_count;

#endif

/* The files of all images and decks that a board shows, to be saved with it. */
#ifndef DEMO_BOARD_PICTURES_H
#define DEMO_BOARD_PICTURES_H

#include "chalkrail/board_file.h"

typedef struct picture_list {
    chalk_board_asset *assets; /* with copies of their hashes and files */
    uint32_t count, room;
} picture_list;

/* Those that are here; what never came cannot be saved. NO_MEMORY; free the list all the same. */
int pictures_collect(chalk_session *session, picture_list *list);
void pictures_free(picture_list *list);

#endif

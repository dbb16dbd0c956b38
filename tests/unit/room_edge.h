/*
 * A small edge for tests of the room API: one room in memory behind a WebSocket on a loop of its
 * own, that can be told to refuse, to fall silent and to die. A token is "NAME.ROLE", such as
 * "li.4"; without one, the query says name and role as at an open edge.
 *
 * Thread: any; each function runs on the edge's loop and returns when it is done there.
 */
#ifndef CK_TESTS_ROOM_EDGE_H
#define CK_TESTS_ROOM_EDGE_H

#include "core/sequencer/sequencer.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct room_edge room_edge;

#define ROOM_EDGE_URL 64

/* NULL: defaults. `unix_us` of the config is how far its clock is ahead. Fails the test. */
room_edge *room_edge_open(const ck_sequencer_config *config);
void room_edge_close(room_edge **edge);
void room_edge_url(const room_edge *edge, char out[ROOM_EDGE_URL]); /* "ws://127.0.0.1:PORT" */

void room_edge_refuse(room_edge *edge, int http_status); /* newcomers; 0: lets them in */
void room_edge_cut(room_edge *edge);                     /* every connection, without a word */
void room_edge_hold(room_edge *edge, bool hold);         /* the store does not answer */
/* Who comes from now on is welcomed, and hears nothing more before this is taken back. */
void room_edge_dawdle(room_edge *edge, bool dawdles);
/* Dies, and comes back with what was stored. */
void room_edge_restart(room_edge *edge);
/* Tokens of who comes from now on, and new ones, are good for so long. 0: for ever. */
void room_edge_expire_in(room_edge *edge, uint64_t us);
void room_edge_stream(room_edge *edge, const char *name, enum ck_media media, bool on);
uint32_t room_edge_connections(room_edge *edge);
uint64_t room_edge_room_us(room_edge *edge);

#endif

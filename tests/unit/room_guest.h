/* Somebody in a room for tests of the API: a session of its own, and waiting for what comes. */
#ifndef CK_TESTS_ROOM_GUEST_H
#define CK_TESTS_ROOM_GUEST_H

#include "api_support.h"
#include "room_edge.h"

#include "chalkrail/chat.h"
#include "chalkrail/class.h"

typedef struct guest {
    api api;
    chalk_room_event event; /* the one taken last; its texts are copied: */
    char text[8192];
    uint32_t events; /* taken, ever */
} guest;

chalk_room_options guest_options(const char *url, const char *token);
/* Joins as token "NAME.ROLE" and is live; `change` may be NULL. */
void guest_join(guest *g, room_edge *edge, const char *token,
                void (*change)(chalk_room_options *options));
void guest_close(guest *g);

/* The next event of the room of that kind and, for HAPPENED and PAST, `what` (0: any). Others are
 * passed over; fails the test after ten seconds. */
const chalk_room_event *guest_wait(guest *g, uint32_t kind, uint32_t what);
/* How intent `id` was settled. */
uint32_t guest_settled(guest *g, chalk_intent_id id);
/* No event of that kind comes for so long. */
void guest_hears_nothing(guest *g, uint32_t kind, int ms);
chalk_event guest_state(guest *g, uint32_t state); /* CHALK_EVENT_ROOM */
chalk_room_info guest_info(guest *g);              /* at the head */
chalk_person_id guest_me(guest *g);

#endif

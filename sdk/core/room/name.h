/* What a room and a participant may be called. Pure; any thread. */
#ifndef CK_CORE_ROOM_NAME_H
#define CK_CORE_ROOM_NAME_H

#include <stdbool.h>

/* The rule that stands at CHALK_NAME_MAX (chalkrail/role.h). */
bool ck_name_is_valid(const char *text);

#endif

/*
 * What staff read about who sees and hears: "28 of 30 see slide 14, the oldest 1.1 s behind; 27
 * hear you; Li Wei: speaker muted". The figures are in the SUMMARY frame for whoever words it
 * otherwise. Pure functions; any thread.
 */
#ifndef CK_CORE_ROOM_SUMMARY_H
#define CK_CORE_ROOM_SUMMARY_H

#include "base/text.h"
#include "core/room/room.h"

#define CK_SUMMARY_NAMED 8u /* of those who do not hear or see, so many by name */

/* Takes the next number off a packed list (`deaf`, `blind`, `deaf_why`). False at its end. */
bool ck_summary_next(ck_bytes *packed, uint64_t *number);

/* `room`: staff's, for the names; who is not in it is "participant 7". A text that does not fit is
 * cut. Nobody has reported yet: "no reports". */
void ck_summary_text(const ck_wire_summary *summary, const ck_room *room, ck_text *out);

#endif

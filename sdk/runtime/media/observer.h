/*
 * A player that does not decode: tags or packets in, figures out (core/viewer). It owns no thread
 * and keeps no media, so a program can have thousands.
 *
 * Notices are those of a player, as far as they concern it: MEDIA, FIRST_PICTURE (the first key
 * frame came), FREEZE (told when the next media come, so that both its beginning and its end can be
 * late), BAD_CODEC.
 *
 * Thread: what is fed belongs to the loop's; figures and delays to any.
 */
#ifndef CK_MEDIA_OBSERVER_H
#define CK_MEDIA_OBSERVER_H

#include "runtime/media/player.h"

typedef struct ck_observer ck_observer;

/* Of the config `codecs`, `log` and `muted` are of no meaning. */
int ck_observer_create(const ck_player_config *config, ck_observer **out);
void ck_observer_destroy(ck_observer **o); /* nothing is fed any more */

void ck_observer_tag(ck_observer *o, ck_flv_tag *tag); /* takes the body's reference */
void ck_observer_packet(ck_observer *o, uint32_t media, const ck_packet *packet);
void ck_observer_discontinuity(ck_observer *o);
void ck_observer_close(ck_observer *o);

void ck_observer_set_delays(ck_observer *o, const ck_player_delays *delays);
void ck_observer_get_stats(ck_observer *o, ck_player_stats *stats);

#endif

/* What rooms did: counted as it happens, and taken from sequencers when they go. */
#include "base/check.h"
#include "edge/rooms_inside.h"

void ck_figures_add(ck_room_figures *figures, const ck_sequencer *sequencer)
{
    const ck_sequencer_stats s = ck_sequencer_get_stats(sequencer);
    figures->accepted += s.accepted;
    figures->repeated += s.repeated;
    figures->hidden += s.hidden;
    figures->snapshots += s.snapshots;
    figures->resumed += s.resumed;
    figures->flooded += s.flooded;
    figures->packed_from_bytes += s.packed_from_bytes;
    figures->packed_bytes += s.packed_bytes;
    figures->lanes_skipped += s.lanes_skipped;
    figures->slow_closed += s.slow_closed;
}

void ck_figures_sent(ck_room_figures *figures, ck_bytes frame)
{
    ck_wire_refused refused;
    if (frame.size == 0 || frame.data[0] >= CK_ROOM_FRAMES) {
        return;
    }
    figures->frames[frame.data[0]]++;
    figures->frame_bytes[frame.data[0]] += frame.size;
    if (frame.data[0] == CK_FRAME_REFUSED &&
        ck_wire_decode(&ck_type_refused, ck_bytes_of(frame.data + 1, frame.size - 1), &refused) ==
            CHALK_OK) {
        figures->refused_by[CK_MIN(refused.reason, CK_ROOM_REASONS - 1)]++;
    }
}

void ck_figures_set_people(ck_room_host *host, uint32_t people)
{
    host->rooms->past.people += people - host->people; /* modulo 2^32, also where it shrinks */
    host->people = people;
}

void ck_rooms_count(const ck_rooms *rooms, uint32_t *loaded, uint32_t *people)
{
    *loaded = rooms->past.rooms;
    *people = rooms->past.people;
}

void ck_rooms_get_figures(const ck_rooms *rooms, ck_room_figures *out)
{
    *out = rooms->past;
    out->connections = rooms->peer_count;
    ck_room_store_get_stats(rooms->store, &out->store);
    for (ck_list *at = rooms->hosts.next; at != &rooms->hosts; at = at->next) {
        const ck_room_host *host = CK_LIST_OWNER(at, ck_room_host, in_rooms);
        if (host->sequencer != NULL) {
            ck_figures_add(out, host->sequencer);
        }
    }
}

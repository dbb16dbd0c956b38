/* What is given up first when all lists together are too large. */
#include "edge/hub_state.h"

#include "chalkrail/errors.h"

static ck_hub_stream *fattest(const ck_hub *hub)
{
    ck_hub_stream *found = NULL;
    for (ck_list *at = hub->streams.next; at != &hub->streams; at = at->next) {
        ck_hub_stream *s = CK_LIST_OWNER(at, ck_hub_stream, in_streams);
        if (found == NULL || s->bytes > found->bytes) {
            found = s;
        }
    }
    return found;
}

/* The reader that stands furthest back, before `limit`; NULL when none does. */
static ck_hub_reader *slowest(const ck_hub_stream *s, uint64_t limit)
{
    ck_hub_reader *found = NULL;
    for (ck_list *at = s->readers.next; at != &s->readers; at = at->next) {
        ck_hub_reader *r = CK_LIST_OWNER(at, ck_hub_reader, in_stream);
        if (r->cursor < limit) {
            found = r;
            limit = r->cursor;
        }
    }
    return found;
}

/* One step, the least harmful first: a reader that pins what nobody else needs is moved; newcomers
 * of this stream wait for a key frame; readers inside the GOP are moved. */
static bool shed_step(ck_hub_stream *s, uint64_t now_us)
{
    ck_hub_reader *r = s->gop_seq != 0 ? slowest(s, s->gop_seq) : NULL;
    if (r != NULL) {
        ck_hub_reader_skip(r, now_us);
        return true;
    }
    if (s->gop_seq != 0) {
        s->gop_seq = 0;
        ck_hub_list_trim(s);
        return true;
    }
    r = slowest(s, s->end_seq);
    if (r != NULL) {
        ck_hub_reader_skip(r, now_us);
        return true;
    }
    return false;
}

int ck_hub_shed(ck_hub *hub, uint64_t now_us)
{
    while (hub->stats.memory_bytes > hub->config.memory_max) {
        ck_hub_stream *s = fattest(hub);
        if (s == NULL || !shed_step(s, now_us)) {
            return CHALK_ERR_NO_MEMORY;
        }
    }
    return CHALK_OK;
}

/* Who publishes is part of a room's state: the hub knows it, the sequencer is told. */
#include "base/text.h"
#include "edge/rooms_inside.h"

#include <string.h>

static void tell(ck_room_host *host, const ck_room_stream *stream, bool on)
{
    ck_sequencer_stream(host->sequencer, ck_bytes_of(stream->name, strlen(stream->name)),
                        stream->kind == CK_KIND_SCREEN ? CK_MEDIA_SCREEN : CK_MEDIA_CAMERA, on,
                        ck_edge_now(host->rooms->edge));
}

static ck_room_stream *find_told(ck_room_host *host, const ck_stream_name *name)
{
    for (uint32_t i = 0; i < host->told_count; i++) {
        ck_room_stream *stream = &host->told[i];
        if (stream->kind == name->kind && strcmp(stream->name, name->name) == 0) {
            return stream;
        }
    }
    return NULL;
}

/* Who is not enrolled yet is told of when that has happened. */
static void tell_new(ck_room_host *host, const ck_stream_name *name)
{
    const ck_room *room = ck_sequencer_room(host->sequencer);
    ck_room_stream *stream = find_told(host, name);
    if (stream != NULL) {
        stream->seen = true;
        return;
    }
    bool enrolled = ck_room_find_name(room, ck_bytes_of(name->name, strlen(name->name))) != NULL;
    if (!enrolled || host->told_count == CK_ROOM_STREAMS) {
        return;
    }
    stream = &host->told[host->told_count++];
    stream->kind = name->kind;
    stream->seen = true;
    (void)ck_text_copy(stream->name, sizeof stream->name, name->name); /* the same size */
    tell(host, stream, true);
}

static void tell_ended(ck_room_host *host)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < host->told_count; i++) {
        if (host->told[i].seen) {
            host->told[kept++] = host->told[i];
        } else {
            tell(host, &host->told[i], false);
        }
    }
    host->told_count = kept;
}

void ck_host_tell_streams(ck_room_host *host)
{
    const uint32_t people = ck_sequencer_room(host->sequencer)->person_count;
    const uint64_t changes = ck_hub_changes(host->rooms->edge->hub);
    if (people == host->told_people && changes == host->told_changes) {
        return;
    }
    host->told_people = people;
    host->told_changes = changes;
    for (uint32_t i = 0; i < host->told_count; i++) {
        host->told[i].seen = false;
    }
    const ck_hub_stream *at = NULL;
    while (ck_hub_next_stream(host->rooms->edge->hub, &at)) {
        ck_hub_info info;
        ck_hub_stream_info(at, ck_edge_now(host->rooms->edge), &info);
        if (strcmp(info.name->room, host->name) == 0) {
            tell_new(host, info.name);
        }
    }
    tell_ended(host);
}

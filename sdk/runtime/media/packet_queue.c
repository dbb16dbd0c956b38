#include "runtime/media/packet_queue.h"

#include "chalkrail/errors.h"

#include "runtime/os/os.h"

typedef struct item {
    uint32_t media;
    ck_packet packet;
} item;

int ck_packet_queue_init(ck_packet_queue *q, size_t packets_max, size_t bytes_max)
{
    *q = (ck_packet_queue){.packets_max = packets_max, .bytes_max = bytes_max};
    return ck_ring_init(&q->ring, &ck_heap, sizeof(item), packets_max + CK_PACKET_QUEUE_CONFIGS);
}

void ck_packet_queue_free(ck_packet_queue *q)
{
    ck_packet_queue_clear(q);
    ck_ring_free(&q->ring);
}

static bool fits(const ck_packet_queue *q, const ck_packet *packet)
{
    return packet->config || (q->ring.count < q->packets_max && q->bytes < q->bytes_max &&
                              packet->payload.size <= q->bytes_max - q->bytes);
}

bool ck_packet_queue_put(ck_packet_queue *q, uint32_t media, const ck_packet *packet)
{
    bool picture = media == CHALK_MEDIA_VIDEO && !packet->config;
    bool useful = !picture || packet->key || !q->need_key;
    bool put = false;
    if (useful && fits(q, packet)) {
        item it = {media, ck_packet_ref(packet)};
        put = ck_ring_push(&q->ring, &it);
        if (!put) {
            ck_packet_unref(&it.packet);
        }
    }
    q->bytes += put ? packet->payload.size : 0;
    q->dropped += !put;
    q->need_key = picture ? !put : q->need_key;
    return put;
}

bool ck_packet_queue_take(ck_packet_queue *q, uint32_t *media, ck_packet *out)
{
    item it;
    if (!ck_ring_pop(&q->ring, &it)) {
        return false;
    }
    q->bytes -= it.packet.payload.size;
    *media = it.media;
    *out = it.packet;
    return true;
}

const ck_packet *ck_packet_queue_first(const ck_packet_queue *q)
{
    const item *oldest = ck_ring_at(&q->ring, 0);
    return oldest != NULL ? &oldest->packet : NULL;
}

void ck_packet_queue_clear(ck_packet_queue *q)
{
    uint32_t media;
    ck_packet packet;
    while (ck_packet_queue_take(q, &media, &packet)) {
        ck_packet_unref(&packet);
        q->dropped++;
    }
}

#include "runtime/media/packet.h"

#include <string.h>

ck_packet ck_packet_ref(const ck_packet *packet)
{
    ck_packet copy = *packet;
    copy.payload = ck_slice_ref(packet->payload);
    return copy;
}

void ck_packet_unref(ck_packet *packet)
{
    ck_slice_unref(&packet->payload);
    memset(packet, 0, sizeof(*packet));
}

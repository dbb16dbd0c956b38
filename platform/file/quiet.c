#include "platform/file/quiet.h"

#include <stddef.h>
#include <string.h>

void ck_av_quiet_container(AVFormatContext *container, AVClass *own)
{
    const int offset = CK_AV_SILENT;
    *own = *container->av_class;
    own->log_level_offset_offset = (int)offsetof(AVFormatContext, opaque);
    container->av_class = own;
    memcpy(&container->opaque, &offset, sizeof offset);
}

#include "codec/av.h"

#include <errno.h>

#include "chalkrail/errors.h"

int ck_av_status(int averror, int otherwise)
{
    switch (averror) {
    case AVERROR(EAGAIN):
        return CHALK_ERR_AGAIN;
    case AVERROR_EOF:
        return CHALK_ERR_END;
    case AVERROR(ENOMEM):
        return CHALK_ERR_NO_MEMORY;
    case AVERROR_INVALIDDATA:
        return CHALK_ERR_BAD_DATA;
    case AVERROR(ENOSPC):
#ifdef EDQUOT /* a quota; Windows has none */
    case AVERROR(EDQUOT):
#endif
        return CHALK_ERR_NO_SPACE;
    case AVERROR(EACCES):
    case AVERROR(EPERM):
    case AVERROR(EROFS):
        return CHALK_ERR_NO_PERMISSION;
    case AVERROR(EIO):
    case AVERROR(ENOENT):
    case AVERROR(EISDIR):
        return CHALK_ERR_IO;
    default:
        return averror >= 0 ? CHALK_OK : otherwise;
    }
}

void ck_av_log(const ck_log *log, int level, const char *what, const char *failed, int averror)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "";
    if (av_strerror(averror, text, sizeof(text)) < 0) {
        text[0] = '\0';
    }
    ck_logf(log, level, "codec", "%s: %s: %s", what, failed, text);
}

AVCodecContext *ck_av_context(const AVCodec *codec)
{
    AVCodecContext *context = avcodec_alloc_context3(codec);
    if (context != NULL) {
        context->log_level_offset = CK_AV_SILENT;
    }
    return context;
}

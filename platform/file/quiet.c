#include "platform/file/quiet.h"

#include <libavutil/log.h>
#include <uv.h>

static uv_once_t installed = UV_ONCE_INIT;
static _Thread_local int depth;

static void filter(void *context, int level, const char *format, va_list args)
{
    if (depth == 0) {
        av_log_default_callback(context, level, format, args);
    }
}

static void install(void)
{
    av_log_set_callback(filter);
}

void ck_av_quiet_begin(void)
{
    uv_once(&installed, install);
    depth++;
}

void ck_av_quiet_end(void)
{
    depth--;
}

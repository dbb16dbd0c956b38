#include "runtime/os/os.h"

#include <stdarg.h>
#include <stdio.h>

#define LINE_MAX_BYTES 512 /* with the terminator */

void ck_logf(const ck_log *log, int level, const char *module, const char *format, ...)
{
    if (log == NULL || log->line == NULL || level > log->level) {
        return;
    }
    char text[LINE_MAX_BYTES];
    va_list args;
    va_start(args, format);
    /* clang-tidy 14 forgets va_start when it was given another file before this one. */
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
    int used = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (used >= 0) {
        log->line(log->user, level, module, text);
    }
}

#include "cli/files.h"

#include <sys/resource.h>

#define FILES_UNKNOWN 1024u /* what most systems give */

uint64_t cli_raise_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) < 0) {
        return FILES_UNKNOWN;
    }
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files); /* what it is then, is asked */
    (void)getrlimit(RLIMIT_NOFILE, &files);
    return files.rlim_cur;
}

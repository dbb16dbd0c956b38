/* Linux: pthread_setname_np is an extension of the GNU C library. */
#define _GNU_SOURCE
#include "runtime/os/os.h"

#include "base/text.h"

#include <pthread.h>

#define KERNEL_NAME_SIZE 16 /* TASK_COMM_LEN, with the terminator */

void ck_thread_name(const char *name)
{
    char kept[KERNEL_NAME_SIZE];
    ck_text_copy(kept, sizeof kept, name);
    /* A name is a convenience: a thread without one works as well. */
    (void)pthread_setname_np(pthread_self(), kept);
}

void ck_thread_detach_self(void)
{
    (void)pthread_detach(pthread_self()); /* fails for a thread that was detached before alone */
}

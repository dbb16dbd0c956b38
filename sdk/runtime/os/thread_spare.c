#include "chalkrail/errors.h"
#include "runtime/os/os.h"

#include <stdbool.h>
#include <stdlib.h>
#include <uv.h>

#define POOL_USUAL 4    /* of libuv, unless UV_THREADPOOL_SIZE says otherwise */
#define POOL_MAX   1024 /* the most that libuv makes, whatever is said */

static void wait_for_end(void *arg)
{
    uv_sem_wait(arg);
}

static size_t pool_size(void)
{
    char text[16];
    size_t size = sizeof text;
    unsigned long wanted = POOL_USUAL;
    if (uv_os_getenv("UV_THREADPOOL_SIZE", text, &size) == 0) {
        wanted = strtoul(text, NULL, 10);
    }
    return wanted < 1 ? 1 : wanted > POOL_MAX ? POOL_MAX : (size_t)wanted;
}

int ck_threads_spare(void)
{
    uv_thread_t threads[POOL_MAX];
    uv_sem_t end;
    size_t wanted = pool_size(), made = 0;
    if (uv_sem_init(&end, 0) < 0) {
        return CHALK_ERR_LIMIT;
    }
    while (made < wanted && uv_thread_create(&threads[made], wait_for_end, &end) == 0) {
        made++;
    }
    for (size_t i = 0; i < made; i++) {
        uv_sem_post(&end);
    }
    for (size_t i = 0; i < made; i++) {
        (void)uv_thread_join(&threads[i]);
    }
    uv_sem_destroy(&end);
    return made == wanted ? CHALK_OK : CHALK_ERR_LIMIT;
}

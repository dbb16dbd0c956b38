/* Pointers of people who say anything: what is seen is bounded, and lies in its picture. */
#include "core/pointer/pointers.h"

#include "base/check.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *resize(void *user, void *memory, size_t size)
{
    (void)user;
    if (size == 0) {
        free(memory);
        return NULL;
    }
    return realloc(memory, size);
}

static void look(const ck_pointers *p, uint64_t author, uint64_t now_us)
{
    ck_pointers_seen seen;
    if (!ck_pointers_at(p, author, now_us, &seen)) {
        return;
    }
    const ck_shape *s = seen.shape;
    uint32_t sum = 0;
    for (size_t i = 0; i < (size_t)s->width * s->height * 4; i++) {
        sum += s->bgra[i];
    }
    bool sane = s->width <= CK_SHAPE_SIDE_MAX && s->height <= CK_SHAPE_SIDE_MAX && s->scale >= 1 &&
                s->scale <= 8 && s->picture_width <= 16384 && seen.x >= 0 && seen.x < 16384 &&
                seen.y >= 0 && seen.y < 16384;
    if (!sane || sum == UINT32_MAX) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ck_alloc heap = {resize, NULL};
    ck_pointers p;
    ck_reader in = ck_reader_of(data, size);
    uint64_t now_us = 1;
    ck_pointers_init(&p, &heap);
    while (ck_reader_left(&in) > 4) {
        uint8_t head = ck_read_u8(&in);
        size_t bytes = CK_MIN(ck_read_be16(&in), ck_reader_left(&in));
        uint64_t author = 1 + head / 16 % 6;
        now_us += (uint64_t)ck_read_u8(&in) << 10;
        bytes = CK_MIN(bytes, ck_reader_left(&in));
        (void)ck_pointers_feed(&p, author, CK_SPOT_KEYS_SHARE + head % 8u,
                               ck_bytes_of(ck_read_bytes(&in, bytes), bytes), now_us);
        look(&p, author, now_us + head);
        look(&p, 0, now_us);
    }
    ck_pointers_free(&p);
    return 0;
}

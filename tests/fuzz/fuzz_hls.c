/*
 * A server that answers anything. The input is the answers, each ended by a zero byte; the byte
 * before it also says how the request ends and how much time passes.
 */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/m3u8/hls.h"
#include "support/alloc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void answer(ck_hls *h, uint32_t id, const uint8_t *data, size_t size, uint64_t now_us)
{
    static const int ends[] = {
        0, 0, 0, 0, CHALK_ERR_NO_STREAM, CHALK_ERR_DISCONNECTED, CHALK_ERR_BAD_DATA, 0};
    uint8_t how = size > 0 ? data[size - 1] : 0;
    ck_hls_feed(h, id, data, size, now_us);
    ck_hls_done(h, id, ends[how & 7], "said", NULL, now_us);
    ck_hls_buffered(h, (uint64_t)(how >> 3) * 1000000);
}

static bool step(ck_hls *h, const uint8_t **at, const uint8_t *end, uint64_t *now_us)
{
    ck_hls_get get;
    if (ck_hls_poll_output(h, &get, *now_us)) {
        const uint8_t *zero = memchr(*at, 0, (size_t)(end - *at));
        size_t size = zero != NULL ? (size_t)(zero - *at) : (size_t)(end - *at);
        bool range = get.range.given && get.range.offset > UINT64_MAX - get.range.length;
        if (get.url->host[0] == '\0' || range) {
            abort();
        }
        answer(h, get.id, *at, size, *now_us);
        *at += size + (zero != NULL);
        return *at < end;
    }
    uint64_t due_us = ck_hls_next_deadline(h);
    if (due_us == CK_NEVER) {
        ck_hls_buffered(h, 0); /* all was played */
        return ck_hls_poll_output(h, &get, *now_us);
    }
    *now_us = CK_MAX(due_us, *now_us);
    ck_hls_on_deadline(h, *now_us);
    if (ck_hls_next_deadline(h) == due_us && !ck_hls_poll_output(h, &get, *now_us)) {
        abort(); /* a deadline that does nothing comes again and again */
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ck_url url;
    ck_hls *h = NULL;
    ck_hls_event event;
    uint64_t now_us = 1000000;
    uint32_t id;
    if (size == 0 || ck_url_parse(&url, "https://host/a/b.m3u8") != CHALK_OK) {
        return 0;
    }
    const ck_hls_config config = {.alloc = &ck_test_heap, .url = &url};
    if (ck_hls_init(&h, &config, now_us) != CHALK_OK) {
        return 0;
    }
    const uint8_t *at = data;
    for (int i = 0; i < 2000 && step(h, &at, data + size, &now_us); i++) {
        (void)ck_hls_poll_abandoned(h, &id);
        while (ck_hls_poll_event(h, &event)) {
            if (memchr(event.text, 0, sizeof event.text) == NULL) {
                abort();
            }
        }
    }
    ck_hls_free(&h);
    return 0;
}

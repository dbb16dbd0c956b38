#include "board/load.h"

#include "cli/clock.h"
#include "cli/stop.h"

#include <string.h>

#define LOAD_US    30000000 /* for a page; what has not come by then is not painted */
#define TURN_MS    2
#define PASSES_MAX 16 /* each has the pictures that those before brought */
#define SHARP_PRINT                                                                                \
    2.0 /* pixels for a px, of decks in documents: paper shows more than screens                   \
         */

int page_loader_open(page_loader *l, chalk_session *session, uint32_t format)
{
    *l = (page_loader){.session = session, .decks = decks_new(session)};
    if (l->decks == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (format != CHALK_EXPORT_PNG) {
        decks_sharpen(l->decks, SHARP_PRINT);
    }
    return chalk_canvas_create(session, CHALK_VIEW_HEAD, &l->canvas);
}

void page_loader_close(page_loader *l)
{
    chalk_canvas_destroy(&l->canvas);
    decks_free(&l->decks);
}

static int ignore(const uint8_t *data, size_t size, void *user)
{
    (void)data;
    (void)size;
    (void)user;
    return CHALK_OK;
}

/* Painted for nothing, so that it is known what is wanted. */
static int try(const page_loader *l, uint32_t page)
{
    chalk_board_export_options options;
    chalk_board_export_options_init(&options);
    options.format = CHALK_EXPORT_SVG;
    options.page = page;
    options.images = l->canvas;
    int status = chalk_board_export(l->session, CHALK_VIEW_HEAD, &options, ignore, NULL);
    return status == CHALK_ERR_NOT_FOUND ? CHALK_OK : status; /* its picture may still come */
}

static bool is_loading(const page_loader *l, const uint8_t *hash)
{
    chalk_asset_info info = {.struct_size = sizeof info};
    return chalk_asset_get_info(l->session, hash, &info) == CHALK_OK &&
           info.state == CHALK_ASSET_LOADING;
}

/* Whether a file that is wanted is on its way here. */
static bool awaits_file(const page_loader *l)
{
    uint8_t hash[CHALK_BOARD_HASH];
    chalk_canvas_page page = {.struct_size = sizeof page};
    bool awaits = false;
    for (uint32_t i = 0; !awaits && chalk_canvas_wanted_image(l->canvas, i, hash) == CHALK_OK;
         i++) {
        awaits = is_loading(l, hash);
    }
    for (uint32_t i = 0; !awaits && chalk_canvas_wanted_page(l->canvas, i, &page) == CHALK_OK;
         i++) {
        awaits = is_loading(l, page.hash);
    }
    return awaits;
}

/* Takes what is wanted as far as it can be had. *some: anything came. */
static int take_wanted(page_loader *l, uint64_t until_us, bool *some)
{
    static uint8_t pixel[4];
    bool busy = true;
    *some = false;
    for (bool last = false; busy || !last; *some = *some || busy) {
        uint32_t more = 0;
        last = !busy; /* what came at last is taken, too */
        int status = chalk_canvas_paint(l->canvas, 0, pixel, sizeof pixel, &more);
        if (status < 0 || cli_interrupted()) {
            return status < 0 ? status : CHALK_ERR_CANCELLED;
        }
        bool renders = decks_run(l->decks, l->canvas) == CHALK_ERR_AGAIN;
        busy = (more != 0 || renders || awaits_file(l)) && cli_now_us() < until_us;
        cli_wait(busy ? TURN_MS : 0);
    }
    return CHALK_OK;
}

int page_loader_begin(uint32_t page, void *loader)
{
    page_loader *l = loader;
    const chalk_canvas_view view = {
        .struct_size = sizeof view, .page = page, .wide = 1, .high = 1, .zoom = 1.0};
    uint64_t until_us = cli_now_us() + LOAD_US;
    bool some = true;
    int status = chalk_canvas_set_view(l->canvas, &view);
    for (int pass = 0; status == CHALK_OK && some && pass < PASSES_MAX; pass++) {
        status = try(l, page);
        if (status == CHALK_OK) {
            status = take_wanted(l, until_us, &some);
        }
    }
    return status;
}

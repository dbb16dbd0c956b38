#include "board/pictures.h"

#include "chalkrail/asset.h"
#include "chalkrail/board_view.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void pictures_free(picture_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        free((void *)(uintptr_t)list->assets[i].hash); /* its file stands behind it */
    }
    free(list->assets);
    *list = (picture_list){0};
}

static bool has(const picture_list *list, const uint8_t *hash)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (memcmp(list->assets[i].hash, hash, CHALK_BOARD_HASH) == 0) {
            return true;
        }
    }
    return false;
}

static bool make_room(picture_list *list)
{
    if (list->count < list->room) {
        return true;
    }
    uint32_t room = list->room > 0 ? 2 * list->room : 16;
    chalk_board_asset *grown = realloc(list->assets, room * sizeof *grown);
    list->assets = grown != NULL ? grown : list->assets;
    list->room = grown != NULL ? room : list->room;
    return grown != NULL;
}

static int add(chalk_session *session, picture_list *list, const uint8_t *hash)
{
    size_t size = 0;
    if (list->count == CHALK_BOARD_ASSETS_MAX || has(list, hash) ||
        chalk_asset_read(session, hash, NULL, 0, &size) == CHALK_ERR_NOT_FOUND) {
        return CHALK_OK;
    }
    uint8_t *copy = make_room(list) ? malloc(CHALK_BOARD_HASH + size) : NULL;
    if (copy == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    memcpy(copy, hash, CHALK_BOARD_HASH);
    if (chalk_asset_read(session, hash, copy + CHALK_BOARD_HASH, size, &size) != CHALK_OK) {
        free(copy); /* it has gone meanwhile */
        return CHALK_OK;
    }
    list->assets[list->count++] = (chalk_board_asset){copy, copy + CHALK_BOARD_HASH, size};
    return CHALK_OK;
}

static int add_of_page(chalk_session *session, picture_list *list, const chalk_board_page *page)
{
    chalk_board_watch *watch = NULL;
    chalk_board_change change;
    chalk_board_object o = {.struct_size = sizeof o};
    int status = CHALK_OK;
    if (page->background.kind >= CHALK_GROUND_IMAGE) {
        status = add(session, list, page->background.hash);
    }
    if (status == CHALK_OK) {
        status = chalk_board_watch_create(session, CHALK_VIEW_HEAD, page->number, &watch);
    }
    while (status == CHALK_OK && chalk_board_watch_next(watch, &change) == CHALK_OK) {
        if (chalk_board_get_object(session, CHALK_VIEW_HEAD, change.object, &o) == CHALK_OK &&
            o.kind == CHALK_BOARD_IMAGE) {
            status = add(session, list, o.hash);
        }
    }
    chalk_board_watch_destroy(&watch);
    return status;
}

int pictures_collect(chalk_session *session, picture_list *list)
{
    chalk_board_page page = {.struct_size = sizeof page};
    int status = CHALK_OK;
    for (uint32_t i = 0;
         status == CHALK_OK && chalk_board_get_page(session, CHALK_VIEW_HEAD, i, &page) == CHALK_OK;
         i++) {
        status = add_of_page(session, list, &page);
    }
    return status;
}

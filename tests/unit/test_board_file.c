/* A board without an edge, and boards as files. */
#include "room_guest.h"

#include "chalkrail/board_file.h"
#include "chalkrail/board_view.h"
#include "support/check.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX 65536
#define NOTE     "\xe4\xbd\xa0\xe5\xa5\xbd\n2"

typedef struct file {
    uint8_t data[FILE_MAX];
    size_t size;
} file;

static int keep(const uint8_t *data, size_t size, void *user)
{
    file *f = user;
    if (size > sizeof f->data - f->size) {
        return CHALK_ERR_NO_SPACE;
    }
    memcpy(f->data + f->size, data, size);
    f->size += size;
    return CHALK_OK;
}

static file save(chalk_session *session)
{
    file f = {0};
    CK_CHECK_EQ(chalk_board_save(session, CHALK_VIEW_HEAD, NULL, 0, keep, &f), CHALK_OK);
    return f;
}

static api open_board(const file *f)
{
    api a = api_open();
    const uint8_t *data = f != NULL ? f->data : NULL;
    CK_CHECK_EQ(chalk_board_open(a.session, data, f != NULL ? f->size : 0), CHALK_OK);
    (void)api_wait(&a, CHALK_EVENT_ROOM, CHALK_LINK_LIVE);
    return a;
}

static chalk_object_id put(api *a, uint32_t kind, double x)
{
    chalk_board_put_options options;
    chalk_object_id id = 0;
    chalk_board_put_options_init(&options);
    options.kind = kind;
    options.x = x;
    options.wide = options.high = 50;
    options.text = kind == CHALK_BOARD_TEXT ? NOTE : NULL;
    CK_CHECK_EQ(chalk_board_put(a->session, &options, &id, NULL), CHALK_OK);
    return id;
}

static void stroke(api *a, double x)
{
    chalk_board_pen_options pen;
    chalk_board_point at = {.x = x, .y = 10, .pressure = 0.5};
    chalk_board_pen_options_init(&pen);
    CK_CHECK_EQ(chalk_board_pen_down(a->session, &pen, &at), CHALK_OK);
    at.x += 40;
    CK_CHECK_EQ(chalk_board_pen_move(a->session, &at), CHALK_OK);
    CK_CHECK_EQ(chalk_board_pen_up(a->session, &at), CHALK_OK);
}

/* What is on page 1, in words. */
static uint32_t describe(api *a, char *out, size_t size)
{
    chalk_board_watch *watch = NULL;
    chalk_board_change change;
    uint32_t count = 0;
    out[0] = '\0';
    CK_CHECK_EQ(chalk_board_watch_create(a->session, CHALK_VIEW_HEAD, 1, &watch), CHALK_OK);
    while (chalk_board_watch_next(watch, &change) == CHALK_OK) {
        char words[200];
        CK_CHECK_EQ(
            chalk_board_describe(a->session, CHALK_VIEW_HEAD, change.object, words, sizeof words),
            CHALK_OK);
        size_t used = strlen(out);
        CK_CHECK(used + strlen(words) + 2 < size);
        memcpy(out + used, words, strlen(words) + 1);
        memcpy(out + strlen(out), "\n", 2);
        count++;
    }
    chalk_board_watch_destroy(&watch);
    return count;
}

CK_TEST(board_file, what_was_saved_is_opened_again)
{
    char before[2000], after[2000];
    api ada = open_board(NULL);
    const chalk_object_id first = put(&ada, CHALK_BOARD_RECTANGLE, 0);
    (void)put(&ada, CHALK_BOARD_TEXT, 100);
    stroke(&ada, 200);
    const file f = save(ada.session); /* the stroke was drawn just now */
    CK_CHECK_EQ(describe(&ada, before, sizeof before) >= 2, 1);
    api again = open_board(&f);
    CK_CHECK_EQ(describe(&again, after, sizeof after), 3);
    CK_CHECK(strncmp(before, after, strlen("rectangle")) == 0);
    const file g = save(again.session);
    CK_CHECK(f.size < 400 && g.size >= f.size - 8);
    CK_CHECK(put(&again, CHALK_BOARD_ELLIPSE, 300) > first); /* no id is used twice */
    CK_CHECK_EQ(describe(&again, after, sizeof after), 4);
    api_close(&again);
    api_close(&ada);
}

CK_TEST(board_file, what_was_done_can_be_undone_after_opening)
{
    char words[2000];
    api ada = open_board(NULL);
    (void)put(&ada, CHALK_BOARD_RECTANGLE, 0);
    (void)put(&ada, CHALK_BOARD_LINE, 100);
    const file f = save(ada.session);
    api_close(&ada);
    api again = open_board(&f);
    CK_CHECK_EQ(chalk_board_undo(again.session, NULL), CHALK_OK);
    CK_CHECK_EQ(describe(&again, words, sizeof words), 1);
    CK_CHECK(strncmp(words, "rectangle", 9) == 0);
    CK_CHECK_EQ(chalk_board_redo(again.session, NULL), CHALK_OK);
    CK_CHECK_EQ(describe(&again, words, sizeof words), 2);
    api_close(&again);
}

/* Any byte that is another, any end that is missing. */
CK_TEST(board_file, a_broken_file_is_refused)
{
    api ada = open_board(NULL), other = api_open();
    (void)put(&ada, CHALK_BOARD_TEXT, 0);
    stroke(&ada, 100);
    file f = save(ada.session);
    for (size_t i = 0; i < f.size; i++) {
        CK_CHECK_EQ(chalk_board_open(other.session, f.data, i), CHALK_ERR_BAD_DATA);
        f.data[i] ^= 1;
        int status = chalk_board_open(other.session, f.data, f.size);
        CK_CHECK(status == CHALK_ERR_BAD_DATA || status == CHALK_ERR_UNSUPPORTED);
        f.data[i] ^= 1;
    }
    CK_CHECK_EQ(chalk_board_open(other.session, f.data, f.size), CHALK_OK);
    CK_CHECK_EQ(chalk_board_open(other.session, f.data, f.size), CHALK_ERR_BAD_STATE);
    CK_CHECK_EQ(chalk_board_open(NULL, f.data, f.size), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_board_open(other.session, NULL, 1), CHALK_ERR_INVALID_ARGUMENT);
    api_close(&other);
    api_close(&ada);
}

CK_TEST(board_file, images_travel_with_it)
{
    static const uint8_t hash[CHALK_BOARD_HASH] = {1, 2, 3}, data[5] = "image";
    const chalk_board_asset asset = {hash, data, sizeof data}, none = {NULL, data, 1};
    chalk_board_asset found[2];
    uint32_t count = 9;
    file f = {0};
    api ada = open_board(NULL);
    CK_CHECK_EQ(chalk_board_save(ada.session, CHALK_VIEW_HEAD, &asset, 1, keep, &f), CHALK_OK);
    CK_CHECK_EQ(chalk_board_file_assets(f.data, f.size, found, 2, &count), CHALK_OK);
    CK_CHECK_EQ(count, 1);
    CK_CHECK(found[0].size == 5 && memcmp(found[0].data, data, 5) == 0);
    CK_CHECK(memcmp(found[0].hash, hash, sizeof hash) == 0);
    CK_CHECK_EQ(chalk_board_file_assets(f.data, f.size, NULL, 0, &count), CHALK_ERR_TOO_LARGE);
    CK_CHECK_EQ(count, 1);
    CK_CHECK_EQ(chalk_board_file_assets(f.data, 20, found, 2, &count), CHALK_ERR_BAD_DATA);
    CK_CHECK_EQ(chalk_board_save(ada.session, CHALK_VIEW_HEAD, &none, 1, keep, &f),
                CHALK_ERR_INVALID_ARGUMENT);
    f.size = sizeof f.data - 1;
    CK_CHECK_EQ(chalk_board_save(ada.session, CHALK_VIEW_HEAD, NULL, 0, keep, &f),
                CHALK_ERR_NO_SPACE);
    api_close(&ada);
}

/* What the edge has not answered yet is in it, and a room's board goes on without its edge. */
CK_TEST(board_file, a_room_is_saved_with_what_is_pending)
{
    guest li;
    char words[2000];
    room_edge *edge = room_edge_open(NULL);
    guest_join(&li, edge, "li.2", NULL);
    room_edge_hold(edge, true);
    (void)put(&li.api, CHALK_BOARD_RECTANGLE, 0);
    stroke(&li.api, 200);
    const file f = save(li.api.session);
    guest_close(&li);
    room_edge_close(&edge);
    api alone = open_board(&f);
    CK_CHECK_EQ(describe(&alone, words, sizeof words), 2);
    stroke(&alone, 300);
    (void)chalk_room_leave(alone.session, NULL);
    (void)api_wait(&alone, CHALK_EVENT_ROOM, CHALK_LINK_CLOSED);
    CK_CHECK_EQ(describe(&alone, words, sizeof words), 3); /* the last stroke was not lost */
    CK_CHECK_EQ(chalk_board_open(alone.session, NULL, 0), CHALK_OK);
    api_close(&alone);
}

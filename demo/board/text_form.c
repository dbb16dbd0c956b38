#include "board/text_form.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 600

static const char *const kinds[] = {"",          "pen",     "marker", "line", "arrow",
                                    "rectangle", "ellipse", "text",   "image"};
static const char *const grounds[] = {"plain", "grid", "lines", "image", "deck"};

static const char *name_of(const char *const *names, size_t count, uint32_t index)
{
    return index < count ? names[index] : "unknown";
}
#define NAME(names, index) name_of(names, sizeof(names) / sizeof *(names), index)

static bool is_control(char byte)
{
    return (unsigned char)byte < ' ' || byte == 0x7f;
}

static void tell_object(chalk_session *s, cli_report *report, uint32_t page, uint32_t number,
                        chalk_object_id id)
{
    char words[WORDS_MAX];
    chalk_board_object o = {.struct_size = sizeof o};
    if (chalk_board_describe(s, CHALK_VIEW_HEAD, id, words, sizeof words) < 0 ||
        chalk_board_get_object(s, CHALK_VIEW_HEAD, id, &o) < 0) {
        return; /* it is gone */
    }
    for (char *at = words; *at != '\0'; at++) {
        if (is_control(*at)) {
            *at =
                ' '; /* one object, one line; and a stranger's file has no word with the terminal */
        }
    }
    cli_say(report, "  %u. %s", number, words);
    cJSON *line = report->json ? cli_json(report, "object") : NULL;
    if (line != NULL) {
        char colour[12];
        (void)snprintf(colour, sizeof colour, "#%06x", (unsigned)(o.colour & 0xffffff));
        cJSON_AddNumberToObject(line, "page", page);
        cJSON_AddStringToObject(line, "kind", NAME(kinds, o.kind));
        cJSON_AddStringToObject(line, "words", words);
        cJSON_AddStringToObject(line, "colour", colour);
        cJSON_AddNumberToObject(line, "x", cli_tenths(o.x));
        cJSON_AddNumberToObject(line, "y", cli_tenths(o.y));
        cJSON_AddNumberToObject(line, "width", cli_tenths(o.wide));
        cJSON_AddNumberToObject(line, "height", cli_tenths(o.high));
        cJSON_AddNumberToObject(line, "points", o.points);
        if (o.text_size > 0) {
            cJSON_AddStringToObject(line, "text", o.text);
        }
    }
    cli_json_line(report, line);
}

/* As they were drawn: what a participant drew first has the lowest id. */
static int order_of_ids(const void *a, const void *b)
{
    const chalk_object_id *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* All that a watch tells, in order; free() `*ids`. CHALK_OK or NO_MEMORY. */
static int list(chalk_board_watch *watch, chalk_object_id **ids, uint32_t *count)
{
    chalk_board_change change;
    size_t room = 0;
    while (chalk_board_watch_next(watch, &change) == CHALK_OK) {
        if (*count == room) {
            room = 2 * room + 64;
            chalk_object_id *grown = realloc(*ids, room * sizeof **ids);
            if (grown == NULL) {
                return CHALK_ERR_NO_MEMORY;
            }
            *ids = grown;
        }
        (*ids)[(*count)++] = change.object;
    }
    if (*count > 0) {
        qsort(*ids, *count, sizeof **ids, order_of_ids);
    }
    return CHALK_OK;
}

static int tell_page(chalk_session *s, cli_report *report, uint32_t index)
{
    chalk_board_page page = {.struct_size = sizeof page};
    chalk_board_watch *watch = NULL;
    chalk_object_id *ids = NULL;
    uint32_t count = 0;
    int status = chalk_board_get_page(s, CHALK_VIEW_HEAD, index, &page);
    if (status == CHALK_OK) {
        status = chalk_board_watch_create(s, CHALK_VIEW_HEAD, page.number, &watch);
    }
    if (status == CHALK_OK) {
        status = list(watch, &ids, &count);
    }
    chalk_board_watch_destroy(&watch);
    if (status < 0) {
        free(ids);
        return status;
    }
    cli_say(report, "Page %u (%s):", index + 1, NAME(grounds, page.background.kind));
    for (uint32_t i = 0; i < count; i++) {
        tell_object(s, report, index + 1, i + 1, ids[i]);
    }
    free(ids);
    if (count == 0) {
        cli_say(report, "  nothing");
    }
    cJSON *line = report->json ? cli_json(report, "page") : NULL;
    if (line != NULL) {
        cJSON_AddNumberToObject(line, "page", index + 1);
        cJSON_AddStringToObject(line, "background", NAME(grounds, page.background.kind));
        cJSON_AddNumberToObject(line, "objects", count);
    }
    cli_json_line(report, line);
    return CHALK_OK;
}

int text_form_tell(chalk_session *session, cli_report *report, uint32_t page)
{
    chalk_board_info info = {.struct_size = sizeof info};
    int status = chalk_board_get_info(session, CHALK_VIEW_HEAD, &info);
    if (status == CHALK_OK && page > info.pages) {
        return CHALK_ERR_NOT_FOUND;
    }
    for (uint32_t i = 0; status == CHALK_OK && i < info.pages; i++) {
        status = page == 0 || page == i + 1 ? tell_page(session, report, i) : CHALK_OK;
    }
    return status;
}

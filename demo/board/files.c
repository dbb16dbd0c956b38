#include "board/files.h"

#include "board/load.h"
#include "board/pictures.h"
#include "chalkrail/asset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 65536

static bool is_standard(const char *path)
{
    return strcmp(path, "-") == 0;
}

/* --- reading --------------------------------------------------------------------------------- */

static int read_all(FILE *in, size_t most, uint8_t **data, size_t *size)
{
    size_t room = CHUNK;
    *size = 0;
    *data = malloc(room);
    while (*data != NULL) {
        size_t got = fread(*data + *size, 1, room - *size, in);
        *size += got;
        if (*size > most) {
            return CHALK_ERR_TOO_LARGE;
        }
        if (got == 0) {
            return ferror(in) ? CHALK_ERR_IO : CHALK_OK;
        }
        if (*size == room) {
            room *= 2;
            uint8_t *grown = realloc(*data, room);
            if (grown == NULL) {
                break;
            }
            *data = grown;
        }
    }
    return CHALK_ERR_NO_MEMORY;
}

int board_file_read(const char *path, size_t most, uint8_t **data, size_t *size)
{
    *data = NULL;
    FILE *in = is_standard(path) ? stdin : fopen(path, "rb");
    if (in == NULL) {
        return CHALK_ERR_IO;
    }
    int status = read_all(in, most, data, size);
    int why = errno;
    if (in != stdin) {
        (void)fclose(in); /* nothing was written */
    }
    if (status < 0) {
        free(*data);
        *data = NULL;
    }
    errno = why;
    return status;
}

int board_file_open(chalk_session *session, const uint8_t *data, size_t size)
{
    int status = chalk_board_open(session, data, size);
    chalk_board_asset *found =
        status == CHALK_OK && size > 0 ? calloc(CHALK_BOARD_ASSETS_MAX, sizeof *found) : NULL;
    uint32_t count = 0;
    if (found != NULL &&
        chalk_board_file_assets(data, size, found, CHALK_BOARD_ASSETS_MAX, &count) == CHALK_OK) {
        for (uint32_t i = 0; i < count; i++) {
            /* What is no picture stays a frame with a cross. */
            (void)chalk_asset_add(session, found[i].data, found[i].size, NULL);
        }
    }
    free(found);
    return status;
}

/* --- writing --------------------------------------------------------------------------------- */

static int write_some(const uint8_t *data, size_t size, void *user)
{
    if (fwrite(data, 1, size, user) == size) {
        return CHALK_OK;
    }
    return errno == ENOSPC ? CHALK_ERR_NO_SPACE : CHALK_ERR_IO;
}

typedef struct sink {
    FILE *out;
    char *path, *part; /* NULL: standard output, or no file that could be replaced */
} sink;

/* A device or a pipe is written as it is. */
static bool is_plain(const char *path)
{
    struct stat what;
    return stat(path, &what) != 0 || S_ISREG(what.st_mode);
}

/* A file beside the one that is meant, which takes its place when it is whole. */
static int sink_open(sink *s, const char *path)
{
    *s = (sink){0};
    if (is_standard(path)) {
        s->out = stdout;
        return CHALK_OK;
    }
    if (!is_plain(path)) {
        s->out = fopen(path, "wb");
        return s->out != NULL ? CHALK_OK : CHALK_ERR_IO;
    }
    size_t size = strlen(path) + sizeof ".part";
    s->path = strdup(path);
    s->part = malloc(size);
    if (s->path == NULL || s->part == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    (void)snprintf(s->part, size, "%s.part", path);
    s->out = fopen(s->part, "wb");
    return s->out != NULL ? CHALK_OK : CHALK_ERR_IO;
}

static int end_of_file(FILE *out, int status)
{
    /* What is no file cannot be synced (EINVAL), and need not be. */
    bool good = fflush(out) == 0 &&
                (out == stdout || fsync(fileno(out)) == 0 || errno == EINVAL || errno == ENOTSUP);
    int why = errno;
    good = (out == stdout || fclose(out) == 0) && good;
    errno = why;
    return status < 0 || good ? status : why == ENOSPC ? CHALK_ERR_NO_SPACE : CHALK_ERR_IO;
}

static int sink_close(sink *s, int status)
{
    if (s->out != NULL) {
        status = end_of_file(s->out, status);
    }
    if (s->out != NULL && s->part != NULL) {
        if (status == CHALK_OK && rename(s->part, s->path) != 0) {
            status = CHALK_ERR_IO;
        }
        int why = errno;
        if (status < 0) {
            (void)remove(s->part); /* it is of no use */
        }
        errno = why;
    }
    free(s->path);
    free(s->part);
    return status;
}

int board_file_save(chalk_session *session, const char *path)
{
    picture_list list = {0};
    sink s = {0};
    int status = pictures_collect(session, &list);
    if (status == CHALK_OK) {
        status = sink_open(&s, path);
    }
    if (status == CHALK_OK) {
        status =
            chalk_board_save(session, CHALK_VIEW_HEAD, list.assets, list.count, write_some, s.out);
    }
    pictures_free(&list);
    return sink_close(&s, status);
}

/* --- exporting ------------------------------------------------------------------------------- */

static uint32_t format_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot == NULL                    ? 0
           : strcasecmp(dot, ".png") == 0 ? CHALK_EXPORT_PNG
           : strcasecmp(dot, ".svg") == 0 ? CHALK_EXPORT_SVG
           : strcasecmp(dot, ".pdf") == 0 ? CHALK_EXPORT_PDF
                                          : 0;
}

int board_file_export(chalk_session *session, const char *path, uint32_t format, uint32_t page,
                      double scale)
{
    chalk_board_export_options options;
    chalk_board_export_options_init(&options);
    options.format = format != 0 ? format : format_of(path);
    options.page = page;
    options.scale = scale;
    if (options.format == 0) {
        return CHALK_ERR_UNSUPPORTED;
    }
    sink s = {0};
    page_loader loader;
    int status = page_loader_open(&loader, session, options.format);
    options.images = loader.canvas;
    options.begin_page = page_loader_begin;
    options.begin_user = &loader;
    if (status == CHALK_OK) {
        status = sink_open(&s, path);
    }
    if (status == CHALK_OK) {
        status = chalk_board_export(session, CHALK_VIEW_HEAD, &options, write_some, s.out);
    }
    page_loader_close(&loader);
    return sink_close(&s, status);
}

/* --- what is wrong -------------------------------------------------------------------------- */

int board_file_fail(cli_report *r, int status, const char *path)
{
    switch (status) {
    case CHALK_ERR_IO:
        return cli_fail(r, "%s: %s", path, strerror(errno));
    case CHALK_ERR_BAD_DATA:
        return cli_fail(r, "%s is no board, is damaged or was cut short", path);
    case CHALK_ERR_UNSUPPORTED:
        return cli_fail(r, "%s was saved by a later version of the program", path);
    case CHALK_ERR_TOO_LARGE:
        return cli_fail(r, "%s is larger than a board can be", path);
    default:
        return cli_fail_status(r, status, path);
    }
}

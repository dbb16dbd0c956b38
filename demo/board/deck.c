#include "board/deck.h"

#include "board/pdf.h"
#include "chalkrail/errors.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define OPEN_MAX_ 4u /* PDFs that are kept for rendering */
#define FILE_MAX_ (64u << 20)
#define PATH_SIZE 1024

typedef struct open_deck {
    uint8_t hash[CHALK_BOARD_HASH];
    pdf pdf;
    bool open;
    bool broken; /* is not opened again */
    uint64_t used;
} open_deck;

/* Files that are uploaded, and become pages when all are. */
typedef struct import {
    uint32_t count; /* files; 0: none is under way */
    uint32_t pages; /* of a PDF; 0: pictures */
    uint32_t after;
    uint8_t hashes[DECK_FILES_MAX][CHALK_BOARD_HASH];
} import;

struct decks {
    chalk_session *session;
    open_deck open[OPEN_MAX_];
    uint64_t turn;
    double sharp; /* at least, pixels for a px */
    pdf_job job;  /* one at a time */
    uint8_t job_hash[CHALK_BOARD_HASH];
    uint32_t job_page;
import import;
};

decks *decks_new(chalk_session *session)
{
    decks *d = calloc(1, sizeof *d);
    if (d != NULL) {
        d->session = session;
    }
    return d;
}

void decks_free(decks **place)
{
    decks *d = *place;
    if (d != NULL) {
        pdf_cancel(&d->job);
        for (size_t i = 0; i < OPEN_MAX_; i++) {
            pdf_close(&d->open[i].pdf);
        }
        free(d);
        *place = NULL;
    }
}

void decks_sharpen(decks *d, double scale)
{
    d->sharp = scale;
}

/* --- importing ------------------------------------------------------------------------------- */

static int file_error(void)
{
    return errno == ENOENT || errno == ENOTDIR ? CHALK_ERR_NOT_FOUND
           : errno == EACCES                   ? CHALK_ERR_NO_PERMISSION
                                               : CHALK_ERR_IO;
}

static int read_file(const char *path, uint8_t **out, size_t *size)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        return file_error();
    }
    struct stat about;
    int status = fstat(fileno(f), &about) == 0 && S_ISREG(about.st_mode) ? CHALK_OK : CHALK_ERR_IO;
    if (status == CHALK_OK && about.st_size > FILE_MAX_) {
        status = CHALK_ERR_TOO_LARGE;
    }
    *size = status == CHALK_OK ? (size_t)about.st_size : 0;
    *out = status == CHALK_OK ? malloc(*size + 1) : NULL;
    if (status == CHALK_OK && *out == NULL) {
        status = CHALK_ERR_NO_MEMORY;
    }
    if (status == CHALK_OK && fread(*out, 1, *size, f) != *size) {
        free(*out);
        *out = NULL;
        status = CHALK_ERR_IO;
    }
    fclose(f);
    return status;
}

static int count_pages(const uint8_t *data, size_t size, uint32_t *pages)
{
    pdf p;
    int status = pdf_open(data, size, &p);
    if (status == CHALK_OK) {
        *pages = p.pages;
        pdf_close(&p);
    }
    return status;
}

static int add_file(decks *d, const char *path, bool of_folder)
{
    uint8_t *data = NULL;
    size_t size = 0;
    chalk_asset_info info = {.struct_size = sizeof info};
    int status = read_file(path, &data, &size);
    if (status == CHALK_OK) {
        status = chalk_asset_identify(data, size, &info, d->import.hashes[d->import.count]);
    }
    bool deck = status == CHALK_OK && info.kind == CHALK_ASSET_PDF;
    if (deck) {
        status = of_folder ? CHALK_ERR_UNSUPPORTED : count_pages(data, size, &d->import.pages);
    }
    if (status == CHALK_OK) {
        status = chalk_asset_add(d->session, data, size, NULL);
        d->import.count += status == CHALK_OK;
    }
    free(data);
    return status;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_plain(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* In the order of their names; what is no picture is passed over. */
static int add_folder(decks *d, const char *path)
{
    struct dirent **names = NULL;
    int count = scandir(path, &names, is_plain, by_name);
    int status = count < 0 ? file_error() : CHALK_OK;
    for (int i = 0; i < count; i++) {
        char file[PATH_SIZE];
        int length = snprintf(file, sizeof file, "%s/%s", path, names[i]->d_name);
        if (status == CHALK_OK && d->import.count == DECK_FILES_MAX) {
            status = CHALK_ERR_LIMIT;
        }
        if (status == CHALK_OK && length > 0 && (size_t)length < sizeof file) {
            status = add_file(d, file, true);
        }
        bool other = status == CHALK_ERR_UNSUPPORTED || status == CHALK_ERR_IO;
        status = other ? CHALK_OK : status;
        free(names[i]);
    }
    free(names);
    return status == CHALK_OK && d->import.count == 0 ? CHALK_ERR_UNSUPPORTED : status;
}

int decks_import(decks *d, const char *path, uint32_t after)
{
    struct stat about;
    if (d->import.count > 0) {
        return CHALK_ERR_LIMIT;
    }
    if (stat(path, &about) != 0) {
        return file_error();
    }
    d->import.pages = 0;
    d->import.after = after;
    int status = S_ISDIR(about.st_mode) ? add_folder(d, path) : add_file(d, path, false);
    if (status < 0) {
        d->import.count = 0;
    }
    return status;
}

const char *decks_trouble(int status)
{
    return status == CHALK_ERR_NOT_FOUND       ? "No such file or directory"
           : status == CHALK_ERR_BAD_DATA      ? "is damaged"
           : status == CHALK_ERR_UNSUPPORTED   ? "is no PDF and no picture"
           : status == CHALK_ERR_CODEC_UNKNOWN ? "needs pdftoppm, of poppler-utils"
                                               : chalk_error_text(status);
}

static int make_pages(decks *d)
{
    uint32_t after = d->import.after;
    int status = CHALK_OK;
    for (uint32_t i = 0; i < d->import.count && status == CHALK_OK; i++) {
        chalk_board_background ground = {.kind = d->import.pages > 0 ? CHALK_GROUND_DECK
                                                                     : CHALK_GROUND_IMAGE};
        memcpy(ground.hash, d->import.hashes[i], CHALK_BOARD_HASH);
        uint32_t count = d->import.pages > 0 ? d->import.pages : 1;
        status = chalk_board_add_pages(d->session, count, after, &ground, &after, NULL);
    }
    return status;
}

/* AGAIN: not all are uploaded. */
static int run_import(decks *d)
{
    for (uint32_t i = 0; i < d->import.count; i++) {
        chalk_asset_info info = {.struct_size = sizeof info};
        int status = chalk_asset_get_info(d->session, d->import.hashes[i], &info);
        if (status < 0 || info.state == CHALK_ASSET_FAILED) {
            d->import.count = 0;
            return status < 0 ? status : info.cause;
        }
        if (info.state != CHALK_ASSET_READY) {
            return CHALK_ERR_AGAIN;
        }
    }
    int status = d->import.count > 0 ? make_pages(d) : CHALK_OK;
    if (status != CHALK_ERR_AGAIN) { /* the room was never live yet */
        d->import.count = 0;
    }
    return status;
}

/* --- rendering ------------------------------------------------------------------------------- */

static open_deck *find(decks *d, const uint8_t *hash)
{
    for (size_t i = 0; i < OPEN_MAX_; i++) {
        open_deck *o = &d->open[i];
        if ((o->open || o->broken) && memcmp(o->hash, hash, CHALK_BOARD_HASH) == 0) {
            return o;
        }
    }
    return NULL;
}

static open_deck *oldest(decks *d)
{
    open_deck *found = &d->open[0];
    for (size_t i = 1; i < OPEN_MAX_; i++) {
        found = d->open[i].used < found->used ? &d->open[i] : found;
    }
    return found;
}

/* NULL: its file is not here yet. */
static open_deck *get(decks *d, const uint8_t *hash)
{
    size_t size = 0;
    open_deck *o = find(d, hash);
    if (o != NULL) {
        o->used = ++d->turn;
        return o;
    }
    (void)chalk_asset_read(d->session, hash, NULL, 0, &size);
    uint8_t *data = size > 0 ? malloc(size) : NULL;
    if (data != NULL && chalk_asset_read(d->session, hash, data, size, &size) == CHALK_OK) {
        o = oldest(d);
        pdf_close(&o->pdf);
        memcpy(o->hash, hash, CHALK_BOARD_HASH);
        o->open = pdf_open(data, size, &o->pdf) == CHALK_OK;
        o->broken = !o->open;
        o->used = ++d->turn;
    }
    free(data);
    return o;
}

/* What cannot be rendered is a grey sheet, or it would be asked for again and again. */
static void put_grey(decks *d, chalk_canvas *canvas, const uint8_t *hash, uint32_t page)
{
    static const uint8_t grey[4] = {0xe0, 0xe0, 0xe0, 0xff};
    (void)d;
    (void)chalk_canvas_put_page(canvas, hash, page, 1.0 / 600, grey, 1, 1, 4);
}

static void take(decks *d, chalk_canvas *canvas)
{
    pdf_picture picture = {0};
    double scale = d->job.scale;
    int status = pdf_poll(&d->job, &picture);
    if (status == CHALK_OK) {
        status = chalk_canvas_put_page(canvas, d->job_hash, d->job_page, scale, picture.pixels,
                                       picture.wide, picture.high, (size_t)picture.wide * 4);
    }
    if (status < 0 && status != CHALK_ERR_AGAIN) {
        put_grey(d, canvas, d->job_hash, d->job_page);
    }
    free(picture.pixels);
}

static void begin(decks *d, chalk_canvas *canvas)
{
    chalk_canvas_page page = {.struct_size = sizeof page};
    for (uint32_t i = 0;
         d->job.child == 0 && chalk_canvas_wanted_page(canvas, i, &page) == CHALK_OK; i++) {
        open_deck *o = get(d, page.hash);
        if (o == NULL) {
            continue; /* it is being fetched */
        }
        memcpy(d->job_hash, page.hash, sizeof d->job_hash);
        d->job_page = page.page;
        if (o->broken || page.page >= o->pdf.pages ||
            pdf_render(&o->pdf, page.page, fmax(page.scale, d->sharp), &d->job) < 0) {
            put_grey(d, canvas, page.hash, page.page);
        }
    }
}

int decks_run(decks *d, chalk_canvas *canvas)
{
    if (canvas != NULL && d->job.child > 0) {
        take(d, canvas);
    }
    if (canvas != NULL && d->job.child == 0) {
        begin(d, canvas);
    }
    int status = run_import(d);
    return status == CHALK_OK && d->job.child > 0 ? CHALK_ERR_AGAIN : status;
}

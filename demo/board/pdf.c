#include "board/pdf.h"

#include "chalkrail/errors.h"

#include <math.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#define PX_A_POINT (4.0 / 3.0)
#define DPI_A_PX   96.0
#define NOT_FOUND  127 /* what a shell says of a program that is not there */

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* --- processes ------------------------------------------------------------------------------- */

/* A shell sets the limits and becomes the program. */
static int start(const char *const *words, FILE *in, FILE *out, pid_t *child)
{
    char limits[160];
    const char *argv[16] = {"sh", "-c", limits, "sh"};
    snprintf(limits, sizeof limits, "ulimit -v %u; ulimit -t %u; ulimit -f %u; exec \"$@\"",
             DECK_MEMORY_MB * 1024, DECK_SECONDS, 2 * (DECK_PIXELS_MAX / 1024) * 4);
    for (size_t i = 0; words[i] != NULL && i + 5 < sizeof argv / sizeof *argv; i++) {
        argv[i + 4] = words[i];
    }
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0) {
        return CHALK_ERR_NO_MEMORY;
    }
    bool fine =
        lseek(fileno(in), 0, SEEK_SET) == 0 &&
        posix_spawn_file_actions_adddup2(&actions, fileno(in), STDIN_FILENO) == 0 &&
        posix_spawn_file_actions_adddup2(&actions, fileno(out), STDOUT_FILENO) == 0 &&
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1, 0) == 0 &&
        posix_spawnp(child, "sh", &actions, NULL, (char *const *)(uintptr_t)argv, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    return fine ? CHALK_OK : CHALK_ERR_IO;
}

/* AGAIN: it runs; else how it ended. */
static int look(pid_t child, uint64_t due_ms)
{
    int code = 0;
    pid_t ended = waitpid(child, &code, WNOHANG);
    if (ended == 0 && now_ms() >= due_ms) {
        (void)kill(child, SIGKILL);
        ended = waitpid(child, &code, 0);
    }
    if (ended == 0) {
        return CHALK_ERR_AGAIN;
    }
    bool missing = ended > 0 && WIFEXITED(code) && WEXITSTATUS(code) == NOT_FOUND;
    bool done = ended > 0 && WIFEXITED(code) && WEXITSTATUS(code) == 0;
    return done ? CHALK_OK : missing ? CHALK_ERR_CODEC_UNKNOWN : CHALK_ERR_BAD_DATA;
}

/* --- what it is ------------------------------------------------------------------------------ */

/* Behind `words` and spaces; NULL: the line is another one. */
static const char *behind(const char *line, const char *words)
{
    size_t size = strlen(words);
    return strncmp(line, words, size) == 0 ? line + size + strspn(line + size, " ") : NULL;
}

static void read_size(const char *size, pdf *p)
{
    char *at;
    double wide = strtod(size, &at), high = *at != '\0' ? strtod(at + strspn(at, " x"), NULL) : 0;
    if (wide > 0 && high > 0 && wide < 1e9 && high < 1e9) {
        uint64_t w = (uint64_t)(wide * 1000), h = (uint64_t)(high * 1000);
        p->width_mpt = w > p->width_mpt ? w : p->width_mpt;
        p->height_mpt = h > p->height_mpt ? h : p->height_mpt;
    }
}

/* "Pages:  12", "Page    3 size:  595.28 x 841.89 pts (A4)" */
static void read_line(const char *line, pdf *p)
{
    const char *count = behind(line, "Pages:"), *page = behind(line, "Page ");
    if (count != NULL) {
        unsigned long number = strtoul(count, NULL, 10);
        p->pages = number < UINT32_MAX ? (uint32_t)number : UINT32_MAX;
    } else if (page != NULL) {
        const char *size = behind(page + strspn(page, "0123456789"), " size:");
        if (size != NULL) {
            read_size(size, p);
        }
    }
}

static int ask(pdf *p)
{
    static const char *const words[] = {"pdfinfo", "-f", "1", "-l", "999", "-", NULL};
    char line[256];
    pid_t child;
    FILE *out = tmpfile();
    int status = out != NULL ? start(words, p->file, out, &child) : CHALK_ERR_IO;
    uint64_t due_ms = now_ms() + DECK_SECONDS * 1000;
    const struct timespec pause = {0, 2000000};
    if (status == CHALK_OK) {
        while ((status = look(child, due_ms)) == CHALK_ERR_AGAIN) {
            (void)nanosleep(&pause, NULL);
        }
    }
    if (status == CHALK_OK) {
        rewind(out);
        while (fgets(line, sizeof line, out) != NULL) {
            read_line(line, p);
        }
        status = p->pages == 0 || p->width_mpt == 0 ? CHALK_ERR_BAD_DATA
                 : p->pages > DECK_PAGES_MAX        ? CHALK_ERR_LIMIT
                                                    : CHALK_OK;
    }
    if (out != NULL) {
        fclose(out);
    }
    return status;
}

int pdf_open(const uint8_t *data, size_t size, pdf *out)
{
    *out = (pdf){.file = tmpfile()};
    bool kept =
        out->file != NULL && fwrite(data, 1, size, out->file) == size && fflush(out->file) == 0;
    int status = kept ? ask(out) : CHALK_ERR_IO;
    if (status < 0) {
        pdf_close(out);
    }
    return status;
}

void pdf_close(pdf *p)
{
    if (p->file != NULL) {
        fclose(p->file);
    }
    *p = (pdf){0};
}

/* --- pages ----------------------------------------------------------------------------------- */

/* Known before anything is rendered: a page of a kilometre gets as many pixels as any. */
static double bounded(const pdf *p, double scale)
{
    double wide = (double)p->width_mpt / 1000 * PX_A_POINT;
    double high = (double)p->height_mpt / 1000 * PX_A_POINT;
    double most = fmin(DECK_SIDE_MAX / fmax(wide, high), sqrt(DECK_PIXELS_MAX / (wide * high)));
    return fmin(scale, most);
}

int pdf_render(pdf *p, uint32_t page, double scale, pdf_job *job)
{
    char number[16], dpi[32];
    const char *const words[] = {"pdftoppm", "-f", number, "-l", number, "-r", dpi, "-", NULL};
    *job = (pdf_job){.picture = tmpfile(), .scale = bounded(p, scale)};
    snprintf(number, sizeof number, "%u", page + 1);
    snprintf(dpi, sizeof dpi, "%.4f", DPI_A_PX * job->scale);
    int status =
        job->picture != NULL ? start(words, p->file, job->picture, &job->child) : CHALK_ERR_IO;
    job->due_ms = now_ms() + DECK_SECONDS * 1000;
    if (status < 0) {
        job->child = 0;
        pdf_cancel(job);
    }
    return status;
}

/* "P6\n1280 720\n255\n", then red, green and blue. */
static bool read_head(FILE *in, unsigned long *wide, unsigned long *high)
{
    char kind[8], sizes[32], most[8], *at;
    rewind(in);
    if (fgets(kind, sizeof kind, in) == NULL || fgets(sizes, sizeof sizes, in) == NULL ||
        fgets(most, sizeof most, in) == NULL || strcmp(kind, "P6\n") != 0 ||
        strcmp(most, "255\n") != 0) {
        return false;
    }
    *wide = strtoul(sizes, &at, 10);
    *high = strtoul(at, NULL, 10);
    return *wide > 0 && *high > 0 && *wide <= 2 * DECK_SIDE_MAX && *high <= 2 * DECK_SIDE_MAX &&
           (uint64_t)*wide * *high <= 2 * DECK_PIXELS_MAX;
}

static int read_picture(FILE *in, pdf_picture *out)
{
    unsigned long wide, high;
    if (!read_head(in, &wide, &high)) {
        return CHALK_ERR_BAD_DATA;
    }
    size_t count = (size_t)wide * high;
    uint8_t *pixels = malloc(count * 4);
    if (pixels == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    /* Read into the end of its own place, and spread from there. */
    uint8_t *from = pixels + count;
    if (fread(from, 3, count, in) != count) {
        free(pixels);
        return CHALK_ERR_BAD_DATA;
    }
    for (size_t i = 0; i < count; i++, from += 3) {
        const uint8_t red = from[0], green = from[1], blue = from[2];
        memcpy(pixels + 4 * i, (const uint8_t[]){blue, green, red, 255}, 4);
    }
    *out = (pdf_picture){pixels, (uint32_t)wide, (uint32_t)high};
    return CHALK_OK;
}

int pdf_poll(pdf_job *job, pdf_picture *out)
{
    int status = look(job->child, job->due_ms);
    if (status == CHALK_ERR_AGAIN) {
        return status;
    }
    job->child = 0;
    if (status == CHALK_OK) {
        status = read_picture(job->picture, out);
    }
    pdf_cancel(job);
    return status;
}

void pdf_cancel(pdf_job *job)
{
    if (job->child > 0) {
        (void)kill(job->child, SIGKILL);
        (void)waitpid(job->child, NULL, 0);
    }
    if (job->picture != NULL) {
        fclose(job->picture);
    }
    job->child = 0;
    job->picture = NULL;
}

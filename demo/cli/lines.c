/* Reads standard input on a thread, because a line may take for ever and the room does not wait. */
#include "cli/lines.h"

#include "cli/stop.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static struct {
    pthread_mutex_t lock;
    pthread_cond_t taken;
    bool ready, ended, whole;
    char line[LINE_MAX_BYTES];
} input = {.lock = PTHREAD_MUTEX_INITIALIZER, .taken = PTHREAD_COND_INITIALIZER};

static void hand_over(const char *line, bool whole, bool ended)
{
    pthread_mutex_lock(&input.lock);
    while (input.ready) {
        (void)pthread_cond_wait(&input.taken, &input.lock);
    }
    input.ready = !ended;
    input.ended = ended;
    input.whole = whole;
    (void)snprintf(input.line, sizeof input.line, "%s", line);
    pthread_mutex_unlock(&input.lock);
    cli_wake(NULL);
}

/* What is left of a line that did not fit. */
static void skip_rest(void)
{
    int c;
    do {
        c = getc(stdin);
    } while (c != EOF && c != '\n');
}

static void *read_lines(void *ignored)
{
    char line[LINE_MAX_BYTES];
    (void)ignored;
    while (fgets(line, sizeof line, stdin) != NULL) {
        size_t size = strlen(line);
        bool whole = size > 0 && line[size - 1] == '\n';
        if (whole) {
            line[--size] = '\0';
        } else if (size == sizeof line - 1) {
            skip_rest();
        } else {
            whole = true; /* the last one, without an end */
        }
        if (size > 0 && line[size - 1] == '\r') {
            line[--size] = '\0';
        }
        hand_over(line, whole, false);
    }
    hand_over("", true, true);
    return NULL;
}

bool lines_start(void)
{
    pthread_t thread;
    bool started = pthread_create(&thread, NULL, read_lines, NULL) == 0;
    if (started) {
        (void)pthread_detach(thread); /* it may be reading when the program ends */
    }
    return started;
}

enum line_state lines_take(char out[LINE_MAX_BYTES], bool *whole)
{
    enum line_state state = LINE_NONE;
    pthread_mutex_lock(&input.lock);
    if (input.ready) {
        (void)snprintf(out, LINE_MAX_BYTES, "%s", input.line);
        *whole = input.whole;
        input.ready = false;
        pthread_cond_signal(&input.taken);
        state = LINE_READY;
    } else if (input.ended) {
        state = LINE_END;
    }
    pthread_mutex_unlock(&input.lock);
    return state;
}

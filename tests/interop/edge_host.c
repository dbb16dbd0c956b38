/*
 * A program that embeds an edge, for tests with real clients:
 *
 *     edge_host [secret=TEXT] [rtmp=ADDR:PORT] [http=ADDR:PORT] [reader_max_ms=N] ...
 *
 * Without a secret it is open. Prints "ready RTMP_PORT HTTP_PORT", runs until its standard input
 * ends, stops the edge and prints "stopped MILLISECONDS". Exit code 0, or 1 with the error's name.
 */
#include "chalkrail/edge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void print_line(void *user, int level, const char *module, const char *text)
{
    (void)user;
    fprintf(stderr, "%d %s: %s\n", level, module, text);
}

static void take_option(chalk_edge_options *options, const char *argument)
{
    const char *value = strchr(argument, '=') + 1;
    uint32_t number = (uint32_t)strtoul(value, NULL, 10);
    struct {
        const char *key;
        uint32_t *number;
    } numbers[] = {
        {"connections_max=", &options->connections_max}, {"streams_max=", &options->streams_max},
        {"memory_max_mb=", &options->memory_max_mb},     {"gop_max_ms=", &options->gop_max_ms},
        {"reader_max_ms=", &options->reader_max_ms},     {"log_level=", &options->log_level},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (strncmp(argument, numbers[i].key, strlen(numbers[i].key)) == 0) {
            *numbers[i].number = number;
        }
    }
    if (strncmp(argument, "secret=", 7) == 0) {
        options->open = 0;
        options->secret = value;
        options->secret_size = strlen(value);
    } else if (strncmp(argument, "rtmp=", 5) == 0) {
        options->rtmp = value;
    } else if (strncmp(argument, "http=", 5) == 0) {
        options->http = value;
    }
}

static long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

int main(int argc, char **argv)
{
    chalk_edge_options options;
    chalk_edge *edge = NULL;
    chalk_edge_options_init(&options);
    options.open = 1;
    options.rtmp = "127.0.0.1:0";
    options.http = "127.0.0.1:0";
    options.log = print_line;
    options.log_level = 3;
    for (int i = 1; i < argc; i++) {
        if (strchr(argv[i], '=') == NULL) {
            fprintf(stderr, "not KEY=VALUE: %s\n", argv[i]);
            return 2;
        }
        take_option(&options, argv[i]);
    }
    int status = chalk_edge_create(&options, &edge);
    if (status < 0) {
        printf("%s\n", chalk_error_name(status));
        return 1;
    }
    printf("ready %d %d\n", chalk_edge_rtmp_port(edge), chalk_edge_http_port(edge));
    fflush(stdout);
    while (getchar() != EOF) {
    }
    long begun_ms = now_ms();
    chalk_edge_destroy(&edge);
    printf("stopped %ld\n", now_ms() - begun_ms);
    return 0;
}

#define _GNU_SOURCE /* pthread_getname_np */
/* What the library takes from the operating system: clocks, entropy, log lines, errors, sockets. */
#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "runtime/os/error.h"
#include "runtime/os/file.h"
#include "runtime/os/os.h"
#include "runtime/os/socket.h"
#include "support/check.h"
#include "support/folder.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

CK_TEST(os, the_clock_never_goes_back)
{
    uint64_t last_us = ck_clock_us();
    CK_CHECK(last_us > 0);
    for (int i = 0; i < 100000; i++) {
        uint64_t now_us = ck_clock_us();
        CK_CHECK(now_us >= last_us);
        last_us = now_us;
    }
}

CK_TEST(os, the_wall_clock_is_of_this_century)
{
    CK_CHECK(ck_wall_us() > 1700000000000000u);
    CK_CHECK(ck_wall_us() < 4102444800000000u);
}

CK_TEST(os, a_thread_has_processor_time_of_its_own)
{
    uint64_t before_us = ck_thread_cpu_us();
    uint64_t wall_us = ck_clock_us();
    while (ck_thread_cpu_us() - before_us < 5000) {
        CK_CHECK(ck_clock_us() - wall_us < 20000000u);
    }
    before_us = ck_thread_cpu_us();
    (void)poll(NULL, 0, 30); /* sleeping costs none */
    CK_CHECK(ck_thread_cpu_us() - before_us < 20000);
}

CK_TEST(os, a_thread_keeps_fifteen_characters_of_its_name)
{
    char name[32] = "";
    ck_thread_name("a name that is too long");
    CK_CHECK_EQ(pthread_getname_np(pthread_self(), name, sizeof name), 0);
    CK_CHECK_STR(name, "a name that is ");
}

CK_TEST(os, entropy_differs_and_fills)
{
    uint8_t a[64] = {0};
    uint8_t b[64] = {0};
    uint8_t edge[3] = {0, 0, 7};
    CK_CHECK_EQ(ck_entropy(a, sizeof a), CHALK_OK);
    CK_CHECK_EQ(ck_entropy(b, sizeof b), CHALK_OK);
    CK_CHECK(memcmp(a, b, sizeof a) != 0);
    CK_CHECK_EQ(ck_entropy(edge, 2), CHALK_OK);
    CK_CHECK_EQ(edge[2], 7);
}

CK_TEST(os, the_heap_behaves_as_an_allocator)
{
    char *p = ck_heap.resize(ck_heap.user, NULL, 4);
    CK_CHECK(p != NULL);
    memcpy(p, "abc", 4);
    char *more = ck_heap.resize(ck_heap.user, p, 100000);
    CK_CHECK_STR(more != NULL ? more : p, "abc");
    CK_CHECK(ck_heap.resize(ck_heap.user, more != NULL ? more : p, 0) == NULL);
    CK_CHECK(more != NULL);
}

/* ---- log ---- */

typedef struct seen {
    int lines;
    int level;
    char text[600];
} seen;

static void on_line(void *user, int level, const char *module, const char *text)
{
    seen *s = user;
    s->lines++;
    s->level = level;
    CK_CHECK_STR(module, "test");
    CK_CHECK(strlen(text) < sizeof s->text);
    CK_CHECK(ck_text_copy(s->text, sizeof s->text, text));
}

CK_TEST(os, log_lines_are_formatted_cut_and_filtered)
{
    seen s = {0};
    ck_log log = {.line = on_line, .user = &s, .level = 2};
    ck_logf(&log, 2, "test", "%s is %d", "one", 1);
    CK_CHECK_EQ(s.lines, 1);
    CK_CHECK_EQ(s.level, 2);
    CK_CHECK_STR(s.text, "one is 1");
    ck_logf(&log, 3, "test", "too quiet");
    CK_CHECK_EQ(s.lines, 1);
    char longer[700];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    ck_logf(&log, 1, "test", "%s", longer);
    CK_CHECK_EQ(strlen(s.text), 511);
    ck_logf(NULL, 1, "test", "nobody listens");
    ck_logf(&(ck_log){.level = 4}, 1, "test", "nobody listens");
    CK_CHECK_EQ(s.lines, 2);
}

/* ---- errors ---- */

CK_TEST(os, system_errors_have_one_meaning_each)
{
    static const struct {
        int number;
        int expected;
    } rows[] = {
        {0, CHALK_OK},
        {EAGAIN, CHALK_ERR_AGAIN},
        {ECONNREFUSED, CHALK_ERR_REFUSED},
        {ECONNRESET, CHALK_ERR_DISCONNECTED},
        {EPIPE, CHALK_ERR_DISCONNECTED},
        {ETIMEDOUT, CHALK_ERR_TIMEOUT},
        {EHOSTUNREACH, CHALK_ERR_UNREACHABLE},
        {ENETUNREACH, CHALK_ERR_UNREACHABLE},
        {EADDRINUSE, CHALK_ERR_ADDRESS_IN_USE},
        {EACCES, CHALK_ERR_NO_PERMISSION},
        {EMFILE, CHALK_ERR_LIMIT},
        {ENOMEM, CHALK_ERR_NO_MEMORY},
        {ENOSPC, CHALK_ERR_NO_SPACE},
        {EROFS, CHALK_ERR_NO_PERMISSION},
        {ENOEXEC, CHALK_ERR_IO},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        CK_CHECK_ROW(i, ck_error_of_errno(rows[i].number) == rows[i].expected);
    }
    CK_CHECK_EQ(ck_error_of_uv(7), CHALK_OK);
}

/* ---- sockets ---- */

static void wait_for(ck_socket s, short events)
{
    struct pollfd ready = {.fd = (int)s, .events = events};
    CK_CHECK_EQ(poll(&ready, 1, 20000), 1);
}

static void open_pair(ck_socket *client, ck_socket *server)
{
    ck_socket listener = CK_SOCKET_NONE;
    CK_CHECK_EQ(ck_socket_listen("127.0.0.1", 0, 4, &listener), CHALK_OK);
    CK_CHECK_EQ(ck_socket_accept(listener, server), CHALK_ERR_AGAIN);
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(ck_socket_local_port(listener));
    int status = ck_socket_connect((const struct sockaddr *)&address, client);
    CK_CHECK(status == CHALK_OK || status == CHALK_ERR_AGAIN);
    wait_for(listener, POLLIN);
    CK_CHECK_EQ(ck_socket_accept(listener, server), CHALK_OK);
    wait_for(*client, POLLOUT);
    CK_CHECK_EQ(ck_socket_take_error(*client), CHALK_OK);
    ck_socket_close(&listener);
    CK_CHECK_EQ(listener, CK_SOCKET_NONE);
    ck_socket_close(&listener);
}

CK_TEST(os, sockets_gather_and_say_what_they_hold)
{
    ck_socket client = CK_SOCKET_NONE;
    ck_socket server = CK_SOCKET_NONE;
    open_pair(&client, &server);
    char here[CK_ADDRESS_TEXT_MAX];
    char there[CK_ADDRESS_TEXT_MAX];
    CK_CHECK(ck_socket_local_text(client, here, sizeof here));
    CK_CHECK(ck_socket_peer_text(server, there, sizeof there));
    CK_CHECK_STR(here, there);

    const ck_io_piece pieces[] = {{"ga", 2}, {"ther", 4}, {"ed", 2}};
    size_t size = 0;
    CK_CHECK_EQ(ck_socket_send(client, pieces, 3, &size), CHALK_OK);
    CK_CHECK_EQ(size, 8);
    char data[16];
    wait_for(server, POLLIN);
    CK_CHECK_EQ(ck_socket_receive(server, data, sizeof data, &size), CHALK_OK);
    CK_CHECK_EQ(size, 8);
    CK_CHECK_MEM(data, "gathered", 8);
    CK_CHECK_EQ(ck_socket_receive(server, data, sizeof data, &size), CHALK_ERR_AGAIN);

    ck_socket_shutdown_send(client);
    wait_for(server, POLLIN);
    CK_CHECK_EQ(ck_socket_receive(server, data, sizeof data, &size), CHALK_OK);
    CK_CHECK_EQ(size, 0);
    ck_socket_close(&client);
    ck_socket_close(&server);
}

CK_TEST(os, the_kernel_tells_what_it_has_not_sent)
{
    ck_socket client = CK_SOCKET_NONE;
    ck_socket server = CK_SOCKET_NONE;
    open_pair(&client, &server);
    ck_socket_tune(client, 16384);
    static uint8_t block[65536];
    const ck_io_piece piece = {block, sizeof block};
    size_t total = 0;
    size_t sent = 0;
    while (ck_socket_send(client, &piece, 1, &sent) == CHALK_OK) {
        total += sent;
    }
    size_t unsent = 0;
    size_t unacked = 0;
    ck_socket_kernel_queue(client, &unsent, &unacked);
    CK_CHECK(unsent > 0 && unsent <= 16384 + sizeof block && unacked >= unsent);
    size_t received = 0;
    while (received < total) {
        size_t size = 0;
        wait_for(server, POLLIN);
        CK_CHECK_EQ(ck_socket_receive(server, block, sizeof block, &size), CHALK_OK);
        received += size;
    }
    ck_socket_kernel_queue(client, &unsent, &unacked);
    CK_CHECK_EQ(unsent, 0);
    ck_socket_close(&client);
    ck_socket_close(&server);
}

/* SIGPIPE would end this program. */
CK_TEST(os, a_dead_peer_is_an_error_and_no_signal)
{
    ck_socket client = CK_SOCKET_NONE;
    ck_socket server = CK_SOCKET_NONE;
    open_pair(&client, &server);
    ck_socket_reset(&server);
    wait_for(client, POLLIN);
    const ck_io_piece piece = {"x", 1};
    size_t sent = 0;
    for (int i = 0; i < 3; i++) {
        CK_CHECK_EQ(ck_socket_send(client, &piece, 1, &sent), CHALK_ERR_DISCONNECTED);
    }
    ck_socket_close(&client);
}

/* --- files --------------------------------------------------------------------------------- */

static int count_names(void *user, const char *name)
{
    int *count = user;
    ++*count;
    return strcmp(name, "stop") == 0 ? CHALK_ERR_END : CHALK_OK;
}

CK_TEST(os, files_are_appended_to_read_cut_and_renamed)
{
    char folder[CK_TEST_FOLDER_MAX], path[CK_TEST_FOLDER_MAX + 8], other[CK_TEST_FOLDER_MAX + 8];
    char data[16];
    size_t got = 0;
    uint64_t size = 0;
    int names = 0;
    ck_test_folder(folder);
    snprintf(path, sizeof path, "%s/one", folder);
    snprintf(other, sizeof other, "%s/stop", folder);
    ck_file file = CK_FILE_NONE;
    CK_CHECK_EQ(ck_file_open(path, &file), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(ck_file_create(path, &file), CHALK_OK);
    CK_CHECK_EQ(ck_file_append(file, "hello ", 6), CHALK_OK);
    CK_CHECK_EQ(ck_file_append(file, "world", 5), CHALK_OK);
    CK_CHECK_EQ(ck_file_sync(file), CHALK_OK);
    ck_file_drop_cache(file);
    CK_CHECK_EQ(ck_file_read(file, 6, data, sizeof data, &got), CHALK_OK);
    CK_CHECK_EQ(got, 5);
    CK_CHECK_MEM(data, "world", 5);
    /* Behind a cut it goes on at the new end. */
    CK_CHECK_EQ(ck_file_cut(path, 5), CHALK_OK);
    CK_CHECK_EQ(ck_file_append(file, "!", 1), CHALK_OK);
    CK_CHECK_EQ(ck_file_size(file, &size), CHALK_OK);
    CK_CHECK_EQ(size, 6);
    CK_CHECK_EQ(ck_file_read(file, 99, data, sizeof data, &got), CHALK_OK);
    CK_CHECK_EQ(got, 0);
    ck_file_close(&file);
    CK_CHECK(file == CK_FILE_NONE);
    CK_CHECK_EQ(ck_file_rename(path, other), CHALK_OK);
    CK_CHECK_EQ(ck_file_open(path, &file), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(ck_folder_list(folder, count_names, &names), CHALK_ERR_END);
    CK_CHECK_EQ(names, 1);
    CK_CHECK_EQ(ck_folder_sync(folder), CHALK_OK);
    CK_CHECK_EQ(ck_file_remove(other), CHALK_OK);
    CK_CHECK_EQ(ck_file_remove(other), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(ck_file_cut(other, 0), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(ck_folder_list(other, count_names, &names), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(ck_folder_sync(other), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(ck_folder_make(folder), CHALK_OK);
    CK_CHECK(ck_folder_make("/dev/null") < 0);
    rmdir(folder);
}

CK_TEST(os, a_file_has_one_holder)
{
    char folder[CK_TEST_FOLDER_MAX], path[CK_TEST_FOLDER_MAX + 8];
    ck_file first = CK_FILE_NONE, second = CK_FILE_NONE;
    ck_test_folder(folder);
    snprintf(path, sizeof path, "%s/lock", folder);
    CK_CHECK_EQ(ck_file_lock(path, &first), CHALK_OK);
    CK_CHECK_EQ(ck_file_lock(path, &second), CHALK_ERR_DEVICE_BUSY);
    CK_CHECK(second == CK_FILE_NONE);
    ck_file_close(&first);
    CK_CHECK_EQ(ck_file_lock(path, &second), CHALK_OK);
    ck_file_close(&second);
    unlink(path);
    rmdir(folder);
    CK_CHECK_EQ(ck_file_lock(path, &first), CHALK_ERR_NOT_FOUND);
}

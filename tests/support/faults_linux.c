/* RTLD_NEXT and the calls themselves are GNU's and Linux's. */
#define _GNU_SOURCE
#include "support/faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#define EXPORTED __attribute__((visibility("default")))

typedef struct plan {
    atomic_int what; /* 0: no fault */
    atomic_uint skip, share, left, met;
} plan;

static plan plans[FAULT_CALLS];
static atomic_uint_fast64_t dice;
static atomic_int_fast64_t wall_shift_s;

void faults_clear(void)
{
    for (size_t i = 0; i < FAULT_CALLS; i++) {
        atomic_store(&plans[i].what, 0);
    }
}

void faults_set(const fault *list, unsigned count, uint64_t seed)
{
    faults_clear();
    atomic_store(&dice, seed * 2 + 1);
    for (size_t i = 0; i < FAULT_CALLS; i++) {
        atomic_store(&plans[i].met, 0);
    }
    for (unsigned i = 0; i < count; i++) {
        plan *p = &plans[list[i].call];
        atomic_store(&p->skip, list[i].skip);
        atomic_store(&p->share, list[i].share != 0 ? list[i].share : 256);
        atomic_store(&p->left, list[i].count != 0 ? list[i].count : UINT32_MAX);
        atomic_store(&p->what, list[i].what);
    }
}

unsigned faults_met(enum fault_call call)
{
    return atomic_load(&plans[call].met);
}

void faults_shift_wall(int64_t seconds)
{
    atomic_store(&wall_shift_s, seconds);
}

/* Multiplication by an odd number and a shift: plain, and the same for a seed on one thread. */
static unsigned throw_dice(void)
{
    uint64_t value = atomic_fetch_add(&dice, 0x9e3779b97f4a7c15u);
    return (unsigned)((value * 0xd1342543de82ef95u) >> 40);
}

/* What is to go wrong with this call; 0: nothing. */
static int take(enum fault_call call)
{
    plan *p = &plans[call];
    int what = atomic_load(&p->what);
    if (what == 0) {
        return 0;
    }
    unsigned skip = atomic_load(&p->skip);
    while (skip > 0) {
        if (atomic_compare_exchange_weak(&p->skip, &skip, skip - 1)) {
            return 0;
        }
    }
    if (throw_dice() % 256 >= atomic_load(&p->share)) {
        return 0;
    }
    unsigned left = atomic_load(&p->left);
    while (left > 0 && !atomic_compare_exchange_weak(&p->left, &left, left - 1)) {
    }
    atomic_fetch_add(&p->met, left > 0);
    return left > 0 ? what : 0;
}

static size_t some_of(size_t size)
{
    size_t part = throw_dice() % 64 + 1;
    return part < size ? part : size;
}

/* True: the call fails, errno is set. */
static bool refused(enum fault_call call)
{
    int what = take(call);
    if (what > 0) {
        errno = what;
    }
    return what > 0;
}

/* POSIX gives functions as pointers to data; C wants that spelled out. */
#define REAL(name)                                                                                 \
    static __typeof__(name) *real;                                                                 \
    if (real == NULL) {                                                                            \
        void *found = dlsym(RTLD_NEXT, #name);                                                     \
        memcpy(&real, &found, sizeof real);                                                        \
    }

EXPORTED ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    REAL(sendmsg)
    int what = take(FAULT_SEND);
    if (what > 0) {
        errno = what;
        return -1;
    }
    if (what != FAULT_SHORT || message->msg_iovlen == 0) {
        return real(fd, message, flags);
    }
    struct iovec first = message->msg_iov[0];
    struct msghdr less = *message;
    first.iov_len = some_of(first.iov_len);
    less.msg_iov = &first;
    less.msg_iovlen = 1;
    return real(fd, &less, flags);
}

EXPORTED ssize_t recv(int fd, void *data, size_t size, int flags)
{
    REAL(recv)
    int what = take(FAULT_RECEIVE);
    if (what > 0) {
        errno = what;
        return -1;
    }
    return real(fd, data, what == FAULT_SHORT ? some_of(size) : size, flags);
}

EXPORTED int accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
    REAL(accept4)
    return refused(FAULT_ACCEPT) ? -1 : real(fd, address, size, flags);
}

EXPORTED int socket(int domain, int type, int protocol)
{
    REAL(socket)
    return refused(FAULT_SOCKET) ? -1 : real(domain, type, protocol);
}

EXPORTED int connect(int fd, const struct sockaddr *address, socklen_t size)
{
    REAL(connect)
    return refused(FAULT_CONNECT) ? -1 : real(fd, address, size);
}

EXPORTED int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                         struct addrinfo **out)
{
    REAL(getaddrinfo)
    int what = take(FAULT_RESOLVE);
    if (what == 0) {
        return real(node, service, hints, out);
    }
    nanosleep(&(struct timespec){.tv_nsec = FAULT_LATE_MS * 1000000L}, NULL);
    return what;
}

/* AddressSanitizer has to see threads begin: its own form of the call, where there is one. */
int __interceptor_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                                 void *(*start)(void *), void *arg) __attribute__((weak));

EXPORTED int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                            void *(*start)(void *), void *arg)
{
    REAL(pthread_create)
    int what = take(FAULT_THREAD);
    if (what > 0) {
        return what;
    }
    return __interceptor_pthread_create != NULL
               ? __interceptor_pthread_create(thread, attributes, start, arg)
               : real(thread, attributes, start, arg);
}

static bool is_recording(const char *path)
{
    size_t size = strlen(path), end = sizeof FAULT_PATH_END - 1;
    return size > end && strcmp(path + size - end, FAULT_PATH_END) == 0;
}

EXPORTED int open64(const char *path, int flags, ...)
{
    REAL(open64)
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    return is_recording(path) && refused(FAULT_OPEN) ? -1 : real(path, flags, mode);
}

EXPORTED ssize_t write(int fd, const void *data, size_t size)
{
    REAL(write)
    struct stat info;
    bool armed = atomic_load(&plans[FAULT_WRITE].what) != 0;
    bool file = armed && fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
    int what = file ? take(FAULT_WRITE) : 0;
    if (what > 0) {
        errno = what;
        return -1;
    }
    return real(fd, data, what == FAULT_SHORT ? some_of(size) : size);
}

EXPORTED int fdatasync(int fd)
{
    REAL(fdatasync)
    return refused(FAULT_SYNC) ? -1 : real(fd);
}

EXPORTED int fsync(int fd)
{
    REAL(fsync)
    return refused(FAULT_SYNC) ? -1 : real(fd);
}

EXPORTED int rename(const char *from, const char *to)
{
    REAL(rename)
    return refused(FAULT_RENAME) ? -1 : real(from, to);
}

EXPORTED int truncate(const char *path, off_t size)
{
    REAL(truncate)
    return refused(FAULT_CUT) ? -1 : real(path, size);
}

EXPORTED int clock_gettime(clockid_t clock, struct timespec *out)
{
    REAL(clock_gettime)
    int status = real(clock, out);
    if (clock == CLOCK_REALTIME) {
        out->tv_sec += (time_t)atomic_load(&wall_shift_s);
    }
    return status;
}

EXPORTED int uv_random(uv_loop_t *loop, uv_random_t *request, void *data, size_t size,
                       unsigned flags, uv_random_cb done)
{
    REAL(uv_random)
    int what = take(FAULT_ENTROPY);
    return what != 0 ? what : real(loop, request, data, size, flags, done);
}

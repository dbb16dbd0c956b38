/*
 * chalkrail/errors.h - every error the library returns, in one list.
 *
 * Functions return `int`: 0 (CHALK_OK) or a positive count on success, one of the negative values
 * below on failure. The list is an X-macro: the names, the table in docs/ERRORS.md and the
 * exceptions of the bindings are generated from it, so they cannot disagree.
 *
 * Three families, by what the caller should do next:
 *   usage      the call itself was wrong; fix the program. Retrying cannot help.
 *   operating  the system or the network refused; the text says whether and when to retry.
 *   peer       the other end broke its protocol; that connection is closed, nothing else is.
 *
 *     int status = chalk_session_create(runtime, NULL, &session);
 *     if (status < 0) fprintf(stderr, "%s\n", chalk_error_text(status));
 *
 * Thread: everything here is pure and may be called from any thread. Lifetime: the texts are
 * static.
 */
#ifndef CHALKRAIL_ERRORS_H
#define CHALKRAIL_ERRORS_H

#include "chalkrail/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(NAME, value, family, text for people, what to do next) */
#define CHALK_ERROR_LIST(X)                                                                        \
    X(INVALID_ARGUMENT, -1, USAGE, "an argument is out of its range", "fix the call")              \
    X(BAD_STATE, -2, USAGE, "the object is not in a state that allows this", "see the function")   \
    X(NOT_FOUND, -3, USAGE, "no such object, or it is already gone", "drop the id")                \
    X(UNSUPPORTED, -4, USAGE, "this build or system cannot do that", "choose another way")         \
    X(WRONG_THREAD, -5, USAGE, "the function may not be called from here", "see its Thread line")  \
    X(LIMIT, -6, USAGE, "a stated limit is reached", "release something first")                    \
    X(NO_MEMORY, -20, OPERATING, "memory is exhausted", "release memory, then retry")              \
    X(AGAIN, -21, OPERATING, "nothing to give or no room yet", "call again after the next event")  \
    X(END, -22, OPERATING, "the end was reached", "nothing more will come")                        \
    X(CANCELLED, -23, OPERATING, "the request was cancelled", "nothing to do")                     \
    X(TIMEOUT, -24, OPERATING, "no answer in time", "retry later")                                 \
    X(IO, -25, OPERATING, "reading or writing failed", "check the path or device, then retry")     \
    X(NO_SPACE, -26, OPERATING, "the disk is full", "make room, then start again")                 \
    X(NO_DEVICE, -27, OPERATING, "the device does not exist or was taken away", "list devices")    \
    X(DEVICE_BUSY, -28, OPERATING, "another program holds the device", "close it there, retry")    \
    X(NO_PERMISSION, -29, OPERATING, "the system denies access", "ask the user to allow it")       \
    X(NO_DISPLAY, -30, OPERATING, "no display can be opened", "set DISPLAY or go without one")     \
    X(NAME_UNRESOLVED, -31, OPERATING, "the host name has no address", "check the name, retry")    \
    X(REFUSED, -32, OPERATING, "nobody accepts connections there", "check the port, retry")        \
    X(UNREACHABLE, -33, OPERATING, "no route to the host", "check the network, retry")             \
    X(DISCONNECTED, -34, OPERATING, "the connection was lost", "the library retries by itself")    \
    X(TLS, -35, OPERATING, "the certificate or its host name is not trusted", "check the host")    \
    X(ADDRESS_IN_USE, -36, OPERATING, "the port is already in use", "choose another port")         \
    X(CODEC, -37, OPERATING, "the encoder or decoder failed", "another codec is tried")            \
    X(NO_MEDIA, -38, OPERATING, "nothing came that could be recorded", "wait for a picture first") \
    X(NO_TLS, -39, OPERATING, "the server speaks no TLS on this port", "go without, or elsewhere") \
    X(DENIED, -50, PEER, "the server refused the token or the right", "get a new token")           \
    X(NO_STREAM, -51, PEER, "the server has no such stream", "wait until it is published")         \
    X(NAME_TAKEN, -52, PEER, "somebody already publishes under this name", "choose another")       \
    X(PROTOCOL, -53, PEER, "the peer broke the protocol", "report it to the server's operator")    \
    X(TOO_LARGE, -54, PEER, "the peer sent more than the limit allows", "report it")               \
    X(BAD_DATA, -55, PEER, "the data is malformed or cut short", "report it")                      \
    X(PEER_CLOSED, -56, PEER, "the server ended the stream", "nothing to do")                      \
    X(CODEC_UNKNOWN, -57, PEER, "the stream uses a codec this build cannot decode", "report it")

/* The values themselves: CHALK_OK, CHALK_ERR_INVALID_ARGUMENT, ... */
enum chalk_error {
    CHALK_OK = 0,
#define CHALK_ERROR_ENUM(name, value, family, text, advice) CHALK_ERR_##name = value,
    CHALK_ERROR_LIST(CHALK_ERROR_ENUM)
#undef CHALK_ERROR_ENUM
};

/**
 * The symbolic name of an error, for logs and reports.
 *
 * @param error  any value that a function of this library returned.
 * @return "OK" for 0 and above, for example "NOT_FOUND" for an error, "UNKNOWN" for a value
 *         that is not in the list.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: static text; never freed.
 * Since: 0.1
 */
CHALK_API const char *chalk_error_name(int error);

/**
 * One English sentence fragment that says what happened, fit for a message to a user.
 *
 * @param error  any value that a function of this library returned.
 * @return the text from the list above; "no error" for 0 and above, "unknown error" otherwise.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: static text; never freed.
 * Since: 0.1
 */
CHALK_API const char *chalk_error_text(int error);

/**
 * What to do about an error, as a short imperative.
 *
 * @param error  any value that a function of this library returned.
 * @return the advice from the list above; "" where there is nothing to do.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: static text; never freed.
 * Since: 0.1
 */
CHALK_API const char *chalk_error_advice(int error);

#ifdef __cplusplus
}
#endif
#endif

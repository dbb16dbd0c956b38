/*
 * Command messages (RTMP 1.0, 7.1.1 and 7.2) and the codes of their answers. Writing appends to a
 * ck_buf, which remembers the first failure. Reading is over a borrowed body.
 */
#ifndef CK_CORE_RTMP_COMMAND_H
#define CK_CORE_RTMP_COMMAND_H

#include "base/bytes.h"
#include "core/amf/amf.h"
#include "core/rtmp/message.h"
#include "core/rtmp/rtmp.h"

#include <stdbool.h>

/* command_encode.c */

/* Name and transaction alone; what follows is the caller's. */
void ck_rtmp_put_command(ck_buf *b, const char *name, double transaction);
/* name, transaction, null, text: releaseStream, FCPublish, FCUnpublish. */
void ck_rtmp_put_call(ck_buf *b, const char *name, double transaction, const char *text);
void ck_rtmp_put_connect(ck_buf *b, double transaction, const ck_rtmp_config *config);
void ck_rtmp_put_publish(ck_buf *b, double transaction, const char *stream);
void ck_rtmp_put_play(ck_buf *b, double transaction, const char *stream);
void ck_rtmp_put_delete_stream(ck_buf *b, double transaction, uint32_t stream);
void ck_rtmp_put_connect_result(ck_buf *b, double transaction, const ck_rtmp_config *config);
/* _result with nothing but its transaction. */
void ck_rtmp_put_empty_result(ck_buf *b, double transaction);
void ck_rtmp_put_number_result(ck_buf *b, double transaction, double value);
/* _error, or onStatus with transaction 0: null, then level, code and description. */
void ck_rtmp_put_info(ck_buf *b, const char *name, double transaction, const char *level,
                      const char *code, const char *description);
/* The data message "|RtmpSampleAccess" that lets a player look at its samples; some wait for it. */
void ck_rtmp_put_sample_access(ck_buf *b);

/* command_decode.c */

#define CK_RTMP_COMMAND_NAME_MAX 32
#define CK_RTMP_CODE_MAX         64
#define CK_RTMP_TEXT_MAX         256
/* Name of the member of connect and its answer, and of the command. */
#define CK_RTMP_KEY_FRAME "chalkrailKeyFrame"

typedef struct ck_rtmp_command {
    char name[CK_RTMP_COMMAND_NAME_MAX]; /* "" when longer than any known one */
    double transaction;                  /* 0: no answer is expected */
    ck_amf_in args;                      /* stands before the command object */
} ck_rtmp_command;

/* What _result, _error and onStatus say. Cut, never refused, where longer. */
typedef struct ck_rtmp_info {
    char level[16];
    char code[CK_RTMP_CODE_MAX];
    char description[CK_RTMP_TEXT_MAX];
} ck_rtmp_info;

/* Opens an AMF0 or AMF3 command message; borrows its body. Errors: BAD_DATA, and TOO_LARGE and
 * PROTOCOL as of ck_amf_next. */
int ck_rtmp_command_open(ck_rtmp_command *c, const ck_rtmp_message *message);
/* Passes the command object (or null) and reads the info object behind it; what is absent is "".
 * Errors: BAD_DATA. */
int ck_rtmp_command_info(ck_rtmp_command *c, ck_rtmp_info *info);

/* status.c */

/* What a server's code means: an error, or CHALK_OK for a code that reports no end. `error_level`
 * is whether it came as _error or with level "error"; `otherwise` is the error for such a code that
 * has no meaning of its own here. */
int ck_rtmp_status_of_code(const char *code, bool error_level, int otherwise);
/* The code that names `status` in a refusal of `request` (one of the *_REQUEST event kinds). */
const char *ck_rtmp_code_of_status(enum ck_rtmp_event_kind request, int status);

#endif

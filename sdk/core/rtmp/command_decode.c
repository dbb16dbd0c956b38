#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "core/rtmp/command.h"

#include <string.h>

/* Copies what fits; a byte 0 ends the text like any other end. */
static void copy_cut(char *out, size_t size, const ck_amf_item *item)
{
    size_t length = CK_MIN(item->text_size, size - 1);
    memcpy(out, item->text, length);
    out[length] = '\0';
}

int ck_rtmp_command_open(ck_rtmp_command *c, const ck_rtmp_message *message)
{
    const uint8_t *data = message->body.data;
    size_t size = message->body.size;
    /* An AMF3 command is a format byte and, for that format 0, AMF0 (7.1.1). */
    if (message->type == CK_RTMP_COMMAND_AMF3 && size > 0 && data[0] == 0) {
        data++;
        size--;
    }
    ck_amf_in_init(&c->args, data, size);
    ck_amf_item item;
    int status = ck_amf_next(&c->args, &item);
    if (status < 0 || item.kind != CK_AMF_STRING) {
        return status < 0 && status != CHALK_ERR_END ? status : CHALK_ERR_BAD_DATA;
    }
    c->name[0] = '\0';
    if (item.text_size < sizeof c->name) {
        copy_cut(c->name, sizeof c->name, &item);
    }
    status = ck_amf_next(&c->args, &item);
    if (status == CHALK_ERR_END) {
        c->transaction = 0; /* onBWDone of some servers ends here */
        return CHALK_OK;
    }
    if (status < 0 || item.kind != CK_AMF_NUMBER) {
        return status < 0 ? status : CHALK_ERR_BAD_DATA;
    }
    c->transaction = item.number;
    return CHALK_OK;
}

static int find_cut(const ck_amf_in *in, const char *name, char *out, size_t size)
{
    ck_amf_item item;
    int status = ck_amf_find(in, name, &item);
    out[0] = '\0';
    if (status == CHALK_OK && item.kind == CK_AMF_STRING) {
        copy_cut(out, size, &item);
    }
    return status == CHALK_ERR_NOT_FOUND ? CHALK_OK : status;
}

int ck_rtmp_command_info(ck_rtmp_command *c, ck_rtmp_info *info)
{
    *info = (ck_rtmp_info){{0}, {0}, {0}};
    int status = ck_amf_skip(&c->args);
    ck_amf_in rest = c->args;
    ck_amf_item item;
    if (status == CHALK_OK) {
        status = ck_amf_next(&rest, &item);
    }
    if (status < 0) {
        return status == CHALK_ERR_END ? CHALK_OK : status;
    }
    /* Some servers answer a call with a bare value: it has no code to read. */
    if (item.kind != CK_AMF_OBJECT && item.kind != CK_AMF_ECMA_ARRAY) {
        return CHALK_OK;
    }
    status = find_cut(&c->args, "level", info->level, sizeof info->level);
    if (status == CHALK_OK) {
        status = find_cut(&c->args, "code", info->code, sizeof info->code);
    }
    if (status == CHALK_OK) {
        status = find_cut(&c->args, "description", info->description, sizeof info->description);
    }
    return status;
}

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/rtmp/command.h"

#include <string.h>

typedef struct code_meaning {
    const char *code;
    int status;
} code_meaning;

/* Codes that end a connection or a stream, as Adobe's ActionScript reference names them. It has
 * none for publishers that are refused: Denied and Rejected are the field's, and
 * NoSupportedTrackFound is the reference's word for players, used for publishers as well. */
static const code_meaning meanings[] = {
    {"NetConnection.Connect.Rejected", CHALK_ERR_DENIED},
    {"NetConnection.Connect.InvalidApp", CHALK_ERR_DENIED},
    /* Failed says nothing of rights: a server that is full or stopping may take it later. */
    {"NetConnection.Connect.Failed", CHALK_ERR_REFUSED},
    {"NetStream.Failed", CHALK_ERR_REFUSED},
    {"NetConnection.Connect.Closed", CHALK_ERR_PEER_CLOSED},
    {"NetConnection.Connect.AppShutdown", CHALK_ERR_PEER_CLOSED},
    {"NetStream.Publish.BadName", CHALK_ERR_NAME_TAKEN},
    {"NetStream.Publish.Denied", CHALK_ERR_DENIED},
    {"NetStream.Publish.Rejected", CHALK_ERR_DENIED},
    {"NetStream.Publish.NoSupportedTrackFound", CHALK_ERR_CODEC_UNKNOWN},
    {"NetStream.Unpublish.Success", CHALK_ERR_PEER_CLOSED},
    {"NetStream.Play.StreamNotFound", CHALK_ERR_NO_STREAM},
    /* "the subscriber has no read access" is the reference's example for it */
    {"NetStream.Play.Failed", CHALK_ERR_DENIED},
    {"NetStream.Play.NoSupportedTrackFound", CHALK_ERR_CODEC_UNKNOWN},
    {"NetStream.Play.FileStructureInvalid", CHALK_ERR_CODEC_UNKNOWN},
    {"NetStream.Play.Stop", CHALK_ERR_PEER_CLOSED},
    {"NetStream.Play.Complete", CHALK_ERR_PEER_CLOSED},
    {"NetStream.Play.UnpublishNotify", CHALK_ERR_PEER_CLOSED},
};

int ck_rtmp_status_of_code(const char *code, bool error_level, int otherwise)
{
    for (size_t i = 0; i < CK_COUNT_OF(meanings); i++) {
        if (strcmp(code, meanings[i].code) == 0) {
            return meanings[i].status;
        }
    }
    return error_level ? otherwise : CHALK_OK;
}

typedef struct refusal {
    enum ck_rtmp_event_kind request;
    int status; /* CHALK_OK: any other */
    const char *code;
} refusal;

static const refusal refusals[] = {
    {CK_RTMP_EV_CONNECT_REQUEST, CHALK_ERR_NO_STREAM, "NetConnection.Connect.InvalidApp"},
    {CK_RTMP_EV_CONNECT_REQUEST, CHALK_ERR_DENIED, "NetConnection.Connect.Rejected"},
    {CK_RTMP_EV_CONNECT_REQUEST, CHALK_OK, "NetConnection.Connect.Failed"},
    {CK_RTMP_EV_PUBLISH_REQUEST, CHALK_ERR_NAME_TAKEN, "NetStream.Publish.BadName"},
    {CK_RTMP_EV_PUBLISH_REQUEST, CHALK_ERR_DENIED, "NetStream.Publish.Denied"},
    {CK_RTMP_EV_PUBLISH_REQUEST, CHALK_ERR_CODEC_UNKNOWN,
     "NetStream.Publish.NoSupportedTrackFound"},
    {CK_RTMP_EV_PUBLISH_REQUEST, CHALK_OK, "NetStream.Failed"},
    {CK_RTMP_EV_PLAY_REQUEST, CHALK_ERR_NO_STREAM, "NetStream.Play.StreamNotFound"},
    {CK_RTMP_EV_PLAY_REQUEST, CHALK_ERR_DENIED, "NetStream.Play.Failed"},
    {CK_RTMP_EV_PLAY_REQUEST, CHALK_ERR_CODEC_UNKNOWN, "NetStream.Play.NoSupportedTrackFound"},
    {CK_RTMP_EV_PLAY_REQUEST, CHALK_OK, "NetStream.Failed"},
};

const char *ck_rtmp_code_of_status(enum ck_rtmp_event_kind request, int status)
{
    for (size_t i = 0; i < CK_COUNT_OF(refusals); i++) {
        bool fits = refusals[i].status == status || refusals[i].status == CHALK_OK;
        if (refusals[i].request == request && fits) {
            return refusals[i].code;
        }
    }
    return "NetStream.Failed";
}

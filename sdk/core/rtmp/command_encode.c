#include "core/rtmp/capabilities.h"
#include "core/rtmp/command.h"

/* What Flash Player 10 says of itself; servers choose by it what they send a player (7.2.1.1). */
#define PLAYER_CAPABILITIES   15
#define PLAYER_AUDIO_CODECS   4071
#define PLAYER_VIDEO_CODECS   252
#define PLAYER_VIDEO_FUNCTION 1
/* Clients look at the shape of the server's version and read no more of it. */
#define SERVER_VERSION         "FMS/3,0,1,123"
#define SERVER_CAPABILITIES    31
#define START_LIVE_OR_RECORDED (-2000.0)

void ck_rtmp_put_command(ck_buf *b, const char *name, double transaction)
{
    ck_amf_put_string(b, name);
    ck_amf_put_number(b, transaction);
}

void ck_rtmp_put_call(ck_buf *b, const char *name, double transaction, const char *text)
{
    ck_rtmp_put_command(b, name, transaction);
    ck_amf_put_null(b);
    ck_amf_put_string(b, text);
}

void ck_rtmp_put_connect(ck_buf *b, double transaction, const ck_rtmp_config *config)
{
    ck_rtmp_put_command(b, "connect", transaction);
    ck_amf_put_object(b);
    ck_amf_put_key_string(b, "app", config->app);
    if (config->mode == CK_RTMP_PUBLISH) {
        ck_amf_put_key_string(b, "type", "nonprivate");
    }
    ck_amf_put_key_string(b, "flashVer", config->flash_version);
    ck_amf_put_key_string(b, "tcUrl", config->tc_url);
    if (config->mode == CK_RTMP_PLAY) {
        ck_amf_put_key_boolean(b, "fpad", false);
        ck_amf_put_key_number(b, "capabilities", PLAYER_CAPABILITIES);
        ck_amf_put_key_number(b, "audioCodecs", PLAYER_AUDIO_CODECS);
        ck_amf_put_key_number(b, "videoCodecs", PLAYER_VIDEO_CODECS);
        ck_amf_put_key_number(b, "videoFunction", PLAYER_VIDEO_FUNCTION);
    }
    ck_amf_put_key_number(b, "objectEncoding", 0);
    ck_rtmp_put_capabilities(b, config);
    ck_rtmp_put_key_frames(b, config);
    ck_amf_put_end(b);
}

void ck_rtmp_put_publish(ck_buf *b, double transaction, const char *stream)
{
    ck_rtmp_put_call(b, "publish", transaction, stream);
    ck_amf_put_string(b, "live");
}

void ck_rtmp_put_play(ck_buf *b, double transaction, const char *stream)
{
    ck_rtmp_put_call(b, "play", transaction, stream);
    ck_amf_put_number(b, START_LIVE_OR_RECORDED);
}

void ck_rtmp_put_delete_stream(ck_buf *b, double transaction, uint32_t stream)
{
    ck_rtmp_put_command(b, "deleteStream", transaction);
    ck_amf_put_null(b);
    ck_amf_put_number(b, stream);
}

void ck_rtmp_put_connect_result(ck_buf *b, double transaction, const ck_rtmp_config *config)
{
    ck_rtmp_put_command(b, "_result", transaction);
    ck_amf_put_object(b);
    ck_amf_put_key_string(b, "fmsVer", SERVER_VERSION);
    ck_amf_put_key_number(b, "capabilities", SERVER_CAPABILITIES);
    ck_rtmp_put_capabilities(b, config);
    ck_rtmp_put_key_frames(b, config);
    ck_amf_put_end(b);
    ck_amf_put_object(b);
    ck_amf_put_key_string(b, "level", "status");
    ck_amf_put_key_string(b, "code", "NetConnection.Connect.Success");
    ck_amf_put_key_string(b, "description", "Connection succeeded.");
    ck_amf_put_key_number(b, "objectEncoding", 0);
    ck_amf_put_end(b);
}

void ck_rtmp_put_empty_result(ck_buf *b, double transaction)
{
    ck_rtmp_put_command(b, "_result", transaction);
    ck_amf_put_null(b);
    ck_amf_put_undefined(b);
}

void ck_rtmp_put_number_result(ck_buf *b, double transaction, double value)
{
    ck_rtmp_put_command(b, "_result", transaction);
    ck_amf_put_null(b);
    ck_amf_put_number(b, value);
}

void ck_rtmp_put_info(ck_buf *b, const char *name, double transaction, const char *level,
                      const char *code, const char *description)
{
    ck_rtmp_put_command(b, name, transaction);
    ck_amf_put_null(b);
    ck_amf_put_object(b);
    ck_amf_put_key_string(b, "level", level);
    ck_amf_put_key_string(b, "code", code);
    ck_amf_put_key_string(b, "description", description);
    ck_amf_put_end(b);
}

void ck_rtmp_put_sample_access(ck_buf *b)
{
    ck_amf_put_string(b, "|RtmpSampleAccess");
    ck_amf_put_boolean(b, true);
    ck_amf_put_boolean(b, true);
}

#include "core/flv/fourcc.h"

#include <stddef.h>

typedef struct codec_name {
    uint32_t fourcc;
    const char *name;
} codec_name;

static const codec_name names[] = {
    {CK_FOURCC_AVC, "H.264"}, {CK_FOURCC_HEVC, "HEVC"}, {CK_FOURCC_VVC, "VVC"},
    {CK_FOURCC_VP8, "VP8"},   {CK_FOURCC_VP9, "VP9"},   {CK_FOURCC_AV1, "AV1"},
    {CK_FOURCC_AAC, "AAC"},   {CK_FOURCC_OPUS, "Opus"}, {CK_FOURCC_FLAC, "FLAC"},
    {CK_FOURCC_MP3, "MP3"},   {CK_FOURCC_AC3, "AC-3"},  {CK_FOURCC_EAC3, "E-AC-3"},
};

const char *ck_fourcc_name(uint32_t fourcc)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].fourcc == fourcc) {
            return names[i].name;
        }
    }
    return "an unknown codec";
}

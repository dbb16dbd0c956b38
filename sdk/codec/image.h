/* Pictures' files to pixels, by libavcodec: decode_image of ck_codec_set. */
#ifndef CK_CODEC_IMAGE_H
#define CK_CODEC_IMAGE_H

#include "core/asset/asset.h"

int ck_image_decode(ck_bytes file, const ck_asset_probe *probe, uint8_t *pixels, size_t stride);

#endif

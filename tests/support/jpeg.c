#include "support/jpeg.h"

#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_MAX 64

typedef struct kept {
    int width, height;
    uint64_t number;
    bool tables;
    size_t size;
    uint8_t *bytes;
} kept;

static kept cache[KEPT_MAX];
static size_t cached;

static void need(bool condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "no JPEG picture for the test: %s\n", what);
        exit(2);
    }
}

static void draw(AVFrame *f, uint64_t number)
{
    for (int y = 0; y < f->height; y++) {
        for (int x = 0; x < f->width; x++) {
            bool corner = x < f->width / 2 && y < f->height / 2;
            f->data[0][y * f->linesize[0] + x] = corner ? 235 : (uint8_t)(50 * (number + 1));
        }
        memset(f->data[1] + y * f->linesize[1], 100, (size_t)f->width / 2);
        memset(f->data[2] + y * f->linesize[2], 150, (size_t)f->width / 2);
    }
}

/* The segment with this marker; its whole length in *length. */
static uint8_t *find_segment(uint8_t *jpeg, size_t size, uint8_t marker, size_t *length)
{
    size_t at = 2; /* behind the start of the image */
    while (at + 4 <= size && jpeg[at] == 0xff) {
        *length = 2 + ((size_t)jpeg[at + 2] << 8 | jpeg[at + 3]);
        if (jpeg[at + 1] == marker) {
            return jpeg + at;
        }
        at += *length;
    }
    return NULL;
}

static size_t without_tables(uint8_t *jpeg, size_t size)
{
    size_t length = 0;
    for (uint8_t *s = find_segment(jpeg, size, 0xc4, &length); s != NULL;
         s = find_segment(jpeg, size, 0xc4, &length)) {
        size -= length;
        memmove(s, s + length, size - (size_t)(s - jpeg));
    }
    return size;
}

static void encode(kept *k)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    need(codec != NULL, "this FFmpeg encodes none");
    AVCodecContext *context = avcodec_alloc_context3(codec);
    AVFrame *frame = av_frame_alloc();
    AVPacket *packet = av_packet_alloc();
    context->width = frame->width = k->width;
    context->height = frame->height = k->height;
    context->pix_fmt = frame->format = AV_PIX_FMT_YUVJ422P;
    context->color_range = AVCOL_RANGE_JPEG;
    context->time_base = (AVRational){1, 30};
    context->thread_count = 1;
    context->flags |= AV_CODEC_FLAG_QSCALE;
    context->global_quality = 2 * FF_QP2LAMBDA;
    frame->quality = context->global_quality;
    av_opt_set(context->priv_data, "huffman", "default", 0);
    need(avcodec_open2(context, codec, NULL) == 0, "the encoder does not open");
    need(av_frame_get_buffer(frame, 0) == 0, "memory");
    draw(frame, k->number);
    need(avcodec_send_frame(context, frame) == 0, "send");
    need(avcodec_receive_packet(context, packet) == 0, "receive");
    k->bytes = malloc((size_t)packet->size);
    need(k->bytes != NULL, "memory");
    memcpy(k->bytes, packet->data, (size_t)packet->size);
    k->size = (size_t)packet->size;
    if (!k->tables) {
        k->size = without_tables(k->bytes, k->size);
    }
    av_packet_free(&packet);
    av_frame_free(&frame);
    avcodec_free_context(&context);
}

const uint8_t *ck_jpeg_picture(int width, int height, uint64_t number, bool tables, size_t *size)
{
    for (size_t i = 0; i < cached; i++) {
        const kept *k = &cache[i];
        if (k->width == width && k->height == height && k->number == number &&
            k->tables == tables) {
            *size = k->size;
            return k->bytes;
        }
    }
    need(cached < KEPT_MAX, "too many kinds");
    kept *k = &cache[cached++];
    *k = (kept){width, height, number, tables, 0, NULL};
    encode(k);
    *size = k->size;
    return k->bytes;
}

void ck_jpeg_claim_size(uint8_t *jpeg, size_t size, uint16_t width, uint16_t height)
{
    size_t length = 0;
    uint8_t *s = find_segment(jpeg, size, 0xc0, &length);
    need(s != NULL, "no frame header");
    s[5] = (uint8_t)(height >> 8);
    s[6] = (uint8_t)height;
    s[7] = (uint8_t)(width >> 8);
    s[8] = (uint8_t)width;
}

#include "core/mp4/boxes.h"

#include "base/bytes.h"
#include "chalkrail/errors.h"

static const char too_short[] = "it is too short";
static const char miscounted[] = "it counts more than it holds";

int ck_mp4_refuse(ck_mp4_walk *w, uint32_t type, int status, const char *text)
{
    for (int i = 0; i < 4; i++) {
        uint8_t byte = (uint8_t)(type >> (24 - 8 * i));
        w->fault->box[i] = byte >= 0x20 && byte < 0x7f ? (char)byte : '?';
    }
    w->fault->text = text;
    return status;
}

static int refuse(ck_mp4_walk *w, const ck_mp4_box *box, const char *text)
{
    return ck_mp4_refuse(w, box->type, CHALK_ERR_BAD_DATA, text);
}

static int status_of(ck_mp4_walk *w, const ck_mp4_box *box, const ck_reader *in)
{
    return in->failed ? refuse(w, box, too_short) : CHALK_OK;
}

/* --- the movie ------------------------------------------------------------------------------- */

/* Version 1 has 64-bit times (ISO/IEC 14496-12 sections 8.2.2, 8.3.2, 8.4.2). */
int ck_mp4_take_header(ck_mp4_walk *w, ck_mp4_box *box)
{
    size_t least = box->type == CK_MP4_TYPE('m', 'd', 'h', 'd')   ? 24
                   : box->type == CK_MP4_TYPE('t', 'k', 'h', 'd') ? 84
                                                                  : 100;
    if (box->size >= 1 && box->data[0] == 1) {
        least += 12;
    }
    return box->size >= least ? CHALK_OK : refuse(w, box, too_short);
}

int ck_mp4_take_hdlr(ck_mp4_walk *w, ck_mp4_box *box)
{
    ck_reader in = ck_reader_of(box->data, box->size);
    ck_read_skip(&in, 8);
    w->handler = ck_read_be32(&in);
    ck_read_skip(&in, 12);
    return status_of(w, box, &in);
}

int ck_mp4_take_elst(ck_mp4_walk *w, ck_mp4_box *box)
{
    ck_reader in = ck_reader_of(box->data, box->size);
    size_t entry = ck_read_be32(&in) >> 24 == 1 ? 20 : 12;
    uint32_t count = ck_read_be32(&in);
    if (count > ck_reader_left(&in) / entry) {
        return refuse(w, box, miscounted);
    }
    return status_of(w, box, &in);
}

/* Any other version is no AVCDecoderConfigurationRecord, and some demuxers look for boxes in it. */
int ck_mp4_take_avcc(ck_mp4_walk *w, ck_mp4_box *box)
{
    bool record = box->size >= 7 && box->data[0] == 1;
    return record ? CHALK_OK : refuse(w, box, "it is no record of parameter sets");
}

/* The tag, and 7 bits of the length a byte (ISO/IEC 14496-1 section 8.3.3). True when the
 * descriptor is the expected one and lies in the box. */
static bool read_descriptor(ck_reader *in, uint8_t tag)
{
    uint8_t found = ck_read_u8(in);
    uint32_t length = 0;
    uint8_t byte = 0x80;
    for (int i = 0; i < 4 && (byte & 0x80) != 0; i++) {
        byte = ck_read_u8(in);
        length = length << 7 | (byte & 0x7f);
    }
    return found == tag && !in->failed && length <= ck_reader_left(in);
}

/* Down to the decoder's own configuration. Something must follow the descriptor of the decoder: a
 * demuxer that looks for its configuration would find it in the next box. */
int ck_mp4_take_esds(ck_mp4_walk *w, ck_mp4_box *box)
{
    enum { STREAM = 3, DECODER = 4, SPECIFIC = 5 };
    ck_reader in = ck_reader_of(box->data, box->size);
    ck_read_skip(&in, 4);
    bool sound = read_descriptor(&in, STREAM);
    ck_read_skip(&in, 2);
    uint8_t flags = ck_read_u8(&in);
    ck_read_skip(&in, (flags & 0x80) != 0 ? 2 : 0); /* depends on another stream */
    ck_read_skip(&in, (flags & 0x40) != 0 ? ck_read_u8(&in) : 0);
    ck_read_skip(&in, (flags & 0x20) != 0 ? 2 : 0); /* clock */
    sound = sound && read_descriptor(&in, DECODER);
    ck_read_skip(&in, 13);
    if (!sound || ck_reader_left(&in) == 0) {
        return refuse(w, box, "its descriptors leave it");
    }
    if (*in.at == SPECIFIC && !read_descriptor(&in, SPECIFIC)) {
        return refuse(w, box, "its descriptors leave it");
    }
    return status_of(w, box, &in);
}

int ck_mp4_take_trex(ck_mp4_walk *w, ck_mp4_box *box)
{
    ck_reader in = ck_reader_of(box->data, box->size);
    ck_read_skip(&in, 4);
    uint32_t id = ck_read_be32(&in);
    ck_read_skip(&in, 8); /* description, duration */
    uint32_t size = ck_read_be32(&in);
    ck_read_skip(&in, 4);
    if (w->default_count == CK_MP4_TRACKS_MAX) {
        return ck_mp4_refuse(w, box->type, CHALK_ERR_TOO_LARGE, "there are too many tracks");
    }
    w->defaults[w->default_count].id = id;
    w->defaults[w->default_count].size = size;
    w->default_count++;
    return status_of(w, box, &in);
}

/* --- fragments ------------------------------------------------------------------------------- */

/* The largest of those that stand there for the track: which of two a demuxer takes is its own. */
static uint32_t default_size(const ck_mp4_walk *w, uint32_t id)
{
    uint32_t size = 0;
    for (uint32_t i = 0; i < w->default_count; i++) {
        if (w->defaults[i].id == id && w->defaults[i].size > size) {
            size = w->defaults[i].size;
        }
    }
    return size;
}

int ck_mp4_take_tfhd(ck_mp4_walk *w, ck_mp4_box *box)
{
    ck_reader in = ck_reader_of(box->data, box->size);
    uint32_t flags = ck_read_be32(&in);
    w->sample_size = default_size(w, ck_read_be32(&in));
    ck_read_skip(&in, (flags & 0x01) != 0 ? 8 : 0); /* base data offset */
    ck_read_skip(&in, (flags & 0x02) != 0 ? 4 : 0); /* description */
    ck_read_skip(&in, (flags & 0x08) != 0 ? 4 : 0); /* duration */
    if ((flags & 0x10) != 0) {
        w->sample_size = ck_read_be32(&in);
    }
    ck_read_skip(&in, (flags & 0x20) != 0 ? 4 : 0); /* flags */
    if (w->has_header) {
        return refuse(w, box, "there are two");
    }
    w->has_header = true;
    return status_of(w, box, &in);
}

int ck_mp4_take_tfdt(ck_mp4_walk *w, ck_mp4_box *box)
{
    ck_reader in = ck_reader_of(box->data, box->size);
    ck_read_skip(&in, ck_read_be32(&in) >> 24 == 1 ? 8 : 4);
    return status_of(w, box, &in);
}

/* Section 8.8.8. Entries may be empty, so that the box's size does not bound their count. */
int ck_mp4_take_trun(ck_mp4_walk *w, ck_mp4_box *box)
{
    ck_reader in = ck_reader_of(box->data, box->size);
    uint32_t flags = ck_read_be32(&in);
    uint32_t count = ck_read_be32(&in);
    bool sized = (flags & 0x200) != 0;
    size_t before = (flags & 0x100) != 0 ? 4 : 0; /* duration */
    size_t behind = ((flags & 0x400) != 0 ? 4 : 0u) + ((flags & 0x800) != 0 ? 4 : 0u);
    size_t entry = before + (sized ? 4 : 0) + behind;
    ck_read_skip(&in, (flags & 0x01) != 0 ? 4 : 0); /* data offset */
    ck_read_skip(&in, (flags & 0x04) != 0 ? 4 : 0); /* first sample's flags */
    if (!w->has_header) {
        return refuse(w, box, "no header says whose it is");
    }
    if (in.failed || (entry > 0 && count > ck_reader_left(&in) / entry)) {
        return refuse(w, box, in.failed ? too_short : miscounted);
    }
    if (count > CK_MP4_SAMPLES_MAX - w->samples) {
        return ck_mp4_refuse(w, box->type, CHALK_ERR_TOO_LARGE, "there are too many samples");
    }
    w->samples += count;
    w->payload += sized ? 0 : (uint64_t)count * w->sample_size;
    for (uint32_t i = 0; sized && i < count; i++) {
        ck_read_skip(&in, before);
        w->payload += ck_read_be32(&in);
        ck_read_skip(&in, behind);
    }
    if (w->payload > CK_MP4_PAYLOAD_MAX) {
        return ck_mp4_refuse(w, box->type, CHALK_ERR_TOO_LARGE, "its samples are too large");
    }
    return CHALK_OK;
}

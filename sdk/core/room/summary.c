#include "core/room/summary.h"

bool ck_summary_next(ck_bytes *packed, uint64_t *number)
{
    ck_reader r = ck_reader_of(packed->data, packed->size);
    if (ck_reader_left(&r) == 0) {
        return false;
    }
    *number = ck_wire_get_varint(&r);
    *packed = ck_bytes_of(r.at, r.failed ? 0 : ck_reader_left(&r));
    return !r.failed;
}

static void add_share(uint64_t some, const ck_wire_summary *sum, ck_text *out)
{
    ck_text_add_u64(out, some);
    ck_text_add(out, " of ");
    ck_text_add_u64(out, sum->reported);
}

static void add_seeing(const ck_wire_summary *sum, ck_text *out)
{
    add_share(sum->page != 0 ? sum->see_page : sum->reported, sum, out);
    if (sum->page != 0) {
        ck_text_add(out, " see slide ");
        ck_text_add_u64(out, sum->page);
    } else {
        ck_text_add(out, " answer");
    }
    if (sum->reported < sum->people) {
        ck_text_add(out, " (");
        ck_text_add_u64(out, sum->people);
        ck_text_add(out, " are here)");
    }
    if (sum->oldest_ms > 0) {
        ck_text_add(out, ", the oldest ");
        ck_text_add_fixed(out, (double)sum->oldest_ms / 1000, 1);
        ck_text_add(out, " s behind");
    }
}

static void add_deaf(const ck_wire_summary *sum, const ck_room *room, ck_text *out)
{
    ck_bytes who = sum->deaf, why = sum->deaf_why;
    uint64_t id, sound;
    while (ck_summary_next(&who, &id)) {
        const ck_person *person = ck_room_find(room, id);
        ck_text_add(out, "; ");
        if (person != NULL) {
            ck_text_add(out, person->name);
        } else {
            ck_text_add(out, "participant ");
            ck_text_add_u64(out, id);
        }
        ck_text_add(out, ": ");
        ck_text_add(out, ck_sound_name(ck_summary_next(&why, &sound) ? sound : CK_SOUND_UNKNOWN));
    }
}

void ck_summary_text(const ck_wire_summary *sum, const ck_room *room, ck_text *out)
{
    if (sum->reported == 0) {
        ck_text_add(out, "no reports");
        return;
    }
    add_seeing(sum, out);
    ck_text_add(out, "; ");
    ck_text_add_u64(out, sum->hear);
    ck_text_add(out, " hear you");
    add_deaf(sum, room, out);
}

/* What a test expects to find in a pair; simulation uses the pair without it. */
#include "room_pair.h"
#include "support/check.h"

const ck_person *ck_pair_person(const ck_room_pair *p, uint32_t client, uint64_t id)
{
    static const ck_person nobody;
    const ck_person *person = ck_room_find(ck_replica_head(p->clients[client].replica), id);
    CK_CHECK(person != NULL);
    return person != NULL ? person : &nobody;
}

const ck_told *ck_pair_saw(const ck_room_pair *p, uint32_t client, enum ck_event_kind kind)
{
    static const ck_told nothing;
    const ck_told *told = ck_pair_told(p, client, kind);
    CK_CHECK(told != NULL);
    return told != NULL ? told : &nothing;
}

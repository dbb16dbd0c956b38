/*
 * A store and those who hold leases of it, for tests: a loop that the test drives, and calls that
 * wait for their answer. What is told is kept as text: "[3 state]4 one 5 two " is a checkpoint at 3
 * and records up to 4 and 5.
 */
#ifndef CK_TESTS_STORE_SUPPORT_H
#define CK_TESTS_STORE_SUPPORT_H

#include "edge/room_store.h"
#include "support/folder.h"

typedef struct shelf {
    bool disk;
    char folder[CK_TEST_FOLDER_MAX];
    uint32_t segment_bytes;
    uint32_t keep_s;
    char forgotten[64]; /* names of rooms that were removed for their age, "maths art " */
    ck_loop *loop;
    ck_room_store *store;
    bool in_call; /* an answer that comes now comes from inside a call */
} shelf;

typedef struct holder {
    shelf *shelf;
    ck_lease *lease;
    int opened; /* 1: not yet */
    uint64_t epoch;
    int tailed; /* 1: not yet */
    char told[4096];
    size_t told_size;
    unsigned records; /* told */
    int answer;       /* 0: none yet */
    uint64_t answered_to;
    unsigned answers;
} holder;

void shelf_open(shelf *s, bool disk);  /* a new folder, an empty store */
int shelf_start(shelf *s);             /* another store on the same folder */
void shelf_stop(shelf *s);             /* the store; the folder stays */
void shelf_close(shelf *s);            /* all of it */
void shelf_remove(const char *folder); /* with all that is in it */
void shelf_restart(shelf *s);          /* stop and start, which must work */
void shelf_turn(shelf *s);             /* what has come by now, or a little later */
ck_room_store_stats shelf_stats(shelf *s);
/* Whether the newest warning or error since shelf_open has this text in it. */
bool shelf_said(const char *text);
/* The newest file of a folder of the store ("log", "rooms") by name; "" if there is none. */
unsigned shelf_files(const shelf *s, const char *folder, char *newest, size_t size);
/* A file as bytes, and back. */
size_t shelf_read(const char *path, uint8_t *out, size_t size);
void shelf_write(const char *path, const uint8_t *data, size_t size);

int holder_open(holder *h, shelf *s, const char *room); /* the status */
void holder_close(holder *h);
/* 0: refused at once. */
int holder_append(holder *h, uint64_t after, uint64_t to, const char *text);
int holder_begin_append(holder *h, uint64_t after, uint64_t to, const char *text);
int holder_wait(holder *h); /* for the answer to what was begun */
/* Returns when the store has stopped to work on it. */
int holder_checkpoint(holder *h, uint64_t to, const char *text);
const char *holder_tail(holder *h); /* what was told; "?": not OK, see `tailed` */
/* One record, by somebody who comes and goes. */
void shelf_append(shelf *s, const char *room, uint64_t after, const char *text);

#endif

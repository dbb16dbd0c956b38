/*
 * The inside of the store on a disk. README.md draws it; the files' format is in docs/PROTOCOL.md.
 *
 * Threads. The loop asks. "chalk-store", the writer, takes all questions that wait, writes their
 * appends as one group and waits for the device once; it alone knows what is where (rooms, places,
 * segments). "chalk-keep", the keeper, does what takes longer, one job after the other: it reads
 * rooms, writes their files, removes files of the log. Since its jobs have an order, no file goes
 * before what was to be read of it is read.
 *
 * Who protects what: the fields below say; `lock` is the store's, a leaf. What a job holds is the
 * keeper's until it is back among `done`.
 */
#ifndef CK_EDGE_STORE_DISK_H
#define CK_EDGE_STORE_DISK_H

#include "core/journal/journal.h"
#include "edge/store/table.h"
#include "runtime/os/file.h"

#define CK_DISK_FOLDER_MAX  1024u        /* bytes of a folder's name */
#define CK_DISK_PATH_MAX    1216u        /* and of what is in it */
#define CK_DISK_SEGMENT_MAX (64u << 20)  /* a file of the log is ended beyond */
#define CK_DISK_GROUP_MAX   (4u << 20)   /* bytes that are written together, or one record */
#define CK_DISK_CLOSED_MAX  3u           /* files of the log besides the newest; then rooms move */
#define CK_DISK_PLACES_MAX  65536u       /* records of a room in the log */
#define CK_DISK_LOGGED_MAX  (64u << 20)  /* bytes of them */
#define CK_DISK_FILE_MAX    (256u << 20) /* of a room's file that is read */
#define CK_DISK_ROOMS_MAX   65536u       /* known at once */

typedef struct ck_disk_path {
    char text[CK_DISK_PATH_MAX];
} ck_disk_path;

/* A file of the log. */
typedef struct ck_disk_segment {
    ck_list link; /* oldest first */
    uint64_t number;
    uint64_t size; /* bytes of it that count */
    uint64_t at_s; /* Unix time at which it was begun, or as it was found last written */
    uint32_t mark;
    uint32_t live; /* places in it */
    bool loose;    /* the file may have more bytes than count: the next one says how many do */
    bool damaged;  /* is kept */
} ck_disk_segment;

/* Where a record is. */
typedef struct ck_disk_place {
    ck_disk_segment *segment;
    uint64_t after, to;
    uint32_t offset, size; /* of the whole entry */
} ck_disk_place;

typedef struct ck_disk_room {
    ck_named named;        /* first */
    uint64_t epoch;        /* of the newest lease, or of what is stored */
    uint64_t log_epoch;    /* of the newest record that was read from the log */
    uint64_t to;           /* where its log ends */
    uint64_t kept_to;      /* its file reaches up to here; 0: there is none */
    uint64_t kept_number;  /* and has all that was in files of the log up to this one */
    ck_disk_place *places; /* of the records behind kept_to, in order */
    size_t count, capacity;
    uint64_t bytes; /* of the places */
    uint32_t leases;
    uint32_t jobs;        /* under way */
    uint32_t losses_seen; /* of the disk's, when its newest record was read */
    bool damaged;
    bool grouped; /* has an append in the group */
} ck_disk_room;

enum ck_disk_job_kind {
    CK_JOB_TAIL = 1, /* read the room for `ask` */
    CK_JOB_KEEP,     /* write the room's file anew, of places and, for an ask, of its state */
    CK_JOB_REMOVE,   /* a file of the log */
    CK_JOB_VERIFY,   /* read a file of the log that could not be synced */
};

typedef struct ck_disk_job {
    ck_list link;
    enum ck_disk_job_kind kind;
    ck_disk_room *room;
    ck_disk_segment *segment;
    ck_ask *ask;           /* NULL: the disk's own */
    uint64_t epoch;        /* of the room */
    uint64_t expected;     /* the room's file reaches at least up to here */
    uint64_t kept_number;  /* KEEP: see ck_disk_room */
    ck_disk_place *places; /* a copy */
    size_t count;
    /* what came of it */
    int status;
    uint64_t to; /* KEEP: the file reaches up to here */
} ck_disk_job;

typedef struct ck_disk {
    ck_room_store store; /* first */
    /* set before the threads run, then constant */
    char folder[CK_DISK_FOLDER_MAX];
    uint64_t segment_max;
    uint32_t keep_s; /* 0: for ever */
    uint32_t sweep_s;
    ck_file lock_file;
    uint64_t start; /* counts the starts of edges on this folder */
    uv_thread_t writer, keeper;
    /* writer */
    ck_table rooms;
    ck_list segments; /* ck_disk_segment */
    uint64_t next_number;
    ck_file file;                /* of the newest segment; NONE: the next group begins a new one */
    ck_buf group;                /* the bytes of `grouped` */
    ck_list grouped;             /* asks */
    ck_list answers;             /* asks, given back at the end of a round */
    ck_room_store_stats counted; /* and then added up */
    uint64_t leases_given;
    uint32_t losses;      /* places of damage of which nobody knows whose they are */
    uint64_t lost_number; /* of the newest segment that has such a place */
    bool full;            /* no segment could be made: appends of this round are refused */
    bool failing;         /* the last group failed, and that was said */
    bool moving;          /* a room is moving out of the oldest segment */
    uint64_t now_s;       /* Unix time of the latest sweep */
    uint64_t sweep_ns;    /* uv_hrtime of the next one */
    /* lock */
    uv_cond_t wake;        /* of the writer */
    uv_cond_t keeper_wake; /* of the keeper */
    ck_list asks;          /* submitted */
    ck_list jobs;          /* for the keeper */
    ck_list done;          /* from it */
    uint32_t waiting;      /* asks */
    uint32_t keeping;      /* jobs that are not back */
    bool stopping;
    bool written; /* the writer has ended */
} ck_disk;

/* disk.c */
void ck_disk_log_path(const ck_disk *d, uint64_t number, ck_disk_path *out);
void ck_disk_room_path(const ck_disk *d, ck_bytes name, ck_disk_path *out);
/* FOLDER/WHAT */
void ck_disk_folder_path(const ck_disk *d, const char *what, ck_disk_path *out);
/* Writes a file so that it is there whole or as it was before: under another name, on the device,
 * then renamed. */
int ck_disk_write_file(const ck_disk_path *folder, const ck_disk_path *path, const ck_buf *bytes);
/* At most `limit` bytes of a file. TOO_LARGE: it has more than the limit and `whole` is asked for.
 */
int ck_disk_read_file(const ck_disk *d, const ck_disk_path *path, uint64_t limit, bool whole,
                      ck_slice *out);
int ck_disk_new_mark(uint32_t *mark);
void ck_disk_count(ck_disk *d, uint64_t *figure, uint64_t more); /* one of store.stats */

/* disk_load.c: before the threads run. */
int ck_disk_load(ck_disk *d);

/* disk_index.c: writer */
/* The room of this name, known or as its file tells; else a new one. BAD_DATA: its file cannot be
 * read; NO_MEMORY, IO. */
int ck_disk_room_get(ck_disk *d, ck_bytes name, ck_disk_room **out);
void ck_disk_room_release(ck_disk *d, ck_disk_room *room); /* forgets it where a file has it all */
bool ck_disk_room_is_whole(const ck_disk *d, const ck_disk_room *room);
int ck_disk_place_reserve(ck_disk *d, ck_disk_room *room); /* the next ck_disk_place_add fits */
void ck_disk_place_add(ck_disk_room *room, ck_disk_place place);
void ck_disk_places_drop(ck_disk_room *room, uint64_t to); /* those up to `to` */
void ck_disk_rooms_free(ck_disk *d);

/* disk_log.c: writer */
/* Room in the group for an entry of `size` bytes, begun if there is none. Else why not. */
int ck_disk_group_open(ck_disk *d, size_t size);
void ck_disk_group_close(ck_disk *d);        /* writes it, waits, settles its asks */
void ck_disk_tidy(ck_disk *d);               /* removes files of the log, moves rooms out */
ck_disk_segment *ck_disk_newest(ck_disk *d); /* NULL: none */
ck_disk_segment *ck_disk_segment_new(ck_disk *d, uint64_t number);

/* After the newest; CHALK_OK, or why there is none. Nothing is in the group. */
int ck_disk_segment_begin(ck_disk *d);

/* disk_old.c: writer */
void ck_disk_sweep(ck_disk *d); /* removes what is too old, if it is time to look */
bool ck_disk_segment_is_old(const ck_disk *d, const ck_disk_segment *segment);

/* disk_writer.c */
void ck_disk_write(void *disk); /* the thread */
/* A job for the keeper, of its room up to `to`; false: no memory. */
bool ck_disk_job_start(ck_disk *d, ck_disk_job job, uint64_t to);

/* disk_keeper.c */
void ck_disk_keep(void *disk); /* the thread */

/* disk_file.c: keeper; ck_disk_room_head also the writer, of rooms without jobs */
int ck_disk_room_head(ck_disk *d, ck_bytes name, ck_journal_entry *head); /* NOT_FOUND, BAD_DATA */
int ck_disk_read_room(ck_disk *d, const ck_disk_job *job, ck_tail *out);
int ck_disk_keep_room(ck_disk *d, ck_disk_job *job);

#endif

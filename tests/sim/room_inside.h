/* Private to room_*.c. */
#ifndef CK_SIM_ROOM_INSIDE_H
#define CK_SIM_ROOM_INSIDE_H

#include "core/drawing/drawing.h"
#include "core/sequencer/sequencer.h"
#include "sim/room.h"
#include "sim/seeds.h"
#include "sim/sim.h"

#define EDGES       2
#define PEOPLE_MAX  50
#define DEVICES_MAX 400                 /* replicas, ever */
#define FAULTS_US   UINT64_C(15000000)  /* so long things go wrong and people talk */
#define HEALED_US   UINT64_C(300000000) /* then all must be well by here */
#define UNIX_US     UINT64_C(1763600000000000)

typedef struct world world;

/* A WebSocket between a device and an edge: two ordered ways. */
typedef struct wire {
    world *world;
    struct device *device;
    uint32_t attempt;
    int edge;
    uint32_t life;           /* of the edge */
    uint64_t id;             /* the sequencer's */
    bool up_open, down_open; /* towards the edge, towards the device */
    uint64_t up_last_us, down_last_us;
    uint32_t delay_us;
    struct wire *next;
} wire;

typedef struct edge {
    world *world;
    int index;
    ck_sequencer *sequencer; /* NULL: does not run the room */
    struct ck_deflater *deflater;
    bool up;
    uint32_t life;
    uint64_t epoch;
    int64_t clock_off_us; /* of its wall clock */
    uint64_t wake_us;
} edge;

/* An intent that its device was told to be event `number`. */
typedef struct acknowledged {
    uint64_t person, counter, number, lane;
} acknowledged;

typedef struct device {
    world *world;
    uint32_t person; /* index */
    ck_replica *replica;
    ck_drawing drawing;
    uint64_t offline_until_us;
    struct ck_inflater *inflater; /* NULL: frames come plain */
    wire *wire;
    uint64_t wake_us;
    bool started;
    bool follows; /* a stream, with a delay */
    uint64_t behind_us, stalled_until_us, playing_us;
    uint64_t shown_us;                  /* room time, as last seen */
    uint64_t head_number, shown_number; /* of the last event told at head, and presented */
    uint64_t crowd_seen[64];            /* numbers of messages, the newest ones */
    uint32_t crowd_count;
    uint32_t keeps; /* messages */
} device;

typedef struct person {
    char name[16];
    enum ck_role role; /* of the token */
    device *device;    /* the newest */
} person;

/* What was committed, as an independent eye saw it. */
typedef struct fact {
    uint64_t number, lane, kind, author, target, audience, value, about, counter, epoch, order_us;
    uint64_t text; /* hash */
    uint8_t code;  /* of an operation on the board */
} fact;

struct world {
    ck_sim sim;
    ck_room_run *run;
    ck_memory_store store;
    uint64_t store_full_until_us;
    edge edges[EDGES];
    int home; /* where most people connect to */
    person people[PEOPLE_MAX];
    uint32_t people_count;
    device devices[DEVICES_MAX];
    uint32_t device_count;
    wire *wires;
    ck_sequencer_config config;
    fact *facts;
    size_t fact_count, fact_size;
    ck_room truth;  /* the fold of all facts */
    uint64_t *gone; /* objects that are not there before an event */
    size_t gone_count, gone_size;
    acknowledged *acks;
    size_t ack_count, ack_size;
    uint64_t words; /* said so far: each message is unlike all others */
};

void ck_world_break(world *w, const char *rule, uint64_t value);
void *ck_world_grow(void *array, size_t count, size_t *size, size_t element);
bool ck_world_is_over(const world *w);         /* nothing goes wrong any more */
uint64_t ck_world_us(world *w, uint64_t most); /* a chance time, up to so much */

/* room_net.c */
void ck_wire_open(device *d, uint32_t attempt);
void ck_wire_up(wire *w, ck_slice bytes); /* takes the reference */
void ck_wire_down(wire *w, ck_slice bytes);
void ck_wire_cut(wire *w, bool by_device);
void ck_wire_forget(const ck_sim_event *event); /* one that will not happen any more */
wire *ck_wire_of(world *w, int index, uint64_t id);

/* room_edge.c */
void ck_edge_start(edge *e);
void ck_edge_die(edge *e);
void ck_edge_close(edge *e); /* as ck_edge_die, at the end of a run */
void ck_edge_pump(edge *e);
void ck_edge_forget(const ck_sim_event *event); /* one that will not happen any more */

/* room_people.c */
device *ck_device_new(world *w, uint32_t person);
void ck_device_pump(device *d);
void ck_people_begin(world *w);

/* room_board.c */
void ck_board_people_begin(world *w); /* who comes late */
void ck_board_act(device *d);         /* draws something */
/* What stands before an event is applied, and after. */
void ck_board_check_before(world *w, const ck_event *event);
void ck_board_check_after(world *w, const ck_event *event);
void ck_board_check_device(const device *d);

/* room_check.c */
void ck_check_committed(world *w, ck_bytes record);
uint64_t ck_check_hash(ck_bytes bytes);
const fact *ck_check_find(const world *w, uint64_t lane, uint64_t number); /* NULL: none */

/* room_seen.c */
void ck_check_event(device *d, const ck_replica_event *event);
void ck_check_time(device *d);
void ck_check_edge(const edge *e); /* before it is gone */
void ck_check_end(world *w);

#endif

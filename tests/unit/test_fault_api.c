/* A bad network made inside a session: what chalkrail/fault.h promises to refuse. */
#include "api_support.h"

#include "chalkrail/fault.h"
#include "chalkrail/room.h"
#include "support/check.h"

CK_TEST(fault_api, what_cannot_be_is_refused)
{
    api a = api_open();
    chalk_faults faults, unset = {0};
    const int bad = CHALK_ERR_INVALID_ARGUMENT;
    chalk_faults_init(&faults);
    CK_CHECK(faults.struct_size == sizeof faults && faults.loss_ppm == 0);
    CK_CHECK_EQ(chalk_session_set_faults(NULL, &faults), bad);
    CK_CHECK_EQ(chalk_session_set_faults(a.session, NULL), bad);
    CK_CHECK_EQ(chalk_session_set_faults(a.session, &unset), bad);
    const struct {
        uint32_t delay_ms, jitter_ms, loss_ppm;
        int status;
    } rows[] = {
        {10000, 10000, 500000, CHALK_OK},
        {0, 0, 0, CHALK_OK},
        {10001, 0, 0, bad},
        {0, 10001, 0, bad},
        {0, 0, 500001, bad},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        faults.delay_ms = rows[i].delay_ms;
        faults.jitter_ms = rows[i].jitter_ms;
        faults.loss_ppm = rows[i].loss_ppm;
        CK_CHECK_ROW(i, chalk_session_set_faults(a.session, &faults) == rows[i].status);
    }
    CK_CHECK_EQ(chalk_session_stall(NULL, 1), bad);
    CK_CHECK_EQ(chalk_session_stall(a.session, 0), bad);
    CK_CHECK_EQ(chalk_session_stall(a.session, 600001), bad);
    CK_CHECK_EQ(chalk_session_cut(NULL), bad);
    CK_CHECK_EQ(chalk_session_stall(a.session, 600000), CHALK_OK); /* it has no connection */
    CK_CHECK_EQ(chalk_session_cut(a.session), CHALK_OK);
    api_close(&a);
}

static void join(api *a)
{
    chalk_room_options options;
    chalk_room_options_init(&options);
    options.url = "ws://127.0.0.1:1";
    options.room = "a";
    options.name = "ada";
    CK_CHECK_EQ(chalk_room_join(a->session, &options), CHALK_OK);
}

static void play(api *a)
{
    chalk_playback_id id = 0;
    chalk_playback_options options;
    chalk_playback_options_init(&options);
    options.url = "http://127.0.0.1:1/a/b/screen.flv";
    CK_CHECK_EQ(chalk_playback_create(a->session, &options, &id), CHALK_OK);
}

CK_TEST(fault_api, they_are_set_before_there_is_a_connection)
{
    void (*const begin[])(api *) = {join, play};
    for (size_t i = 0; i < 2; i++) {
        api a = api_open();
        chalk_faults faults;
        chalk_faults_init(&faults);
        CK_CHECK_EQ(chalk_session_set_faults(a.session, &faults), CHALK_OK);
        begin[i](&a);
        CK_CHECK_ROW(i, chalk_session_set_faults(a.session, &faults) == CHALK_ERR_BAD_STATE);
        api_close(&a);
    }
}

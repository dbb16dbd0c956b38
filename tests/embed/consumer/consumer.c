/*
 * A program outside the tree: what an embedder compiles first. It proves that the installed
 * headers, libraries and package files are enough, and that creating and destroying leaves nothing
 * behind.
 */
#include <chalkrail/edge.h>
#include <chalkrail/session.h>

#include <stdio.h>

static int run_client(void)
{
    chalk_runtime *runtime = NULL;
    chalk_session *session = NULL;
    int status = chalk_runtime_create(NULL, &runtime);
    if (status == CHALK_OK) {
        status = chalk_session_create(runtime, NULL, &session);
    }
    chalk_session_destroy(&session);
    chalk_runtime_destroy(&runtime);
    return status;
}

static int run_edge(void)
{
    chalk_edge_options options;
    chalk_edge_options_init(&options);
    options.open = 1;
    options.rtmp = "127.0.0.1:0";
    options.http = "127.0.0.1:0";
    chalk_edge *edge = NULL;
    int status = chalk_edge_create(&options, &edge);
    if (status == CHALK_OK &&
        (chalk_edge_rtmp_port(edge) <= 0 || chalk_edge_http_port(edge) <= 0)) {
        status = CHALK_ERR_BAD_STATE;
    }
    chalk_edge_destroy(&edge);
    return status;
}

int main(void)
{
    int client = run_client();
    int edge = run_edge();
    printf("client: %s\nedge: %s\n", chalk_error_text(client), chalk_error_text(edge));
    return client == CHALK_OK && edge == CHALK_OK ? 0 : 1;
}

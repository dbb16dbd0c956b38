ck_fuzz(fuzz_http_request SOURCES fuzz/fuzz_http_request.c LINKS ck_core)
ck_fuzz(fuzz_http_response SOURCES fuzz/fuzz_http_response.c LINKS ck_core)

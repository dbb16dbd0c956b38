if(TARGET ck_runtime)
  ck_test(test_net_loop SOURCES unit/test_net_loop.c unit/net_support.c LINKS ck_runtime)
  ck_test(test_net_post SOURCES unit/test_net_post.c LINKS ck_runtime LABELS unit race)
  ck_test(test_net_stream SOURCES unit/test_net_stream.c unit/net_support.c LINKS ck_runtime)
  ck_test(test_net_fault SOURCES unit/test_net_fault.c unit/net_support.c LINKS ck_runtime)
  ck_test(test_net_flow SOURCES unit/test_net_flow.c unit/net_support.c unit/net_certs.c
    LINKS ck_runtime)
  ck_test(test_net_tls SOURCES unit/test_net_tls.c unit/net_support.c unit/net_certs.c
    LINKS ck_runtime)
  ck_test(test_net_httpd SOURCES unit/test_net_httpd.c unit/net_site.c unit/net_support.c
    unit/net_certs.c LINKS ck_runtime)
  ck_test(test_net_websocket SOURCES unit/test_net_websocket.c unit/net_site.c unit/net_support.c
    LINKS ck_runtime)
  ck_test(test_net_ws_client SOURCES unit/test_net_ws_client.c unit/net_site.c unit/net_support.c
    unit/net_certs.c LINKS ck_runtime)
  ck_test(test_net_slow_timer SOURCES unit/test_net_slow_timer.c unit/net_support.c LINKS ck_runtime)
  ck_test(test_net_threads SOURCES unit/test_net_threads.c LINKS ck_runtime LABELS unit race)
endif()

ck_test(test_http
  SOURCES unit/test_http_head.c unit/test_http_body.c unit/test_http_write.c
  LINKS ck_core)

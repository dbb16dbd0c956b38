ck_test(test_base
  SOURCES unit/test_base_alloc.c unit/test_base_bytes.c unit/test_base_list.c unit/test_base_slice.c
          unit/test_base_text.c
  LINKS ck_base)

set(CK_UNIT_SOURCES apply.c apply_pages.c board.c check.c describe.c erased.c file.c hash.c history.c index.c
  objects.c ops.c pages.c rest.c snapshot.c snapshot_read.c touched.c)

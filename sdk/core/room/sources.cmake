set(CK_UNIT_SOURCES schema.c names.c events.c room.c index.c people.c chat.c polls.c apply.c snapshot.c hash.c
  rules.c store.c name.c lines.c summary.c page.c)

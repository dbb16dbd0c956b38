set(CK_UNIT_SOURCES replica.c queue.c waiting.c intents.c receive.c packed.c merge.c release.c)

set(CK_UNIT_SOURCES policy.c session.c)

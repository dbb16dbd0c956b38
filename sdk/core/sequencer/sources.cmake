set(CK_UNIT_SOURCES sequencer.c output.c connection.c frames.c order.c publish.c personal.c share.c crowd.c presence.c
  receipts.c)

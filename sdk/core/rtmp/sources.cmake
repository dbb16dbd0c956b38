set(CK_UNIT_SOURCES
  answer.c capabilities.c chunk.c client.c command_decode.c command_encode.c config.c connection.c control.c dechunk.c
  handshake.c input.c media.c queue.c sender.c server.c state.c status.c)

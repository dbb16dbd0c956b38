set(CK_UNIT_SOURCES loop.c job.c timer.c watch.c dial.c send_queue.c tls.c tls_session.c stream.c
  stream_fault.c stream_send.c stream_receive.c stream_time.c listener.c httpd.c httpd_connection.c
  httpd_request.c httpd_upload.c httpd_reply.c ws.c ws_server.c ws_client.c slow_timer.c)
